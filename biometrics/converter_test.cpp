#include "biometrics/converter.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/seed.h"
#include "print_testing/owners.h"

namespace touchstone::biometrics {
namespace {

ByteArray<32> randomness(std::uint64_t seed) {
  ByteArray<32> out;
  Random(seed).fill(out);
  return out;
}

MutableBytes work_area() {
  static std::vector<std::uint64_t> work(converter_work_bytes() / 8 + 1);
  return {reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8};
}

// Fingers whose every component is drawn from the population that the whitening aims at, without an image.
using Truth = std::vector<double>;
Truth draw_finger(Random& random) {
  Truth finger(kMaxDimensions);
  for (double& v : finger) v = random.normal();
  return finger;
}
void draw_touch(const Truth& finger, Random& random, double likeness, Feature& out) {
  out.dimensions = kMaxDimensions;
  for (std::size_t i = 0; i < finger.size(); ++i) {
    const double v = 32 * (likeness * finger[i] + std::sqrt(1 - likeness * likeness) * random.normal());
    out.components[i] = static_cast<std::int8_t>(std::clamp(v, -127.0, 127.0));
  }
}

struct Enrolled {
  std::vector<Truth> truths;
  std::vector<Feature> touches;
  int fingers;
  bool any_order;
  HelperData helper;
  Secret<32> root;

