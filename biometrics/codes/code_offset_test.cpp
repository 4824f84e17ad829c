#include "codes/code_offset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/seed.h"

namespace touchstone::codes {
namespace {

using Touch = std::vector<std::int8_t>;

/// Fingers of independent components; touches that correlate with them.
struct Person {
  std::vector<std::vector<double>> fingers;
  Person(int count, std::size_t dimensions, Random& random) {
    for (int f = 0; f < count; ++f) {
      fingers.emplace_back(dimensions);
      for (double& v : fingers.back()) v = random.normal();
    }
  }
  std::vector<Touch> touch(double likeness, Random& random) const {
    std::vector<Touch> out;
    for (const auto& finger : fingers) {
      out.emplace_back();
      for (const double v : finger) {
        const double value = 32 * (likeness * v + std::sqrt(1 - likeness * likeness) * random.normal());
        out.back().push_back(static_cast<std::int8_t>(std::clamp(value, -127.0, 127.0)));
      }
    }
    return out;
  }
};

std::vector<Vector> views(const std::vector<Touch>& touches) { return {touches.begin(), touches.end()}; }
ByteArray<32> randomness(std::uint64_t seed) {
  ByteArray<32> out;
  Random(seed).fill(out);
  return out;
}
CodeChoice code(std::string_view name) { return CodeChoice::parse(name).value(); }

struct Work {
  std::vector<std::uint32_t> words;
  explicit Work(std::size_t bytes) : words((bytes + 3) / 4, 0xa5a5'a5a5) {}
  MutableBytes area() { return {reinterpret_cast<std::uint8_t*>(words.data()), words.size() * 4}; }
  bool wiped() const {
    return std::all_of(words.begin(), words.end(), [](std::uint32_t w) { return w == 0; });
  }
};

Status enrol_touches(const std::vector<Touch>& touches, const EnrolOptions& options, std::uint64_t seed, HelperData& out, Secret<32>& root) {
  Work work(enrol_work_bytes(static_cast<int>(touches[0].size()), static_cast<int>(touches.size())));
  const Status status = enrol(views(touches), options, randomness(seed), work.area(), out, root);
  EXPECT_TRUE(!status.ok() || work.wiped());
  return status;
}
Status regenerate_touches(const std::vector<Touch>& touches, const HelperData& helper, Secret<32>& root, const RegenerateOptions& options) {
  Work work(regenerate_work_bytes(helper.code, helper.dimensions, helper.fingers, options.list_size));
  const Status status = regenerate(views(touches), helper, options, work.area(), root);
  EXPECT_TRUE(work.wiped() || (!status.ok() && status.error().code != ErrorCode::kNoMatch));
  return status;
}

Status regenerate_touches(const std::vector<Touch>& touches, const HelperData& helper, Secret<32>& root, int list_size = 8) {
  RegenerateOptions options;
  options.list_size = list_size;
  return regenerate_touches(touches, helper, root, options);
}

struct Scheme {
  const char* code;
  std::size_t dimensions;
  int fingers;
  bool any_order;
  double likeness;  ///< of enrolled and probing touch to the finger: at which almost all open
};
constexpr Scheme kSchemes[] = {{"polar-128-16", 128, 1, false, 0.9},   {"polar-256-24", 256, 1, false, 0.9}, {"polar-512-24", 512, 1, false, 0.85},
                               {"polar-1024-40", 1024, 1, false, 0.8}, {"bch-127-29", 128, 1, false, 0.98},  {"bch-255-47", 256, 1, false, 0.98},
                               {"bch-511-31", 512, 1, false, 0.97},    {"bch-1023-46", 1024, 1, false, 0.97}, {"polar-512-24", 256, 2, false, 0.85},
                               {"polar-512-24", 256, 2, true, 0.85},   {"polar-512-24", 256, 3, true, 0.85}, {"polar-1024-40", 512, 2, false, 0.8},
                               {"polar-1024-40", 512, 4, true, 0.85},  {"bch-511-31", 256, 2, true, 0.97}};

TEST(CodeOffset, OpensForItsFingersAndForNobodyElse) {
  Random random(1);
  std::uint64_t seed = 0;
  for (const Scheme& scheme : kSchemes) {
    for (int trial = 0; trial < 4; ++trial) {
      const Person person(scheme.fingers, scheme.dimensions, random), stranger(scheme.fingers, scheme.dimensions, random);
      HelperData helper;
      Secret<32> root, again;
      ASSERT_TRUE(enrol_touches(person.touch(scheme.likeness, random), {code(scheme.code), scheme.any_order}, ++seed, helper, root).ok());
      EXPECT_TRUE(regenerate_touches(person.touch(scheme.likeness, random), helper, again).ok()) << scheme.code << " " << scheme.fingers;
      EXPECT_TRUE(equal_constant_time(root.expose(), again.expose()));
      const auto refused = regenerate_touches(stranger.touch(1, random), helper, again);
      ASSERT_FALSE(refused.ok());
      EXPECT_EQ(refused.error().code, ErrorCode::kNoMatch);
      EXPECT_TRUE(equal_constant_time(again.expose(), ByteArray<32>{}));
    }
  }
}

TEST(CodeOffset, OrderCountsForASequenceAndNotForASet) {
  Random random(2);
  for (const int fingers : {2, 3, 4}) {
    for (const bool any_order : {false, true}) {
      const Person person(fingers, 256, random);
      HelperData helper;
      Secret<32> root, again;
      ASSERT_TRUE(enrol_touches(person.touch(0.95, random), {code("polar-512-80"), any_order}, 77, helper, root).ok());
      auto probe = person.touch(0.95, random);
      EXPECT_TRUE(regenerate_touches(probe, helper, again).ok());
      std::rotate(probe.begin(), probe.begin() + 1, probe.end());
      EXPECT_EQ(regenerate_touches(probe, helper, again).ok(), any_order) << fingers;
      std::swap(probe[0], probe[1]);
      EXPECT_EQ(regenerate_touches(probe, helper, again).ok(), any_order || fingers == 2) << fingers;
    }
  }
}

// With one right finger of two the probe's correlation falls to a half: a message of more bits than half the correlation carries
// (about 25 here) does not come back, one of fewer may. What code_offset.h says of k.
TEST(CodeOffset, OneFingerOfTwoDoesNotOpenIfTheMessageIsLongEnough) {
  Random random(3);
  for (int trial = 0; trial < 40; ++trial) {
    const Person person(2, 256, random), stranger(2, 256, random);
    HelperData helper;
    Secret<32> root, again;
    ASSERT_TRUE(enrol_touches(person.touch(0.8, random), {code("polar-512-80"), trial % 2 == 0}, at(trial), helper, root).ok());
    auto probe = person.touch(0.8, random);
    EXPECT_TRUE(regenerate_touches(probe, helper, again).ok());
    probe[1] = stranger.touch(0.8, random)[1];
    EXPECT_FALSE(regenerate_touches(probe, helper, again).ok());
  }
}

TEST(CodeOffset, FingersThatAgreeWellDoNotMakeUpForAWrongOneWhereEachIsAsked) {
  Random random(31);
  int right = 0, wrong = 0, wrong_unasked = 0;
  for (int trial = 0; trial < 40; ++trial) {
    const Person person(2, 256, random), stranger(2, 256, random);
    HelperData helper;
    Secret<32> root, again;
    ASSERT_TRUE(enrol_touches(person.touch(1, random), {code("polar-512-24"), trial % 2 == 0}, at(trial), helper, root).ok());
    RegenerateOptions asked;
    asked.least_agreement_percent = 20;
    auto probe = person.touch(0.9, random);
    right += regenerate_touches(probe, helper, again, asked).ok() && equal_constant_time(root.expose(), again.expose()) ? 1 : 0;
    probe[static_cast<std::size_t>(trial % 2)] = stranger.touch(0.9, random)[0];
    wrong += regenerate_touches(probe, helper, again, asked).ok() ? 1 : 0;
    wrong_unasked += regenerate_touches(probe, helper, again).ok() ? 1 : 0;
  }
  EXPECT_EQ(right, 40);
  EXPECT_GE(wrong_unasked, 20);
  EXPECT_LE(wrong, 1);  // a stranger's correlation is 0 +- 6 %
}

TEST(CodeOffset, ALongerListOpensMore) {
  Random random(4);
  int alone = 0, listed = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const Person person(1, 512, random);
    HelperData helper;
    Secret<32> root, again;
    ASSERT_TRUE(enrol_touches(person.touch(1, random), {code("polar-512-24")}, at(trial), helper, root).ok());
    const auto probe = person.touch(0.37, random);
    alone += regenerate_touches(probe, helper, again, 1).ok() ? 1 : 0;
    listed += regenerate_touches(probe, helper, again, 32).ok() ? 1 : 0;
  }
  EXPECT_GT(listed, alone + 10);
}

TEST(CodeOffset, ReliabilitiesMoveTheProbeTowardsWhatItPredicts) {
  Random random(5);
  int plain = 0, weighed = 0;
  std::vector<std::int8_t> reliability(256, 127);
  for (std::size_t i = 128; i < 256; ++i) reliability[i] = 13;
  for (int trial = 0; trial < 60; ++trial) {
    const Person person(1, 256, random);
    HelperData helper;
    Secret<32> root, again;
    ASSERT_TRUE(enrol_touches(person.touch(1, random), {code("polar-256-16")}, at(trial), helper, root).ok());
    auto probe = person.touch(0.5, random);
    const auto noisy = person.touch(0.05, random);
    std::copy(noisy[0].begin() + 128, noisy[0].end(), probe[0].begin() + 128);
    Work work(regenerate_work_bytes(helper.code, 256, 1, 8));
    plain += regenerate(views(probe), helper, {}, work.area(), again).ok() ? 1 : 0;
    weighed += regenerate(views(probe), helper, {.reliability = reliability}, work.area(), again).ok() ? 1 : 0;
  }
  EXPECT_GT(weighed, plain + 8);
}

TEST(CodeOffset, RecordsOfOneFingerDiffer) {
  Random random(6);
  const auto touch = Person(1, 256, random).touch(1, random);
  HelperData a, b, same;
  Secret<32> root_a, root_b, root_same;
  ASSERT_TRUE(enrol_touches(touch, {code("polar-256-24")}, 1, a, root_a).ok());
  ASSERT_TRUE(enrol_touches(touch, {code("polar-256-24")}, 2, b, root_b).ok());
  ASSERT_TRUE(enrol_touches(touch, {code("polar-256-24")}, 1, same, root_same).ok());
  EXPECT_NE(a.seed, b.seed);
  EXPECT_NE(a.offset, b.offset);
  EXPECT_FALSE(equal_constant_time(root_a.expose(), root_b.expose()));
  EXPECT_EQ(a.offset, same.offset);
  EXPECT_TRUE(equal_constant_time(root_a.expose(), root_same.expose()));
}

TEST(CodeOffset, EveryChangedBitOfTheRecordCloses) {
  Random random(7);
  for (const Scheme& scheme : {kSchemes[1], kSchemes[9], kSchemes[4]}) {
    const Person person(scheme.fingers, scheme.dimensions, random);
    const auto touches = person.touch(1, random);
    HelperData helper;
    Secret<32> root;
    ASSERT_TRUE(enrol_touches(touches, {code(scheme.code), scheme.any_order}, 9, helper, root).ok());
    ByteArray<HelperData::kMaxBytes> buffer;
    const Bytes bytes = helper.serialize(buffer);
    for (std::size_t b = 0; b < 8 * bytes.size(); ++b) {
      std::vector<std::uint8_t> changed(bytes.begin(), bytes.end());
      changed[b / 8] = static_cast<std::uint8_t>(changed[b / 8] ^ 1U << (b % 8));
      const auto parsed = HelperData::parse(changed);
      Secret<32> out;
      EXPECT_FALSE(parsed.ok() && regenerate_touches(touches, *parsed, out).ok()) << scheme.code << " bit " << b;
    }
  }
}

TEST(CodeOffset, WeakRecordsAreMadeOnlyOnDemand) {
  Random random(8);
  const auto touches = Person(1, 64, random).touch(1, random);
  HelperData helper;
  Secret<32> root, again;
  const auto refused = enrol_touches(touches, {code("bch-511-130")}, 1, helper, root);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kBadFormat);
  ASSERT_TRUE(enrol_touches(touches, {code("bch-511-130"), false, true}, 1, helper, root).ok());
  EXPECT_TRUE(helper.weak);
  EXPECT_LT(helper.bits_left_q8(), 0);
  EXPECT_TRUE(regenerate_touches(touches, helper, again).ok());  // over eight rotations
  ByteArray<HelperData::kMaxBytes> buffer;
  const Bytes bytes = helper.serialize(buffer);
  EXPECT_TRUE(HelperData::parse(bytes).ok());
  buffer[9] = 0;
  EXPECT_EQ(HelperData::parse(bytes).error().code, ErrorCode::kBadFormat);
  ASSERT_TRUE(enrol_touches(touches, {code("polar-128-16"), false, true}, 1, helper, root).ok());
  EXPECT_FALSE(helper.weak) << "patterns 2^" << helper.bits_left_q8() / 256 + 112;
}

TEST(CodeOffset, RefusesWrongUse) {
  Random random(9);
  const auto touches = Person(2, 256, random).touch(1, random);
  HelperData helper;
  Secret<32> root;
  const EnrolOptions options{code("polar-512-24")};
  Work work(1 << 16);
  const auto error = [&](const std::vector<Vector>& fingers, const EnrolOptions& o, std::size_t random_bytes, std::size_t work_bytes) {
    const auto status = enrol(fingers, o, Bytes(randomness(1)).first(random_bytes), work.area().first(work_bytes), helper, root);
    return status.ok() ? ErrorCode{} : status.error().code;
  };
  const Vector a = touches[0], b = touches[1];
  EXPECT_EQ(error({}, options, 32, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(error({a, b, a, b, a}, options, 32, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(error({a, b.first(255)}, options, 32, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(error({a.first(100), b.first(100)}, options, 32, 1 << 16), ErrorCode::kBadFormat);
  EXPECT_EQ(error({a.first(0)}, options, 32, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(error({a, b}, options, 31, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(error({a, b}, options, 32, enrol_work_bytes(256, 2) - 1), ErrorCode::kTooLarge);
  EXPECT_EQ(error({a, b}, {CodeChoice{CodeFamily::kBch, 511, 32}}, 32, 1 << 16), ErrorCode::kUnsupported);
  EXPECT_EQ(error({a}, {code("polar-256-24"), true}, 32, 1 << 16), ErrorCode::kBadFormat);  // one finger is no set
  ASSERT_EQ(error({a, b}, options, 32, enrol_work_bytes(256, 2)), ErrorCode{});
  const auto again = [&](const std::vector<Vector>& fingers, RegenerateOptions o, std::size_t work_bytes) {
    const auto status = regenerate(fingers, helper, o, work.area().first(work_bytes), root);
    return status.ok() ? ErrorCode{} : status.error().code;
  };
  EXPECT_EQ(again({a}, {}, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(again({a, b.first(128)}, {}, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(again({a, b}, {.list_size = 0}, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(again({a, b}, {.list_size = 33}, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(again({a, b}, {.reliability = a.first(255)}, 1 << 16), ErrorCode::kOutOfRange);
  EXPECT_EQ(again({a, b}, {}, regenerate_work_bytes(helper.code, 256, 2, 8) - 1), ErrorCode::kTooLarge);
  EXPECT_EQ(again({a, b}, {}, regenerate_work_bytes(helper.code, 256, 2, 8)), ErrorCode{});
}

TEST(CodeOffset, SoftValuesAreScaledAndCut) {
  const std::vector<std::int32_t> rotated = {100, -100, 50, -50, 100'000, -1, 0, 7};
  std::vector<std::int16_t> out(8);
  soft_values(rotated, ByteArray<1>{0b0000'1100}, 63, out);
  EXPECT_EQ(out, (std::vector<std::int16_t>{0, 0, 0, 0, 63, 0, 0, 0}));
  soft_values(std::vector<std::int32_t>{300, -300, 150, -150}, ByteArray<1>{0b0110}, 63, std::span(out).first(4));
  EXPECT_EQ(std::vector<std::int16_t>(out.begin(), out.begin() + 4), (std::vector<std::int16_t>{20, 20, -10, -10}));
  soft_values(std::vector<std::int32_t>(8), ByteArray<1>{0xff}, 63, out);  // no information at all
  EXPECT_EQ(out, std::vector<std::int16_t>(8));
}

// The card's work area, and the goal that it lies well inside 40 KB.
static_assert(regenerate_work_bytes({CodeFamily::kPolar, 512, 24}, 512, 1, 8) < 12 * 1024);
static_assert(regenerate_work_bytes({CodeFamily::kPolar, 512, 24}, 256, 2, 32) < 40 * 1024);

}  // namespace
}  // namespace touchstone::codes
