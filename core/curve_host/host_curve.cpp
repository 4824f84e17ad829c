#include "curve_host/host_curve.h"

#include <secp256k1.h>
#include <secp256k1_ecdh.h>
#include <secp256k1_extrakeys.h>
#include <secp256k1_schnorrsig.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/secret.h"

namespace touchstone::crypto {
namespace {

constexpr Error kPointError{ErrorCode::kNotOnCurve, "not a point of secp256k1"};

Point to_point(const secp256k1_pubkey& key) {
  ByteArray<65> bytes;
  std::size_t size = bytes.size();
  secp256k1_ec_pubkey_serialize(secp256k1_context_static, bytes.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
  Point point;
  std::copy_n(bytes.begin() + 1, 32, point.x.begin());
  std::copy_n(bytes.begin() + 33, 32, point.y.begin());
  point.infinity = false;
  return point;
}

bool parse(const Point& point, secp256k1_pubkey& out) {
  ByteArray<65> bytes{4};
  std::copy(point.x.begin(), point.x.end(), bytes.begin() + 1);
  std::copy(point.y.begin(), point.y.end(), bytes.begin() + 33);
  return secp256k1_ec_pubkey_parse(secp256k1_context_static, &out, bytes.data(), bytes.size()) == 1;
}

// Makes secp256k1_ecdh, the library's constant-time k*P, hand out both coordinates.
int copy_coordinates(unsigned char* output, const unsigned char* x32, const unsigned char* y32, void*) {
  std::copy_n(x32, 32, output);
  std::copy_n(y32, 32, output + 32);
  return 1;
}

}  // namespace

// Blinding of the context is left out: it would need randomness, and the simulator's hosts have no side channel.
struct HostCurve::Context {
  std::unique_ptr<secp256k1_context, void (*)(secp256k1_context*)> library{
      secp256k1_context_create(SECP256K1_CONTEXT_NONE), secp256k1_context_destroy};
};

HostCurve::HostCurve() : context_(std::make_unique<Context>()) {}
HostCurve::~HostCurve() = default;

Result<Point> HostCurve::multiply(const Scalar& k, const Point& p) {
  if (p.infinity) return Point{};
  secp256k1_pubkey key;
  if (!parse(p, key)) return kPointError;
  if (k.is_zero()) return Point{};
  const Secret<32> scalar = k.to_secret();
  ByteArray<64> coordinates;
  const int done = secp256k1_ecdh(context_->library.get(), coordinates.data(), &key, scalar.expose().data(),
                                  copy_coordinates, nullptr);
  TS_CHECK(done == 1, "libsecp256k1 refused a valid scalar");
  Point out;
  std::copy_n(coordinates.begin(), 32, out.x.begin());
  std::copy_n(coordinates.begin() + 32, 32, out.y.begin());
  out.infinity = false;
  return out;
}

Result<Point> HostCurve::multiply_vartime(const Scalar& k, const Point& p) {
  if (p.infinity) return Point{};
  secp256k1_pubkey key;
  if (!parse(p, key)) return kPointError;
  if (k.is_zero()) return Point{};
  const int done = secp256k1_ec_pubkey_tweak_mul(context_->library.get(), &key, k.to_bytes().data());
  TS_CHECK(done == 1, "libsecp256k1 refused a valid scalar");
  return to_point(key);
}

Result<Point> HostCurve::multiply_base(const Scalar& k) {
  if (k.is_zero()) return Point{};
  const Secret<32> scalar = k.to_secret();
  secp256k1_pubkey key;
  const int done = secp256k1_ec_pubkey_create(context_->library.get(), &key, scalar.expose().data());
  TS_CHECK(done == 1, "libsecp256k1 refused a valid scalar");
  return to_point(key);
}

Result<Point> HostCurve::add(const Point& p, const Point& q) {
  std::array<secp256k1_pubkey, 2> keys;
  if (!p.infinity && !parse(p, keys[0])) return kPointError;
  if (!q.infinity && !parse(q, keys[1])) return kPointError;
  if (p.infinity) return q;
  if (q.infinity) return p;
  const std::array<const secp256k1_pubkey*, 2> terms = {&keys[0], &keys[1]};
  secp256k1_pubkey sum;
  if (secp256k1_ec_pubkey_combine(context_->library.get(), &sum, terms.data(), terms.size()) != 1) return Point{};
  return to_point(sum);
}

Result<Point> HostCurve::lift_x(const ByteArray<32>& x) {
  ByteArray<33> bytes{2};
  std::copy(x.begin(), x.end(), bytes.begin() + 1);
  secp256k1_pubkey key;
  if (secp256k1_ec_pubkey_parse(context_->library.get(), &key, bytes.data(), bytes.size()) != 1) return kPointError;
  return to_point(key);
}

Status schnorr_verify(Bytes untrusted_public_key32, Bytes message, Bytes untrusted_signature64) {
  if (untrusted_public_key32.size() != 32 || untrusted_signature64.size() != 64) {
    return Error{ErrorCode::kBadFormat, "a BIP340 key has 32 bytes, a signature 64"};
  }
  secp256k1_xonly_pubkey key;
  if (secp256k1_xonly_pubkey_parse(secp256k1_context_static, &key, untrusted_public_key32.data()) != 1)
    return kPointError;
  static constexpr std::uint8_t kNothing = 0;  // the library wants a pointer even for an empty message
  const std::uint8_t* bytes = message.empty() ? &kNothing : message.data();
  if (secp256k1_schnorrsig_verify(secp256k1_context_static, untrusted_signature64.data(), bytes, message.size(),
                                  &key) != 1) {
    return Error{ErrorCode::kBadSignature, "BIP340 signature does not verify"};
  }
  return {};
}

Result<ByteArray<64>> schnorr_sign(const Scalar& secret_key, Bytes message, Bytes auxiliary_random32) {
  TS_CHECK(auxiliary_random32.size() == 32, "BIP340 takes 32 bytes of auxiliary randomness");
  if (secret_key.is_zero()) return Error{ErrorCode::kOutOfRange, "secret key is zero"};
  std::unique_ptr<secp256k1_context, void (*)(secp256k1_context*)> context{
      secp256k1_context_create(SECP256K1_CONTEXT_NONE), secp256k1_context_destroy};
  const Secret<32> bytes = secret_key.to_secret();
  Secret<32> auxiliary;
  std::copy(auxiliary_random32.begin(), auxiliary_random32.end(), auxiliary.expose().begin());
  secp256k1_keypair pair;
  TS_CHECK(secp256k1_keypair_create(context.get(), &pair, bytes.expose().data()) == 1,
           "libsecp256k1 refused a valid key");
  secp256k1_schnorrsig_extraparams parameters = SECP256K1_SCHNORRSIG_EXTRAPARAMS_INIT;
  parameters.ndata = auxiliary.expose().data();
  static constexpr std::uint8_t kNothing = 0;
  ByteArray<64> signature;
  const int done =
      secp256k1_schnorrsig_sign_custom(context.get(), signature.data(), message.empty() ? &kNothing : message.data(),
                                       message.size(), &pair, &parameters);
  wipe(&pair, sizeof pair);
  TS_CHECK(done == 1, "libsecp256k1 could not sign");
  return signature;
}

}  // namespace touchstone::crypto
