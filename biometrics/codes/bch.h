// Binary primitive narrow-sense BCH codes of length 2^m - 1 (Lin and Costello, Error Control Coding, chapter 6).
// Everything about a code is computed at compile time from m and t. Freestanding.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "codes/bits.h"

namespace touchstone::codes {

/// GF(2^m), 2 <= m <= 8, by logarithm tables over a primitive polynomial.
template <int m>
struct Field {
  static constexpr int kOrder = (1 << m) - 1;
  // x^m + ... : the usual primitive polynomials (Lin and Costello, table 2.7).
  static constexpr std::array<int, 9> kPrimitive = {0, 0, 0x7, 0xb, 0x13, 0x25, 0x43, 0x89, 0x11d};

  std::array<std::uint8_t, at(2 * kOrder)> power{};
  std::array<std::uint8_t, at(kOrder + 1)> log{};

  constexpr Field() {
    int x = 1;
    for (int i = 0; i < kOrder; ++i) {
      power[at(i)] = static_cast<std::uint8_t>(x);
      power[at(i + kOrder)] = static_cast<std::uint8_t>(x);
      log[at(x)] = static_cast<std::uint8_t>(i);
      x <<= 1;
      if (x > kOrder) x ^= kPrimitive[m];
    }
  }
  constexpr std::uint8_t exp(int i) const { return power[at(i % kOrder)]; }
  constexpr std::uint8_t multiply(std::uint8_t a, std::uint8_t b) const {
    return a == 0 || b == 0 ? std::uint8_t{0} : power[at(log[a] + log[b])];
  }
  constexpr std::uint8_t divide(std::uint8_t a, std::uint8_t b) const {
    return a == 0 ? std::uint8_t{0} : power[at(log[a] + kOrder - log[b])];
  }
};

/// The code of length n = 2^m - 1 whose generator has the roots alpha^1 .. alpha^2t: corrects any t errors.
/// Not constant time: use of tables and branches follow the data.
template <int m, int t>
class Bch {
 public:
  static constexpr int n = (1 << m) - 1;
  static constexpr Field<m> kField{};

 private:
  // The generator's coefficients, lowest first, and its degree n - k.
  struct Generator {
    std::array<bool, at(n + 1)> coefficients{};
    int degree = 0;
  };
  static constexpr Generator make_generator() {
    std::array<bool, at(n)> is_root{};
    for (int i = 1; i <= 2 * t; ++i) {
      for (int j = i, step = 0; step < m; ++step, j = 2 * j % n) is_root[at(j)] = true;
    }
    std::array<std::uint8_t, at(n + 1)> g{};
    g[0] = 1;
    Generator out;
    for (int r = 0; r < n; ++r) {
      if (!is_root[at(r)]) continue;
      ++out.degree;
      for (int i = out.degree; i >= 0; --i) {
        g[at(i)] = static_cast<std::uint8_t>(kField.multiply(g[at(i)], kField.exp(r)) ^ (i > 0 ? g[at(i - 1)] : 0));
      }
    }
    for (int i = 0; i <= out.degree; ++i) out.coefficients[at(i)] = g[at(i)] == 1;
    return out;
  }
  static constexpr Generator kGenerator = make_generator();

 public:
  static constexpr int k = n - kGenerator.degree;
  static_assert(k > 0, "no such code");
  using Word = BitWord<n>;
  using Message = BitWord<k>;

  /// Systematic: the message stands in bits n-k .. n-1.
  static constexpr Word encode(const Message& message) {
    Word word;
    Word remainder;
    for (int i = k - 1; i >= 0; --i) {
      if (message.bit(i)) word.flip(n - k + i);
    }
    remainder = word;
    for (int i = n - 1; i >= n - k; --i) {
      if (!remainder.bit(i)) continue;
      for (int j = 0; j <= n - k; ++j) {
        if (kGenerator.coefficients[at(j)]) remainder.flip(i - (n - k) + j);
      }
    }
    word ^= remainder;
    return word;
  }

  static constexpr Message message_of(const Word& codeword) {
    Message message;
    for (int i = 0; i < k; ++i) message.set(i, codeword.bit(n - k + i));
    return message;
  }

  /// The codeword within t errors of `received`, by Berlekamp and Massey's algorithm and Chien's search; none if there is
  /// no codeword that near.
  static std::optional<Word> decode(const Word& received) {
    std::array<std::uint8_t, at(2 * t + 1)> syndromes{};
    bool clean = true;
    for (int j = 1; j <= 2 * t; ++j) {
      std::uint8_t s = 0;
      for (int i = 0; i < n; ++i) {
        if (received.bit(i)) s = static_cast<std::uint8_t>(s ^ kField.exp(i * j));
      }
      syndromes[at(j)] = s;
      clean = clean && s == 0;
    }
    if (clean) return received;

    // The shortest recurrence for the syndromes is the polynomial whose roots are the inverse error places.
    std::array<std::uint8_t, at(2 * t + 2)> locator{1};
    std::array<std::uint8_t, at(2 * t + 2)> previous{1};
    int length = 0;
    int shift = 1;
    std::uint8_t previous_discrepancy = 1;
    for (int r = 1; r <= 2 * t; ++r) {
      std::uint8_t discrepancy = syndromes[at(r)];
      for (int i = 1; i <= length; ++i) {
        discrepancy = static_cast<std::uint8_t>(
            discrepancy ^ kField.multiply(locator[at(i)], syndromes[at(r - i)]));
      }
      if (discrepancy == 0) {
        ++shift;
        continue;
      }
      const auto before = locator;
      const std::uint8_t ratio = kField.divide(discrepancy, previous_discrepancy);
      for (std::size_t i = 0; i + at(shift) < locator.size(); ++i) {
        std::uint8_t& c = locator[i + at(shift)];
        c = static_cast<std::uint8_t>(c ^ kField.multiply(ratio, previous[i]));
      }
      if (2 * length < r) {
        length = r - length;
        previous = before;
        previous_discrepancy = discrepancy;
        shift = 1;
      } else {
        ++shift;
      }
    }
    if (length > t) return std::nullopt;

    Word word = received;
    int found = 0;
    for (int i = 0; i < n; ++i) {  // is alpha^-i a root?
      std::uint8_t value = 0;
      for (int j = 0; j <= length; ++j) {
        value = static_cast<std::uint8_t>(value ^ kField.multiply(locator[at(j)], kField.exp((n - i) * j)));
      }
      if (value == 0) {
        word.flip(i);
        ++found;
      }
    }
    if (found != length) return std::nullopt;
    return word;
  }
};

}  // namespace touchstone::codes
