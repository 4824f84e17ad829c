// Sets of prints behind one door: folders of real pictures, several of them pooled, or generated fingers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bio/crop.h"

namespace touchstone::bio {

/// What is known of a generated touch.
struct Truth {
  double moisture = 0;  ///< -1 dry, +1 wet
  double turn_deg = 0;  ///< clockwise
};

struct Finger {
  std::uint32_t set = 0;            ///< index into PrintData::sets(): fingers are compared within their set only
  std::string name;                 ///< unique within the set
  std::vector<int> impressions;     ///< their numbers, ascending
};

/// The set of the FVC-like numbering F_K: finger F, impression K. Pictures are read or made when asked for.
class PrintData {
 public:
  virtual ~PrintData() = default;

  /// "pooled", the name of one set, or "synthetic".
  const std::string& label() const { return label_; }
  const std::vector<std::string>& sets() const { return sets_; }
  const std::vector<Finger>& fingers() const { return fingers_; }
  /// SHA-256 (hexadecimal) of what the pictures are made of: files and resolutions, or generator and seed.
  const std::string& digest() const { return digest_; }
  /// Of the generator's parameters; empty for real prints.
  const std::string& population_hash() const { return population_hash_; }

  /// Indices into fingers() and its impressions. Always the same pixels. Throws BadInput when a file changed meanwhile.
  virtual Print print(std::size_t finger, std::size_t impression) const = 0;
  /// Of generated touches.
  virtual std::optional<Truth> truth(std::size_t, std::size_t) const { return std::nullopt; }

  /// A node of its own for every touch, the same wherever its picture stands: for placement and sensor noise.
  SeedTree touch_seed(std::uint64_t seed, std::size_t finger, std::size_t impression) const;

 protected:
  std::string label_;
  std::vector<std::string> sets_;
  std::vector<Finger> fingers_;
  std::string digest_;
  std::string population_hash_;
};

struct DataOptions {
  std::string data;                ///< folder, or "synthetic"
  std::optional<double> dpi;       ///< for pictures that do not say and are of no known set
  int fingers = 100;               ///< synthetic: how many
  int impressions = 8;             ///< synthetic: of each
  std::uint64_t seed = 1;          ///< synthetic: names the people
  int least_impressions = 1;       ///< a finger with fewer is bad input
};

/// The sets that a root folder pools: real prints, none of them used for tuning.
const std::vector<std::string>& pooled_sets();

/// Opens `options.data` and checks every file's name, size, resolution and that it looks like a print. `progress` is called
/// with the number of files checked and of all. Throws BadInput.
std::unique_ptr<PrintData> open_prints(const DataOptions& options, const std::function<void(std::size_t, std::size_t)>& progress = {});

}  // namespace touchstone::bio
