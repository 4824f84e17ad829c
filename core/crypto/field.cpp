#include "crypto/field.h"

#include "base/check.h"
#include "crypto/vartime.h"

namespace touchstone::crypto {
namespace {

constexpr Limbs kPrime = from_words<8>({0xfffffc2f, 0xfffffffe, 0xffffffff, 0xffffffff,
                                        0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff});
constexpr auto kComplement = from_words<2>({977, 1});  // 2^256 - p

}  // namespace

FieldElement FieldElement::from_bytes_reduce(Bytes bytes32) {
  TS_CHECK(bytes32.size() == 32, "a field element has 32 bytes");
  FieldElement out(load_limbs(bytes32.data()));
  reduce_once(out.limbs_, 0, kComplement);
  return out;
}

ByteArray<32> FieldElement::to_bytes() const {
  ByteArray<32> out;
  store_limbs(limbs_, out.data());
  return out;
}

FieldElement operator+(const FieldElement& a, const FieldElement& b) {
  FieldElement out;
  add(a.limbs_, b.limbs_, kComplement, out.limbs_);
  return out;
}

FieldElement operator-(const FieldElement& a, const FieldElement& b) {
  FieldElement minus_b;  // p - b, which for b = 0 is p: a + p stays below 2p
  subtract(kPrime, b.limbs_, minus_b.limbs_);
  return a + minus_b;
}

// 512 bits -> below 2^290 -> below 2^257 -> below p.
FieldElement operator*(const FieldElement& a, const FieldElement& b) {
  auto wide = multiply(a.limbs_, b.limbs_);
  auto bits_290 = fold<limbs_for(290)>(wide, kComplement);
  auto bits_257 = fold<limbs_for(257)>(bits_290, kComplement);
  FieldElement out;
  for (std::size_t i = 0; i < kLimbs; ++i) out.limbs_[i] = bits_257[i];
  reduce_once(out.limbs_, bits_257[kLimbs], kComplement);
  wipe(bits_257.data(), sizeof bits_257);
  return out;
}

FieldElement FieldElement::select(Limb first, const FieldElement& a, const FieldElement& b) {
  FieldElement out;
  crypto::select(first, a.limbs_, b.limbs_, out.limbs_);
  return out;
}

FieldElement FieldElement::inverse_vartime() const { return FieldElement(crypto::inverse_vartime(limbs_, kPrime)); }

bool FieldElement::is_square_vartime() const { return crypto::is_square_vartime(limbs_, kPrime); }

}  // namespace touchstone::crypto
