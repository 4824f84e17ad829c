// Messages over one TCP connection, each with its length in front, and a deadline on all that is waited for. Internal
// to rtl/remote.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>  // Boost 1.74 forgets it

#include <boost/asio.hpp>

#include "base/bytes.h"
#include "base/check.h"
#include "base/result.h"
#include "contract/accelerator.h"

namespace touchstone::rtl::remote {

class FrameSocket {
 public:
  using Tcp = boost::asio::ip::tcp;
  /// On the host's clock; none: waits for ever.
  using Deadline = std::optional<std::chrono::steady_clock::time_point>;

  /// Errors, here and below: kTimeout, kAborted (the other end is not there any more), kDevice.
  Status connect(const std::string& host, std::uint16_t port, Deadline deadline);
  /// Waits for the next peer, in place of the one before. `acceptor` belongs to io().
  Status accept(Tcp::acceptor& acceptor);
  void close();
  boost::asio::io_context& io() { return io_; }

  template <typename Message>
  Status send(const Message& message, Deadline deadline) {
    const auto used = message.encode(MutableBytes(out_).subspan(1));
    TS_CHECK(used.ok(), "the message fits its frame");
    out_[0] = static_cast<std::uint8_t>(used->size());
    return write(Bytes(out_).first(1 + used->size()), deadline);
  }
  /// One message, its id first, as untrusted as its sender; valid until the next call. Errors: kBadFormat, kTooLarge.
  Result<Bytes> receive(Deadline deadline);

 private:
  static_assert(contract::accelerator::kMaxMessageBytes <= 255);
  Status write(Bytes frame, Deadline deadline);
  template <typename Begin>
  Status complete(Deadline deadline, Begin begin);

  boost::asio::io_context io_{1};
  Tcp::socket socket_{io_};
  ByteArray<1 + contract::accelerator::kMaxMessageBytes> in_{}, out_{};
};

}  // namespace touchstone::rtl::remote
