#include "embed/network.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "ridges/angle.h"

#if defined(__riscv)
// Loads moved ahead of their products would not hide anything on the card's processor, only fill its registers.
#pragma GCC optimize("no-schedule-insns", "no-schedule-insns2")
#endif

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

std::int8_t rectified(std::int32_t value) { return static_cast<std::int8_t>(value < 0 ? 0 : value > 127 ? 127 : value); }

// Four outputs of a layer for one run of inputs. Unrolled, since on the card's processor a branch costs as much as a product.
template <typename Input>
void accumulate_block(const Layer& layer, int block, const Input* inputs, std::int32_t sums[kBlock]) {
  const std::int8_t* weight = layer.weights + static_cast<std::ptrdiff_t>(block) * layer.inputs * kBlock;
  std::int32_t s0 = layer.bias[block * kBlock];
  std::int32_t s1 = layer.bias[block * kBlock + 1];
  std::int32_t s2 = layer.bias[block * kBlock + 2];
  std::int32_t s3 = layer.bias[block * kBlock + 3];
  constexpr int kUnrolled = sizeof(Input) == 1 ? 16 : 4;  // inputs of the descriptor and of the map are a multiple
  for (const Input* const end = inputs + layer.inputs; inputs != end; inputs += kUnrolled, weight += kUnrolled * kBlock) {
#pragma GCC unroll 16
    for (int i = 0; i < kUnrolled; ++i) {
      const std::int32_t x = inputs[i];
      s0 += weight[kBlock * i] * x;
      s1 += weight[kBlock * i + 1] * x;
      s2 += weight[kBlock * i + 2] * x;
      s3 += weight[kBlock * i + 3] * x;
    }
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

// The same for kPixels windows side by side, [input][pixel]: every weight and every input is loaded once for four products. Sixteen sums are
// what the card's registers hold.
constexpr int kPixels = 4;
[[gnu::noinline]] void accumulate_square(const Layer& layer, int block, const std::int8_t* input, std::int32_t sums[kPixels][kBlock]) {
  const std::int8_t* weight = layer.weights + static_cast<std::ptrdiff_t>(block) * layer.inputs * kBlock;
  std::int32_t s00 = layer.bias[block * kBlock], s01 = layer.bias[block * kBlock + 1];
  std::int32_t s02 = layer.bias[block * kBlock + 2], s03 = layer.bias[block * kBlock + 3];
  std::int32_t s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  std::int32_t s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  std::int32_t s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  for (const std::int8_t* const end = weight + layer.inputs * kBlock; weight != end; input += kPixels, weight += kBlock) {
    const std::int32_t w0 = weight[0], w1 = weight[1], w2 = weight[2], w3 = weight[3];
    std::int32_t x = input[0];
    s00 += w0 * x;
    s01 += w1 * x;
    s02 += w2 * x;
    s03 += w3 * x;
    x = input[1];
    s10 += w0 * x;
    s11 += w1 * x;
    s12 += w2 * x;
    s13 += w3 * x;
    x = input[2];
    s20 += w0 * x;
    s21 += w1 * x;
    s22 += w2 * x;
    s23 += w3 * x;
    x = input[3];
    s30 += w0 * x;
    s31 += w1 * x;
    s32 += w2 * x;
    s33 += w3 * x;
  }
  const auto put = [](std::int32_t (&row)[kBlock], std::int32_t a, std::int32_t b, std::int32_t c, std::int32_t d) {
    row[0] = a;
    row[1] = b;
    row[2] = c;
    row[3] = d;
  };
  put(sums[0], s00, s01, s02, s03);
  put(sums[1], s10, s11, s12, s13);
  put(sums[2], s20, s21, s22, s23);
  put(sums[3], s30, s31, s32, s33);
}

// What kPixels pixels of the output see, from column x on in row y: [row and column of the window][channel][pixel].
void gather(const std::int8_t* in, int side_in, int channels, int x, int y, std::int8_t* window) {
  for (int row = 2 * y - 1; row <= 2 * y + 1; ++row) {
    for (int column = 2 * x - 1; column <= 2 * x + 1; ++column, window += channels * kPixels) {
      // Stride 2 on an even side reaches beyond the upper and the left rim alone.
      const bool outside = row < 0, first_outside = outside || column < 0;
      const std::int8_t* const from = in + (row * side_in + column) * channels;
      const int step = 2 * channels;
      std::int8_t* to = window;
      for (int c = 0; c < channels; ++c, to += kPixels) {
        to[0] = first_outside ? std::int8_t{0} : from[c];
        to[1] = outside ? std::int8_t{0} : from[c + step];
        to[2] = outside ? std::int8_t{0} : from[c + 2 * step];
        to[3] = outside ? std::int8_t{0} : from[c + 3 * step];
      }
    }
  }
}

// 3 x 3, stride 2, one sample of zeros around; activations row by row with the channels of a pixel side by side. Rows of the output are
// multiples of kPixels long.
void convolve(const Layer& layer, const std::int8_t* in, int side_in, int channels_in, std::int8_t* out) {
  std::array<std::int8_t, kTaps * Network::kMaxChannels * kPixels> window;
  const int side_out = side_in / 2;
  for (int y = 0; y < side_out; ++y) {
    for (int x = 0; x < side_out; x += kPixels, out += kPixels * layer.outputs) {
      gather(in, side_in, channels_in, x, y, window.data());
      for (int block = 0; block < layer.outputs / kBlock; ++block) {
        std::int32_t sums[kPixels][kBlock];
        accumulate_square(layer, block, window.data(), sums);
        for (int k = 0; k < kBlock; ++k) {
          const std::int32_t multiplier = layer.multiplier[block * kBlock + k];
          std::int8_t* to = out + block * kBlock + k;
          for (int pixel = 0; pixel < kPixels; ++pixel, to += layer.outputs)
            *to = rectified(scaled(sums[pixel][k], multiplier));
        }
      }
    }
  }
}
static_assert(kSides[2] % kPixels == 0 && kSides[1] % kPixels == 0 && kSides[0] % kPixels == 0);

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
