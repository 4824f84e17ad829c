#include "biometrics/rotation.h"

#include "crypto/hkdf.h"

namespace touchstone::biometrics {

Rotation::Rotation(const ByteArray<16>& seed) {
  static constexpr char kLabel[] = "touchstone/biometric rotation/1";
  ByteArray<8 * kPasses> bytes{};
  crypto::hkdf_sha256(seed, {}, Bytes(reinterpret_cast<const std::uint8_t*>(kLabel), sizeof(kLabel) - 1), bytes);
  for (std::size_t p = 0; p < kPasses; ++p) flips_[p] = load_le64(bytes.data() + 8 * p);
}

void Rotation::apply(std::array<std::int32_t, kDimensions>& values) const {
  for (const std::uint64_t flips : flips_) {
    for (std::size_t i = 0; i < kDimensions; ++i) {
      const std::int32_t sign = -static_cast<std::int32_t>(flips >> i & 1);
      values[i] = (values[i] ^ sign) - sign;
    }
    for (std::size_t half = 1; half < kDimensions; half *= 2) {
      for (std::size_t block = 0; block < kDimensions; block += 2 * half) {
        for (std::size_t i = block; i < block + half; ++i) {
          const std::int32_t a = values[i];
          const std::int32_t b = values[i + half];
          values[i] = a + b;
          values[i + half] = a - b;
        }
      }
    }
    for (std::int32_t& v : values) v = (v + 4) >> 3;  // a pass scales by 8: back to orthonormal
  }
}

}  // namespace touchstone::biometrics
