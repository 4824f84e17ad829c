// The file of a network's numbers, also of a training's checkpoint. All integers little endian, all numbers IEEE float32:
//   "TSNT", version u32 (1), kind u32 (1 weights, 2 checkpoint)
//   architecture: channels 3 x u32, descriptor, directions' basis, dimensions, whitened dimensions, patch side (u32 each)
//   seed u64, step u64, SHA-256 each of the generator's parameters, of the front end's results on a few pictures, of the
//   configuration
//   tensor count u32; each tensor: length of its name u8, name, rank u8, extents u32 each, numbers, last extent fastest
//   SHA-256 of everything before
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "nets/experiment.h"

namespace touchstone::nets {

struct Tensor {
  std::string name;
  std::vector<std::uint32_t> shape;  ///< empty: one number
  std::vector<float> values;
};

struct Weights {
  enum class Kind : std::uint32_t { kWeights = 1, kCheckpoint = 2 };
  static constexpr std::size_t kMostBytes = 4'000'000;  ///< of a weights file

  Kind kind = Kind::kWeights;
  Architecture architecture;
  std::uint32_t whitened = 0;  ///< d'
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  std::string generator_hash;      ///< hexadecimal, of prints::population()
  std::string front_end_hash;      ///< hexadecimal, front_end_digest()
  std::string configuration_hash;  ///< hexadecimal, Experiment::hash
  std::vector<Tensor> tensors;

  /// Throws BadInput where there is no tensor of this name.
  const Tensor& tensor(std::string_view name) const;

  std::string serialise() const;
  /// Refuses what is torn, changed, of another version or longer than it says; throws BadInput beginning with `name`.
  static Weights parse(std::string_view untrusted_bytes, const std::string& name);
  static Weights read(const std::filesystem::path& file);
  /// Refuses another architecture; throws BadInput that names both.
  void require(const Architecture& expected, const std::string& name) const;
};

std::string to_text(const Architecture& architecture);

}  // namespace touchstone::nets
