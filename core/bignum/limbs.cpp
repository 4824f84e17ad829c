#include "bignum/limbs.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/secret.h"

namespace touchstone::bignum {

Limb add(MutableLimbs out, Limbs a, Limbs b) {
  Limb carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const WideLimb t = WideLimb{a[i]} + b[i] + carry;
    out[i] = static_cast<Limb>(t);
    carry = static_cast<Limb>(t >> kLimbBits);
  }
  return carry;
}

Limb subtract(MutableLimbs out, Limbs a, Limbs b) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const WideLimb t = WideLimb{a[i]} - b[i] - borrow;
    out[i] = static_cast<Limb>(t);
    borrow = static_cast<Limb>(t >> kLimbBits) & 1;
  }
  return borrow;
}

Limb add_masked(MutableLimbs out, Limbs a, Limb mask) {
  Limb carry = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const WideLimb t = WideLimb{out[i]} + (a[i] & mask) + carry;
    out[i] = static_cast<Limb>(t);
    carry = static_cast<Limb>(t >> kLimbBits);
  }
  return carry;
}

Limb subtract_masked(MutableLimbs out, Limbs a, Limb mask) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const WideLimb t = WideLimb{out[i]} - (a[i] & mask) - borrow;
    out[i] = static_cast<Limb>(t);
    borrow = static_cast<Limb>(t >> kLimbBits) & 1;
  }
  return borrow;
}

void assign_masked(MutableLimbs out, Limbs a, Limb mask) {
  for (std::size_t i = 0; i < out.size(); ++i) out[i] ^= (out[i] ^ a[i]) & mask;
}

void swap_masked(MutableLimbs a, MutableLimbs b, Limb mask) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Limb difference = (a[i] ^ b[i]) & mask;
    a[i] ^= difference;
    b[i] ^= difference;
  }
}

Limb is_less(Limbs a, Limbs b) {
  Limb borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    borrow = static_cast<Limb>((WideLimb{a[i]} - b[i] - borrow) >> kLimbBits) & 1;
  return borrow;
}

Limb is_zero(Limbs a) {
  Limb any = 0;
  for (const Limb limb : a) any |= limb;
  return static_cast<Limb>((WideLimb{any} - 1) >> kLimbBits) & 1;
}

Limb is_equal(Limbs a, Limbs b) {
  Limb any = 0;
  for (std::size_t i = 0; i < a.size(); ++i) any |= a[i] ^ b[i];
  return static_cast<Limb>((WideLimb{any} - 1) >> kLimbBits) & 1;
}

void halve(MutableLimbs out, Limb top_bit) {
  for (std::size_t i = 0; i + 1 < out.size(); ++i) out[i] = out[i] >> 1 | out[i + 1] << (kLimbBits - 1);
  out.back() = out.back() >> 1 | top_bit << (kLimbBits - 1);
}

Limb twice(MutableLimbs out, Limb low_bit) {
  for (Limb& limb : out) {
    const Limb top = limb >> (kLimbBits - 1);
    limb = limb << 1 | low_bit;
    low_bit = top;
  }
  return low_bit;
}

// Not by clang, which does not name ADX, and whose sanitizers see through no assembler.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(TS_BIGNUM_NARROW)
#define TS_TWO_CARRY_CHAINS
namespace {

// As multiply_add_row for n / 4 > 0 blocks of four limbs, with two carry chains at once (MULX of BMI2, ADCX and ADOX of
// ADX): the compiler keeps one, which takes twice as long.
Limb multiply_add_blocks(Limb* out, const Limb* a, std::size_t blocks, Limb b) {
  Limb carry = 0, low, high, other;
  asm volatile(
      "xorl %k[low], %k[low]\n"  // clears both carries
      "1:\n"
      "mulxq (%[a]), %[low], %[high]\n"
      "adcxq %[carry], %[low]\n"
      "adoxq (%[out]), %[low]\n"
      "movq %[low], (%[out])\n"
      "mulxq 8(%[a]), %[low], %[other]\n"
      "adcxq %[high], %[low]\n"
      "adoxq 8(%[out]), %[low]\n"
      "movq %[low], 8(%[out])\n"
      "mulxq 16(%[a]), %[low], %[high]\n"
      "adcxq %[other], %[low]\n"
      "adoxq 16(%[out]), %[low]\n"
      "movq %[low], 16(%[out])\n"
      "mulxq 24(%[a]), %[low], %[carry]\n"
      "adcxq %[high], %[low]\n"
      "adoxq 24(%[out]), %[low]\n"
      "movq %[low], 24(%[out])\n"
      "leaq 32(%[a]), %[a]\n"
      "leaq 32(%[out]), %[out]\n"
      "leaq -1(%%rcx), %%rcx\n"
      "jrcxz 2f\n"
      "jmp 1b\n"
      "2:\n"
      "movl $0, %k[low]\n"
      "adcxq %[low], %[carry]\n"
      "adoxq %[low], %[carry]\n"
      : [out] "+r"(out), [a] "+r"(a), [carry] "+r"(carry), [low] "=&r"(low), [high] "=&r"(high), [other] "=&r"(other),
        "+c"(blocks)
      : "d"(b)
      : "cc", "memory");
  return carry;
}
bool has_two_carry_chains() { return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("adx"); }

}  // namespace
#endif

