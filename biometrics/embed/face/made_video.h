// Video files for tests.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>
#include <span>

#include "face/opencv.h"

namespace touchstone::face {

/// An AVI of JPEG pictures, ten a second, all of the first one's size.
inline void write_video(const std::filesystem::path& file, std::span<const Picture> pictures) {
  const cv::Size size(pictures.front().width_px, pictures.front().height_px);
  cv::VideoWriter out(file.string(), cv::VideoWriter::fourcc('M', 'J', 'P', 'G'), 10, size);
  ASSERT_TRUE(out.isOpened());
  for (const Picture& picture : pictures) {
    cv::Mat bgr;
    cv::cvtColor(view(picture), bgr, cv::COLOR_RGB2BGR);
    out.write(bgr);
  }
}

}  // namespace touchstone::face
