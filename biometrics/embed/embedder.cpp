#include "embed/embedder.h"

#include <algorithm>

#include "base/secret.h"
#include "ridges/angle.h"

namespace touchstone::biometrics {
namespace {

constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

// Sums worth * descriptor (x) basis. |worth| < 2^8, |descriptor| <= 2^8, |basis| < 2^7, 48 minutiae: below 2^29.
void add_minutia(std::span<const std::int16_t> descriptor, std::uint8_t worth, std::uint8_t direction, std::int32_t* sum) {
  const auto doubled = static_cast<std::uint8_t>(2 * direction);
  const std::int32_t basis[kDirectionBasis] = {127, cosine_q7(direction), sine_q7(direction), cosine_q7(doubled), sine_q7(doubled)};
  for (const std::int16_t component : descriptor) {
    const std::int32_t weighed = component * worth;
    for (const std::int32_t b : basis) *sum++ += weighed * b;
  }
}

}  // namespace

std::size_t embed_work_bytes(const Network& network, int width_px, int height_px) {
  return aligned(PrintAnalysis::work_bytes(width_px, height_px)) + aligned(Network::work_bytes(network.architecture())) +
         aligned(kDirectionBasis * network.architecture().descriptor * sizeof(std::int32_t)) + aligned(sizeof(Patch)) +
         aligned(Network::copy_bytes(network.architecture()));
}

Status embed(const Network& network, const ImageView& image, int most_minutiae, MutableBytes work_area, std::span<std::int8_t> vector,
             Quality& quality) {
  quality = {};
  const std::size_t analysis_bytes = aligned(PrintAnalysis::work_bytes(image.width_px, image.height_px));
  const std::size_t needed = embed_work_bytes(network, image.width_px, image.height_px);
  if (work_area.size() < needed) return Error{ErrorCode::kTooLarge, "work area is too small for the image"};
  const Result<PrintAnalysis> print = PrintAnalysis::analyse(image, work_area.first(analysis_bytes), quality);
  Status result = Error{ErrorCode::kPoorQuality, "the print shows too few minutiae"};
  if (!print.ok()) {
    result = print.error();
  } else if (print->minutiae().size() >= kLeastMinutiae) {
    const std::size_t length = network.architecture().descriptor;
    MutableBytes rest = work_area.subspan(analysis_bytes);
    const std::size_t activation_bytes = aligned(Network::work_bytes(network.architecture()));
    const MutableBytes activations = rest.first(activation_bytes);
    auto* const sum = reinterpret_cast<std::int32_t*>(rest.data() + activation_bytes);
    auto& patch = *reinterpret_cast<Patch*>(rest.data() + activation_bytes + aligned(kDirectionBasis * length * sizeof(std::int32_t)));
    const Network copy = network.copied_to(MutableBytes(reinterpret_cast<std::uint8_t*>(&patch) + aligned(sizeof(Patch)), Network::copy_bytes(network.architecture())));
    std::fill_n(sum, kDirectionBasis * length, 0);
    std::array<std::int16_t, Network::kMaxDescriptor> descriptor{};
    const auto minutiae = print->minutiae();
    for (const Minutia& minutia : minutiae.first(std::min(minutiae.size(), static_cast<std::size_t>(most_minutiae)))) {
      print->sample(minutia, patch);
      std::uint8_t worth = 0;
      copy.describe(patch, activations, std::span(descriptor).first(length), worth);
      add_minutia(std::span(descriptor).first(length), worth, minutia.direction, sum);
    }
    network.project({sum, kDirectionBasis * length}, vector);
    wipe(descriptor.data(), sizeof(descriptor));
    result = {};
  }
  wipe(work_area.data(), needed);
  return result;
}

}  // namespace touchstone::biometrics
