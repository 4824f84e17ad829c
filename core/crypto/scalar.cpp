#include "crypto/scalar.h"

#include "base/check.h"
#include "base/declassify.h"

namespace touchstone::crypto {
namespace {

// The largest limb of which the machine has products: 64 bits on hosts, 32 on the card.
#if defined(__SIZEOF_INT128__)
using Limb = std::uint64_t;
__extension__ using Wide = unsigned __int128;
#else
using Limb = std::uint32_t;
using Wide = std::uint64_t;
#endif
constexpr std::size_t kLimbBits = 8 * sizeof(Limb);
constexpr std::size_t limbs_for(std::size_t bits) { return (bits + kLimbBits - 1) / kLimbBits; }
constexpr std::size_t kLimbs = limbs_for(256);
using Limbs = std::array<Limb, kLimbs>;

/// From words, least significant first.
template <std::size_t kWords>
constexpr std::array<Limb, limbs_for(32 * kWords)> from_words(const std::array<std::uint32_t, kWords>& words) {
  std::array<Limb, limbs_for(32 * kWords)> out{};
  for (std::size_t i = 0; i < kWords; ++i) out[32 * i / kLimbBits] |= Limb{words[i]} << (32 * i % kLimbBits);
  return out;
}

// n = 0xffffffff ffffffff ffffffff fffffffe baaedce6 af48a03b bfd25e8c d0364141
constexpr Limbs kOrder = from_words<8>({0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6,
                                        0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff});
// (n - 1) / 2
constexpr Limbs kHalfOrder = from_words<8>({0x681b20a0, 0xdfe92f46, 0x57a4501d, 0x5d576e73,
                                            0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff});
// 2^256 - n. Numbers shrink modulo n because 2^256 is congruent to it, and x >= n exactly if x + it reaches 2^256.
constexpr auto kComplement = from_words<5>({0x2fc9bebf, 0x402da173, 0x50b75fc4, 0x45512319, 1});

// Keeps the compiler from seeing that a mask is 0 or ~0 and turning the selection into a branch.
inline Limb mask_of(Limb bit) {
  Limb mask = Limb{0} - bit;
  asm("" : "+r"(mask));
  return mask;
}

// x + `times` * (2^256 - n) for times in {0, 1} modulo 2^256 into `out`.
void add_complement(const Limbs& x, Limb times, Limbs& out) {
  const Limb mask = mask_of(times);
  Wide t = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += Wide{x[i]} + (i < kComplement.size() ? kComplement[i] & mask : 0);
    out[i] = static_cast<Limb>(t);
    t >>= kLimbBits;
  }
}

// 1 if x >= n.
Limb reaches_order(const Limbs& x) {
  Wide t = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += Wide{x[i]} + (i < kComplement.size() ? kComplement[i] : 0);
    t >>= kLimbBits;
  }
  return static_cast<Limb>(t);
}

// a - b modulo 2^256 into `out`; returns the borrow.
Limb subtract(const Limbs& a, const Limbs& b, Limbs& out) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    const Wide t = Wide{a[i]} - b[i] - borrow;
    out[i] = static_cast<Limb>(t);
    borrow = static_cast<Limb>(t >> (2 * kLimbBits - 1));
  }
  return borrow;
}

// x + carry * 2^256, below 2n, to the range [0, n).
void reduce_once(Limbs& x, Limb carry) {
  add_complement(x, carry | reaches_order(x), x);
}

// out += a * b over all of out; limbs least significant first. a*b + out must fit.
void multiply_add(const Limb* a, std::size_t a_limbs, const Limb* b, std::size_t b_limbs, Limb* out,
                  std::size_t out_limbs) {
  for (std::size_t i = 0; i < a_limbs; ++i) {
    Wide carry = 0;
    for (std::size_t j = 0; j < b_limbs && i + j < out_limbs; ++j) {
      carry += Wide{a[i]} * b[j] + out[i + j];
      out[i + j] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
    for (std::size_t k = i + b_limbs; k < out_limbs; ++k) {
      carry += out[k];
      out[k] = static_cast<Limb>(carry);
      carry >>= kLimbBits;
    }
  }
}

// in = low + high * 2^256 becomes low + high * (2^256 - n): congruent and shorter.
template <std::size_t kOut, std::size_t kIn>
std::array<Limb, kOut> fold(std::array<Limb, kIn>& in) {
  std::array<Limb, kOut> out{};
  for (std::size_t i = 0; i < kLimbs; ++i) out[i] = in[i];
  multiply_add(&in[kLimbs], kIn - kLimbs, kComplement.data(), kComplement.size(), out.data(), kOut);
  wipe(in.data(), sizeof in);
  return out;
}

Limb load_limb(const std::uint8_t* big_endian) {
  if constexpr (sizeof(Limb) == 8) return static_cast<Limb>(load_be64(big_endian));
  return static_cast<Limb>(load_be32(big_endian));
}

Limbs limbs_of(const std::uint8_t* bytes32) {
  Limbs limbs;
  for (std::size_t i = 0; i < kLimbs; ++i) limbs[kLimbs - 1 - i] = load_limb(bytes32 + sizeof(Limb) * i);
  return limbs;
}

}  // namespace

