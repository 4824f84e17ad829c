#include "face/picture.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/videoio.hpp>

#include "base/check.h"
#include "face/opencv.h"
#include "face/refusal.h"

namespace touchstone::face {
namespace {

constexpr std::int64_t kMostPixels = 64'000'000;
constexpr std::size_t kMostBytes = std::size_t{256} << 20;

// What is wrong with a file is said by Refused, in a sentence; OpenCV's own log says it in twenty lines more.
const auto kQuiet = cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);

/// Whether a JPEG file ends before its picture does: decoders fill the rest with grey. Walks from marker to marker (ITU-T T.81, annex B), as previews in
/// the head and whatever follows the end hold markers of their own. What is wrong otherwise is the decoder's to say.
bool is_cut_jpeg(Bytes file) {
  constexpr std::uint8_t kStart = 0xD8, kEnd = 0xD9, kScan = 0xDA, kFill = 0xFF;
  const auto stands_alone = [](std::uint8_t marker) { return marker >= 0xD0 && marker <= 0xD7; };  // RSTm
  if (file.size() < 2 || file[0] != 0xFF || file[1] != kStart) return false;
  for (std::size_t at = 2; at + 2 <= file.size();) {
    if (file[at] != 0xFF) return false;
    const std::uint8_t marker = file[at + 1];
    if (marker == kEnd) return false;
    if (marker == kFill) {
      ++at;
      continue;
    }
    if (stands_alone(marker)) {
      at += 2;
      continue;
    }
    if (at + 4 > file.size()) break;
    at += 2 + (std::size_t{file[at + 2]} << 8 | file[at + 3]);
    // A scan's data run to the next marker; FF 00 is a byte of theirs.
    while (marker == kScan && at + 1 < file.size() && (file[at] != 0xFF || file[at + 1] == 0 || stands_alone(file[at + 1]))) ++at;
  }
  return true;
}

}  // namespace

const char* to_string(Reason reason) {
  switch (reason) {
    case Reason::kUnreadable: return "unreadable";
    case Reason::kNoFace: return "no_face";
    case Reason::kTwoFaces: return "two_faces";
    case Reason::kTiny: return "tiny";
    case Reason::kBlurred: return "blurred";
    case Reason::kDark: return "dark";
    case Reason::kBright: return "bright";
    case Reason::kTurned: return "turned";
    case Reason::kUpsideDown: return "upside_down";
    case Reason::kModel: return "model";
  }
  return "";
}

Picture from_mat(const cv::Mat& rgb, std::string name) {
  TS_CHECK(rgb.type() == CV_8UC3, "three channels of eight bits");
  Picture out{rgb.cols, rgb.rows, {}, std::move(name)};
  out.rgb.reserve(rgb.total() * 3);
  for (int y = 0; y < rgb.rows; ++y) out.rgb.insert(out.rgb.end(), rgb.ptr(y), rgb.ptr(y) + std::size_t{3} * static_cast<std::size_t>(rgb.cols));
  return out;
}

