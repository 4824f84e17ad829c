#include "bio/classical.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/check.h"
#include "biometrics/converter.h"
#include "biometrics/descriptor.h"
#include "biometrics/whitening.h"
#include "codes/rotation.h"

namespace touchstone::bio {
namespace {

using biometrics::Feature;
using biometrics::kDimensions;
using Values = std::array<std::int32_t, kDimensions>;

constexpr std::size_t kD = kDimensions;
constexpr std::size_t kCodeTemplate = 2 * kD + 16;  // signs turned back, signs, seed

double dot(const float* a, const float* b) {
  double sum = 0;
  for (std::size_t i = 0; i < kD; ++i) sum += double{a[i]} * b[i];
  return sum;
}

// Of d' = 64.
constexpr int kLog2Dimensions = 6;
static_assert(1 << kLog2Dimensions == kDimensions);

codes::Rotation rotation_of(const Template& code) {
  ByteArray<16> seed{};
  for (std::size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<std::uint8_t>(code[2 * kD + i]);
  return codes::Rotation(seed, kLog2Dimensions);
}

Values scaled(const float* vector) {
  Values out{};
  for (std::size_t i = 0; i < kD; ++i) out[i] = static_cast<std::int32_t>(vector[i] * 256);
  return out;
}

}  // namespace

std::string ClassicalEmbedding::digest() const { return "classical orientation descriptor, 64 dimensions, frame 0 / 2"; }

// As the card's extractor does it, but for two of its rules: the picture may be larger than the card's arena holds, and what
// share of it is print says nothing then.
std::optional<Template> ClassicalEmbedding::describe(const Print& print) const {
  constexpr int kLeastContact_cells = 150;
  constexpr int kLeastRidge_percent = 30;
  const std::size_t bytes = biometrics::orientation_map_work_bytes(print.image.width_px, print.image.height_px);
  std::vector<std::uint64_t> work(bytes / 8 + 1);
  biometrics::Quality quality;
  const biometrics::OrientationMap map = biometrics::make_orientation_map(
      {print.image.pixels, static_cast<std::uint16_t>(print.image.width_px), static_cast<std::uint16_t>(print.image.height_px)},
      MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), bytes), quality);
  int contact = 0;
  for (int i = 0; i < map.columns * map.rows; ++i) contact += map.cells[i].contact != 0 ? 1 : 0;
  biometrics::Pose reference;
  if (contact < kLeastContact_cells || quality.ridge_percent < kLeastRidge_percent || !find_reference(map, reference)) return std::nullopt;
  biometrics::RawVector raw;
  read_raw(map, reference, biometrics::kWhitening.mean, raw);
  Feature::Vector vector;
  biometrics::project(raw, vector);
  return Template(vector.begin(), vector.end());
}

std::optional<Template> ClassicalEmbedding::enrol(std::span<const Template> touches, std::size_t asked, SeedTree) const {
  if (touches.empty() || 2 * touches.size() < asked) return std::nullopt;
  Template out(kD, 0.0F);
  for (const Template& touch : touches) {
    for (std::size_t i = 0; i < kD; ++i) out[i] += touch[i];
  }
  return out;
}

float ClassicalEmbedding::score(const Template& enrolled, const Template& probe) const {
  const double norm = std::sqrt(dot(enrolled.data(), enrolled.data()) * dot(probe.data(), probe.data()));
  return norm == 0 ? 0.0F : static_cast<float>(dot(enrolled.data(), probe.data()) / norm);
}

int ClassicalCode::k_bits() const { return biometrics::kMessageLength_bits; }
int ClassicalCode::code_bits() const { return biometrics::kCodeLength_bits; }

std::optional<Template> ClassicalCode::enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const {
  const auto sum = ClassicalEmbedding::enrol(touches, asked, record);
  if (!sum) return std::nullopt;
  Template out(kCodeTemplate, 0.0F);
  ByteArray<16> seed{};
  record.stream("rotation").fill(seed);
  for (std::size_t i = 0; i < seed.size(); ++i) out[2 * kD + i] = seed[i];
  const codes::Rotation rotation(seed, kLog2Dimensions);
  Values rotated = scaled(sum->data());
  rotation.apply(rotated);
  for (std::size_t i = 0; i < kD; ++i) out[kD + i] = rotated[i] < 0 ? -1.0F : 1.0F;
  // The last sign has no place in the code of 63 bits.
  out[2 * kD - 1] = 0;
  constexpr std::int32_t kOne = 1 << 18;
  for (std::size_t i = 0; i < kD; ++i) {
    Values unit{};
    unit[i] = kOne;
    rotation.apply(unit);
    double back = 0;
    for (std::size_t j = 0; j < kD; ++j) back += double{out[kD + j]} * unit[j];
    out[i] = static_cast<float>(back / kOne);
  }
  return out;
}

std::optional<double> ClassicalCode::bit_errors(const Template& enrolled, const Template& probe) const {
  TS_CHECK(enrolled.size() == kCodeTemplate && probe.size() == kD, "templates of another representation");
  Values rotated = scaled(probe.data());
  rotation_of(enrolled).apply(rotated);
  int differing = 0;
  for (std::size_t i = 0; i < biometrics::kCodeLength_bits; ++i) differing += (rotated[i] < 0) != (enrolled[kD + i] < 0) ? 1 : 0;
  return static_cast<double>(differing) / biometrics::kCodeLength_bits;
}

}  // namespace touchstone::bio
