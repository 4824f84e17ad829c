#include "biometrics/feature.h"

#include "embed/embedder.h"
#include "finger_model/finger_model.h"

namespace touchstone::biometrics {

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