Picture parse_picture(Bytes untrusted, const std::string& name) {
  if (is_cut_jpeg(untrusted)) throw Refused(Reason::kUnreadable, name + ": ends in the middle: a damaged JPEG file");
  cv::Mat bgr;
  try {
    if (!untrusted.empty()) bgr = cv::imdecode(cv::Mat(1, static_cast<int>(untrusted.size()), CV_8UC1, const_cast<std::uint8_t*>(untrusted.data())), cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {
    throw Refused(Reason::kUnreadable, name + ": cannot be decoded: " + error.err);
  }
  if (bgr.empty()) throw Refused(Reason::kUnreadable, name + ": is no picture, or a damaged one");
  if (std::int64_t{bgr.cols} * bgr.rows > kMostPixels) throw Refused(Reason::kUnreadable, name + ": has more than 64 megapixels: scale it down");
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return from_mat(rgb, name);
}

Picture read_picture(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) throw Refused(Reason::kUnreadable, path.string() + ": cannot be opened");
  std::vector<std::uint8_t> bytes;
  // By pieces, as a device or pipe may never end.
  for (std::array<char, 1 << 16> piece; file; bytes.insert(bytes.end(), piece.begin(), piece.begin() + file.gcount())) {
    if (bytes.size() > kMostBytes) throw Refused(Reason::kUnreadable, path.string() + ": is larger than 256 MiB");
    file.read(piece.data(), piece.size());
  }
  return parse_picture(bytes, path.string());
}

void write_picture(const std::filesystem::path& path, const Picture& picture) {
  cv::Mat bgr;
  cv::cvtColor(view(picture), bgr, cv::COLOR_RGB2BGR);
  bool written = false;
  try {
    written = cv::imwrite(path.string(), bgr);
  } catch (const cv::Exception&) {  // the name's ending
  }
  if (!written) throw std::runtime_error(path.string() + ": cannot be written");
}

Picture crop(const Picture& picture, int left, int top, int width_px, int height_px) {
  Picture out{width_px, height_px, {}, picture.name};
  out.rgb.reserve(static_cast<std::size_t>(3 * width_px * height_px));
  for (int y = 0; y < height_px; ++y) {
    const int from_y = std::clamp(top + y, 0, picture.height_px - 1);
    for (int x = 0; x < width_px; ++x) {
      const int from_x = std::clamp(left + x, 0, picture.width_px - 1);
      const auto* pixel = &picture.rgb[3 * (static_cast<std::size_t>(from_y) * static_cast<std::size_t>(picture.width_px) + static_cast<std::size_t>(from_x))];
      out.rgb.insert(out.rgb.end(), pixel, pixel + 3);
    }
  }
  return out;
}

Picture turned_half(const Picture& picture) {
  cv::Mat out;
  cv::rotate(view(picture), out, cv::ROTATE_180);
  return from_mat(out, picture.name);
}

struct Frames::Capture {
  cv::VideoCapture video;
  std::string name;
  int frame = 0;
  double shown_s = 0;  // the time of the last frame

  /// Throws Refused where a file states a length, as cameras do not, and ends well before it. Sound may outlast the pictures, and lengths are rounded.
  void expect_the_end() const {
    const double frames = video.get(cv::CAP_PROP_FRAME_COUNT), rate = video.get(cv::CAP_PROP_FPS);
    if (!(frames > 0 && rate > 0)) return;
    const double stated_s = frames / rate, missing_s = stated_s - shown_s - 1 / rate;
    if (missing_s <= std::max(0.5, stated_s / 10)) return;
    char text[100];
    std::snprintf(text, sizeof text, ": ends after frame %d, at %.1f s of %.1f s: cut off or damaged", frame - 1, shown_s, stated_s);
    throw Refused(Reason::kUnreadable, name + text);
  }
};

Frames::Frames(const std::string& file_or_device) : capture_(std::make_unique<Capture>()) {
  capture_->name = file_or_device;
  if (!std::filesystem::exists(file_or_device)) throw Refused(Reason::kUnreadable, file_or_device + ": cannot be opened");
  try {
    capture_->video.open(file_or_device);
  } catch (const cv::Exception&) {  // said below
  }
  if (!capture_->video.isOpened()) throw Refused(Reason::kUnreadable, file_or_device + ": is no video or camera that can be read, or a damaged one");
}

Frames::~Frames() = default;

std::optional<Picture> Frames::next() {
  cv::Mat bgr;
  try {
    capture_->video.read(bgr);
  } catch (const cv::Exception& error) {
    throw Refused(Reason::kUnreadable, capture_->name + ": frame " + std::to_string(capture_->frame) + " cannot be decoded: " + error.err);
  }
  if (bgr.empty()) {
    if (capture_->frame == 0) throw Refused(Reason::kUnreadable, capture_->name + ": has no frame that can be decoded");
    capture_->expect_the_end();
    return std::nullopt;
  }
  capture_->shown_s = capture_->video.get(cv::CAP_PROP_POS_MSEC) / 1000;
  cv::Mat rgb;
  cv::cvtColor(bgr, rgb, cv::COLOR_BGR2RGB);
  return from_mat(rgb, capture_->name + " frame " + std::to_string(capture_->frame++));
}

bool is_video(const std::string& file) {
  if (file.starts_with("/dev/video")) return true;
  std::string ending = std::filesystem::path(file).extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return ending == ".avi" || ending == ".mkv" || ending == ".mov" || ending == ".mp4" || ending == ".webm";
}

}  // namespace touchstone::face
