// FingerprintDriver: a sensor of the FPC1020 family on SPI. Registers as the open drivers of that family use them.
// Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"
#include "drivers/spi_bus.h"

namespace touchstone::firmware {

class FingerprintDriver : public FingerSensor {
 public:
  static constexpr std::uint32_t kSpiClock_hz = 8'000'000;
  static constexpr std::uint16_t kHardwareId = 0x020A;

  FingerprintDriver(Hal& hal, SpiBus& bus);
  Geometry geometry() const override { return geometry_; }
  Status start() override;
  Status arm_touch() override;
  Result<bool> touched() override;
  Result<bool> finger_present() override;
  Status capture(MutableBytes image) override;
  Status sleep() override;

 private:
  Status command(std::uint8_t code);
  Result<std::uint16_t> read_register(std::uint8_t code, std::size_t size_bytes);
  Result<std::uint8_t> take_interrupt();
  /// Waits for the interrupt pin and checks that all of `bits` are up. Errors: kDevice.
  Status expect_interrupt(std::uint8_t bits, std::uint64_t timeout_cycles);
  bool interrupt_pin() const;

  Hal& hal_;
  SpiBus& bus_;
  Geometry geometry_;
};

}  // namespace touchstone::firmware
