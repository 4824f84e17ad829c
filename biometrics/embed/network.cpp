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

std::int8_t rectified(std::int32_t sum, std::int32_t multiplier) {
  if (sum <= 0) return 0;
  return static_cast<std::int8_t>(std::min<std::int32_t>(scaled(sum, multiplier), 127));
}

// Four outputs of a layer for one run of inputs. Unrolled, since on the card's processor a branch costs as much as a product.
void accumulate_block(const Layer& layer, int block, const std::int16_t* inputs, std::int32_t sums[kBlock]) {
  const std::int8_t* weight = layer.weights + static_cast<std::ptrdiff_t>(block) * layer.inputs * kBlock;
  std::int32_t s0 = layer.bias[block * kBlock];
  std::int32_t s1 = layer.bias[block * kBlock + 1];
  std::int32_t s2 = layer.bias[block * kBlock + 2];
  std::int32_t s3 = layer.bias[block * kBlock + 3];
  constexpr int kUnrolled = 4;  // inputs of the map are a multiple
  for (const std::int16_t* const end = inputs + layer.inputs; inputs != end; inputs += kUnrolled, weight += kUnrolled * kBlock) {
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

// An input that is not zero: where its weights begin, and its value. After a rectifier more than half of them are zero, and a product costs
// the card's processor more than to look.
using Active = std::uint32_t;
Active active(int input, std::int8_t value) { return static_cast<std::uint32_t>(input * kWideBlock) << 8 | static_cast<std::uint8_t>(value); }

void add_active(const std::int8_t* inputs, int count, int first, Active*& end) {
#pragma GCC unroll 8
  for (int i = 0; i < count; ++i) {
    if (inputs[i] != 0) *end++ = active(first + i, inputs[i]);
  }
}

// kWideBlock outputs of a layer; inputs that are not listed are zero.
[[gnu::noinline]] void accumulate_active(const Layer& layer, int wide_block, const Active* input, const Active* end, std::int32_t sums[kWideBlock]) {
  const std::int8_t* const weights = layer.weights + static_cast<std::ptrdiff_t>(wide_block) * layer.inputs * kWideBlock;
  std::array<std::int32_t, kWideBlock> s;
#pragma GCC unroll 16
  for (std::size_t k = 0; k < kWideBlock; ++k) s[k] = layer.bias[static_cast<std::size_t>(wide_block * kWideBlock) + k];
  for (; input != end; ++input) {
    const std::int8_t* const weight = weights + (*input >> 8);
    const auto x = static_cast<std::int32_t>(*input & 0xFF);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < kWideBlock; ++k) s[k] += weight[k] * x;
  }
#pragma GCC unroll 16
  for (std::size_t k = 0; k < kWideBlock; ++k) sums[k] = s[k];
}

// Four outputs for kPixels windows side by side, [input][pixel]: every weight and every input is loaded once for four products. Sixteen sums are
// what the card's registers hold; each by a name of its own, since the compiler keeps an array of them in memory.
constexpr int kPixels = 4;
[[gnu::noinline]] void accumulate_square(const Layer& layer, int block, const std::int8_t* input, std::int32_t sums[kPixels][kBlock]) {
  const std::int8_t* weight = layer.weights + static_cast<std::ptrdiff_t>(block) * layer.inputs * kBlock;
  std::int32_t s00 = layer.bias[block * kBlock], s01 = layer.bias[block * kBlock + 1];
  std::int32_t s02 = layer.bias[block * kBlock + 2], s03 = layer.bias[block * kBlock + 3];
  std::int32_t s10 = s00, s11 = s01, s12 = s02, s13 = s03;
  std::int32_t s20 = s00, s21 = s01, s22 = s02, s23 = s03;
  std::int32_t s30 = s00, s31 = s01, s32 = s02, s33 = s03;
  for (const std::int8_t* const end = weight + layer.inputs * kBlock; weight != end; input += kPixels, weight += kBlock) {
    const std::int32_t w0{weight[0]}, w1{weight[1]}, w2{weight[2]}, w3{weight[3]};
    std::int32_t x{input[0]};
    s00 += w0 * x;
    s01 += w1 * x;
    s02 += w2 * x;
    s03 += w3 * x;
    x = std::int32_t{input[1]};
    s10 += w0 * x;
    s11 += w1 * x;
    s12 += w2 * x;
    s13 += w3 * x;
    x = std::int32_t{input[2]};
    s20 += w0 * x;
    s21 += w1 * x;
    s22 += w2 * x;
    s23 += w3 * x;
    x = std::int32_t{input[3]};
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

// What kPixels pixels of the output see, from column x on in row y: [row and column of the window][pixel].
void gather(const std::int8_t* in, int side_in, int x, int y, std::int8_t* window) {
  for (int row = 2 * y - 1; row <= 2 * y + 1; ++row) {
    for (int column = 2 * x - 1; column <= 2 * x + 1; ++column, window += kPixels) {
      // Stride 2 on an even side reaches beyond the upper and the left rim alone.
      const bool outside = row < 0;
      const std::int8_t* const from = in + row * side_in + column;
      window[0] = outside || column < 0 ? std::int8_t{0} : from[0];
      for (int pixel = 1; pixel < kPixels; ++pixel) window[pixel] = outside ? std::int8_t{0} : from[2 * pixel];
    }
  }
}

// The first convolution, 3 x 3, stride 2, one sample of zeros around: of the patch, whose samples are hardly ever zero. Activations row
// by row with the channels of a pixel side by side.
void convolve(const Layer& layer, const std::int8_t* in, int side_in, std::int8_t* out) {
  std::array<std::int8_t, kTaps * kPixels> window;
  const int side_out = side_in / 2;
  for (int y = 0; y < side_out; ++y) {
    for (int x = 0; x < side_out; x += kPixels, out += kPixels * layer.outputs) {
      gather(in, side_in, x, y, window.data());
      for (int block = 0; block < layer.outputs / kBlock; ++block) {
        std::int32_t sums[kPixels][kBlock];
        accumulate_square(layer, block, window.data(), sums);
        for (int k = 0; k < kBlock; ++k) {
          const std::int32_t multiplier = layer.multiplier[block * kBlock + k];
          std::int8_t* to = out + block * kBlock + k;
          for (int pixel = 0; pixel < kPixels; ++pixel, to += layer.outputs) *to = rectified(sums[pixel][k], multiplier);
        }
      }
    }
  }
}
static_assert(kSides[0] % kPixels == 0);

// The others: of inputs whose zeros are many.
void convolve_active(const Layer& layer, const std::int8_t* in, int side_in, int channels_in, Active* list, std::int8_t* out) {
  const int side_out = side_in / 2;
  for (int y = 0; y < side_out; ++y) {
    for (int x = 0; x < side_out; ++x) {
      Active* end = list;
      int first = 0;
      for (int row = 2 * y - 1; row <= 2 * y + 1; ++row) {
        for (int column = 2 * x - 1; column <= 2 * x + 1; ++column, first += channels_in) {
          if (row >= 0 && column >= 0) add_active(in + (row * side_in + column) * channels_in, channels_in, first, end);
        }
      }
      for (int block = 0; block < layer.outputs / kWideBlock; ++block) {
        std::int32_t sums[kWideBlock];
        accumulate_active(layer, block, list, end, sums);
        const std::int32_t* const multiplier = layer.multiplier + block * kWideBlock;
        for (int k = 0; k < kWideBlock; ++k) *out++ = rectified(sums[k], multiplier[k]);
      }
    }
  }
}

/// The most inputs that any of them has.
std::size_t list_length(const Architecture& a) {
  return static_cast<std::size_t>(std::max({kTaps * a.channels[0], kTaps * a.channels[1], kLastPixels * a.channels[2]}));
}

std::size_t activations(const Architecture& a, std::size_t layer) {
  return static_cast<std::size_t>(kSides[layer] * kSides[layer]) * a.channels[layer];
}
// The third layer's have room where the first one's were, whatever their channels.
static_assert(kSides[2] * kSides[2] * Network::kMaxChannels <= kSides[0] * kSides[0] * kBlock);

}  // namespace

std::size_t Network::file_bytes(const Architecture& a) {
  std::size_t bytes = kHeaderBytes + copy_bytes(a);
  bytes += padded(2 * std::size_t{a.descriptor}) + 4;
  bytes += layer_bytes(kDirectionBasis * a.descriptor, a.dimensions);
  return bytes + padded(a.dimensions);
}

Result<Network> Network::parse(Bytes untrusted_file) {
  if (untrusted_file.size() < kHeaderBytes || std::memcmp(untrusted_file.data(), "TSQ2", 4) != 0) {
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
  bool fits = a.descriptor >= kWideBlock && a.descriptor % kWideBlock == 0 && a.descriptor <= kMaxDescriptor && a.dimensions >= 64 &&
              a.dimensions <= kMaxDimensions && (a.dimensions & (a.dimensions - 1)) == 0;
  for (const std::uint16_t channels : a.channels) fits = fits && channels >= kBlock && channels % kBlock == 0 && channels <= kMaxChannels;
  fits = fits && a.channels[1] % kWideBlock == 0 && a.channels[2] % kWideBlock == 0;
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

std::size_t Network::copy_bytes(const Architecture& a) {
  std::size_t bytes = 0;
  int inputs = 1;
  for (const std::uint16_t channels : a.channels) {
    bytes += layer_bytes(kTaps * inputs, channels);
    inputs = channels;
  }
  return bytes + layer_bytes(kLastPixels * inputs, a.descriptor);
}

Network Network::copied_to(MutableBytes ram) const {
  TS_CHECK(ram.size() >= copy_bytes(architecture_) && reinterpret_cast<std::uintptr_t>(ram.data()) % 4 == 0, "room for a network's weights");
  const auto* const from = reinterpret_cast<const std::uint8_t*>(convolution_[0].weights);
  std::memcpy(ram.data(), from, copy_bytes(architecture_));
  Network copy = *this;
  const auto moved = [&](Layer& layer) {
    const auto place = [&](const auto* at) { return reinterpret_cast<decltype(at)>(ram.data() + (reinterpret_cast<const std::uint8_t*>(at) - from)); };
    layer.weights = place(layer.weights);
    layer.bias = place(layer.bias);
    layer.multiplier = place(layer.multiplier);
  };
  for (Layer& layer : copy.convolution_) moved(layer);
  moved(copy.descriptor_);
  return copy;
}

std::size_t Network::work_bytes(const Architecture& a) {
  return list_length(a) * sizeof(Active) + activations(a, 0) + activations(a, 1);
}

void Network::describe(const Patch& patch, MutableBytes work, std::span<std::int16_t> descriptor, std::uint8_t& worth) const {
  TS_CHECK(work.size() >= work_bytes(architecture_) && reinterpret_cast<std::uintptr_t>(work.data()) % 4 == 0 && descriptor.size() == architecture_.descriptor, "sizes of a description");
  const std::int8_t* in = patch.data();
  auto* const list = reinterpret_cast<Active*>(work.data());
  auto* const first = reinterpret_cast<std::int8_t*>(list + list_length(architecture_));
  std::int8_t* const outputs[3] = {first, first + activations(architecture_, 0), first};  // the first ones are done with when the third come
  int side = kPatchSide;
  int channels = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const Layer& layer = convolution_[i];
    if (i == 0) convolve(layer, in, side, outputs[i]);
    else convolve_active(layer, in, side, channels, list, outputs[i]);
    side /= 2;
    channels = layer.outputs;
    in = outputs[i];
  }
  Active* end = list;
  add_active(in, descriptor_.inputs, 0, end);
  std::array<std::int32_t, kMaxDescriptor> values;
  std::int64_t gate = std::int64_t{gate_bias_} << 8;
  std::uint32_t energy = 0;
  for (int block = 0; block < descriptor_.outputs / kWideBlock; ++block) accumulate_active(descriptor_, block, list, end, &values[static_cast<std::size_t>(block * kWideBlock)]);
  for (std::size_t k = 0; k < descriptor.size(); ++k) {
    std::int32_t& value = values[k];
    value = std::clamp<std::int32_t>(scaled(value, descriptor_.multiplier[k]), -4095, 4095);
    gate += std::int64_t{gate_weights_[k]} * value;
    energy += static_cast<std::uint32_t>(value * value);
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
