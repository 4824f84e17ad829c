// A natural number of fixed capacity, secret or not. Freestanding.
#pragma once

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/secret.h"
#include "bignum/limbs.h"

namespace touchstone::bignum {

/// 0 .. 2^kBits - 1. Wiped when it ends; so are copies.
template <std::size_t kBits>
class Natural {
  static_assert(kBits % 64 == 0, "so that both widths of limbs hold it");

 public:
  static constexpr std::size_t kLimbs = kBits / kLimbBits;
  static constexpr std::size_t kBytes = kBits / 8;

  Natural() = default;  ///< zero
  explicit Natural(std::uint32_t small) { limbs_[0] = small; }
  /// Of at most kBytes bytes, big-endian.
  static Natural from_bytes(Bytes bytes) {
    Natural out;
    load_bytes(out.limbs_, bytes);
    return out;
  }
  /// The same number with another capacity; what does not fit is cut off.
  template <std::size_t kOther>
  static Natural resized(const Natural<kOther>& other) {
    Natural out;
    for (std::size_t i = 0; i < std::min(kLimbs, Natural<kOther>::kLimbs); ++i) out.limbs_[i] = other.limbs()[i];
    return out;
  }
  ~Natural() { wipe(limbs_.data(), sizeof limbs_); }
  Natural(const Natural&) = default;
  Natural& operator=(const Natural&) = default;

  Limbs limbs() const { return limbs_; }
  MutableLimbs limbs() { return limbs_; }
  operator Limbs() const { return limbs_; }   // NOLINT: implicit by design
  operator MutableLimbs() { return limbs_; }  // NOLINT
  void write_bytes(MutableBytes out) const { store_bytes(out, limbs_); }
  /// For public numbers; secret ones use write_bytes.
  ByteArray<kBytes> to_bytes() const {
    ByteArray<kBytes> out;
    write_bytes(out);
    return out;
  }
  bool operator==(const Natural& other) const { return is_equal(limbs_, other.limbs_) != 0; }
  bool operator<(const Natural& other) const { return is_less(limbs_, other.limbs_) != 0; }
  bool is_odd() const { return (limbs_[0] & 1) != 0; }
  /// Of the number's kBits bits.
  bool bit(std::size_t index) const { return (limbs_[index / kLimbBits] >> (index % kLimbBits) & 1) != 0; }
  void clear_bit(std::size_t index) { limbs_[index / kLimbBits] &= ~(Limb{1} << (index % kLimbBits)); }

 private:
  std::array<Limb, kLimbs> limbs_{};
};

template <std::size_t kA, std::size_t kB>
Natural<kA + kB> operator*(const Natural<kA>& a, const Natural<kB>& b) {
  Natural<kA + kB> out;
  multiply(out, a, b);
  return out;
}

/// numerator modulo denominator > 0.
template <std::size_t kN, std::size_t kD>
Natural<kD> remainder(const Natural<kN>& numerator, const Natural<kD>& denominator) {
  Natural<kN> quotient;
  Natural<kD> out;
  divide(quotient, out, numerator, denominator);
  return out;
}

}  // namespace touchstone::bignum
