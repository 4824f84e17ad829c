// Of the detector and its pictures what needs no network.
#include "face/detector.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "face/quality.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

using testing::HasSubstr;

TEST(Overlaps, TheBetterOfTwoBoxesStays) {
  const auto kept = without_overlaps({{0, 0, 10, 10, 0.7}, {1, 1, 11, 11, 0.9}, {30, 30, 40, 40, 0.8}, {0, 9, 10, 19, 0.66}}, 0.4);
  ASSERT_EQ(kept.size(), 3U);
  EXPECT_EQ(kept[0].score, 0.9);
  EXPECT_EQ(kept[1].score, 0.8);
  EXPECT_EQ(kept[2].score, 0.66) << "touches the others by less";
}

Reason refused(const std::function<void()>& what, const std::string& says) {
  try {
    what();
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), HasSubstr(says));
    return error.reason;
  }
  ADD_FAILURE() << "not refused: " << says;
  return Reason::kNoFace;
}

TEST(Pictures, BrokenFilesAreNamed) {
  const std::filesystem::path folder = testing::TempDir();
  const auto write = [&](const char* name, const std::string& bytes) {
    std::ofstream(folder / name, std::ios::binary) << bytes;
    return folder / name;
  };
  EXPECT_EQ(refused([&] { read_picture(folder / "absent.jpg"); }, "absent.jpg: cannot be opened"), Reason::kUnreadable);
  EXPECT_EQ(refused([&] { read_picture(folder); }, "cannot be opened"), Reason::kUnreadable);
  EXPECT_EQ(refused([&] { read_picture(write("empty.png", "")); }, "empty.png"), Reason::kUnreadable);
  EXPECT_EQ(refused([&] { read_picture(write("text.jpg", "no picture")); }, "text.jpg"), Reason::kUnreadable);
  EXPECT_EQ(refused([&] { read_picture(write("torn.png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16))); }, "torn.png"), Reason::kUnreadable);
  EXPECT_EQ(refused([&] { Frames(folder / "absent.avi"); }, "absent.avi"), Reason::kUnreadable);
  EXPECT_EQ(refused([&] { Frames(write("text.avi", "no video at all")); }, "text.avi"), Reason::kUnreadable);
}

TEST(Pictures, ACropRepeatsTheRimOutside) {
  const Picture picture{2, 1, {1, 2, 3, 4, 5, 6}, ""};
  EXPECT_THAT(crop(picture, -1, -1, 4, 2).rgb, testing::ElementsAre(1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6));
  EXPECT_THAT(turned_half(picture).rgb, testing::ElementsAre(4, 5, 6, 1, 2, 3));
}

Quality good() { return {60, 200, 120, 100, 0, 0, 0.55}; }

TEST(QualityGate, EachLimitHasItsReason) {
  EXPECT_FALSE(judge(good(), "p"));
  const auto reason = [](auto change) {
    Quality q = good();
    change(q);
    const auto refused = judge(q, "p");
    return refused ? to_string(refused->reason) : "none";
  };
  EXPECT_STREQ(reason([](Quality& q) { q.eye_distance_px = 10; }), "tiny");
  EXPECT_STREQ(reason([](Quality& q) { q.sharpness = 2; }), "blurred");
  EXPECT_STREQ(reason([](Quality& q) { q.brightness = 10; }), "dark");
  EXPECT_STREQ(reason([](Quality& q) { q.brightness = 250; }), "bright");
  EXPECT_STREQ(reason([](Quality& q) { q.contrast = 5; }), "dark");
  EXPECT_STREQ(reason([](Quality& q) { q.yaw = -0.8; }), "turned");
  EXPECT_STREQ(reason([](Quality& q) { q.pitch = 1.2; }), "turned");
  EXPECT_STREQ(reason([](Quality& q) { q.roll_degrees = 178; }), "upside_down");
  EXPECT_STREQ(reason([](Quality& q) { q.roll_degrees = -80; }), "upside_down");
}

}  // namespace
}  // namespace touchstone::face
