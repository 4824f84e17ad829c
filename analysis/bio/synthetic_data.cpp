#include "bio/synthetic_data.h"

#include "base/check.h"
#include "bio/bad_input.h"

namespace touchstone::bio {
namespace {

constexpr int kWidth_px = 320;
constexpr int kHeight_px = 320;

}  // namespace

SyntheticData::SyntheticData(const DataOptions& options) : seed_(options.seed) {
  if (options.fingers < 2) throw BadInput("--fingers: at least 2 can be compared");
  if (options.impressions < options.least_impressions) throw BadInput("--impressions: at least " + std::to_string(options.least_impressions) + " are needed");
  label_ = "synthetic";
  sets_ = {"synthetic"};
  for (int f = 0; f < options.fingers; ++f) {
    Finger one{0, std::to_string(f), {}};
    for (int i = 1; i <= options.impressions; ++i) one.impressions.push_back(i);
    fingers_.push_back(std::move(one));
  }
  digest_ = "fingers/1 seed " + std::to_string(options.seed);
}

Print SyntheticData::print(std::size_t finger, std::size_t impression) const {
  if (made_ != finger) {
    finger_ = fingers::Finger::make(seed(finger));
    made_ = finger;
  }
  const auto conditions = fingers::Conditions::draw(seed(finger).child("touch").child(impression));
  return {fingers::impression(*finger_, conditions, kWidth_px, kHeight_px), fingers::kDpi};
}

std::optional<Truth> SyntheticData::truth(std::size_t finger, std::size_t impression) const {
  const auto conditions = fingers::Conditions::draw(seed(finger).child("touch").child(impression));
  return Truth{0, -conditions.rotation_deg};
}

}  // namespace touchstone::bio
