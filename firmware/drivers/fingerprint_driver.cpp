#include "drivers/fingerprint_driver.h"

#include "drivers/irq.h"

namespace touchstone::firmware {
namespace {

namespace sysctl = contract::sysctl;

constexpr std::uint8_t kReadInterruptClear = 0x1C;
constexpr std::uint8_t kFingerPresentQuery = 0x20;
constexpr std::uint8_t kWaitForFinger = 0x24;
constexpr std::uint8_t kDeepSleep = 0x2C;
constexpr std::uint8_t kCaptureImage = 0xC0;
constexpr std::uint8_t kReadImage = 0xC4;
constexpr std::uint8_t kFingerPresentStatus = 0xD4;
constexpr std::uint8_t kReadHardwareId = 0xFC;

constexpr std::uint8_t kIrqFingerDown = 0x01;
constexpr std::uint8_t kIrqNewData = 0x20;
constexpr std::uint8_t kIrqCommandDone = 0x80;
constexpr std::uint8_t kIrqReboot = 0xFF;

constexpr std::uint64_t kResetPulse_cycles = kCyclesPerMs;
constexpr std::uint64_t kBootTimeout_cycles = 50 * kCyclesPerMs;
constexpr std::uint64_t kQueryTimeout_cycles = 50 * kCyclesPerMs;
constexpr std::uint64_t kCaptureTimeout_cycles = 1000 * kCyclesPerMs;

}  // namespace

FingerprintDriver::FingerprintDriver(Hal& hal, SpiBus& bus) : hal_(hal), bus_(bus) {
  const std::uint32_t strap = hal_.read32(sysctl::kBase + sysctl::kSensorGeometry);
  const auto field = [&](std::uint32_t mask, std::uint32_t shift) {
    return static_cast<std::uint16_t>((strap & mask) >> shift);
  };
  geometry_.width_px = field(sysctl::kSensorGeometryWidthPxMask, sysctl::kSensorGeometryWidthPxShift);
  geometry_.height_px = field(sysctl::kSensorGeometryHeightPxMask, sysctl::kSensorGeometryHeightPxShift);
}

bool FingerprintDriver::interrupt_pin() const {
  return (hal_.read32(contract::intc::kBase + contract::intc::kLines) & irq_bit(contract::Irq::kSensorIrq)) != 0;
}

Status FingerprintDriver::command(std::uint8_t code) { return bus_.command(Bytes(&code, 1), {}); }

Result<std::uint16_t> FingerprintDriver::read_register(std::uint8_t code, std::size_t size_bytes) {
  ByteArray<3> tx{code}, rx{};
  TS_RETURN_IF_ERROR(bus_.command(Bytes(tx).first(1 + size_bytes), MutableBytes(rx).first(1 + size_bytes)));
  return size_bytes == 1 ? std::uint16_t{rx[1]} : static_cast<std::uint16_t>(rx[1] << 8 | rx[2]);
}

Result<std::uint8_t> FingerprintDriver::take_interrupt() {
  auto bits = read_register(kReadInterruptClear, 1);
  TS_RETURN_IF_ERROR(bits);
  return static_cast<std::uint8_t>(*bits);
}

Status FingerprintDriver::expect_interrupt(std::uint8_t bits, std::uint64_t timeout_cycles) {
  TS_RETURN_IF_ERROR(wait_for_line(hal_, contract::Irq::kSensorIrq, timeout_cycles));
  const auto seen = take_interrupt();
  TS_RETURN_IF_ERROR(seen);
  const bool rebooted = *seen == kIrqReboot && bits != kIrqReboot;
  if (rebooted || (*seen & bits) != bits) return Error{ErrorCode::kDevice, "fingerprint sensor: unexpected interrupt"};
  return {};
}

Status FingerprintDriver::start() {
  bus_.deselect();
  hal_.write32(sysctl::kBase + sysctl::kSensorResetN, 0);
  {
    const WakeMask none(hal_, 0);
    const std::uint64_t end = hal_.now_cycles() + kResetPulse_cycles;
    set_timer_compare(hal_, end);
    while (hal_.now_cycles() < end) hal_.wait_for_interrupt();
    set_timer_compare(hal_, kNever);
  }
  hal_.write32(sysctl::kBase + sysctl::kSensorResetN, 1);
  TS_RETURN_IF_ERROR(expect_interrupt(kIrqReboot, kBootTimeout_cycles));
  const auto id = read_register(kReadHardwareId, 2);
  TS_RETURN_IF_ERROR(id);
  if (*id != kHardwareId) return Error{ErrorCode::kDevice, "fingerprint sensor: unknown hardware"};
  return {};
}

Status FingerprintDriver::arm_touch() {
  TS_RETURN_IF_ERROR(take_interrupt());  // nothing older may pass for the touch
  return command(kWaitForFinger);
}

Result<bool> FingerprintDriver::touched() {
  if (!interrupt_pin()) return false;
  const auto bits = take_interrupt();
  TS_RETURN_IF_ERROR(bits);
  if (*bits == kIrqReboot) return Error{ErrorCode::kDevice, "fingerprint sensor: rebooted"};
  return (*bits & kIrqFingerDown) != 0;
}

Result<bool> FingerprintDriver::finger_present() {
  TS_RETURN_IF_ERROR(command(kFingerPresentQuery));
  TS_RETURN_IF_ERROR(expect_interrupt(kIrqCommandDone, kQueryTimeout_cycles));
  const auto zones = read_register(kFingerPresentStatus, 2);
  TS_RETURN_IF_ERROR(zones);
  return *zones != 0;
}

Status FingerprintDriver::capture(MutableBytes image) {
  if (image.size() < geometry_.size_bytes()) return Error{ErrorCode::kTooLarge, "image buffer"};
  TS_RETURN_IF_ERROR(command(kCaptureImage));
  TS_RETURN_IF_ERROR(expect_interrupt(kIrqNewData, kCaptureTimeout_cycles));
  constexpr ByteArray<2> kRead{kReadImage, 0};  // the answer begins with one dummy byte
  bus_.select();
  Status done = bus_.transfer(kRead, {});
  if (done) done = bus_.transfer({}, image.first(geometry_.size_bytes()));
  bus_.deselect();
  return done;
}

Status FingerprintDriver::sleep() { return command(kDeepSleep); }

}  // namespace touchstone::firmware
