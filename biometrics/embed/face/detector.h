// Where faces are in a picture, and where their eyes, nose and mouth are. OpenCV's DNN runs the package's networks (models.h).
#pragma once

#include <memory>
#include <vector>

#include "face/align.h"

namespace touchstone::face {

struct Detection {
  double left = 0, top = 0, right = 0, bottom = 0;  ///< px, may reach beyond the picture
  double score = 0;                                 ///< 0 .. 1

  double width_px() const { return right - left; }
  double height_px() const { return bottom - top; }
};

/// One thread at a time.
class Detector {
 public:
  static constexpr double kLeastScore = 0.65;
  static constexpr double kMostOverlap = 0.4;  ///< intersection over union of two boxes of one picture

  /// Refused: kModel.
  Detector();
  ~Detector();
  Detector(Detector&&) noexcept;

  /// Best first, overlapping ones left out. Finds faces of a twelfth of the picture's height and larger.
  std::vector<Detection> detect(const Picture& picture);
  Landmarks landmarks(const Picture& picture, const Detection& face);

 private:
  struct Networks;
  std::unique_ptr<Networks> networks_;
};

/// Best first, and none that overlaps a better one by more than `most_overlap`.
std::vector<Detection> without_overlaps(std::vector<Detection> found, double most_overlap);

}  // namespace touchstone::face
