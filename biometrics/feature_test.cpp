#include "biometrics/feature.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "embed/embedder.h"
#include "print_testing/owners.h"
#include "prints/impression.h"

namespace touchstone::biometrics {
namespace {

using testing::extract;
using testing::likeness;
using testing::owner;

TEST(Feature, IsTheShippedNetworksVector) {
  const GreyImage& image = owner(1).clean;
  Feature feature;
  ASSERT_TRUE(extract(image, feature).ok());
  const Network network = finger_network();
  ASSERT_EQ(feature.dimensions, network.architecture().dimensions);
  std::vector<std::uint64_t> work(embed_work_bytes(network, 192, 192) / 8 + 1);
  std::vector<std::int8_t> vector(network.architecture().dimensions);
  Quality quality;
  ASSERT_TRUE(embed(network, {image.pixels, 192, 192}, kCardMinutiae, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8),
                    vector, quality).ok());
  EXPECT_TRUE(std::equal(vector.begin(), vector.end(), feature.vector().begin(), feature.vector().end()));
  EXPECT_EQ(feature.quality.contact_percent, quality.contact_percent);
  EXPECT_TRUE(std::all_of(feature.components.begin() + feature.dimensions, feature.components.end(), [](std::int8_t c) { return c == 0; }));
}

TEST(Feature, TellsFingersApart) {
  double own = 0, others = 0;
  for (int number = 1; number <= 5; ++number) {
    Feature clean, touch, stranger;
    ASSERT_TRUE(extract(owner(number).clean, clean).ok());
    ASSERT_TRUE(extract(owner(number + 1).clean, stranger).ok());
    others += likeness(clean, stranger) / 5;
    if (extract(owner(number).touch(0), touch).ok()) own += likeness(clean, touch) / 5;
  }
  EXPECT_GT(own, others + 0.15);
}

TEST(Feature, RefusesWhatIsNoPrintAndSaysHowGoodItWas) {
  Feature out;
  EXPECT_EQ(extract(GreyImage(192, 192, 255), out).error().code, ErrorCode::kPoorQuality);
  EXPECT_EQ(out.quality.contact_percent, 0);
  EXPECT_EQ(out.dimensions, 0);
  EXPECT_EQ(extract(GreyImage(32, 192), out).error().code, ErrorCode::kOutOfRange);
}

TEST(Feature, SaysWhatWouldMakeATouchBetter) {
  const auto advice_on = [](double pressure, double moisture, double partial) {
    prints::Conditions conditions;
    conditions.pressure = pressure;
    conditions.moisture = moisture;
    conditions.partial = partial;
    std::array<int, 5> votes{};
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
      const auto finger = prints::Finger::make(SeedTree(5).child(seed));
      Feature touch;
      const bool usable = extract(prints::picture(finger, conditions, prints::SensorUnit::nominal(prints::SensorKind::kCard)), touch).ok();
      ++votes[static_cast<std::size_t>(advise(touch.quality, usable))];
    }
    return static_cast<Advice>(std::max_element(votes.begin(), votes.end()) - votes.begin());
  };
  EXPECT_EQ(advice_on(0.5, 0, 0), Advice::kNone);
  EXPECT_EQ(advice_on(0.5, 0, 0.6), Advice::kPress) << "little contact";
  EXPECT_EQ(advice_on(0.8, 1, 0), Advice::kDry) << "closed valleys";
  EXPECT_EQ(advice_on(0.2, -1, 0), Advice::kMoisten) << "broken ridges";
  EXPECT_EQ(advise({0, 0, 255}, false), Advice::kPress) << "nothing there";
}

TEST(Feature, KnowsATouchThatTellsNothingNew) {
  Feature clean, again, other;
  ASSERT_TRUE(extract(owner(1).clean, clean).ok() && extract(owner(1).clean, again).ok() && extract(testing::alike(1, 0), other).ok());
  EXPECT_TRUE(nearly_same(clean, again));
  EXPECT_FALSE(nearly_same(clean, other));
}

TEST(Feature, LeavesNothingInTheWorkArea) {
  const GreyImage& image = owner(1).clean;
  std::vector<std::uint64_t> work(extract_work_bytes(192, 192) / 8);
  const MutableBytes bytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  std::copy(image.pixels.begin(), image.pixels.end(), bytes.begin());
  Feature in_place, beside;
  ASSERT_TRUE(biometrics::extract({bytes.first(image.pixels.size()), 192, 192}, bytes, in_place).ok());
  EXPECT_TRUE(std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t b) { return b == 0; }));
  ASSERT_TRUE(extract(image, beside).ok());
  EXPECT_EQ(in_place.components, beside.components);
}

TEST(Feature, FitsTheCardsMemory) {
  EXPECT_LE(extract_work_bytes(192, 192), 96U * 1024);
  EXPECT_LE(extract_work_bytes(320, 320) + 32 * sizeof(Feature), 164U * 1024);
}

TEST(Feature, IsWipedAtItsEnd) {
  alignas(Feature) std::array<std::uint8_t, sizeof(Feature)> memory{};
  auto* feature = new (memory.data()) Feature;
  feature->components[7] = 99;
  feature->dimensions = 256;
  feature->~Feature();
  const volatile std::uint8_t* left = memory.data();  // what really lies there, not what the compiler may assume
  for (std::size_t i = 0; i < sizeof(Feature); ++i) ASSERT_EQ(left[i], 0) << i;
}

}  // namespace
}  // namespace touchstone::biometrics