Scalar Scalar::from_u32(std::uint32_t value) { return Scalar(Limbs{value}); }

Result<Scalar> Scalar::from_bytes(Bytes bytes32) {
  TS_CHECK(bytes32.size() == 32, "a scalar has 32 bytes");
  Scalar out(limbs_of(bytes32.data()));
  if (declassify(reaches_order(out.limbs_) != 0))
    return Error{ErrorCode::kOutOfRange, "scalar is not below the group order"};
  return out;
}

Scalar Scalar::from_bytes_reduce(Bytes bytes32) {
  TS_CHECK(bytes32.size() == 32, "a scalar has 32 bytes");
  Scalar out(limbs_of(bytes32.data()));
  reduce_once(out.limbs_, 0);
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
  for (std::size_t i = 0; i < kLimbs; ++i) {
    if constexpr (sizeof(Limb) == 8) store_be64(&out32[8 * i], limbs_[kLimbs - 1 - i]);
    else store_be32(&out32[4 * i], static_cast<std::uint32_t>(limbs_[kLimbs - 1 - i]));
  }
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
  reduce_once(out.limbs_, 0);  // n - 0 = n goes to 0
  return out;
}

Scalar operator+(const Scalar& a, const Scalar& b) {
  Scalar out;
  Wide t = 0;
  for (std::size_t i = 0; i < kLimbs; ++i) {
    t += Wide{a.limbs_[i]} + b.limbs_[i];
    out.limbs_[i] = static_cast<Limb>(t);
    t >>= kLimbBits;
  }
  reduce_once(out.limbs_, static_cast<Limb>(t));
  return out;
}

Scalar operator*(const Scalar& a, const Scalar& b) {
  std::array<Limb, 2 * kLimbs> wide{};
  multiply_add(a.limbs_.data(), kLimbs, b.limbs_.data(), kLimbs, wide.data(), wide.size());
  return Scalar::reduce_wide(wide);
}

// 512 bits -> below 2^386 -> below 2^260 -> below 2^257 -> below n. Wipes its argument on the way.
Scalar Scalar::reduce_wide(std::array<Limb, 2 * kLimbs>& wide) {
  auto bits_386 = fold<limbs_for(386)>(wide);
  auto bits_260 = fold<limbs_for(260)>(bits_386);
  auto bits_257 = fold<limbs_for(257)>(bits_260);
  Scalar out;
  for (std::size_t i = 0; i < kLimbs; ++i) out.limbs_[i] = bits_257[i];
  reduce_once(out.limbs_, bits_257[kLimbs]);
  wipe(bits_257.data(), sizeof bits_257);
  return out;
}

Scalar Scalar::select(bool first, const Scalar& a, const Scalar& b) {
  const Limb mask = mask_of(first);
  Scalar out;
  for (std::size_t i = 0; i < kLimbs; ++i) out.limbs_[i] = (a.limbs_[i] & mask) | (b.limbs_[i] & ~mask);
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

bool Scalar::is_zero() const { return equal_constant_time(*this, Scalar()); }

bool Scalar::is_high() const {
  Scalar unused;
  return subtract(kHalfOrder, limbs_, unused.limbs_) != 0;
}

bool equal_constant_time(const Scalar& a, const Scalar& b) {
  Scalar::Limb difference = 0;
  for (std::size_t i = 0; i < Scalar::kLimbs; ++i) difference |= a.limbs_[i] ^ b.limbs_[i];
  return declassify(difference == 0);
}

}  // namespace touchstone::crypto
