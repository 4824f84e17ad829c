#include "image/grey_image.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace touchstone {
namespace {

GreyImage ramp() {
  GreyImage image(31, 17);
  for (int y = 0; y < 17; ++y) {
    for (int x = 0; x < 31; ++x) image.at(x, y) = static_cast<std::uint8_t>(x * 8 + y);
  }
  return image;
}

TEST(GreyImage, ComesBackFromPngUnchanged) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "touchstone_image_test.png";
  ASSERT_EQ(write_png(path, ramp()).message, "");
  GreyImage read;
  ASSERT_EQ(read_png(path, read).message, "");
  EXPECT_EQ(read, ramp());
  std::filesystem::remove(path);
}

TEST(GreyImage, SaysWhatIsWrongWithAFile) {
  GreyImage read;
  EXPECT_NE(read_png("/nonexistent/finger.png", read).message.find("/nonexistent/finger.png"), std::string::npos);
  const ByteArray<8> not_a_png = {1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_NE(parse_png(not_a_png, "finger.png", read).message.find("not a readable PNG"), std::string::npos);
}

TEST(GreyImage, ReportsATruncatedFile) {
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "touchstone_truncated.png";
  ASSERT_EQ(write_png(path, ramp()).message, "");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  GreyImage read;
  EXPECT_NE(read_png(path, read).message, "");
  std::filesystem::remove(path);
}

TEST(GreyImage, CropsBeyondTheEdge) {
  const GreyImage part = crop(ramp(), -1, 2, 4, 3, 7);
  EXPECT_EQ(part.at(0, 0), 7);
  EXPECT_EQ(part.at(1, 0), ramp().at(0, 2));
  EXPECT_EQ(centre_crop(ramp(), 11, 7), crop(ramp(), 10, 5, 11, 7));
}

TEST(GreyImage, PastesWhatFits) {
  GreyImage image(4, 4, 0);
  paste(image, GreyImage(3, 3, 9), 2, -1);
  EXPECT_EQ(image.at(2, 0), 9);
  EXPECT_EQ(image.at(3, 1), 9);
  EXPECT_EQ(image.at(1, 0), 0);
  EXPECT_EQ(image.at(2, 2), 0);
}

}  // namespace
}  // namespace touchstone
