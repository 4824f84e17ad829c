#include "mpc_weak/attacks.h"

#include <algorithm>
#include <unordered_map>

#include "mpc_weak/lattice.h"
#include "mpc_weak/number.h"

namespace touchstone::mpc::weak {

using crypto::Point;
using crypto::Scalar;

RogueKey rogue_key(crypto::Curve& curve, const Point& victim, const Scalar& own) {
  const Point group = curve.multiply_base(own).value();
  return {curve.add(group, crypto::negate(victim)).value(), group};
}

Scalar key_from_reused_nonce(crypto::Curve& curve, const DeterministicSigner& victim, Bytes message, Random random) {
  const Point group = victim.public_key();  // as good as any
  Scalar s[2], c[2];
  for (int i = 0; i < 2; ++i) {
    const Point nonce = curve.add(victim.nonce(message), curve.multiply_base(scalar(draw(random, order()))).value()).value();
    s[i] = victim.sign(nonce, group, message);
    c[i] = schnorr_challenge(nonce, group, message);
  }
  return (s[0] - s[1]) * (c[0] - c[1]).inverse();
}

SchnorrSignature forge_by_ros(crypto::Curve& curve, OneNonceSigner& victim, const Scalar& own, Bytes message, Random random) {
  constexpr std::size_t kSessions = 256;
  const Point group = curve.add(victim.public_key(), curve.multiply_base(own).value()).value();
  // In every session two nonces of the attacker, and so two challenges, to choose from; all before the first answer.
  struct Choice {
    std::size_t session;
    ByteArray<8> text;
    Point nonce[2];
    Scalar challenge[2];
  };
  std::vector<Choice> choices(kSessions);
  for (std::size_t i = 0; i < kSessions; ++i) {
    Choice& choice = choices[i];
    choice.session = victim.open();
    store_le64(choice.text.data(), i);
    for (int b = 0; b < 2; ++b) {
      choice.nonce[b] = curve.add(victim.nonce(choice.session), curve.multiply_base(scalar(draw(random, order()))).value()).value();
      choice.challenge[b] = schnorr_challenge(choice.nonce[b], group, choice.text);
    }
  }
  // weight_i (c_i - c_i0) = 2^i b_i for the bit b_i: any number below 2^256 is a sum of these.
  std::vector<Scalar> weight;
  Point nonce;
  Scalar fixed;
  Integer power = 1;
  for (const Choice& choice : choices) {
    weight.push_back(scalar(power) * (choice.challenge[1] - choice.challenge[0]).inverse());
    power <<= 1;
    nonce = curve.add(nonce, curve.multiply(weight.back(), victim.nonce(choice.session)).value()).value();
    fixed += weight.back() * choice.challenge[0];
  }
  const Scalar target = schnorr_challenge(nonce, group, message);
  const Integer bits = integer(target - fixed);
  Scalar s = target * own;
  for (std::size_t i = 0; i < kSessions; ++i) {
    const int b = bit_test(bits, static_cast<unsigned>(i)) ? 1 : 0;
    s += weight[i] * victim.sign(choices[i].session, choices[i].nonce[b], group, choices[i].text);
  }
  return {nonce, s};
}

std::optional<std::array<std::size_t, 4>> four_list_sum(std::span<const std::vector<std::uint64_t>, 4> lists, std::uint64_t target, unsigned bits) {
  const std::uint64_t mask = bits == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
  const unsigned low = bits / 3;
  const std::uint64_t low_mask = (std::uint64_t{1} << low) - 1;
  struct Pair {
    std::uint64_t sum;
    std::size_t first, second;
  };
  // Sums of two whose low bits are `want`.
  const auto merge = [&](const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b, std::uint64_t want) {
    std::unordered_multimap<std::uint64_t, std::size_t> by_low;
    for (std::size_t i = 0; i < a.size(); ++i) by_low.emplace(a[i] & low_mask, i);
    std::vector<Pair> out;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const auto [begin, end] = by_low.equal_range((want - b[j]) & low_mask);
      for (auto it = begin; it != end; ++it) out.push_back({(a[it->second] + b[j]) & mask, it->second, j});
    }
    return out;
  };
  const std::vector<Pair> left = merge(lists[0], lists[1], 0), right = merge(lists[2], lists[3], target & low_mask);
  std::unordered_map<std::uint64_t, const Pair*> by_sum;
  for (const Pair& p : left) by_sum.emplace(p.sum, &p);
  for (const Pair& p : right)
    if (const auto found = by_sum.find((target - p.sum) & mask); found != by_sum.end())
      return std::array{found->second->first, found->second->second, p.first, p.second};
  return std::nullopt;
}

std::optional<Scalar> key_from_biased_nonces(crypto::Curve& curve, const Point& key, std::span<const EcdsaSignature> signatures,
                                             std::span<const ByteArray<32>> digests, unsigned zero_bits) {
  // k_i = u_i + t_i x modulo n, all of them short: (k_1 n .. k_m n, x B, B n) is a short vector of the lattice below.
  const std::size_t m = signatures.size();
  const Integer& n = order();
  const Integer bound = Integer(1) << (256 - zero_bits);
  std::vector<Row> basis(m + 2, Row(m + 2));
  for (std::size_t i = 0; i < m; ++i) {
    const Scalar inverse = signatures[i].s.inverse();
    basis[i][i] = n * n;
    basis[m][i] = n * integer(inverse * signatures[i].r);
    basis[m + 1][i] = n * integer(inverse * Scalar::from_bytes_reduce(digests[i]));
  }
  basis[m][m] = bound;
  basis[m + 1][m + 1] = bound * n;
  reduce_lattice(basis);
  for (const Row& row : basis) {
    if (abs(row[m + 1]) != bound * n) continue;
    const Integer x = row[m] / bound * (row[m + 1] < 0 ? -1 : 1);
    const Scalar candidate = scalar(x);
    if (crypto::equal(curve.multiply_base(candidate).value(), key)) return candidate;
  }
  return std::nullopt;
}

}  // namespace touchstone::mpc::weak
