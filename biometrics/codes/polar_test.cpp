#include "codes/polar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/seed.h"

namespace touchstone::codes {
namespace {

struct Decoder {
  std::vector<std::uint32_t> work;
  PolarListDecoder decoder;
  Decoder(const PolarCode& code, int list_size)
      : work(PolarListDecoder::work_bytes(code.log2_length(), list_size) / 4),
        decoder(code, list_size, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4)) {}
};
using Word = std::vector<std::uint32_t>;

Word random_message(Random& random, int bits) {
  Word message(at(words_for(bits)));
  for (int i = 0; i < bits; ++i) set(message, i, random.below(2) == 1);
  return message;
}
Word encode(const PolarCode& code, Words message) {
  Word codeword(at(words_for(code.length())));
  code.encode(message, codeword);
  return codeword;
}
Word copy(Words words) { return {words.begin(), words.end()}; }

/// A codeword through Gaussian noise: amplitude 1, standard deviation `sigma`, then `step` soft values to the unit.
std::vector<std::int16_t> transmit(Words codeword, int n, double sigma, double step, Random& random) {
  std::vector<std::int16_t> llr(at(n));
  for (int i = 0; i < n; ++i) llr[at(i)] = static_cast<std::int16_t>(step * ((bit(codeword, i) ? -1 : 1) + sigma * random.normal()));
  return llr;
}
std::int32_t discrepancy(Words codeword, const std::vector<std::int16_t>& llr) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < llr.size(); ++i) {
    const std::int32_t v = bit(codeword, static_cast<int>(i)) ? -llr[i] : llr[i];
    if (v < 0) sum -= v;
  }
  return sum;
}

// The textbook: one bit after the other, min-sum recursion from scratch for each, paths as plain vectors.
struct Textbook {
  const PolarCode& code;
  struct Path {
    std::vector<int> u;
    std::int64_t metric = 0;
  };

  static std::vector<int> transform(std::vector<int> u) {
    for (std::size_t half = 1; half < u.size(); half *= 2)
      for (std::size_t i = 0; i < u.size(); ++i)
        if ((i & half) == 0) u[i] ^= u[i + half];
    return u;
  }
  // Soft value of bit u[known.size()], given those before.
  static std::int64_t soft(const std::vector<std::int64_t>& y, const std::vector<int>& known) {
    if (y.size() == 1) return y[0];
    const std::size_t half = y.size() / 2;
    std::vector<std::int64_t> next(half);
    if (known.size() < half) {
      for (std::size_t i = 0; i < half; ++i)
        next[i] = (y[i] < 0) != (y[i + half] < 0) ? -std::min(std::abs(y[i]), std::abs(y[i + half])) : std::min(std::abs(y[i]), std::abs(y[i + half]));
      return soft(next, known);
    }
    const auto middle = known.begin() + static_cast<std::ptrdiff_t>(half);
    const std::vector<int> x = transform({known.begin(), middle});
    for (std::size_t i = 0; i < half; ++i) next[i] = y[i + half] + (x[i] != 0 ? -y[i] : y[i]);
    return soft(next, {middle, known.end()});
  }
  bool ambiguous = false;  ///< equal metrics at the list's end: another decoder may go on with the other path
  std::vector<Path> decode(const std::vector<std::int16_t>& llr, std::size_t list) {
    const std::vector<std::int64_t> y(llr.begin(), llr.end());
    std::vector<Path> paths(1);
    for (int i = 0; i < code.length(); ++i) {
      std::vector<Path> next;
      for (const Path& path : paths) {
        const std::int64_t s = soft(y, path.u);
        for (int u = 0; u <= (code.information().bit(i) ? 1 : 0); ++u) {
          Path extended = path;
          extended.u.push_back(u);
          if ((s < 0) != (u == 1)) extended.metric += std::abs(s);
          next.push_back(std::move(extended));
        }
      }
      std::stable_sort(next.begin(), next.end(), [](const Path& a, const Path& b) { return a.metric < b.metric; });
      if (next.size() > list) {
        ambiguous = ambiguous || next[list - 1].metric == next[list].metric;
        next.resize(list);
      }
      paths = std::move(next);
    }
    return paths;
  }
};

TEST(Polar, TransformOfFourBits) {
  // Rows of F (x) F: 1000, 1100, 1010, 1111, position 0 first.
  const std::uint32_t rows[] = {0b0001, 0b0011, 0b0101, 0b1111};
  for (int i = 0; i < 4; ++i) {
    Word word = {1U << i};
    polar_transform(word, 4);
    EXPECT_EQ(word[0], rows[i]);
  }
}

