// The parts below the signature: base OT, trees, set-up, extension, multiplication.
#include <gtest/gtest.h>

#include "crypto/point.h"
#include "mpc_dkls/test_parties.h"

namespace touchstone::mpc::dkls {
namespace {

using crypto::Scalar;

Random stream(const char* name) { return SeedTree(5).stream(name); }

TEST(DklsBaseOt, TheReceiverHasTheKeyOfItsChoice) {
  crypto::HostCurve curve;
  Random seeds = stream("base ot");
  const ByteArray<32> context = draw(seeds), key_context = draw(seeds);
  Randomness receiver(draw(seeds), context, label("receiver")), sender(draw(seeds), context, label("sender"));
  for (std::uint32_t index = 0; index < 16; ++index) {
    const bool choice = index % 2 != 0;
    Scalar secret;
    ByteArray<66> points;
    ByteArray<33> answer;
    std::array<Seed, 2> keys;
    Seed key, wrong;
    ASSERT_TRUE(base_ot_choose(curve, context, index, choice, receiver, secret, points).ok());
    ASSERT_TRUE(base_ot_answer(curve, context, key_context, index, points, sender, answer, keys).ok());
    ASSERT_TRUE(base_ot_finish(curve, key_context, index, choice, secret, answer, key).ok());
    ASSERT_TRUE(base_ot_finish(curve, key_context, index, !choice, secret, answer, wrong).ok());
    EXPECT_EQ(key, keys[choice]);
    EXPECT_NE(keys[0], keys[1]);
    EXPECT_NE(wrong, keys[!choice]);
    ASSERT_TRUE(base_ot_finish(curve, key_context, index + 1, choice, secret, answer, wrong).ok());
    EXPECT_NE(wrong, key) << "the index is part of the key";
  }
}

TEST(DklsBaseOt, RefusesWhatIsNoPoint) {
  crypto::HostCurve curve;
  Random seeds = stream("base ot bad");
  const ByteArray<32> context = draw(seeds);
  Randomness random(draw(seeds), context, label("test"));
  Scalar secret;
  ByteArray<66> points;
  ByteArray<33> answer;
  std::array<Seed, 2> keys;
  ASSERT_TRUE(base_ot_choose(curve, context, 0, true, random, secret, points).ok());
  for (const std::size_t at : {0u, 33u}) {
    ByteArray<66> bad = points;
    bad[at] = 4;
    EXPECT_EQ(base_ot_answer(curve, context, context, 0, bad, random, answer, keys).error().code,
              ErrorCode::kBadFormat);
    std::fill_n(bad.begin() + static_cast<std::ptrdiff_t>(at), 33, std::uint8_t{0});
    EXPECT_FALSE(base_ot_answer(curve, context, context, 0, bad, random, answer, keys).ok()) << "infinity";
  }
  Seed key;
  EXPECT_FALSE(base_ot_finish(curve, context, 0, true, secret, ByteArray<33>{2}, key).ok());
}

TEST(DklsTree, OneLeafIsMissing) {
  Random seeds = stream("tree");
  const ByteArray<32> context = draw(seeds);
  std::array<std::array<Seed, 2>, kTreeDepth> keys;
  for (auto& pair : keys)
    for (Seed& key : pair) seeds.fill(key);
  FullTree full;
  ByteArray<kTreeBytes> message;
  make_tree(keys, context, full, message);
  Leaves all;
  expand(full, all);
  for (std::uint32_t index = 0; index < kLeaves; ++index) {
    std::array<Seed, kTreeDepth> chosen;
    for (std::size_t level = 0; level < kTreeDepth; ++level)
      chosen[level] = keys[level][1 ^ (index >> (kTreeDepth - 1 - level) & 1)];
    PuncturedTree punctured;
    ASSERT_TRUE(open_tree(chosen, index, context, message, punctured).ok());
    Leaves most;
    expand(punctured, index, most);
    for (std::uint32_t y = 0; y < kLeaves; ++y) EXPECT_EQ(most[y], y == index ? Seed() : all[y]);
    EXPECT_FALSE(open_tree(chosen, index, ByteArray<32>{}, message, punctured).ok());
    // What is changed is noticed or does not matter.
    std::size_t noticed = 0;
    for (std::size_t at = 0; at < message.size(); at += 7) {
      ByteArray<kTreeBytes> changed = message;
      changed[at] ^= 1;
      PuncturedTree other;
      if (!open_tree(chosen, index, context, changed, other)) {
        ++noticed;
        continue;
      }
      expand(other, index, most);
      for (std::uint32_t y = 0; y < kLeaves; ++y) EXPECT_EQ(most[y], y == index ? Seed() : all[y]);
    }
    EXPECT_GE(noticed, message.size() / 7 / 2);
  }
}

struct Pair {
  Random random = stream("pair");
  Setups setups{{1, 2}, random};
  OtSetup &sender = setups.at(1, 2), &receiver = setups.at(2, 1);  // of the extension
  ByteArray<32> context = draw(random);
  ExtensionNonce nonce{1, 2, 3};
  Choices choices;
  Wiped<Rows> t, q;
  std::vector<std::uint8_t> corrections = std::vector<std::uint8_t>(kCorrectionBytes);

