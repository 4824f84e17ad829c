#include "app/sealed_wire.h"

#include <algorithm>

namespace touchstone::firmware {

namespace noise = mpc::noise;

void SealedWire::start(WireListener& listener) {
  listener_ = &listener;
  air_.start(*this);
}

void SealedWire::on_message(Bytes untrusted_message) {
  const auto step = [&]() -> Status {
    switch (state_) {
      case State::kHello: return answer(untrusted_message);
      case State::kClosing: return open(untrusted_message);
      case State::kOpen: return take(untrusted_message);
      case State::kClosed: break;
    }
    return {};  // of a connection that is being ended
  };
  if (step()) return;
  if (state_ == State::kOpen) receive_.wipe_now();  // nothing that follows is read
  else state_ = State::kClosed;
  air_.disconnect();
}

Status SealedWire::answer(Bytes untrusted_hello) {
  ChannelHello hello;
  if (untrusted_hello.size() != hello.size()) return Error{ErrorCode::kBadFormat, "no first message of a channel"};
  std::copy(untrusted_hello.begin(), untrusted_hello.end(), hello.begin());
  ChannelAnswer out;
  TS_ASSIGN_OR_RETURN(out, vault_.channel_answer(hello));
  state_ = State::kClosing;
  return air_.send(out);
}

Status SealedWire::open(Bytes untrusted_closing) {
  ChannelClosing closing;
  if (untrusted_closing.size() != closing.size()) return Error{ErrorCode::kBadFormat, "no last message of a handshake"};
  std::copy(untrusted_closing.begin(), untrusted_closing.end(), closing.begin());
  const auto channel = vault_.channel_open(closing);
  if (!channel) return channel.error();
  send_.set_key(channel->send.expose());
  receive_.set_key(channel->receive.expose());
  peer_ = channel->wallet;
  state_ = State::kOpen;
  listener_->on_open();
  return {};
}

Status SealedWire::take(Bytes untrusted_sealed) {
  if (untrusted_sealed.size() < noise::kTagBytes || untrusted_sealed.size() - noise::kTagBytes > opened_.size())
    return Error{ErrorCode::kBadFormat, "no sealed message"};
  const MutableBytes message = MutableBytes(opened_).first(untrusted_sealed.size() - noise::kTagBytes);
  TS_RETURN_IF_ERROR(receive_.open({}, untrusted_sealed, message));
  listener_->on_message(message);
  wipe(message.data(), message.size());
  return {};
}

Status SealedWire::send(Bytes message) {
  if (!can_send()) return Error{ErrorCode::kState, "no channel is open, or the message before is not out"};
  if (message.size() + noise::kTagBytes > sealed_.size()) return Error{ErrorCode::kTooLarge, "message"};
  const MutableBytes sealed = MutableBytes(sealed_).first(message.size() + noise::kTagBytes);
  TS_RETURN_IF_ERROR(send_.seal({}, message, sealed));
  return air_.send(sealed);
}

void SealedWire::on_closed() {
  const bool known = state_ == State::kOpen;
  state_ = State::kClosed;
  send_.wipe_now();
  receive_.wipe_now();
  peer_ = {};
  if (known) listener_->on_closed();
  else vault_.run_forget();  // half a handshake
}

}  // namespace touchstone::firmware
