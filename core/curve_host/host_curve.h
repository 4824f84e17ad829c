// The Curve of programs that run on a host, and BIP340 signatures: both by libsecp256k1.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"

namespace touchstone::crypto {

/// Point arithmetic by libsecp256k1. Multiplications are constant time in the scalar (secp256k1_ecdh and
/// secp256k1_ec_pubkey_create), but for multiply_vartime (secp256k1_ec_pubkey_tweak_mul). One object serves one thread at a time.
class HostCurve : public Curve {
 public:
  HostCurve();
  ~HostCurve() override;
  HostCurve(const HostCurve&) = delete;
  HostCurve& operator=(const HostCurve&) = delete;

  Result<Point> multiply(const Scalar& k, const Point& p) override;
  Result<Point> multiply_vartime(const Scalar& k, const Point& p) override;
  Result<Point> multiply_base(const Scalar& k) override;
  Result<Point> add(const Point& p, const Point& q) override;
  Result<Point> lift_x(const ByteArray<32>& x) override;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// BIP340 verification; any input is allowed. kBadFormat: wrong sizes. kNotOnCurve: no such public key. kBadSignature.
Status schnorr_verify(Bytes untrusted_public_key32, Bytes message, Bytes untrusted_signature64);

/// BIP340 signing by a single key with 32 bytes of auxiliary randomness. A message may have any length. kOutOfRange:
/// the secret key is zero.
Result<ByteArray<64>> schnorr_sign(const Scalar& secret_key, Bytes message, Bytes auxiliary_random32);

}  // namespace touchstone::crypto
