// N0 and N1 measured: who gets a person's secret out of the network trained for that person.
#pragma once

#include <functional>

#include "face_nets/head_rates.h"
#include "face_nets/person_net.h"
#include "metrics/scores.h"

namespace touchstone::weak {

/// The score of a comparison is minus the number of wrong bits: 0 gives the secret. A reference is a trained network, a "finger" a
/// person.
inline constexpr float kRecovers = 0;
struct PersonScores {
  metrics::ScoreSet single;  ///< pictures one by one
  metrics::ScoreSet fused;   ///< means of protocol.fused pictures
  std::vector<int> bias_wrong_bits;  ///< of each network: how many bits of its secret the biases alone get wrong
};

/// A network for every person with more than protocol.enrolled pictures, trained on the first ones. Genuine: this person's others;
/// impostors: all pictures of all other people of `people` (fused: of those who have so many), so `strangers`, whom the networks are
/// trained on, must be other people. `progress(done, all)` after each network.
PersonScores person_scores(const faces::Embeddings& people, const faces::Embeddings& strangers, const nets::FaceProtocol& protocol, const PersonNetOptions& options, std::uint64_t seed,
                           const std::function<void(std::size_t, std::size_t)>& progress);

}  // namespace touchstone::weak
