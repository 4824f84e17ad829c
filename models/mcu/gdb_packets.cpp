#include "mcu/gdb_packets.h"

#include <utility>

namespace touchstone::models {

namespace {

constexpr char kEscape = '}', kEscapeBit = 0x20;

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint8_t checksum(std::string_view raw) {
  unsigned sum = 0;
  for (char c : raw) sum += static_cast<std::uint8_t>(c);
  return static_cast<std::uint8_t>(sum);
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

std::optional<std::string> from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]), low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

std::optional<GdbPackets::Item> GdbPackets::feed(std::uint8_t untrusted_byte) {
  const char c = static_cast<char>(untrusted_byte);
  switch (state_) {
    case State::kBetween:
      switch (c) {
        case '$':
          raw_.clear();
          state_ = State::kPayload;
          return std::nullopt;
        case '+': return Item{Kind::kAck, {}};
        case '-': return Item{Kind::kNack, {}};
        case 0x03: return Item{Kind::kInterrupt, {}};
        default: return Item{Kind::kGarbage, {}};
      }
    case State::kPayload:
      if (c == '#') {
        state_ = State::kChecksumHigh;
      } else if (c == '$') {
        raw_.clear();  // never inside a packet: the one before was cut off
      } else if (raw_.size() >= kMaxPacketBytes) {
        state_ = State::kBetween;
        return Item{Kind::kGarbage, {}};
      } else {
        raw_ += c;
      }
      return std::nullopt;
    case State::kChecksumHigh:
      high_ = c;
      state_ = State::kChecksumLow;
      return std::nullopt;
    case State::kChecksumLow:
      low_ = c;
      state_ = State::kBetween;
      return finish();
  }
  return std::nullopt;
}

GdbPackets::Item GdbPackets::finish() {
  if (digit(high_) < 0 || digit(low_) < 0 || (digit(high_) << 4 | digit(low_)) != checksum(raw_)) return {Kind::kDamaged, {}};
  std::string payload;
  for (std::size_t i = 0; i < raw_.size(); ++i) {
    if (raw_[i] != kEscape) {
      payload += raw_[i];
    } else if (++i < raw_.size()) {
      payload += static_cast<char>(raw_[i] ^ kEscapeBit);
    } else {
      return {Kind::kDamaged, {}};
    }
  }
  return {Kind::kPacket, std::move(payload)};
}

std::string GdbPackets::frame(std::string_view payload) {
  std::string raw;
  for (char c : payload) {
    // '*' would begin a run-length code.
    if (c == '$' || c == '#' || c == kEscape || c == '*') {
      raw += kEscape;
      raw += static_cast<char>(c ^ kEscapeBit);
    } else {
      raw += c;
    }
  }
  const char sum = static_cast<char>(checksum(raw));
  return "$" + raw + "#" + to_hex(std::string_view(&sum, 1));
}

}  // namespace touchstone::models
