#include "display/memory_lcd.h"

#include "bus/time.h"
#include "contract/events.h"
#include "crypto/sha256.h"

namespace touchstone::models {

namespace {

const sc_core::sc_time kVcomLimit(1, sc_core::SC_SEC);
// The memory's contents at power up are not defined; firmware that does not clear the panel must be seen here.
constexpr std::uint8_t kPowerUpPattern = 0xA5;

/// Line addresses are sent least significant bit first.
constexpr int reversed(std::uint8_t byte) {
  int out = 0;
  for (int bit = 0; bit < 8; ++bit) out |= (byte >> bit & 1) << (7 - bit);
  return out;
}

std::string hex(const ByteArray<32>& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (std::uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

}  // namespace

const MemoryLcd::Picture MemoryLcd::kWhite = [] {
  Picture white;
  white.fill(0xFF);
  return white;
}();

MemoryLcd::MemoryLcd(sc_core::sc_module_name name, EventSink* events, EnergyPort* energy)
    : sc_module(name), events_(events), energy_(energy) {
  picture_.fill(kPowerUpPattern);
  shown_ = picture_;
}

void MemoryLcd::power_on() {
  powered_ = true;
  selected_ = false;
  picture_.fill(kPowerUpPattern);
  shown_ = picture_;
  vcom_ = false;
  vcom_since_ = sc_core::sc_time_stamp();
  if (energy_ != nullptr) energy_->state("static", sc_core::sc_time_stamp());
}

void MemoryLcd::power_off() {
  vcom_violations_ = vcom_violations();
  powered_ = false;
  selected_ = false;
  if (energy_ != nullptr) energy_->state("off", sc_core::sc_time_stamp());
}

std::uint64_t MemoryLcd::vcom_violations() const {
  const bool overdue = powered_ && sc_core::sc_time_stamp() - vcom_since_ > kVcomLimit;
  return vcom_violations_ + (overdue ? 1 : 0);
}

void MemoryLcd::set_vcom(bool level) {
  if (level == vcom_) return;
  vcom_violations_ = vcom_violations();
  vcom_ = level;
  vcom_since_ = sc_core::sc_time_stamp();
  if (energy_ != nullptr) energy_->pulse("vcom", 1);
}

void MemoryLcd::select() {
  if (!powered_) return;
  selected_ = true;
  state_ = State::kMode;
  line_pending_ = clear_pending_ = false;
}

std::uint8_t MemoryLcd::transfer(std::uint8_t mosi) {
  if (!selected_) return 0;
  switch (state_) {
    case State::kMode:
      set_vcom((mosi & kVcom) != 0);
      clear_pending_ = (mosi & kClear) != 0 && (mosi & kWrite) == 0;
      state_ = (mosi & kWrite) != 0 ? State::kAddress : State::kIgnore;
      break;
    case State::kAddress:
      take_address(mosi);
      break;
    case State::kData:
      shift_[static_cast<std::size_t>(column_byte_++)] = mosi;
      if (column_byte_ == kLineBytes) state_ = State::kTrailer;
      break;
    case State::kTrailer:
      line_pending_ = true;
      state_ = State::kAddress;
      break;
    case State::kIgnore:
      // The clocks after the mode byte carry a clear out.
      if (clear_pending_) picture_.fill(0xFF);
      clear_pending_ = false;
      break;
  }
  return 0;  // the panel has no output
}

// The eight clocks of an address, or of the second trailer byte after the last line, move the line before into the pixels.
void MemoryLcd::take_address(std::uint8_t mosi) {
  const bool after_line = line_pending_;
  if (line_pending_) latch_line();
  line_ = reversed(mosi);
  column_byte_ = 0;
  if (line_ >= 1 && line_ <= kHeightPx) {
    state_ = State::kData;
    return;
  }
  state_ = State::kIgnore;
  if (!(after_line && mosi == 0)) ++protocol_errors_;
}

void MemoryLcd::latch_line() {
  std::copy(shift_.begin(), shift_.end(), picture_.begin() + (line_ - 1) * kLineBytes);
  line_pending_ = false;
  if (energy_ != nullptr) energy_->pulse("line", 1);
}

void MemoryLcd::deselect() {
  if (!selected_) return;
  selected_ = false;
  if (line_pending_ || clear_pending_ || state_ == State::kData || state_ == State::kTrailer) ++protocol_errors_;
  note_frame();
}

void MemoryLcd::set_blank(bool blank) {
  blank_ = blank;
  if (powered_) note_frame();
}

void MemoryLcd::note_frame() {
  if (picture() == shown_) return;
  shown_ = picture();
  const std::int64_t now_ns = to_ns(sc_core::sc_time_stamp());
  if (frames_.size() == kMaxFrames) frames_.pop_back();  // the guest decides how many come
  frames_.push_back({now_ns, shown_});
  ++frame_count_;
  if (events_ != nullptr)
    events_->emit(now_ns, events::DisplayFrame{static_cast<std::int64_t>(frame_count_) - 1, hex(crypto::sha256(shown_))});
}

}  // namespace touchstone::models
