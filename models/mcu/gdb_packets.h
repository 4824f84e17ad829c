// GdbPackets: frames of the GDB remote serial protocol (GDB manual, appendix E.1), without sockets: bytes in, packets out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace touchstone::models {

class GdbPackets {
 public:
  /// Longest packet taken, as told to the debugger in PacketSize.
  static constexpr std::size_t kMaxPacketBytes = 0x1000;

  enum class Kind {
    kPacket,     // a whole packet with a right checksum
    kDamaged,    // a packet with a wrong checksum: to be answered by "-"
    kInterrupt,  // Ctrl-C (0x03) between packets
    kAck,
    kNack,
    kGarbage,    // a byte that cannot stand between packets, or a packet that is too long
  };
  struct Item {
    Kind kind;
    std::string payload;  // kPacket: without frame, escapes undone
  };
  /// Nothing until a byte completes something.
  std::optional<Item> feed(std::uint8_t untrusted_byte);
  /// A packet has begun and is not complete.
  bool inside_packet() const { return state_ != State::kBetween; }

  /// '$', the payload with what must be escaped, '#', checksum.
  static std::string frame(std::string_view payload);

 private:
  enum class State { kBetween, kPayload, kChecksumHigh, kChecksumLow };
  Item finish();

  State state_ = State::kBetween;
  std::string raw_;
  char high_ = 0, low_ = 0;
};

/// Lower-case hex of bytes, and back (nothing for anything that is no pairs of hex digits).
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view hex);

}  // namespace touchstone::models
