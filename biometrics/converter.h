// From touches to a secret: which code a record of so many fingers gets, how touches of one finger are fused, and what the card's
// network tells the decoder. The construction itself is codes/code_offset.h. Freestanding, integers only.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "biometrics/feature.h"
#include "codes/code_offset.h"

namespace touchstone::biometrics {

using codes::HelperData;
using codes::kMaxFingers;

/// Touches of a finger that an enrolment takes: 1 to kMaxTouches, 8 recommended.
inline constexpr int kMaxTouches = 8;
/// Of the decoder: more candidates would refuse fewer fingers and accept more strangers.
inline constexpr int kListSize = 8;
/// Of each of several fingers, once all have opened a record: so many percent of correlation with what was enrolled. Chosen on
/// generated fingers and fvc2002_db4_b, where strangers' vectors scatter by 10 % about 5 (biometrics/README.md: what it gives).
inline constexpr int kLeastAgreement_percent = 20;

/// The code of a record of 1 .. kMaxFingers fingers. k grows so that all fingers but one do not open it (biometrics/README.md).
codes::CodeChoice code_for(int fingers, int dimensions);

/// Bytes of work area, aligned to 4, for the calls below with any record.
std::size_t converter_work_bytes();

/// The touches of a new record, finger by finger: `touches[f * per_finger + t]`.
struct EnrolmentTouches {
  std::span<const Feature> touches;
  int fingers = 1;
  bool any_order = false;
};

/// Makes a new record and its root secret. `randomness` is at least 32 bytes, secret and never used again. kOutOfRange: wrong number of
/// fingers or touches, a touch without a vector, too little randomness; kTooLarge: the work area is too small.
Status enrol(const EnrolmentTouches& enrolment, Bytes randomness, MutableBytes work_area, HelperData& out, Secret<32>& root);

/// A rehearsal: whether the touches `left_out` (0 ..) of all fingers open a record of the others. kNoMatch when they do not, else as
/// enrol(). Of one touch a finger there are no others: it must open its own record.
Status rehearse(const EnrolmentTouches& enrolment, int left_out, Bytes randomness, MutableBytes work_area);

/// Regenerates the root from all that the record was made of: a record that this does not open was damaged while it was made.
Status reopen(const EnrolmentTouches& enrolment, const HelperData& helper, MutableBytes work_area, Secret<32>& root);

/// Regenerates the root from one touch of each finger: kNoMatch when the record does not open, kOutOfRange for another number of
/// fingers or vectors of another length than the record's. Time: as codes::regenerate().
Status regenerate(std::span<const Feature> fingers, const HelperData& helper, MutableBytes work_area, Secret<32>& root);

}  // namespace touchstone::biometrics
