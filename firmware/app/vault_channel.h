// VaultChannel: the vault's part of the channel to the wallet (mpc_channel/card_channel.h): the handshake, with a key that never
// leaves the vault. The keys of the messages do: the radio is the application's. Freestanding.
#pragma once

#include <optional>

#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "drivers/devices.h"
#include "mpc_channel/card_channel.h"

namespace touchstone::firmware {

using ChannelHello = ByteArray<mpc::noise::kHelloBytes>;
using ChannelAnswer = ByteArray<mpc::noise::kAnswerBytes>;
using ChannelClosing = ByteArray<mpc::noise::kClosingBytes>;

struct OpenChannel {
  Secret<32> send, receive;  ///< of this connection alone
  crypto::CompressedPoint wallet{};  ///< the Noise key of who is at the other end
};

class VaultChannel {
 public:
  /// `seed`: a secret of this card and firmware. `curve` and `entropy` outlive the object.
  VaultChannel(crypto::Curve& curve, Entropy& entropy, Bytes seed);

  /// The answer to the first message of a connection; the channel before is over. Errors: those of noise::Handshake, kDevice.
  Result<ChannelAnswer> answer(const ChannelHello& untrusted_hello);
  /// The last message of that handshake. Errors: those of noise::Handshake; kState (no handshake).
  Result<OpenChannel> open(const ChannelClosing& untrusted_closing);
  /// Who is at the other end of the channel that is open.
  const std::optional<crypto::CompressedPoint>& wallet() const { return wallet_; }
  /// Of the channel that is open; zeros where none is.
  const ByteArray<32>& binding() const { return binding_; }
  void forget();

 private:
  crypto::Curve& curve_;
  Entropy& entropy_;
  crypto::Scalar secret_;
  std::optional<crypto::CompressedPoint> public_key_;  // made when it is first needed
  std::optional<mpc::noise::Handshake> handshake_;
  std::optional<crypto::CompressedPoint> wallet_;
  ByteArray<32> binding_{};
};

}  // namespace touchstone::firmware
