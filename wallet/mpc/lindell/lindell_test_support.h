// Keys and networks for the tests and measurements here. Needs a heap.
#pragma once

#include <vector>

#include "base/check.h"
#include "base/seed.h"
#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "mpc_lindell/setup.h"
#include "mpc_lindell/sign.h"
#include "mpc_session/network.h"

namespace touchstone::mpc::lindell::test_support {

using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
namespace wire = contract::lindell;

inline constexpr PartyId kOwner = 1, kEvaluator = 2;
inline constexpr std::uint8_t kQuickPedersenSeed = 0;

template <std::size_t N>
ByteArray<N> random_array(Random& random) {
  ByteArray<N> out;
  random.fill(out);
  return out;
}
inline Scalar random_scalar(Random& random) {
  return Scalar::from_bytes_reduce(random_array<32>(random));
}
inline Natural<256> natural(const Scalar& x) { return Natural<256>::from_bytes(x.to_bytes()); }

/// Keeps the last message; or takes none, as a link whose messages are shorter.
struct Port final : Transport {
  Status send(PartyId, Bytes m) override {
    if (refuses) return Error{ErrorCode::kTooLarge, "the link's messages are shorter"};
    last.assign(m.begin(), m.end());
    return {};
  }
  bool refuses = false;
  std::vector<std::uint8_t> last;
};
template <typename Message>
std::vector<std::uint8_t> encoded(const Message& message) {
  std::vector<std::uint8_t> out(Message::kMaxBytes);
  TS_CHECK(message.encode(out).ok(), "a message fits its own bound");
  return out;
}

/// One Paillier key for a whole test program: making one takes 40 ms.
inline const PaillierKey& paillier_key() {
  static const PaillierKey key = *PaillierKey::generate(ByteArray<32>{7});
  return key;
}

/// Both halves of a key as if set-up had made them, from shares and the plaintext of c_key.
struct Keys {
  Keys(crypto::Curve& curve, const Scalar& x1, const Scalar& x2, const Plaintext& encrypted,
       Random& random)
      : share2(x2),
        owner{paillier_key(), *curve.multiply_base(x1), *curve.multiply_base(x1 + x2), 1},
        evaluator{paillier_key().public_key(),
                  paillier_key().public_key().encrypt(encrypted, Natural<2048>::from_bytes(random_array<200>(random))),
                  *curve.multiply_base(x2), owner.key, 1} {}
  Keys(crypto::Curve& curve, const Scalar& x1, const Scalar& x2, Random& random)
      : Keys(curve, x1, x2, Plaintext::resized(natural(x1)), random) {}
  Scalar share2;
  OwnerKey owner;
  EvaluatorKey evaluator;
};

inline SignConfig sign_config(PartyId own, const SessionId& session, const ByteArray<32>& message_hash,
                              Random& random) {
  return {session,
          own,
          static_cast<PartyId>(kOwner + kEvaluator - own),
          message_hash,
          random_array<32>(random),
          crypto::host_ecdsa_verify};
}

/// Both signers on one network.
struct SignRun {
  SignRun(crypto::Curve& curve, const Keys& keys, Fuse& fuse, const SessionId& session, const ByteArray<32>& message,
          Random& random)
      : owner(curve, keys.owner, fuse, sign_config(kOwner, session, message, random)),
        evaluator(curve, keys.evaluator, keys.share2, sign_config(kEvaluator, session, message, random)) {
    network.join(kOwner, owner);
    network.join(kEvaluator, evaluator);
  }
  OwnerSigner owner;
  EvaluatorSigner evaluator;
  Network network;
};

/// A wallet's group; the seed is one that finds its safe primes soon.
inline const PedersenKey& pedersen_key() {
  static const PedersenKey key = *PedersenKey::generate(ByteArray<32>{kQuickPedersenSeed});
  return key;
}

inline SetupConfig setup_config(PartyId own, const SessionId& session, Random& random) {
  return {session, own, static_cast<PartyId>(kOwner + kEvaluator - own), 1, std::nullopt, random_array<32>(random)};
}

/// Both sides of a set-up on one network.
struct SetupRun {
  SetupRun(crypto::Curve& curve, const Scalar& x1, const Scalar& x2, const SetupConfig& owner_config,
           const SetupConfig& evaluator_config, const std::optional<FormerKey>& former = std::nullopt)
      : owner(curve, paillier_key(), x1, owner_config, former), evaluator(curve, pedersen_key(), x2, evaluator_config) {
    network.join(kOwner, owner);
    network.join(kEvaluator, evaluator);
  }
  OwnerSetup owner;
  EvaluatorSetup evaluator;
  Network network;
};

}  // namespace touchstone::mpc::lindell::test_support
