#include "bio/sign_code.h"

#include <bit>
#include <cmath>

#include "base/check.h"
#include "codes/rotation.h"

namespace touchstone::bio {
namespace {

constexpr std::size_t kSeedBytes = 16;
constexpr float kFraction = 256;  // steps of one

std::vector<std::int32_t> rotated(const codes::Rotation& rotation, std::span<const float> vector, float scale) {
  std::vector<std::int32_t> values;
  for (const float v : vector) values.push_back(static_cast<std::int32_t>(v * scale));
  rotation.apply(values);
  return values;
}

double dot(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
  return sum;
}

}  // namespace

float cosine(std::span<const float> a, std::span<const float> b) {
  const double norm = std::sqrt(dot(a, a) * dot(b, b));
  return norm == 0 ? 0.0F : static_cast<float>(dot(a, b) / norm);
}

std::optional<Template> sum_of_touches(std::span<const Template> touches, std::size_t asked, std::size_t dimensions) {
  if (touches.empty() || 2 * touches.size() < asked) return std::nullopt;
  Template out(dimensions, 0.0F);
  for (const Template& touch : touches) {
    for (std::size_t i = 0; i < dimensions; ++i) out[i] += touch[i];
  }
  return out;
}

SignCode::SignCode(std::size_t dimensions, std::size_t code_bits)
    : dimensions_(dimensions), code_bits_(code_bits), log2_dimensions_(std::countr_zero(dimensions)) {
  TS_CHECK(std::has_single_bit(dimensions) && code_bits <= dimensions, "sizes of a sign code");
}

Template SignCode::lock(std::span<const float> vector, SeedTree record) const {
  TS_CHECK(vector.size() == dimensions_, "a vector of another representation");
  Template out(2 * dimensions_ + kSeedBytes, 0.0F);
  ByteArray<kSeedBytes> seed{};
  record.stream("rotation").fill(seed);
  for (std::size_t i = 0; i < kSeedBytes; ++i) out[2 * dimensions_ + i] = seed[i];
  const codes::Rotation rotation(seed, log2_dimensions_);
  const auto values = rotated(rotation, vector, kFraction);
  for (std::size_t i = 0; i < code_bits_; ++i) out[dimensions_ + i] = values[i] < 0 ? -1.0F : 1.0F;
  // The transpose, column by column: what unit vector i becomes, seen by the signs.
  constexpr std::int32_t kOne = 1 << 18;
  std::vector<std::int32_t> unit(dimensions_);
  for (std::size_t i = 0; i < dimensions_; ++i) {
    std::fill(unit.begin(), unit.end(), 0);
    unit[i] = kOne;
    rotation.apply(unit);
    double back = 0;
    for (std::size_t j = 0; j < code_bits_; ++j) back += double{out[dimensions_ + j]} * unit[j];
    out[i] = static_cast<float>(back / kOne);
  }
  return out;
}

float SignCode::score(const Template& record, std::span<const float> probe) const {
  TS_CHECK(record.size() == 2 * dimensions_ + kSeedBytes && probe.size() == dimensions_, "templates of another representation");
  const double length = std::sqrt(dot(probe, probe) * static_cast<double>(code_bits_));
  return length == 0 ? 0.0F : static_cast<float>(dot(std::span(record).first(dimensions_), probe) / length);
}

double SignCode::bit_errors(const Template& record, std::span<const float> probe) const {
  ByteArray<kSeedBytes> seed{};
  for (std::size_t i = 0; i < kSeedBytes; ++i) seed[i] = static_cast<std::uint8_t>(record[2 * dimensions_ + i]);
  const auto values = rotated(codes::Rotation(seed, log2_dimensions_), probe, kFraction);
  int differing = 0;
  for (std::size_t i = 0; i < code_bits_; ++i) differing += (values[i] < 0) != (record[dimensions_ + i] < 0) ? 1 : 0;
  return static_cast<double>(differing) / static_cast<double>(code_bits_);
}

}  // namespace touchstone::bio
