// A reference that keeps pictures: correlation of registered pictures. Not a solution for the card, which must not keep any;
// it says what the pixels hold when registration is free.
#pragma once

#include "bio/representation.h"

namespace touchstone::bio {

/// Pictures are brought to 254 dpi, band-passed and levelled to one local contrast inside the print. A score is the best
/// normalised correlation over turns of up to 30 degrees and all shifts with enough overlap, weighted by the overlap.
class Correlation : public Representation {
 public:
  std::string name() const override { return "correlation"; }
  Kind kind() const override { return Kind::kMatcher; }
  std::string network() const override { return "none"; }
  std::string digest() const override;
  std::optional<Template> describe(const Print& print) const override;
  /// Not called: pairwise().
  std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const override;
  float score(const Template& reference, const Template& probe) const override;
  bool pairwise() const override { return true; }
  std::vector<float> scores(const Template& reference, std::span<const Template* const> probes) const override;
};

}  // namespace touchstone::bio
