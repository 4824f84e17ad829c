#include "biometrics/feature.h"

#include "embed/embedder.h"
#include "finger_model/finger_model.h"

namespace touchstone::biometrics {

// On generated touches of the card's sensor: 90 to 200 mean grey in ordinary ones; wet skin closes the valleys and leaves 50, dry skin breaks
// the ridges and leaves 220 with a whole contact.
Advice advise(const Quality& quality, bool usable) {
  constexpr int kWet_grey = 80, kDry_grey = 212, kLittleContact_percent = 60, kUnclearRidges_percent = 60;
  if (quality.mean_grey < kWet_grey) return Advice::kDry;
  if (quality.contact_percent < kLittleContact_percent) return Advice::kPress;
  if (quality.mean_grey > kDry_grey) return Advice::kMoisten;
  if (quality.ridge_percent < kUnclearRidges_percent) return Advice::kDry;
  return usable ? Advice::kNone : Advice::kPress;
}

bool nearly_same(const Feature& a, const Feature& b) {
  constexpr int kNearlySame_percent = 92;  // cosine
  std::int64_t ab = 0, aa = 0, bb = 0;     // below 2^22
  for (std::size_t i = 0; i < a.components.size(); ++i) {
    ab += a.components[i] * b.components[i];
    aa += a.components[i] * a.components[i];
    bb += b.components[i] * b.components[i];
  }
  return ab > 0 && ab * ab * 10000 >= aa * bb * kNearlySame_percent * kNearlySame_percent;
}

Network finger_network() {
  auto network = Network::parse(finger_weights());
  TS_CHECK(network.ok() && network->architecture().dimensions <= kMaxDimensions, "the shipped weights fit the card");
  return *network;
}

std::size_t extract_work_bytes(int width_px, int height_px) { return embed_work_bytes(finger_network(), width_px, height_px); }

Status extract(const ImageView& image, MutableBytes work_area, Feature& out) {
  const Network network = finger_network();
  const std::uint16_t dimensions = network.architecture().dimensions;
  out.components.fill(0);
  out.dimensions = 0;
  TS_RETURN_IF_ERROR(embed(network, image, kCardMinutiae, work_area, std::span(out.components).first(dimensions), out.quality));
  out.dimensions = dimensions;
  return {};
}

}  // namespace touchstone::biometrics
