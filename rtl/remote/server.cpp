#include "rtl_remote/server.h"

#include <algorithm>
#include <iterator>

#include "contract/registers.h"
#include "frame_socket.h"
#include "rtl_remote/protocol.h"

namespace touchstone::rtl::remote {
namespace {

namespace asio = boost::asio;
namespace secp = contract::secp;
namespace wire = contract::accelerator;

Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

bool names_operation(std::uint32_t op) {
  return std::any_of(std::begin(contract::kSecpOpNames), std::end(contract::kSecpOpNames),
                     [op](const contract::ValueName& n) { return n.value == op; });
}

/// One bench, from its greeting to its end.
class Session {
 public:
  Session(FrameSocket& socket, SecpPort& core, const std::string& core_name, std::chrono::milliseconds limit)
      : socket_(socket), core_(core), core_name_(core_name), limit_(limit) {
    core_.reset();
    core_.set_entropy([this] { return entropy(); });
  }
  ~Session() {
    core_.set_entropy({});
    core_.reset();
  }

  Status run() {
    const Status end = converse();
    if (end) return {};
    const std::string_view reason = end.error().what;
    (void)socket_.send(wire::Refused{bytes_of(reason)}, deadline());  // it may be gone
    return end;
  }

 private:
  FrameSocket::Deadline deadline() const { return std::chrono::steady_clock::now() + limit_; }

  /// Success: the bench has left between two requests.
  Status converse() {
    const Result<Bytes> first = socket_.receive(deadline());
    if (!first) return first.error();
    const auto hello = wire::Hello::decode(*first);
    if (!hello || hello->magic != kMagic) return Error{ErrorCode::kBadFormat, "that is no touchstone bench"};
    if (hello->version != kVersion)
      return Error{ErrorCode::kUnsupported, "another version of the protocol: build both ends from one revision"};
    wire::Welcome welcome;
    welcome.magic = kMagic;
    welcome.version = kVersion;
    welcome.register_map = register_map();
    welcome.entropy = static_cast<std::uint8_t>(wire::Welcome::Entropy::kBench);
    welcome.state_bytes = static_cast<std::uint32_t>(core_.state_bytes().size());
    welcome.core = bytes_of(core_name_);
    TS_RETURN_IF_ERROR(socket_.send(welcome, deadline()));
    for (;;) {
      const Result<Bytes> frame = socket_.receive({});
      if (!frame && frame.error().code == ErrorCode::kAborted) return {};
      if (!frame) return frame.error();
      TS_RETURN_IF_ERROR(answer(*frame));
    }
  }

  Status answer(Bytes untrusted_frame) {
    switch (untrusted_frame[0]) {
      case wire::Reset::kId: {
        TS_RETURN_IF_ERROR(wire::Reset::decode(untrusted_frame));
        core_.reset();
        return done();
      }
      case wire::Write::kId: {
        const auto m = wire::Write::decode(untrusted_frame);
        if (!m) return m.error();
        if (m->offset == secp::kStart) return Error{ErrorCode::kBadFormat, "START is written by Execute"};
        TS_RETURN_IF_ERROR(check_offset(m->offset));
        core_.write32(m->offset, m->value);
        return done();
      }
      case wire::Read::kId: {
        const auto m = wire::Read::decode(untrusted_frame);
        if (!m) return m.error();
        TS_RETURN_IF_ERROR(check_offset(m->offset));
        return socket_.send(wire::Value{core_.read32(m->offset)}, deadline());
      }
      case wire::Execute::kId: {
        const auto m = wire::Execute::decode(untrusted_frame);
        if (!m) return m.error();
        return execute(m->max_cycles);
      }
      case wire::ReadState::kId: {
        const auto m = wire::ReadState::decode(untrusted_frame);
        if (!m) return m.error();
        const Bytes state = core_.state_bytes();
        if (m->offset >= state.size()) return Error{ErrorCode::kOutOfRange, "there is no such part of the state"};
        return socket_.send(wire::State{state.subspan(m->offset, std::min(kPart_bytes, state.size() - m->offset))},
                            deadline());
      }
      default: return Error{ErrorCode::kBadFormat, "no request"};
    }
  }

  static Status check_offset(std::uint32_t offset_bytes) {
    if (offset_bytes % 4 == 0 && offset_bytes < secp::kSizeBytes) return {};
    return Error{ErrorCode::kOutOfRange, "there is no such register"};
  }

  Status done() { return socket_.send(wire::Done{core_.irq()}, deadline()); }

  Status execute(std::uint32_t max_cycles) {
    if (!names_operation(core_.read32(secp::kOp))) return Error{ErrorCode::kState, "OP names no operation"};
    no_word_ = {};
    executing_ = true;
    const auto cycles = core_.execute(max_cycles);
    executing_ = false;
    TS_RETURN_IF_ERROR(no_word_);
    if (!cycles) return Error{ErrorCode::kTimeout, "the operation takes more cycles than the bench allows"};
    return socket_.send(wire::Executed{static_cast<std::uint32_t>(*cycles), core_.irq()}, deadline());
  }

  std::optional<std::uint32_t> entropy() {
    if (!executing_ || !no_word_) return std::nullopt;
    const FrameSocket::Deadline until = deadline();
    no_word_ = socket_.send(wire::EntropyWanted{}, until);
    if (!no_word_) return std::nullopt;
    const Result<Bytes> frame = socket_.receive(until);
    const Result<wire::Entropy> answer = frame ? wire::Entropy::decode(*frame) : frame.error();
    if (!answer) no_word_ = answer.error();
    else if (answer->available > 1) no_word_ = Error{ErrorCode::kBadFormat, "Entropy: available"};
    if (!no_word_ || answer->available == 0) return std::nullopt;
    return answer->word;
  }

  FrameSocket& socket_;
  SecpPort& core_;
  const std::string& core_name_;
  std::chrono::milliseconds limit_;
  bool executing_ = false;
  Status no_word_;  // why the bench gave no random word
};

}  // namespace

Status serve(SecpPort& core, const std::string& core_name, const ServeOptions& options) {
  FrameSocket socket;
  FrameSocket::Tcp::acceptor acceptor(socket.io());
  try {
    acceptor = {socket.io(), {asio::ip::address_v4::loopback(), options.port}};
  } catch (const boost::system::system_error&) {
    return Error{ErrorCode::kDevice, "the port cannot be had; another program may listen there"};
  }
  if (options.on_listening) options.on_listening(acceptor.local_endpoint().port());
  for (;;) {
    TS_RETURN_IF_ERROR(socket.accept(acceptor));
    const Status end = Session(socket, core, core_name, options.limit).run();
    if (!end && options.on_fault) options.on_fault(end.error().what);
    if (options.once) return end;
  }
}

}  // namespace touchstone::rtl::remote