Limb multiply_add_row(Limb* out, const Limb* a, std::size_t n, Limb b) {
  Limb carry = 0;
  std::size_t i = 0;
#if defined(TS_TWO_CARRY_CHAINS)
  if (n >= 4 && has_two_carry_chains()) {
    carry = multiply_add_blocks(out, a, n / 4, b);
    i = n / 4 * 4;
  }
#endif
  const auto step = [&] {
    const WideLimb t = WideLimb{a[i]} * b + out[i] + carry;
    out[i] = static_cast<Limb>(t);
    carry = static_cast<Limb>(t >> kLimbBits);
    ++i;
  };
  while (i + 4 <= n) {
    step();
    step();
    step();
    step();
  }
  while (i < n) step();
  return carry;
}

void multiply(MutableLimbs out, Limbs a, Limbs b) {
  std::fill(out.begin(), out.end(), Limb{0});
  for (std::size_t i = 0; i < b.size(); ++i) out[i + a.size()] = multiply_add_row(&out[i], a.data(), a.size(), b[i]);
}

void square(MutableLimbs out, Limbs a) {
  const std::size_t n = a.size();
  std::fill(out.begin(), out.end(), Limb{0});
  for (std::size_t i = 0; i + 1 < n; ++i) out[i + n] = multiply_add_row(&out[2 * i + 1], &a[i + 1], n - i - 1, a[i]);
  // Every product of two different limbs counts twice; then the squares of single limbs.
  Limb shifted = 0, carry = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const WideLimb own = WideLimb{a[i]} * a[i];
    const Limb low = out[2 * i] << 1 | shifted, high = out[2 * i + 1] << 1 | out[2 * i] >> (kLimbBits - 1);
    shifted = out[2 * i + 1] >> (kLimbBits - 1);
    WideLimb t = WideLimb{low} + static_cast<Limb>(own) + carry;
    out[2 * i] = static_cast<Limb>(t);
    t = WideLimb{high} + static_cast<Limb>(own >> kLimbBits) + static_cast<Limb>(t >> kLimbBits);
    out[2 * i + 1] = static_cast<Limb>(t);
    carry = static_cast<Limb>(t >> kLimbBits);
  }
}

void divide(MutableLimbs quotient, MutableLimbs remainder, Limbs numerator, Limbs denominator) {
  TS_CHECK(quotient.size() == numerator.size() && remainder.size() == denominator.size(), "sizes of a division");
  std::fill(remainder.begin(), remainder.end(), Limb{0});
  std::fill(quotient.begin(), quotient.end(), Limb{0});
  for (std::size_t bit = numerator.size() * kLimbBits; bit-- > 0;) {
    const Limb next = numerator[bit / kLimbBits] >> (bit % kLimbBits) & 1;
    const Limb overflow = twice(remainder, next);
    const Limb fits = overflow | (is_less(remainder, denominator) ^ 1);
    subtract_masked(remainder, denominator, mask_of(fits));
    quotient[bit / kLimbBits] |= fits << (bit % kLimbBits);
  }
}

std::uint32_t remainder_small(Limbs a, std::uint32_t divisor) {
  std::uint32_t remainder = 0;
  for (std::size_t i = a.size(); i-- > 0;)
    for (std::size_t shift = kLimbBits; shift > 0;) {
      shift -= 16;
      remainder = (remainder << 16 | static_cast<std::uint32_t>(a[i] >> shift & 0xffff)) % divisor;
    }
  return remainder;
}

Limb invert(MutableLimbs out, Limbs x, Limbs odd_m) {
  TS_CHECK(out.size() <= kMaxLimbs && x.size() == out.size() && odd_m.size() == out.size(), "sizes of an inversion");
  // a = u*x and b = v*x modulo m throughout; a shrinks by a bit a step, or b takes its place.
  struct {
    std::array<Limb, kMaxLimbs> a, b, u;
  } work{};
  const std::size_t n = out.size();
  const MutableLimbs a(work.a.data(), n), b(work.b.data(), n), u(work.u.data(), n), v = out;
  std::copy(x.begin(), x.end(), a.begin());
  std::copy(odd_m.begin(), odd_m.end(), b.begin());
  u[0] = 1;
  std::fill(v.begin(), v.end(), Limb{0});
  for (std::size_t step = 0; step < 2 * n * kLimbBits; ++step) {
    const Limb odd = a[0] & 1;
    const Limb swap = mask_of(odd & is_less(a, b));
    swap_masked(a, b, swap);
    swap_masked(u, v, swap);
    subtract_masked(a, b, mask_of(odd));
    const Limb borrow = subtract_masked(u, v, mask_of(odd));
    add_masked(u, odd_m, mask_of(borrow));
    halve(a, 0);
    const Limb carry = add_masked(u, odd_m, mask_of(u[0] & 1));
    halve(u, carry);
  }
  // b is the greatest common divisor.
  Limb is_one = 0;
  for (std::size_t i = 1; i < n; ++i) is_one |= b[i];
  is_one |= b[0] ^ 1;
  is_one = is_zero(Limbs(&is_one, 1));
  wipe(&work, sizeof work);
  return is_one;
}

void load_bytes(MutableLimbs out, Bytes bytes) {
  TS_CHECK(bytes.size() <= out.size() * kLimbBytes, "the number is longer than its place");
  std::fill(out.begin(), out.end(), Limb{0});
  for (std::size_t i = 0; i < bytes.size(); ++i)
    out[i / kLimbBytes] |= Limb{bytes[bytes.size() - 1 - i]} << (8 * (i % kLimbBytes));
}

void store_bytes(MutableBytes bytes, Limbs a) {
  TS_CHECK(bytes.size() == a.size() * kLimbBytes, "a number is stored in its whole length");
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(a[i / kLimbBytes] >> (8 * (i % kLimbBytes)));
}

}  // namespace touchstone::bignum
