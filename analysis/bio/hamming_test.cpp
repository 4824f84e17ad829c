#include "bio/hamming.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/seed.h"

namespace touchstone::bio {
namespace {

TEST(Hamming, EveryWayCountsWhatBitsOneByOneDo) {
  Random random(7);
  std::vector<Code512> codes(37);
  for (Code512& code : codes) {
    for (std::uint64_t& word : code) word = random.next_u64();
  }
  codes[3].fill(0);
  codes[4].fill(~std::uint64_t{0});
  for (const char* way : hamming_ways()) {
    for (const std::size_t count : {37, 8, 7, 1, 0}) {
      std::vector<std::uint16_t> out(count);
      hamming_512(way, codes[3], codes, out);
      for (std::size_t i = 0; i < count; ++i) {
        int bits = 0;
        for (int b = 0; b < 512; ++b) bits += static_cast<int>((codes[3][b / 64] ^ codes[i][b / 64]) >> (b % 64) & 1);
        EXPECT_EQ(out[i], bits) << way << " " << i;
      }
    }
  }
  std::vector<std::uint16_t> out(37);
  hamming_512(codes[4], codes, out);
  EXPECT_EQ(out[3], 512);
  EXPECT_EQ(out[4], 0);
}

}  // namespace
}  // namespace touchstone::bio