TEST(Polar, TheInformationSetOfLength8IsThatOfTheErasureChannel) {
  // Arikan 2009, section I-D, at capacity 1/2: 0.0039 0.1211 0.1914 0.6836 0.3164 0.8086 0.8789 0.9961.
  const int order[] = {7, 6, 5, 3, 4, 2, 1, 0};
  for (int k = 0; k <= 8; ++k) {
    const PolarCode code(3, k);
    for (int i = 0; i < 8; ++i) EXPECT_EQ(code.information().bit(order[i]), i < k) << k << " " << i;
  }
}

// Against the recursion in floating point, at rates where no two capacities are near to each other.
TEST(Polar, TheInformationSetIsTheBestOfTheRecursion) {
  for (const auto& [log2, k] : {std::pair(7, 20), {8, 24}, {9, 24}, {9, 100}, {10, 24}, {10, 300}}) {
    const PolarCode code(log2, k);
    std::vector<double> capacity = {0.5 * k / (1 << log2)};
    for (int s = 0; s < log2; ++s) {
      std::vector<double> next;
      for (const double c : capacity) {
        next.push_back(c * c);
        next.push_back(2 * c - c * c);
      }
      capacity = next;
    }
    double worst_taken = 1, best_left = 0;
    int taken = 0;
    for (int i = 0; i < code.length(); ++i) {
      const bool in = code.information().bit(i);
      taken += in ? 1 : 0;
      (in ? worst_taken : best_left) = in ? std::min(worst_taken, capacity[at(i)]) : std::max(best_left, capacity[at(i)]);
    }
    EXPECT_EQ(taken, k);
    EXPECT_GE(worst_taken, best_left - 1e-8);
  }
  for (const int k : {0, 1, 511, 512}) {  // where most capacities are 0 or 1
    EXPECT_EQ(PolarCode(9, PolarCode(9, k).information()).message_bits(), k);
  }
}

PolarCode::Set random_set(Random& random, int n, int k) {
  PolarCode::Set set;
  for (int chosen = 0; chosen < k;) {
    const int i = static_cast<int>(random.below(static_cast<std::uint64_t>(n)));
    if (set.bit(i)) continue;
    set.flip(i);
    ++chosen;
  }
  return set;
}

TEST(Polar, EncodingIsLinearAndComesBack) {
  Random random(1);
  for (const int log2 : {1, 3, 5, 7, 9, 10}) {
    for (const int k : {0, 1, 1 << log2 >> 1, 1 << log2}) {
      const PolarCode code(log2, k);
      const Word a = random_message(random, k), b = random_message(random, k);
      Word sum = a;
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] ^= b[i];
      Word x = encode(code, a);
      const Word y = encode(code, b), z = encode(code, sum);
      for (std::size_t i = 0; i < x.size(); ++i) EXPECT_EQ(x[i] ^ y[i], z[i]);
      Word back(a.size());
      code.message_of(x, back);
      EXPECT_EQ(back, a) << log2 << " " << k;
    }
  }
}

TEST(Polar, DecodesLikeTheTextbook) {
  Random random(2);
  int compared = 0;
  for (int trial = 0; trial < 150; ++trial) {
    const int log2 = 1 + trial % 7, n = 1 << log2;
    const int k = static_cast<int>(random.below(static_cast<std::uint64_t>(std::min(n, 24)) + 1));
    const PolarCode code(log2, random_set(random, n, k));
    const int list = trial % 5 == 0 ? 32 : 1 + static_cast<int>(random.below(9));
    const Word sent = encode(code, random_message(random, k));
    const auto llr = transmit(sent, n, 1.5, PolarListDecoder::max_llr(log2) / 10.0, random);
    Decoder own(code, list);
    Textbook textbook{code};
    const auto expected = textbook.decode(llr, static_cast<std::size_t>(list));
    if (textbook.ambiguous) continue;
    ++compared;
    ASSERT_EQ(own.decoder.decode(llr), static_cast<int>(expected.size()));
    for (std::size_t rank = 0; rank < expected.size(); ++rank) {
      const int r = static_cast<int>(rank);
      ASSERT_EQ(own.decoder.discrepancy(r), expected[rank].metric) << "trial " << trial << " rank " << rank;
      EXPECT_EQ(own.decoder.discrepancy(r), discrepancy(own.decoder.codeword(r), llr));
      const auto x = Textbook::transform(expected[rank].u);
      const bool tied = std::count_if(expected.begin(), expected.end(), [&](const auto& e) { return e.metric == expected[rank].metric; }) > 1;
      for (int i = 0; i < n && !tied; ++i) ASSERT_EQ(bit(own.decoder.codeword(r), i), x[at(i)] == 1) << trial;
    }
  }
  EXPECT_GT(compared, 100);
}

