#include "wallet/card_link.h"

#include "crypto/point.h"

namespace touchstone::wallet {

namespace noise = mpc::noise;

CardLink::CardLink(crypto::Curve& curve, const crypto::Scalar& identity, EntropySource entropy)
    : curve_(curve), identity_(identity), entropy_(std::move(entropy)) {}

Result<ByteVector> CardLink::begin() {
  close();
  const auto point = curve_.multiply_base(identity_);
  TS_RETURN_IF_ERROR(point);
  Secret<32> random;
  entropy_(random.expose());
  auto started = noise::Handshake::start(curve_, noise::kCardPattern, true, {identity_, crypto::compress(*point)}, std::nullopt,
                                         noise::card_prologue(), random.expose());
  if (!started) return started.error();
  ByteVector hello(noise::kHelloBytes);
  TS_RETURN_IF_ERROR(started->write({}, hello));
  handshake_.emplace(std::move(*started));
  return hello;
}

Result<CardLink::Taken> CardLink::take(Bytes untrusted_message) {
  auto taken = [&]() -> Result<Taken> {
    if (handshake_) return finish(untrusted_message);
    if (!open_) return Error{ErrorCode::kState, "no channel was begun"};
    if (untrusted_message.size() < noise::kTagBytes) return Error{ErrorCode::kBadFormat, "no sealed message"};
    Taken out{false, ByteVector(untrusted_message.size() - noise::kTagBytes)};
    TS_RETURN_IF_ERROR(receive_.open({}, untrusted_message, out.bytes));
    return out;
  }();
  if (!taken) close();
  return taken;
}

Result<CardLink::Taken> CardLink::finish(Bytes untrusted_answer) {
  TS_RETURN_IF_ERROR(handshake_->read(untrusted_answer, {}));
  Taken out{true, ByteVector(noise::kClosingBytes)};
  TS_RETURN_IF_ERROR(handshake_->write({}, out.bytes));
  auto keys = handshake_->finish();
  if (!keys) return keys.error();
  handshake_.reset();
  send_ = std::move(keys->send);
  receive_ = std::move(keys->receive);
  binding_ = keys->channel_binding;
  open_ = true;
  return out;
}

Result<ByteVector> CardLink::seal(Bytes message) {
  if (!open_) return Error{ErrorCode::kState, "the channel is not open"};
  ByteVector out(message.size() + noise::kTagBytes);
  TS_RETURN_IF_ERROR(send_.seal({}, message, out));
  return out;
}

void CardLink::close() {
  handshake_.reset();
  open_ = false;
  send_.wipe_now();
  receive_.wipe_now();
  binding_ = {};
}

}  // namespace touchstone::wallet
