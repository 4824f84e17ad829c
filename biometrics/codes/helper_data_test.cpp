#include "codes/helper_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "base/seed.h"

namespace touchstone::codes {
namespace {

TEST(SignPatterns, OfFewHyperplanes) {
  EXPECT_EQ(log2_sign_patterns_q8(1, 1), 256);            // a point on a line: 2 sides
  EXPECT_EQ(log2_sign_patterns_q8(3, 2), 661);            // 3 lines through a point: 6 sectors, log2 6 = 2.58496
  EXPECT_EQ(log2_sign_patterns_q8(4, 3), 974);            // 14 cells, log2 14 = 3.80735
  EXPECT_EQ(log2_sign_patterns_q8(10, 10), 2560);
  EXPECT_EQ(log2_sign_patterns_q8(10, 1000), 2560);
  EXPECT_EQ(log2_sign_patterns_q8(7, 1), 256);
}

// By the gamma function.
TEST(SignPatterns, AgreeWithTheSumOfBinomials) {
  for (const auto& [n, d] : {std::pair(511, 64), {511, 100}, {511, 128}, {1024, 1}, {1024, 2}, {1024, 512}, {1024, 900}, {255, 254}, {1023, 1022}}) {
    double sum = 0;
    for (int i = 0; i < d; ++i) sum += std::exp2((std::lgamma(n) - std::lgamma(i + 1) - std::lgamma(n - i)) / std::log(2) - 1000);
    const double expected = std::log2(sum) + 1001;
    EXPECT_NEAR(log2_sign_patterns_q8(n, d) / 256.0, expected, 0.005) << n << " " << d;
  }
}

TEST(CodeChoice, NamesComeBack) {
  for (const char* name : {"polar-128-1", "polar-512-24", "polar-1024-1023", "bch-511-31", "bch-1023-46", "bch-127-120"}) {
    const auto code = CodeChoice::parse(name);
    ASSERT_TRUE(code.ok()) << name;
    char buffer[CodeChoice::kMaxNameLength];
    EXPECT_EQ(code->name(buffer), name);
  }
}

TEST(CodeChoice, RefusesOtherNames) {
  for (const char* name : {"", "polar", "polar-512", "polar-512-", "polar--24", "polar-512-024", "Polar-512-24", "polar-512-24 ", "polar-512-24-1",
                           "rs-255-223", "polar-512-+24", "polar-51200-24", "-512-24"}) {
    EXPECT_EQ(CodeChoice::parse(name).error().code, ErrorCode::kBadFormat) << name;
  }
  for (const char* name : {"polar-500-24", "polar-64-10", "polar-2048-24", "polar-512-512", "bch-511-32", "bch-512-31", "bch-63-24"}) {
    EXPECT_EQ(CodeChoice::parse(name).error().code, ErrorCode::kUnsupported) << name;
  }
}

HelperData sample(std::string_view code = "polar-512-24", int dimensions = 256, int fingers = 2) {
  HelperData helper;
  helper.code = CodeChoice::parse(code).value();
  helper.dimensions = static_cast<std::uint16_t>(dimensions);
  helper.fingers = static_cast<std::uint8_t>(fingers);
  Random random(1);
  random.fill(helper.seed);
  random.fill(MutableBytes(helper.offset).first(helper.offset_bytes()));
  helper.offset[helper.offset_bytes() - 1] &= 0x7f;
  random.fill(helper.check);
  return helper;
}
std::vector<std::uint8_t> bytes_of(const HelperData& helper) {
  ByteArray<HelperData::kMaxBytes> buffer;
  const Bytes bytes = helper.serialize(buffer);
  return {bytes.begin(), bytes.end()};
}

TEST(HelperData4, ComesBackFromItsBytes) {
  for (const HelperData& helper : {sample(), sample("bch-511-31", 512, 1), sample("polar-1024-40", 1024, 1), sample("polar-128-16", 128, 4)}) {
    const auto bytes = bytes_of(helper);
    EXPECT_EQ(bytes.size(), helper.bytes());
    const auto parsed = HelperData::parse(bytes);
    ASSERT_TRUE(parsed.ok()) << parsed.error().what;
    EXPECT_EQ(bytes_of(*parsed), bytes);
    EXPECT_EQ(parsed->code, helper.code);
    EXPECT_EQ(parsed->fingers, helper.fingers);
  }
  EXPECT_EQ(sample().bytes(), 106U);
}

TEST(HelperData4, RefusesWhatItDidNotWrite) {
  const auto good = bytes_of(sample("bch-511-31", 512, 1));
  ASSERT_TRUE(HelperData::parse(good).ok());
  const auto error = [&](std::size_t place, std::uint8_t value) {
    auto changed = good;
    changed[place] = value;
    const auto parsed = HelperData::parse(changed);
    return parsed.ok() ? ErrorCode{} : parsed.error().code;
  };
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(HelperData::parse(Bytes(good).first(size)).ok()) << size;
  auto longer = good;
  longer.push_back(0);
  EXPECT_EQ(HelperData::parse(longer).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(error(0, 1), ErrorCode::kUnsupported);
  EXPECT_EQ(error(1, 0), ErrorCode::kUnsupported);
  EXPECT_EQ(error(1, 3), ErrorCode::kUnsupported);
  EXPECT_EQ(error(4, 32), ErrorCode::kUnsupported);            // no code of that k
  EXPECT_EQ(error(6, 1), ErrorCode::kBadFormat);               // dimensions 513
  EXPECT_EQ(error(8, 0), ErrorCode::kBadFormat);               // no finger
  EXPECT_EQ(error(8, 5), ErrorCode::kBadFormat);
  EXPECT_EQ(error(9, 1), ErrorCode::kBadFormat);               // a set of one
  EXPECT_EQ(error(9, 2), ErrorCode::kBadFormat);               // not weak
  EXPECT_EQ(error(9, 4), ErrorCode::kBadFormat);
  EXPECT_EQ(error(HelperData::kHeaderBytes + 16 + 63, 0x80), ErrorCode::kBadFormat);  // bit 511 of the offset
}

TEST(HelperData4, FewDimensionsMustBeMarkedAsWeak) {
  HelperData helper = sample("bch-511-31", 64, 1);
  EXPECT_LT(helper.bits_left_q8(), 0);
  EXPECT_FALSE(HelperData::parse(bytes_of(helper)).ok());
  helper.weak = true;
  const auto parsed = HelperData::parse(bytes_of(helper));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->weak);
  EXPECT_EQ(sample().bits_left_q8(), 24 * 256);
}

}  // namespace
}  // namespace touchstone::codes
