#include "codes/rotation.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "crypto/hkdf.h"

namespace touchstone::codes {

Rotation::Rotation(const ByteArray<16>& seed, int log2_dimensions, int block) : log2_dimensions_(log2_dimensions) {
  TS_CHECK(log2_dimensions >= kMinLog2Dimensions && log2_dimensions <= kMaxLog2Dimensions, "dimensions of a rotation");
  TS_CHECK(block >= 0 && block <= 255, "block of a rotation");
  static constexpr std::string_view kLabel = "touchstone/biometric rotation/1";
  ByteArray<kLabel.size() + 1> info{};
  std::copy(kLabel.begin(), kLabel.end(), info.begin());
  info.back() = static_cast<std::uint8_t>(block);
  crypto::hkdf_sha256(seed, {}, Bytes(info).first(block == 0 ? kLabel.size() : info.size()),
                      MutableBytes(flips_).first(static_cast<std::size_t>(kPasses * dimensions() / 8)));
}

void Rotation::apply(std::span<std::int32_t> values) const {
  const auto d = static_cast<std::size_t>(dimensions());
  TS_CHECK(values.size() == d, "length of a rotated vector");
  // A pass scales by sqrt(d); an odd power of two leaves a factor of sqrt(2) = 65536 / 46341 for each.
  const int shift = (log2_dimensions_ + 1) / 2;
  const bool odd = log2_dimensions_ % 2 != 0;
  const std::int32_t half_step = std::int32_t{1} << (shift - 1);
  for (int pass = 0; pass < kPasses; ++pass) {
    const std::uint8_t* flips = &flips_[static_cast<std::size_t>(pass) * d / 8];
    for (std::size_t i = 0; i < d; ++i) {
      const std::int32_t sign = -static_cast<std::int32_t>(flips[i / 8] >> (i % 8) & 1);
      values[i] = (values[i] ^ sign) - sign;
    }
    std::size_t half = 1;
    if (odd) {
      for (std::size_t i = 0; i < d; i += 2) {
        const std::int32_t a = values[i];
        const std::int32_t b = values[i + 1];
        values[i] = a + b;
        values[i + 1] = a - b;
      }
      half = 2;
    }
    for (; half < d; half *= 4) {  // two stages at a time: half the loads and stores
      for (std::size_t block = 0; block < d; block += 4 * half) {
        for (std::size_t i = block; i < block + half; ++i) {
          const std::int32_t a = values[i] + values[i + half];
          const std::int32_t b = values[i] - values[i + half];
          const std::int32_t c = values[i + 2 * half] + values[i + 3 * half];
          const std::int32_t e = values[i + 2 * half] - values[i + 3 * half];
          values[i] = a + c;
          values[i + half] = b + e;
          values[i + 2 * half] = a - c;
          values[i + 3 * half] = b - e;
        }
      }
    }
    if (odd) {
      for (std::int32_t& v : values) {  // * sqrt(2) / 2^shift
        v = static_cast<std::int32_t>((std::int64_t{v} * 92682 + (std::int64_t{half_step} << 16)) >> (16 + shift));
      }
    } else {
      for (std::int32_t& v : values) v = (v + half_step) >> shift;
    }
  }
}

}  // namespace touchstone::codes
