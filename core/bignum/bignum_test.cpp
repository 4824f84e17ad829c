// Numbers against OpenSSL's BIGNUM: random values and the ones where carries and reductions turn.
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include <memory>
#include <vector>

#include "base/seed.h"
#include "bignum/montgomery.h"
#include "bignum/prime.h"
#include "support/hex.h"

namespace touchstone::bignum {
namespace {

using test::hex;
using test::random_array;

/// OpenSSL's arithmetic; numbers own themselves.
class Big {
 public:
  Big() : n_(BN_new(), BN_free) {}
  explicit Big(Bytes bytes) : n_(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), BN_free) {}
  template <std::size_t kBits>
  Big(const Natural<kBits>& x) : Big(Bytes(x.to_bytes())) {}  // NOLINT
  BIGNUM* get() const { return n_.get(); }
  template <std::size_t kBits>
  Natural<kBits> natural() const {
    ByteArray<kBits / 8> out{};
    EXPECT_EQ(BN_bn2binpad(get(), out.data(), kBits / 8), static_cast<int>(kBits / 8));
    return Natural<kBits>::from_bytes(out);
  }

 private:
  std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> n_;
};
template <typename Operation>
Big run(Operation operation) {
  Big out;
  const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
  EXPECT_EQ(operation(out.get(), context.get()), 1);
  return out;
}
Big product(const Big& a, const Big& b) {
  return run([&](BIGNUM* r, BN_CTX* c) { return BN_mul(r, a.get(), b.get(), c); });
}
Big modulo(const Big& a, const Big& m) {
  return run([&](BIGNUM* r, BN_CTX* c) { return BN_nnmod(r, a.get(), m.get(), c); });
}
Big power_mod(const Big& a, const Big& e, const Big& m) {
  return run([&](BIGNUM* r, BN_CTX* c) { return BN_mod_exp(r, a.get(), e.get(), m.get(), c); });
}

/// Random numbers and those with long runs of ones and zeros.
template <std::size_t kBits>
std::vector<Natural<kBits>> samples(Random& random, std::size_t count) {
  std::vector<Natural<kBits>> out;
  const auto add = [&](ByteArray<kBits / 8> bytes) { out.push_back(Natural<kBits>::from_bytes(bytes)); };
  ByteArray<kBits / 8> bytes{};
  add(bytes);
  bytes.back() = 1;
  add(bytes);
  bytes.front() = 0x80;
  add(bytes);
  bytes.fill(0xff);
  add(bytes);
  bytes.back() = 0xfe;
  add(bytes);
  while (out.size() < count) {
    bytes = random_array<kBits / 8>(random);
    if (random.below(3) == 0) {
      const std::size_t from = random.below(kBits / 8), to = from + random.below(kBits / 8 - from);
      std::fill(bytes.begin() + static_cast<long>(from), bytes.begin() + static_cast<long>(to),
                random.below(2) == 0 ? 0 : 0xff);
    }
    add(bytes);
  }
  return out;
}
/// Odd, with the top bit; the extremes first.
template <std::size_t kBits>
std::vector<Natural<kBits>> moduli(Random& random, std::size_t count) {
  auto out = samples<kBits>(random, count);
  for (auto& m : out) {
    m.limbs()[0] |= 1;
    m.limbs()[Natural<kBits>::kLimbs - 1] |= Limb{1} << (kLimbBits - 1);
  }
  return out;
}

TEST(Bignum, BytesAndBits) {
  Random random = SeedTree(1).stream("bytes");
  const auto bytes = random_array<128>(random);
  const auto x = Natural<1024>::from_bytes(bytes);
  EXPECT_EQ(hex(x.to_bytes()), hex(bytes));
  EXPECT_EQ(hex(Natural<256>::resized(x).to_bytes()), hex(Bytes(bytes).last(32)));
  EXPECT_EQ(hex(Natural<64>::from_bytes(ByteArray<3>{1, 2, 3}).to_bytes()), "0000000000010203");
  EXPECT_TRUE(Natural<64>(4).bit(2));
  EXPECT_FALSE(Natural<64>(4).bit(3));
  EXPECT_DEATH((void)Natural<64>::from_bytes(Bytes(bytes).first(9)), "longer");
}

TEST(Bignum, AddSubtractCompareMultiplySquare) {
  Random random = SeedTree(2).stream("arithmetic");
  const auto values = samples<1024>(random, 30);
  for (const auto& a : values) {
    for (const auto& b : values) {
      Natural<1024> sum, difference;
      const Limb carry = add(sum, a, b), borrow = subtract(difference, a, b);
      const Big expected = run([&](BIGNUM* r, BN_CTX*) { return BN_add(r, Big(a).get(), Big(b).get()); });
      EXPECT_EQ(carry, BN_is_bit_set(expected.get(), 1024) ? 1u : 0u);
      EXPECT_EQ(borrow, BN_cmp(Big(a).get(), Big(b).get()) < 0 ? 1u : 0u);
      EXPECT_EQ(is_less(a, b), borrow);
      Natural<1024> back;
      add(back, difference, b);
      EXPECT_EQ(back, a);
      subtract(back, sum, b);
      EXPECT_EQ(back, a);
      ASSERT_EQ(a * b, product(a, b).natural<2048>());
    }
    Natural<2048> squared;
    square(squared, a);
    ASSERT_EQ(squared, a * a);
  }
}

TEST(Bignum, DivideAndInvert) {
  Random random = SeedTree(3).stream("division");
  for (const auto& n : samples<2048>(random, 12))
    for (auto d : samples<1024>(random, 8)) {
      if (d == Natural<1024>()) d = Natural<1024>(7);
      Natural<2048> quotient;
      Natural<1024> rest;
      divide(quotient, rest, n, d);
      EXPECT_EQ(rest, modulo(n, d).natural<1024>());
      EXPECT_EQ(quotient, run([&](BIGNUM* r, BN_CTX* c) {
                            return BN_div(r, nullptr, Big(n).get(), Big(d).get(), c);
                          }).natural<2048>());
      EXPECT_EQ(remainder_small(n, 65521), BN_mod_word(Big(n).get(), 65521));
    }
  std::size_t invertible = 0;
  for (const auto& m : moduli<512>(random, 12))
    for (const auto& value : samples<512>(random, 12)) {
      const auto x = modulo(value, m).natural<512>();
      Natural<512> out;
      const Limb ok = invert(out, x, m);
      const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
      const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> expected(
          BN_mod_inverse(nullptr, Big(x).get(), Big(m).get(), context.get()), BN_free);
      ASSERT_EQ(ok == 1, expected != nullptr);
      if (!ok) continue;
      ++invertible;
      EXPECT_EQ(modulo(product(out, x), m).natural<512>(), Natural<512>(1));
      EXPECT_TRUE(out < m);
    }
  EXPECT_GT(invertible, 50u);
}

template <std::size_t kBits>
void check_modulus(std::size_t count) {
  Random random = SeedTree(kBits).stream("modulus");
  const auto values = samples<kBits>(random, 8);
  for (const auto& m : moduli<kBits>(random, count)) {
    const Modulus<kBits> ring(m);
    for (const auto& a : values) {
      ASSERT_EQ(ring.leave(ring.enter(a)), modulo(a, m).template natural<kBits>());
      for (const auto& b : values) {
        const auto x = ring.enter(a), y = ring.enter(b);
        ASSERT_EQ(ring.leave(ring.multiply(x, y)), modulo(product(a, b), m).template natural<kBits>());
        ASSERT_EQ(ring.enter_wide(a * b), ring.multiply(x, y));
        ASSERT_EQ(ring.add(ring.subtract(x, y), y), x);
        ASSERT_EQ(ring.subtract(ring.add(x, y), y), x);
      }
    }
    const Natural<256> exponent = Natural<256>::from_bytes(random_array<32>(random));
    EXPECT_EQ(ring.leave(ring.power(ring.enter(values.back()), exponent)),
              power_mod(values.back(), exponent, m).template natural<kBits>());
  }
}
TEST(Bignum, Modulus1024) { check_modulus<1024>(10); }
TEST(Bignum, Modulus2048) { check_modulus<2048>(6); }
TEST(Bignum, Modulus4096) { check_modulus<4096>(4); }

TEST(Bignum, ModulusOfFewerBitsThanItsPlace) {
  Random random = SeedTree(4).stream("short");
  for (std::uint32_t small : {3u, 5u, 65537u}) {
    const Natural<1024> m(small);
    const Modulus<1024> ring(m);
    for (const auto& a : samples<1024>(random, 8)) {
      EXPECT_EQ(ring.leave(ring.enter(a)), modulo(a, m).natural<1024>());
      EXPECT_EQ(ring.leave(ring.power(ring.enter(a), a)), power_mod(a, a, m).natural<1024>());
    }
  }
  EXPECT_DEATH(Modulus<1024>(Natural<1024>(4)), "odd");
  EXPECT_DEATH(Modulus<1024>(Natural<1024>(1)), "odd");
}

template <std::size_t kBits>
void check_square_modulus(std::size_t count) {
  Random random = SeedTree(kBits).stream("square modulus");
  for (const auto& m : moduli<kBits>(random, count)) {
    const SquareModulus<kBits> ring(m);
    const Big m2 = product(m, m);
    const auto number = [&](const typename SquareModulus<kBits>::Element& x) {
      const auto pair = ring.leave(x);
      EXPECT_TRUE(pair.low < m && pair.high < m);
      return run([&](BIGNUM* r, BN_CTX*) { return BN_add(r, product(pair.high, m).get(), Big(pair.low).get()); })
          .template natural<2 * kBits>();
    };
    std::vector<std::pair<typename SquareModulus<kBits>::Element, Big>> values;
    for (const auto& a : samples<kBits>(random, 7)) {
      const auto low = modulo(a, m).template natural<kBits>(),
                 high = modulo(product(a, a), m).template natural<kBits>();
      values.emplace_back(ring.enter({low, high}),
                          run([&](BIGNUM* r, BN_CTX*) { return BN_add(r, product(high, m).get(), Big(low).get()); }));
      ASSERT_EQ(number(values.back().first), values.back().second.template natural<2 * kBits>());
      const auto split = ring.split(a);
      EXPECT_EQ(number(ring.enter(split)), Natural<2 * kBits>::resized(a));
    }
    Natural<kBits> last = m;  // m - 1 in both digits: m^2 - 1
    last.limbs()[0] -= 1;
    values.emplace_back(ring.enter({last, last}),
                        run([&](BIGNUM* r, BN_CTX*) { return BN_sub(r, m2.get(), BN_value_one()); }));
    for (const auto& [x, a] : values) {
      for (const auto& [y, b] : values) {
        ASSERT_EQ(number(ring.multiply(x, y)), modulo(product(a, b), m2).template natural<2 * kBits>());
        ASSERT_EQ(number(ring.add(x, y)),
                  modulo(run([&, p = a.get(), q = b.get()](BIGNUM* r, BN_CTX*) { return BN_add(r, p, q); }), m2)
                      .template natural<2 * kBits>());
      }
      auto squared = x;
      ring.square(squared, squared);
      ASSERT_EQ(squared, ring.multiply(x, x));
    }
    const Natural<512> exponent = Natural<512>::from_bytes(random_array<64>(random));
    EXPECT_EQ(number(ring.power(values[6].first, exponent)),
              power_mod(values[6].second, exponent, m2).template natural<2 * kBits>());
  }
}
TEST(Bignum, SquareModulus1024) { check_square_modulus<1024>(8); }
TEST(Bignum, SquareModulus2048) { check_square_modulus<2048>(5); }

TEST(Bignum, APowerMayRestAfterEveryWindowAndIsTheSame) {
  struct Rests final : PausePoint {
    void pause(std::uint32_t cost) override { windows += cost > 0 ? 1 : 0; }
    int windows = 0;
  } rests;
  Random random = SeedTree(7).stream("rests");
  auto m = Natural<1024>::from_bytes(random_array<128>(random));
  m.limbs()[0] |= 1;
  const Modulus<1024> ring(m);
  const auto a = ring.enter(Natural<1024>::from_bytes(random_array<128>(random))), b = ring.enter(Natural<1024>(3));
  const Natural<1024> zero, ones = Natural<1024>::from_bytes(ByteArray<128>{0xff, 1});
  for (const Natural<1024>& exponent : {zero, ones, Natural<1024>::from_bytes(random_array<128>(random))}) {
    const auto plain = ring.power(a, exponent), product = power_product(ring, a, exponent, b, Natural<256>(5));
    rests.windows = 0;
    pause_point = &rests;
    const bool same = ring.power(a, exponent) == plain && power_product(ring, a, exponent, b, Natural<256>(5)) == product;
    pause_point = nullptr;
    EXPECT_TRUE(same);
    EXPECT_EQ(rests.windows, 2 * 1024 / 4) << "whatever the exponent";
  }
}

TEST(Bignum, SecretsAreWiped) {
  alignas(Natural<256>) ByteArray<sizeof(Natural<256>)> storage{};
  auto* x = new (storage.data()) Natural<256>(0xffffffff);
  EXPECT_NE(storage, ByteArray<sizeof(Natural<256>)>{});
  x->~Natural();
  EXPECT_EQ(storage, ByteArray<sizeof(Natural<256>)>{});
}

TEST(Bignum, StreamIsAFunctionOfItsKeyAndStaysInBounds) {
  const ByteArray<32> key{1};
  RandomStream a(key), b(key), c(ByteArray<32>{2});
  const auto first = a.bits<512>();
  EXPECT_EQ(first, b.bits<512>());
  EXPECT_FALSE(first == a.bits<512>());
  EXPECT_FALSE(first == c.bits<512>());
  std::array<int, 5> seen{};
  for (int i = 0; i < 3000; ++i) {
    const Natural<64> bound = Natural<64>::from_bytes(ByteArray<8>{0x80, 0, 0, 0, 0, 0, 0, 5});
    EXPECT_TRUE(a.below(bound) < bound);
    ++seen[(a.bits<64>().limbs()[0] & 3)];
  }
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(seen[static_cast<std::size_t>(i)], 750, 150);
}

bool openssl_says_prime(const Big& x) {
  const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context(BN_CTX_new(), BN_CTX_free);
  return BN_check_prime(x.get(), context.get(), nullptr) == 1;
}

TEST(Prime, SmallNumbersAndPseudoprimes) {
  RandomStream bases(ByteArray<32>{3});
  for (std::uint32_t x = 5; x < 3000; x += 2)
    EXPECT_EQ(is_probable_prime(Natural<64>(x), bases, 16), openssl_says_prime(Natural<64>(x))) << x;
  // Carmichael numbers, and a product of two primes that is strong to many bases (Arnault 1995 style: 2^61-1 squared is
  // not).
  for (std::uint32_t carmichael : {561u, 41041u, 825265u, 321197185u})
    EXPECT_FALSE(is_probable_prime(Natural<64>(carmichael), bases, 16)) << carmichael;
  EXPECT_TRUE(has_small_factor(Natural<64>(4093u * 5u)));
  EXPECT_FALSE(has_small_factor(Natural<64>(4099)));
  EXPECT_TRUE(has_small_factor(Natural<64>(10)));
}

TEST(Prime, GeneratedOnesArePrimeAndHaveTheirForm) {
  for (std::uint8_t seed = 0; seed < 3; ++seed) {
    RandomStream random(ByteArray<32>{seed, 9});
    const auto p = *generate_blum_prime<1024>(random);
    EXPECT_TRUE(openssl_says_prime(p));
    EXPECT_EQ(p.limbs()[0] & 3, 3u);
    EXPECT_TRUE(p.bit(1023) && p.bit(1022));
    auto safe = *generate_safe_prime<256>(random);
    EXPECT_TRUE(openssl_says_prime(safe));
    halve(safe, 0);
    EXPECT_TRUE(openssl_says_prime(safe));
  }
}

}  // namespace
}  // namespace touchstone::bignum
