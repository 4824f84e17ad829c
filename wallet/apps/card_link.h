// The phone's end of the channel to a card (mpc_channel/card_channel.h): between the radio, which nobody trusts, and the wallet's
// program. Knows no radio; whoever has one carries the messages.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/secret.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc_channel/card_channel.h"
#include "wallet/card_runs.h"

namespace touchstone::wallet {

class CardLink {
 public:
  /// `identity`: the phone's Noise key, the same for all its cards and all its life; a card that is paired serves nobody else. It opens
  /// the channel and nothing more: no share follows from it. `curve` outlives the object.
  CardLink(crypto::Curve& curve, const crypto::Scalar& identity, EntropySource entropy);

  /// The connection is there: the first message for the card. What there was before is forgotten. Errors: kDevice.
  Result<ByteVector> begin();
  struct Taken {
    bool opened = false;  ///< `bytes` is for the card, and the channel is open now
    ByteVector bytes;     ///< otherwise a message of the card
  };
  /// Errors end the channel: kState (none was begun), those of noise::Handshake and CipherState.
  Result<Taken> take(Bytes untrusted_message);
  /// What goes over the air for `message`; in the order of the calls. Errors: kState (the channel is not open).
  Result<ByteVector> seal(Bytes message);
  void close();

  bool is_open() const { return open_; }
  const ByteArray<32>& binding() const { return binding_; }

 private:
  Result<Taken> finish(Bytes untrusted_answer);

  crypto::Curve& curve_;
  crypto::Scalar identity_;
  EntropySource entropy_;
  std::optional<mpc::noise::Handshake> handshake_;
  bool open_ = false;
  mpc::noise::CipherState send_, receive_;
  ByteArray<32> binding_{};
};

}  // namespace touchstone::wallet
