#include "rom/otp_fuses.h"

#include <bit>

namespace touchstone::firmware {
namespace otp = contract::otp;

void OtpFuses::read(std::uint32_t offset_bytes, MutableBytes out) {
  for (std::uint32_t i = 0; i < out.size(); i += 4) store_le32(&out[i], hal_.read32(otp::kBase + offset_bytes + i));
}

void OtpFuses::read_device_secret(Secret<32>& out) { read(otp::kDeviceSecret, out.expose()); }

ByteArray<64> OtpFuses::device_certificate() {
  ByteArray<64> out;
  read(otp::kDeviceCertificate, out);
  return out;
}

std::uint32_t OtpFuses::min_version() {
  for (std::uint32_t word = kMaxFirmwareVersion / 32; word-- > 0;) {
    const std::uint32_t bits = hal_.read32(otp::kBase + otp::kMinVersion + 4 * word);
    if (bits != 0) return 32 * word + 32 - static_cast<std::uint32_t>(std::countl_zero(bits));
  }
  return 0;
}

void OtpFuses::raise_min_version(std::uint32_t version) {
  hal_.write32(otp::kBase + otp::kMinVersion + (version - 1) / 32 * 4, 1u << (version - 1) % 32);
}

bool OtpFuses::debug_locked() { return (hal_.read32(otp::kBase + otp::kDebugLock) & 1) != 0; }

void OtpFuses::lock() { hal_.write32(otp::kBase + otp::kLock, 1); }

}  // namespace touchstone::firmware
