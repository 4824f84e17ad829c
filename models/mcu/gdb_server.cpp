#include "mcu/gdb_server.h"

#include <poll.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "base/check.h"
#include "bus/time.h"
#include "mcu/cpu.h"
#include "mcu/gdb_packets.h"

namespace touchstone::models {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// A debugger speaks at once and finishes its packets; a person at its prompt may think as long as they like.
constexpr int kFirstPacketMs = 10'000, kRestOfPacketMs = 5'000, kForEver = -1;
// So much that is no packet, and it is no debugger.
constexpr int kMaxGarbage = 16;
constexpr unsigned kSigTrap = 5, kSigInt = 2, kSigSegv = 11;

}  // namespace

class GdbServer::Connection {
 public:
  explicit Connection(std::uint16_t port) : acceptor_(context_) {
    boost::system::error_code error;
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    acceptor_.open(tcp::v4());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(1, error);
    if (error) throw std::runtime_error("127.0.0.1:" + std::to_string(port) + ": " + error.message() + "; name another port, or 0 for any free one");
    port_ = acceptor_.local_endpoint().port();
  }

  std::uint16_t port() const { return port_; }
  bool open() const { return socket_.is_open(); }

  /// Waits. The door is closed behind the first to come.
  void accept() {
    boost::system::error_code error;
    acceptor_.accept(socket_, error);
    acceptor_.close();
    if (error) return close();
    socket_.set_option(tcp::no_delay(true), error);
    socket_.non_blocking(true, error);
  }

  /// The next item; nothing when none comes within `timeout_ms` or the other side is gone (then open() is false).
  std::optional<GdbPackets::Item> next(int timeout_ms) {
    for (;;) {
      while (at_ < filled_)
        if (auto item = packets_.feed(buffer_[at_++])) return item;
      if (!open()) return std::nullopt;
      pollfd waiting{socket_.native_handle(), POLLIN, 0};
      const int limit = packets_.inside_packet() ? kRestOfPacketMs : timeout_ms;
      if (timeout_ms != 0 && ::poll(&waiting, 1, limit) == 0) {
        if (packets_.inside_packet()) close();
        return std::nullopt;
      }
      boost::system::error_code error;
      at_ = 0;
      filled_ = socket_.read_some(asio::buffer(buffer_), error);
      if (error == asio::error::would_block || error == asio::error::interrupted) {
        if (timeout_ms == 0) return std::nullopt;
      } else if (error) {
        close();
      }
    }
  }

  void send(std::string_view bytes) {
    boost::system::error_code error;
    while (!bytes.empty() && open()) {
      const std::size_t sent = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), error);
      bytes.remove_prefix(error ? 0 : sent);
      if (!error) continue;
      pollfd waiting{socket_.native_handle(), POLLOUT, 0};
      if (error != asio::error::would_block || ::poll(&waiting, 1, kRestOfPacketMs) == 0) close();
    }
  }

  void close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
    filled_ = at_ = 0;
  }

 private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  tcp::socket socket_{context_};
  std::uint16_t port_ = 0;
  GdbPackets packets_;
  std::array<std::uint8_t, 4096> buffer_;
  std::size_t filled_ = 0, at_ = 0;
};

GdbServer::GdbServer(Cpu& cpu, std::uint16_t port) : cpu_(cpu), connection_(std::make_unique<Connection>(port)) {
  cpu.add_monitor(*this);
}

GdbServer::~GdbServer() = default;

std::uint16_t GdbServer::port() const { return connection_->port(); }

// --- the core's calls

bool GdbServer::begin_slice(Cpu&) {
  if (waiting_) accept();
  if (!connection_->open()) return false;
  reset_ = false;
  if (!halted_ && poll_input()) stop(kSigInt);
  if (halted_) serve();
  return connection_->open() && (stepping_ || session_.has_points());
}

void GdbServer::before_instruction(Cpu&) {
  watch_.clear();
  if (!connection_->open()) return;
  const Iss& hart = cpu_.iss();
  if (!halted_ && !resumed_here_ && session_.breaks_at(hart.pc())) stop(kSigTrap);
  if (halted_) serve();
  if (!connection_->open() || reset_) return;
  resumed_here_ = false;
  instructions_ = hart.instructions();
  if (const auto access = hart.next_access()) watch_ = session_.watched(access->address, access->size_bytes, access->store).value_or("");
}

void GdbServer::after_instruction(Cpu&) {
  if (!connection_->open()) return;
  // An interrupt or a trap that came instead touched nothing.
  const bool retired = cpu_.iss().instructions() != instructions_;
  if (retired && !watch_.empty()) stop(kSigTrap, watch_);
  else if (stepping_) stop(kSigTrap);
}

void GdbServer::locked_up(Cpu&) {
  if (!connection_->open()) return;
  stop(kSigSegv);
  serve();
}

void GdbServer::stop(unsigned signal, std::string_view reason) {
  session_.stopped(signal, reason);
  halted_ = announce_ = true;
  stepping_ = false;
}

// --- the debugger's side

