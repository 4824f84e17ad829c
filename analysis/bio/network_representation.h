// The network's vector (module embed) as two representations: itself, and the signs that the converter locks.
#pragma once

#include <memory>
#include <string>

#include "bio/representation.h"
#include "bio/sign_code.h"
#include "codes/code_choice.h"
#include "embed/network.h"

namespace touchstone::bio {

/// An eight-bit network in memory.
class NetworkFile {
 public:
  /// The card's own, built into the program.
  NetworkFile();
  /// Throws BadInput: cannot be read, truncated, of another architecture.
  explicit NetworkFile(const std::string& path);
  const biometrics::Network& network() const { return network_; }
  const std::string& digest() const { return digest_; }
  bool is_the_cards() const { return digest_ == NetworkFile().digest_; }

 private:
  std::vector<std::uint32_t> words_;  // aligned
  biometrics::Network network_;
  std::string digest_;
};

/// Cosine of vectors; enrolment adds the touches' vectors. A larger picture than the card's shows more minutiae: as many are
/// described in proportion to its area, the card's number at least and all that the analysis keeps at most.
class NetworkEmbedding : public Representation {
 public:
  explicit NetworkEmbedding(std::shared_ptr<const NetworkFile> file) : file_(std::move(file)) {}
  std::string name() const override { return "network-embedding"; }
  Kind kind() const override { return Kind::kEmbedding; }
  std::string network() const override { return "int8"; }
  bool is_the_cards() const override { return file_->is_the_cards(); }
  std::string digest() const override;
  std::optional<Template> describe(const Print& print) const override;
  std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const override;
  float score(const Template& enrolled, const Template& probe) const override;

 protected:
  std::size_t dimensions() const { return file_->network().architecture().dimensions; }

 private:
  std::shared_ptr<const NetworkFile> file_;
};

/// The signs of the enrolled vector (SignCode) against the probe's vector, each component weighed by its reliability.
class NetworkCode : public NetworkEmbedding {
 public:
  NetworkCode(std::shared_ptr<const NetworkFile> file, codes::CodeChoice code);
  std::string name() const override { return "network-code"; }
  Kind kind() const override { return Kind::kCode; }
  std::string digest() const override;
  int k_bits() const override { return code_.k; }
  int code_bits() const override { return code_.n; }
  std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const override;
  float score(const Template& enrolled, const Template& probe) const override;
  std::optional<double> bit_errors(const Template& enrolled, const Template& probe) const override;

 private:
  Template weighed(const Template& probe) const;

  codes::CodeChoice code_;
  SignCode signs_;
  std::vector<float> reliability_;
};

}  // namespace touchstone::bio
