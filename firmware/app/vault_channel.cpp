#include "app/vault_channel.h"

#include "crypto/hkdf.h"
#include "crypto/point.h"

namespace touchstone::firmware {

namespace noise = mpc::noise;

VaultChannel::VaultChannel(crypto::Curve& curve, Entropy& entropy, Bytes seed) : curve_(curve), entropy_(entropy) {
  constexpr std::string_view kPurpose = "touchstone/card/channel";
  Secret<64> wide;
  crypto::hkdf_sha512(seed, {}, {reinterpret_cast<const std::uint8_t*>(kPurpose.data()), kPurpose.size()}, wide.expose());
  secret_ = crypto::Scalar::from_wide_reduce(wide.expose());
}

Result<ChannelAnswer> VaultChannel::answer(const ChannelHello& untrusted_hello) {
  forget();
  if (!public_key_) {
    const auto point = curve_.multiply_base(secret_);
    TS_RETURN_IF_ERROR(point);
    public_key_ = crypto::compress(*point);
  }
  Secret<32> random;
  TS_RETURN_IF_ERROR(entropy_.fill(random.expose()));
  auto started = noise::Handshake::start(curve_, noise::kCardPattern, false, {secret_, *public_key_}, std::nullopt, noise::card_prologue(),
                                         random.expose());
  if (!started) return started.error();
  TS_RETURN_IF_ERROR(started->read(untrusted_hello, {}));
  ChannelAnswer out;
  TS_RETURN_IF_ERROR(started->write({}, out));
  handshake_.emplace(static_cast<noise::Handshake&&>(*started));
  return out;
}

Result<OpenChannel> VaultChannel::open(const ChannelClosing& untrusted_closing) {
  if (!handshake_) return Error{ErrorCode::kState, "no handshake"};
  const auto finish = [&]() -> Result<OpenChannel> {
    TS_RETURN_IF_ERROR(handshake_->read(untrusted_closing, {}));
    auto keys = handshake_->finish_raw();
    if (!keys) return keys.error();
    binding_ = keys->channel_binding;
    wallet_ = handshake_->peer();
    return OpenChannel{static_cast<Secret<32>&&>(keys->send), static_cast<Secret<32>&&>(keys->receive), *wallet_};
  };
  auto out = finish();
  handshake_.reset();
  return out;
}

void VaultChannel::forget() {
  handshake_.reset();
  wallet_.reset();
  binding_ = {};
}

}  // namespace touchstone::firmware
