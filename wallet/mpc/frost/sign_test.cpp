// The signing core with shares from a trusted dealer: every subset, every tweak, and wrong variants of the equation.
#include "mpc_frost/sign.h"

#include <gtest/gtest.h>

#include "mpc_frost/secret_nonces_test_access.h"
#include "mpc_frost/test_support.h"

namespace touchstone::mpc::frost {
namespace {

using crypto::Point;
using crypto::Scalar;

struct Dealt {
  GroupKey group;
  Scalar secret;
  std::map<PartyId, Scalar> shares;
};

class FrostSign : public FrostTest {
 protected:
  Dealt deal(std::size_t t, const Parties& all) {
    std::vector<Scalar> polynomial;
    for (std::size_t m = 0; m < t; ++m) polynomial.push_back(fresh_scalar());
    Dealt out{{all, static_cast<std::uint8_t>(t), 0, *curve_.multiply_base(polynomial[0]), {}}, polynomial[0], {}};
    for (std::size_t i = 0; i < all.size(); ++i) {
      Scalar& share = out.shares[all[i]];
      for (std::size_t m = t; m-- > 0;) share = share * Scalar::from_u32(all[i]) + polynomial[m];
      out.group.verification_shares[i] = *curve_.multiply_base(share);
    }
    return out;
  }
  Result<SecretNonces> nonces(const Scalar& share, Suite suite = Suite::kBip340) {
    return generate_nonces(curve_, suite, random_array<32>(random_), random_array<32>(random_), share);
  }
  /// Both rounds of all signers.
  Signature sign(const SigningKey& key, const Parties& signers, const Dealt& dealt, Bytes message) {
    std::vector<SecretNonces> secret;
    std::vector<NonceCommitment> commitments;
    for (const PartyId id : signers) {
      secret.push_back(nonces(dealt.shares.at(id), key.suite()).value());
      commitments.push_back(secret.back().commitment());
    }
    const auto package = SigningPackage::create(curve_, key, signers, commitments, message).value();
    std::vector<Scalar> shares;
    for (std::size_t i = 0; i < signers.size(); ++i) {
      shares.push_back(package.sign(std::move(secret[i]), signers[i], dealt.shares.at(signers[i])).value());
      EXPECT_TRUE(package.verify_share(curve_, signers[i], shares[i]).ok());
    }
    return package.aggregate(shares);
  }
  std::vector<Tweak> random_tweaks(std::size_t count) {
    std::vector<Tweak> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back({fresh_scalar().to_bytes(), random_.below(2) == 1});
    return out;
  }
};

TEST_F(FrostSign, EverySubsetOfEnoughSignersSigns) {
  const std::vector<std::pair<std::size_t, Parties>> groups = {
      {2, first_parties(2)}, {2, first_parties(3)}, {3, first_parties(5)}, {4, parties({3, 17, 100, 254, 255})}};
  for (const auto& [t, all] : groups) {
    const Dealt dealt = deal(t, all);
    const SigningKey key = signing_key(dealt.group, random_tweaks(1));
    std::size_t subsets = 0;
    for (unsigned mask = 0; mask < 1u << all.size(); ++mask) {
      std::vector<PartyId> ids;
      for (std::size_t i = 0; i < all.size(); ++i)
        if (mask >> i & 1) ids.push_back(all[i]);
      const auto message = random_array<32>(random_);
      if (ids.size() < t) {
        const std::vector<NonceCommitment> commitments(ids.size(), {crypto::generator(), crypto::generator()});
        EXPECT_EQ(SigningPackage::create(curve_, key, parties(ids), commitments, message).error().code,
                  ErrorCode::kMismatch);
        continue;
      }
      const auto signature = sign(key, parties(ids), dealt, message).bip340();
      EXPECT_TRUE(crypto::schnorr_verify(key.point().x, message, signature).ok())
          << t << " of " << all.size() << ", " << mask;
      ++subsets;
    }
    EXPECT_GE(subsets, 1u);
  }
}

// An own combination of tweaks on the secret key is the judge of the point; libsecp256k1 of the signature.
TEST_F(FrostSign, TweaksInAnyMixture) {
  for (std::size_t round = 0; round < 40; ++round) {
    const Dealt dealt = deal(2, first_parties(3));
    const auto tweaks = random_tweaks(round % 5);
    const SigningKey key = signing_key(dealt.group, tweaks);
    Scalar secret = dealt.secret;
    for (const Tweak& tweak : tweaks) {
      const bool odd = !curve_.multiply_base(secret)->has_even_y();
      secret = secret.negate_if(odd && tweak.is_xonly) + Scalar::from_bytes(tweak.value).value();
    }
    EXPECT_EQ(key.point().x, curve_.multiply_base(secret)->x);
    EXPECT_TRUE(key.point().has_even_y());
    const auto message = test::random_bytes(random_, round);  // of any length
    const auto signature = sign(key, parties({1, 3}), dealt, message).bip340();
    EXPECT_TRUE(crypto::schnorr_verify(key.point().x, message, signature).ok()) << round;
  }
}

TEST_F(FrostSign, TheRfcSuiteSignsForAnyGroup) {
  for (std::size_t n = 2; n <= 6; ++n) {
    const Dealt dealt = deal(n / 2 + 1, first_parties(n));
    const auto key = SigningKey::create(curve_, Suite::kRfc9591, dealt.group, {});
    const auto message = random_array<20>(random_);
    const Signature signature = sign(*key, first_parties(n), dealt, message);
    const Scalar c = challenge(Suite::kRfc9591, signature.nonce, dealt.group.point, message);
    const auto right = curve_.add(signature.nonce, *curve_.multiply(c, dealt.group.point));
    EXPECT_TRUE(crypto::equal(*curve_.multiply_base(signature.s), *right));
  }
}

TEST_F(FrostSign, BadTweaksAndThresholdsAreRefused) {
  Dealt dealt = deal(2, first_parties(3));
  Tweak tweak{{}, false};
  tweak.value.fill(0xff);
  EXPECT_EQ(SigningKey::create(curve_, Suite::kBip340, dealt.group, {&tweak, 1}).error().code, ErrorCode::kOutOfRange);
  tweak.value = (-dealt.secret).to_bytes();
  EXPECT_EQ(SigningKey::create(curve_, Suite::kBip340, dealt.group, {&tweak, 1}).error().code, ErrorCode::kInfinity);
  for (const std::uint8_t threshold : {0, 1, 4}) {
    dealt.group.threshold = threshold;
    EXPECT_EQ(SigningKey::create(curve_, Suite::kBip340, dealt.group, {}).error().code, ErrorCode::kOutOfRange);
  }
}

TEST_F(FrostSign, ANonceServesOnce) {
  const Dealt dealt = deal(2, first_parties(3));
  const SigningKey key = signing_key(dealt.group);
  const Parties signers = parties({1, 2});
  SecretNonces mine = nonces(dealt.shares.at(1)).value();
  const std::vector<NonceCommitment> commitments = {mine.commitment(), nonces(dealt.shares.at(2))->commitment()};
  const ByteArray<3> one{1}, other{2};
  const auto package = SigningPackage::create(curve_, key, signers, commitments, one).value();
  const auto again = SigningPackage::create(curve_, key, signers, commitments, other).value();
  ASSERT_TRUE(package.sign(std::move(mine), 1, dealt.shares.at(1)).ok());
  EXPECT_FALSE(mine.usable());  // NOLINT: what is left of it is the point
  EXPECT_EQ(SecretNoncesTestAccess::hiding(mine), ByteArray<32>{});
  EXPECT_EQ(SecretNoncesTestAccess::binding(mine), ByteArray<32>{});
  EXPECT_EQ(again.sign(std::move(mine), 1, dealt.shares.at(1)).error().code, ErrorCode::kState);
  EXPECT_EQ(again.sign(SecretNonces(), 1, dealt.shares.at(1)).error().code, ErrorCode::kState);
  // A failed call uses it up too.
  SecretNonces foreign = nonces(dealt.shares.at(1)).value();
  EXPECT_EQ(again.sign(std::move(foreign), 1, dealt.shares.at(1)).error().code, ErrorCode::kMismatch);
  EXPECT_FALSE(foreign.usable());  // NOLINT
  SecretNonces outside = nonces(dealt.shares.at(3)).value();
  EXPECT_EQ(again.sign(std::move(outside), 3, dealt.shares.at(3)).error().code, ErrorCode::kMismatch);
  EXPECT_FALSE(outside.usable());  // NOLINT
}

TEST_F(FrostSign, BadPackagesAreRefused) {
  const Dealt dealt = deal(2, first_parties(3));
  const SigningKey key = signing_key(dealt.group);
  const Point g = crypto::generator();
  const std::vector<NonceCommitment> two(2, {g, g});
  EXPECT_EQ(SigningPackage::create(curve_, key, parties({1, 9}), two, {}).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(SigningPackage::create(curve_, key, parties({1, 2, 3}), two, {}).error().code, ErrorCode::kMismatch);
  for (const bool hiding : {true, false}) {
    auto bad = two;
    (hiding ? bad[1].hiding : bad[1].binding) = Point();
    EXPECT_EQ(SigningPackage::create(curve_, key, parties({1, 2}), bad, {}).error().code, ErrorCode::kInfinity);
  }
}

// The equation written once more, with switches that break it.
enum class Mutant {
  kNone,
  kNonceSign,      // R not made even
  kKeySign,        // key not made even
  kTweakSign,      // tweak added as it is
  kLagrange,       // no Lagrange coefficient
  kBindingFactor,  // no binding factor
  kOthersBindingFactor,
  kChallenge,  // another message
};

TEST_F(FrostSign, WrongVariantsOfTheEquationAreCaught) {
  const Parties signers = parties({1, 3});
  std::map<Mutant, int> different;
  for (int round = 0; round < 24; ++round) {
    const Dealt dealt = deal(2, first_parties(3));
    const std::vector<Tweak> tweaks = {{fresh_scalar().to_bytes(), true}};
    const SigningKey key = signing_key(dealt.group, tweaks);
    const Scalar d[2] = {fresh_scalar(), fresh_scalar()}, e[2] = {fresh_scalar(), fresh_scalar()};
    std::vector<NonceCommitment> commitments;
    for (int i = 0; i < 2; ++i) commitments.push_back({*curve_.multiply_base(d[i]), *curve_.multiply_base(e[i])});
    const auto message = random_array<32>(random_);
    const auto package = SigningPackage::create(curve_, key, signers, commitments, message).value();
    std::vector<Scalar> right;
    for (const Mutant mutant :
         {Mutant::kNone, Mutant::kNonceSign, Mutant::kKeySign, Mutant::kTweakSign, Mutant::kLagrange,
          Mutant::kBindingFactor, Mutant::kOthersBindingFactor, Mutant::kChallenge}) {
      const Scalar c = mutant == Mutant::kChallenge ? package.challenge() + Scalar::from_u32(1) : package.challenge();
      std::vector<Scalar> shares;
      for (std::size_t i = 0; i < 2; ++i) {
        Scalar rho = package.binding_factor(mutant == Mutant::kOthersBindingFactor ? 1 - i : i);
        if (mutant == Mutant::kBindingFactor) rho = Scalar::from_u32(1);
        const Scalar nonce =
            (d[i] + rho * e[i]).negate_if(mutant != Mutant::kNonceSign && !package.group_nonce().has_even_y());
        Scalar term = c * dealt.shares.at(signers[i]);
        if (mutant != Mutant::kLagrange) term *= lagrange_coefficient(signers, signers[i]);
        shares.push_back(nonce + term.negate_if(mutant != Mutant::kKeySign && key.negates_shares()));
      }
      if (mutant == Mutant::kNone) right = shares;
      Signature signature = package.aggregate(shares);
      if (mutant == Mutant::kTweakSign) {
        signature.s = shares[0] + shares[1] + c * Scalar::from_bytes(tweaks[0].value).value();
      }
      const bool same = equal_constant_time(signature.s, package.aggregate(right).s);
      different[mutant] += !same;
      EXPECT_EQ(crypto::schnorr_verify(key.point().x, message, signature.bip340()).ok(), same)
          << static_cast<int>(mutant);
      for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(package.verify_share(curve_, signers[i], shares[i]).ok(), equal_constant_time(shares[i], right[i]))
            << static_cast<int>(mutant);
      }
    }
  }
  EXPECT_EQ(different.at(Mutant::kNone), 0);
  for (const auto& [mutant, count] : different)
    EXPECT_TRUE(mutant == Mutant::kNone || count >= 3) << static_cast<int>(mutant);
}

TEST_F(FrostSign, LagrangeCoefficientsInterpolate) {
  EXPECT_EQ(lagrange_coefficient(parties({1, 2}), 1).to_bytes(), Scalar::from_u32(2).to_bytes());
  EXPECT_EQ(lagrange_coefficient(parties({1, 2}), 2).to_bytes(), (-Scalar::from_u32(1)).to_bytes());
  for (std::size_t n = 1; n <= kMaxParties; ++n) {
    Scalar sum;  // of the constant polynomial 1
    for (const PartyId id : first_parties(n)) sum += lagrange_coefficient(first_parties(n), id);
    EXPECT_EQ(sum.to_bytes(), Scalar::from_u32(1).to_bytes());
  }
}

}  // namespace
}  // namespace touchstone::mpc::frost
