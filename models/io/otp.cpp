#include "io/otp.h"

#include "base/check.h"

namespace touchstone::models {

namespace otp = contract::otp;

Otp::Otp(sc_core::sc_module_name name) : sc_module(name), RegisterBlock("socket", contract::kOtpRegisters) {}

Otp::~Otp() { wipe(words_.data(), sizeof words_); }

void Otp::provision(const Secret<32>& device_secret, const ByteArray<64>& device_certificate, bool debug_locked) {
  words_.fill(0);
  for (std::size_t i = 0; i < 8; ++i) words_[otp::kDeviceSecret / 4 + i] |= load_le32(&device_secret.expose()[4 * i]);
  for (std::size_t i = 0; i < 16; ++i) words_[otp::kDeviceCertificate / 4 + i] |= load_le32(&device_certificate[4 * i]);
  if (debug_locked) words_[otp::kDebugLock / 4] |= 1;
}

bool Otp::debug_locked() const { return (words_[otp::kDebugLock / 4] & 1) != 0; }

Secret<Otp::kBytes> Otp::contents() const {
  Secret<kBytes> out;
  for (std::size_t i = 0; i < kWords; ++i) store_le32(&out.expose()[4 * i], words_[i]);
  return out;
}

void Otp::insert(const Secret<kBytes>& contents) {
  TS_CHECK(!powered_, "cards are exchanged without power");
  for (std::size_t i = 0; i < kWords; ++i) words_[i] = load_le32(&contents.expose()[4 * i]);
}

void Otp::power_off() { powered_ = locked_ = false; }

std::uint32_t Otp::read_register(std::uint32_t offset_bytes, sc_core::sc_time) {
  const std::uint32_t word = offset_bytes / 4;
  const bool secret = word < otp::kDeviceCertificate / 4;
  if (!powered_ || word >= kWords || (secret && locked_)) return 0;
  return words_[word];
}

void Otp::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time) {
  if (!powered_ || locked_) return;
  if (offset_bytes == otp::kLock) locked_ = (value & 1) != 0;
  else words_[offset_bytes / 4] |= value;
}

}  // namespace touchstone::models
