// SealedWire: a Wire of which only the wallet at the other end of a channel (mpc_channel/card_channel.h) can read or write anything.
// Freestanding.
//
// Whatever is wrong with a message - changed, repeated, left out, of somebody else - ends the connection; the listener hears of nothing
// but whole messages of an open channel.
#pragma once

#include "app/vault.h"
#include "app/wire.h"
#include "mpc_channel/noise.h"

namespace touchstone::firmware {

class SealedWire : public Wire, private WireListener {
 public:
  /// Both outlive the object. `vault` shakes hands.
  SealedWire(Wire& open_air, Vault& vault) : air_(open_air), vault_(vault) {}

  void start(WireListener& listener) override;
  bool waits() override { return air_.waits(); }
  void poll() override { air_.poll(); }
  Status send(Bytes message) override;
  bool can_send() const override { return state_ == State::kOpen && air_.can_send(); }
  bool receiving() const override { return air_.receiving(); }
  void disconnect() override { air_.disconnect(); }
  const crypto::CompressedPoint& peer() const override { return peer_; }

 private:
  enum class State : std::uint8_t { kClosed, kHello, kClosing, kOpen };

  void on_open() override { state_ = State::kHello; }
  void on_message(Bytes untrusted_message) override;
  void on_closed() override;
  Status answer(Bytes untrusted_hello);
  Status open(Bytes untrusted_closing);
  Status take(Bytes untrusted_sealed);

  Wire& air_;
  Vault& vault_;
  WireListener* listener_ = nullptr;
  State state_ = State::kClosed;
  mpc::noise::CipherState send_, receive_;
  crypto::CompressedPoint peer_{};
  ByteArray<contract::kMaxMessageBytes> opened_{};
  ByteArray<kMaxAnswerBytes + mpc::noise::kTagBytes> sealed_{};
};

}  // namespace touchstone::firmware
