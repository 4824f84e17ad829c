// Who is compared with whom, and the scores that come of it.
#pragma once

#include <string>
#include <vector>

#include "bio/acquisition.h"
#include "metrics/codes.h"
#include "metrics/scores.h"

namespace touchstone::bio {

struct Protocol {
  enum class Kind {
    kFvc,     ///< FVC2000: genuine = all pairs of a finger's impressions; impostor = first impressions of all pairs of fingers
    kAll,     ///< the same genuine pairs; impostor = every impression with every impression of other fingers
    kEnrol,   ///< records of several impressions against impressions that are not in them
  };
  /// Which impressions a record holds: the first `enrolled`, the last, or one record of each (none: 1:1, or the first alone).
  enum class Split { kNone, kFirst, kLast, kBoth };
  Kind kind = Kind::kAll;
  int enrolled = 1;
  Split split = Split::kNone;
  int part = 0;  ///< impressions set aside for enrolment, of which records hold the first `enrolled`; 0: just those

  /// "fvc", "all", "enrol".
  std::string name() const;
  /// "none", "1-4", "5-8" (for 4 enrolled), "both".
  std::string split_name() const;
  int set_aside() const { return part == 0 ? enrolled : part; }
};

/// One record to make, and what is held against it: impressions of its own finger first, then of every other finger of the set.
struct Record {
  std::uint32_t finger = 0;
  std::vector<std::uint32_t> impressions;
  std::uint32_t aside_first = 0, aside_end = 0;  ///< impressions that are no probes
};
struct Probe {
  std::uint32_t finger = 0;
  std::uint32_t impression = 0;
};

/// More impostor comparisons than this are thinned out: the k-th impression of a finger meets the k-th of others only.
inline constexpr std::size_t kMostImpostors = 4'000'000;

struct Comparisons {
  metrics::ScoreSet scores;
  metrics::Rate fta;                 ///< pictures without a template (ISO/IEC 19795-1: failure to acquire)
  metrics::Rate fte;                 ///< records that could not be made (failure to enrol)
  std::vector<metrics::Rate> fta_of_finger, fte_of_finger;
  std::vector<Probe> genuine_probes; ///< of scores.genuine, for plots against the truth
  metrics::BitErrorHistogram genuine_bits, impostor_bits;  ///< of codes, where both sides exist
  bool thinned = false;
};

/// `pairs`: of a representation that compares pictures pairwise, else nullptr. `probes`: templates the probes come from, the same
/// as `references` unless the sensors differ.
Comparisons compare(const PrintData& data, const Representation& representation, const Templates& references, const Templates& probes,
                    const PairScores* pairs, const Protocol& protocol, std::uint64_t seed);

/// Two fingers under one lock, out of the comparisons of an enrolment: neighbours of a set make a person, who is enrolled with
/// both and shows both. The score is the mean of the two fingers' scores, which for normalised correlations is that of the two
/// codes put end to end (up to the probes' lengths); a failure of one fails both. Neither finger is judged alone.
Comparisons two_fingers(const Comparisons& single);

/// The comparisons within one set alone; without bit errors.
Comparisons of_set(const Comparisons& pooled, std::uint32_t set);

}  // namespace touchstone::bio
