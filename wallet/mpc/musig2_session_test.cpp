// The two roles, wallet and card: the honest run, a cheating peer, and a curve that errs.
#include "mpc/musig2_session.h"

#include <gtest/gtest.h>

#include "base/seed.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "support/hex.h"

namespace touchstone::mpc::musig2 {
namespace {

using crypto::Curve;
using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
using test::random_array;

/// Counts operations; errs in the chosen one, by a wrong point of the curve or by a device error.
class FaultyCurve : public Curve {
 public:
  enum class Fault { kNone, kWrongPoint, kDeviceError };
  Fault fault = Fault::kNone;
  int fault_at = -1;
  int operations = 0, multiplications = 0, base_multiplications = 0;

  Result<Point> multiply(const Scalar& k, const Point& p) override {
    ++multiplications;
    return pass(host_.multiply(k, p));
  }
  Result<Point> multiply_base(const Scalar& k) override {
    ++base_multiplications;
    return pass(host_.multiply_base(k));
  }
  Result<Point> add(const Point& p, const Point& q) override { return pass(host_.add(p, q)); }
  Result<Point> lift_x(const ByteArray<32>& x) override { return pass(host_.lift_x(x)); }

 private:
  Result<Point> pass(Result<Point> right) {
    if (operations++ != fault_at || fault == Fault::kNone) return right;
    if (fault == Fault::kDeviceError) return Error{ErrorCode::kDevice, "injected"};
    return host_.add(*right, crypto::generator());
  }
  HostCurve host_;
};

class MuSig2Session : public ::testing::Test {
 protected:
  MuSig2Session() : wallet_share_(fresh_scalar()), card_share_(fresh_scalar()) {
    wallet_key_ = crypto::compress(*curve_.multiply_base(wallet_share_));
    card_key_ = crypto::compress(*curve_.multiply_base(card_share_));
  }
  Scalar fresh_scalar() { return Scalar::from_bytes_reduce(random_array<32>(random_)); }
  KeyAggContext keys(bool wallet_first = true, std::size_t tweaks = 1) {
    const auto list = wallet_first ? std::vector{wallet_key_, card_key_} : std::vector{card_key_, wallet_key_};
    std::vector<Tweak> tweak_list;
    for (std::size_t i = 0; i < tweaks; ++i) tweak_list.push_back({fresh_scalar().to_bytes(), true});
    return *aggregate_keys(curve_, list, tweak_list);
  }
  Result<DeterministicSignature> answer(Curve& curve, const KeyAggContext& context, const ByteArray<32>& message,
                                        Bytes nonce) {
    return respond(curve, card_share_, context, message, nonce, card_random_);
  }

