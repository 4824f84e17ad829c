#include "embed/network.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "ridges/angle.h"

namespace touchstone::biometrics {
namespace {

constexpr int kTaps = 9;
constexpr int kBlock = 4;
constexpr std::array<int, 3> kSides = {kPatchSide / 2, kPatchSide / 4, kPatchSide / 8};  // of the convolutions' outputs
constexpr int kLastPixels = kSides[2] * kSides[2];

constexpr std::size_t padded(std::size_t bytes) { return (bytes + 3) / 4 * 4; }
constexpr std::size_t layer_bytes(int inputs, int outputs) {
  return padded(static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs)) + 8 * static_cast<std::size_t>(outputs);
}

// 1 / (1 + e^-x) * 255 for x = -8 .. 8 in steps of 1/16.
constexpr std::array<std::uint8_t, 257> make_sigmoid() {
  std::array<std::uint8_t, 257> table{};
  for (int i = 0; i <= 256; ++i) {
    const double x = (i - 128) / 16.0;
    double e = 1;
    double term = 1;
    for (int n = 1; n <= 20; ++n) {
      term *= -(x / 16) / n;
      e += term;
    }
    for (int k = 0; k < 4; ++k) e *= e;
    table[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(255 / (1 + e) + 0.5);
  }
  return table;
}
constexpr auto kSigmoid = make_sigmoid();

std::int32_t scaled(std::int32_t value, std::int32_t multiplier) {
  return static_cast<std::int32_t>((std::int64_t{value} * multiplier + (std::int64_t{1} << 30)) >> 31);
}

// Four outputs of a layer for one run of inputs.
template <typename Input>
void accumulate_block(const Layer& layer, int block, const Input* inputs, std::int32_t sums[kBlock]) {
  const std::int8_t* weight = layer.weights + static_cast<std::ptrdiff_t>(block) * layer.inputs * kBlock;
  std::int32_t s0 = layer.bias[block * kBlock];
  std::int32_t s1 = layer.bias[block * kBlock + 1];
  std::int32_t s2 = layer.bias[block * kBlock + 2];
  std::int32_t s3 = layer.bias[block * kBlock + 3];
  for (const Input* const end = inputs + layer.inputs; inputs != end; ++inputs, weight += kBlock) {
    const std::int32_t x = *inputs;
    s0 += weight[0] * x;
    s1 += weight[1] * x;
    s2 += weight[2] * x;
    s3 += weight[3] * x;
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

// 3 x 3, stride 2, one sample of zeros around; activations row by row with the channels of a pixel side by side.
void convolve(const Layer& layer, const std::int8_t* in, int side_in, int channels_in, std::int8_t* out) {
  std::array<std::int8_t, kTaps * Network::kMaxChannels> window;
  const int side_out = side_in / 2;
  const auto run = static_cast<std::size_t>(channels_in);
  for (int y = 0; y < side_out; ++y) {
    for (int x = 0; x < side_out; ++x) {
      std::int8_t* next = window.data();
      for (int row = 2 * y - 1; row <= 2 * y + 1; ++row) {
        for (int column = 2 * x - 1; column <= 2 * x + 1; ++column, next += channels_in) {
          if (row < 0 || column < 0) {  // stride 2 on an even side never reaches beyond the other rims
            std::memset(next, 0, run);
          } else {
            std::memcpy(next, in + (row * side_in + column) * channels_in, run);
          }
        }
      }
      for (int block = 0; block < layer.outputs / kBlock; ++block) {
        std::int32_t sums[kBlock];
        accumulate_block(layer, block, window.data(), sums);
        for (int k = 0; k < kBlock; ++k) {
          *out++ = static_cast<std::int8_t>(std::clamp<std::int32_t>(scaled(sums[k], layer.multiplier[block * kBlock + k]), 0, 127));
        }
      }
    }
  }
}

}  // namespace

std::size_t Network::file_bytes(const Architecture& a) {
  std::size_t bytes = kHeaderBytes;
  int inputs = 1;
  for (const std::uint16_t channels : a.channels) {
    bytes += layer_bytes(kTaps * inputs, channels);
    inputs = channels;
  }
  bytes += layer_bytes(kLastPixels * inputs, a.descriptor);
  bytes += padded(2 * std::size_t{a.descriptor}) + 4;
  bytes += layer_bytes(kDirectionBasis * a.descriptor, a.dimensions);
  return bytes + padded(a.dimensions);
}

Result<Network> Network::parse(Bytes untrusted_file) {
  if (untrusted_file.size() < kHeaderBytes || std::memcmp(untrusted_file.data(), "TSQ1", 4) != 0) {
    return Error{ErrorCode::kBadFormat, "not a weights file of this network"};
  }
  TS_CHECK(reinterpret_cast<std::uintptr_t>(untrusted_file.data()) % 4 == 0, "weights are not aligned to 4 bytes");
  Network network;
  Architecture& a = network.architecture_;
  const std::uint8_t* header = untrusted_file.data() + 4;
  const auto number = [&] {
    const auto value = static_cast<std::uint16_t>(header[0] | header[1] << 8);
    header += 2;
    return value;
  };
  for (std::uint16_t& channels : a.channels) channels = number();
  a.descriptor = number();
  a.dimensions = number();
  bool fits = a.descriptor >= kBlock && a.descriptor % kBlock == 0 && a.descriptor <= kMaxDescriptor && a.dimensions >= 64 &&
              a.dimensions <= kMaxDimensions && (a.dimensions & (a.dimensions - 1)) == 0;
  for (const std::uint16_t channels : a.channels) fits = fits && channels >= kBlock && channels % kBlock == 0 && channels <= kMaxChannels;
  if (!fits) return Error{ErrorCode::kUnsupported, "weights of another architecture"};
  if (untrusted_file.size() != file_bytes(a)) return Error{ErrorCode::kBadFormat, "weights file: wrong length"};
  network.origin_ = untrusted_file.subspan(kHeaderBytes - 32, 32);

  const std::uint8_t* next = untrusted_file.data() + kHeaderBytes;
  const auto take_layer = [&](int inputs, int outputs) {
    Layer layer;
    layer.inputs = inputs;
    layer.outputs = outputs;
    layer.weights = reinterpret_cast<const std::int8_t*>(next);
    next += padded(static_cast<std::size_t>(inputs) * static_cast<std::size_t>(outputs));
    layer.bias = reinterpret_cast<const std::int32_t*>(next);
    layer.multiplier = layer.bias + outputs;
    next += 8 * static_cast<std::size_t>(outputs);
    return layer;
  };
  int inputs = 1;
  for (int i = 0; i < 3; ++i) {
    network.convolution_[i] = take_layer(kTaps * inputs, a.channels[i]);
    inputs = a.channels[i];
  }
  network.descriptor_ = take_layer(kLastPixels * inputs, a.descriptor);
  network.gate_weights_ = reinterpret_cast<const std::int16_t*>(next);
  next += padded(2 * std::size_t{a.descriptor});
  std::memcpy(&network.gate_bias_, next, 4);
  next += 4;
  network.map_ = take_layer(kDirectionBasis * a.descriptor, a.dimensions);
  network.reliability_ = {reinterpret_cast<const std::int8_t*>(next), a.dimensions};
  return network;
}

std::uint32_t Network::products_a_minutia() const {
  std::uint32_t products = 0;
  for (int i = 0; i < 3; ++i) {
    products += static_cast<std::uint32_t>(kSides[static_cast<std::size_t>(i)] * kSides[static_cast<std::size_t>(i)] *
                                           convolution_[i].inputs * convolution_[i].outputs);
  }
  return products + static_cast<std::uint32_t>(descriptor_.inputs * descriptor_.outputs) + architecture_.descriptor * (2 + kDirectionBasis);
}

std::uint32_t Network::products_a_touch() const { return static_cast<std::uint32_t>(map_.inputs * map_.outputs); }

std::size_t Network::work_bytes(const Architecture& a) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < 3; ++i) bytes += static_cast<std::size_t>(kSides[i] * kSides[i]) * a.channels[i];
  return bytes;
}

void Network::describe(const Patch& patch, MutableBytes work, std::span<std::int16_t> descriptor, std::uint8_t& worth) const {
  TS_CHECK(work.size() >= work_bytes(architecture_) && descriptor.size() == architecture_.descriptor, "sizes of a description");
  const std::int8_t* in = patch.data();
  auto* out = reinterpret_cast<std::int8_t*>(work.data());
  int side = kPatchSide;
  int channels = 1;
  for (const Layer& layer : convolution_) {
    convolve(layer, in, side, channels, out);
    side /= 2;
    channels = layer.outputs;
    in = out;
    out += side * side * channels;
  }
  std::array<std::int32_t, kMaxDescriptor> values;
  std::int64_t gate = std::int64_t{gate_bias_} << 8;
  std::uint32_t energy = 0;
  for (int block = 0; block < descriptor_.outputs / kBlock; ++block) {
    accumulate_block(descriptor_, block, in, &values[static_cast<std::size_t>(block * kBlock)]);
    for (int k = block * kBlock; k < (block + 1) * kBlock; ++k) {
      std::int32_t& value = values[static_cast<std::size_t>(k)];
      value = std::clamp<std::int32_t>(scaled(value, descriptor_.multiplier[k]), -4095, 4095);
      gate += std::int64_t{gate_weights_[k]} * value;
      energy += static_cast<std::uint32_t>(value * value);
    }
  }
  const auto length = static_cast<std::int32_t>(std::max<std::uint32_t>(square_root(energy), 1));
  for (std::size_t k = 0; k < descriptor.size(); ++k) descriptor[k] = static_cast<std::int16_t>(values[k] * 256 / length);
  const auto step = std::clamp<std::int64_t>((gate >> 16) + 128, 0, 256);
  worth = kSigmoid[static_cast<std::size_t>(step)];
}

void Network::project(std::span<const std::int32_t> sum, std::span<std::int8_t> vector) const {
  TS_CHECK(sum.size() == static_cast<std::size_t>(map_.inputs) && vector.size() == architecture_.dimensions, "sizes of a projection");
  // To length 8192: the population's share of every component is known for vectors of one length.
  std::uint32_t largest = 1;
  for (const std::int32_t s : sum) largest = std::max(largest, static_cast<std::uint32_t>(s < 0 ? -s : s));
  int shift = 0;
  while ((largest >> shift) >= 2048) ++shift;
  std::uint32_t energy = 0;
  std::array<std::int16_t, kDirectionBasis * kMaxDescriptor> unit;
  for (std::size_t i = 0; i < sum.size(); ++i) {
    unit[i] = static_cast<std::int16_t>(sum[i] >> shift);
    energy += static_cast<std::uint32_t>(unit[i] * unit[i]);
  }
  const auto length = static_cast<std::int32_t>(std::max<std::uint32_t>(square_root(energy), 1));
  for (std::size_t i = 0; i < sum.size(); ++i) unit[i] = static_cast<std::int16_t>(unit[i] * 8192 / length);
  for (int block = 0; block < map_.outputs / kBlock; ++block) {
    std::int32_t sums[kBlock];
    accumulate_block(map_, block, unit.data(), sums);
    for (int k = 0; k < kBlock; ++k) {
      const auto i = static_cast<std::size_t>(block * kBlock + k);
      vector[i] = static_cast<std::int8_t>(std::clamp<std::int32_t>(scaled(sums[k], map_.multiplier[i]), -127, 127));
    }
  }
}

}  // namespace touchstone::biometrics
