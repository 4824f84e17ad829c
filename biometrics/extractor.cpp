#include <algorithm>

#include "biometrics/descriptor.h"
#include "biometrics/whitening.h"

namespace touchstone::biometrics {
namespace {

// Below these there is no print, or too little of it to name a finger.
constexpr int kLeastContact_percent = 15;
constexpr int kLeastContact_cells = 150;  // about 1 cm^2 / 4
constexpr int kLeastRidge_percent = 30;

bool size_supported(int width_px, int height_px) {
  return width_px >= kMinSide_px && width_px <= kMaxSide_px && height_px >= kMinSide_px && height_px <= kMaxSide_px;
}

}  // namespace

void project(const RawVector& raw, Feature::Vector& out) {
  for (std::size_t i = 0; i < kDimensions; ++i) {
    std::int32_t sum = -kWhitening.bias[i];
    const std::int8_t* row = kWhitening.weights[i].data();
    for (std::size_t j = 0; j < kRawDimensions; ++j) sum += row[j] * raw[j];
    const std::int64_t scaled = std::int64_t{sum} * kWhitening.scale_q24[i];
    out[i] = static_cast<std::int8_t>(std::clamp<std::int64_t>(scaled >> 24, -127, 127));
  }
}

std::size_t Extractor::work_bytes(std::uint16_t width_px, std::uint16_t height_px) {
  return orientation_map_work_bytes(width_px, height_px);
}

Result<Quality> Extractor::extract(const ImageView& image, MutableBytes work_area, Feature& out) const {
  if (!size_supported(image.width_px, image.height_px)) return Error{ErrorCode::kOutOfRange, "image size not supported"};
  if (image.pixels.size() != static_cast<std::size_t>(image.width_px) * image.height_px) {
    return Error{ErrorCode::kOutOfRange, "image size and number of pixels differ"};
  }
  const std::size_t needed = work_bytes(image.width_px, image.height_px);
  if (work_area.size() < needed) return Error{ErrorCode::kTooLarge, "work area is too small for the image"};
  TS_CHECK(reinterpret_cast<std::uintptr_t>(work_area.data()) % 8 == 0, "work area is not aligned to 8 bytes");

  Quality quality;
  const OrientationMap map = make_orientation_map(image, work_area, quality);
  Pose reference;
  const bool usable = quality.contact_percent >= kLeastContact_percent &&
                      quality.contact_percent * map.columns * map.rows >= kLeastContact_cells * 100 &&
                      quality.ridge_percent >= kLeastRidge_percent && find_reference(map, reference);
  if (usable) {
    RawVector raw;
    out.pose_count = kMaxPoses;
    for (int i = 0; i < kMaxPoses; ++i) {
      read_raw(map, candidate_pose(reference, i), kWhitening.mean, raw);
      project(raw, out.poses[static_cast<std::size_t>(i)]);
    }
    wipe(raw.data(), raw.size());
  }
  wipe(work_area.data(), needed);
  if (!usable) return Error{ErrorCode::kPoorQuality, "no usable print in the image"};
  return quality;
}

}  // namespace touchstone::biometrics
