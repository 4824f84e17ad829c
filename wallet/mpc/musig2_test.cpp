// MuSig2 among 2 to 16 parties, judged by libsecp256k1; cheats, reuse and wrong variants must fail.
#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

#include "base/seed.h"
#include "crypto/point.h"
#include "crypto/sha256.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_sign.h"
#include "mpc/secret_nonce_test_access.h"
#include "support/hex.h"

namespace touchstone::mpc::musig2 {
namespace {

using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
using test::random_array;
using test::random_bytes;

static_assert(!std::is_copy_constructible_v<SecretNonce> && !std::is_copy_assignable_v<SecretNonce>);

/// A group that has exchanged keys and nonces.
class Group {
 public:
  Group(std::size_t parties, std::size_t tweaks, Random& random) : message(random_bytes(random, random.below(100))) {
    for (std::size_t i = 0; i < parties; ++i) {
      secrets.push_back(Scalar::from_bytes_reduce(random_array<32>(random)));
      public_keys.push_back(crypto::compress(*curve.multiply_base(secrets[i])));
    }
    std::vector<Tweak> list;
    for (std::size_t i = 0; i < tweaks; ++i) {
      list.push_back({Scalar::from_bytes_reduce(random_array<32>(random)).to_bytes(), random.below(2) == 1});
    }
    keys.emplace(*aggregate_keys(curve, public_keys, list));
    for (std::size_t i = 0; i < parties; ++i) {
      const auto random32 = random_array<32>(random);
      const NonceGenInput input{.random32 = random32, .public_key = public_keys[i], .secret_key = &secrets[i]};
      NoncePair pair = generate_nonce(curve, input).value();
      public_nonces.push_back(pair.public_nonce);
      secret_nonces.push_back(std::move(pair.secret_nonce));
    }
    session.emplace(*Session::create(curve, *keys, *aggregate_nonces(curve, public_nonces), message));
  }

  std::vector<PartialSignature> sign_all() {
    std::vector<PartialSignature> out;
    for (std::size_t i = 0; i < secrets.size(); ++i)
      out.push_back(*sign(curve, std::move(secret_nonces[i]), secrets[i], *keys, *session));
    return out;
  }
  Status verify(const Signature& signature) const {
    return crypto::schnorr_verify(keys->x_only_key(), message, signature);
  }

  HostCurve curve;
  std::vector<std::uint8_t> message;
  std::vector<Scalar> secrets;
  std::vector<PublicKey> public_keys;
  std::vector<SecretNonce> secret_nonces;
  std::vector<PublicNonce> public_nonces;
  std::optional<KeyAggContext> keys;
  std::optional<Session> session;
};

TEST(MuSig2, AnyNumberOfPartiesAndTweaksSignsForLibsecp256k1) {
  Random random = SeedTree(1).stream("round trips");
  for (std::size_t parties = 1; parties <= kMaxParties; ++parties) {
    for (std::size_t tweaks = 0; tweaks <= 4; ++tweaks) {
      Group group(parties, tweaks, random);
      const auto partials = group.sign_all();
      for (std::size_t i = 0; i < parties; ++i) {
        EXPECT_TRUE(
            verify_partial(group.curve, partials[i], group.public_nonces[i], i, *group.keys, *group.session).ok());
      }
      const auto signature = aggregate_partials(*group.keys, *group.session, partials);
      ASSERT_TRUE(signature.ok());
      EXPECT_TRUE(group.verify(*signature).ok()) << parties << " parties, " << tweaks << " tweaks";
    }
  }
}

TEST(MuSig2, SortedKeysGiveOneAggregateForEveryOrder) {
  Random random = SeedTree(2).stream("order");
  Group group(5, 0, random);
  auto sorted = group.public_keys;
  sort_keys(sorted);
  const auto expected = KeyAggContext::create(group.curve, sorted)->x_only_key();
  std::reverse(group.public_keys.begin(), group.public_keys.end());
  EXPECT_NE(KeyAggContext::create(group.curve, group.public_keys)->x_only_key(), expected);
  sort_keys(group.public_keys);
  EXPECT_EQ(KeyAggContext::create(group.curve, group.public_keys)->x_only_key(), expected);
}

TEST(MuSig2, ANonceServesOneSignature) {
  Random random = SeedTree(3).stream("reuse");
  Group group(2, 1, random);
  ASSERT_TRUE(sign(group.curve, std::move(group.secret_nonces[0]), group.secrets[0], *group.keys, *group.session).ok());
  EXPECT_FALSE(group.secret_nonces[0].usable());
  const auto again =
      sign(group.curve, std::move(group.secret_nonces[0]), group.secrets[0], *group.keys, *group.session);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, ErrorCode::kState);

