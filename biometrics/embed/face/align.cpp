#include "face/align.h"

#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "base/check.h"
#include "face/opencv.h"

namespace touchstone::face {
namespace {

Point mean(const Landmarks& all, std::initializer_list<int> which) {
  Point sum;
  for (const int i : which) {
    sum.x += all[static_cast<std::size_t>(i)].x;
    sum.y += all[static_cast<std::size_t>(i)].y;
  }
  const auto count = static_cast<double>(which.size());
  return {sum.x / count, sum.y / count};
}

// Inner and outer lip corners stand for the mouth's; of an eye the four points of its lids.
std::array<Point, 5> arcface_points(const Landmarks& all) {
  return {mean(all, {37, 38, 40, 41}), mean(all, {43, 44, 46, 47}), all[30], mean(all, {48, 60}), mean(all, {54, 64})};
}

std::array<Point, 5> dlib_points(const Landmarks& all) { return {all[45], all[42], all[36], all[39], all[33]}; }

Template make_dlib() {
  // dlib's mean_face_shape for five landmarks, in a face of side 1.
  constexpr std::array<Point, 5> kMean = {
      {{0.8595674595992, 0.2134981538014}, {0.6460604764104, 0.2289674387677}, {0.1205750620789, 0.2137274526848}, {0.3340850613712, 0.2290642403242}, {0.4901123135679, 0.6277975316475}}};
  constexpr double kRim = 0.25;
  Template out{150, {}, dlib_points};
  for (std::size_t i = 0; i < kMean.size(); ++i) {
    out.points[i] = {(kRim + kMean[i].x) / (1 + 2 * kRim) * out.side_px, (kRim + kMean[i].y) / (1 + 2 * kRim) * out.side_px};
  }
  return out;
}

}  // namespace

double Similarity::scale() const { return std::hypot(a, b); }
double Similarity::turn_degrees() const { return std::atan2(b, a) * 180 / std::numbers::pi; }

Similarity fit_similarity(std::span<const Point> from, std::span<const Point> to) {
  TS_CHECK(from.size() == to.size() && from.size() >= 2, "as many points on both sides, two or more");
  const auto count = static_cast<double>(from.size());
  Point f, t;
  for (std::size_t i = 0; i < from.size(); ++i) {
    f.x += from[i].x / count;
    f.y += from[i].y / count;
    t.x += to[i].x / count;
    t.y += to[i].y / count;
  }
  double square = 0, along = 0, across = 0;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const double x = from[i].x - f.x, y = from[i].y - f.y, u = to[i].x - t.x, v = to[i].y - t.y;
    square += x * x + y * y;
    along += x * u + y * v;
    across += x * v - y * u;
  }
  TS_CHECK(square > 0, "points that are not all one");
  Similarity out{along / square, across / square, 0, 0};
  out.shift_x = t.x - (out.a * f.x - out.b * f.y);
  out.shift_y = t.y - (out.b * f.x + out.a * f.y);
  return out;
}

const Template& arcface_template() {
  static const Template kTemplate = {112, {{{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}}, arcface_points};
  return kTemplate;
}

const Template& dlib_template() {
  static const Template kTemplate = make_dlib();
  return kTemplate;
}

Picture align(const Picture& picture, const Landmarks& landmarks, const Template& wanted) {
  auto points = wanted.points_of(landmarks);
  Similarity map = fit_similarity(points, wanted.points);
  cv::Mat from = view(picture);
  // Bilinear samples that lie more than two pixels apart would leave pixels out.
  for (cv::Mat half; map.scale() < 0.5; from = half.clone()) {
    cv::resize(from, half, {std::max(1, from.cols / 2), std::max(1, from.rows / 2)}, 0, 0, cv::INTER_AREA);
    // The middle of pixel 0 of the half lies between pixels 0 and 1.
    for (Point& p : points) p = {(p.x + 0.5) * half.cols / from.cols - 0.5, (p.y + 0.5) * half.rows / from.rows - 0.5};
    map = fit_similarity(points, wanted.points);
    if (from.cols < 2 || from.rows < 2) break;
  }
  cv::Mat out;
  cv::warpAffine(from, out, cv::Matx23d(map.a, -map.b, map.shift_x, map.b, map.a, map.shift_y), {wanted.side_px, wanted.side_px});
  return from_mat(out, picture.name);
}

}  // namespace touchstone::face
