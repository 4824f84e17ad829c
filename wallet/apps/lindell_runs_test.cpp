// The wallet's side of Lindell17 against a card that says something else. That both sides work together: firmware_app_test.
#include "wallet/lindell_runs.h"

#include <gtest/gtest.h>

#include "contract/messages.h"
#include "crypto/point.h"
#include "mpc_lindell/lindell_test_support.h"
#include "wallet/encoding.h"

namespace touchstone::wallet {
namespace {

namespace lindell = mpc::lindell;
using contract::RunBegin;
using contract::RunMessage;

class LindellRunsTest : public ::testing::Test {
 protected:
  LindellRunsTest() { runs.use_group(lindell::test_support::pedersen_key()); }

  /// As a set-up of `epoch` would have left it.
  ByteVector stored(std::uint32_t epoch) {
    ByteVector out(870);
    ByteWriter w(out);
    w.le32(epoch);
    w.put(offset.to_bytes());
    w.put(crypto::compress(*curve.multiply_base(share - offset)));
    w.put(crypto::compress(keys.owner.key));
    w.put(keys.evaluator.paillier.n().to_bytes());
    w.put(keys.evaluator.paillier.to_bytes(keys.evaluator.share_ciphertext));
    EXPECT_TRUE(w.size() == out.size());
    return out;
  }
  Status expect_signature() { return runs.expect_signature(share, tweak, keys.owner.key, ByteArray<32>{1}); }
  /// The card begins that run, and names that epoch in it. How the wallet takes it.
  Result<std::vector<ByteVector>> begin(RunBegin::Run run, std::uint32_t epoch, bool of_another_run = false) {
    const ByteArray<32> card_nonce{7};
    const auto begun = runs.on_message(encoded(RunBegin{static_cast<std::uint8_t>(run), card_nonce}));
    if (!begun) return begun;
    const auto answer = RunBegin::decode(begun->at(0)).value();
    const lindell::RunNonces nonces{answer.nonce, card_nonce};
    auto session = run == RunBegin::Run::kSign ? lindell::sign_session(nonces) : lindell::setup_session(nonces);
    if (of_another_run) session[0] ^= 1;
    ByteVector piece{0};
    const ByteVector message = encoded(contract::lindell::KeyEpoch{session, epoch});
    piece.insert(piece.end(), message.begin(), message.end());
    return runs.on_message(encoded(RunMessage{piece}));
  }

  crypto::HostCurve curve;
  Random random = SeedTree(6).stream("lindell runs");
  const crypto::Scalar share = lindell::test_support::random_scalar(random), offset = lindell::test_support::random_scalar(random),
                       tweak = lindell::test_support::random_scalar(random);
  const lindell::test_support::Keys keys{curve, lindell::test_support::random_scalar(random), share, random};
  LindellRuns runs{curve, [this](MutableBytes out) { random.fill(out); }};
};

TEST_F(LindellRunsTest, AnswersOnlyTheRunThatIsDue) {
  EXPECT_EQ(begin(RunBegin::Run::kSign, 3).error().code, ErrorCode::kState) << "nothing is expected";
  EXPECT_EQ(expect_signature().error().code, ErrorCode::kState) << "no key";
  ASSERT_TRUE(runs.restore(stored(3)).ok());
  for (const auto other : {RunBegin::Run::kKey, RunBegin::Run::kSetUp}) {
    ASSERT_TRUE(expect_signature().ok());
    EXPECT_EQ(begin(other, 3).error().code, ErrorCode::kState);
    EXPECT_EQ(begin(RunBegin::Run::kSign, 3).error().code, ErrorCode::kState) << "after an error nothing goes on";
  }
  ASSERT_TRUE(expect_signature().ok());
  EXPECT_EQ(begin(RunBegin::Run::kSign, 3, true).error().code, ErrorCode::kBadFormat);
  ASSERT_TRUE(expect_signature().ok());
  const auto begun = begin(RunBegin::Run::kSign, 3);
  ASSERT_TRUE(begun.ok()) << "and this is how it goes on: " << (begun ? "" : begun.error().what);
  EXPECT_EQ(begun->size(), 1u);
  runs.end();
  EXPECT_TRUE(runs.memory().empty()) << "the share is gone";
}

TEST_F(LindellRunsTest, AnotherShareThanThatOfTheSetUpDoesNotBegin) {
  ASSERT_TRUE(runs.restore(stored(3)).ok());
  ASSERT_TRUE(runs.expect_signature(share + crypto::Scalar::from_u32(1), tweak, keys.owner.key, {}).ok());
  EXPECT_EQ(begin(RunBegin::Run::kSign, 3).error().code, ErrorCode::kState);
  EXPECT_EQ(runs.expect_signature(share, tweak, keys.owner.own_point, {}).error().code, ErrorCode::kState) << "another account";
}

// Whatever epoch a card has once claimed, an honest one renews its key afterwards: a claim locks nobody out.
TEST_F(LindellRunsTest, AnotherEpochWantsARenewalAndNoMore) {
  for (const std::uint32_t claimed : {2u, 5u, 0xFFFF'FFFEu, 0xFFFF'FFFFu}) {
    SCOPED_TRACE(claimed);
    ASSERT_TRUE(runs.restore(stored(3)).ok());
    ASSERT_TRUE(expect_signature().ok());
    EXPECT_EQ(begin(RunBegin::Run::kSign, claimed).error().code, ErrorCode::kMismatch);
    EXPECT_FALSE(runs.has_key());
    EXPECT_EQ(expect_signature().error().code, ErrorCode::kState);
    const ByteVector left = runs.evaluator_key();
    ASSERT_TRUE(runs.restore(left).ok());
    EXPECT_FALSE(runs.has_key()) << "over a restart too";
    for (const std::uint32_t next : {1u, 4u}) {
      runs.expect_key(share, 1, keys.owner.key);
      EXPECT_TRUE(begin(RunBegin::Run::kKey, next).ok());
    }
    runs.expect_key(share, 1, keys.owner.key);
    EXPECT_EQ(begin(RunBegin::Run::kKey, 0).error().code, ErrorCode::kMismatch) << "before the account's first";
    EXPECT_EQ(runs.evaluator_key(), left) << "what breaks off changes nothing";
  }
}

TEST_F(LindellRunsTest, ADamagedStateIsNoKey) {
  const ByteVector good = stored(3);
  EXPECT_TRUE(runs.restore(good).ok());
  EXPECT_TRUE(runs.restore({}).ok());
  EXPECT_FALSE(runs.has_key());
  for (const std::size_t size : {std::size_t{1}, std::size_t{5}, good.size() - 1}) EXPECT_FALSE(runs.restore(Bytes(good).first(size)).ok()) << size;
  // A point's first byte, the modulus's first and last, a digit of the ciphertext above N.
  for (const std::size_t at : {36u, 69u, 102u, 357u, 358u}) {
    ByteVector bad = good;
    bad[at] = at == 357 ? 0 : at == 358 ? 0xff : 0x01;
    EXPECT_FALSE(runs.restore(bad).ok()) << at;
    EXPECT_FALSE(runs.has_key());
  }
}

}  // namespace
}  // namespace touchstone::wallet
