// The card's devices as its application sees them. The drivers of this folder stand behind these on the card; tests put
// plain C++ fakes there. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "contract/registers.h"

namespace touchstone::firmware {

inline constexpr std::uint64_t kCyclesPerMs = contract::kClockHz / 1000;
inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

class Clock {
 public:
  virtual ~Clock() = default;
  /// Core clock cycles since reset.
  virtual std::uint64_t now_cycles() = 0;
  /// Sleeps until `deadline_cycles` or until a device wants attention (radio packet, armed finger detection), whichever
  /// comes first; may return early for no reason. kNever: no deadline.
  virtual void sleep_until(std::uint64_t deadline_cycles) = 0;
};

/// Whether a finger is there: all that gestures need.
class TouchSensor {
 public:
  virtual ~TouchSensor() = default;
  /// Wakes the sensor by a reset and checks that it is the expected one. Errors: kDevice.
  virtual Status start() = 0;
  /// Asks the sensor to raise its interrupt when a finger arrives (or lies there already).
  virtual Status arm_touch() = 0;
  /// Whether that interrupt came; then detection is no longer armed.
  virtual Result<bool> touched() = 0;
  /// Whether a finger lies on the sensor now.
  virtual Result<bool> finger_present() = 0;
  /// Deep sleep; only start() ends it.
  virtual Status sleep() = 0;
};

class FingerSensor : public TouchSensor {
 public:
  struct Geometry {
    std::uint16_t width_px, height_px;
    std::size_t size_bytes() const { return std::size_t{width_px} * height_px; }
  };
  virtual Geometry geometry() const = 0;
  /// Takes one image, row by row, one byte a pixel. `image` holds geometry().size_bytes(). Errors: kTooLarge, kDevice.
  virtual Status capture(MutableBytes image) = 0;
};

/// A frame: 128 rows of 16 bytes, leftmost pixel in the highest bit, 1 = ink (black).
class Display {
 public:
  static constexpr int kWidth_px = 128, kHeight_px = 128, kRowBytes = kWidth_px / 8;
  using Frame = ByteArray<std::size_t{kHeight_px} * kRowBytes>;
  virtual ~Display() = default;
  /// Shows `frame`; what did not change is not sent. Errors: kDevice.
  virtual Status show(const Frame& frame) = 0;
  /// Does the panel's upkeep if it is due; returns when it is due next. A panel of this kind must not rest for a second.
  virtual std::uint64_t maintain() = 0;
};

/// The board's line that says whether the display is connected.
class DisplayLine {
 public:
  virtual ~DisplayLine() = default;
  virtual bool display_present() = 0;
};

/// Flash pages that may be rewritten. Offsets are from the flash's base.
class FlashPages {
 public:
  virtual ~FlashPages() = default;
  virtual Status erase_page(std::uint32_t offset) = 0;
  /// Clears bits: `data` in 4-byte words, word-aligned in RAM, `offset` word-aligned. May cross pages. Errors: kDevice.
  virtual Status program(std::uint32_t offset, Bytes data) = 0;
  virtual void read(std::uint32_t offset, MutableBytes out) = 0;
};

class Entropy {
 public:
  virtual ~Entropy() = default;
  /// Fills `out` with random bytes. Errors: kDevice when the generator is unhealthy or silent.
  virtual Status fill(MutableBytes out) = 0;
};

/// HCI packets in H4 form (indicator byte first) to and from the radio controller.
class PacketPort {
 public:
  virtual ~PacketPort() = default;
  virtual Status send(Bytes packet) = 0;
  virtual bool packet_waits() = 0;
  /// The next waiting packet, copied into `buffer`; empty when none waits. Errors: kTooLarge, kDevice.
  virtual Result<Bytes> receive(MutableBytes buffer) = 0;
};

using Phase = contract::simctl::Phase;

/// Where the firmware says what it is doing, so that time and energy can be attributed.
class PhasePort {
 public:
  virtual ~PhasePort() = default;
  virtual void set_phase(Phase phase) = 0;
  /// The one that was entered last.
  virtual Phase phase() = 0;
  /// A numbered mark for the test bench.
  virtual void mark(std::uint32_t number) = 0;
};

}  // namespace touchstone::firmware
