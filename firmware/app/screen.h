// Screen: a canvas and the panel it goes to. Freestanding.
#pragma once

#include "app/canvas.h"
#include "drivers/devices.h"

namespace touchstone::firmware {

class Screen {
 public:
  virtual ~Screen() = default;
  virtual Canvas& canvas() = 0;
  /// Shows what was drawn. Errors: kDevice.
  virtual Status present() = 0;
  /// Display::maintain().
  virtual std::uint64_t maintain() = 0;
};

class FrameScreen : public Screen {
 public:
  explicit FrameScreen(Display& display) : display_(display), canvas_(frame_) {}
  Canvas& canvas() override { return canvas_; }
  Status present() override { return display_.show(frame_); }
  std::uint64_t maintain() override { return display_.maintain(); }

 private:
  Display& display_;
  Display::Frame frame_{};
  FrameCanvas canvas_;
};

}  // namespace touchstone::firmware
