#include "codes/polar.h"

#include <algorithm>

#include "base/check.h"

namespace touchstone::codes {
namespace {

/// Bits 0 .. count-1; 1 <= count <= 32.
constexpr std::uint32_t low_mask(int count) { return ~std::uint32_t{0} >> (32 - count); }

// Positions whose bit of this half is clear.
constexpr std::uint32_t kLeft[] = {0x5555'5555, 0x3333'3333, 0x0f0f'0f0f, 0x00ff'00ff, 0x0000'ffff};

/// Bits first .. first+count-1, a power of two of them and aligned to it, become those of `value`: zeros or ones.
void fill(std::uint32_t* words, int first, int count, std::uint32_t value) {
  const std::uint32_t mask = low_mask(std::min(count, 32)) << (first % 32);
  for (int i = first; i < first + count; i += 32) words[i / 32] = (words[i / 32] & ~mask) | (value & mask);
}

std::uint32_t transform_word(std::uint32_t word, int count_bits) {
  for (int s = 0; 1 << s < count_bits; ++s) word ^= (word >> (1 << s)) & kLeft[s];
  return word;
}

}  // namespace

void polar_transform(MutableWords words, int count_bits) {
  const int count = words_for(count_bits);
  for (int i = 0; i < count; ++i) words[at(i)] = transform_word(words[at(i)], std::min(count_bits, 32));
  for (int half = 1; half < count; half *= 2) {
    for (int block = 0; block < count; block += 2 * half) {
      for (int i = block; i < block + half; ++i) words[at(i)] ^= words[at(i + half)];
    }
  }
}

PolarCode::PolarCode(int log2_length, int message_bits) : log2_length_(log2_length), message_bits_(message_bits) {
  TS_CHECK(log2_length >= 1 && log2_length <= kMaxLog2Length, "length of a polar code");
  TS_CHECK(message_bits >= 0 && message_bits <= length(), "number of message bits of a polar code");
  // Capacities of the bit-channels in 1/2^32, from that of the channel; in place, so from the last one on.
  constexpr std::uint64_t kOne = 0xffff'ffff;
  std::uint32_t capacities[1 << kMaxLog2Length];
  capacities[0] = static_cast<std::uint32_t>(((static_cast<std::uint64_t>(message_bits) << 31) >> log2_length) & kOne);
  for (int count = 1; count < length(); count *= 2) {
    for (int i = count - 1; i >= 0; --i) {
      const std::uint64_t capacity = capacities[i];
      const std::uint64_t both = capacity * capacity >> 32;
      capacities[2 * i] = static_cast<std::uint32_t>(both);
      capacities[2 * i + 1] = static_cast<std::uint32_t>(std::min(2 * capacity - both, kOne));
    }
  }
  // The least capacity that at most `message_bits` of them reach, by bisection; of the next lower ones the last in order.
  std::uint64_t low = 0;
  std::uint64_t high = kOne + 1;
  int taken = 0;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    int count = 0;
    for (int i = 0; i < length(); ++i) count += capacities[i] >= middle ? 1 : 0;
    if (count > message_bits) {
      low = middle + 1;
    } else {
      high = middle;
      taken = count;
    }
  }
  for (int i = length() - 1; i >= 0; --i) {
    const bool better = capacities[i] >= low;
    const bool next = !better && capacities[i] + std::uint64_t{1} == low && taken < message_bits;
    if (next) ++taken;
    if (better || next) information_.flip(i);
  }
}

PolarCode::PolarCode(int log2_length, const Set& information) : log2_length_(log2_length), information_(information) {
  TS_CHECK(log2_length >= 1 && log2_length <= kMaxLog2Length, "length of a polar code");
  for (int i = 0; i < 1 << kMaxLog2Length; ++i) {
    TS_CHECK(i < length() || !information.bit(i), "an information bit outside the code");
    message_bits_ += information.bit(i) ? 1 : 0;
  }
}

void PolarCode::encode(Words message, MutableWords codeword) const {
  TS_CHECK(message.size() == at(words_for(message_bits_)) && codeword.size() == at(words_for(length())), "sizes of an encoding");
  for (std::uint32_t& w : codeword) w = 0;
  for (int i = 0, next = 0; i < length(); ++i) {
    if (information_.bit(i)) codeword[at(i / 32)] |= std::uint32_t{bit(message, next++)} << (i % 32);
  }
  polar_transform(codeword, length());
}

void PolarCode::message_of(MutableWords codeword, MutableWords message) const {
  TS_CHECK(message.size() == at(words_for(message_bits_)) && codeword.size() == at(words_for(length())), "sizes of a decoding");
  polar_transform(codeword, length());
  for (std::uint32_t& w : message) w = 0;
  for (int i = 0, next = 0; i < length(); ++i) {
    if (!information_.bit(i)) continue;
    message[at(next / 32)] |= std::uint32_t{bit(codeword, i)} << (next % 32);
    ++next;
  }
}

PolarListDecoder::PolarListDecoder(const PolarCode& code, int list_size, MutableBytes work_area)
    : code_(code), list_size_(list_size), words_(words_for(code.length())) {
  TS_CHECK(list_size >= 1 && list_size <= kMaxList, "list size");
  TS_CHECK(work_area.size() >= work_bytes(code.log2_length(), list_size), "work area of a decoder is too small");
  TS_CHECK(reinterpret_cast<std::uintptr_t>(work_area.data()) % 4 == 0, "work area of a decoder is not aligned");
  const std::size_t n = at(code.length());
  std::uint8_t* next = work_area.data();
  soft_ = reinterpret_cast<std::int16_t*>(next);
  next += round_up(2 * n * at(1 + list_size));
  heads_ = reinterpret_cast<Head*>(next);
  next += 2 * at(list_size) * sizeof(Head);
  bits_ = reinterpret_cast<std::uint32_t*>(next);
  next += 2 * at(list_size * words_) * sizeof(*bits_);
  scores_ = reinterpret_cast<std::int32_t*>(next);
}

// Layer 0 is the received word, one for all paths; below it each path has a slot of every layer's length.
std::int16_t* PolarListDecoder::soft(int layer, int slot) {
  if (layer == 0) return soft_;
  const int n = code_.length();
  return soft_ + at(n + list_size_ * (n - (n >> (layer - 1))) + slot * (n >> layer));
}

bool PolarListDecoder::all_frozen(int first, int count) const {
  const auto& set = code_.information().limbs;
  if (count == 0) return true;
  std::uint32_t found = 0;
  const int last = first + count - 1;
  for (int w = first / 32; w <= last / 32; ++w) {
    std::uint32_t word = set[at(w)];
    if (w == first / 32) word &= ~std::uint32_t{0} << (first % 32);
    if (w == last / 32) word &= low_mask(last % 32 + 1);
    found |= word;
  }
  return found == 0;
}

void PolarListDecoder::descend_left(int layer) {
  const int half = code_.length() >> (layer + 1);
  for (int p = 0; p < active_; ++p) {
    Head& head = heads_[buffer_ * list_size_ + p];
    const std::int16_t* in = soft(layer, head.slot[layer]);
    std::int16_t* out = soft(layer + 1, p);
    for (int i = 0; i < half; ++i) {
      const std::int32_t a = in[i];
      const std::int32_t b = in[i + half];
      const std::int32_t sign_a = a >> 31;
      const std::int32_t sign_b = b >> 31;
      const std::int32_t magnitude_a = (a ^ sign_a) - sign_a;
      const std::int32_t magnitude_b = (b ^ sign_b) - sign_b;
      const std::int32_t difference = magnitude_a - magnitude_b;
      const std::int32_t least = magnitude_b + (difference & (difference >> 31));
      const std::int32_t sign = sign_a ^ sign_b;
      out[i] = static_cast<std::int16_t>((least ^ sign) - sign);
    }
    head.slot[layer + 1] = static_cast<std::uint8_t>(p);
  }
}

void PolarListDecoder::descend_right(int layer, int first) {
  const int half = code_.length() >> (layer + 1);
  for (int p = 0; p < active_; ++p) {
    Head& head = heads_[buffer_ * list_size_ + p];
    const std::int16_t* in = soft(layer, head.slot[layer]);
    std::int16_t* out = soft(layer + 1, p);
    const std::uint32_t* x = bits(buffer_, p);
    for (int i = 0; i < half;) {
      std::uint32_t word = x[(first + i) / 32] >> ((first + i) % 32);
      for (const int end = std::min(half, i + 32); i < end; ++i, word >>= 1) {
        const std::int32_t sign = -static_cast<std::int32_t>(word & 1);
        out[i] = static_cast<std::int16_t>(in[i + half] + ((in[i] ^ sign) - sign));
      }
    }
    head.slot[layer + 1] = static_cast<std::uint8_t>(p);
  }
}

// All bits of the node are frozen, or all but the last one (`fork`): its codeword is all zeros, or all ones. Takes the whole node
// at once: with min-sum the penalties of the bits of a subtree sum up to the discrepancy of its codeword, exactly.
void PolarListDecoder::constant(int layer, int first, bool fork) {
  const int count = code_.length() >> layer;
  for (int p = 0; p < active_; ++p) {
    Head& head = heads_[buffer_ * list_size_ + p];
    const std::int16_t* in = soft(layer, head.slot[layer]);
    std::int32_t sum = 0;
    std::int32_t against_zeros = 0;
    for (int i = 0; i < count; ++i) {
      const std::int32_t value = in[i];
      sum += value;
      against_zeros -= value & (value >> 31);
    }
    const std::int32_t against_ones = sum + against_zeros;
    fill(bits(buffer_, p), first, count, 0);
    if (fork) {
      scores_[2 * p] = head.discrepancy + against_zeros;
      scores_[2 * p + 1] = head.discrepancy + against_ones;
    } else {
      head.discrepancy += against_zeros;
    }
  }
  if (fork) keep_best(2 * active_, 2, first, count);
}

// Candidate c continues path c / ways; with two ways the odd ones have ones in first .. first+count-1.
void PolarListDecoder::keep_best(int candidates, int ways, int first, int count) {
  const int kept = std::min(candidates, list_size_);
  for (int c = 0; c < candidates; ++c) {
    int rank = 0;
    for (int other = 0; other < candidates; ++other) {
      const std::int32_t d = scores_[other] - scores_[c];
      rank += d < 0 || (d == 0 && other < c) ? 1 : 0;
    }
    if (rank >= kept) continue;
    const int path = c / ways;
    Head& head = heads_[(1 - buffer_) * list_size_ + rank];
    head = heads_[buffer_ * list_size_ + path];
    head.discrepancy = scores_[c];
    const std::uint32_t* from = bits(buffer_, path);
    std::uint32_t* to = bits(1 - buffer_, rank);
    for (int w = 0; w < words_; ++w) to[w] = from[w];
    if (ways == 1 || c % 2 == 0) continue;
    fill(to, first, count, ~std::uint32_t{0});
  }
  active_ = kept;
  buffer_ = 1 - buffer_;
}

void PolarListDecoder::node(int layer, int first) {
  const int count = code_.length() >> layer;
  if (all_frozen(first, count - 1)) {
    constant(layer, first, code_.information().bit(first + count - 1));
    return;
  }
  const int half = count / 2;
  descend_left(layer);
  node(layer + 1, first);
  descend_right(layer, first);
  node(layer + 1, first + half);
  for (int p = 0; p < active_; ++p) {  // (a, b) -> (a + b, b)
    std::uint32_t* x = bits(buffer_, p) + first / 32;
    if (half >= 32) {
      for (int i = 0; i < half / 32; ++i) x[i] ^= x[i + half / 32];
    } else {
      x[0] ^= (x[0] >> half) & low_mask(half) << (first % 32);
    }
  }
}

int PolarListDecoder::decode(std::span<const std::int16_t> llr) {
  const int n = code_.length();
  TS_CHECK(llr.size() == at(n), "number of soft values");
  const std::int32_t limit = max_llr(code_.log2_length());
  for (int i = 0; i < n; ++i) soft_[i] = static_cast<std::int16_t>(std::clamp<std::int32_t>(llr[at(i)], -limit, limit));
  active_ = 1;
  buffer_ = 0;
  heads_[0] = {};
  for (int w = 0; w < words_; ++w) bits(0, 0)[w] = 0;
  node(0, 0);
  for (int p = 0; p < active_; ++p) scores_[p] = heads_[buffer_ * list_size_ + p].discrepancy;
  keep_best(active_, 1, 0, 0);
  return active_;
}

Words PolarListDecoder::codeword(int rank) const { return {bits(buffer_, rank), at(words_)}; }
std::int32_t PolarListDecoder::discrepancy(int rank) const { return heads_[buffer_ * list_size_ + rank].discrepancy; }

}  // namespace touchstone::codes
