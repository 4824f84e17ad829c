#include "crypto/scalar.h"

#include "base/check.h"
#include "base/declassify.h"
#include "crypto/limbs.h"
#include "crypto/vartime.h"

namespace touchstone::crypto {
namespace {

// n = 0xffffffff ffffffff ffffffff fffffffe baaedce6 af48a03b bfd25e8c d0364141
constexpr Limbs kOrder = from_words<8>({0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6,
                                        0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff});
// (n - 1) / 2
constexpr Limbs kHalfOrder = from_words<8>({0x681b20a0, 0xdfe92f46, 0x57a4501d, 0x5d576e73,
                                            0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff});
// 2^256 - n.
constexpr auto kComplement = from_words<5>({0x2fc9bebf, 0x402da173, 0x50b75fc4, 0x45512319, 1});

}  // namespace

Scalar Scalar::from_u32(std::uint32_t value) { return Scalar(Limbs{value}); }

Result<Scalar> Scalar::from_bytes(Bytes bytes32) {
  TS_CHECK(bytes32.size() == 32, "a scalar has 32 bytes");
  Scalar out(load_limbs(bytes32.data()));
  if (declassify(reaches_modulus(out.limbs_, kComplement) != 0))
    return Error{ErrorCode::kOutOfRange, "scalar is not below the group order"};
  return out;
}

Scalar Scalar::from_bytes_reduce(Bytes bytes32) {
  TS_CHECK(bytes32.size() == 32, "a scalar has 32 bytes");
  Scalar out(load_limbs(bytes32.data()));
  reduce_once(out.limbs_, 0, kComplement);
  return out;
}

Scalar Scalar::from_wide_reduce(Bytes bytes64) {
  TS_CHECK(bytes64.size() == 64, "a wide number has 64 bytes");
  std::array<Limb, 2 * kLimbs> wide;
  for (std::size_t i = 0; i < wide.size(); ++i) wide[wide.size() - 1 - i] = load_limb(&bytes64[sizeof(Limb) * i]);
  return reduce_wide(wide);
}

void Scalar::write_bytes(MutableBytes out32) const {
  TS_CHECK(out32.size() == 32, "a scalar has 32 bytes");
  store_limbs(limbs_, out32.data());
}

ByteArray<32> Scalar::to_bytes() const {
  ByteArray<32> out;
  write_bytes(out);
  return out;
}

Secret<32> Scalar::to_secret() const {
  Secret<32> out;
  write_bytes(out.expose());
  return out;
}

Scalar Scalar::operator-() const {
  Scalar out;
  subtract(kOrder, limbs_, out.limbs_);
  reduce_once(out.limbs_, 0, kComplement);  // n - 0 = n goes to 0
  return out;
}

Scalar operator+(const Scalar& a, const Scalar& b) {
  Scalar out;
  add(a.limbs_, b.limbs_, kComplement, out.limbs_);
  return out;
}

Scalar operator*(const Scalar& a, const Scalar& b) {
  auto wide = multiply(a.limbs_, b.limbs_);
  return Scalar::reduce_wide(wide);
}

// 512 bits -> below 2^386 -> below 2^260 -> below 2^257 -> below n. Wipes its argument on the way.
Scalar Scalar::reduce_wide(std::array<Limb, 2 * kLimbs>& wide) {
  auto bits_386 = fold<limbs_for(386)>(wide, kComplement);
  auto bits_260 = fold<limbs_for(260)>(bits_386, kComplement);
  auto bits_257 = fold<limbs_for(257)>(bits_260, kComplement);
  Scalar out;
  for (std::size_t i = 0; i < kLimbs; ++i) out.limbs_[i] = bits_257[i];
  reduce_once(out.limbs_, bits_257[kLimbs], kComplement);
  wipe(bits_257.data(), sizeof bits_257);
  return out;
}

Scalar Scalar::select(bool first, const Scalar& a, const Scalar& b) {
  Scalar out;
  crypto::select(first, a.limbs_, b.limbs_, out.limbs_);
  return out;
}

Scalar Scalar::negate_if(bool negate) const { return select(negate, -*this, *this); }

Scalar Scalar::inverse() const {
  Limbs exponent = kOrder;
  exponent[0] -= 2;
  Scalar out = from_u32(1);
  for (std::size_t bit = 256; bit-- > 0;) {
    out *= out;
    // The exponent is public; the base alone is secret.
    if (exponent[bit / kLimbBits] >> (bit % kLimbBits) & 1) out *= *this;
  }
  return out;
}

Scalar Scalar::inverse_vartime() const { return Scalar(crypto::inverse_vartime(limbs_, kOrder)); }

bool Scalar::is_zero() const { return equal_constant_time(*this, Scalar()); }

bool Scalar::is_high() const {
  Scalar unused;
  return subtract(kHalfOrder, limbs_, unused.limbs_) != 0;
}

bool equal_constant_time(const Scalar& a, const Scalar& b) {
  Limb difference = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) difference |= a.limbs_[i] ^ b.limbs_[i];
  return declassify(difference == 0);
}

}  // namespace touchstone::crypto
