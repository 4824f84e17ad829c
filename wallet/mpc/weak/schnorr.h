// Schnorr signing by several parties as it must not be done. Each class is one classical mistake; attacks.h breaks it.
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/seed.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"

namespace touchstone::mpc::weak {

struct SchnorrSignature {
  crypto::Point nonce;
  crypto::Scalar s;
};
/// SHA-256(R | X | m) modulo n.
crypto::Scalar schnorr_challenge(const crypto::Point& nonce, const crypto::Point& key, Bytes message);
bool schnorr_verify(crypto::Curve& curve, const SchnorrSignature& signature, const crypto::Point& key, Bytes message);

/// One of several who sign together, the group's key and nonce being plain sums. Its nonce is one point, said before it knows what
/// will be signed, in as many sessions at once as anybody likes (BN06's simplification, CoSi, MuSig's first version).
class OneNonceSigner {
 public:
  /// `curve` must outlive the object.
  OneNonceSigner(crypto::Curve& curve, const crypto::Scalar& key, Random random);
  const crypto::Point& public_key() const { return public_key_; }
  /// A new session; its nonce is said at once.
  std::size_t open();
  const crypto::Point& nonce(std::size_t session) const { return sessions_.at(session).point; }
  /// This party's part of a signature under `group_key` with the group's nonce `group_nonce`. Once a session.
  crypto::Scalar sign(std::size_t session, const crypto::Point& group_nonce, const crypto::Point& group_key, Bytes message);

 private:
  struct Session {
    crypto::Scalar nonce;
    crypto::Point point;
    bool used = false;
  };
  crypto::Curve& curve_;
  crypto::Scalar key_;
  crypto::Point public_key_;
  Random random_;
  std::vector<Session> sessions_;
};

/// The nonce is a function of key and message alone, as is right for one signer (RFC 6979) and wrong for two.
class DeterministicSigner {
 public:
  DeterministicSigner(crypto::Curve& curve, const crypto::Scalar& key);
  const crypto::Point& public_key() const { return public_key_; }
  crypto::Point nonce(Bytes message) const;
  crypto::Scalar sign(const crypto::Point& group_nonce, const crypto::Point& group_key, Bytes message) const;

 private:
  crypto::Scalar nonce_of(Bytes message) const;
  crypto::Curve& curve_;
  crypto::Scalar key_;
  crypto::Point public_key_;
};

struct EcdsaSignature {
  crypto::Scalar r, s;
};
/// ECDSA with a generator whose highest `zero_bits` are stuck at zero.
class BiasedEcdsaSigner {
 public:
  BiasedEcdsaSigner(crypto::Curve& curve, const crypto::Scalar& key, unsigned zero_bits, Random random);
  const crypto::Point& public_key() const { return public_key_; }
  EcdsaSignature sign(const ByteArray<32>& digest);

 private:
  crypto::Curve& curve_;
  crypto::Scalar key_;
  crypto::Point public_key_;
  unsigned zero_bits_;
  Random random_;
};

}  // namespace touchstone::mpc::weak
