// The border behind which anything that turns prints into comparisons stands: evaluation, plots and throughput know no more.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/seed.h"
#include "bio/crop.h"

namespace touchstone::bio {

enum class Kind {
  kCode,       ///< what the converter decodes: signs of the enrolled vector; a protected template
  kEmbedding,  ///< the same vector unprotected
  kMatcher,    ///< compares pictures: a reference, as it has to keep them
};
const char* to_string(Kind kind);

/// What is kept of one picture, or of an enrolment. Only its representation knows what the numbers mean.
using Template = std::vector<float>;

class Representation {
 public:
  virtual ~Representation() = default;

  virtual std::string name() const = 0;
  virtual Kind kind() const = 0;
  /// "int8", "float" or "none".
  virtual std::string network() const = 0;
  /// Names algorithm and parameters: templates and scores kept on disk are found by it. Changes whenever a score may.
  virtual std::string digest() const = 0;
  /// The same for describe() alone: representations with one name here share their templates.
  virtual std::string template_digest() const { return digest(); }
  /// k of the converter's code; 0 where nothing is decoded.
  virtual int k_bits() const { return 0; }
  /// Length of the code; 0 where there is none.
  virtual int code_bits() const { return 0; }
  /// Whether describe() gives the vectors that the card's converter locks.
  virtual bool is_the_cards() const { return false; }
  /// Larger pictures are cut around their foreground.
  virtual int most_side_px() const { return 4096; }

  /// The template of one picture, or nothing: a failure to acquire (ISO/IEC 19795-1). Deterministic, thread-safe.
  virtual std::optional<Template> describe(const Print& print) const = 0;
  /// Fuses the touches that could be acquired of `asked`; nothing: a failure to enrol. `record` draws what is random in a
  /// record, such as its rotation. A single touch makes an enrolment too.
  virtual std::optional<Template> enrol(std::span<const Template> touches, std::size_t asked, SeedTree record) const = 0;
  /// How alike: higher is more alike, not NaN.
  virtual float score(const Template& enrolled, const Template& probe) const = 0;
  /// Of a code: the share of bits in which probe and record differ.
  virtual std::optional<double> bit_errors(const Template&, const Template&) const { return std::nullopt; }

  /// True where a score is so dear that each pair of pictures is compared once: an enrolment then is its touches, and its score
  /// the best of theirs. enrol() is not called.
  virtual bool pairwise() const { return false; }
  /// One picture against many, by score() unless there is a faster way.
  virtual std::vector<float> scores(const Template& reference, std::span<const Template* const> probes) const;
};

/// What representations by a network need.
struct NetworkChoice {
  std::string weights;  ///< an eight-bit weights file; empty: the card's own network
  std::string code;     ///< codes::CodeChoice; empty: the card's own for one finger
};
/// "network-code", "network-embedding", "classical-code", "classical-embedding", "correlation". Throws BadInput.
std::unique_ptr<Representation> make_representation(const std::string& name, const NetworkChoice& choice = {});
/// The names, in the order of reports.
std::vector<std::string> representation_names();

}  // namespace touchstone::bio
