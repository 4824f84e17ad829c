#include "crypto/scalar.h"

#include "base/check.h"
#include "base/declassify.h"

namespace touchstone::crypto {
namespace {

using Limbs = std::array<std::uint32_t, 8>;

// n = 0xffffffff ffffffff ffffffff fffffffe baaedce6 af48a03b bfd25e8c d0364141
constexpr Limbs kOrder = {0xd0364141, 0xbfd25e8c, 0xaf48a03b, 0xbaaedce6,
                          0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff};
// (n - 1) / 2
constexpr Limbs kHalfOrder = {0x681b20a0, 0xdfe92f46, 0x57a4501d, 0x5d576e73,
                              0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff};
// 2^256 - n. Numbers shrink modulo n because 2^256 is congruent to it, and x >= n exactly if x + it reaches 2^256.
constexpr std::array<std::uint32_t, 5> kComplement = {0x2fc9bebf, 0x402da173, 0x50b75fc4, 0x45512319, 1};

// Keeps the compiler from seeing that a mask is 0 or ~0 and turning the selection into a branch.
inline std::uint32_t mask_of(std::uint32_t bit) {
  std::uint32_t mask = 0u - bit;
  asm("" : "+r"(mask));
  return mask;
}

// x + `times` * (2^256 - n) for times in {0, 1} into `out`; returns the carry out of 256 bits.
std::uint32_t add_complement(const Limbs& x, std::uint32_t times, Limbs& out) {
  const std::uint32_t mask = mask_of(times);
  std::uint64_t t = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    t += std::uint64_t{x[i]} + (i < kComplement.size() ? kComplement[i] & mask : 0);
    out[i] = static_cast<std::uint32_t>(t);
    t >>= 32;
  }
  return static_cast<std::uint32_t>(t);
}

// a - b modulo 2^256 into `out`; returns the borrow.
std::uint32_t subtract(const Limbs& a, const Limbs& b, Limbs& out) {
  std::uint32_t borrow = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    const std::uint64_t t = std::uint64_t{a[i]} - b[i] - borrow;
    out[i] = static_cast<std::uint32_t>(t);
    borrow = static_cast<std::uint32_t>(t >> 63);
  }
  return borrow;
}

// x + carry * 2^256, below 2n, to the range [0, n).
void reduce_once(Limbs& x, std::uint32_t carry) {
  Limbs unused;
  const std::uint32_t too_large = carry | add_complement(x, 1, unused);
  add_complement(x, too_large, x);
  wipe(unused.data(), sizeof unused);
}

// out += a * b over all of out; limbs least significant first. a*b + out must fit.
void multiply_add(const std::uint32_t* a, std::size_t a_limbs, const std::uint32_t* b, std::size_t b_limbs,
                  std::uint32_t* out, std::size_t out_limbs) {
  for (std::size_t i = 0; i < a_limbs; ++i) {
    std::uint64_t carry = 0;
    for (std::size_t j = 0; j < b_limbs && i + j < out_limbs; ++j) {
      carry += std::uint64_t{a[i]} * b[j] + out[i + j];
      out[i + j] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
    for (std::size_t k = i + b_limbs; k < out_limbs; ++k) {
      carry += out[k];
      out[k] = static_cast<std::uint32_t>(carry);
      carry >>= 32;
    }
  }
}

// in = low + high * 2^256 becomes low + high * (2^256 - n): congruent and shorter.
template <std::size_t kOut, std::size_t kIn>
std::array<std::uint32_t, kOut> fold(std::array<std::uint32_t, kIn>& in) {
  std::array<std::uint32_t, kOut> out{};
  for (std::size_t i = 0; i < 8; ++i) out[i] = in[i];
  multiply_add(&in[8], kIn - 8, kComplement.data(), kComplement.size(), out.data(), kOut);
  wipe(in.data(), sizeof in);
  return out;
}

Limbs limbs_of(const std::uint8_t* bytes32) {
  Limbs limbs;
  for (std::size_t i = 0; i < 8; ++i) limbs[7 - i] = load_be32(bytes32 + 4 * i);
  return limbs;
}

}  // namespace

