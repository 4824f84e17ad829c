#include "face/quality.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "face/opencv.h"

namespace touchstone::face {
namespace {

constexpr double kLeastEyeDistance_px = 20;
constexpr double kLeastSharpness = 30;
constexpr double kLeastBrightness = 35, kMostBrightness = 235;
constexpr double kLeastContrast = 25;
constexpr double kMostRoll_degrees = 60;
constexpr double kMostYaw = 0.6;
constexpr double kLeastPitch = 0.15, kMostPitch = 0.95;

std::string number(double value) { return std::to_string(static_cast<int>(std::lround(value))); }

}  // namespace

Quality measure(const Picture& picture, const Landmarks& landmarks) {
  const auto points = arcface_template().points_of(landmarks);
  const Point left = points[0], right = points[1], nose = points[2];
  const Point mouth = {(points[3].x + points[4].x) / 2, (points[3].y + points[4].y) / 2};
  const Point eyes = {(left.x + right.x) / 2, (left.y + right.y) / 2};
  Quality out;
  const double x = right.x - left.x, y = right.y - left.y;
  out.eye_distance_px = std::hypot(x, y);
  out.roll_degrees = std::atan2(y, x) * 180 / 3.14159265358979323846;
  if (out.eye_distance_px > 0) {
    // In the frame of the eyes: along their line, and across it.
    const auto along = [&](Point p) { return ((p.x - eyes.x) * x + (p.y - eyes.y) * y) / out.eye_distance_px; };
    const auto across = [&](Point p) { return ((p.y - eyes.y) * x - (p.x - eyes.x) * y) / out.eye_distance_px; };
    out.yaw = along(nose) / out.eye_distance_px;
    out.pitch = across(mouth) == 0 ? 0 : across(nose) / across(mouth);
  }
  const Picture upright = align(picture, landmarks, arcface_template());
  cv::Mat grey, edges;
  cv::cvtColor(view(upright), grey, cv::COLOR_RGB2GRAY);
  cv::Laplacian(grey, edges, CV_64F);
  cv::Scalar mean, deviation;
  cv::meanStdDev(edges, mean, deviation);
  out.sharpness = deviation[0] * deviation[0];
  const cv::Mat middle = grey(cv::Rect(28, 28, 56, 70)).clone();
  std::vector<std::uint8_t> levels(middle.begin<std::uint8_t>(), middle.end<std::uint8_t>());
  std::sort(levels.begin(), levels.end());
  out.brightness = cv::mean(middle)[0];
  out.contrast = levels[levels.size() * 95 / 100] - levels[levels.size() * 5 / 100];
  return out;
}

std::optional<Refused> judge(const Quality& q, const std::string& name) {
  const auto no = [&](Reason reason, const std::string& text) { return Refused(reason, name + ": " + text); };
  if (std::abs(q.roll_degrees) > 135) return no(Reason::kUpsideDown, "the face is upside down: turn the picture");
  if (std::abs(q.roll_degrees) > kMostRoll_degrees) return no(Reason::kUpsideDown, "the face lies on its side (" + number(q.roll_degrees) + " degrees): turn the picture");
  if (q.eye_distance_px < kLeastEyeDistance_px)
    return no(Reason::kTiny, "the face is too small: " + number(q.eye_distance_px) + " px between the eyes, " + number(kLeastEyeDistance_px) + " are needed: come nearer");
  if (q.brightness < kLeastBrightness) return no(Reason::kDark, "the face is too dark (mean level " + number(q.brightness) + " of 255): more light");
  if (q.brightness > kMostBrightness) return no(Reason::kBright, "the face is overexposed (mean level " + number(q.brightness) + " of 255): less light");
  if (q.contrast < kLeastContrast) return no(Reason::kDark, "the face has hardly any contrast (" + number(q.contrast) + " levels): more light, from the front");
  if (q.sharpness < kLeastSharpness) return no(Reason::kBlurred, "the face is blurred (sharpness " + number(q.sharpness) + ", " + number(kLeastSharpness) + " is needed): hold still");
  if (std::abs(q.yaw) > kMostYaw) return no(Reason::kTurned, "the face is turned away: look into the camera");
  if (q.pitch < kLeastPitch || q.pitch > kMostPitch) return no(Reason::kTurned, "the face looks too far up or down: look into the camera");
  return std::nullopt;
}

}  // namespace touchstone::face
