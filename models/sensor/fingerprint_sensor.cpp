// The serial interface, modes and timing. The array stands in array.cpp.
#include "sensor/fingerprint_sensor.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"
#include "base/secret.h"
#include "bus/time.h"
#include "contract/events.h"

namespace touchstone::models {

namespace {

// Start-up after reset: the open Linux driver waits 100 us + 1250 us.
const sc_core::sc_time kBootTime(1350, sc_core::SC_US);
// Estimates; the family's data sheets are not public (README.md).
const sc_core::sc_time kQueryTime(1, sc_core::SC_MS);
const sc_core::sc_time kWaitPeriod(10, sc_core::SC_MS);
const sc_core::sc_time kSleepPeriod(50, sc_core::SC_MS);

struct Register {
  std::uint8_t address;
  std::uint8_t size_bytes;
};
/// The setup registers: kept and given back. Those that act are named in namespace fpc.
constexpr Register kRegisters[] = {
    {0x40, 1}, {0x44, 1}, {0x4C, 3}, {0x50, 1}, {fpc::kCaptureSize, 4}, {0x5C, 1}, {0x60, 1}, {0x64, 1}, {0x68, 8},
    {0x6C, 1}, {0x78, 2}, {0x7C, 4}, {0x84, 1}, {0x88, 4}, {0x8C, 1}, {0x90, 1}, {0x94, 2}, {0x98, 10}, {0x9C, 5},
    {fpc::kAdcShiftGain, 2}, {0xA4, 1}, {0xA8, 2}, {fpc::kDetectThreshold, 1}, {fpc::kDetectControl, 2}};

const Register* find_register(std::uint8_t address) {
  const auto it = std::find_if(std::begin(kRegisters), std::end(kRegisters), [&](const Register& r) { return r.address == address; });
  return it == std::end(kRegisters) ? nullptr : it;
}

}  // namespace

FingerprintSensor::FingerprintSensor(sc_core::sc_module_name name, const prints::SensorUnit& unit, IrqSink& irq, contract::Irq line,
                                     const SeedTree& seeds, EventSink* events, EnergyPort* energy)
    : sc_module(name), unit_(unit), irq_(irq), line_(line), frames_(seeds.stream("frames")), events_(events), energy_(energy), seeds_(seeds) {
  TS_CHECK(unit.width_px > 0 && unit.height_px > 0, "an array has pixels");
  SC_HAS_PROCESS(FingerprintSensor);
  SC_METHOD(timer);
  sensitive << timer_;
  dont_initialize();
}

// --- The finger.

void FingerprintSensor::place(const FingerContact& contact) {
  if (mode_ == Mode::kCapturing) scan_until(sc_core::sc_time_stamp());
  contact_ = contact;
  lay_down();
  if (events_ != nullptr) events_->emit(to_ns(sc_core::sc_time_stamp()), events::SensorFingerDown{contact.name});
  schedule_detection();
}

void FingerprintSensor::lift() {
  if (!contact_) return;
  if (mode_ == Mode::kCapturing) scan_until(sc_core::sc_time_stamp());
  left_ = std::move(glass_);
  contact_.reset();
  if (events_ != nullptr) events_->emit(to_ns(sc_core::sc_time_stamp()), events::SensorFingerUp{});
}

void FingerprintSensor::exchange(const prints::SensorUnit& unit) {
  TS_CHECK(mode_ == Mode::kOff && unit.width_px == unit_.width_px && unit.height_px == unit_.height_px, "a part is exchanged without power, for one of its size");
  lift();
  unit_ = unit;
  left_ = {};
}

void FingerprintSensor::die() {
  dead_ = true;
  if (mode_ != Mode::kOff) power_off();
}

// --- Power, reset, modes.

void FingerprintSensor::power_on() {
  if (dead_) return;
  if (reset_n_) boot();
  else enter(Mode::kReset);
}

void FingerprintSensor::power_off() {
  clear_state();
  enter(Mode::kOff);
}

void FingerprintSensor::set_reset_n(bool level) {
  if (level == reset_n_) return;
  reset_n_ = level;
  if (mode_ == Mode::kOff) return;
  if (level) {
    boot();
  } else {
    clear_state();
    enter(Mode::kReset);
  }
}

void FingerprintSensor::boot() {
  clear_state();
  enter(Mode::kBooting);
  set_timer(kBootTime);
}

void FingerprintSensor::forget_image() {
  wipe(fifo_.data(), fifo_.size());
  wipe(scanning_.pixels.data(), scanning_.pixels.size());
  fifo_.clear();
  scanning_ = {};
  fifo_read_ = 0;
}

void FingerprintSensor::clear_state() {
  forget_image();
  present_ = 0;
  error_register_ = 0;
  set_irq_register(0);
  for (auto& r : registers_) r.fill(0);
  set_register(fpc::kDetectThreshold, {0x50});
  set_register(fpc::kDetectControl, {0x00, 0xFF});
  set_register(fpc::kAdcShiftGain, {0x10, 0x02});
  // A window register holds 8-bit sizes; 0 stands for the whole array, also of arrays too large for it.
  if (unit_.width_px < 256 && unit_.height_px < 256)
    set_register(fpc::kCaptureSize, {0, static_cast<std::uint8_t>(unit_.height_px), 0, static_cast<std::uint8_t>(unit_.width_px)});
  if (selected_) have_command_ = true, command_ = 0;  // the rest of the transaction is not heard
}

void FingerprintSensor::set_register(std::uint8_t address, std::initializer_list<std::uint8_t> bytes) {
  std::copy(bytes.begin(), bytes.end(), registers_[address / 4].begin());
}

void FingerprintSensor::enter(Mode mode) {
  mode_ = mode;
  timer_.cancel();
  if (energy_ == nullptr) return;
  const std::string_view state = mode == Mode::kOff                                       ? "off"
                                 : mode == Mode::kReset || mode == Mode::kDeepSleep       ? "deep_sleep"
                                 : mode == Mode::kSleep                                   ? "sleep"
                                 : mode == Mode::kWaiting                                 ? "wait"
                                 : mode == Mode::kCapturing || mode == Mode::kQuerying    ? "capture"
                                                                                          : "idle";
  energy_->state(state, sc_core::sc_time_stamp());
}

void FingerprintSensor::set_timer(sc_core::sc_time delay) {
  timer_due_ = sc_core::sc_time_stamp() + delay;
  timer_.notify(delay);
}

void FingerprintSensor::timer() {
  if (sc_core::sc_time_stamp() != timer_due_) return;
  switch (mode_) {
    case Mode::kBooting:
      enter(Mode::kIdle);
      raise(fpc::kIrqReboot);
      break;
    case Mode::kQuerying:
      present_ = zones();
      enter(Mode::kIdle);
      raise(static_cast<std::uint8_t>(fpc::kIrqCommandDone | (present_ != 0 ? fpc::kIrqFingerDown : 0)));
      break;
    case Mode::kWaiting:
    case Mode::kSleep: {
      present_ = zones();
      if (present_ == 0) {
        schedule_detection();
        break;
      }
      const bool waited = mode_ == Mode::kWaiting;
      enter(Mode::kIdle);
      raise(static_cast<std::uint8_t>(fpc::kIrqFingerDown | (waited ? fpc::kIrqCommandDone : 0)));
      break;
    }
    case Mode::kCapturing:
      end_capture();
      enter(Mode::kIdle);
      raise(fpc::kIrqNewData);
      break;
    default: break;
  }
}

// The array looks at every multiple of the period after the command. Without a finger nothing can change, so nothing runs.
void FingerprintSensor::schedule_detection() {
  if ((mode_ != Mode::kWaiting && mode_ != Mode::kSleep) || !contact_) return;
  const std::uint64_t period = (mode_ == Mode::kWaiting ? kWaitPeriod : kSleepPeriod).value();
  const std::uint64_t elapsed = (sc_core::sc_time_stamp() - detect_start_).value();
  set_timer(sc_core::sc_time::from_value(period - elapsed % period));
}

// --- Interrupts and registers.

void FingerprintSensor::raise(std::uint8_t bits) { set_irq_register(static_cast<std::uint8_t>(irq_register_ | bits)); }

void FingerprintSensor::set_irq_register(std::uint8_t value) {
  irq_register_ = value;
  irq_.set_line(line_, value != 0);
}

std::uint8_t FingerprintSensor::status() const {
  unsigned bits = irq_register_ != 0 ? fpc::kStatusIrq : 0;
  if (mode_ == Mode::kIdle) bits |= fpc::kStatusIdle;
  bits |= fifo_read_ == fifo_.size() ? fpc::kStatusFifoEmpty : 0;
  if (!fifo_.empty() && fifo_read_ == 0) bits |= fpc::kStatusFifoFull;
  return static_cast<std::uint8_t>(bits);
}

FingerprintSensor::Window FingerprintSensor::window() const {
  const auto& r = registers_[fpc::kCaptureSize / 4];
  if (r[1] == 0 || r[3] == 0) return {0, unit_.height_px, 0, unit_.width_px};
  const int row = std::min<int>(r[0], unit_.height_px - 1), column = std::min<int>(r[2], unit_.width_px - 1);
  return {row, std::min<int>(r[1], unit_.height_px - row), column, std::min<int>(r[3], unit_.width_px - column)};
}

// --- SPI.

void FingerprintSensor::select() {
  selected_ = true;
  have_command_ = false;
  index_ = 0;
  read_bytes_ = 0;
}

std::uint8_t FingerprintSensor::transfer(std::uint8_t mosi) {
  if (!selected_ || mode_ == Mode::kOff || mode_ == Mode::kReset || mode_ == Mode::kBooting) return 0;
  if (have_command_) return exchange(index_++, mosi);
  have_command_ = true;
  command_ = mosi;
  begin(mosi);
  return 0;
}

void FingerprintSensor::deselect() {
  selected_ = false;
  if (read_bytes_ > 0 && events_ != nullptr)
    events_->emit(to_ns(sc_core::sc_time_stamp()), events::SensorRead{read_bytes_});
}

void FingerprintSensor::begin(std::uint8_t command) {
  if (command == fpc::kSoftReset) {
    boot();
    return;
  }
  if (command == fpc::kIdle) {
    enter(Mode::kIdle);
    raise(fpc::kIrqCommandDone);
    return;
  }
  const bool resting = mode_ == Mode::kIdle || mode_ == Mode::kWaiting || mode_ == Mode::kSleep;
  if (!resting) return;  // asleep for good, or busy: not heard
  switch (command) {
    case fpc::kFingerPresentQuery:
      enter(Mode::kQuerying);
      set_timer(kQueryTime);
      break;
    case fpc::kWaitForFinger:
    case fpc::kSleep:
      enter(command == fpc::kSleep ? Mode::kSleep : Mode::kWaiting);
      detect_start_ = sc_core::sc_time_stamp();
      schedule_detection();
      break;
    case fpc::kDeepSleep:
      forget_image();
      enter(Mode::kDeepSleep);
      break;
    case fpc::kCaptureImage: start_capture(); break;
    default: break;
  }
}

// Byte `index` after the first. A setup register gives its old contents while the new ones come in, and takes them with the
// last byte.
std::uint8_t FingerprintSensor::exchange(std::size_t index, std::uint8_t mosi) {
  switch (command_) {
    case fpc::kStatus: return index == 1 ? status() : 0;
    case fpc::kReadInterrupt: return index == 0 ? irq_register_ : 0;
    case fpc::kReadInterruptClear: {
      if (index != 0) return 0;
      const std::uint8_t bits = irq_register_;
      set_irq_register(0);
      return bits;
    }
    case fpc::kReadErrorClear: {
      const std::uint8_t bits = index == 0 ? error_register_ : 0;
      error_register_ = 0;
      return bits;
    }
    case fpc::kFingerPresentStatus: return static_cast<std::uint8_t>(index == 0 ? present_ >> 8 : index == 1 ? present_ : 0);
    case fpc::kHardwareId:
      return static_cast<std::uint8_t>(index == 0 ? fpc::kHardwareIdValue >> 8 : index == 1 ? fpc::kHardwareIdValue : 0);
    case fpc::kReadImage:
      if (index == 0) return 0;
      if (fifo_read_ == fifo_.size()) {
        error_register_ |= fpc::kErrorFifoUnderflow;
        raise(fpc::kIrqError);
        return 0;
      }
      ++read_bytes_;
      return fifo_[fifo_read_++];
    default: break;
  }
  const Register* r = find_register(command_);
  if (r == nullptr || index >= r->size_bytes) return 0;
  auto& bytes = registers_[command_ / 4];
  incoming_[index] = mosi;
  const std::uint8_t old = bytes[index];
  if (index + 1 == r->size_bytes) std::copy_n(incoming_.begin(), r->size_bytes, bytes.begin());
  return old;
}

}  // namespace touchstone::models
