// Error rates of faces by their vectors: every row of a report, and the official and all pairs of a set.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bio/face_data.h"
#include "bio/row.h"
#include "metrics/scores.h"
#include "tools/text_table.h"

namespace touchstone::bio {

/// FMRs that FNMR is stated at.
inline constexpr double kFaceFmr[] = {1e-2, 1e-3, 1e-4, 1e-5};
inline constexpr const char* kFaceFmrNames[] = {"1e-2", "1e-3", "1e-4", "1e-5"};
/// Where rates that need a threshold are stated.
inline constexpr double kFaceOperatingFmr = 1e-3;

/// Shares of the scores between `low` and `high`, in equal bins.
struct Histogram {
  double low = 0, high = 1;
  std::vector<double> genuine, impostor;
};

struct FaceRow {
  std::string data, protocol;          ///< "official_pairs", "all_pairs", "enrolled"
  std::string representation;          ///< "embedding", "code"
  std::string scheme;                  ///< of a code: "r1", "n0", "n1"; a step of the way to it: loss_by_protection()
  std::string embedder;
  std::string people;                  ///< "all", "named in pairs.txt", "report"
  int enrolled = 1, fused = 1;
  int k_bits = 0;                      ///< of a code
  std::size_t genuine_pairs = 0, impostor_pairs = 0, persons = 0;
  int replicates = 0;                  ///< of the bootstrap over people
  std::optional<RateWithInterval> fnmr, fmr;        ///< of a code: what it gives the secret to
  std::optional<double> eer;                        ///< none of a decoder, which has no threshold
  std::optional<metrics::Interval> eer_95;
  std::vector<RateWithInterval> fnmr_at;            ///< as kFaceFmr; none for a code
  metrics::Bits bits;                               ///< of who tries other people's faces: at kFaceOperatingFmr, or at the code; at most k_bits
  std::vector<metrics::DetPoint> det;
  Histogram scores;

  /// Whether the comparisons can tell an FMR of `asked` from 0.
  bool supports(double asked) const { return metrics::Rate{0, impostor_pairs}.supports(asked); }
};

/// Rates of scores over all thresholds.
void measure_scores(const metrics::ScoreSet& scores, const metrics::BootstrapOptions& options, FaceRow& row);
/// Rates of scores that decide: `threshold` or more gives the secret.
void measure_decisions(const metrics::ScoreSet& scores, double threshold, const metrics::BootstrapOptions& options, FaceRow& row);

/// What a row says of where it comes from.
FaceRow begin_row(const FaceSet& set, const FaceVectors& faces, const char* protocol, const char* representation);
/// Vectors of length 1.
std::vector<std::vector<float>> units(const faces::Embeddings& e);
std::vector<float> unit(std::span<const float> v);
float product(const std::vector<float>& a, const std::vector<float>& b);

/// Cosine of the official pairs; a pair with a picture that gave no vector is left out, and counted in `missing`.
FaceRow official_pairs(const FaceSet& set, const FaceVectors& faces, std::size_t& missing, const metrics::BootstrapOptions& options);
/// Cosine of every picture with every other; of those named in pairs alone with `named`.
FaceRow all_pairs(const FaceSet& set, const FaceVectors& faces, bool named, const metrics::BootstrapOptions& options);

/// A rate and its interval; null both where there is none or nothing was compared.
std::pair<nlohmann::ordered_json, nlohmann::ordered_json> rate_and_interval(const RateWithInterval* rate);
nlohmann::ordered_json to_json(const FaceRow& row);
tools::Cells cells(const std::vector<FaceRow>& rows);
/// "r1", "embedding of b": how a row is called in pictures.
std::string shown_name(const FaceRow& row);

}  // namespace touchstone::bio