  Enrolled(Random& random, int count, int per_finger, bool set, double likeness = 0.85)
      : touches(static_cast<std::size_t>(count * per_finger)), fingers(count), any_order(set) {
    for (int f = 0; f < count; ++f) truths.push_back(draw_finger(random));
    for (std::size_t t = 0; t < touches.size(); ++t) draw_touch(truths[t / static_cast<std::size_t>(per_finger)], random, likeness, touches[t]);
    EXPECT_TRUE(enrol(all(), randomness(random.below(1'000'000)), work_area(), helper, root).ok());
  }
  EnrolmentTouches all() const { return {touches, fingers, any_order}; }
  bool opens(std::span<const Feature> probes) const {
    Secret<32> again;
    const Status opened = regenerate(probes, helper, work_area(), again);
    const bool right = equal_constant_time(again.expose(), root.expose());
    EXPECT_EQ(opened.ok(), right);
    EXPECT_TRUE(opened.ok() || equal_constant_time(again.expose(), ByteArray<32>{}));
    return right;
  }
};

TEST(Converter, EveryNumberOfFingersHasACodeThatIsNotWeak) {
  for (const int dimensions : {64, 128, 256}) {
    int before = 0;
    for (int fingers = 1; fingers <= kMaxFingers; ++fingers) {
      const auto code = code_for(fingers, dimensions);
      if (dimensions == 64 && code.n == 64) continue;  // no such code
      const auto known = codes::CodeChoice::make(code.family, code.n, code.k);
      ASSERT_TRUE(known.ok()) << fingers << " " << dimensions;
      EXPECT_LE(code.n, fingers * dimensions);
      EXPECT_GE(code.bits_left_q8(fingers * dimensions), 20 * 256);
      EXPECT_GE(code.k, 20);
      EXPECT_GT(code.k, before) << "with more fingers k grows";
      before = code.k;
    }
  }
}

TEST(Converter, TheSameFingerOpensItsRecordAndAnotherDoesNot) {
  Random random(1);
  const Enrolled one(random, 1, 4, false);
  int opened = 0;
  for (int i = 0; i < 20; ++i) {
    Feature probe, stranger;
    draw_touch(one.truths[0], random, 0.85, probe);
    draw_touch(draw_finger(random), random, 0.85, stranger);
    if (one.opens({&probe, 1})) ++opened;
    EXPECT_FALSE(one.opens({&stranger, 1}));
  }
  EXPECT_GE(opened, 18);
}

TEST(Converter, FusedTouchesAreWorthMoreThanOne) {
  Random random(2);
  int opened[2] = {};
  for (int record = 0; record < 20; ++record) {
    for (const int touches : {1, 8}) {
      const Enrolled one(random, 1, touches, false, 0.65);
      Feature probe;
      draw_touch(one.truths[0], random, 0.65, probe);
      opened[touches == 8] += one.opens({&probe, 1}) ? 1 : 0;
    }
  }
  EXPECT_GE(opened[1], opened[0] + 5);
}

TEST(Converter, AllFingersTogetherOpenAndNoneMayBeWrong) {
  Random random(3);
  constexpr double kLikeness = 0.8;  // what the decoder sees of it is less: the components are not all as reliable
  for (const int fingers : {2, 3, 4}) {
    int right = 0, wrong_ones = 0, tries = 0;
    for (int record = 0; record < 10; ++record) {
      const Enrolled many(random, fingers, 4, false, kLikeness);
      std::vector<Feature> probes(static_cast<std::size_t>(fingers));
      const auto fill = [&] {
        for (std::size_t f = 0; f < probes.size(); ++f) draw_touch(many.truths[f], random, kLikeness, probes[f]);
      };
      fill();
      if (many.opens(probes)) ++right;
      for (std::size_t wrong = 0; wrong < probes.size(); ++wrong) {
        fill();
        draw_touch(draw_finger(random), random, kLikeness, probes[wrong]);
        wrong_ones += many.opens(probes) ? 1 : 0;
        ++tries;
      }
      Secret<32> again;
      EXPECT_EQ(regenerate(std::span<const Feature>(probes).first(1), many.helper, work_area(), again).error().code, ErrorCode::kOutOfRange)
          << "never one alone";
    }
    EXPECT_GE(right, 6) << fingers;
    EXPECT_LE(20 * wrong_ones, tries) << fingers;
  }
}

TEST(Converter, ASetOpensInAnyOrderAndASequenceInItsOwn) {
  Random random(4);
  for (const bool any_order : {false, true}) {
    const Enrolled many(random, 3, 4, any_order);
    std::vector<Feature> probes(3);
    for (std::size_t f = 0; f < 3; ++f) draw_touch(many.truths[(f + 1) % 3], random, 0.9, probes[f]);
    EXPECT_EQ(many.opens(probes), any_order);
  }
}

TEST(Converter, ARehearsalTellsOneFingerFromSeveral) {
  Random random(5);
  const Enrolled one(random, 1, 4, false), two(random, 2, 4, false);
  for (int touch = 0; touch < 4; ++touch) {
    EXPECT_TRUE(rehearse(one.all(), touch, randomness(6), work_area()).ok());
    EXPECT_TRUE(rehearse(two.all(), touch, randomness(6), work_area()).ok());
  }
  std::vector<Feature> mixed(4);  // each another's
  for (Feature& touch : mixed) draw_touch(draw_finger(random), random, 0.85, touch);
  int opened = 0;
  for (int touch = 0; touch < 4; ++touch) opened += rehearse({mixed, 1, false}, touch, randomness(7), work_area()).ok() ? 1 : 0;
  EXPECT_LE(opened, 1);
  EXPECT_TRUE(rehearse({std::span(mixed).first(1), 1, false}, 0, randomness(8), work_area()).ok()) << "one touch has no others";
  EXPECT_EQ(rehearse(one.all(), 4, randomness(6), work_area()).error().code, ErrorCode::kOutOfRange);
}

TEST(Converter, ADamagedNewRecordIsSeen) {
  Random random(6);
  Enrolled one(random, 1, 4, false);
  Secret<32> again;
  ASSERT_TRUE(reopen(one.all(), one.helper, work_area(), again).ok());
  EXPECT_TRUE(equal_constant_time(again.expose(), one.root.expose()));
  one.helper.offset[3] ^= 1;
  EXPECT_EQ(reopen(one.all(), one.helper, work_area(), again).error().code, ErrorCode::kNoMatch);
}

TEST(Converter, RefusesWrongUse) {
  Random random(7);
  const Enrolled one(random, 1, 4, false);
  HelperData helper;
  Secret<32> root;
  const auto code = [&](std::span<const Feature> touches, int fingers) {
    return enrol({touches, fingers, false}, randomness(1), work_area(), helper, root).error().code;
  };
  EXPECT_EQ(code({}, 1), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(one.touches, 0), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(one.touches, 3), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(one.touches, 5), ErrorCode::kOutOfRange);
  const std::vector<Feature> empty(2), too_many(9);
  EXPECT_EQ(code(empty, 1), ErrorCode::kOutOfRange);
  EXPECT_EQ(code(too_many, 1), ErrorCode::kOutOfRange);
  EXPECT_EQ(enrol(one.all(), Bytes(randomness(1)).first(31), work_area(), helper, root).error().code, ErrorCode::kOutOfRange);
  EXPECT_EQ(enrol(one.all(), randomness(1), work_area().first(100), helper, root).error().code, ErrorCode::kTooLarge);
}

// From the picture on, with the shipped network: a finger opens the record of its touches within three tries, a stranger never.
TEST(Converter, GeneratedFingersOpenTheirOwnRecordsOnly) {
  int good = 0;
  for (int number = 1; number <= 5; ++number) {
    std::vector<Feature> touches(4);
    std::uint64_t next = 0;
    for (Feature& touch : touches) {
      while (!testing::extract(testing::owner(number).touch(next++), touch).ok()) {
      }
    }
    HelperData helper;
    Secret<32> root;
    ASSERT_TRUE(enrol({touches, 1, false}, randomness(9), work_area(), helper, root).ok());
    const auto opens = [&](const GreyImage& image) {
      Feature probe;
      Secret<32> again;
      return testing::extract(image, probe).ok() && regenerate({&probe, 1}, helper, work_area(), again).ok();
    };
    bool opened = false;
    for (int tries = 0; tries < 3; ++tries) opened = opened || opens(testing::owner(number).touch(next++));
    good += opened ? 1 : 0;
    EXPECT_FALSE(opens(testing::owner(number + 1).clean));
  }
  EXPECT_GE(good, 3);
}

}  // namespace
}  // namespace touchstone::biometrics
