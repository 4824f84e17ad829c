#include "face/detector.h"

#include <algorithm>
#include <opencv2/dnn.hpp>
#include <opencv2/imgproc.hpp>

#include "face/models.h"
#include "face/opencv.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

double overlap(const Detection& p, const Detection& q) {
  const double width = std::min(p.right, q.right) - std::max(p.left, q.left), height = std::min(p.bottom, q.bottom) - std::max(p.top, q.top);
  if (width <= 0 || height <= 0) return 0;
  return width * height / (p.width_px() * p.height_px() + q.width_px() * q.height_px() - width * height);
}

cv::dnn::Net load(const char* path) {
  const auto bytes = read_model(path);
  try {
    return cv::dnn::readNetFromONNX(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  } catch (const cv::Exception& error) {
    throw Refused(Reason::kModel, std::string(path) + ": OpenCV cannot read this network: " + error.err);
  }
}

}  // namespace

struct Detector::Networks {
  cv::dnn::Net faces = load("model/fr_detect.onnx"), points = load("model/fr_landmark.onnx");
};

Detector::Detector() : networks_(std::make_unique<Networks>()) {}
Detector::~Detector() = default;
Detector::Detector(Detector&&) noexcept = default;

std::vector<Detection> without_overlaps(std::vector<Detection> found, double most_overlap) {
  std::stable_sort(found.begin(), found.end(), [](const Detection& p, const Detection& q) { return p.score > q.score; });
  std::vector<Detection> out;
  for (const Detection& f : found) {
    if (std::none_of(out.begin(), out.end(), [&](const Detection& kept) { return overlap(f, kept) > most_overlap; })) out.push_back(f);
  }
  return out;
}

std::vector<Detection> Detector::detect(const Picture& picture) {
  // 320 x 240 whatever the picture's shape, values (v - 127) / 128: as its authors feed it.
  cv::Mat blob = cv::dnn::blobFromImage(view(picture), 1.0 / 128, {320, 240}, cv::Scalar::all(127), true);
  networks_->faces.setInput(blob);
  std::vector<cv::Mat> outputs;
  networks_->faces.forward(outputs, std::vector<cv::String>{"boxes", "scores"});
  if (outputs.size() != 2 || outputs[0].total() % 4 != 0 || outputs[1].total() != outputs[0].total() / 2)
    throw Refused(Reason::kModel, "the detector's network gives tensors of another shape than boxes [4] and scores [2]");
  const auto* boxes = outputs[0].ptr<float>();
  const auto* scores = outputs[1].ptr<float>();
  std::vector<Detection> found;
  for (std::size_t i = 0; i < outputs[0].total() / 4; ++i) {
    const double score = scores[2 * i + 1];
    if (score < kLeastScore) continue;
    const auto side = [&](std::size_t k, int length) { return static_cast<double>(boxes[4 * i + k]) * length; };
    found.push_back({side(0, picture.width_px), side(1, picture.height_px), side(2, picture.width_px), side(3, picture.height_px), score});
  }
  return without_overlaps(std::move(found), kMostOverlap);
}

Landmarks Detector::landmarks(const Picture& picture, const Detection& face) {
  const cv::Rect inside(0, 0, picture.width_px, picture.height_px);
  const cv::Rect box = inside & cv::Rect(cv::Point(static_cast<int>(face.left), static_cast<int>(face.top)), cv::Point(static_cast<int>(face.right), static_cast<int>(face.bottom)));
  if (box.width < 2 || box.height < 2) throw Refused(Reason::kNoFace, picture.name + ": the face lies outside the picture");
  cv::Mat grey, small;
  cv::cvtColor(view(picture)(box), grey, cv::COLOR_RGB2GRAY);
  cv::resize(grey, small, {64, 64});
  networks_->points.setInput(cv::dnn::blobFromImage(small, 1.0 / 256));
  const cv::Mat points = networks_->points.forward();
  Landmarks out;
  if (points.total() != 2 * out.size()) throw Refused(Reason::kModel, "the landmarks' network gives another number of values than 136");
  const auto* p = points.ptr<float>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = {static_cast<double>(p[2 * i]) * box.width + box.x, static_cast<double>(p[2 * i + 1]) * box.height + box.y};
  return out;
}

}  // namespace touchstone::face
