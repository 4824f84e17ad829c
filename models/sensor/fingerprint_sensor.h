// FingerprintSensor: a capacitive area sensor with the SPI registers and commands of the FPC1020 family, as the open drivers
// of that family use them (see README.md for the sources).
#pragma once

#include <systemc.h>

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/seed.h"
#include "bus/ports.h"
#include "image/grey_image.h"
#include "prints/sensor.h"

namespace touchstone::models {

/// A finger on the glass: dark ridges on white.
struct FingerContact {
  std::string name;        ///< for the event log
  GreyImage image;
  double dx_px = 0;        ///< the image's centre relative to the array's, to the right, in the array's pixels
  double dy_px = 0;        ///< and downwards
  double rotation_deg = 0; ///< of the finger on the glass, clockwise on the picture
  double dpi = 508;        ///< of the image; the default is the nominal array's
  double residue = 0;      ///< share of the contact before that still shows under this one, 0..1
};

/// The glass and the skin of whatever touches it. Sources and estimates: README.md.
struct TouchCondition {
  prints::Surface surface = {};  ///< its seeds are the sensor's affair
  double residue = 0;       ///< share at which the contact before stands there as grease, also without a finger
};
inline constexpr TouchCondition kCleanTouch{};
inline constexpr TouchCondition kDirtyGlass{.surface = {.dirt = 0.5}, .residue = 0.35};
inline constexpr TouchCondition kWetFinger{.surface = {.water = 0.9}};
inline constexpr TouchCondition kColdFinger{.surface = {.dryness = 0.25, .contrast = 0.5}};

/// Registers and commands: the first byte of a transaction. Bytes that follow are register contents, most significant first.
namespace fpc {
inline constexpr std::uint8_t kStatus = 0x14;               // read: one dummy byte, then 1 byte
inline constexpr std::uint8_t kReadInterrupt = 0x18;        // read 1
inline constexpr std::uint8_t kReadInterruptClear = 0x1C;   // read 1
inline constexpr std::uint8_t kFingerPresentQuery = 0x20;   // command
inline constexpr std::uint8_t kWaitForFinger = 0x24;        // command
inline constexpr std::uint8_t kSleep = 0x28;                // command
inline constexpr std::uint8_t kDeepSleep = 0x2C;            // command
inline constexpr std::uint8_t kIdle = 0x34;                 // command
inline constexpr std::uint8_t kReadErrorClear = 0x38;       // read 1
inline constexpr std::uint8_t kCaptureSize = 0x54;          // 4: first row, rows, first column, columns (pixels)
inline constexpr std::uint8_t kAdcShiftGain = 0xA0;         // 2: shift, gain
inline constexpr std::uint8_t kCaptureImage = 0xC0;         // command
inline constexpr std::uint8_t kReadImage = 0xC4;            // read: one dummy byte, then pixels
inline constexpr std::uint8_t kFingerPresentStatus = 0xD4;  // read 2: one bit for each of 12 zones
inline constexpr std::uint8_t kDetectThreshold = 0xD8;      // 1
inline constexpr std::uint8_t kDetectControl = 0xDC;        // 2
inline constexpr std::uint8_t kSoftReset = 0xF8;            // command
inline constexpr std::uint8_t kHardwareId = 0xFC;           // read 2
inline constexpr std::uint16_t kHardwareIdValue = 0x020A;
// Interrupt register.
inline constexpr std::uint8_t kIrqFingerDown = 0x01;
inline constexpr std::uint8_t kIrqError = 0x04;
inline constexpr std::uint8_t kIrqNewData = 0x20;
inline constexpr std::uint8_t kIrqCommandDone = 0x80;
inline constexpr std::uint8_t kIrqReboot = 0xFF;
// Error register.
inline constexpr std::uint8_t kErrorFifoUnderflow = 0x01;
// Status register.
inline constexpr std::uint8_t kStatusIrq = 0x01;
inline constexpr std::uint8_t kStatusIdle = 0x0E;  // main idle, synchronous power idle, oscillator
inline constexpr std::uint8_t kStatusFifoEmpty = 0x10;
inline constexpr std::uint8_t kStatusFifoFull = 0x20;
}  // namespace fpc

/// The interrupt pin is high while the interrupt register is not 0. After power on, reset pin and soft reset it reads 0xFF
/// once the part is up; a command's end sets 0x80 (finger present query, idle), a finger 0x81 (wait) or 0x01 (sleep), a
/// captured image 0x20. An image's rows are scanned one after another, so a finger lifted in between leaves blank rows.
class FingerprintSensor : public sc_core::sc_module, public SpiDevice, public Powered {
 public:
  static constexpr std::uint8_t kBackground = 255;
  static constexpr int kZoneColumns = 4, kZoneRows = 3;

