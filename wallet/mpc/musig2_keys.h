// MuSig2 (BIP327): sorting and aggregating public keys, and tweaking the aggregate. Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"

namespace touchstone::mpc::musig2 {

inline constexpr std::size_t kMaxParties = 16;

using PublicKey = crypto::CompressedPoint;  ///< individual key, 33 bytes, also called plain public key
using PublicNonce = ByteArray<66>;          ///< two compressed points
using AggregateNonce = ByteArray<66>;       ///< two compressed points, 33 zero bytes for infinity
using PartialSignature = ByteArray<32>;     ///< scalar, big-endian
using Signature = ByteArray<64>;            ///< BIP340

/// What somebody contributed that was wrong.
enum class Contribution : std::uint8_t {
  kNone,
  kPublicKey,
  kPublicNonce,
  kAggregateNonce,       // by the aggregator
  kAggregateOtherNonce,  // by the aggregator, to the last, deterministic signer
  kPartialSignature,
};

/// Who broke the protocol. Functions that take a Blame* set it when they fail because of a contribution; failures of
/// our own devices or arguments leave it as it was. The pointer may be null.
struct Blame {
  Contribution contribution = Contribution::kNone;
  std::optional<std::size_t> signer{};  ///< index in the list of public keys; absent: the aggregator
};

/// BIP327 KeySort: ascending order of the 33 bytes.
void sort_keys(std::span<PublicKey> keys);

/// A secret key with its public key: made once for a key, it spares every signature a multiplication. Wiped at its end.
class KeyPair {
 public:
  /// Constant time in the key. Errors: kOutOfRange (zero), kDevice.
  static Result<KeyPair> create(crypto::Curve& curve, const crypto::Scalar& secret_key);
  const crypto::Scalar& secret_key() const { return secret_key_; }
  const PublicKey& public_key() const { return public_key_; }
  void wipe_now() { secret_key_ = crypto::Scalar(); }

 private:
  KeyPair(const crypto::Scalar& secret_key, const PublicKey& public_key)
      : secret_key_(secret_key), public_key_(public_key) {}
  crypto::Scalar secret_key_;
  PublicKey public_key_;
};

struct Tweak {
  ByteArray<32> value;  ///< big-endian, below n
  bool is_xonly;        ///< added to the key with even y (Taproot), else to the key itself (BIP32)
};

/// BIP327 KeyAgg Context: the aggregate key Q with its accumulators, and what signing needs of every single key. Make
/// it once for a list of keys and tweaks and keep it: it costs one scalar multiplication a party and one a tweak.
/// Public data, variable time.
class KeyAggContext {
 public:
  /// KeyAgg. 1 to 16 keys in the order that all parties use; equal keys are allowed. Errors: kTooLarge (number of
  /// keys), kBadFormat and kNotOnCurve (a key: blamed), kInfinity, kDevice.
  static Result<KeyAggContext> create(crypto::Curve& curve, std::span<const PublicKey> untrusted_keys,
                                      Blame* blame = nullptr);

  /// ApplyTweak. Errors: kOutOfRange (tweak >= n), kInfinity, kDevice; the context is then unchanged.
  Status apply_tweak(crypto::Curve& curve, const Tweak& tweak);

  std::size_t parties() const { return parties_; }
  const PublicKey& key(std::size_t signer) const;
  const crypto::Point& point(std::size_t signer) const;
  /// KeyAggCoeff, a_i of the paper.
  const crypto::Scalar& coefficient(std::size_t signer) const;
  /// Index of the first key equal to `key`.
  std::optional<std::size_t> find(const PublicKey& key) const;

  /// Q after the tweaks so far.
  const crypto::Point& aggregate_point() const { return aggregate_; }
  /// BIP340 public key.
  const crypto::XOnlyPoint& x_only_key() const { return aggregate_.x; }
  /// True if every signer must use the negative of its key: g * gacc = -1.
  bool negates_keys() const { return key_sign_negative_ == aggregate_.has_even_y(); }
  /// g * tacc: what the tweaks add to the aggregate secret key.
  crypto::Scalar signed_tweak() const { return tweak_.negate_if(!aggregate_.has_even_y()); }

 private:
  KeyAggContext() = default;
  Status aggregate(crypto::Curve& curve, std::span<const PublicKey> untrusted_keys, Blame* blame);

  std::size_t parties_ = 0;
  std::array<PublicKey, kMaxParties> keys_{};
  std::array<crypto::Point, kMaxParties> points_{};
  std::array<crypto::Scalar, kMaxParties> coefficients_{};
  crypto::Point aggregate_{};       // Q
  bool key_sign_negative_ = false;  // gacc = -1
  crypto::Scalar tweak_{};          // tacc
};

/// KeyAgg, then all tweaks in order.
Result<KeyAggContext> aggregate_keys(crypto::Curve& curve, std::span<const PublicKey> untrusted_keys,
                                     std::span<const Tweak> tweaks, Blame* blame = nullptr);

}  // namespace touchstone::mpc::musig2
