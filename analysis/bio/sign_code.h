// What the converter locks of a whitened vector, as scores: signs after the record's rotation, against the probe's soft values.
#pragma once

#include <optional>
#include <span>

#include "bio/representation.h"

namespace touchstone::bio {

/// Cosine of two vectors of equal length; 0 where one of them is 0.
float cosine(std::span<const float> a, std::span<const float> b);

/// The touches' sum; nothing when more than half of those asked failed.
std::optional<Template> sum_of_touches(std::span<const Template> touches, std::size_t asked, std::size_t dimensions);

/// A record of `code_bits` <= `dimensions` (a power of two, 64 .. 1024) signs. As a template: the signs turned back, so that a
/// product with a probe's vector is the correlation that a soft decoder sees; then the signs; then the rotation's seed as 16
/// numbers.
class SignCode {
 public:
  SignCode(std::size_t dimensions, std::size_t code_bits);
  Template lock(std::span<const float> vector, SeedTree record) const;
  /// Correlation over the probe's length: what decides in the decoder, as it does not know the probe's scale.
  float score(const Template& record, std::span<const float> probe) const;
  /// Share of differing signs.
  double bit_errors(const Template& record, std::span<const float> probe) const;

 private:
  std::size_t dimensions_, code_bits_;
  int log2_dimensions_;
};

}  // namespace touchstone::bio
