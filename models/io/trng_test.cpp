#include "io/trng.h"

#include <gtest/gtest.h>

#include "io/test_bench.h"
#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

namespace trng = contract::trng;

struct TrngTest : testing::Test {
  Trng rng{"trng", SeedTree(1).stream("trng")};
  test::Initiator bus{"bus"};
  TrngTest() {
    bus.socket.bind(rng.socket);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  void run_us(int us) { touchstone::test::advance_us(us); }
};

TEST_F(TrngTest, GivesOneWordEveryRefillAfterTheStartUpTest) {
  EXPECT_EQ(bus.read(trng::kStatus), 0u) << "not powered";
  rng.power_on();
  run_us(Trng::kStartupUs - 1);
  EXPECT_EQ(bus.read(trng::kStatus), 0u);
  EXPECT_EQ(bus.read(trng::kData), 0u);
  run_us(1);
  // The words of the start-up test are not given out.
  Random expected = SeedTree(1).stream("trng");
  for (int i = 0; i < HealthTests::kStartupSamples / 4; ++i) expected.next_u64();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(bus.read(trng::kStatus), trng::kStatusReadyMask);
    ASSERT_EQ(bus.read(trng::kData), static_cast<std::uint32_t>(expected.next_u64() >> 32));
    ASSERT_EQ(bus.read(trng::kStatus), 0u);
    ASSERT_EQ(bus.read(trng::kData), 0u);
    run_us(Trng::kRefillUs);
  }
}

TEST_F(TrngTest, NoticesAStuckSource) {
  for (const std::uint32_t word : {0x00000000u, 0xFFFFFFFFu, 0xA5A5A5A5u, 0x01020304u}) {
    rng.stick_at(std::nullopt);
    rng.power_off();
    rng.power_on();
    run_us(Trng::kStartupUs);
    rng.stick_at(word);
    int given = 0;
    while (bus.read(trng::kStatus) == trng::kStatusReadyMask && given < 1000) {
      bus.read(trng::kData);
      ++given;
      run_us(Trng::kRefillUs);
    }
    EXPECT_EQ(bus.read(trng::kStatus), trng::kStatusHealthFailMask) << word;
    EXPECT_EQ(bus.read(trng::kData), 0u);
    // One sample in four repeats at worst: 19 of them need 73 samples, in the window after the one under way.
    EXPECT_LE(given, (HealthTests::kWindow + 4 * HealthTests::kProportionCutoff) / 4 + 2) << word;
    run_us(1'000'000);
    EXPECT_EQ(bus.read(trng::kStatus), trng::kStatusHealthFailMask) << "until the next power on";
  }
}

TEST_F(TrngTest, ASourceStuckFromTheBeginningNeverGivesAWord) {
  rng.stick_at(0x7F7F7F7F);
  rng.power_on();
  run_us(1'000'000);
  EXPECT_EQ(bus.read(trng::kStatus), trng::kStatusHealthFailMask);
}

TEST(HealthTestsTest, RepetitionCount) {
  HealthTests t;
  for (int i = 0; i < 5; ++i) t.feed(7);
  EXPECT_FALSE(t.failed());
  t.feed(8);
  for (int i = 0; i < 5; ++i) t.feed(7);
  EXPECT_FALSE(t.failed());
  t.feed(7);
  EXPECT_TRUE(t.failed());
}

TEST(HealthTestsTest, AdaptiveProportion) {
  const auto failed = [](int occurrences) {
    HealthTests t;
    for (int i = 0; i < 512; ++i) t.feed(i % 2 == 0 && i / 2 < occurrences ? 7 : static_cast<std::uint8_t>(8 + i % 200));
    return t.failed();
  };
  EXPECT_FALSE(failed(18));
  EXPECT_TRUE(failed(19));
}

TEST(HealthTestsTest, AnIdealSourcePasses) {
  Random random(3);
  HealthTests t;
  for (int i = 0; i < 4'000'000; ++i) t.feed(static_cast<std::uint8_t>(random.next_u64() >> 56));
  EXPECT_FALSE(t.failed());
}

}  // namespace
}  // namespace touchstone::models
