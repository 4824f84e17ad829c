// Integers modulo the field prime p = 2^256 - 2^32 - 977 of secp256k1 (SEC 2, section 2.4.1), for what the Curve border
// does not do. Freestanding.
#pragma once

#include "base/bytes.h"
#include "crypto/limbs.h"

namespace touchstone::crypto {

/// A number in [0, p), secret or not: as Scalar, every operation whose name does not end in _vartime takes the same
/// time for all values, and the limbs are wiped when the object ends.
class FieldElement {
 public:
  FieldElement() = default;  ///< zero
  ~FieldElement() { wipe(limbs_.data(), sizeof limbs_); }
  FieldElement(const FieldElement&) = default;
  FieldElement& operator=(const FieldElement&) = default;
  bool operator==(const FieldElement&) const = delete;

  /// 32 bytes big-endian modulo p. From uniform bytes the bias is below 2^-222.
  static FieldElement from_bytes_reduce(Bytes bytes32);
  /// A constant, words least significant first, below p.
  static FieldElement from_words(const std::array<std::uint32_t, 8>& words) {
    return FieldElement(crypto::from_words<8>(words));
  }
  /// 32 bytes big-endian.
  ByteArray<32> to_bytes() const;

  friend FieldElement operator+(const FieldElement& a, const FieldElement& b);
  friend FieldElement operator-(const FieldElement& a, const FieldElement& b);
  friend FieldElement operator*(const FieldElement& a, const FieldElement& b);
  /// `a` if the bit `first` is 1, `b` if it is 0.
  static FieldElement select(Limb first, const FieldElement& a, const FieldElement& b);
  /// The lowest bit: sgn0 of RFC 9380, section 4.1.
  Limb parity() const { return limbs_[0] & 1; }

  /// 1/a, and 0 for 0; public.
  FieldElement inverse_vartime() const;
  /// Whether it is a square, zero too; public.
  bool is_square_vartime() const;

 private:
  explicit FieldElement(const Limbs& limbs) : limbs_(limbs) {}
  Limbs limbs_{};
};

}  // namespace touchstone::crypto
