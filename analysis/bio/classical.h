// The classical descriptor of the card's integer code (module biometrics) as two representations: its whitened vector, read
// in the detected frame alone, and the signs that the converter would lock.
#pragma once

#include "bio/representation.h"

namespace touchstone::bio {

/// Cosine of whitened vectors; enrolment adds the touches' vectors.
class ClassicalEmbedding : public Representation {
 public:
  std::string name() const override { return "classical-embedding"; }
  Kind kind() const override { return Kind::kEmbedding; }
  std::string network() const override { return "none"; }
  std::string digest() const override;
  std::optional<Template> describe(const Print& print) const override;
  std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const override;
  float score(const Template& enrolled, const Template& probe) const override;
};

/// The signs of the enrolled vector (SignCode) against the probe's vector.
class ClassicalCode : public ClassicalEmbedding {
 public:
  std::string name() const override { return "classical-code"; }
  Kind kind() const override { return Kind::kCode; }
  std::string digest() const override { return ClassicalEmbedding::digest() + " code"; }
  std::string template_digest() const override { return ClassicalEmbedding::digest(); }
  int k_bits() const override;
  int code_bits() const override;
  std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const override;
  float score(const Template& enrolled, const Template& probe) const override;
  std::optional<double> bit_errors(const Template& enrolled, const Template& probe) const override;
};

}  // namespace touchstone::bio
