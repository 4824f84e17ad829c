#include "codes/bch.h"

#include <gtest/gtest.h>

#include <bit>

#include "base/seed.h"
#include "codes/ordered_statistics.h"

namespace touchstone::codes {
namespace {

// Lin and Costello, table 6.1.
static_assert(Bch<4, 2>::k == 7 && Bch<4, 3>::k == 5);
static_assert(Bch<5, 7>::k == 6 && Bch<5, 5>::k == 11);
static_assert(Bch<6, 7>::k == 24 && Bch<6, 10>::k == 18 && Bch<6, 11>::k == 16 && Bch<6, 13>::k == 10 && Bch<6, 15>::k == 7);
static_assert(Bch<7, 27>::k == 15 && Bch<7, 31>::k == 8 && Bch<8, 18>::k == 131 && Bch<8, 47>::k == 47 - 10 - 8);

template <typename Code>
typename Code::Message random_message(Random& random) {
  typename Code::Message message;
  for (int i = 0; i < Code::k; ++i) message.set(i, random.below(2) == 1);
  return message;
}

template <typename Word, int n>
int distance(const Word& a, const Word& b) {
  int d = 0;
  for (int i = 0; i < n; ++i) d += a.bit(i) != b.bit(i) ? 1 : 0;
  return d;
}

TEST(Bch, DecodesEveryWordOfLength15LikeBruteForce) {
  using Code = Bch<4, 2>;
  std::vector<Code::Word> codewords;
  for (std::uint32_t m = 0; m < 1U << Code::k; ++m) {
    Code::Message message;
    message.limbs[0] = m;
    codewords.push_back(Code::encode(message));
    EXPECT_EQ(Code::message_of(codewords.back()), message);
  }
  int undecodable = 0;
  for (std::uint32_t w = 0; w < 1U << 15; ++w) {
    Code::Word word;
    word.limbs[0] = w;
    std::optional<Code::Word> expected;
    for (const Code::Word& c : codewords) {
      if (std::popcount(c.limbs[0] ^ w) <= 2) expected = c;  // d = 5: at most one
    }
    ASSERT_EQ(Code::decode(word), expected) << w;
    undecodable += expected ? 0 : 1;
  }
  EXPECT_GT(undecodable, 0);
}

TEST(Bch, TheMinimumDistanceOfTheCardsCodeIsAtLeast15) {
  using Code = Bch<6, 7>;
  Random random(3);
  for (int trial = 0; trial < 20000; ++trial) {
    const Code::Word word = Code::encode(random_message<Code>(random));
    const int weight = std::popcount(word.limbs[0]) + std::popcount(word.limbs[1]);
    ASSERT_TRUE(weight == 0 || weight >= 15) << weight;
  }
}

template <typename Code, int t>
void corrects_up_to_t(std::uint64_t seed) {
  Random random(seed);
  for (int trial = 0; trial < 200; ++trial) {
    const auto word = Code::encode(random_message<Code>(random));
    for (int errors = 0; errors <= t; ++errors) {
      auto received = word;
      while (distance<typename Code::Word, Code::n>(received, word) < errors) {
        const int place = static_cast<int>(random.below(Code::n));
        received.set(place, !word.bit(place));
      }
      ASSERT_EQ(Code::decode(received), word) << errors << " errors";
    }
  }
}
TEST(Bch, CorrectsUpToTErrors63) { corrects_up_to_t<Bch<6, 7>, 7>(1); }
TEST(Bch, CorrectsUpToTErrors127) { corrects_up_to_t<Bch<7, 27>, 27>(2); }
TEST(Bch, CorrectsUpToTErrors255) { corrects_up_to_t<Bch<8, 18>, 18>(3); }

TEST(Bch, BeyondTItFindsAnotherCodewordOrNone) {
  using Code = Bch<6, 7>;
  Random random(4);
  for (int trial = 0; trial < 500; ++trial) {
    Code::Word received;
    for (int i = 0; i < Code::n; ++i) received.set(i, random.below(2) == 1);
    const auto decoded = Code::decode(received);
    if (!decoded) continue;
    EXPECT_EQ(Code::encode(Code::message_of(*decoded)), *decoded);
    EXPECT_LE((distance<Code::Word, Code::n>(*decoded, received)), 7);
  }
}

TEST(OrderedStatistics, IsMaximumLikelihoodForASmallCode) {
  using Code = Bch<4, 2>;
  Random random(5);
  int best_found = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    std::array<std::int32_t, Code::n> soft{};
    for (auto& s : soft) s = static_cast<std::int32_t>(random.normal() * 1000);
    std::int32_t best = INT32_MIN;
    for (std::uint32_t m = 0; m < 1U << Code::k; ++m) {
      Code::Message message;
      message.limbs[0] = m;
      const Code::Word word = Code::encode(message);
      std::int32_t correlation = 0;
      for (int i = 0; i < Code::n; ++i) correlation += word.bit(i) ? -soft[at(i)] : soft[at(i)];
      best = std::max(best, correlation);
    }
    const auto decision = decode_ordered_statistics<Code>(soft);
    EXPECT_LE(decision.correlation, best);
    best_found += decision.correlation == best ? 1 : 0;
  }
  EXPECT_GE(best_found, 1990);
}

TEST(OrderedStatistics, CorrectsMoreThanTWhenTheSoftValuesTellWhere) {
  using Code = Bch<6, 7>;
  Random random(6);
  int right = 0;
  for (int trial = 0; trial < 200; ++trial) {
    const Code::Word word = Code::encode(random_message<Code>(random));
    std::array<std::int32_t, Code::n> soft{};
    for (int i = 0; i < Code::n; ++i) soft[at(i)] = static_cast<std::int32_t>(((word.bit(i) ? -1 : 1) * 1.25 + random.normal()) * 1000);
    right += decode_ordered_statistics<Code>(soft).codeword == word ? 1 : 0;
  }
  EXPECT_GE(right, 170);  // 0.9 dB per coded bit: about seven wrong signs on average, often more
}

}  // namespace
}  // namespace touchstone::codes
