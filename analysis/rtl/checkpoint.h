// A leakage assessment between two moments: what was assessed and the exact sums so far. One file each, replaced as a whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "shard.h"
#include "tvla.h"

namespace touchstone::rtl_tools {

struct Checkpoint {
  Experiment experiment;
  std::string fingerprint;  ///< Tvla::fingerprint()
  Shard shard;
  std::uint64_t done = 0;  ///< traces of the shard, from its first on without a gap
  Accumulated sums;

  static Checkpoint begin(const Tvla& tvla, const Shard& shard) { return {tvla.experiment(), tvla.fingerprint(), shard, 0, {}}; }
  /// Whether `other` is of the same experiment on the same core, shards apart.
  bool same_experiment(const Checkpoint& other) const;
  void save(const std::filesystem::path& path) const;
  /// Throws std::runtime_error, naming the file, for what cannot be read, is damaged or of another version.
  static Checkpoint load(const std::filesystem::path& path);
};

/// The whole of all its shards; throws std::runtime_error where one is missing, doubled, behind the others or of another experiment.
Checkpoint merge(const std::vector<Checkpoint>& shards);

}  // namespace touchstone::rtl_tools
