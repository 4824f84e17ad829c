#include "frame_socket.h"

#include "base/secret.h"

namespace touchstone::rtl::remote {

namespace asio = boost::asio;
using IoError = boost::system::error_code;

namespace {

Status status_of(const IoError& error) {
  if (!error) return {};
  if (error == asio::error::connection_refused) return Error{ErrorCode::kAborted, "nobody listens there"};
  if (error == asio::error::eof || error == asio::error::connection_reset || error == asio::error::broken_pipe)
    return Error{ErrorCode::kAborted, "the connection was closed"};
  return Error{ErrorCode::kDevice, "the network cannot reach it"};
}

}  // namespace

/// Runs one operation to its end; `begin` starts it with the handler it is given.
template <typename Begin>
Status FrameSocket::complete(Deadline deadline, Begin begin) {
  std::optional<IoError> result;
  begin([&result](const IoError& error, const auto&...) { result = error; });
  io_.restart();
  if (deadline) io_.run_until(*deadline);
  else io_.run();
  if (result) return status_of(*result);
  close();
  io_.restart();
  io_.run();  // the handler refers to this frame: it must have run
  return Error{ErrorCode::kTimeout, "no answer in time"};
}

Status FrameSocket::connect(const std::string& host, std::uint16_t port, Deadline deadline) {
  // Not asynchronously: that would start a thread, and a simulating process has one.
  IoError unknown;
  const auto places = Tcp::resolver(io_).resolve(host, std::to_string(port), unknown);
  if (unknown) return Error{ErrorCode::kDevice, "there is no such host"};
  TS_RETURN_IF_ERROR(complete(deadline, [&](auto handler) { asio::async_connect(socket_, places, handler); }));
  IoError ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  return {};
}

Status FrameSocket::accept(Tcp::acceptor& acceptor) {
  close();
  TS_RETURN_IF_ERROR(complete({}, [&](auto handler) { acceptor.async_accept(socket_, handler); }));
  IoError ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  return {};
}

void FrameSocket::close() {
  IoError ignored;
  socket_.close(ignored);
}

Status FrameSocket::write(Bytes frame, Deadline deadline) {
  const Status written = complete(
      deadline, [&](auto handler) { asio::async_write(socket_, asio::buffer(frame.data(), frame.size()), handler); });
  wipe(out_.data(), out_.size());  // it may have held a part of a scalar
  return written;
}

Result<Bytes> FrameSocket::receive(Deadline deadline) {
  TS_RETURN_IF_ERROR(
      complete(deadline, [&](auto handler) { asio::async_read(socket_, asio::buffer(in_.data(), 1), handler); }));
  const std::size_t size = in_[0];
  if (size == 0) return Error{ErrorCode::kBadFormat, "an empty frame"};
  if (size > contract::accelerator::kMaxMessageBytes)
    return Error{ErrorCode::kTooLarge, "a frame longer than any message"};
  const Status rest =
      complete(deadline, [&](auto handler) { asio::async_read(socket_, asio::buffer(in_.data() + 1, size), handler); });
  if (!rest)
    return rest.error().code == ErrorCode::kAborted
               ? Error{ErrorCode::kBadFormat, "half a frame, then the connection was closed"}
               : rest.error();
  return Bytes(in_).subspan(1, size);
}

}  // namespace touchstone::rtl::remote
