#include "bio/synthetic_data.h"

#include "bio/bad_input.h"
#include "bio/store.h"

namespace touchstone::bio {
namespace {

constexpr prints::SensorKind kKinds[] = {prints::SensorKind::kOptical, prints::SensorKind::kPress, prints::SensorKind::kCapacitive,
                                         prints::SensorKind::kSweep};

}  // namespace

SyntheticData::SyntheticData(const DataOptions& options) : seed_(options.seed) {
  if (options.fingers < 2) throw BadInput("--fingers: at least 2 can be compared");
  if (options.impressions < options.least_impressions) throw BadInput("--impressions: at least " + std::to_string(options.least_impressions) + " are needed");
  label_ = "synthetic";
  for (const prints::SensorKind kind : kKinds) {
    sets_.emplace_back(prints::to_string(kind));
    units_.push_back(prints::SensorUnit::draw(kind, SeedTree(seed_).child("unit").child(sets_.back())));
  }
  for (int f = 0; f < options.fingers; ++f) {
    const prints::SensorKind kind = prints::draw_kind(seed(static_cast<std::size_t>(f)));
    Finger one{0, std::to_string(f), {}};
    while (kKinds[one.set] != kind) ++one.set;
    for (int i = 1; i <= options.impressions; ++i) one.impressions.push_back(i);
    fingers_.push_back(std::move(one));
  }
  population_hash_ = prints::population_hash();
  // One picture stands for the generator's code.
  const GreyImage sample = print(0, 0).image;
  const auto* pixels = reinterpret_cast<const char*>(sample.pixels.data());
  digest_ = digest_of("prints; population " + population_hash_ + "; seed " + std::to_string(seed_) + "; fingers " + std::to_string(options.fingers) + "; impressions " +
                      std::to_string(options.impressions) + "; sample " + std::string(pixels, sample.pixels.size()));
}

const prints::Finger& SyntheticData::made(std::size_t finger) const {
  if (!made_ || made_->index != finger) made_ = Made{finger, prints::Finger::make(seed(finger))};
  return made_->finger;
}

prints::Conditions SyntheticData::conditions(std::size_t finger, std::size_t impression) const {
  return prints::Conditions::of_touch(made(finger), units_[fingers_[finger].set].kind, impression);
}

Print SyntheticData::print(std::size_t finger, std::size_t impression) const {
  const prints::SensorUnit& unit = units_[fingers_[finger].set];
  // What the extractor is told is the nominal resolution: nobody measures a part's own.
  return {prints::picture(made(finger), conditions(finger, impression), unit), prints::SensorUnit::nominal(unit.kind).dpi};
}

std::optional<Truth> SyntheticData::truth(std::size_t finger, std::size_t impression) const {
  truths_.resize(fingers_.size());
  std::vector<Truth>& known = truths_[finger];
  for (std::size_t i = known.size(); i <= impression; ++i) {
    const prints::Conditions c = conditions(finger, i);
    known.push_back({c.moisture, c.turn_deg});
  }
  return known[impression];
}

}  // namespace touchstone::bio
