// secp256k1 as an oracle of the accelerator needs it, in two implementations that share nothing with each other or with
// rtl.
#pragma once

#include <memory>
#include <optional>

#include "core.h"

namespace touchstone::rtl_tools {

/// A point of the curve; nothing: infinity.
using MaybePoint = std::optional<Affine>;

class Reference {
 public:
  virtual ~Reference() = default;
  virtual const char* name() const = 0;
  /// Both coordinates below p, and the equation holds.
  virtual bool on_curve(const Affine& untrusted) = 0;
  /// `p` on the curve, k below n.
  virtual MaybePoint multiply(const Number& k, const Affine& p) = 0;
  virtual MaybePoint add(const MaybePoint& p, const MaybePoint& q) = 0;
  /// The point with this x and an even y, if there is one.
  virtual std::optional<Affine> lift_x(const Number& untrusted_x) = 0;
  /// Modulo n, of operands below n; 1/0 = 0.
  virtual Number add_n(const Number& a, const Number& b) = 0;
  virtual Number multiply_n(const Number& a, const Number& b) = 0;
  virtual Number invert_n(const Number& a) = 0;
};

std::unique_ptr<Reference> make_libsecp256k1();
/// The group law in affine coordinates, double-and-add, Euclid: as in a textbook (Hankerson, Menezes, Vanstone, Guide
/// to Elliptic Curve Cryptography, 3.1), over Boost.Multiprecision.
std::unique_ptr<Reference> make_textbook();

extern const Number kPrime, kOrder;
extern const Affine kGenerator;

/// Operands that only somebody who knows the curve can make; by the textbook's arithmetic.
Number reduce_n(const Number& a);         ///< a modulo n
Number negate_n(const Number& a);         ///< n - a, for a below n; 0 for 0
Affine negate(const Affine& p);           ///< for y in (0, p)
Affine point_with_x_above_p(unsigned i);  ///< of the curve if x is taken modulo p; the i-th such point, i < 32
Affine point_with_y_above_p(unsigned i);  ///< the same for y
Affine twist_point(
    const Number& x);  ///< on y^2 = x^3 - 7, the quadratic twist (-1 is no square); x, or the next that has one

}  // namespace touchstone::rtl_tools