  Pair() {
    for (std::uint32_t& word : choices) word = load_be32(draw(random).data());
    extension_choose(receiver.full_trees(), nonce, choices, t, corrections);
  }
  ExtensionCheck check() const { return extension_check(context, nonce, corrections, choices, t); }
  Status answer(const ExtensionCheck& check) { return extension_answer(sender, context, nonce, corrections, check, q); }
  bool chosen(std::size_t row) const { return (choices[row / 32] >> (row % 32) & 1) != 0; }
};

TEST(DklsSetup, IsTheSameOnBothSidesAndIsStored) {
  Pair pair;
  EXPECT_EQ(pair.sender.id(), pair.receiver.id());
  EXPECT_EQ(pair.sender.zero_seed(), pair.receiver.zero_seed());
  EXPECT_NE(pair.sender.delta(), pair.receiver.delta());
  std::vector<std::uint8_t> stored(OtSetup::kBytes);
  ASSERT_TRUE(pair.sender.store(stored).ok());
  std::array<MemoryFuse, 3> fuses;
  OtSetup loaded(&fuses[0]);
  ASSERT_TRUE(loaded.load(stored).ok());
  EXPECT_EQ(loaded.load(stored).error().code, ErrorCode::kState);
  std::vector<std::uint8_t> again(OtSetup::kBytes);
  ASSERT_TRUE(loaded.store(again).ok());
  EXPECT_EQ(stored, again);
  stored[100] ^= 1;
  OtSetup changed(&fuses[1]);
  EXPECT_EQ(changed.load(stored).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(changed.load(Bytes(stored).first(10)).error().code, ErrorCode::kBadFormat);
  OtSetup without_fuse, fused(&fuses[2]);
  EXPECT_EQ(without_fuse.load(again).error().code, ErrorCode::kState);
  ASSERT_TRUE(fuses[2].blow().ok());
  EXPECT_EQ(fused.load(again).error().code, ErrorCode::kState);
  loaded.burn();
  EXPECT_TRUE(fuses[0].blown());
  EXPECT_EQ(loaded.store(again).error().code, ErrorCode::kState);
  EXPECT_EQ(loaded.load(again).error().code, ErrorCode::kState);
}

TEST(DklsSetup, AChangedByteMakesNoSetup) {
  crypto::HostCurve curve;
  Random random = stream("setup bytes");
  // Messages of party 2: 4 x SetupPoints, 4 x SetupAnswer, SetupConfirm. 33 bytes of each are id and session.
  const std::vector<std::pair<std::size_t, std::size_t>> places = {
      {0, 0},    {0, 33},   {0, 34},   {0, 36},   {0, 70},   {1, 2146}, {3, 1000}, {4, 0},  {4, 33}, {4, 36}, {4, 60},
      {4, 1093}, {4, 1094}, {4, 1400}, {5, 3140}, {6, 3100}, {7, 3000}, {8, 33},   {8, 64}, {8, 65}, {8, 96}};
  for (const auto& [which, at] : places) {
    OtSetup first, second;
    const SessionId session = draw(random);
    SetupSession a(curve, session, 1, 2, draw(random), draw(random), first),
        b(curve, session, 2, 1, draw(random), draw(random), second);
    Network network;
    network.join(1, a);
    network.join(2, b);
    std::size_t sent = 0;
    network.tamper = [&, w = which, p = at](Network::Message& m) {
      if (m.from == 2 && sent++ == w) m.bytes.at(p) ^= 1;
      return true;
    };
    network.run();
    if (which == 8 && at >= 65) {  // half of the zero-share seed: the two differ, and every signature will say so
      EXPECT_NE(first.zero_seed(), second.zero_seed());
      continue;
    }
    EXPECT_FALSE(a.done() && b.done()) << which << " " << at;
    if (a.failure()) {
      EXPECT_EQ(a.failure()->culprit, 2) << which << " " << at;
    }
    EXPECT_FALSE(first.ready() && second.ready());
  }
}

TEST(DklsExtension, RowsDifferByDeltaWhereTheChoiceIsOne) {
  Pair pair;
  ASSERT_TRUE(pair.answer(pair.check()).ok());
  std::size_t ones = 0;
  for (std::size_t j = 0; j < kRows; ++j) {
    EXPECT_EQ(static_cast<Row&>(pair.q[j]),
              pair.chosen(j) ? static_cast<const Row&>(add(pair.t[j], pair.sender.delta())) : pair.t[j])
        << j;
    ones += pair.chosen(j);
  }
  EXPECT_NEAR(static_cast<double>(ones), kRows / 2.0, 80);
  for (std::uint32_t j : {0u, 1u, 255u, 415u}) {
    Pad chosen, zero, one;
    extension_pad(pair.context, j, pair.t[j], chosen);
    extension_pad(pair.context, j, pair.q[j], zero);
    extension_pad(pair.context, j, add(pair.q[j], pair.sender.delta()), one);
    for (std::size_t i = 0; i < kWidth; ++i) {
      EXPECT_TRUE(equal_constant_time(chosen[i], pair.chosen(j) ? one[i] : zero[i]));
      EXPECT_FALSE(equal_constant_time(zero[i], one[i]));
    }
  }
}

TEST(DklsExtension, TheCheckSeesEveryChange) {
  Pair pair;
  const ExtensionCheck good = pair.check();
  for (std::size_t at = 0; at < kCorrectionBytes; at += 97) {
    pair.corrections[at] ^= 0x10;
    EXPECT_EQ(pair.answer(good).error().code, ErrorCode::kMismatch);
    pair.corrections[at] ^= 0x10;
  }
  ExtensionCheck bad = good;
  bad.choice_hash[3] ^= 1;
  EXPECT_FALSE(pair.answer(bad).ok());
  bad = good;
  bad.row_hash[31] ^= 1;
  EXPECT_FALSE(pair.answer(bad).ok());
  EXPECT_TRUE(pair.answer(good).ok());
}

// The selective failure that a failed check must burn the set-up for: a receiver who says another choice to one tree
// and makes its check for a guess of Delta passes exactly if the guess is right.
TEST(DklsExtension, ACheatPassesOnlyWithTheRightGuessOfDelta) {
  const std::size_t tree = 5, row = 77;
  std::size_t passed = 0;
  for (std::uint32_t guess = 0; guess < kLeaves; ++guess) {
    Pair pair;
    pair.corrections[tree * kColumnBytes + row / 8] ^= static_cast<std::uint8_t>(1u << (row % 8));
    pair.t[row][tree / 8] ^= guess << (4 * (tree % 8));
    const bool right = guess == pair.sender.missing(tree);
    EXPECT_EQ(pair.answer(pair.check()).ok(), right) << guess;
    passed += right;
  }
  EXPECT_EQ(passed, 1u);
}

struct Multiplication : Pair {
  Products factors{draw_scalar(random), draw_scalar(random)}, c, d;
  MultiplyReceiver receive;
  ByteArray<32> eta, mu;
  std::vector<std::vector<std::uint8_t>> pieces;

  Multiplication() {
    TS_CHECK(answer(check()).ok(), "extension");
    MultiplySender send(context, q, sender.delta(), factors, draw_scalar(random));
    for (std::size_t i = 0; i < kPieces; ++i) send.next_piece(pieces.emplace_back(kPieceBytes));
    send.finish(eta, mu, c);
  }
  Status run() {
    receive.begin(context);
    for (const auto& piece : pieces) TS_RETURN_IF_ERROR(receive.take_piece(context, t, choices, piece));
    return receive.finish(context, choices, eta, mu, d);
  }
  bool correct() const {
    const Scalar b = multiply_factor(choices);
    return equal_constant_time(c[0] + d[0], factors[0] * b) && equal_constant_time(c[1] + d[1], factors[1] * b);
  }
};

TEST(DklsMultiply, PartsAddUpToTheProducts) {
  for (int i = 0; i < 3; ++i) {
    Multiplication m;
    ASSERT_TRUE(m.run().ok());
    EXPECT_TRUE(m.correct());
    EXPECT_FALSE(multiply_factor(m.choices).is_zero());
  }
}

TEST(DklsMultiply, TheCheckSeesEveryChange) {
  Multiplication m;
  for (const std::size_t piece : {0u, 6u, 12u})
    for (const std::size_t at : {31u, 63u, 95u, 1567u, 3071u}) {
      m.pieces[piece][at] ^= 1;
      EXPECT_FALSE(m.run().ok()) << piece << " " << at;
      m.pieces[piece][at] ^= 1;
    }
  m.eta[31] ^= 1;
  EXPECT_EQ(m.run().error().code, ErrorCode::kMismatch);
  m.eta[31] ^= 1;
  m.mu[0] ^= 1;
  EXPECT_EQ(m.run().error().code, ErrorCode::kMismatch);
  m.mu[0] ^= 1;
  std::fill_n(m.pieces[2].begin() + 32, 32, std::uint8_t{0xff});
  EXPECT_EQ(m.run().error().code, ErrorCode::kOutOfRange) << "no canonical scalar";
}

}  // namespace
}  // namespace touchstone::mpc::dkls
