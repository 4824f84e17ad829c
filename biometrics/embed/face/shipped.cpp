#include "face/shipped.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "base/seed.h"
#include "face/models.h"
#include "face/opencv.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

/// Where the faces are: the detector's boxes, from left to right.
struct Place {
  int photograph;  // demo/sampleN.jpg
  int left, top, right, bottom;
};
constexpr std::array<Place, kShippedFaces> kPlaces = {{
    {1, 417, 359, 600, 596},   {1, 833, 432, 1035, 652},   {1, 1469, 214, 1673, 426},  {2, 367, 124, 532, 413},   {2, 894, 224, 1057, 452},   {2, 1438, 161, 1646, 393},
    {3, 590, 333, 787, 598},   {3, 1077, 201, 1298, 509},  {3, 1496, 300, 1687, 571},  {4, 260, 191, 431, 443},   {4, 661, 60, 845, 307},     {4, 988, 182, 1161, 428},
    {4, 1267, 151, 1431, 391}, {5, 372, 891, 553, 1164},   {5, 601, 414, 770, 672},    {5, 796, 113, 949, 327},   {5, 1116, 211, 1276, 428},  {5, 1408, 384, 1593, 660},
    {6, 253, 485, 461, 762},   {6, 675, 325, 840, 635},    {6, 1168, 312, 1356, 579},  {6, 1484, 266, 1699, 555},
}};

/// -1 .. 1, evenly.
double swing(Random& random) { return static_cast<double>(random.below(2'000'001)) / 1e6 - 1; }

}  // namespace

Picture shipped_face(int number, std::uint64_t capture) {
  if (number < 0 || number >= kShippedFaces)
    throw Refused(Reason::kUnreadable, "shipped:" + std::to_string(number) + ": the package's photographs show faces 0 to " + std::to_string(kShippedFaces - 1));
  const Place& place = kPlaces[static_cast<std::size_t>(number)];
  const std::string name = "shipped:" + std::to_string(number) + ":" + std::to_string(capture);
  Picture photograph = parse_picture(read_model("demo/sample" + std::to_string(place.photograph) + ".jpg"), name);
  const int width = place.right - place.left, height = place.bottom - place.top;
  if (capture == 0) return crop(photograph, place.left - width / 4, place.top - height / 4, width + width / 2, height + height / 2);

  Random random = SeedTree(static_cast<std::uint64_t>(number)).child("capture").child(capture).stream("conditions");
  const double turn = 12 * swing(random), size = 1 + 0.2 * swing(random);
  const double shift_x = 0.08 * width * swing(random), shift_y = 0.08 * height * swing(random);
  const double gain = 1 + 0.3 * swing(random), offset = 20 * swing(random), slope = 0.35 * swing(random);
  const double blur = 0.4 + 0.9 * std::abs(swing(random)), noise = 4 + 4 * swing(random);

  constexpr int kWidth = 240, kHeight = 320;
  const double scale = 0.62 * kHeight / height * size;
  const cv::Point2f centre(static_cast<float>((place.left + place.right) / 2.0 + shift_x), static_cast<float>((place.top + place.bottom) / 2.0 + shift_y));
  cv::Mat smooth, warped;
  // Before a face of 300 px becomes one of 200, what is finer than the new pixels goes.
  cv::GaussianBlur(view(photograph), smooth, {0, 0}, std::max(0.3, blur / std::min(1.0, scale)));
  cv::Mat map = cv::getRotationMatrix2D(centre, turn, scale);
  map.at<double>(0, 2) += kWidth / 2.0 - static_cast<double>(centre.x);
  map.at<double>(1, 2) += kHeight / 2.0 - static_cast<double>(centre.y);
  cv::warpAffine(smooth, warped, map, {kWidth, kHeight}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
  Picture out = from_mat(warped, name);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      // Light from one side: a slope of brightness over the width.
      const double light = gain * (1 + slope * (2.0 * x / kWidth - 1));
      for (std::size_t c = 0; c < 3; ++c) {
        std::uint8_t& v = out.rgb[3 * (static_cast<std::size_t>(y) * kWidth + static_cast<std::size_t>(x)) + c];
        const double grain = noise * (swing(random) + swing(random) + swing(random));  // of standard deviation `noise`
        v = static_cast<std::uint8_t>(std::clamp(std::lround(v * light + offset + grain), 0L, 255L));
      }
    }
  }
  return out;
}

Picture open_picture(const std::string& name) {
  constexpr std::string_view kPrefix = "shipped:";
  if (!name.starts_with(kPrefix)) return read_picture(name);
  int number = 0;
  std::uint64_t capture = 0;
  const char* end = name.data() + name.size();
  const auto [colon, error] = std::from_chars(name.data() + kPrefix.size(), end, number);
  if (error != std::errc{} || colon == end || *colon != ':') throw Refused(Reason::kUnreadable, name + ": is not of the form shipped:FACE:CAPTURE");
  const auto [last, second] = std::from_chars(colon + 1, end, capture);
  if (second != std::errc{} || last != end) throw Refused(Reason::kUnreadable, name + ": is not of the form shipped:FACE:CAPTURE");
  return shipped_face(number, capture);
}

}  // namespace touchstone::face
