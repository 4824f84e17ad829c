#include "wallet/simulate.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>  // Boost 1.74 forgets it

#include <boost/asio.hpp>

#include "curve_host/host_curve.h"
#include "wallet/lockstep.h"

namespace touchstone::wallet {

namespace asio = boost::asio;

namespace {

using Socket = asio::local::stream_protocol::socket;

/// The next frame; empty when the simulation has closed the socket between two frames.
Result<ByteVector> read_frame(Socket& socket) {
  boost::system::error_code error;
  ByteArray<lockstep::kHeaderBytes> header{};
  if (asio::read(socket, asio::buffer(header), error) == 0 && error) return ByteVector();
  if (error) return Error{ErrorCode::kBadFormat, "half a frame"};
  const auto size = lockstep::frame_bytes(header);
  if (!size) return size.error();
  ByteVector frame(*size);
  asio::read(socket, asio::buffer(frame), error);
  if (error) return Error{ErrorCode::kBadFormat, "half a frame"};
  return frame;
}

/// What the functions of one answer left in the dead part of the stack: nonces among it, of code that is not ours too.
[[gnu::noinline]] void scrub_dead_stack() {
  ByteArray<96 * 1024> below;
  wipe(below.data(), below.size());
}

}  // namespace

std::string simulate() {
  struct stat status {};
  if (fstat(STDIN_FILENO, &status) != 0 || !S_ISSOCK(status.st_mode)) return "standard input is not a socket; `touchstone run FILE --process` starts this";
  asio::io_context io(1);
  Socket socket(io, asio::local::stream_protocol(), dup(STDIN_FILENO));
  crypto::HostCurve curve;
  Agent agent(curve, seeded_entropy);
  lockstep::InputDecoder decoder;
  bool started = false;
  for (;;) {
    auto frame = read_frame(socket);
    if (!frame) return frame.error().what;
    if (frame->empty()) return "";
    auto input = decoder.take(*frame);
    wipe(frame->data(), frame->size());
    if (!input) return input.error().what;
    if (!input->has_value()) continue;
    if (std::holds_alternative<Start>(**input) == started) return "a Start comes once, first of all";
    started = true;
    boost::system::error_code error;
    const ByteVector answer = lockstep::encode(agent.handle(std::move(**input)));
    scrub_dead_stack();  // before the simulation goes on, and looks
    asio::write(socket, asio::buffer(answer), error);
    if (error) return "";  // the simulation has ended
  }
}

}  // namespace touchstone::wallet
