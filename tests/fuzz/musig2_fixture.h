// Three parties and their MuSig2 sessions under fuzz, the same in the target and in its first inputs.
#pragma once

#include <array>
#include <optional>

#include "curve_host/host_curve.h"
#include "mpc/musig2_party.h"

namespace touchstone::fuzz {

namespace musig2 = mpc::musig2;

class Musig2Fixture {
 public:
  Musig2Fixture() : keys_(aggregate(3)), pair_(aggregate(2)) {
    const std::array<mpc::PartyId, 3> ids = {1, 2, 3};
    parties_ = mpc::Parties::of(ids).value();
  }
  musig2::PartySession signer(mpc::PartyId own) {
    return musig2::PartySession::create(curve_, crypto::schnorr_verify, parties_, own, share(own), keys_, message(), {}, random32(own)).value();
  }
  /// Two parties, 1 the wallet and 2 the card.
  musig2::PublicNonce start(musig2::Initiator& wallet) { return wallet.start(share(1), pair_, message(), random32(1)).value(); }
  Result<musig2::DeterministicSignature> respond(Bytes untrusted_nonce66) {
    return musig2::respond(curve_, share(2), pair_, message(), untrusted_nonce66, random32(2));
  }
  musig2::Initiator wallet() { return {curve_, crypto::schnorr_verify}; }

 private:
  musig2::KeyAggContext aggregate(std::size_t size) {
    std::array<crypto::CompressedPoint, 3> points;
    for (std::size_t i = 0; i < size; ++i) points[i] = crypto::compress(curve_.multiply_base(share(static_cast<mpc::PartyId>(i + 1))).value());
    return musig2::aggregate_keys(curve_, std::span(points).first(size), {}).value();
  }
  static crypto::Scalar share(mpc::PartyId own) { return crypto::Scalar::from_u32(6u + own); }
  static ByteArray<32> random32(mpc::PartyId own) { return {own}; }
  static ByteArray<32> message() { return {1}; }

  crypto::HostCurve curve_;
  mpc::Parties parties_;
  musig2::KeyAggContext keys_, pair_;
};

}  // namespace touchstone::fuzz
