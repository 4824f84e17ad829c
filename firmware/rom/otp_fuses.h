// OtpFuses: the OTP block. Freestanding.
#pragma once

#include "drivers/hal.h"
#include "rom/boot.h"

namespace touchstone::firmware {

class OtpFuses : public Fuses {
 public:
  explicit OtpFuses(Hal& hal) : hal_(hal) {}
  void read_device_secret(Secret<32>& out) override;
  ByteArray<64> device_certificate() override;
  std::uint32_t min_version() override;
  void raise_min_version(std::uint32_t version) override;
  bool debug_locked() override;
  void lock() override;

 private:
  void read(std::uint32_t offset_bytes, MutableBytes out);

  Hal& hal_;
};

}  // namespace touchstone::firmware