  FingerprintSensor(sc_core::sc_module_name name, const prints::SensorUnit& unit, IrqSink& irq, contract::Irq line,
                    const SeedTree& seeds, EventSink* events, EnergyPort* energy);

  // The finger. At the kernel's time; a second place() replaces the first.
  void place(const FingerContact& contact);
  void lift();
  bool touched() const { return contact_.has_value(); }

  /// From now on, for every contact. One without residue wipes the glass.
  void set_condition(const TouchCondition& condition);
  /// Another part of the same size in the place of this one, with a clean glass and no finger on it. Without power.
  void exchange(const prints::SensorUnit& unit);
  /// The part answers nothing any more: its output stays low and its interrupt pin too. For good.
  void die();

  /// The reset pin, low active.
  void set_reset_n(bool level);

  void select() override;
  std::uint8_t transfer(std::uint8_t mosi) override;
  void deselect() override;
  void power_on() override;
  void power_off() override;

  /// For a test bench: every image as it was taken, row-major, at the end of its capture.
  std::function<void(Bytes pixels, int width_px, int height_px)> on_capture;
  /// For a test bench: what the part still holds of the last image.
  Bytes image_buffer() const { return fifo_; }

  const prints::SensorUnit& unit() const { return unit_; }
  /// Time one capture of the given window takes.
  static sc_core::sc_time capture_time(int rows, int columns);

 private:
  enum class Mode { kOff, kReset, kBooting, kIdle, kSleep, kDeepSleep, kCapturing, kQuerying, kWaiting };
  struct Window {
    int row, rows, column, columns;
  };

  // Protocol and modes (fingerprint_sensor.cpp).
  void begin(std::uint8_t command);
  std::uint8_t exchange(std::size_t index, std::uint8_t mosi);
  void enter(Mode mode);
  void boot();
  void forget_image();
  void clear_state();
  void set_timer(sc_core::sc_time delay);
  void timer();
  void schedule_detection();
  void raise(std::uint8_t bits);
  void set_irq_register(std::uint8_t value);
  void set_register(std::uint8_t address, std::initializer_list<std::uint8_t> bytes);
  std::uint8_t status() const;
  Window window() const;

  // The array (array.cpp).
  void lay_down();
  bool ridges_at(int x, int y) const;
  std::uint16_t zones() const;
  void start_capture();
  void scan_until(sc_core::sc_time now);
  void scan_row(int row);
  void end_capture();

  prints::SensorUnit unit_;
  IrqSink& irq_;
  contract::Irq line_;
  Random frames_;
  EventSink* events_;
  EnergyPort* energy_;

  SeedTree seeds_;
  TouchCondition condition_;
  GreyImage left_;  // the last contact as it lay on the array; without pixels on a wiped glass
  bool dead_ = false;

  std::optional<FingerContact> contact_;
  GreyImage glass_;                 // the contact as it lies on the array
  std::vector<bool> ridge_blocks_;  // where that holds ridges, by block
  int block_columns_ = 0;

  Mode mode_ = Mode::kOff;
  bool reset_n_ = true;
  sc_core::sc_event timer_;
  sc_core::sc_time timer_due_;
  sc_core::sc_time detect_start_;
  std::uint8_t irq_register_ = 0, error_register_ = 0;
  std::uint16_t present_ = 0;
  std::array<std::array<std::uint8_t, 10>, 64> registers_{};  // by address / 4
  std::array<std::uint8_t, 10> incoming_{};                   // a register being written

  // The transaction.
  bool selected_ = false;
  bool have_command_ = false;
  std::uint8_t command_ = 0;
  std::size_t index_ = 0;
  std::int64_t read_bytes_ = 0;

  // The image.
  std::vector<std::uint8_t> fifo_;
  GreyImage scanning_;
  std::size_t fifo_read_ = 0;
  Window scan_{};
  int scanned_rows_ = 0;
  std::int64_t contact_pixels_ = 0;
  sc_core::sc_time scan_start_;
};

}  // namespace touchstone::models
