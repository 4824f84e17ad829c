#include "drivers/display_driver.h"

#include <algorithm>

namespace touchstone::firmware {
namespace {

constexpr std::uint8_t kWriteLines = 0x80;  // M0
constexpr std::uint8_t kVcom = 0x40;        // M1

/// Line addresses go out least significant bit first.
constexpr std::uint8_t reverse_bits(std::uint8_t v) {
  std::uint8_t out = 0;
  for (int i = 0; i < 8; ++i) out = static_cast<std::uint8_t>(out << 1 | (v >> i & 1));
  return out;
}

}  // namespace

std::uint8_t DisplayDriver::mode(std::uint8_t bits) {
  const std::uint64_t now = hal_.now_cycles();
  if (now >= vcom_due_cycles_) {
    vcom_ = !vcom_;
    vcom_due_cycles_ = now + kVcomPeriod_cycles;
  }
  return static_cast<std::uint8_t>(bits | (vcom_ ? kVcom : 0));
}

Status DisplayDriver::show(const Frame& frame) {
  ByteWriter packet(packet_);
  packet.u8(0);  // the mode, below
  for (std::size_t line = 0; line < kHeight_px; ++line) {
    const Bytes row = Bytes(frame).subspan(line * kRowBytes, kRowBytes);
    if (shown_known_ && std::equal(row.begin(), row.end(), shown_.begin() + line * kRowBytes)) continue;
    packet.u8(reverse_bits(static_cast<std::uint8_t>(line + 1)));
    for (std::uint8_t pixels : row) packet.u8(static_cast<std::uint8_t>(~pixels));  // the panel's 1 is white
    packet.u8(0);
  }
  if (packet.size() == 1) return {};
  packet.u8(0);  // eight clocks more move the last line into the pixels
  vcom_due_cycles_ = 0;  // a new page turns the polarity: what is computed behind it may take most of the second that the panel allows
  packet_[0] = mode(kWriteLines);
  shown_known_ = false;
  TS_RETURN_IF_ERROR(bus_.command(packet.written(), {}));
  shown_ = frame;
  shown_known_ = true;
  return {};
}

std::uint64_t DisplayDriver::maintain() {
  if (hal_.now_cycles() >= vcom_due_cycles_) {
    packet_[0] = mode(0);
    packet_[1] = 0;
    // A failure shows in the next show(); there is nobody to tell here.
    static_cast<void>(bus_.command(Bytes(packet_).first(2), {}));
  }
  return vcom_due_cycles_;
}

}  // namespace touchstone::firmware
