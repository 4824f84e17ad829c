#include "app/testing/fakes.h"

#include <algorithm>

namespace touchstone::firmware::testing {

void FakeClock::run_to(std::uint64_t cycles) {
  while (!plan_.empty() && plan_.begin()->first <= cycles) {
    const auto entry = plan_.begin();
    now_ = std::max(now_, entry->first);
    const auto action = std::move(entry->second);
    plan_.erase(entry);
    action();
  }
  now_ = std::max(now_, cycles);
}

void FakeClock::sleep_until(std::uint64_t deadline_cycles) {
  if (attention()) return;
  const std::uint64_t next = plan_.empty() ? kNever : plan_.begin()->first;
  const std::uint64_t wake = std::min(deadline_cycles, next);
  if (wake == kNever)
    dead_ = true;
  else
    run_to(wake);
}

void FakeClock::advance(std::uint64_t cycles) { run_to(now_ + cycles); }

namespace {
Status working(bool broken) { return broken ? Status{Error{ErrorCode::kDevice, "broken"}} : Status{}; }
}  // namespace

Status FakeSensor::start() {
  asleep = false;
  armed_ = false;
  clock_.advance(2 * kCyclesPerMs);
  return working(broken);
}

Status FakeSensor::arm_touch() {
  TS_CHECK(!asleep, "a sleeping sensor detects nothing");
  armed_ = true;
  if (!plan.empty()) {
    const Touch touch = plan.front();
    plan.pop_front();
    clock_.after_ms(touch.after_ms, [this, touch] { finger_ = touch.finger; });
    clock_.after_ms(touch.after_ms + touch.for_ms, [this] { finger_ = nullptr; });
  }
  return working(broken);
}

Result<bool> FakeSensor::touched() {
  if (broken) return Error{ErrorCode::kDevice, "broken"};
  if (!irq()) return false;
  armed_ = false;
  return true;
}

Result<bool> FakeSensor::finger_present() {
  TS_CHECK(!asleep, "a sleeping sensor feels nothing");
  clock_.advance(kCyclesPerMs);
  if (broken) return Error{ErrorCode::kDevice, "broken"};
  return finger_ != nullptr;
}

Status FakeSensor::capture(MutableBytes image) {
  TS_CHECK(!asleep, "a sleeping sensor sees nothing");
  ++captures;
  on_capture();
  // Row by row: a finger that leaves in between leaves blank rows.
  for (std::size_t y = 0; y < geometry_.height_px; ++y) {
    clock_.advance(kCyclesPerMs / 4);
    const std::size_t at = y * geometry_.width_px;
    if (finger_ != nullptr)
      std::copy_n(finger_->begin() + static_cast<std::ptrdiff_t>(at), geometry_.width_px, image.begin() + static_cast<std::ptrdiff_t>(at));
    else
      std::fill_n(image.begin() + static_cast<std::ptrdiff_t>(at), geometry_.width_px, std::uint8_t{255});
  }
  return working(broken);
}

Status FakeSensor::sleep() {
  asleep = true;
  armed_ = false;
  return working(broken);
}

void RecordingScreen::Recorder::clear() {
  FrameCanvas::clear();
  words.clear();
}

void RecordingScreen::Recorder::text(int x_px, int y_px, Font font, std::string_view text, Ink ink) {
  FrameCanvas::text(x_px, y_px, font, text, ink);
  TS_CHECK(x_px >= 0 && x_px + text_width_px(font, text) <= Display::kWidth_px && y_px >= 0 &&
               y_px + text_height_px(font) <= Display::kHeight_px,
           "text runs off the display");
  if (!text.empty()) words += (words.empty() ? "" : "|") + std::string(text);
}

void RecordingScreen::Recorder::icon(int x_px, int y_px, Icon icon) {
  FrameCanvas::icon(x_px, y_px, icon);
  words += icon == Icon::kFinger ? "(finger)" : icon == Icon::kCheck ? "(check)" : "(cross)";
}

Status RecordingScreen::present() {
  pages.push_back(canvas_.words);
  on_page(pages.back());
  return working(broken);
}

Status FakeFlash::erase_page(std::uint32_t offset) {
  on_erase();
  if (words_until_cut && *words_until_cut == 0) return {};
  std::fill_n(bytes.begin() + offset, contract::kPageBytes, std::uint8_t{0xFF});
  return {};
}

Status FakeFlash::program(std::uint32_t offset, Bytes data) {
  for (std::size_t i = 0; i < data.size(); i += 4) {
    if (words_until_cut && (*words_until_cut)-- <= 0) {
      words_until_cut = 0;
      return {};
    }
    ++words_programmed;
    for (std::size_t j = 0; j < 4; ++j) bytes[offset + i + j] &= data[i + j];
    if (worn_page && (offset + i) / contract::kPageBytes == *worn_page / contract::kPageBytes) bytes[offset + i] ^= 1;
  }
  return {};
}

Status FakeEntropy::fill(MutableBytes out) {
  on_fill();
  random_.fill(out);
  return working(broken);
}

void FakeWire::poll() {
  for (bool heard = false; !heard && !incoming_.empty();) {
    const Incoming next = std::move(incoming_.front());
    incoming_.pop_front();
    switch (next.event) {
      case Event::kOpen:
        open_ = true;
        before_open();
        listener_->on_open();
        break;
      case Event::kClose:
        open_ = false;
        listener_->on_closed();
        break;
      case Event::kMessage:
        heard = true;
        listener_->on_message(next.message);
        break;
    }
  }
}

Status FakeWire::send(Bytes message) {
  if (!open_) return Error{ErrorCode::kState, "not open"};
  sent.emplace_back(message.begin(), message.end());
  on_sent(message);
  return {};
}

}  // namespace touchstone::firmware::testing
