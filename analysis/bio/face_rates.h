// Error rates of faces: by vectors as they are, and by the secret that is made of them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "bio/face_data.h"
#include "bio/row.h"
#include "face_head/head.h"
#include "metrics/scores.h"

namespace touchstone::bio {

/// FMRs that FNMR is stated at.
inline constexpr double kFaceFmr[] = {1e-2, 1e-3, 1e-4, 1e-5};

struct FaceRow {
  std::string data, protocol;          ///< "official_pairs", "all_pairs", "enrolled"
  std::string representation;          ///< "embedding", "code"
  std::string embedder;
  std::string people;                  ///< "all", "named in pairs.txt", "report"
  int enrolled = 1, fused = 1;
  int k_bits = 0;                      ///< of a code
  std::size_t genuine_pairs = 0, impostor_pairs = 0, persons = 0;
  int replicates = 0;                  ///< of the bootstrap over people
  std::optional<RateWithInterval> fnmr, fmr;        ///< of a code: what its decoder opens
  std::optional<double> eer;
  std::optional<metrics::Interval> eer_95;
  std::vector<RateWithInterval> fnmr_at;            ///< as kFaceFmr; none for a code
};

/// Cosine of the official pairs; a pair with a picture that gave no vector is left out, and counted in `missing`.
FaceRow official_pairs(const FaceSet& set, const FaceVectors& faces, std::size_t& missing, const metrics::BootstrapOptions& options);
/// Cosine of every picture with every other; of those named in pairs alone with `named`.
FaceRow all_pairs(const FaceSet& set, const FaceVectors& faces, bool named, const metrics::BootstrapOptions& options);

struct Enrolment {
  int enrolled = 5, fused = 3;
};
/// Of every person with enrolled + fused pictures or more the first `enrolled` are one reference; the others, `fused` at a time, are
/// genuine probes; other people's pictures, `fused` at a time and one by one, are impostors. People of the report part alone.
/// By the sum of unit-length vectors, and by records of scheme R1 where a head is given.
FaceRow enrolled_embedding(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment, const metrics::BootstrapOptions& options);
FaceRow enrolled_code(const FaceSet& set, const FaceVectors& faces, const biometrics::Head& head, const Enrolment& enrolment, const metrics::BootstrapOptions& options);

nlohmann::ordered_json to_json(const FaceRow& row);
std::string to_table(const std::vector<FaceRow>& rows);

}  // namespace touchstone::bio
