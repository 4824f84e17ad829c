// All settings of one experiment with faces, strict JSON (analysis/experiments/face), and what comes out of it.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codes/code_choice.h"
#include "face_nets/head_rates.h"
#include "face_nets/person_scores.h"

namespace touchstone::nets {

struct FaceExperiment {
  enum class Scheme { kHead, kN0, kN1 };

  std::uint64_t seed = 1;
  Scheme scheme = Scheme::kHead;
  FaceProtocol protocol;
  // A head:
  int folds = 4;  ///< of the tuning part, by person
  std::string embedder;
  ByteArray<32> embedder_digest{};
  HeadOptions head;
  int message_bits = 0, list_size = 0;  ///< of the polar code, as long as the head's vector and at least 128
  int records = 1;                      ///< that every person is enrolled in, each of other randomness
  // N0, N1:
  weak::PersonNetOptions net;

  std::string text;  ///< canonical JSON
  std::string hash;  ///< its SHA-256

  codes::CodeChoice code() const;
  /// Strict: every key of the scheme once, no other. Throws BadInput with `name` and the key.
  static FaceExperiment parse(std::string_view untrusted_json, const std::string& name);
  static FaceExperiment read(const std::filesystem::path& file);
  /// These settings with some changed (RFC 7396).
  FaceExperiment changed(std::string_view untrusted_changes, const std::string& name) const;
};
const char* to_string(FaceExperiment::Scheme scheme);

/// Name and number, in the order of the scheme; rates as fractions, with how many comparisons they rest on.
using FaceFigures = std::vector<std::pair<std::string, double>>;

/// Runs one. Without `report`, settings are being chosen: a head is cross-validated on `tune`; N0 and N1 take as strangers every other
/// one of those people who have too few pictures to be tried themselves, the rest are impostors. With `report` - other people - figures
/// are of these, and all of `tune` is what the head is fitted to and where the strangers come from.
/// `scores`, if given, gets what N0 and N1 measured. Throws BadInput.
FaceFigures run_face(const FaceExperiment& experiment, const faces::Embeddings& tune, const faces::Embeddings* report, const std::function<void(std::size_t, std::size_t)>& progress,
                     weak::PersonScores* scores = nullptr);
/// The head of an experiment's settings.
biometrics::Head fitted_head(const FaceExperiment& experiment, const faces::Embeddings& tune);

}  // namespace touchstone::nets
