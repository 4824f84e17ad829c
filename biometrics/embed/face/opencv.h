// OpenCV's view of our pictures; for the sources of this folder alone.
#pragma once

#include <opencv2/core.hpp>

#include "face/picture.h"

namespace touchstone::face {

/// Shares the pixels: the picture must outlive it.
inline cv::Mat view(const Picture& picture) {
  return {picture.height_px, picture.width_px, CV_8UC3, const_cast<std::uint8_t*>(picture.rgb.data())};
}
Picture from_mat(const cv::Mat& rgb, std::string name);

}  // namespace touchstone::face
