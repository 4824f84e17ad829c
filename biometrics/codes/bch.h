// Binary primitive narrow-sense BCH codes of length n = 2^m - 1 (Lin and Costello, Error Control Coding, chapter 6): the code whose
// generator has the roots alpha^1 .. alpha^2t corrects any t errors. Freestanding.
//
// Bch<m, t> is a code known to the compiler, BchCode one of lengths 127 .. 1023 that is known at run time; both stand on the same
// functions. Decoding is not constant time: the use of tables and the number of steps follow the errors.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/secret.h"
#include "codes/bits.h"
#include "codes/galois_field.h"

namespace touchstone::codes {
namespace bch {

/// The generator's coefficients, lowest first; returns its degree n - k. `generator` has words_for(n + 1) words.
constexpr int make_generator(const FieldTables& field, int t, MutableWords generator) {
  for (std::uint32_t& w : generator) w = 0;
  generator[0] = 1;
  int degree = 0;
  for (int leader = 1; leader < 2 * t; leader += 2) {
    // The minimal polynomial of alpha^leader: the product of (x - alpha^i) over its coset.
    if (!field.leads_coset(leader)) continue;
    std::array<std::uint16_t, 12> minimal{1};
    int size = 0;
    for (int i = leader; size == 0 || i != leader; i = field.twice(i)) {
      ++size;
      for (int j = size; j >= 0; --j) {
        const std::uint16_t lower = j > 0 ? minimal[at(j - 1)] : std::uint16_t{0};
        minimal[at(j)] = static_cast<std::uint16_t>(field.multiply(minimal[at(j)], field.power[i]) ^ lower);
      }
    }
    degree += size;
    // Times the minimal polynomial, whose coefficients are 0 and 1: word by word from above, so in place.
    for (int w = degree / 32; w >= 0; --w) {
      const std::uint32_t high = generator[at(w)];
      const std::uint32_t low = w > 0 ? generator[at(w - 1)] : 0;
      std::uint32_t product = minimal[0] != 0 ? high : 0;
      for (int b = 1; b <= size; ++b) {
        if (minimal[at(b)] != 0) product ^= high << b | low >> (32 - b);
      }
      generator[at(w)] = product;
    }
  }
  return degree;
}

/// Systematic: the message stands in bits n-k .. n-1. `codeword` has words_for(n) words.
constexpr void encode(Words generator, int n, int k, Words message, MutableWords codeword) {
  const int checks = n - k;
  for (std::uint32_t& w : codeword) w = 0;
  for (int i = k - 1; i >= 0; --i) {
    // One step of the division: what stands highest in the remainder, with the next message bit, decides about the generator.
    const bool top = checks > 0 && bit(codeword, checks - 1);
    const std::uint32_t subtract = top != bit(message, i) ? ~std::uint32_t{0} : 0;
    for (int w = words_for(checks) - 1; w >= 0; --w) {
      const std::uint32_t low = w > 0 ? codeword[at(w - 1)] >> 31 : 0;
      codeword[at(w)] = (codeword[at(w)] << 1 | low) ^ (generator[at(w)] & subtract);
    }
    if (checks % 32 != 0) codeword[at(checks / 32)] &= (std::uint32_t{1} << (checks % 32)) - 1;
  }
  for (int i = 0; i < k; ++i) {
    if (bit(message, i)) flip(codeword, checks + i);
  }
}

constexpr void message_of(int n, int k, Words codeword, MutableWords message) {
  for (std::uint32_t& w : message) w = 0;
  for (int i = 0; i < k; ++i) set(message, i, bit(codeword, n - k + i));
}

/// What a decoder knows on its way: tells the errors, so it is wiped. t up to 255.
struct DecoderState {
  static constexpr int kMaxT = 255;
  std::array<std::uint16_t, at(2 * kMaxT + 1)> syndrome_logs;
  std::array<std::uint16_t, at(kMaxT + 3)> locator;
  std::array<std::uint16_t, at(kMaxT + 3)> previous_logs;
  std::array<std::uint16_t, at(kMaxT + 3)> before;
  std::array<std::uint16_t, 1024> values;  ///< of the locator at alpha^-i
  std::array<std::uint16_t, 1024> map;

  DecoderState() = default;
  ~DecoderState() { wipe(this, sizeof(*this)); }
  DecoderState(const DecoderState&) = delete;
  DecoderState& operator=(const DecoderState&) = delete;
};

/// Corrects `word` to the codeword within t errors, by Berlekamp and Massey's algorithm and Chien's search; false, and `word` as it
/// was, if no codeword is that near.
bool decode(const FieldTables& field, int t, MutableWords word);

}  // namespace bch

template <int m, int t>
class Bch {
 public:
  static constexpr int n = (1 << m) - 1;

 private:
  struct Generator {
    std::array<std::uint32_t, at(words_for(n + 1))> coefficients{};
    int degree = 0;
  };
  static constexpr Generator kGenerator = [] {
    Generator g;
    g.degree = bch::make_generator(kField<m>.tables(), t, g.coefficients);
    return g;
  }();

 public:
  static constexpr int k = n - kGenerator.degree;
  static_assert(k > 0, "no such code");
  using Word = BitWord<n>;
  using Message = BitWord<k>;

  /// Systematic: the message stands in bits n-k .. n-1.
  static constexpr Word encode(const Message& message) {
    Word word;
    bch::encode(kGenerator.coefficients, n, k, message.limbs, word.limbs);
    return word;
  }
  static constexpr Message message_of(const Word& codeword) {
    Message message;
    bch::message_of(n, k, codeword.limbs, message.limbs);
    return message;
  }
  /// The codeword within t errors of `received`; none if there is no codeword that near.
  static std::optional<Word> decode(const Word& received) {
    Word word = received;
    if (!bch::decode(kField<m>.tables(), t, word.limbs)) return std::nullopt;
    return word;
  }
};

class BchCode {
 public:
  /// n = 127, 255, 511 or 1023; t is the largest that goes with k. None if there is no such code, or t is above 255.
  static std::optional<BchCode> find(int n, int k);

  int length() const { return n_; }          ///< n
  int message_bits() const { return k_; }    ///< k
  int correctable() const { return t_; }     ///< t
  /// Spans of words_for(k) and words_for(n) words. Makes the generator afresh: rarely called.
  void encode(Words message, MutableWords codeword) const;
  /// As bch::decode.
  bool decode(MutableWords word) const;

 private:
  BchCode(int n, int k, int t) : n_(n), k_(k), t_(t) {}
  int n_, k_, t_;
};

}  // namespace touchstone::codes
