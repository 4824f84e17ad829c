#include "mpc_weak/number.h"

#include <boost/multiprecision/miller_rabin.hpp>
#include <stdexcept>
#include <vector>

namespace touchstone::mpc::weak {

const Integer& order() {
  static const Integer n("0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
  return n;
}

Integer modulo(const Integer& a, const Integer& m) {
  Integer r = a % m;
  if (r < 0) r += m;
  return r;
}

Integer inverse(const Integer& a, const Integer& m) {
  Integer r0 = m, r1 = modulo(a, m), t0 = 0, t1 = 1;
  while (r1 != 0) {
    const Integer q = r0 / r1;
    Integer r2 = r0 - q * r1, t2 = t0 - q * t1;
    r0 = std::move(r1), r1 = std::move(r2);
    t0 = std::move(t1), t1 = std::move(t2);
  }
  if (r0 != 1) throw std::domain_error("no inverse");
  return modulo(t0, m);
}

Integer integer(const ByteArray<32>& big_endian) {
  Integer out;
  import_bits(out, big_endian.begin(), big_endian.end(), 8);
  return out;
}
Integer integer(const crypto::Scalar& s) { return integer(s.to_bytes()); }

crypto::Scalar scalar(const Integer& a) {
  Integer rest = modulo(a, order());
  ByteArray<32> bytes{};
  for (std::size_t i = 32; i-- > 0; rest >>= 8) bytes[i] = static_cast<std::uint8_t>(rest & 255);
  return crypto::Scalar::from_bytes(bytes).value();
}

Integer draw(Random& random, const Integer& bound) {
  std::vector<std::uint8_t> bytes(msb(bound) / 8 + 9);  // 64 bits more than needed: no bias to speak of
  random.fill(bytes);
  Integer out;
  import_bits(out, bytes.begin(), bytes.end(), 8);
  return out % bound;
}

Integer draw_prime(Random& random, unsigned bits) {
  for (;;) {
    const Integer top = Integer(3) << (bits - 2);  // a product of two has all its bits
    const Integer candidate = top + draw(random, Integer(1) << (bits - 2)) / 2 * 2 + 1;
    bool divided = false;
    for (unsigned p : {3u, 5u, 7u, 11u, 13u, 17u, 19u, 23u, 29u, 31u, 37u, 41u, 43u, 47u}) divided = divided || candidate % p == 0;
    if (divided) continue;
    // The witnesses come from the caller's stream too.
    struct Bits {
      using result_type = std::uint64_t;
      Random* random;
      static constexpr result_type min() { return 0; }
      static constexpr result_type max() { return ~result_type{0}; }
      result_type operator()() { return random->next_u64(); }
    } witnesses{&random};
    if (boost::multiprecision::miller_rabin_test(candidate, 30, witnesses)) return candidate;
  }
}

}  // namespace touchstone::mpc::weak
