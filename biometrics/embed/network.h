// The network that describes fingers, in eight-bit integers: the same bits on the card and on the host. Freestanding.
//
// Every minutia's neighbourhood goes through three strided convolutions and a fully connected layer and becomes a descriptor of
// unit length. Descriptors are summed over the minutiae, each weighed by how much it is worth and multiplied by the basis
// (1, cos t, sin t, cos 2t, sin 2t) of the minutia's direction t: the product of two such sums counts the minutiae that two
// touches share, in the manner of a match kernel, wherever on the sensor they lie. One linear map then decorrelates the
// sum over the population.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "ridges/print_analysis.h"

namespace touchstone::biometrics {

inline constexpr int kDirectionBasis = 5;

/// Layer sizes; what a weights file has to say.
struct Architecture {
  std::uint16_t channels[3] = {};  ///< of the convolutions, at most 64; the first a multiple of kBlock, the others of kWideBlock
  std::uint16_t descriptor = 0;    ///< multiple of kWideBlock, at most 128
  std::uint16_t dimensions = 0;    ///< d', of the vector; power of two, at most 512
  bool operator==(const Architecture&) const = default;
};

/// Outputs whose weights for one input lie side by side: [output / block][input][output % block]. Wide where inputs come out of a
/// rectifier (the second and third convolution, the descriptor): most are zero, and one that is not is loaded once for sixteen products.
inline constexpr int kBlock = 4, kWideBlock = 16;

/// One layer: acc = bias + sum of weights * inputs, output = acc * multiplier >> 31, rounded to nearest.
struct Layer {
  const std::int8_t* weights = nullptr;
  const std::int32_t* bias = nullptr;
  const std::int32_t* multiplier = nullptr;
  int inputs = 0;
  int outputs = 0;
};

class Network {
 public:
  static constexpr std::size_t kHeaderBytes = 64;
  static constexpr int kMaxDimensions = 512;
  static constexpr int kMaxDescriptor = 128;
  static constexpr int kMaxChannels = 64;

  /// A view of a weights file, which has to outlive it and to be aligned to 4. Layout: header of 64 bytes ("TSQ2", architecture,
  /// SHA-256 of the float weights it was made from), then conv1, conv2, conv3, descriptor layer, gate, map, reliability; each of
  /// them padded to 4 bytes. kBadFormat: no weights file, or of another length; kUnsupported: an architecture that does not fit.
  static Result<Network> parse(Bytes untrusted_file);
  static std::size_t file_bytes(const Architecture& architecture);

  const Architecture& architecture() const { return architecture_; }
  Bytes origin() const { return origin_; }
  /// Share of a component's variance that is between fingers, 127 = all: how far a probe predicts the enrolled value.
  std::span<const std::int8_t> reliability() const { return reliability_; }
  /// Products of one minutia, and those once a touch.
  std::uint32_t products_a_minutia() const;
  std::uint32_t products_a_touch() const;

  /// The same network with what describe() reads often copied to `ram`, of copy_bytes(), aligned to 4: flash has wait states.
  Network copied_to(MutableBytes ram) const;
  static std::size_t copy_bytes(const Architecture& architecture);

  /// Bytes for describe(), aligned to 4: activations of one neighbourhood.
  static std::size_t work_bytes(const Architecture& architecture);
  /// Of one neighbourhood: components of a vector of length 256, and its worth, 0 .. 255. Not constant-time: inputs of a layer that
  /// are zero are left out.
  void describe(const Patch& patch, MutableBytes work, std::span<std::int16_t> descriptor, std::uint8_t& worth) const;
  /// Of the summed descriptors to the whitened vector: each component of mean 0 and standard deviation 32 over the population.
  void project(std::span<const std::int32_t> sum, std::span<std::int8_t> vector) const;

 private:
  Architecture architecture_;
  Layer convolution_[3];
  Layer descriptor_;
  Layer map_;
  const std::int16_t* gate_weights_ = nullptr;
  std::int32_t gate_bias_ = 0;
  std::span<const std::int8_t> reliability_;
  Bytes origin_;
};

}  // namespace touchstone::biometrics
