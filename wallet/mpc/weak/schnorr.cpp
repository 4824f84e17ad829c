#include "mpc_weak/schnorr.h"

#include "crypto/sha256.h"
#include "mpc_weak/number.h"

namespace touchstone::mpc::weak {

crypto::Scalar schnorr_challenge(const crypto::Point& nonce, const crypto::Point& key, Bytes message) {
  const ByteArray<32> digest =
      crypto::Sha256().update(crypto::compress_or_zero(nonce)).update(crypto::compress(key)).update(message).finish();
  return crypto::Scalar::from_bytes_reduce(digest);
}

bool schnorr_verify(crypto::Curve& curve, const SchnorrSignature& signature, const crypto::Point& key, Bytes message) {
  const crypto::Scalar c = schnorr_challenge(signature.nonce, key, message);
  return crypto::equal(curve.multiply_base(signature.s).value(), curve.add(signature.nonce, curve.multiply(c, key).value()).value());
}

OneNonceSigner::OneNonceSigner(crypto::Curve& curve, const crypto::Scalar& key, Random random)
    : curve_(curve), key_(key), public_key_(curve.multiply_base(key).value()), random_(random) {}

std::size_t OneNonceSigner::open() {
  const crypto::Scalar nonce = scalar(draw(random_, order()));
  sessions_.push_back({nonce, curve_.multiply_base(nonce).value()});
  return sessions_.size() - 1;
}

crypto::Scalar OneNonceSigner::sign(std::size_t session, const crypto::Point& group_nonce, const crypto::Point& group_key, Bytes message) {
  Session& s = sessions_.at(session);
  TS_CHECK(!s.used, "a nonce is used once");
  s.used = true;
  return s.nonce + schnorr_challenge(group_nonce, group_key, message) * key_;
}

DeterministicSigner::DeterministicSigner(crypto::Curve& curve, const crypto::Scalar& key)
    : curve_(curve), key_(key), public_key_(curve.multiply_base(key).value()) {}

crypto::Scalar DeterministicSigner::nonce_of(Bytes message) const {
  return crypto::Scalar::from_bytes_reduce(crypto::Sha256().update(key_.to_bytes()).update(message).finish());
}
crypto::Point DeterministicSigner::nonce(Bytes message) const { return curve_.multiply_base(nonce_of(message)).value(); }
crypto::Scalar DeterministicSigner::sign(const crypto::Point& group_nonce, const crypto::Point& group_key, Bytes message) const {
  return nonce_of(message) + schnorr_challenge(group_nonce, group_key, message) * key_;
}

BiasedEcdsaSigner::BiasedEcdsaSigner(crypto::Curve& curve, const crypto::Scalar& key, unsigned zero_bits, Random random)
    : curve_(curve), key_(key), public_key_(curve.multiply_base(key).value()), zero_bits_(zero_bits), random_(random) {}

EcdsaSignature BiasedEcdsaSigner::sign(const ByteArray<32>& digest) {
  const crypto::Scalar k = scalar(1 + draw(random_, (Integer(1) << (256 - zero_bits_)) - 1));
  const crypto::Scalar r = crypto::Scalar::from_bytes_reduce(curve_.multiply_base(k).value().x);
  return {r, k.inverse() * (crypto::Scalar::from_bytes_reduce(digest) + r * key_)};
}

}  // namespace touchstone::mpc::weak
