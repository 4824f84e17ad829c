#include "codes/bch.h"

#include <gtest/gtest.h>

#include <bit>
#include <vector>

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

// The parameters of Lin and Costello, table 6.1 and appendix C, and what follows from counting cosets.
TEST(Bch, FindsTheCodesOfTheTables) {
  const struct {
    int n, k, t;
  } known[] = {{127, 64, 10}, {127, 29, 21}, {127, 8, 31}, {255, 131, 18}, {255, 91, 25}, {255, 47, 42}, {255, 21, 55}, {255, 9, 63},
               {511, 268, 29}, {511, 130, 55}, {511, 76, 85}, {511, 49, 93}, {511, 31, 109}, {511, 19, 119}, {1023, 258, 106},
               {1023, 133, 127}, {1023, 123, 170}, {1023, 76, 187}, {1023, 46, 219}, {1023, 16, 247}, {1023, 1013, 1}};
  for (const auto& c : known) {
    const auto code = BchCode::find(c.n, c.k);
    ASSERT_TRUE(code.has_value()) << c.n << " " << c.k;
    EXPECT_EQ(code->correctable(), c.t) << c.n << " " << c.k;
    EXPECT_EQ(code->message_bits(), c.k);
  }
  for (const auto& [n, k] : {std::pair(511, 30), {511, 0}, {511, 511}, {511, 512}, {512, 31}, {63, 24}, {1023, 1}, {0, 0}, {-1, 1}}) {
    EXPECT_FALSE(BchCode::find(n, k).has_value()) << n << " " << k;
  }
}

using Word = std::vector<std::uint32_t>;

// Every root of the generator is one of every codeword: by the definition, not by the decoder.
TEST(Bch, CodewordsVanishAtTheRoots) {
  Random random(7);
  for (const auto& [n, k] : {std::pair(127, 29), {255, 47}, {511, 31}, {1023, 46}}) {
    const auto code = BchCode::find(n, k);
    Word message(at(words_for(k))), word(at(words_for(n)));
    for (int i = 0; i < k; ++i) set(message, i, random.below(2) == 1);
    code->encode(message, word);
    for (int i = 0; i < k; ++i) EXPECT_EQ(bit(word, n - k + i), bit(message, i));
    const int m = n == 127 ? 7 : n == 255 ? 8 : n == 511 ? 9 : 10;
    const int primitive[] = {0x89, 0x11d, 0x211, 0x409};
    for (int j = 1; j <= 2 * code->correctable(); ++j) {
      // Horner at alpha^j, with a multiplication by alpha that needs no table.
      int sum = 0;
      for (int i = n - 1; i >= 0; --i) {
        for (int s = 0; s < j; ++s) sum = sum << 1 > n ? (sum << 1) ^ primitive[m - 7] : sum << 1;
        sum ^= bit(word, i) ? 1 : 0;
      }
      ASSERT_EQ(sum, 0) << n << " power " << j;
    }
  }
}

TEST(Bch, LongCodesCorrectUpToTErrorsAndLeaveAloneWhatTheyCannot) {
  Random random(8);
  for (const auto& [n, k] : {std::pair(127, 29), {255, 47}, {255, 131}, {511, 31}, {511, 130}, {511, 268}, {1023, 46}, {1023, 258}}) {
    const auto code = BchCode::find(n, k);
    const int t = code->correctable();
    for (int trial = 0; trial < 12; ++trial) {
      Word message(at(words_for(k))), sent(at(words_for(n)));
      for (int i = 0; i < k; ++i) set(message, i, random.below(2) == 1);
      code->encode(message, sent);
      const int errors = trial == 0 ? 0 : trial < 8 ? t : trial < 10 ? static_cast<int>(random.below(at(t))) : t + 1 + trial;
      Word received = sent;
      for (int made = 0; made < errors;) {
        const int place = static_cast<int>(random.below(at(n)));
        if (bit(received, place) != bit(sent, place)) continue;
        flip(received, place);
        ++made;
      }
      Word decoded = received;
      const bool corrected = code->decode(decoded);
      if (errors <= t) {
        EXPECT_TRUE(corrected);
        EXPECT_EQ(decoded, sent) << n << " " << k << " " << errors;
      } else {
        EXPECT_FALSE(corrected);  // a word within t of another codeword is rarer than 2^-30 here
        EXPECT_EQ(decoded, received);
      }
    }
  }
}

TEST(Bch, EveryCodeThatIsFoundCorrectsTErrorsAndFailsCleanly) {
  Random random(9);
  int found = 0;
  for (const int n : {127, 255, 511, 1023}) {
    for (int k = 1; k <= n; ++k) {
      const auto code = BchCode::find(n, k);
      if (!code) continue;
      ++found;
      Word word(at(words_for(n)));
      for (int e = 0; e < code->correctable(); ++e) flip(word, e * n / code->correctable());
      EXPECT_TRUE(code->decode(word)) << n << " " << k;
      EXPECT_EQ(word, Word(word.size())) << n << " " << k;
      for (int i = 0; i < n; ++i) set(word, i, random.below(2) == 1);
      const Word any = word;
      EXPECT_TRUE(code->decode(word) || word == any);
    }
  }
  EXPECT_GT(found, 200);
}

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
