#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <optional>

#include "nets/batch.h"
#include "nets/files.h"
#include "nets/test_touches.h"

namespace touchstone::nets {
namespace {

namespace fs = std::filesystem;

/// Every dark enough pixel of a coarse grid is a minutia: quick, and no front end is needed.
class GridFrontEnd : public FrontEnd {
 public:
  explicit GridFrontEnd(int step_px = 40) : step_px_(step_px) {}
  std::vector<FoundMinutia> analyse(const GreyImage& picture) const override {
    std::vector<FoundMinutia> out;
    for (int y = 20; y < picture.height_px; y += step_px_) {
      for (int x = 20; x < picture.width_px; x += step_px_) {
        if (picture.at(x, y) > 180) continue;
        FoundMinutia& m = out.emplace_back();
        m.x_q2 = static_cast<std::int16_t>(4 * x);
        m.y_q2 = static_cast<std::int16_t>(4 * y);
        m.direction = picture.at(x, y);
        m.patch.fill(static_cast<std::int8_t>(picture.at(x, y) / 2));
      }
    }
    return out;
  }

 private:
  int step_px_;
};

class Touches : public testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  /// 27 fingers: two files.
  static Experiment::Data data() {
    Experiment::Data d = small_experiment().data;
    d.fingers = 27;
    d.impressions = 2;
    return d;
  }
  static std::vector<std::string> contents(const fs::path& folder) {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(folder)) out.push_back(entry.path().filename().string() + digest_of(read_whole(entry.path())));
    std::sort(out.begin(), out.end());
    return out;
  }
  fs::path folder_ = fs::temp_directory_path() / ("touches_test-" + std::to_string(::getpid()) + "-" + std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
};

TEST_F(Touches, AreTheSameBytesWithAnyNumberOfThreadsAndAfterATornFile) {
  const GridFrontEnd front_end;
  std::size_t last_ready = 99;
  const auto note = [&](std::size_t, std::size_t ready, std::size_t) { last_ready = ready; };
  const TouchSet one = open_touches(data(), front_end, folder_ / "one", 1, note);
  EXPECT_EQ(last_ready, 0U);
  ASSERT_EQ(one.touches().size(), 54U);
  open_touches(data(), front_end, folder_ / "two", 2);
  const std::vector<std::string> whole = contents(folder_ / "one");
  ASSERT_EQ(whole.size(), 2U);
  EXPECT_EQ(contents(folder_ / "two"), whole);

  // Found ready; then, with one byte changed, made again.
  open_touches(data(), front_end, folder_ / "two", 2, note);
  EXPECT_EQ(last_ready, 54U);
  const fs::path smaller = folder_ / "two" / whole[1].substr(0, whole[1].size() - 64);
  std::string bytes = read_whole(smaller);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_whole(smaller, bytes);
  open_touches(data(), front_end, folder_ / "two", 1, note);
  EXPECT_EQ(last_ready, 50U);
  EXPECT_EQ(contents(folder_ / "two"), whole);
}

TEST_F(Touches, AreNotReusedForOtherDataOrAnotherFrontEnd) {
  const GridFrontEnd front_end;
  Experiment::Data few = data();
  few.fingers = 4;
  open_touches(few, front_end, folder_, 1);
  ASSERT_EQ(contents(folder_).size(), 1U);
  Experiment::Data reseeded = few, differently_touched = few;
  reseeded.seed = 2;
  differently_touched.kinds = {0, 0, 1, 0, 0};
  std::size_t ready = 99;
  const auto note = [&](std::size_t, std::size_t r, std::size_t) { ready = r; };
  open_touches(reseeded, front_end, folder_, 1, note);
  EXPECT_EQ(ready, 0U);
  open_touches(differently_touched, front_end, folder_, 1, note);
  EXPECT_EQ(ready, 0U);
  open_touches(few, GridFrontEnd(50), folder_, 1, note);
  EXPECT_EQ(ready, 0U);
  open_touches(few, front_end, folder_, 1, note);
  EXPECT_EQ(ready, 8U);
}

TEST_F(Touches, TheirMinutiaeLieOnTheFingerWhereTheGeneratorPutsThem) {
  Experiment::Data few = data();
  few.fingers = 2;
  few.kinds = {1, 0, 0, 0, 0};
  const TouchSet set = open_touches(few, GridFrontEnd(), folder_, 1);
  for (const Touch& touch : set.touches()) {
    ASSERT_GT(touch.minutiae.size(), 5U);
    // Skin is nearly rigid: neighbours in the picture (40 px) are as far apart on the finger.
    for (std::size_t i = 1; i < touch.minutiae.size(); ++i) {
      const MinutiaRecord &a = touch.minutiae[i - 1], &b = touch.minutiae[i];
      if (b.x_q2 - a.x_q2 != 160 || b.y_q2 != a.y_q2) continue;
      EXPECT_NEAR(std::hypot(b.finger_x_px - a.finger_x_px, b.finger_y_px - a.finger_y_px), 40, 8);
    }
  }
}

TEST_F(Touches, OfTrainedFingersComeInSeveralSizesAndHeldOutOnesAsTheyAre) {
  Experiment::Data few = data();
  few.fingers = 6;
  few.held_out = 3;
  few.kinds = {1, 0, 0, 0, 0};
  const TouchSet plain = open_touches(few, GridFrontEnd(), folder_, 1);
  few.scale = 0.3;
  const TouchSet scaled = open_touches(few, GridFrontEnd(), folder_, 1);
  // Neighbours in the picture (40 px) lie a scale's factor nearer or farther on the finger.
  const auto step_on_finger_px = [](const Touch& touch) -> std::optional<double> {
    double sum = 0;
    int pairs = 0;
    for (std::size_t i = 1; i < touch.minutiae.size(); ++i) {
      const MinutiaRecord &a = touch.minutiae[i - 1], &b = touch.minutiae[i];
      if (b.x_q2 - a.x_q2 != 160 || b.y_q2 != a.y_q2) continue;
      sum += std::hypot(b.finger_x_px - a.finger_x_px, b.finger_y_px - a.finger_y_px);
      ++pairs;
    }
    return pairs == 0 ? std::nullopt : std::optional(sum / pairs);
  };
  double widest = 0;
  int held_out = 0;
  for (std::size_t i = 0; i < plain.touches().size(); ++i) {
    const auto before = step_on_finger_px(plain.touches()[i]), after = step_on_finger_px(scaled.touches()[i]);
    if (!before || !after) continue;
    const double change = *after / *before;
    if (plain.touches()[i].finger >= 3) {
      ++held_out;
      EXPECT_EQ(change, 1);
    } else {
      EXPECT_GT(change, std::exp(-0.33));
      EXPECT_LT(change, std::exp(0.33));
      widest = std::max(widest, std::abs(std::log(change)));
    }
  }
  EXPECT_GT(widest, 0.05);
  EXPECT_GT(held_out, 0);
}

TEST(Batch, DependsOnTheStepAloneAndPairsTheSameSkin) {
  const Experiment experiment = small_experiment(R"({"loss": {"minutia_pairs": 1000}})");
  const TouchSet set = small_touches(experiment.data);
  const auto fingers = training_fingers(set, 0, 8);
  ASSERT_EQ(fingers.size(), 8U);
  const Batch a = training_batch(experiment, set, fingers, 3), again = training_batch(experiment, set, fingers, 3), other = training_batch(experiment, set, fingers, 4);
  EXPECT_EQ(a.patches, again.patches);
  EXPECT_EQ(a.first, again.first);
  EXPECT_NE(a.patches, other.patches);
  EXPECT_EQ(a.touches, 8);
  EXPECT_EQ(a.patches.size(), a.touch.size() * kPatchSamples);
  EXPECT_EQ(a.basis.size(), a.touch.size() * kBasis);
  ASSERT_GT(a.first.size(), 8U);
  for (std::size_t i = 0; i < a.first.size(); ++i) {
    const auto first = static_cast<std::size_t>(a.first[i]), second = static_cast<std::size_t>(a.second[i]);
    EXPECT_EQ(a.touch[first] + 1, a.touch[second]);
    EXPECT_EQ(a.touch[first] % 2, 0);
    // The same direction in both, since no touch here is turned.
    for (std::size_t b = 0; b < kBasis; ++b) EXPECT_EQ(a.basis[first * kBasis + b], a.basis[second * kBasis + b]);
  }
}

TEST(Batch, TheCardsWindowHidesWhatLiesOutside) {
  TouchSet set;
  std::vector<MinutiaRecord> minutiae(3);
  for (MinutiaRecord& m : minutiae) std::fill_n(m.patch, kPatchSamples, std::int8_t{127});
  minutiae[0].x_q2 = -320;  // 80 px left of the centroid: 16 px to the rim
  minutiae[1].x_q2 = 720;   // 180 px right: outside
  minutiae[2].x_q2 = -400;
  set.add(0, 0, minutiae);
  Batch full, card;
  append_touch(full, set.touches()[0], 32, {});
  append_touch(card, set.touches()[0], 32, {true, 0, SeedTree(1)});
  EXPECT_EQ(full.minutiae(), 3);
  ASSERT_EQ(card.minutiae(), 1);
  EXPECT_EQ(std::count(full.patches.begin(), full.patches.end(), 1.0F), 3 * kPatchSamples);
  // Columns run along x, 2.5 px each: those left of the rim at -96 px are dark.
  for (int column = 0; column < kPatchSide; ++column) EXPECT_EQ(card.patches[static_cast<std::size_t>(5 * kPatchSide + column)], -80 + (column - 15.5) * 2.5 > -96 ? 1.0F : 0.0F) << column;
}

}  // namespace
}  // namespace touchstone::nets