  HostCurve curve_;
  Random random_ = SeedTree(11).stream("session");
  Scalar wallet_share_, card_share_;
  PublicKey wallet_key_{}, card_key_{};
  ByteArray<32> card_random_ = random_array<32>(random_);
};

TEST_F(MuSig2Session, WalletAndCardSign) {
  for (int round = 0; round < 20; ++round) {
    const KeyAggContext context = keys(round % 2 == 0, random_.below(3));
    const auto message = random_array<32>(random_);
    Initiator wallet(curve_, crypto::schnorr_verify);
    const auto nonce = wallet.start(wallet_share_, context, message, random_array<32>(random_));
    ASSERT_TRUE(nonce.ok());
    EXPECT_TRUE(wallet.is_open());
    const auto card = answer(curve_, context, message, *nonce);
    ASSERT_TRUE(card.ok());
    const auto signature = wallet.finish(card->public_nonce, card->partial_signature);
    ASSERT_TRUE(signature.ok());
    EXPECT_TRUE(crypto::schnorr_verify(context.x_only_key(), message, *signature).ok());
    EXPECT_FALSE(wallet.is_open());
  }
}

TEST_F(MuSig2Session, OneNonceGetsOneAnswer) {
  const KeyAggContext context = keys();
  const ByteArray<32> message{1};
  Initiator wallet(curve_, crypto::schnorr_verify);
  EXPECT_EQ(wallet.finish({}, {}).error().code, ErrorCode::kState);
  const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  const auto card = *answer(curve_, context, message, nonce);
  auto wrong = card.partial_signature;
  wrong[31] ^= 1;
  EXPECT_EQ(wallet.finish(card.public_nonce, wrong).error().code, ErrorCode::kBadSignature);
  EXPECT_EQ(wallet.finish(card.public_nonce, card.partial_signature).error().code, ErrorCode::kState);
  (void)*wallet.start(wallet_share_, context, message, random_array<32>(random_));
  wallet.abort();
  EXPECT_EQ(wallet.finish(card.public_nonce, card.partial_signature).error().code, ErrorCode::kState);
  // An answer to an earlier nonce does not fit a later session.
  const auto later = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  EXPECT_NE(later, nonce);
  EXPECT_EQ(wallet.finish(card.public_nonce, card.partial_signature).error().code, ErrorCode::kBadSignature);
}

TEST_F(MuSig2Session, BlamesTheCardForEveryChangedByte) {
  const KeyAggContext context = keys(false);
  const ByteArray<32> message{2};
  Initiator wallet(curve_, crypto::schnorr_verify);
  for (std::size_t byte = 0; byte < 66 + 32; ++byte) {
    const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
    auto card = *answer(curve_, context, message, nonce);
    const auto flip = static_cast<std::uint8_t>(1u << random_.below(8));
    (byte < 66 ? card.public_nonce[byte] : card.partial_signature[byte - 66]) ^= flip;
    Blame blame;
    EXPECT_FALSE(wallet.finish(card.public_nonce, card.partial_signature, &blame).ok()) << byte;
    EXPECT_NE(blame.contribution, Contribution::kNone);
    EXPECT_EQ(blame.signer, context.find(card_key_));
  }
  for (std::size_t size : {0u, 31u, 33u}) {
    const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
    const auto card = *answer(curve_, context, message, nonce);
    const std::vector<std::uint8_t> wrong_size(size);
    EXPECT_EQ(wallet.finish(card.public_nonce, wrong_size).error().code, ErrorCode::kBadSignature);
  }
}

TEST_F(MuSig2Session, ReleasesNothingThatTheOutsideVerifierRefuses) {
  const KeyAggContext context = keys();
  const ByteArray<32> message{3};
  Initiator wallet(curve_, [](Bytes, Bytes, Bytes) -> Status { return Error{ErrorCode::kBadSignature, "refused"}; });
  const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  const auto card = *answer(curve_, context, message, nonce);
  EXPECT_EQ(wallet.finish(card.public_nonce, card.partial_signature).error().code, ErrorCode::kBadSignature);
}

TEST_F(MuSig2Session, RefusesSharesAndKeyListsThatDoNotFit) {
  const KeyAggContext context = keys();
  const ByteArray<32> message{4};
  Initiator wallet(curve_, crypto::schnorr_verify);
  const auto random32 = random_array<32>(random_);
  EXPECT_EQ(wallet.start(fresh_scalar(), context, message, random32).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(wallet.start(Scalar(), context, message, random32).error().code, ErrorCode::kOutOfRange);
  const auto three = KeyAggContext::create(curve_, std::vector{wallet_key_, card_key_, wallet_key_});
  const auto twice = KeyAggContext::create(curve_, std::vector{card_key_, card_key_});
  EXPECT_EQ(wallet.start(wallet_share_, *three, message, random32).error().code, ErrorCode::kMismatch);
  const auto nonce = *wallet.start(wallet_share_, context, message, random32);
  EXPECT_EQ(respond(curve_, card_share_, *three, message, nonce, random32).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(respond(curve_, card_share_, *twice, message, nonce, random32).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(respond(curve_, fresh_scalar(), context, message, nonce, random32).error().code, ErrorCode::kMismatch);
  Blame blame;
  EXPECT_EQ(respond(curve_, card_share_, context, message, Bytes(nonce).first(65), random32, &blame).error().code,
            ErrorCode::kBadFormat);
  EXPECT_EQ(blame.contribution, Contribution::kAggregateOtherNonce);
}

TEST_F(MuSig2Session, TheCardsNonceChangesWithEverythingItSigns) {
  const ByteArray<32> message{5}, other_message{6};
  const KeyAggContext context = keys(), other_context = keys();
  Initiator wallet(curve_, crypto::schnorr_verify);
  const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  const auto other_nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  const auto card = answer(curve_, context, message, nonce)->public_nonce;
  EXPECT_EQ(answer(curve_, context, message, nonce)->public_nonce, card) << "no state: the same again";
  EXPECT_NE(answer(curve_, context, other_message, nonce)->public_nonce, card);
  EXPECT_NE(answer(curve_, other_context, message, nonce)->public_nonce, card);
  EXPECT_NE(answer(curve_, context, message, other_nonce)->public_nonce, card);
  EXPECT_NE(respond(curve_, card_share_, context, message, nonce, random_array<32>(random_))->public_nonce, card);
}

TEST_F(MuSig2Session, TheCardNeedsEightMultiplications) {
  const KeyAggContext context = keys();
  const ByteArray<32> message{7};
  Initiator wallet(curve_, crypto::schnorr_verify);
  const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  FaultyCurve counter;
  ASSERT_TRUE(answer(counter, context, message, nonce).ok());
  EXPECT_EQ(counter.multiplications, 4);
  EXPECT_EQ(counter.base_multiplications, 4);
  FaultyCurve context_counter;
  (void)*aggregate_keys(context_counter, std::vector{wallet_key_, card_key_}, std::vector{Tweak{{}, true}});
  EXPECT_EQ(context_counter.multiplications, 1);
  EXPECT_EQ(context_counter.base_multiplications, 1);
}

TEST_F(MuSig2Session, NoSingleFaultOfTheCurveMakesTheCardReleaseAWrongSignature) {
  const KeyAggContext context = keys();
  const ByteArray<32> message{8};
  Initiator wallet(curve_, crypto::schnorr_verify);
  const auto nonce = *wallet.start(wallet_share_, context, message, random_array<32>(random_));
  FaultyCurve counter;
  const auto right = answer(counter, context, message, nonce);
  ASSERT_TRUE(right.ok());
  ASSERT_GT(counter.operations, 10);
  for (auto fault : {FaultyCurve::Fault::kWrongPoint, FaultyCurve::Fault::kDeviceError}) {
    for (int at = 0; at < counter.operations; ++at) {
      FaultyCurve faulty;
      faulty.fault = fault;
      faulty.fault_at = at;
      Blame blame;
      const auto result = respond(faulty, card_share_, context, message, nonce, card_random_, &blame);
      EXPECT_FALSE(result.ok()) << "fault in operation " << at;
      if (fault == FaultyCurve::Fault::kDeviceError) {
        EXPECT_EQ(result.error().code, ErrorCode::kDevice);
      }
      EXPECT_EQ(blame.contribution, Contribution::kNone) << "the peer is not to blame for our device";
    }
  }
}

}  // namespace
}  // namespace touchstone::mpc::musig2
