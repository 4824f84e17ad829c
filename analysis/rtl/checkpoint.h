// A leakage assessment between two moments: what was assessed and the exact sums so far. One file each, replaced as a whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tvla.h"

namespace touchstone::rtl_tools {

/// Of the traces 0, 1, 2, ... those with index mod `of` = number - 1.
struct Shard {
  std::uint64_t number = 1, of = 1;
  std::uint64_t index(std::uint64_t i) const { return i * of + number - 1; }
  /// How many of the first `traces` are its own.
  std::uint64_t share(std::uint64_t traces) const { return (traces + of - number) / of; }
  bool operator==(const Shard&) const = default;
};

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
