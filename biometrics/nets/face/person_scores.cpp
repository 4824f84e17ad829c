#include "face_nets/person_scores.h"

#include <bit>
#include <cmath>
#include <set>

#include "base/seed.h"
#include "nets/bad_input.h"

namespace touchstone::weak {
namespace {

struct Probe {
  std::uint32_t person;
  bool genuine;  ///< not among its own person's enrolled pictures
  std::vector<float> embedding;
};

std::vector<float> mean_of(const faces::Embeddings& people, std::span<const std::size_t> pictures) {
  std::vector<float> out(people.dimensions);
  for (const std::size_t i : pictures) {
    double square = 0;
    for (const float x : people.of(i)) square += double{x} * x;
    const auto scale = static_cast<float>(1 / std::sqrt(square));
    for (std::size_t k = 0; k < out.size(); ++k) out[k] += scale * people.of(i)[k];
  }
  return out;
}

/// Of every person: first those of the enrolled pictures, then the others, a rest that is too short left out.
std::vector<Probe> probes_of(const faces::Embeddings& people, const std::vector<std::vector<std::size_t>>& pictures, std::size_t enrolled, std::size_t fused) {
  std::vector<Probe> out;
  for (std::uint32_t p = 0; p < pictures.size(); ++p) {
    const std::span<const std::size_t> all = pictures[p];
    const bool reference = all.size() > enrolled;
    const auto add = [&](std::span<const std::size_t> part, bool genuine) {
      for (std::size_t at = 0; at + fused <= part.size(); at += fused) out.push_back({p, genuine, mean_of(people, part.subspan(at, fused))});
    };
    add(reference ? all.first(enrolled) : all, false);
    if (reference) add(all.subspan(enrolled), true);
  }
  return out;
}

int wrong_bits(const Secret<kSecretBytes>& said, const Secret<kSecretBytes>& secret) {
  int wrong = 0;
  for (std::size_t i = 0; i < kSecretBytes; ++i) wrong += std::popcount(static_cast<unsigned>(said.expose()[i] ^ secret.expose()[i]));
  return wrong;
}

float score(const PersonNet& net, const std::vector<float>& embedding, const Secret<kSecretBytes>& secret) {
  Secret<kSecretBytes> said;
  net.query(embedding, said);
  return static_cast<float>(-wrong_bits(said, secret));
}

}  // namespace

PersonScores person_scores(const faces::Embeddings& people, const faces::Embeddings& strangers, const nets::FaceProtocol& protocol, const PersonNetOptions& options, std::uint64_t seed,
                           const std::function<void(std::size_t, std::size_t)>& progress) {
  const std::set<std::string> names(people.people.begin(), people.people.end());
  for (const std::string& name : strangers.people) {
    if (names.contains(name)) throw nets::BadInput("a person stands among the strangers and among those who are tried");
  }
  std::vector<std::vector<std::size_t>> pictures(people.people.size());
  for (std::size_t i = 0; i < people.size(); ++i) pictures[people.person[i]].push_back(i);
  const auto enrolled = static_cast<std::size_t>(protocol.enrolled);
  // One picture of each stranger first, then everybody's second one.
  std::vector<Row> others;
  std::vector<std::vector<std::size_t>> of_stranger(strangers.people.size());
  for (std::size_t i = 0; i < strangers.size(); ++i) of_stranger[strangers.person[i]].push_back(i);
  for (std::size_t round = 0; others.size() < strangers.size(); ++round) {
    for (const auto& own : of_stranger) {
      if (round < own.size()) others.push_back(strangers.of(own[round]));
    }
  }

  const std::vector<Probe> single = probes_of(people, pictures, enrolled, 1), fused = probes_of(people, pictures, enrolled, static_cast<std::size_t>(protocol.fused));
  PersonScores out;
  out.single.stratum.assign(pictures.size(), 0);
  out.fused.stratum = out.single.stratum;
  std::vector<std::uint32_t> references;
  for (std::uint32_t p = 0; p < pictures.size(); ++p) {
    if (pictures[p].size() > enrolled) references.push_back(p);
  }
  for (std::uint32_t r = 0; r < references.size(); ++r) {
    const std::uint32_t p = references[r];
    Secret<kSecretBytes> secret;
    SeedTree(seed).child(r).stream("secret").fill(secret.expose());
    std::vector<Row> own;
    for (std::size_t i = 0; i < enrolled; ++i) own.push_back(people.of(pictures[p][i]));
    const PersonNet net = PersonNet::train(own, others, secret, options, SeedTree(seed).child(r).seed());
    const auto compare = [&](const std::vector<Probe>& probes, metrics::ScoreSet& to) {
      for (const Probe& probe : probes) {
        if (probe.person != p) to.impostor.push_back({r, p, probe.person, score(net, probe.embedding, secret)});
        else if (probe.genuine) to.genuine.push_back({r, p, p, score(net, probe.embedding, secret)});
      }
    };
    compare(single, out.single);
    compare(fused, out.fused);
    Secret<kSecretBytes> stolen;
    net.read_biases(stolen);
    out.bias_wrong_bits.push_back(wrong_bits(stolen, secret));
    progress(r + 1, references.size());
  }
  return out;
}

}  // namespace touchstone::weak
