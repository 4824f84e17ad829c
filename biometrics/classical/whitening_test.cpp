#include "classical/whitening.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "crypto/sha256.h"

namespace touchstone::classical {
namespace {

TEST(Whitening, SaysHowItWasMadeAndIsWhatItSays) {
  std::ifstream file(TS_WHITENING_FILE, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::string command = "touchstone-bio train-whitening --fingers ";
  const std::size_t at = text.find(command);
  ASSERT_NE(at, std::string::npos);
  EXPECT_GE(std::atoi(text.c_str() + at + command.size()), 500);
  EXPECT_NE(text.find(" --seed "), std::string::npos);
  const std::string digest_label = "// SHA-256 of the lines below: ";
  const std::size_t digest_at = text.find(digest_label);
  ASSERT_NE(digest_at, std::string::npos);
  const std::string digest = text.substr(digest_at + digest_label.size(), 64);
  const std::string body = text.substr(text.find('\n', digest_at) + 1);
  std::string expected;
  for (const std::uint8_t b : crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(body.data()), body.size()))) {
    expected += "0123456789abcdef"[b >> 4];
    expected += "0123456789abcdef"[b & 15];
  }
  EXPECT_EQ(digest, expected);
}

TEST(Whitening, OrdersComponentsByReliability) {
  EXPECT_GT(kWhitening.reliability[0], kWhitening.reliability[kDimensions - 1]);
  EXPECT_GT(kWhitening.reliability[kDimensions - 1], 0);
}

}  // namespace
}  // namespace touchstone::classical
