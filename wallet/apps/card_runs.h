// The wallet's side of DKLs23 with a card: it answers the runs that the card begins (mpc_dkls/endpoint.h).
//
// The set-up that the two make lives as long as the object, which is as long as a connection; a share only from expect_key() or
// expect_signature() to end().
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/secret.h"
#include "mpc_dkls/endpoint.h"

namespace touchstone::wallet {

using ByteVector = std::vector<std::uint8_t>;
/// Fills its argument with uniform bytes: fill_from_system in a real program, a seeded stream in the simulator.
using EntropySource = std::function<void(MutableBytes)>;

class CardRuns : private mpc::Transport {
 public:
  CardRuns(crypto::Curve& curve, EntropySource entropy);

  /// The card may make the key of its share and this one. `hedge`: of the wallet's root (mpc::derive_sealing_key).
  void expect_key(const crypto::Scalar& share, std::uint32_t epoch, const Secret<32>& hedge);
  /// The card may prepare this signature and, once its owner has agreed, open it. `share`: the wallet's, with the address's tweak.
  void expect_signature(const mpc::dkls::SigningKey& key, const crypto::Scalar& share, const ByteArray<32>& message_hash,
                        const Secret<32>& hedge);
  /// What was expected is over; wipes the share.
  void end();

  /// Takes a contract::RunBegin or RunMessage; returns the answers, encoded, in order. Errors: kState (nothing is expected, or not
  /// this), kBadFormat, those of mpc::dkls::Endpoint. After one the connection is of no use.
  Result<std::vector<ByteVector>> on_message(Bytes untrusted_message);

  /// The result of what was expected, null until it is there. A signature was verified with libsecp256k1.
  const mpc::dkls::SigningKey* key() const { return endpoint_.key(); }
  const mpc::dkls::Signature* signature() const { return endpoint_.signature(); }

  /// The object's memory besides itself, for a search.
  Bytes memory() const { return *place_; }

 private:
  struct alignas(mpc::dkls::Endpoint::Memory) Place : ByteArray<sizeof(mpc::dkls::Endpoint::Memory)> {};
  struct Expected {
    bool key_only = false;
    crypto::Scalar share;
    std::uint32_t epoch = 0;
    mpc::dkls::SigningKey key;
    ByteArray<32> message_hash{};
    Secret<32> hedge;
  };
  Status send(mpc::PartyId, Bytes message) override;
  Status begin(Bytes untrusted_message);
  Status take(Bytes untrusted_message);

  EntropySource entropy_;
  std::unique_ptr<Place> place_;
  mpc::dkls::Endpoint endpoint_;
  std::unique_ptr<Expected> expected_;
  std::vector<ByteVector> answers_;
};

}  // namespace touchstone::wallet
