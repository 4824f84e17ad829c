#include "sim/memory_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/secret.h"

namespace touchstone::sim {
namespace {

constexpr const char* kShifts[] = {"", "shifted by 1 bit", "shifted by 2 bits", "shifted by 3 bits", "shifted by 4 bits", "shifted by 5 bits", "shifted by 6 bits", "shifted by 7 bits"};

std::uint64_t window_at(const std::uint8_t* p) {
  std::uint64_t value;
  std::memcpy(&value, p, sizeof value);
  return value;
}

/// Fibonacci hashing; the upper bits are the good ones.
std::uint64_t hash(std::uint64_t window) { return (window ^ window >> 29) * 0x9E3779B97F4A7C15; }

int distinct_bytes(const std::uint8_t* p) {
  int distinct = 0;
  for (std::size_t i = 0; i < MemoryScanner::kWindow_bytes; ++i)
    if (std::find(p, p + i, p[i]) == p + i) ++distinct;
  return distinct;
}

std::vector<std::uint8_t> reversed(Bytes value) { return {value.rbegin(), value.rend()}; }

std::vector<std::uint8_t> words_swapped(Bytes value) {
  std::vector<std::uint8_t> out(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(value.size() / 4 * 4));
  for (auto word = out.begin(); word != out.end(); word += 4) std::reverse(word, word + 4);
  return out;
}

std::vector<std::uint8_t> hexadecimal(Bytes value, const char* digits) {
  std::vector<std::uint8_t> out;
  out.reserve(2 * value.size());
  for (const std::uint8_t byte : value) {
    out.push_back(static_cast<std::uint8_t>(digits[byte >> 4]));
    out.push_back(static_cast<std::uint8_t>(digits[byte & 15]));
  }
  return out;
}

/// RFC 4648 section 4, of the whole groups of three bytes from `first` on: how the value reads when it stands at any place
/// of a longer text.
std::vector<std::uint8_t> base64(Bytes value, std::size_t first) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::vector<std::uint8_t> out;
  for (std::size_t i = first; i + 3 <= value.size(); i += 3) {
    const std::uint32_t group = std::uint32_t{value[i]} << 16 | std::uint32_t{value[i + 1]} << 8 | value[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6) out.push_back(static_cast<std::uint8_t>(kAlphabet[group >> shift & 63]));
  }
  return out;
}

/// The whole bytes of the value moved right by `bits`; its first and last bits stand in bytes nobody can know.
std::vector<std::uint8_t> shifted(Bytes value, int bits) {
  std::vector<std::uint8_t> out;
  for (std::size_t i = 0; i + 1 < value.size(); ++i) out.push_back(static_cast<std::uint8_t>(value[i] << (8 - bits) | value[i + 1] >> bits));
  return out;
}

}  // namespace

MemoryScanner::~MemoryScanner() {
  for (Pattern& p : patterns_) wipe(p.bytes.data(), p.bytes.size());
  wipe(windows_.data(), windows_.size() * sizeof(Window));
  wipe(table_.data(), table_.size() * sizeof(Window));
}

void MemoryScanner::add(const std::string& secret, Bytes value, Kind kind) {
  const std::size_t before = windows_.size();
  const std::size_t match = kind == Kind::kRandom ? kMinMatch_bytes : kMinSampleMatch_bytes;
  const std::size_t stride = kind == Kind::kRandom ? 1 : kSampleStride_bytes;
  add_pattern(secret, "exact", {value.begin(), value.end()}, match, stride);
  if (windows_.size() == before) return;
  secrets_.push_back(secret);
  add_pattern(secret, "reversed", reversed(value), match, stride);
  add_pattern(secret, "words swapped", words_swapped(value), match, stride);
  add_pattern(secret, "hexadecimal", hexadecimal(value, "0123456789abcdef"), 2 * match, stride);
  add_pattern(secret, "hexadecimal", hexadecimal(value, "0123456789ABCDEF"), 2 * match, stride);
  for (std::size_t first = 0; first < 3; ++first) add_pattern(secret, "Base64", base64(value, first), (4 * match + 2) / 3, stride);
  for (int bits = 1; bits < 8; ++bits) add_pattern(secret, kShifts[bits], shifted(value, bits), match, stride);
}

void MemoryScanner::add_pattern(const std::string& secret, const char* encoding, std::vector<std::uint8_t> bytes, std::size_t min_match_bytes, std::size_t stride_bytes) {
  const auto index = static_cast<std::uint32_t>(patterns_.size());
  for (std::size_t i = 0; i + kWindow_bytes <= bytes.size(); i += stride_bytes)
    if (distinct_bytes(&bytes[i]) >= kMinDistinct) windows_.push_back({window_at(&bytes[i]), index, static_cast<std::uint32_t>(i)});
  patterns_.push_back({secret, encoding, std::move(bytes), min_match_bytes});
  built_ = false;
}

void MemoryScanner::build() {
  const std::size_t size = std::bit_ceil(std::max<std::size_t>(2 * windows_.size(), 64));
  table_.assign(size, {0, kFree, 0});
  filter_.assign(std::max<std::size_t>(size * 8 / 64, 1), 0);
  const int table_shift = 64 - std::countr_zero(size), filter_shift = table_shift - 3;
  for (const Window& w : windows_) {
    const std::uint64_t h = hash(w.value), bit = h >> filter_shift;
    filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
    std::size_t slot = h >> table_shift;
    while (table_[slot].pattern != kFree) slot = (slot + 1) & (size - 1);
    table_[slot] = w;
  }
  built_ = true;
}

void MemoryScanner::scan(std::string_view place, Bytes memory, std::vector<Find>& finds) {
  bytes_searched_ += memory.size();
  if (!built_) build();
  if (windows_.empty() || memory.size() < kWindow_bytes) return;
  const int table_shift = 64 - std::countr_zero(table_.size()), filter_shift = table_shift - 3;
  std::vector<std::size_t> found_until(patterns_.size(), 0);
  std::size_t count = 0;
  for (std::size_t at = 0; at + kWindow_bytes <= memory.size(); ++at) {
    const std::uint64_t value = window_at(&memory[at]);
    const std::uint64_t h = hash(value), bit = h >> filter_shift;
    if ((filter_[bit / 64] >> bit % 64 & 1) == 0) continue;
    for (std::size_t slot = h >> table_shift; table_[slot].pattern != kFree; slot = (slot + 1) & (table_.size() - 1)) {
      const Window& w = table_[slot];
      if (w.value != value || at < found_until[w.pattern]) continue;
      // How far the memory agrees on both sides of the window.
      const Pattern& p = patterns_[w.pattern];
      std::size_t begin = at, end = at + kWindow_bytes, left = w.offset, right = w.offset + kWindow_bytes;
      while (begin > 0 && left > 0 && memory[begin - 1] == p.bytes[left - 1]) --begin, --left;
      while (end < memory.size() && right < p.bytes.size() && memory[end] == p.bytes[right]) ++end, ++right;
      if (end - begin < p.min_match_bytes) continue;
      found_until[w.pattern] = end;
      if (++count <= kMaxFinds) finds.push_back({p.secret, std::string(place), p.encoding, begin, end - begin});
    }
  }
}

}  // namespace touchstone::sim