  // A failed attempt uses it up too.
  EXPECT_FALSE(
      sign(group.curve, std::move(group.secret_nonces[1]), group.secrets[0], *group.keys, *group.session).ok());
  EXPECT_FALSE(group.secret_nonces[1].usable());
  EXPECT_EQ(
      sign(group.curve, std::move(group.secret_nonces[1]), group.secrets[1], *group.keys, *group.session).error().code,
      ErrorCode::kState);
}

TEST(MuSig2, RefusesKeysNoncesAndSessionsThatDoNotBelongTogether) {
  Random random = SeedTree(4).stream("mixed");
  Group group(3, 0, random), other(3, 0, random);
  // A stranger's key with the own nonce, the own key with a stranger's nonce, zero, and another key's session.
  EXPECT_EQ(
      sign(group.curve, std::move(group.secret_nonces[0]), other.secrets[0], *group.keys, *group.session).error().code,
      ErrorCode::kMismatch);
  EXPECT_EQ(
      sign(group.curve, std::move(group.secret_nonces[1]), group.secrets[2], *group.keys, *group.session).error().code,
      ErrorCode::kMismatch);
  EXPECT_EQ(sign(group.curve, std::move(group.secret_nonces[2]), Scalar(), *group.keys, *group.session).error().code,
            ErrorCode::kOutOfRange);
  EXPECT_EQ(
      sign(other.curve, std::move(other.secret_nonces[0]), other.secrets[0], *other.keys, *group.session).error().code,
      ErrorCode::kMismatch);
  EXPECT_EQ(aggregate_partials(*group.keys, *other.session, {}).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(aggregate_partials(*group.keys, *group.session, std::vector<PartialSignature>(2)).error().code,
            ErrorCode::kMismatch);
}

TEST(MuSig2, RefusesTooManyOrNoPartiesAndCancellingKeys) {
  Random random = SeedTree(5).stream("sizes");
  Group group(1, 0, random);
  const std::vector<PublicKey> too_many(kMaxParties + 1, group.public_keys[0]);
  EXPECT_EQ(KeyAggContext::create(group.curve, too_many).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(KeyAggContext::create(group.curve, {}).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(aggregate_nonces(group.curve, {}).error().code, ErrorCode::kTooLarge);
  // A tweak that is the negative of the aggregate's secret key.
  const Scalar aggregate_secret = group.keys->coefficient(0) * group.secrets[0];
  Tweak cancelling{(-aggregate_secret).to_bytes(), false};
  const auto before = group.keys->x_only_key();
  EXPECT_EQ(group.keys->apply_tweak(group.curve, cancelling).error().code, ErrorCode::kInfinity);
  EXPECT_EQ(group.keys->x_only_key(), before);
}

TEST(MuSig2, BlamesTheSignerOfAWrongPartialSignature) {
  Random random = SeedTree(6).stream("cheat");
  for (int round = 0; round < 20; ++round) {
    const std::size_t parties = 2 + random.below(4);
    Group group(parties, random.below(3), random);
    auto partials = group.sign_all();
    const std::size_t cheat = random.below(parties);
    partials[cheat][random.below(32)] ^= static_cast<std::uint8_t>(1u << random.below(8));
    for (std::size_t i = 0; i < parties; ++i) {
      Blame blame;
      const Status status =
          verify_partial(group.curve, partials[i], group.public_nonces[i], i, *group.keys, *group.session, &blame);
      EXPECT_EQ(status.ok(), i != cheat);
      if (i == cheat) {
        EXPECT_EQ(status.error().code, ErrorCode::kBadSignature);
        EXPECT_EQ(blame.contribution, Contribution::kPartialSignature);
        EXPECT_EQ(blame.signer, cheat);
      }
    }
    const auto signature = aggregate_partials(*group.keys, *group.session, partials);
    EXPECT_TRUE(!signature.ok() || !group.verify(*signature).ok());
  }
}

TEST(MuSig2, ARogueKeyDoesNotTakeTheAggregateOver) {
  Random random = SeedTree(7).stream("rogue");
  HostCurve curve;
  const Scalar attacker = Scalar::from_bytes_reduce(random_array<32>(random));
  const Point victim = *curve.multiply_base(Scalar::from_bytes_reduce(random_array<32>(random)));
  const Point owned = *curve.multiply_base(attacker);
  const Point rogue = *curve.add(owned, crypto::negate(victim));
  ASSERT_TRUE(crypto::equal(*curve.add(victim, rogue), owned)) << "control: a plain sum would be the attacker's key";
  for (const auto& keys : {std::vector{crypto::compress(victim), crypto::compress(rogue)},
                           std::vector{crypto::compress(rogue), crypto::compress(victim)}}) {
    const auto context = KeyAggContext::create(curve, keys);
    ASSERT_TRUE(context.ok());
    EXPECT_NE(context->x_only_key(), owned.x);
    const ByteArray<32> message{};
    const auto forged = crypto::schnorr_sign(attacker, message, message);
    EXPECT_TRUE(crypto::schnorr_verify(owned.x, message, *forged).ok());
    EXPECT_FALSE(crypto::schnorr_verify(context->x_only_key(), message, *forged).ok());
  }
}

TEST(MuSig2, CancellingNoncesFallBackToGAndStillVerifyPartially) {
  Random random = SeedTree(8).stream("cancel");
  Group group(2, 1, random);
  // The second party answers with the negatives of the first one's nonces, so the aggregate is infinity twice.
  PublicNonce mirrored = group.public_nonces[0];
  mirrored[0] ^= 1;
  mirrored[33] ^= 1;
  const auto aggregate = aggregate_nonces(group.curve, std::vector<PublicNonce>{group.public_nonces[0], mirrored});
  ASSERT_TRUE(aggregate.ok());
  EXPECT_EQ(*aggregate, AggregateNonce{});
  const auto session = Session::create(group.curve, *group.keys, *aggregate, group.message);
  ASSERT_TRUE(session.ok());
  EXPECT_TRUE(crypto::equal(session->final_nonce(), crypto::generator()));
  const auto partial = sign(group.curve, std::move(group.secret_nonces[0]), group.secrets[0], *group.keys, *session);
  EXPECT_TRUE(verify_partial(group.curve, *partial, group.public_nonces[0], 0, *group.keys, *session).ok());
}

// The signing equation written out once more, with one mistake at a time.
struct Variant {
  const char* name;
  bool negates_nonce = true, negates_key = true, uses_coefficient = true, uses_nonce_coefficient = true,
       uses_challenge = true;
};

TEST(MuSig2, EveryWrongVariantOfTheEquationIsRefused) {
  const std::vector<Variant> variants = {{.name = "right"},
                                         {.name = "nonce not negated", .negates_nonce = false},
                                         {.name = "key not negated", .negates_key = false},
                                         {.name = "coefficient left out", .uses_coefficient = false},
                                         {.name = "second nonce not scaled", .uses_nonce_coefficient = false},
                                         {.name = "challenge left out", .uses_challenge = false}};
  std::vector<int> refused(variants.size());
  constexpr int kSessions = 40;
  Random random = SeedTree(9).stream("variants");
  for (int round = 0; round < kSessions; ++round) {
    Group group(3, random.below(3), random);
    const auto bytes = SecretNonceTestAccess::to_bytes(group.secret_nonces[0]);
    const Scalar k1 = *Scalar::from_bytes(Bytes(bytes).first(32)),
                 k2 = *Scalar::from_bytes(Bytes(bytes).subspan(32, 32));
    const Scalar one = Scalar::from_u32(1);
    for (std::size_t v = 0; v < variants.size(); ++v) {
      const Variant& variant = variants[v];
      const Scalar b = variant.uses_nonce_coefficient ? group.session->nonce_coefficient() : one;
      const Scalar e = variant.uses_challenge ? group.session->challenge() : one;
      const Scalar a = variant.uses_coefficient ? group.keys->coefficient(0) : one;
      const Scalar k = (k1 + b * k2).negate_if(variant.negates_nonce && !group.session->final_nonce().has_even_y());
      const Scalar d = group.secrets[0].negate_if(variant.negates_key && group.keys->negates_keys());
      const PartialSignature partial = (k + e * a * d).to_bytes();
      refused[v] +=
          verify_partial(group.curve, partial, group.public_nonces[0], 0, *group.keys, *group.session).ok() ? 0 : 1;
    }
  }
  EXPECT_EQ(refused[0], 0);
  for (std::size_t v = 1; v < variants.size(); ++v) {
    const bool sign_only = !variants[v].negates_nonce || !variants[v].negates_key;  // wrong in half of the sessions
    EXPECT_GE(refused[v], sign_only ? kSessions / 4 : kSessions) << variants[v].name;
    EXPECT_LE(refused[v], sign_only ? kSessions * 3 / 4 : kSessions) << variants[v].name;
  }
}

}  // namespace
}  // namespace touchstone::mpc::musig2
