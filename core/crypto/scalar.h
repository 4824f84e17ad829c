// Integers modulo the order n of secp256k1 (SEC 2, section 2.4.1). Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/limbs.h"

namespace touchstone::crypto {

/// A number in [0, n), secret or not: every operation runs in time independent of the values (no branch and no memory
/// index depends on one), and the limbs are wiped when the object ends. Copies are allowed and wipe themselves too.
class Scalar {
 public:
  Scalar() = default;  ///< zero
  ~Scalar() { wipe(limbs_.data(), sizeof limbs_); }
  Scalar(const Scalar&) = default;
  Scalar& operator=(const Scalar&) = default;
  bool operator==(const Scalar&) const = delete;  ///< use equal_constant_time

  /// A small public number.
  static Scalar from_u32(std::uint32_t value);
  /// 32 bytes big-endian; kOutOfRange if >= n (that one bit is revealed). Zero is accepted.
  static Result<Scalar> from_bytes(Bytes bytes32);
  /// 32 bytes big-endian modulo n. From uniform bytes the bias is below 2^-127.
  static Scalar from_bytes_reduce(Bytes bytes32);
  /// 64 bytes big-endian modulo n.
  static Scalar from_wide_reduce(Bytes bytes64);

  /// 32 bytes big-endian. The first form is for public values, the others for secrets.
  ByteArray<32> to_bytes() const;
  Secret<32> to_secret() const;
  void write_bytes(MutableBytes out32) const;

  Scalar operator-() const;
  friend Scalar operator+(const Scalar& a, const Scalar& b);
  friend Scalar operator*(const Scalar& a, const Scalar& b);
  friend Scalar operator-(const Scalar& a, const Scalar& b) { return a + (-b); }
  Scalar& operator+=(const Scalar& other) { return *this = *this + other; }
  Scalar& operator*=(const Scalar& other) { return *this = *this * other; }
  /// -*this if `negate`, else *this.
  Scalar negate_if(bool negate) const;
  /// `a` if `first`, else `b`.
  static Scalar select(bool first, const Scalar& a, const Scalar& b);
  /// a^(n-2), by Fermat: 1/a, and 0 for 0.
  Scalar inverse() const;
  /// The same of a public number, many times as fast (vartime.h).
  Scalar inverse_vartime() const;

  bool is_zero() const;
  /// True if > n/2 (the "high" half that BIP146 forbids for s).
  bool is_high() const;
  friend bool equal_constant_time(const Scalar& a, const Scalar& b);

 private:
  explicit Scalar(const Limbs& limbs) : limbs_(limbs) {}
  static Scalar reduce_wide(std::array<Limb, 2 * kLimbs>& wide);  // wipes its argument

  Limbs limbs_{};
};

}  // namespace touchstone::crypto
