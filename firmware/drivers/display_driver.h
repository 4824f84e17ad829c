// DisplayDriver: Sharp LS013B7DH03, 128x128 memory LCD on SPI (Sharp LS013B7DH03 specification, section 6). Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"
#include "drivers/spi_bus.h"

namespace touchstone::firmware {

class DisplayDriver : public Display {
 public:
  static constexpr std::uint32_t kSpiClock_hz = 1'000'000;  // the panel takes 1.1 MHz
  /// The panel's common electrode must change polarity at least once a second (EXTMODE low: by the VCOM bit).
  static constexpr std::uint64_t kVcomPeriod_cycles = 400 * kCyclesPerMs;

  DisplayDriver(Hal& hal, SpiBus& bus) : hal_(hal), bus_(bus) {}
  Status show(const Frame& frame) override;
  std::uint64_t maintain() override;

 private:
  /// The mode byte; turns VCOM when that is due.
  std::uint8_t mode(std::uint8_t bits);

  Hal& hal_;
  SpiBus& bus_;
  Frame shown_{};
  bool shown_known_ = false;  // after power on the panel's memory is undefined
  bool vcom_ = false;
  std::uint64_t vcom_due_cycles_ = 0;
  ByteArray<1 + std::size_t{kHeight_px} * (kRowBytes + 2) + 1> packet_{};
};

}  // namespace touchstone::firmware
