// Frames of video files, whole and cut off.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/seed.h"
#include "face/made_video.h"
#include "face/picture.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

using testing::HasSubstr;

constexpr int kFrames = 20, kStep = 8, kNoise = 40;

/// Noise, so that every frame takes its share of the file: red around a level that rises from frame to frame, blue high, no green.
Picture noisy(int frame) {
  Random random = SeedTree(static_cast<std::uint64_t>(frame)).stream("frame");
  Picture out{160, 120, {}, ""};
  const int level = kNoise + frame * kStep;
  for (int i = 0; i < 160 * 120; ++i) {
    for (const int mean : {level, 40, 200}) out.rgb.push_back(static_cast<std::uint8_t>(mean - kNoise + static_cast<int>(random.below(2 * kNoise + 1))));
  }
  return out;
}

double mean(const Picture& picture, std::size_t channel) {
  double sum = 0;
  for (std::size_t i = channel; i < picture.rgb.size(); i += 3) sum += picture.rgb[i];
  return 3 * sum / static_cast<double>(picture.rgb.size());
}

class Video : public testing::Test {
 protected:
  Video() {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    std::vector<Picture> pictures;
    for (int i = 0; i < kFrames; ++i) pictures.push_back(noisy(i));
    write_video(folder_ / "whole.avi", pictures);
  }
  /// The first part of the whole.
  std::string cut(const char* name, double part) const {
    std::ifstream whole(folder_ / "whole.avi", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(whole), {}};
    std::ofstream(folder_ / name, std::ios::binary) << bytes.substr(0, static_cast<std::size_t>(part * static_cast<double>(bytes.size())));
    return folder_ / name;
  }
  std::filesystem::path folder_ = std::filesystem::path(testing::TempDir()) / "video" / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(Video, FramesComeInTheirOrderWithNumbersAndColours) {
  const std::string file = folder_ / "whole.avi";
  EXPECT_TRUE(is_video(file));
  Frames frames(file);
  for (int i = 0; i < kFrames; ++i) {
    const auto frame = frames.next();
    ASSERT_TRUE(frame) << i;
    EXPECT_EQ(frame->name, file + " frame " + std::to_string(i));
    EXPECT_EQ(frame->width_px, 160);
    EXPECT_EQ(frame->height_px, 120);
    EXPECT_NEAR(mean(*frame, 0), kNoise + i * kStep, kStep / 2.0) << "red of frame " << i;
    EXPECT_GT(mean(*frame, 2), 150) << "blue";
    EXPECT_LT(mean(*frame, 1), 100) << "green";
  }
  EXPECT_FALSE(frames.next());
}

TEST_F(Video, AFileThatEndsTooSoonSaysSoAfterItsLastFrame) {
  const std::string file = cut("half.avi", 0.5);
  Frames frames(file);
  int seen = 0;
  try {
    while (frames.next()) ++seen;
    ADD_FAILURE() << "half a file was taken for a whole one";
  } catch (const Refused& error) {
    EXPECT_EQ(error.reason, Reason::kUnreadable);
    EXPECT_THAT(error.what(), testing::StartsWith(file + ": ends after frame " + std::to_string(seen - 1) + ", at 0."));
    EXPECT_THAT(error.what(), HasSubstr("of 2.0 s"));
  }
  EXPECT_GT(seen, kFrames / 4);
  EXPECT_LT(seen, kFrames * 3 / 4);
}

TEST_F(Video, OneFrameIsAVideo) {
  const std::vector<Picture> one = {noisy(0)};
  write_video(folder_ / "one.avi", one);
  Frames frames(folder_ / "one.avi");
  EXPECT_TRUE(frames.next());
  EXPECT_FALSE(frames.next());
}

TEST_F(Video, AFileWithoutAFrameIsRefused) {
  for (const double part : {0.0, 0.001, 0.01}) {
    const std::string file = cut("torn.avi", part);
    try {
      Frames frames(file);
      frames.next();
      ADD_FAILURE() << part;
    } catch (const Refused& error) {
      EXPECT_EQ(error.reason, Reason::kUnreadable);
      EXPECT_THAT(error.what(), testing::StartsWith(file + ": "));
    }
  }
}

}  // namespace
}  // namespace touchstone::face
