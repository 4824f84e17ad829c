#include "print_testing/owners.h"

#include <cmath>
#include <map>
#include <memory>
#include <vector>

#include "prints/impression.h"

namespace touchstone::biometrics::testing {
namespace {

constexpr double kUnlike = 0.1;
constexpr double kLeastAlike = 0.45, kMostAlike = 0.7;

prints::SensorUnit sensor() { return prints::SensorUnit::nominal(prints::SensorKind::kCard); }

}  // namespace

Status extract(const GreyImage& image, Feature& out) {
  const auto width = static_cast<std::uint16_t>(image.width_px);
  const auto height = static_cast<std::uint16_t>(image.height_px);
  std::vector<std::uint64_t> work(extract_work_bytes(width, height) / 8 + 1);
  return biometrics::extract({image.pixels, width, height}, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8), out);
}

double likeness(const Feature& a, const Feature& b) {
  double ab = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.components.size(); ++i) {
    ab += a.components[i] * b.components[i];
    aa += a.components[i] * a.components[i];
    bb += b.components[i] * b.components[i];
  }
  return ab / std::sqrt(aa * bb + 1e-9);
}

GreyImage Owner::clean_on(int width_px, int height_px) const {
  prints::SensorUnit unit = sensor();
  unit.width_px = width_px;
  unit.height_px = height_px;
  return prints::picture(finger, {}, unit);
}

GreyImage Owner::touch(std::uint64_t index) const {
  return prints::picture(finger, prints::Conditions::of_touch(finger, prints::SensorKind::kCard, index), sensor());
}

const Owner& owner(int number) {
  static std::vector<std::unique_ptr<Owner>> owners;
  static std::vector<std::unique_ptr<Feature>> features;
  static std::uint64_t seed = 0;
  while (static_cast<int>(owners.size()) < number) {
    const auto finger = prints::Finger::make(SeedTree(2026).child(seed++));
    auto found = std::make_unique<Owner>(Owner{finger, prints::picture(finger, {}, sensor())});
    auto feature = std::make_unique<Feature>();
    bool fits = extract(found->clean, *feature).ok();
    for (const auto& other : features) fits = fits && std::abs(likeness(*feature, *other)) < kUnlike;
    if (!fits) continue;
    owners.push_back(std::move(found));
    features.push_back(std::move(feature));
  }
  return *owners[static_cast<std::size_t>(number) - 1];
}

const GreyImage& alike(int number, int which) {
  struct Found {
    std::vector<std::unique_ptr<GreyImage>> images;
    std::vector<std::unique_ptr<Feature>> features;  // the clean touch's first
    std::uint64_t next = 0;
  };
  static std::map<int, Found> of_owner;
  Found& found = of_owner[number];
  if (found.features.empty()) {
    found.features.push_back(std::make_unique<Feature>());
    TS_CHECK(extract(owner(number).clean, *found.features[0]).ok(), "a clean touch");
  }
  while (static_cast<int>(found.images.size()) <= which) {
    TS_CHECK(found.next < 1000, "no touch is as like the others as that");
    auto image = std::make_unique<GreyImage>(owner(number).touch(found.next++));
    auto feature = std::make_unique<Feature>();
    bool fits = extract(*image, *feature).ok();
    for (const auto& other : found.features) {
      const double now = fits ? likeness(*feature, *other) : 0;
      fits = fits && now >= kLeastAlike && now <= kMostAlike;
    }
    if (!fits) continue;
    found.images.push_back(std::move(image));
    found.features.push_back(std::move(feature));
  }
  return *found.images[static_cast<std::size_t>(which)];
}

}  // namespace touchstone::biometrics::testing
