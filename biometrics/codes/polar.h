// Polar codes (Arikan, IEEE Trans. Inf. Theory 55:7, 2009) of length 2 .. 1024 with any number of message bits, and their
// soft-decision decoder: successive cancellation list (Tal and Vardy, IEEE Trans. Inf. Theory 61:5, 2015), which gives out all
// that are left in its list, the likeliest first. Freestanding, integers only, no heap.
//
// The message goes to the bit-channels that would be best on an erasure channel whose capacity is half the code's rate, by
// Arikan's recursion I -> I^2, 2I - I^2. At the rates and noise of this project that loses to fewer probes than the polarization
// weight of He et al. (GLOBECOM 2017), and needs no table either: README.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "codes/bits.h"

namespace touchstone::codes {

class PolarCode {
 public:
  static constexpr int kMaxLog2Length = 10;
  using Set = BitWord<1 << kMaxLog2Length>;

  /// The best `message_bits` of 2^log2_length bit-channels; 1 <= log2_length <= 10, 0 <= message_bits <= length.
  PolarCode(int log2_length, int message_bits);
  /// Any set of bit-channels.
  PolarCode(int log2_length, const Set& information);

  int log2_length() const { return log2_length_; }
  int length() const { return 1 << log2_length_; }  ///< n
  int message_bits() const { return message_bits_; }  ///< k
  const Set& information() const { return information_; }

  /// Both spans are words_for(k) and words_for(n) long. Time depends on the code alone.
  void encode(Words message, MutableWords codeword) const;
  /// The message of a codeword; `codeword` is used up.
  void message_of(MutableWords codeword, MutableWords message) const;

 private:
  int log2_length_;
  int message_bits_ = 0;
  Set information_;
};

/// x = u F^(x)log2: in place on `count_bits` (a power of two) bits; its own inverse.
void polar_transform(MutableWords words, int count_bits);

/// One decoding at a time, in memory of the caller. Which addresses are touched depends on the values (which paths survive); time and
/// the number of steps do not.
class PolarListDecoder {
 public:
  static constexpr int kMaxList = 32;
  /// Bytes of work area, aligned to 4.
  static constexpr std::size_t work_bytes(int log2_length, int list_size) {
    const std::size_t n = std::size_t{1} << log2_length;
    const std::size_t paths = static_cast<std::size_t>(list_size);
    return round_up(2 * n * (1 + paths)) + 2 * paths * (sizeof(Head) + 4 + 4 * at(words_for(1 << log2_length)));
  }
  /// Soft values beyond +- this are cut: sums over the whole length then fit 16 bits.
  static constexpr int max_llr(int log2_length) { return 32767 >> log2_length; }

  /// 1 <= list_size <= kMaxList. `code` and `work_area` live as long as the decoder; the work area is the caller's to wipe.
  PolarListDecoder(const PolarCode& code, int list_size, MutableBytes work_area);

  /// `llr[i]` > 0 says bit i of the codeword is 0, the more surely the larger; llr.size() == n. Returns the number of candidates:
  /// min(2^k, list_size).
  int decode(std::span<const std::int16_t> llr);

  /// Candidate `rank` of the last decode(), 0 the likeliest.
  Words codeword(int rank) const;
  /// Sum of |llr| where the candidate disagrees: the smaller the likelier. What min-sum decoding makes of the path metric.
  std::int32_t discrepancy(int rank) const;

 private:
  static constexpr std::size_t round_up(std::size_t bytes) { return (bytes + 3) / 4 * 4; }
  /// What a path of the list has, apart from its bits.
  struct Head {
    std::int32_t discrepancy;
    std::uint8_t slot[PolarCode::kMaxLog2Length + 2];  ///< in which slot its soft values of a layer lie
  };

  std::int16_t* soft(int layer, int slot);
  std::uint32_t* bits(int buffer, int path) { return bits_ + at((buffer * list_size_ + path) * words_); }
  const std::uint32_t* bits(int buffer, int path) const { return bits_ + at((buffer * list_size_ + path) * words_); }
  void node(int layer, int first);
  void constant(int layer, int first, bool fork);
  void descend_left(int layer);
  void descend_right(int layer, int first);
  void keep_best(int candidates, int ways, int first, int count);
  bool all_frozen(int first, int count) const;

  const PolarCode& code_;
  int list_size_;
  int words_;
  int active_ = 0;
  int buffer_ = 0;  ///< heads and bits are double: survivors are copied to the other half
  std::int16_t* soft_;
  Head* heads_;
  std::uint32_t* bits_;
  std::int32_t* scores_;  ///< discrepancies of the candidates for the list, twice as many as it holds
};

}  // namespace touchstone::codes
