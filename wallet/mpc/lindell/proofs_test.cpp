// Paillier against OpenSSL, and every proof against those who should not have one.
#include <gtest/gtest.h>
#include <openssl/bn.h>

#include "bignum/prime.h"
#include "lindell_test_support.h"

namespace touchstone::mpc::lindell {
namespace {

using namespace test_support;

const Context kContext{1, 2, 3};
using BigNumber = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;
BigNumber big(Bytes bytes) { return {BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr), BN_free}; }

class LindellProofs : public ::testing::Test {
 protected:
  const PaillierKey& key_ = paillier_key();
  const PaillierPublicKey& public_ = key_.public_key();
  HostCurve curve_;
  Random random_ = SeedTree(23).stream("lindell proofs");
  Natural<2048> random_number() { return Natural<2048>::from_bytes(random_array<255>(random_)); }
};

TEST_F(LindellProofs, PaillierIsWhatThePaperSays) {
  const std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> c(BN_CTX_new(), BN_CTX_free);
  const BigNumber n = big(public_.n().to_bytes()), n2(BN_new(), BN_free), left(BN_new(), BN_free),
                  right(BN_new(), BN_free);
  BN_sqr(n2.get(), n.get(), c.get());
  Plaintext last = public_.n();
  last.limbs()[0] -= 1;
  for (const Plaintext& m : {Plaintext(), Plaintext(1), random_number(), last}) {
    const auto r = random_number();
    const auto ciphertext = public_.encrypt(m, r);
    // (1 + N)^m r^N modulo N^2, by OpenSSL.
    BN_add(left.get(), n.get(), BN_value_one());
    BN_mod_exp(left.get(), left.get(), big(m.to_bytes()).get(), n2.get(), c.get());
    BN_mod_exp(right.get(), big(r.to_bytes()).get(), n.get(), n2.get(), c.get());
    BN_mod_mul(left.get(), left.get(), right.get(), n2.get(), c.get());
    const auto bytes = public_.to_bytes(ciphertext);
    BN_mul(right.get(), big(Bytes(bytes).last(256)).get(), n.get(), c.get());
    BN_add(right.get(), right.get(), big(Bytes(bytes).first(256)).get());
    EXPECT_EQ(BN_cmp(left.get(), right.get()), 0);
    EXPECT_EQ(*key_.decrypt(ciphertext), m);
    EXPECT_EQ(*public_.parse_ciphertext(bytes), ciphertext);
    EXPECT_EQ(public_.encrypt_with(m, key_.randomness(r)), ciphertext);  // by CRT
    // Sum and multiple.
    const auto sum = public_.add(ciphertext, public_.encrypt(Plaintext(5), random_number()));
    Plaintext expected = m;
    const bool wraps = bignum::add(expected, expected, Plaintext(5)) != 0 || !(expected < public_.n());
    if (wraps) bignum::subtract(expected, expected, public_.n());
    EXPECT_EQ(*key_.decrypt(sum), expected);
    EXPECT_EQ(*key_.decrypt(public_.multiply(ciphertext, Natural<64>(7))), remainder(m * Natural<64>(7), public_.n()));
  }
  CiphertextBytes bad{};
  EXPECT_EQ(public_.parse_ciphertext(bad).error().code, ErrorCode::kOutOfRange);
  bad.fill(0xff);
  EXPECT_EQ(public_.parse_ciphertext(bad).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(PaillierPublicKey::parse(ByteArray<256>{}).error().code, ErrorCode::kOutOfRange);
}

TEST_F(LindellProofs, AFaultInAPrimeIsFoundBeforeAnythingLeaves) {
  const auto c = public_.encrypt(Plaintext(3), random_number());
  for (const std::size_t bit : {5u, 500u, 1000u}) {
    Natural<1024> p = key_.p();
    p.limbs()[bit / bignum::kLimbBits] ^= bignum::Limb{1} << (bit % bignum::kLimbBits);
    const PaillierKey faulty = PaillierKey::from_primes(p, key_.q());
    EXPECT_EQ(faulty.decrypt(c).error().code, ErrorCode::kDevice);
    const auto prover = ModulusProver::begin(faulty, kContext, ByteArray<32>{1});
    EXPECT_FALSE(prover.ok());
  }
}

Status check_modulus(const PaillierPublicKey& key, const Context& context, const ModulusBytes& base,
                     const std::vector<std::pair<RootChoices, RootBytes>>& rounds) {
  auto verifier = ModulusVerifier::begin(key, context, base);
  if (!verifier) return verifier.error();
  for (const auto& [choices, roots] : rounds) TS_RETURN_IF_ERROR(verifier->next(choices, roots));
  return verifier->complete() ? Status{} : Status{Error{ErrorCode::kState, "rounds are missing"}};
}

TEST_F(LindellProofs, ModulusAndItsCheats) {
  auto prover = *ModulusProver::begin(key_, kContext, ByteArray<32>{2});
  std::vector<std::pair<RootChoices, RootBytes>> rounds(kRoundMessages);
  for (auto& [choices, roots] : rounds) ASSERT_TRUE(prover.next(choices, roots).ok());
  const ModulusBytes base = prover.root_base();
  EXPECT_TRUE(check_modulus(public_, kContext, base, rounds).ok());
  EXPECT_FALSE(check_modulus(public_, Context{9}, base, rounds).ok());
  auto changed = rounds;
  changed[9].second[2047] ^= 1;
  EXPECT_EQ(check_modulus(public_, kContext, base, changed).error().code, ErrorCode::kMismatch);
  changed = rounds;
  changed[0].first[0] ^= 1;
  EXPECT_EQ(check_modulus(public_, kContext, base, changed).error().code, ErrorCode::kMismatch);
  changed = rounds;
  changed[0].first[0] = 4;
  EXPECT_EQ(check_modulus(public_, kContext, base, changed).error().code, ErrorCode::kOutOfRange);
  // A prime, a square, a number with a small factor.
  bignum::RandomStream stream(ByteArray<32>{3});
  Natural<2048> n = *bignum::generate_blum_prime<2048>(stream);
  EXPECT_EQ(check_modulus(PaillierPublicKey(n), kContext, base, rounds).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(check_modulus(PaillierPublicKey(key_.p() * key_.p()), kContext, base, rounds).error().code,
            ErrorCode::kMismatch);
  do {
    n = Natural<2048>::from_bytes(random_array<256>(random_));
    n.limbs()[0] |= 1;
    n.limbs()[Natural<2048>::kLimbs - 1] |= bignum::Limb{1} << (bignum::kLimbBits - 1);
  } while (bignum::remainder_small(n, 4093) != 0);
  EXPECT_EQ(check_modulus(PaillierPublicKey(n), kContext, base, rounds).error().code, ErrorCode::kOutOfRange);
}

/// Whether a is a (4N)-th power modulo the prime p: N is a product of primes none of which divides p - 1.
template <std::size_t kBits>
bool is_fourth_power(const bignum::Modulus<kBits>& field, const Natural<2048>& a) {
  Natural<kBits> exponent = field.number();
  bignum::halve(exponent, 0);                          // (p-1)/2: squares
  if (!exponent.is_odd()) bignum::halve(exponent, 0);  // p = 1 modulo 4: fourth powers are fewer
  return field.power(field.enter(remainder(a, field.number())), exponent) == field.one();
}

TEST_F(LindellProofs, WrongModuliAnswerAtMostEverySecondChallenge) {
  // What an all-knowing prover could answer. Three primes, all 3 modulo 4; and two, one of them 1 modulo 4.
  bignum::RandomStream stream(ByteArray<32>{4});
  const auto a = *bignum::generate_blum_prime<512>(stream), b = *bignum::generate_blum_prime<512>(stream),
             c = *bignum::generate_blum_prime<512>(stream);
  Natural<512> one_mod_four;
  do {
    one_mod_four = stream.bits<512>();
    one_mod_four.limbs()[0] = (one_mod_four.limbs()[0] & ~bignum::Limb{3}) | 1;
    one_mod_four.limbs()[Natural<512>::kLimbs - 1] |= bignum::Limb{3} << (bignum::kLimbBits - 2);
  } while (bignum::has_small_factor(one_mod_four) || !bignum::is_probable_prime(one_mod_four, stream, 8));
  for (const std::vector<Natural<512>>& primes : {std::vector{a, b, c}, {a, one_mod_four}, {a, b}}) {
    std::vector<bignum::Modulus<512>> fields(primes.begin(), primes.end());
    const Natural<2048> w = random_number();
    int answered = 0;
    for (int round = 0; round < 200; ++round) {
      const Natural<2048> y = random_number();
      bool answerable = false;
      for (int choice = 0; choice < 4; ++choice) {
        bool everywhere = true;
        for (const auto& field : fields) {
          auto x = field.enter(remainder(y, field.number()));
          if (choice & 2) x = field.multiply(x, field.enter(remainder(w, field.number())));
          if (choice & 1) x = field.negate(x);
          everywhere = everywhere && is_fourth_power(field, Natural<2048>::resized(field.leave(x)));
        }
        answerable = answerable || everywhere;
      }
      answered += answerable;
    }
    // Which half depends on w; for the good modulus w may be of the wrong symbol, and then it is half as well.
    if (primes.size() == 2 && primes[1] == b)
      EXPECT_TRUE(answered == 200 || answered < 130) << answered;
    else
      EXPECT_LT(answered, 130);
    EXPECT_GT(answered, 10);
  }
}

TEST_F(LindellProofs, RangeAndLogarithmAndTheirCheats) {
  const Scalar x1 = random_scalar(random_);
  const auto r = random_number();
  const auto statement_of = [&](const Plaintext& plaintext, const Scalar& point) {
    Plaintext negated, r_inverse;
    bignum::subtract(negated, public_.n(), plaintext);
    EXPECT_EQ(bignum::invert(r_inverse, r, public_.n()), 1u);
    return EncryptedShare{public_.to_bytes(public_.encrypt(plaintext, r)),
                          public_.to_bytes(public_.encrypt(negated, r_inverse)),
                          crypto::compress(*curve_.multiply_base(point))};
  };
  struct Proof {
    ByteArray<32> challenge;
    std::vector<RangeBytes> responses{kRoundMessages};
  };
  // The prover does its best with x1 whatever the statement says.
  const auto prove = [&](const EncryptedShare& statement) {
    auto prover = RangeProver::begin(curve_, key_, x1, r, statement, kContext, ByteArray<32>{5});
    Proof out{prover->challenge()};
    for (RangeBytes& responses : out.responses) prover->next(responses);
    return out;
  };
  const auto verify = [&](const Proof& proof, const EncryptedShare& claimed,
                          const Context& context = kContext) -> Status {
    auto verifier = RangeVerifier::begin(curve_, public_, claimed, context, proof.challenge);
    if (!verifier) return verifier.error();
    for (const RangeBytes& responses : proof.responses) TS_RETURN_IF_ERROR(verifier->next(responses));
    return verifier->complete() ? Status{} : Status{Error{ErrorCode::kState, "rounds are missing"}};
  };
  const Plaintext plain = Plaintext::resized(natural(x1));
  const EncryptedShare honest = statement_of(plain, x1);
  const Proof proof = prove(honest);
  EXPECT_TRUE(verify(proof, honest).ok());
  EXPECT_EQ(verify(proof, honest, Context{8}).error().code, ErrorCode::kMismatch);
  // Another point.
  const EncryptedShare other_point = statement_of(plain, x1 + Scalar::from_u32(1));
  EXPECT_EQ(verify(prove(other_point), other_point).error().code, ErrorCode::kMismatch);
  // x1 + q 2^300: the same number modulo q, far out of range.
  const Natural<256> minus_one = natural(-Scalar::from_u32(1));
  Natural<320> shift;
  shift.limbs()[300 / bignum::kLimbBits] = bignum::Limb{1} << (300 % bignum::kLimbBits);
  Plaintext large = Plaintext::resized(minus_one * shift);
  bignum::add(large, large, Plaintext::resized(shift));
  bignum::add(large, large, plain);
  const EncryptedShare out_of_range = statement_of(large, x1);
  EXPECT_EQ(verify(prove(out_of_range), out_of_range).error().code, ErrorCode::kMismatch);
  // A wrong inverse, and randomness out of range.
  EncryptedShare wrong = honest;
  wrong.inverse = honest.ciphertext;
  EXPECT_EQ(verify(proof, wrong).error().code, ErrorCode::kMismatch);
  Proof changed = proof;
  std::fill(changed.responses[0].begin() + 48, changed.responses[0].begin() + 304, std::uint8_t{0xff});
  EXPECT_EQ(verify(changed, honest).error().code, ErrorCode::kOutOfRange);
}

TEST_F(LindellProofs, FactorsAndTheirCheats) {
  const PedersenGroup& group = pedersen_key().group();
  wire::SetupFactors proof;
  prove_factors(proof, key_, group, kContext, ByteArray<32>{6});
  EXPECT_TRUE(verify_factors(proof, public_, group, kContext).ok());
  EXPECT_EQ(verify_factors(proof, public_, group, Context{7}).error().code, ErrorCode::kMismatch);
  // A modulus with a small factor: whatever factors the prover names, their product is not it.
  bignum::RandomStream stream(ByteArray<32>{7});
  const auto small = *bignum::generate_blum_prime<256>(stream);
  const auto large = stream.bits<1792>();
  Natural<2048> n = small * large;
  n.limbs()[Natural<2048>::kLimbs - 1] |= bignum::Limb{1} << (bignum::kLimbBits - 1);
  n.limbs()[0] |= 1;
  EXPECT_EQ(verify_factors(proof, PaillierPublicKey(n), group, kContext).error().code, ErrorCode::kMismatch);
  // The true long factor does not fit its response; cut off, it is none.
  wire::SetupFactors longer = proof;
  longer.z1[0] = 1;
  EXPECT_EQ(verify_factors(longer, public_, group, kContext).error().code, ErrorCode::kOutOfRange);
  longer = proof;
  longer.z2[7] |= 2;
  EXPECT_EQ(verify_factors(longer, public_, group, kContext).error().code, ErrorCode::kOutOfRange);
  for (ModulusBytes wire::SetupFactors::*field :
       {&wire::SetupFactors::commit_p, &wire::SetupFactors::commit_q, &wire::SetupFactors::a, &wire::SetupFactors::b,
        &wire::SetupFactors::t}) {
    wire::SetupFactors changed = proof;
    (changed.*field)[255] ^= 1;
    EXPECT_FALSE(verify_factors(changed, public_, group, kContext).ok());
    (changed.*field).fill(0);
    EXPECT_EQ(verify_factors(changed, public_, group, kContext).error().code, ErrorCode::kOutOfRange);
  }
}

TEST_F(LindellProofs, AGroupWhoseSIsNoPowerOfT) {
  wire::SetupHello hello;
  pedersen_key().prove(hello, kContext, ByteArray<32>{8});
  EXPECT_TRUE(verify_pedersen(hello, kContext).ok());
  EXPECT_EQ(verify_pedersen(hello, Context{7}).error().code, ErrorCode::kMismatch);
  // -s with its inverse: in another coset of the squares.
  wire::SetupHello negated = hello;
  const auto modulus = Natural<2048>::from_bytes(hello.modulus);
  Natural<2048> x;
  bignum::subtract(x, modulus, Natural<2048>::from_bytes(hello.s));
  negated.s = x.to_bytes();
  bignum::subtract(x, modulus, Natural<2048>::from_bytes(hello.s_inverse));
  negated.s_inverse = x.to_bytes();
  EXPECT_EQ(verify_pedersen(negated, kContext).error().code, ErrorCode::kMismatch);
  wire::SetupHello even = hello;
  even.modulus[255] ^= 1;
  EXPECT_EQ(verify_pedersen(even, kContext).error().code, ErrorCode::kOutOfRange);
  wire::SetupHello inverse = hello;
  inverse.s_inverse = hello.s;
  EXPECT_EQ(verify_pedersen(inverse, kContext).error().code, ErrorCode::kMismatch);
}

// Randomness that a factor of N divides makes both sides 0 modulo it, whatever the plaintext: without the check of units the honest
// prover's answers pass for Enc(x1 + q) with q half as long as N, and one signature would tell the wallet's share.
TEST_F(LindellProofs, RandomnessThatIsNoUnitProvesNothing) {
  crypto::HostCurve curve;
  const PaillierKey& key = test_support::paillier_key();
  const PaillierPublicKey& pub = key.public_key();
  const crypto::Scalar share = crypto::Scalar::from_u32(77);
  bignum::RandomStream random(ByteArray<32>{42});
  const auto s = random.below(pub.n());
  Plaintext large = Plaintext::resized(key.q());
  bignum::add(large, large, Plaintext::resized(Natural<256>::from_bytes(share.to_bytes())));
  Plaintext negative;
  bignum::subtract(negative, pub.n(), large);
  Natural<2048> s_inverse;
  ASSERT_EQ(bignum::invert(s_inverse, s, pub.n()), 1u);
  const EncryptedShare statement{pub.to_bytes(pub.encrypt(large, s)), pub.to_bytes(pub.encrypt(negative, s_inverse)),
                                 crypto::compress(*curve.multiply_base(share))};
  const Context context{5};
  Transcript transcript("touchstone/lindell/range");
  transcript.add(context).add(pub.n().to_bytes()).add(statement.ciphertext).add(statement.inverse).add(statement.point);
  std::vector<Natural<384>> alpha;
  std::vector<Natural<2048>> r;
  for (std::size_t i = 0; i < kProofRounds; ++i) {
    alpha.push_back(random.bits<384>());
    r.push_back(key.p() * random.below(key.q()));
    ByteArray<64> wide{};
    alpha[i].write_bytes(MutableBytes(wide).last(48));
    transcript.add(pub.to_bytes(pub.encrypt(Plaintext::resized(alpha[i]), r[i])))
        .add(crypto::compress_or_zero(*curve.multiply_base(crypto::Scalar::from_wide_reduce(wide))));
  }
  const ByteArray<32> challenge = transcript.digest();
  auto verifier = RangeVerifier::begin(curve, pub, statement, context, challenge);
  ASSERT_TRUE(verifier.ok());
  const auto& ring = pub.ring().base();
  RangeBytes bytes;
  for (std::size_t i = 0; i < kRoundsPerMessage; ++i) {
    Natural<384> number = alpha[i];
    Natural<2048> answer = r[i];
    if (challenge[i / 8] >> (i % 8) & 1) {
      bignum::add(number, number, Natural<384>::from_bytes(share.to_bytes()));
      answer = ring.leave(ring.multiply(ring.enter(answer), ring.enter(s)));
    }
    const MutableBytes out = MutableBytes(bytes).subspan(i * kRangeRoundBytes, kRangeRoundBytes);
    number.write_bytes(out.first(48));
    answer.write_bytes(out.last(256));
  }
  EXPECT_EQ(verifier->next(bytes).error().code, ErrorCode::kOutOfRange);
}

// A base that P divides would let every y pass modulo P, whatever P is made of.
TEST_F(LindellProofs, ABaseThatIsNoUnitProvesNothing) {
  const PaillierKey& key = test_support::paillier_key();
  bignum::RandomStream random(ByteArray<32>{43});
  const Natural<2048> multiple = key.p() * random.below(key.q());
  EXPECT_EQ(ModulusVerifier::begin(key.public_key(), Context{5}, multiple.to_bytes()).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(ModulusVerifier::begin(key.public_key(), Context{5}, Natural<2048>().to_bytes()).error().code, ErrorCode::kOutOfRange);
}

}  // namespace
}  // namespace touchstone::mpc::lindell