TEST(Polar, AListOfAllMessagesIsMaximumLikelihood) {
  Random random(3);
  for (int trial = 0; trial < 40; ++trial) {
    const PolarCode code(7, 5);
    const auto llr = transmit(encode(code, random_message(random, 5)), 128, 3, 13, random);
    std::vector<std::int32_t> all;
    for (std::uint32_t m = 0; m < 32; ++m) all.push_back(discrepancy(encode(code, Word{m}), llr));
    std::sort(all.begin(), all.end());
    Decoder own(code, 32);
    ASSERT_EQ(own.decoder.decode(llr), 32);
    for (int r = 0; r < 32; ++r) EXPECT_EQ(own.decoder.discrepancy(r), all[at(r)]);
  }
}

TEST(Polar, NoMessageAndAllMessage) {
  Random random(4);
  std::vector<std::int16_t> llr(256);
  for (auto& v : llr) v = static_cast<std::int16_t>(static_cast<int>(random.below(201)) - 100);
  const PolarCode none(8, 0), all(8, 256);
  Decoder of_none(none, 4), of_all(all, 4);
  ASSERT_EQ(of_none.decoder.decode(llr), 1);
  for (const std::uint32_t w : of_none.decoder.codeword(0)) EXPECT_EQ(w, 0U);
  ASSERT_EQ(of_all.decoder.decode(llr), 4);
  EXPECT_EQ(of_all.decoder.discrepancy(0), 0);  // every hard decision is a codeword
  for (int i = 0; i < 256; ++i) {
    if (llr[at(i)] != 0) {
      EXPECT_EQ(bit(of_all.decoder.codeword(0), i), llr[at(i)] < 0);
    }
  }
}

TEST(Polar, TheStrongestValuesDoNotOverflow) {
  Random random(5);
  for (int log2 = 1; log2 <= 10; ++log2) {
    const PolarCode code(log2, std::min(20, 1 << log2));
    const Word sent = encode(code, random_message(random, code.message_bits()));
    std::vector<std::int16_t> llr(at(code.length()));
    for (int i = 0; i < code.length(); ++i) llr[at(i)] = bit(sent, i) ? INT16_MIN : INT16_MAX;
    Decoder own(code, 8);
    own.decoder.decode(llr);
    EXPECT_EQ(copy(own.decoder.codeword(0)), sent);
    EXPECT_EQ(own.decoder.discrepancy(0), 0);
    if (code.message_bits() < 4) continue;
    // The last candidate's discrepancy is exact too: it lies as far as it differs.
    int apart = 0;
    for (int i = 0; i < code.length(); ++i) apart += bit(own.decoder.codeword(7), i) != bit(sent, i) ? 1 : 0;
    EXPECT_EQ(own.decoder.discrepancy(7), apart * PolarListDecoder::max_llr(log2));
  }
}

double error_rate(const PolarCode& code, int list, double sigma, int trials, Random random) {
  Decoder own(code, list);
  int wrong = 0;
  for (int t = 0; t < trials; ++t) {
    const Word sent = encode(code, random_message(random, code.message_bits()));
    own.decoder.decode(transmit(sent, code.length(), sigma, PolarListDecoder::max_llr(code.log2_length()) / (3 * sigma), random));
    wrong += copy(own.decoder.codeword(0)) != sent ? 1 : 0;
  }
  return static_cast<double>(wrong) / trials;
}

TEST(Polar, ErrorsFallWithTheNoiseAndWithTheList) {
  const PolarCode code(9, 24);
  const double strong = error_rate(code, 8, 3.2, 400, Random(6));
  const double weak = error_rate(code, 8, 2.2, 400, Random(6));
  const double alone = error_rate(code, 1, 2.8, 400, Random(7));
  const double listed = error_rate(code, 32, 2.8, 400, Random(7));
  EXPECT_GT(strong, 5 * weak);
  EXPECT_LT(weak, 0.02);
  EXPECT_GT(alone, 2 * listed);
}

TEST(Polar, LongerCodesOfOneMessageAreBetter) {
  const double of_256 = error_rate(PolarCode(8, 24), 8, 2.4, 400, Random(8));
  const double of_512 = error_rate(PolarCode(9, 24), 8, 2.4, 400, Random(8));
  EXPECT_GT(of_256, 5 * of_512);
}

}  // namespace
}  // namespace touchstone::codes
