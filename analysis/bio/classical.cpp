#include "bio/classical.h"

#include "classical/descriptor.h"
#include "classical/whitening.h"
#include "bio/sign_code.h"

namespace touchstone::bio {
namespace {

using classical::kDimensions;

// Of d' = 64: the last sign has no place in the code of 63 bits.
const SignCode& sign_code() {
  static const SignCode code(kDimensions, classical::kCodeLength_bits);
  return code;
}

}  // namespace

std::string ClassicalEmbedding::digest() const { return "classical orientation descriptor, 64 dimensions, frame 0 / 2"; }

// As the card's extractor does it, but for two of its rules: the picture may be larger than the card's arena holds, and what
// share of it is print says nothing then.
std::optional<Template> ClassicalEmbedding::describe(const Print& print) const {
  constexpr int kLeastContact_cells = 150;
  constexpr int kLeastRidge_percent = 30;
  const std::size_t bytes = classical::orientation_map_work_bytes(print.image.width_px, print.image.height_px);
  std::vector<std::uint64_t> work(bytes / 8 + 1);
  classical::Quality quality;
  const classical::OrientationMap map = classical::make_orientation_map(
      {print.image.pixels, static_cast<std::uint16_t>(print.image.width_px), static_cast<std::uint16_t>(print.image.height_px)},
      MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), bytes), quality);
  int contact = 0;
  for (int i = 0; i < map.columns * map.rows; ++i) contact += map.cells[i].contact != 0 ? 1 : 0;
  classical::Pose reference;
  if (contact < kLeastContact_cells || quality.ridge_percent < kLeastRidge_percent || !find_reference(map, reference)) return std::nullopt;
  classical::RawVector raw;
  read_raw(map, reference, classical::kWhitening.mean, raw);
  classical::Vector vector;
  classical::project(raw, vector);
  return Template(vector.begin(), vector.end());
}

std::optional<Template> ClassicalEmbedding::enrol(std::span<const Template> touches, std::size_t asked, SeedTree) const {
  return sum_of_touches(touches, asked, kDimensions);
}

float ClassicalEmbedding::score(const Template& enrolled, const Template& probe) const { return cosine(enrolled, probe); }

int ClassicalCode::k_bits() const { return classical::kMessageLength_bits; }
int ClassicalCode::code_bits() const { return classical::kCodeLength_bits; }

std::optional<Template> ClassicalCode::enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const {
  const auto sum = sum_of_touches(touches, asked, kDimensions);
  return sum ? std::optional(sign_code().lock(*sum, record)) : std::nullopt;
}

float ClassicalCode::score(const Template& enrolled, const Template& probe) const { return sign_code().score(enrolled, probe); }

std::optional<double> ClassicalCode::bit_errors(const Template& enrolled, const Template& probe) const {
  return sign_code().bit_errors(enrolled, probe);
}

}  // namespace touchstone::bio
