// Canvas: what the pages draw on. The card draws into a frame; tests record the words. Freestanding.
#pragma once

#include <cstdint>
#include <string_view>

#include "drivers/devices.h"

namespace touchstone::firmware {

enum class Font : std::uint8_t { kSmall, kLarge };
enum class Ink : std::uint8_t { kWhite, kBlack };
enum class Icon : std::uint8_t { kFinger, kCheck, kCross };
inline constexpr int kIconSize_px = 40;

/// Height of a line of text, and its width; both in pixels, without the gap to the next line.
int text_height_px(Font font);
int text_width_px(Font font, std::string_view text);

class Canvas {
 public:
  virtual ~Canvas() = default;
  /// All white.
  virtual void clear() = 0;
  /// Upper left corner at (x, y). What lies outside is cut off.
  virtual void text(int x_px, int y_px, Font font, std::string_view text, Ink ink = Ink::kBlack) = 0;
  virtual void fill(int x_px, int y_px, int width_px, int height_px, Ink ink) = 0;
  /// kIconSize_px square.
  virtual void icon(int x_px, int y_px, Icon icon) = 0;
};

class FrameCanvas : public Canvas {
 public:
  explicit FrameCanvas(Display::Frame& frame) : frame_(frame) {}
  void clear() override { frame_.fill(0); }
  void text(int x_px, int y_px, Font font, std::string_view text, Ink ink = Ink::kBlack) override;
  void fill(int x_px, int y_px, int width_px, int height_px, Ink ink) override;
  void icon(int x_px, int y_px, Icon icon) override;

 private:
  void set(int x_px, int y_px, Ink ink);

  Display::Frame& frame_;
};

}  // namespace touchstone::firmware