void GdbServer::accept() {
  waiting_ = false;
  connection_->accept();
  // Somebody who does not speak within some seconds is no debugger.
  if (!connection_->open()) return;
  // And who begins with anything but acknowledgements is none either: a web page's POST could carry a packet in its body.
  for (int others = 0; connection_->open(); ++others) {
    const auto item = connection_->next(kFirstPacketMs);
    if (!item || item->kind == GdbPackets::Kind::kGarbage || others > kMaxGarbage) return leave("who connected is no debugger; the run goes on without one");
    if (item->kind != GdbPackets::Kind::kPacket) continue;
    if (on_news) on_news("debugger connected");
    return handle(item->payload);
  }
}

/// True: the debugger wants the core to stop.
bool GdbServer::poll_input() {
  while (const auto item = connection_->next(0)) {
    if (item->kind == GdbPackets::Kind::kInterrupt) return true;
    if (item->kind == GdbPackets::Kind::kPacket) handle(item->payload);  // there is nothing to say while the core runs, but "detach"
  }
  if (!connection_->open()) leave("debugger lost; the run goes on");
  return false;
}

void GdbServer::serve() {
  if (announce_) connection_->send(GdbPackets::frame(session_.stop_payload()));
  announce_ = false;
  int garbage = 0;
  while (halted_ && !reset_ && connection_->open()) {
    const auto item = connection_->next(kForEver);
    if (!item) break;
    switch (item->kind) {
      case GdbPackets::Kind::kPacket:
        garbage = 0;
        handle(item->payload);
        break;
      case GdbPackets::Kind::kDamaged:
        connection_->send("-");
        ++garbage;
        break;
      case GdbPackets::Kind::kGarbage: ++garbage; break;
      default: break;
    }
    if (garbage > kMaxGarbage) leave("what comes from the debugger is no packet; the run goes on without it");
  }
  if (!connection_->open() && halted_) leave("debugger lost; the run goes on");
}

void GdbServer::handle(const std::string& packet) {
  if (!session_.no_acks()) connection_->send("+");
  const GdbSession::Answer answer = session_.handle(packet);
  if (answer.reply) connection_->send(GdbPackets::frame(*answer.reply));
  switch (answer.then) {
    case GdbSession::Then::kStay: return;
    case GdbSession::Then::kLeave: return leave("debugger left; the run goes on");
    case GdbSession::Then::kKill:
      leave("the debugger killed the run");
      cpu_.stop();
      if (on_kill) on_kill();
      return;
    case GdbSession::Then::kReset:
      halted_ = true;
      reset_ = on_reset != nullptr;
      if (on_reset) on_reset();
      return;
    case GdbSession::Then::kStep:
    case GdbSession::Then::kContinue:
      stepping_ = answer.then == GdbSession::Then::kStep;
      halted_ = false;
      resumed_here_ = true;
  }
}

void GdbServer::leave(const std::string& news) {
  if (left_) return;
  left_ = true;
  connection_->close();
  halted_ = stepping_ = announce_ = false;
  if (on_news) on_news(news);
}

void GdbServer::ended(unsigned exit_code) {
  if (!connection_->open()) return;
  char text[8];
  std::snprintf(text, sizeof text, "W%02x", exit_code & 0xFF);
  connection_->send(GdbPackets::frame(text));
  connection_->close();
}

// --- the core as the debugger sees it

bool GdbServer::read_register(unsigned number, std::uint32_t& value) {
  const Iss& hart = cpu_.iss();
  if (number < 32) value = hart.reg(number);
  else if (number == kGdbPc) value = hart.pc();
  else if (number == kGdbPrivilege) value = hart.privilege() == Privilege::kMachine ? 3 : 0;
  else return number >= kGdbFirstCsr && number < kGdbFirstCsr + 4096 && hart.read_csr(number - kGdbFirstCsr, value);
  return true;
}

bool GdbServer::write_register(unsigned number, std::uint32_t value) {
  Iss& hart = cpu_.iss();
  if (number < 32) hart.set_reg(number, value);
  else if (number == kGdbPc) hart.set_pc(value);
  else if (number == kGdbPrivilege && (value == 0 || value == 3)) hart.set_privilege(value == 3 ? Privilege::kMachine : Privilege::kUser);
  else return number >= kGdbFirstCsr && number < kGdbFirstCsr + 4096 && hart.write_csr(number - kGdbFirstCsr, value);
  return true;
}

bool GdbServer::read_memory(std::uint32_t address, MutableBytes out) { return cpu_.peek(address, out); }
bool GdbServer::write_memory(std::uint32_t address, Bytes in) { return cpu_.poke(address, in); }

std::string GdbServer::status() {
  char text[160];
  std::snprintf(text, sizeof text, "virtual time %.9f s, %llu instructions, %llu cycles since reset, %s mode", sc_core::sc_time_stamp().to_seconds(),
                static_cast<unsigned long long>(cpu_.instructions()), static_cast<unsigned long long>(cpu_.cycles()),
                cpu_.iss().privilege() == Privilege::kMachine ? "machine" : "user");
  return text;
}

}  // namespace touchstone::models
