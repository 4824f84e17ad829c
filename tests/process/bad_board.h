// A board's bridge as somebody else might write it: plain blocking sockets, randomness of its own, no way to look
// inside. And the ways in which such a thing fails.
#pragma once

#include <sys/socket.h>

#include <boost/asio.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "contract/accelerator.h"
#include "contract/registers.h"
#include "rtl/secp_model.h"
#include "rtl_remote/protocol.h"

namespace touchstone::test {

namespace wire = contract::accelerator;

/// Serves one bench after the other until its end.
class Board {
 public:
  using Frame = std::vector<std::uint8_t>;  ///< with its length in front
  /// What to send in the place of an honest answer: its frames; nothing for silence. Gets the requests so far, this one
  /// included. Closing: the frames, then the end of the connection.
  struct Lie {
    std::optional<Frame> frames;
    bool then_close = false;
  };
  using Liar = std::function<std::optional<Lie>(std::uint8_t request, int requests)>;

  explicit Board(Liar liar = [](std::uint8_t, int) { return std::nullopt; })
      : liar_(std::move(liar)), thread_([this] { serve(); }) {}
  ~Board() {
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  template <typename Message>
  static Frame frame(const Message& message) {
    Frame out(1 + Message::kMaxBytes);
    const auto used = message.encode(MutableBytes(out).subspan(1));
    out[0] = static_cast<std::uint8_t>(used->size());
    out.resize(1 + used->size());
    return out;
  }
  static wire::Welcome welcome() {
    wire::Welcome m;
    m.magic = rtl::remote::kMagic;
    m.version = rtl::remote::kVersion;
    m.register_map = rtl::remote::register_map();
    m.entropy = static_cast<std::uint8_t>(wire::Welcome::Entropy::kOwn);
    m.core = kName;
    return m;
  }

 private:
  using Tcp = boost::asio::ip::tcp;
  static constexpr ByteArray<7> kName{'b', 'o', 'a', 'r', 'd', ' ', '1'};

  void serve() {
    for (boost::system::error_code error; !error;) {
      Tcp::socket socket(io_);
      acceptor_.accept(socket, error);
      if (!error) serve(socket);
    }
  }

  void serve(Tcp::socket& socket) {
    rtl::SecpModel core;
    boost::system::error_code error;
    socket.set_option(Tcp::no_delay(true), error);
    for (int requests = 1;; ++requests) {
      std::uint8_t size = 0;
      Frame request(255);
      boost::asio::read(socket, boost::asio::buffer(&size, 1), error);
      if (!error) boost::asio::read(socket, boost::asio::buffer(request, size), error);
      if (error) return;
      request.resize(size);
      const std::optional<Lie> lie = liar_(request[0], requests);
      const std::optional<Frame> out = lie ? lie->frames : answer(core, request);
      if (out) boost::asio::write(socket, boost::asio::buffer(*out), error);
      if (lie && lie->then_close) return;
    }
  }

  static Frame answer(rtl::SecpModel& core, const Frame& request) {
    switch (request[0]) {
      case wire::Hello::kId: return frame(welcome());
      case wire::Reset::kId: core.reset(); break;
      case wire::Write::kId: {
        const auto m = wire::Write::decode(request).value();
        core.write32(m.offset, m.value);
        break;
      }
      case wire::Read::kId: return frame(wire::Value{core.read32(wire::Read::decode(request).value().offset)});
      case wire::Execute::kId: {
        const auto cycles = core.execute(wire::Execute::decode(request).value().max_cycles);
        return frame(wire::Executed{static_cast<std::uint32_t>(cycles.value_or(0)), core.irq()});
      }
      default: break;
    }
    return frame(wire::Done{core.irq()});
  }

  boost::asio::io_context io_{1};
  Tcp::acceptor acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
  Liar liar_;
  std::thread thread_;
};

}  // namespace touchstone::test
