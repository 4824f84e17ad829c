// Pictures to vectors on the photographs that a package ships.
#include "face/pipeline.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "face/made_video.h"
#include "face/models.h"
#include "face/refusal.h"
#include "face/shipped.h"

namespace touchstone::face {
namespace {

using Vector = std::vector<float>;

double cosine(const Vector& a, const Vector& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ab += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    aa += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    bb += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  return ab / std::sqrt(aa * bb);
}

Reason refused(Pipeline& pipeline, const Picture& picture) {
  try {
    pipeline.run(picture, Policy::kOwner);
  } catch (const Refused& error) {
    EXPECT_THAT(error.what(), testing::StartsWith(picture.name + ": "));
    return error.reason;
  }
  ADD_FAILURE() << picture.name << " was not refused";
  return Reason::kModel;
}

Picture scaled_levels(Picture picture, double factor) {
  for (std::uint8_t& v : picture.rgb) v = static_cast<std::uint8_t>(std::lround(v * factor));
  return picture;
}

/// The mean of `reach` pixels to each side, along lines and then down columns.
Picture blurred(Picture picture, int reach) {
  const auto pass = [&](int length, int lines, int step, int line_step) {
    const std::vector<std::uint8_t> from = picture.rgb;
    for (int line = 0; line < lines; ++line) {
      for (int i = 0; i < length; ++i) {
        for (int c = 0; c < 3; ++c) {
          int sum = 0;
          for (int k = -reach; k <= reach; ++k) sum += from[static_cast<std::size_t>(3 * (line * line_step + std::clamp(i + k, 0, length - 1) * step) + c)];
          picture.rgb[static_cast<std::size_t>(3 * (line * line_step + i * step) + c)] = static_cast<std::uint8_t>(sum / (2 * reach + 1));
        }
      }
    }
  };
  pass(picture.width_px, picture.height_px, 1, picture.width_px);
  pass(picture.height_px, picture.width_px, picture.width_px, 1);
  return picture;
}

// Faces 2 and 7 are of one woman, on two photographs.
TEST(Pipeline, OnePersonIsLikeHerselfAndUnlikeOthers) {
  Pipeline pipeline({"a", "b"});
  const auto one = pipeline.run(shipped_face(2, 0), Policy::kDatabase), again = pipeline.run(shipped_face(7, 0), Policy::kDatabase);
  const auto other = pipeline.run(shipped_face(18, 0), Policy::kDatabase), capture = pipeline.run(shipped_face(2, 5), Policy::kDatabase);
  EXPECT_GT(cosine(one.vectors[1], again.vectors[1]), 0.5);
  EXPECT_GT(cosine(one.vectors[1], capture.vectors[1]), 0.6);
  EXPECT_LT(cosine(one.vectors[1], other.vectors[1]), 0.3);
  // dlib's vectors share a mean: all their cosines are high, in the same order.
  EXPECT_GT(cosine(one.vectors[0], again.vectors[0]), cosine(one.vectors[0], other.vectors[0]) + 0.02);
  EXPECT_GT(cosine(one.vectors[0], capture.vectors[0]), cosine(one.vectors[0], other.vectors[0]) + 0.02);
}

TEST(Pipeline, AFaceIsFoundHoweverItStands) {
  Detector detector;
  const FoundFace face = find_face(detector, shipped_face(18, 0), Policy::kOwner);
  EXPECT_GT(face.quality.eye_distance_px, 60);
  EXPECT_NEAR(face.quality.roll_degrees, 0, 20);
}

TEST(Pipeline, ShippedCapturesAreFunctionsOfTheirNumbers) {
  EXPECT_EQ(shipped_face(3, 4).rgb, shipped_face(3, 4).rgb);
  EXPECT_NE(shipped_face(3, 4).rgb, shipped_face(3, 5).rgb);
  EXPECT_EQ(open_picture("shipped:3:4").rgb, shipped_face(3, 4).rgb);
  for (const char* wrong : {"shipped:", "shipped:3", "shipped:3:", "shipped:x:1", "shipped:3:1x", "shipped:22:1", "shipped:-1:1"}) EXPECT_THROW(open_picture(wrong), Refused) << wrong;
}

TEST(Pipeline, WhatCannotBeToldByIsRefusedWithItsReason) {
  Pipeline pipeline;
  const Picture good = shipped_face(18, 0);
  EXPECT_NO_THROW(pipeline.run(good, Policy::kOwner));
  EXPECT_EQ(refused(pipeline, parse_picture(read_model("demo/sample6.jpg"), "group")), Reason::kTwoFaces);
  for (const int face : {2, 18, 19, 21}) EXPECT_EQ(refused(pipeline, turned_half(shipped_face(face, 0))), Reason::kUpsideDown) << face;
  EXPECT_EQ(refused(pipeline, scaled_levels(good, 0.08)), Reason::kDark);
  EXPECT_EQ(refused(pipeline, blurred(good, 10)), Reason::kBlurred);
  const Picture nothing{320, 240, std::vector<std::uint8_t>(std::size_t{3} * 320 * 240, 128), "nothing"};
  EXPECT_EQ(refused(pipeline, nothing), Reason::kNoFace);
}

// Decoders fill what is missing with grey, and grey has no face; it may still hold one.
TEST(Pipeline, AJpegFileThatEndsEarlyIsDamaged) {
  const auto file = read_model("demo/sample6.jpg");
  const std::string whole(file.begin(), file.end());
  const auto reason = [](const std::string& bytes) -> std::optional<Reason> {
    try {
      parse_picture({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "p");
    } catch (const Refused& error) {
      return error.reason;
    }
    return std::nullopt;
  };
  EXPECT_EQ(reason(whole), std::nullopt);
  for (const std::size_t cut : {std::size_t{1}, std::size_t{2}, std::size_t{100}, whole.size() / 2, whole.size() - 300}) EXPECT_EQ(reason(whole.substr(0, whole.size() - cut)), Reason::kUnreadable) << cut;
  // A film behind the picture, as phones put it, is none of its business.
  EXPECT_EQ(reason(whole + "\xFF\xDA film \xFF"), std::nullopt);
}

TEST(Pipeline, AFrameOfAVideoWithoutAFaceIsNamed) {
  std::vector<Picture> pictures;
  for (const std::uint64_t capture : {0, 1, 2, 3}) {
    const Picture taken = shipped_face(18, capture);
    pictures.push_back(crop(taken, 0, 0, pictures.empty() ? taken.width_px & ~1 : pictures[0].width_px, pictures.empty() ? taken.height_px & ~1 : pictures[0].height_px));
  }
  std::fill(pictures[2].rgb.begin(), pictures[2].rgb.end(), std::uint8_t{128});
  const std::string file = testing::TempDir() + "one_frame_without_a_face.avi";
  write_video(file, pictures);
  Pipeline pipeline;
  Frames frames(file);
  std::vector<std::string> seen;
  while (const auto frame = frames.next()) {
    try {
      pipeline.run(*frame, Policy::kOwner);
      seen.emplace_back("good");
    } catch (const Refused& error) {
      EXPECT_THAT(error.what(), testing::StartsWith(file + " frame 2: "));
      seen.emplace_back(to_string(error.reason));
    }
  }
  EXPECT_THAT(seen, testing::ElementsAre("good", "good", "no_face", "good"));
}

TEST(Pipeline, ASmallFaceIsToldAsSuch) {
  Pipeline pipeline;
  // Every eighth pixel of every eighth line.
  const Picture good = shipped_face(18, 0);
  Picture small{good.width_px / 8, good.height_px / 8, {}, "small"};
  for (int y = 0; y < small.height_px; ++y) {
    for (int x = 0; x < small.width_px; ++x) {
      for (int c = 0; c < 3; ++c) small.rgb.push_back(good.rgb[static_cast<std::size_t>(3 * (8 * y * good.width_px + 8 * x) + c)]);
    }
  }
  EXPECT_EQ(refused(pipeline, small), Reason::kTiny);
}

}  // namespace
}  // namespace touchstone::face
