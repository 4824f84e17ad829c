// Error rates of faces that were enrolled with several pictures: by their vectors, by records of scheme R1, and by what lies between.
#pragma once

#include <vector>

#include "bio/face_rates.h"
#include "face_head/head.h"

namespace touchstone::bio {

struct Enrolment {
  int enrolled = 5, fused = 3;
};

/// Of every person with enrolled + fused pictures or more the first `enrolled` are one reference; the others, `fused` at a time, are
/// genuine probes; other people's pictures, `fused` at a time and one by one, are impostors. People of the report part alone where the
/// manifest knows the set, else all.
/// By the cosine of sums of unit-length vectors.
FaceRow enrolled_embedding(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment, const metrics::BootstrapOptions& options);
/// By records made and opened. `randomness` of records from options.seed.
FaceRow enrolled_code(const FaceSet& set, const FaceVectors& faces, const biometrics::Head& head, const Enrolment& enrolment, const metrics::BootstrapOptions& options);

/// What each step from embedding to secret costs, in the same comparisons:
///   "embedding"        cosine of what the embedder gives
///   "whitened"         cosine of the head's vectors, in eight bits
///   "enrolled signs"   the reference as its signs after the record's rotation, the probe as it is: what a soft decoder sees
///   "signs"            both as signs: what a hard decoder sees
///   "r1"               the polar code with its list decoder
///   "bch"              the BCH code of length 127 with the least k that is not below R1's: opens within t wrong signs
/// The first four are rows of representation "embedding" with all thresholds, the last two of "code".
std::vector<FaceRow> loss_by_protection(const FaceSet& set, const FaceVectors& faces, const biometrics::Head& head, const Enrolment& enrolment, const metrics::BootstrapOptions& options);

/// The pictures that figures of enrolled people are stated of, and how those people are called in a row.
std::vector<std::size_t> reported(const FaceSet& set, const FaceVectors& faces);
const char* reported_people(const FaceSet& set);

}  // namespace touchstone::bio
