// Runs, shares and pieces of messages; and that a set-up may rest anywhere.
#include <gtest/gtest.h>

#include "bignum/pause.h"
#include "mpc_lindell/lindell_test_support.h"
#include "mpc_lindell/link.h"

namespace touchstone::mpc::lindell {
namespace {
using namespace test_support;

struct Pieces final : Transport {
  Status send(PartyId to, Bytes m) override {
    EXPECT_EQ(to, kCardParty);
    EXPECT_LE(m.size(), kPieceBytes);
    all.emplace_back(m.begin(), m.end());
    return {};
  }
  std::vector<std::vector<std::uint8_t>> all;
};

TEST(LindellLink, MessagesTravelInPieces) {
  std::vector<std::uint8_t> place(2 * kPieceBytes);
  PieceCollector collector(place);
  for (const std::size_t size : {std::size_t{1}, kPieceBytes - 2, kPieceBytes - 1, kPieceBytes, 2 * kPieceBytes - 2, 2 * kPieceBytes - 1, 2 * kPieceBytes}) {
    std::vector<std::uint8_t> message(size);
    for (std::size_t i = 0; i < size; ++i) message[i] = static_cast<std::uint8_t>(i * 7);
    Pieces pieces;
    ASSERT_TRUE(PieceSender(pieces).send(kCardParty, message).ok());
    for (std::size_t i = 0; i < pieces.all.size(); ++i) {
      const auto taken = collector.take(pieces.all[i]);
      ASSERT_TRUE(taken.ok());
      ASSERT_EQ(taken->has_value(), i + 1 == pieces.all.size()) << size;
      if (!*taken) continue;
      EXPECT_TRUE(std::equal((*taken)->begin(), (*taken)->end(), message.begin(), message.end()));
    }
  }
}

TEST(LindellLink, RefusesWhatIsNoPiece) {
  std::vector<std::uint8_t> place(10);
  PieceCollector collector(place);
  const std::vector<std::uint8_t> empty, bare{0}, unknown{2, 1}, half{1, 1, 2, 3, 4, 5, 6}, rest{0, 1, 2, 3}, more{0, 1, 2, 3, 4, 5};
  EXPECT_FALSE(collector.take(empty).ok());
  EXPECT_FALSE(collector.take(bare).ok());
  EXPECT_FALSE(collector.take(unknown).ok());
  ASSERT_TRUE(collector.take(half).ok());
  EXPECT_EQ(collector.take(more).error().code, ErrorCode::kTooLarge);
  const auto after = collector.take(rest);
  ASSERT_TRUE(after.ok() && *after) << "after an error nothing of the message before is left";
  EXPECT_EQ((*after)->size(), 3u);
}

TEST(LindellLink, EveryRunIsAnother) {
  const RunNonces a{{1}, {2}}, b{{1}, {3}}, c{{4}, {2}};
  EXPECT_NE(setup_session(a), sign_session(a));
  EXPECT_NE(setup_session(a), setup_session(b));
  EXPECT_NE(setup_session(a), setup_session(c));
  const auto bytes = [](const RunNonces& n, std::uint32_t epoch) { return share_offset(setup_session(n), epoch).to_bytes(); };
  EXPECT_NE(bytes(a, 1), bytes(a, 2));
  EXPECT_NE(bytes(a, 1), bytes(b, 1));
  EXPECT_EQ(bytes(a, 1), bytes(a, 1));
}

/// How much is computed between two places to rest.
struct Rests final : bignum::PausePoint {
  Rests() { bignum::pause_point = this; }
  ~Rests() override { bignum::pause_point = nullptr; }
  void pause(std::uint32_t cost) override {
    ++count;
    total += cost;
    longest = std::max(longest, cost);
  }
  std::uint64_t count = 0, total = 0;
  std::uint32_t longest = 0;
};

TEST(LindellLink, EverythingLongCanRest) {
  crypto::HostCurve curve;
  Random random = SeedTree(5).stream("rests");
  {
    Rests rests;
    ASSERT_TRUE(PaillierKey::generate(ByteArray<32>{7}).ok());
    EXPECT_GT(rests.count, 1000u);
  }
  const Scalar x1 = random_scalar(random), x2 = random_scalar(random);
  struct Owner final : Transport {
    Status send(PartyId, Bytes m) override { return all.emplace_back(m.begin(), m.end()), Status(); }
    std::vector<std::vector<std::uint8_t>> all;
  } to_owner, to_evaluator;
  const SessionId session{9};
  OwnerSetup owner(curve, paillier_key(), x1, setup_config(kOwner, session, random));
  EvaluatorSetup evaluator(curve, pedersen_key(), x2, setup_config(kEvaluator, session, random));
  ASSERT_TRUE(owner.start(to_evaluator).ok());
  ASSERT_TRUE(evaluator.start(to_owner).ok());
  Rests rests;
  ASSERT_TRUE(owner.receive(kEvaluator, to_owner.all[0], to_evaluator).ok());
  // A thousandth of the whole is a second on the card.
  EXPECT_LT(rests.longest, rests.total / 10'000);
}

}  // namespace
}  // namespace touchstone::mpc::lindell