Scalar Scalar::from_u32(std::uint32_t value) { return Scalar(Limbs{value}); }

Result<Scalar> Scalar::from_bytes(Bytes bytes32) {
  TS_CHECK(bytes32.size() == 32, "a scalar has 32 bytes");
  Scalar out(limbs_of(bytes32.data()));
  Limbs unused;
  const bool too_large = declassify(add_complement(out.limbs_, 1, unused) != 0);
  wipe(unused.data(), sizeof unused);
  if (too_large) return Error{ErrorCode::kOutOfRange, "scalar is not below the group order"};
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
  std::array<std::uint32_t, 16> wide;
  for (std::size_t i = 0; i < 16; ++i) wide[15 - i] = load_be32(&bytes64[4 * i]);
  return reduce_wide(wide);
}

void Scalar::write_bytes(MutableBytes out32) const {
  TS_CHECK(out32.size() == 32, "a scalar has 32 bytes");
  for (std::size_t i = 0; i < 8; ++i) store_be32(&out32[4 * i], limbs_[7 - i]);
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
  std::uint64_t t = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    t += std::uint64_t{a.limbs_[i]} + b.limbs_[i];
    out.limbs_[i] = static_cast<std::uint32_t>(t);
    t >>= 32;
  }
  reduce_once(out.limbs_, static_cast<std::uint32_t>(t));
  return out;
}

Scalar operator*(const Scalar& a, const Scalar& b) {
  std::array<std::uint32_t, 16> wide{};
  multiply_add(a.limbs_.data(), 8, b.limbs_.data(), 8, wide.data(), wide.size());
  return Scalar::reduce_wide(wide);
}

// 512 bits -> below 2^386 -> below 2^260 -> below 2^257 -> below n. Wipes its argument on the way.
Scalar Scalar::reduce_wide(std::array<std::uint32_t, 16>& wide) {
  auto bits_386 = fold<13>(wide);
  auto bits_260 = fold<9>(bits_386);
  auto bits_257 = fold<9>(bits_260);
  Scalar out;
  for (std::size_t i = 0; i < 8; ++i) out.limbs_[i] = bits_257[i];
  reduce_once(out.limbs_, bits_257[8]);
  wipe(bits_257.data(), sizeof bits_257);
  return out;
}

Scalar Scalar::select(bool first, const Scalar& a, const Scalar& b) {
  const std::uint32_t mask = mask_of(first);
  Scalar out;
  for (std::size_t i = 0; i < 8; ++i) out.limbs_[i] = (a.limbs_[i] & mask) | (b.limbs_[i] & ~mask);
  return out;
}

Scalar Scalar::negate_if(bool negate) const { return select(negate, -*this, *this); }

Scalar Scalar::inverse() const {
  Limbs exponent = kOrder;
  exponent[0] -= 2;
  Scalar out = from_u32(1);
  for (int bit = 255; bit >= 0; --bit) {
    out *= out;
    // The exponent is public; the base alone is secret.
    if (exponent[static_cast<std::size_t>(bit / 32)] >> (bit % 32) & 1) out *= *this;
  }
  return out;
}

bool Scalar::is_zero() const { return equal_constant_time(*this, Scalar()); }

bool Scalar::is_high() const {
  Scalar unused;
  return subtract(kHalfOrder, limbs_, unused.limbs_) != 0;
}

bool equal_constant_time(const Scalar& a, const Scalar& b) {
  std::uint32_t difference = 0;
  for (std::size_t i = 0; i < 8; ++i) difference |= a.limbs_[i] ^ b.limbs_[i];
  return declassify(difference == 0);
}

}  // namespace touchstone::crypto
