// Face to secret, scheme R1: the code-offset construction of codes/code_offset.h over the whitened vector of a face, which the head
// (biometrics/embed/face) makes of one picture or of several. What the phone's wallet does with it, and what evaluation measures.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "codes/code_offset.h"

namespace touchstone::biometrics {

using codes::HelperData;

/// What tells a face: wiped when it ends, never copied by accident.
struct FaceVector {
  std::vector<std::int8_t> components;  ///< d' of the head: mean 0 and standard deviation about 32 over the population

  FaceVector() = default;
  explicit FaceVector(std::vector<std::int8_t> c) : components(std::move(c)) {}
  ~FaceVector() { wipe(components.data(), components.size()); }
  FaceVector(FaceVector&&) = default;
  FaceVector& operator=(FaceVector&&) = delete;
  FaceVector(const FaceVector&) = delete;
  FaceVector& operator=(const FaceVector&) = delete;
};

/// Candidates of the list decoder: a phone can afford more than the card.
inline constexpr int kFaceListSize = 32;
/// n = d' and k = 48 (biometrics/README.md: chosen on the people of the tuning part). kUnsupported for dimensions no code has.
Result<codes::CodeChoice> face_code(std::size_t dimensions);

/// Cosine of a picture's vector and the sum of others' of the same length, at least one: -1 to 1.
double likeness(const FaceVector& one, std::span<const FaceVector* const> others);
/// The least likeness of pictures that are enrolled together. Against two to four others it refuses 0.7 to 0.9 % of a person's own pictures
/// and takes 0.2 to 0.3 % of other people's; against one other 1.6 % and 0.3 % (tuning part of LFW). No lock: it finds mistakes.
inline constexpr double kSamePerson = 0.25;

/// Makes a new record and its root. `randomness` is at least 32 bytes, secret and never used again. Errors: as codes::enrol.
Status enrol_face(const FaceVector& face, Bytes randomness, HelperData& out, Secret<32>& root);
/// Regenerates the root. kNoMatch when the record does not open, kOutOfRange for a vector of another length; else as codes::regenerate.
Status open_face(const FaceVector& face, const HelperData& helper, Secret<32>& root);

}  // namespace touchstone::biometrics
