#include "mpc_lindell/factor_proof.h"

#include <algorithm>

#include "bignum/prime.h"

namespace touchstone::mpc::lindell {

using Ring = bignum::Modulus<2048>;
namespace wire = contract::lindell;

namespace {

constexpr std::size_t kChallengeBits = 128, kHidingBits = 128;
constexpr std::size_t kLambdaBits = 256;
constexpr std::size_t kLambdaMaskBits = kLambdaBits + kHidingBits;
// Exponents of commitments, and the masks of what the responses reveal times a challenge.
constexpr std::size_t kBlindBits = 2048 + kHidingBits;
constexpr std::size_t kFactorMaskBits = 1024 + kChallengeBits + kHidingBits;
constexpr std::size_t kBlindMaskBits = kBlindBits + kChallengeBits + kHidingBits;
constexpr std::size_t kProductMaskBits = kBlindBits + 1024 + kHidingBits;
constexpr std::size_t kOuterMaskBits = kProductMaskBits + kChallengeBits + kHidingBits;
static_assert(sizeof(wire::SetupFactors::z1) * 8 == kFactorMaskBits + 64 &&
              sizeof(wire::SetupFactors::w1) * 8 == kBlindMaskBits + 64 &&
              sizeof(wire::SetupFactors::sigma) * 8 == kProductMaskBits + 64 &&
              sizeof(wire::SetupFactors::v) * 8 == kOuterMaskBits + 64);
static_assert(sizeof(wire::SetupHello::responses) * 8 == kProofRounds * kLambdaMaskBits);

bool bit_of(const ByteArray<32>& challenge, std::size_t round) {
  return (challenge[round / 8] >> (round % 8) & 1) != 0;
}

Transcript group_transcript(const wire::SetupHello& m, const Context& context) {
  Transcript out("touchstone/lindell/pedersen");
  out.add(context).add(m.fresh).add(m.commitment).add(m.modulus).add(m.s).add(m.t).add(m.s_inverse);
  return out;
}

Natural<kChallengeBits> challenge_of(const wire::SetupFactors& m, const Natural<2048>& n, const PedersenGroup& group,
                                     const Context& context) {
  const auto digest = Transcript("touchstone/lindell/factors")
                          .add(context)
                          .add(n.to_bytes())
                          .add(group.modulus.to_bytes())
                          .add(group.s.to_bytes())
                          .add(group.t.to_bytes())
                          .add(m.commit_p)
                          .add(m.commit_q)
                          .add(m.a)
                          .add(m.b)
                          .add(m.t)
                          .add(m.sigma)
                          .digest();
  return Natural<kChallengeBits>::from_bytes(Bytes(digest).first(kChallengeBits / 8));
}

struct Bases {
  explicit Bases(const PedersenGroup& group) : ring(group.modulus), s(ring.enter(group.s)), t(ring.enter(group.t)) {}
  Ring::Element commit(bignum::Limbs number, bignum::Limbs blind) const {
    return ring.multiply(ring.power(s, number), ring.power(t, blind));
  }
  Ring ring;
  Ring::Element s, t;
};

// mask + challenge * secret, in kOut bits.
template <std::size_t kOut, std::size_t kMask, std::size_t kSecret>
Natural<kOut> response(const Natural<kMask>& mask, const Natural<kChallengeBits>& challenge,
                       const Natural<kSecret>& secret) {
  Natural<kOut> out = Natural<kOut>::resized(challenge * secret);
  bignum::add(out, out, Natural<kOut>::resized(mask));
  return out;
}

}  // namespace

Result<PedersenKey> PedersenKey::generate(Bytes random32) {
  bignum::RandomStream random(random32);
  const auto p = bignum::generate_safe_prime<1024>(random);
  if (!p) return p.error();
  const auto q = bignum::generate_safe_prime<1024>(random);
  if (!q) return q.error();
  if (*p == *q) return Error{ErrorCode::kDevice, "the same prime twice: the random bytes are not random"};
  PedersenKey out;
  out.group_.modulus = *p * *q;
  const Ring ring(out.group_.modulus);
  auto t = ring.enter(random.below(out.group_.modulus));
  ring.square(t, t);
  out.lambda_ = random.bits<kLambdaBits>();
  out.group_.t = ring.leave(t);
  out.group_.s = ring.leave(ring.power(t, out.lambda_));
  if (!bignum::invert(out.s_inverse_.limbs(), out.group_.s, out.group_.modulus))
    return Error{ErrorCode::kDevice, "s has no inverse"};
  return out;
}

void PedersenKey::prove(wire::SetupHello& out, const Context& context, Bytes seed32) const {
  out.modulus = group_.modulus.to_bytes();
  out.s = group_.s.to_bytes();
  out.t = group_.t.to_bytes();
  out.s_inverse = s_inverse_.to_bytes();
  const Bases bases(group_);
  Transcript transcript = group_transcript(out, context);
  {
    bignum::RandomStream random(seed32);
    for (std::size_t round = 0; round < kProofRounds; ++round)
      transcript.add(bases.ring.leave(bases.ring.power(bases.t, random.bits<kLambdaMaskBits>())).to_bytes());
  }
  out.challenge = transcript.digest();
  bignum::RandomStream again(seed32);
  for (std::size_t round = 0; round < kProofRounds; ++round) {
    auto z = again.bits<kLambdaMaskBits>();
    const bignum::Limb mask = bignum::mask_of(bit_of(out.challenge, round));
    bignum::add_masked(z, Natural<kLambdaMaskBits>::resized(lambda_), mask);  // a carry has a chance of 2^-128
    z.write_bytes(MutableBytes(out.responses).subspan(round * kLambdaMaskBits / 8, kLambdaMaskBits / 8));
  }
}

Result<PedersenGroup> verify_pedersen(const wire::SetupHello& untrusted, const Context& context) {
  const PedersenGroup group{Natural<2048>::from_bytes(untrusted.modulus), Natural<2048>::from_bytes(untrusted.s),
                            Natural<2048>::from_bytes(untrusted.t)};
  const auto inverse = Natural<2048>::from_bytes(untrusted.s_inverse);
  if (!group.modulus.is_odd() || !group.modulus.bit(2047) || !(group.s < group.modulus) || !(group.t < group.modulus) ||
      !(inverse < group.modulus))
    return Error{ErrorCode::kOutOfRange, "not a group"};
  const Bases bases(group);
  const auto s_inverse = bases.ring.enter(inverse);
  if (!(bases.ring.multiply(bases.s, s_inverse) == bases.ring.one()))
    return Error{ErrorCode::kMismatch, "not the inverse"};
  Transcript transcript = group_transcript(untrusted, context);
  for (std::size_t round = 0; round < kProofRounds; ++round) {
    const auto z = Natural<kLambdaMaskBits>::from_bytes(
        Bytes(untrusted.responses).subspan(round * kLambdaMaskBits / 8, kLambdaMaskBits / 8));
    auto commitment = bases.ring.power(bases.t, z);
    if (bit_of(untrusted.challenge, round)) bases.ring.multiply(commitment, commitment, s_inverse);
    transcript.add(bases.ring.leave(commitment).to_bytes());
  }
  if (transcript.digest() != untrusted.challenge) return Error{ErrorCode::kMismatch, "no proof that s is a power of t"};
  return group;
}

void prove_factors(wire::SetupFactors& out, const PaillierKey& key, const PedersenGroup& group, const Context& context,
                   Bytes seed32) {
  const Bases bases(group);
  bignum::RandomStream random(seed32);
  const auto mu = random.bits<kBlindBits>(), nu = random.bits<kBlindBits>();
  const auto alpha = random.bits<kFactorMaskBits>(), beta = random.bits<kFactorMaskBits>();
  const auto x = random.bits<kBlindMaskBits>(), y = random.bits<kBlindMaskBits>();
  const auto inner = random.bits<kProductMaskBits>();  // sigma - nu p
  const auto r = random.bits<kOuterMaskBits>();
  const auto bytes = [&](const Ring::Element& e) { return bases.ring.leave(e).to_bytes(); };
  const auto commit_q = bases.commit(key.q(), nu);
  out.commit_p = bytes(bases.commit(key.p(), mu));
  out.commit_q = bytes(commit_q);
  out.a = bytes(bases.commit(alpha, x));
  out.b = bytes(bases.commit(beta, y));
  out.t = bytes(bases.ring.multiply(bases.ring.power(commit_q, alpha), bases.ring.power(bases.t, r)));
  Natural<kProductMaskBits + 64> sigma = Natural<kProductMaskBits + 64>::resized(nu * key.p());
  bignum::add(sigma, sigma, Natural<kProductMaskBits + 64>::resized(inner));
  sigma.write_bytes(out.sigma);
  const auto e = challenge_of(out, key.public_key().n(), group, context);
  response<kFactorMaskBits + 64>(alpha, e, key.p()).write_bytes(out.z1);
  response<kFactorMaskBits + 64>(beta, e, key.q()).write_bytes(out.z2);
  response<kBlindMaskBits + 64>(x, e, mu).write_bytes(out.w1);
  response<kBlindMaskBits + 64>(y, e, nu).write_bytes(out.w2);
  response<kOuterMaskBits + 64>(r, e, inner).write_bytes(out.v);
}

Status verify_factors(const wire::SetupFactors& untrusted, const PaillierPublicKey& key, const PedersenGroup& group,
                      const Context& context) {
  constexpr Error kNoProof{ErrorCode::kMismatch, "no proof that both factors are large"};
  const auto z1 = Natural<kFactorMaskBits + 64>::from_bytes(untrusted.z1),
             z2 = Natural<kFactorMaskBits + 64>::from_bytes(untrusted.z2);
  // At most 2^1281, so the other factor is at least 2^(2047 - 1281).
  for (const auto* z : {&z1, &z2})
    for (std::size_t bit = kFactorMaskBits + 1; bit < kFactorMaskBits + 64; ++bit)
      if (z->bit(bit)) return Error{ErrorCode::kOutOfRange, "a factor is too long"};
  const Bases bases(group);
  std::array<Ring::Element, 5> points;
  const std::array<const ModulusBytes*, 5> encoded = {&untrusted.commit_p, &untrusted.commit_q, &untrusted.a,
                                                      &untrusted.b, &untrusted.t};
  for (std::size_t i = 0; i < 5; ++i) {
    const auto number = Natural<2048>::from_bytes(*encoded[i]);
    if (!(number < group.modulus) || number == Natural<2048>())
      return Error{ErrorCode::kOutOfRange, "not in the group"};
    points[i] = bases.ring.enter(number);
  }
  const auto e = challenge_of(untrusted, key.n(), group, context);
  const auto w1 = Natural<kBlindMaskBits + 64>::from_bytes(untrusted.w1),
             w2 = Natural<kBlindMaskBits + 64>::from_bytes(untrusted.w2);
  const auto right = [&](const Ring::Element& mask, const Ring::Element& base) {
    return bases.ring.multiply(mask, bases.ring.power(base, e));
  };
  if (!(bases.commit(z1, w1) == right(points[2], points[0])) || !(bases.commit(z2, w2) == right(points[3], points[1])))
    return kNoProof;
  const auto whole = bases.commit(key.n(), Natural<kProductMaskBits + 64>::from_bytes(untrusted.sigma));
  const auto left =
      bases.ring.multiply(bases.ring.power(points[1], z1),
                          bases.ring.power(bases.t, Natural<kOuterMaskBits + 64>::from_bytes(untrusted.v)));
  if (!(left == right(points[4], whole))) return kNoProof;
  return {};
}

}  // namespace touchstone::mpc::lindell
