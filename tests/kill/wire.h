// Frames between a driver and the process of a party, over a pair of sockets.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"

namespace touchstone::kill_test {

using Text = std::vector<std::uint8_t>;
inline Text text_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

enum class Kind : std::uint8_t {
  kJob,      ///< driver -> party: an Order
  kAbort,    ///< driver -> party: the others are gone
  kMessage,  ///< party -> driver -> party
  kIdle,     ///< party -> driver: nothing more to do before the next frame; a Report
};

struct Frame {
  Kind kind{};
  std::uint8_t party = 0;  ///< of a message: receiver on the way to the driver, sender on the way from it
  Text bytes;
};

inline void send_frame(int socket, const Frame& frame) {
  Text all(6);
  all[0] = static_cast<std::uint8_t>(frame.kind);
  all[1] = frame.party;
  store_le32(&all[2], static_cast<std::uint32_t>(frame.bytes.size()));
  all.insert(all.end(), frame.bytes.begin(), frame.bytes.end());
  for (std::size_t sent = 0; sent < all.size();) {
    const ssize_t n = ::send(socket, &all[sent], all.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;  // it is dead; what it should have had is lost
    sent += static_cast<std::size_t>(n);
  }
}

/// Nothing at the other's end, or after a minute of silence.
inline std::optional<Frame> receive_frame(int socket) {
  const auto read = [&](std::uint8_t* out, std::size_t size) {
    for (std::size_t got = 0; got < size;) {
      pollfd wait{socket, POLLIN, 0};
      if (poll(&wait, 1, 60'000) <= 0) return false;
      const ssize_t n = recv(socket, out + got, size - got, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return false;
      got += static_cast<std::size_t>(n);
    }
    return true;
  };
  std::uint8_t head[6];
  if (!read(head, sizeof head)) return std::nullopt;
  Frame out{static_cast<Kind>(head[0]), head[1], Text(load_le32(&head[2]))};
  if (!read(out.bytes.data(), out.bytes.size())) return std::nullopt;
  return out;
}

}  // namespace touchstone::kill_test
