// What FROST's parties know alike about their key, and the key as one signature uses it. Public data, variable time.
// Freestanding.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "mpc_frost/suite.h"
#include "mpc_session/parties.h"

namespace touchstone::mpc::frost {

/// A key shared t of n, in one epoch: old shares and new ones are points of different polynomials.
struct GroupKey {
  Parties parties;
  std::uint8_t threshold = 0;  ///< t: so many sign, one fewer learn nothing
  std::uint32_t epoch = 0;
  crypto::Point point;                                         ///< Y, the public key before tweaks
  std::array<crypto::Point, kMaxParties> verification_shares;  ///< Y_i, in the order of the parties

  /// Over everything above: no session, offset or proof of one key or epoch fits another.
  ByteArray<32> digest() const;
};

/// t of n as this library allows it. t = 1 is refused: every party would hold the whole key, which must not exist.
/// Errors: kOutOfRange.
Status check_threshold(std::size_t threshold, std::size_t parties);

/// Lambda_i: what weighs party `at` when `signers`, it among them, interpolate at 0 (RFC 9591, section 4.2).
crypto::Scalar lagrange_coefficient(const Parties& signers, PartyId at);

struct Tweak {
  ByteArray<32> value;  ///< big-endian, below n
  bool is_xonly;        ///< added to the key with even y (BIP341), else to the key itself (BIP32)
};

/// A group's key with its tweaks, as all signers of one suite use it.
class SigningKey {
 public:
  /// The tweaks are applied in order, one multiplication each. Errors: kUnsupported (a tweak with kRfc9591),
  /// kOutOfRange (tweak >= n, threshold), kInfinity, kDevice.
  static Result<SigningKey> create(crypto::Curve& curve, Suite suite, const GroupKey& group,
                                   std::span<const Tweak> tweaks);

  Suite suite() const { return suite_; }
  const GroupKey& group() const { return group_; }
  /// After the tweaks; BIP340: with even y.
  const crypto::Point& point() const { return point_; }
  /// True if every signer uses the negative of its share: tweaks and even y have turned the key's sign.
  bool negates_shares() const { return negates_shares_; }
  /// What the tweaks add to the secret of point().
  const crypto::Scalar& tweak() const { return tweak_; }

 private:
  Status apply(crypto::Curve& curve, const Tweak& tweak);
  void make_y_even();

  Suite suite_ = Suite::kBip340;
  GroupKey group_;
  crypto::Point point_;
  bool negates_shares_ = false;
  crypto::Scalar tweak_;
};

}  // namespace touchstone::mpc::frost
