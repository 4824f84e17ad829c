// MemoryLcd: Sharp LS013B7DH03, a 128x128 monochrome memory-in-pixel LCD, at command level.
#pragma once

#include <systemc.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/event.h"
#include "bus/ports.h"
#include "image/grey_image.h"

namespace touchstone::models {

/// The panel keeps its picture while powered. Chip select is active high at the glass; the controller's CS bit is the level.
/// Bits go out in the order the serial input takes them: MSB of an SPI byte first.
class MemoryLcd : public sc_core::sc_module, public SpiDevice, public Powered {
 public:
  static constexpr int kWidthPx = 128;
  static constexpr int kHeightPx = 128;
  static constexpr int kLineBytes = kWidthPx / 8;
  static constexpr std::size_t kMaxFrames = 10'000;
  static constexpr std::uint8_t kWrite = 0x80;  ///< M0
  static constexpr std::uint8_t kVcom = 0x40;   ///< M1
  static constexpr std::uint8_t kClear = 0x20;  ///< M2

  /// Packed pixels, line 1 first, MSB leftmost, 1 = white (estimate, from memory).
  using Picture = std::array<std::uint8_t, kHeightPx * kLineBytes>;
  struct Frame {
    std::int64_t time_ns;
    Picture picture;
  };

  MemoryLcd(sc_core::sc_module_name name, EventSink* events, EnergyPort* energy);

  void select() override;
  std::uint8_t transfer(std::uint8_t mosi) override;
  void deselect() override;
  void power_on() override;
  void power_off() override;

  /// Every picture that stood on the glass at the end of a transaction and differed from the one before. Of more than
  /// kMaxFrames the first ones and, at the end, the newest.
  const std::vector<Frame>& frames() const { return frames_; }
  /// How many there were.
  std::uint64_t frame_count() const { return frame_count_; }
  /// What stands on the glass now: nothing (all white) without power or with a dead glass.
  const Picture& picture() const { return powered_ && !blank_ ? picture_ : kWhite; }
  /// A dead glass under a living driver: the panel takes everything and shows nothing, which it cannot know.
  void set_blank(bool blank);
  /// Times the VCOM polarity stayed the same for more than a second while powered: each harms a real panel.
  std::uint64_t vcom_violations() const;
  /// Lines lost or bytes not understood: bad address, transaction ended before a line was latched.
  std::uint64_t protocol_errors() const { return protocol_errors_; }

 private:
  enum class State { kMode, kAddress, kData, kTrailer, kIgnore };
  void set_vcom(bool level);
  void take_address(std::uint8_t mosi);
  void latch_line();
  void note_frame();

  static const Picture kWhite;

  EventSink* events_;
  EnergyPort* energy_;
  bool powered_ = false;
  bool selected_ = false;
  bool blank_ = false;
  State state_ = State::kMode;
  int line_ = 0;         // 1..128
  int column_byte_ = 0;
  bool line_pending_ = false;   // shifted in, waits for the clocks that move it into the pixels
  bool clear_pending_ = false;  // the same for a clear
  std::array<std::uint8_t, kLineBytes> shift_{};
  Picture picture_{};
  Picture shown_{};  // on the glass at the end of the last transaction
  std::vector<Frame> frames_;
  std::uint64_t frame_count_ = 0;
  bool vcom_ = false;
  sc_core::sc_time vcom_since_;
  std::uint64_t vcom_violations_ = 0;
  std::uint64_t protocol_errors_ = 0;
};

/// Grey picture as the glass looks: `scale` times as large, with a bezel.
GreyImage render(const MemoryLcd::Picture& picture, int scale = 3);
/// Writes frame-NNN.png for every frame into `dir` (made if absent); a message for the user when that failed.
ImageError write_pngs(const std::vector<MemoryLcd::Frame>& frames, const std::filesystem::path& dir);
/// The picture for a terminal: 32 lines of 64 Braille characters (2 x 4 pixels each), black pixels drawn, each line ended by
/// \n.
std::string to_text(const MemoryLcd::Picture& picture);

}  // namespace touchstone::models
