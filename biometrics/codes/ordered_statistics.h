// Soft-decision decoding of a binary linear code by ordered statistics (Fossorier and Lin, IEEE Trans. Inf. Theory 41:5,
// 1995), order 2: re-encode from the most reliable independent positions with up to two of them flipped, keep the codeword
// that correlates best. Near to maximum likelihood for the short low-rate codes used here. Freestanding.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>

#include "codes/bch.h"

namespace touchstone::codes {

template <typename Code>
struct SoftDecision {
  typename Code::Word codeword;
  std::int32_t correlation = 0;  ///< sum of soft[i] where the codeword has 0, minus where it has 1
};

/// `soft[i]` > 0 says bit i is 0, the more surely the larger; |soft[i]| < 2^20. Running time depends on the values.
template <typename Code>
SoftDecision<Code> decode_ordered_statistics(const std::array<std::int32_t, at(Code::n)>& soft) {
  using Word = typename Code::Word;
  constexpr int n = Code::n;
  constexpr int k = Code::k;
  static constexpr std::array<Word, at(k)> kRows = [] {
    std::array<Word, at(k)> rows{};
    for (int i = 0; i < k; ++i) {
      typename Code::Message unit;
      unit.flip(i);
      rows[at(i)] = Code::encode(unit);
    }
    return rows;
  }();
  const auto magnitude = [&](int i) {
    const std::int32_t v = soft[at(i)];
    return v < 0 ? -v : v;
  };

  // Bring the generator matrix to identity on the most reliable independent positions.
  std::array<Word, at(k)> rows = kRows;
  std::array<bool, at(n)> tried{};
  std::array<std::uint8_t, at(k)> pivots{};
  for (int rank = 0; rank < k;) {
    int best = -1;
    for (int i = 0; i < n; ++i) {
      if (!tried[at(i)] && (best < 0 || magnitude(i) > magnitude(best))) best = i;
    }
    tried[at(best)] = true;
    int row = rank;
    while (row < k && !rows[at(row)].bit(best)) ++row;
    if (row == k) continue;
    const Word pivot = rows[at(row)];
    rows[at(row)] = rows[at(rank)];
    rows[at(rank)] = pivot;
    for (int other = 0; other < k; ++other) {
      if (other != rank && rows[at(other)].bit(best)) rows[at(other)] ^= pivot;
    }
    pivots[at(rank++)] = static_cast<std::uint8_t>(best);
  }

  SoftDecision<Code> decision;
  bool first = true;
  const auto consider = [&](const Word& word) {
    std::int32_t correlation = 0;
    for (int i = 0; i < n; ++i) {
      const std::int32_t sign = -static_cast<std::int32_t>(word.limbs[at(i / 32)] >> (i % 32) & 1);
      correlation += (soft[at(i)] ^ sign) - sign;
    }
    if (first || correlation > decision.correlation) {
      decision.codeword = word;
      decision.correlation = correlation;
      first = false;
    }
  };
  Word base;
  for (int i = 0; i < k; ++i) {
    if (soft[pivots[at(i)]] < 0) base ^= rows[at(i)];
  }
  consider(base);
  for (int i = 0; i < k; ++i) {
    Word one = base;
    one ^= rows[at(i)];
    consider(one);
    for (int j = i + 1; j < k; ++j) {
      Word two = one;
      two ^= rows[at(j)];
      consider(two);
    }
  }
  return decision;
}

}  // namespace touchstone::codes
