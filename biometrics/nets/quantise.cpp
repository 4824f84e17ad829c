#include "nets/quantise.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "embed/network.h"
#include "nets/bad_input.h"
#include "nets/files.h"

namespace touchstone::nets {
namespace {

constexpr int kTaps = 9;
constexpr double kSaturating = 1e-5;
constexpr double kPatchScale = 1 / 127.0;       // a patch's 127 is 1
constexpr double kDescriptorLimit = 4095;       // of a component before it is brought to length 1
constexpr double kUnitLength = 8192;            // of the sum of descriptors, when it is mapped
constexpr double kVectorDeviation = 32;         // of a vector's component over the population
constexpr double kGateStep = 16.0 * 65536.0;    // sixteenths, 16 bits behind the point

using Values = std::vector<double>;

// Rows of `inputs` weights, each output's own.
struct FloatLayer {
  int inputs = 0, outputs = 0;
  Values weights, bias;
};

class File {
 public:
  void u16(std::uint32_t value) { number(value, 2); }
  void i32(double value) {
    if (!(std::abs(value) < 2147483647.0)) throw BadInput("weights: a number does not fit the card's 32 bits");
    number(static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(value))), 4);
  }
  void i16(double value) {
    if (!(std::abs(value) < 32767.0)) throw BadInput("weights: a number of the gate does not fit 16 bits");
    number(static_cast<std::uint32_t>(static_cast<std::int32_t>(std::lround(value))), 2);
  }
  void byte(int value) { bytes_.push_back(static_cast<char>(value)); }
  void pad() { bytes_.resize((bytes_.size() + 3) / 4 * 4, '\0'); }
  std::string& bytes() { return bytes_; }

 private:
  void number(std::uint32_t value, int size) {
    for (int i = 0; i < size; ++i) byte(static_cast<int>(value >> (8 * i) & 0xFF));
  }
  std::string bytes_;
};

// `in`: what one step of the input is worth; `out`: one step of the output.
void write_layer(File& file, const FloatLayer& layer, int block_outputs, double in, double out) {
  Values scale;
  for (int o = 0; o < layer.outputs; ++o) {
    double largest = 1e-12;
    for (int i = 0; i < layer.inputs; ++i) largest = std::max(largest, std::abs(layer.weights[static_cast<std::size_t>(o * layer.inputs + i)]));
    scale.push_back(largest / 127);
  }
  for (int block = 0; block < layer.outputs / block_outputs; ++block) {
    for (int i = 0; i < layer.inputs; ++i) {
      for (int o = block_outputs * block; o < block_outputs * (block + 1); ++o) {
        file.byte(static_cast<int>(std::lround(layer.weights[static_cast<std::size_t>(o * layer.inputs + i)] / scale[static_cast<std::size_t>(o)])));
      }
    }
  }
  file.pad();
  for (std::size_t o = 0; o < scale.size(); ++o) file.i32(layer.bias[o] / (scale[o] * in));
  for (const double s : scale) file.i32(s * in / out * 2147483648.0);
}

Values values_of(const Weights& weights, const std::string& name, std::size_t count) {
  const Tensor& tensor = weights.tensor(name);
  if (tensor.values.size() != count) throw BadInput("weights: tensor " + name + " has another shape");
  return {tensor.values.begin(), tensor.values.end()};
}

// The input's channels lie side by side on the card, plane after plane in the tensors.
Values channels_last(const Values& rows, std::size_t channels, std::size_t pixels) {
  Values out(rows.size());
  const std::size_t row = channels * pixels;
  for (std::size_t start = 0; start < rows.size(); start += row) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < pixels; ++p) out[start + p * channels + c] = rows[start + c * pixels + p];
    }
  }
  return out;
}

// 3 x 3, stride 2, channels side by side, positive part.
Values convolve(const FloatLayer& layer, const Values& in, int side) {
  const int channels = layer.inputs / kTaps;
  Values out;
  Values window(static_cast<std::size_t>(layer.inputs));
  for (int y = 0; y < side; y += 2) {
    for (int x = 0; x < side; x += 2) {
      std::size_t next = 0;
      for (int row = y - 1; row <= y + 1; ++row) {
        for (int column = x - 1; column <= x + 1; ++column) {
          for (int c = 0; c < channels; ++c, ++next) {
            window[next] = row < 0 || column < 0 ? 0 : in[static_cast<std::size_t>((row * side + column) * channels + c)];
          }
        }
      }
      for (int o = 0; o < layer.outputs; ++o) {
        double sum = layer.bias[static_cast<std::size_t>(o)];
        for (std::size_t i = 0; i < window.size(); ++i) sum += layer.weights[static_cast<std::size_t>(o) * window.size() + i] * window[i];
        out.push_back(std::max(sum, 0.0));
      }
    }
  }
  return out;
}

double level_of(Values magnitudes) {
  if (magnitudes.empty()) throw BadInput("quantisation needs touches to calibrate with");
  const auto place = static_cast<std::size_t>(static_cast<double>(magnitudes.size() - 1) * (1 - kSaturating));
  std::nth_element(magnitudes.begin(), magnitudes.begin() + static_cast<std::ptrdiff_t>(place), magnitudes.end());
  return std::max(magnitudes[place], 1e-9);
}

// The convolutions, then the descriptor layer.
std::vector<FloatLayer> layers_of(const Weights& weights) {
  const Architecture& a = weights.architecture;
  const auto descriptor = static_cast<std::size_t>(a.descriptor);
  std::vector<FloatLayer> layers;
  std::size_t inputs = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto outputs = static_cast<std::size_t>(a.channels[i]);
    const std::string name = "conv" + std::to_string(i + 1);
    layers.push_back({static_cast<int>(kTaps * inputs), a.channels[i],
                      channels_last(values_of(weights, name + ".weight", outputs * inputs * kTaps), inputs, kTaps),
                      values_of(weights, name + ".bias", outputs)});
    inputs = outputs;
  }
  layers.push_back({a.flat(), a.descriptor, channels_last(values_of(weights, "describe.weight", descriptor * static_cast<std::size_t>(a.flat())), inputs, 16),
                    values_of(weights, "describe.bias", descriptor)});
  return layers;
}

}  // namespace

Tensor activation_levels(const Weights& weights, const Batch& touches) {
  const std::vector<FloatLayer> layers = layers_of(weights);
  std::vector<Values> reached(layers.size());
  for (int m = 0; m < touches.minutiae(); ++m) {
    const float* patch = &touches.patches[static_cast<std::size_t>(m) * kPatchSamples];
    Values x(patch, patch + kPatchSamples);
    int side = kPatchSide;
    for (std::size_t i = 0; i < 3; ++i, side /= 2) {
      x = convolve(layers[i], x, side);
      reached[i].insert(reached[i].end(), x.begin(), x.end());
    }
    const FloatLayer& describe = layers[3];
    for (std::size_t o = 0; o < describe.bias.size(); ++o) {
      double sum = describe.bias[o];
      for (std::size_t i = 0; i < x.size(); ++i) sum += describe.weights[o * x.size() + i] * x[i];
      reached[3].push_back(std::abs(sum));
    }
  }
  Tensor levels{"activations", {static_cast<std::uint32_t>(layers.size())}, {}};
  for (Values& magnitudes : reached) levels.values.push_back(static_cast<float>(level_of(std::move(magnitudes))));
  return levels;
}

bool fits_card(const Architecture& architecture, std::uint32_t whitened) {
  const auto fits = [](int size, int block, int most) { return size > 0 && size % block == 0 && size <= most; };
  const auto& channels = architecture.channels;
  return fits(channels[0], biometrics::kBlock, biometrics::Network::kMaxChannels) && fits(channels[1], biometrics::kWideBlock, biometrics::Network::kMaxChannels) &&
         fits(channels[2], biometrics::kWideBlock, biometrics::Network::kMaxChannels) && fits(architecture.descriptor, biometrics::kWideBlock, biometrics::Network::kMaxDescriptor) && std::has_single_bit(whitened) && whitened >= 64 &&
         whitened <= biometrics::Network::kMaxDimensions;
}

std::string quantise(const Weights& weights) {
  const Architecture& a = weights.architecture;
  if (!fits_card(a, weights.whitened)) throw BadInput("weights: the card's network knows no such sizes: " + to_text(a));
  const auto descriptor = static_cast<std::size_t>(a.descriptor);
  const auto pooled = static_cast<std::size_t>(a.pooled());
  const auto trained = static_cast<std::size_t>(a.dimensions);
  const std::size_t kept = weights.whitened;
  const std::vector<FloatLayer> layers = layers_of(weights);
  const Values levels = values_of(weights, "activations", layers.size());
  const std::array<double, 3> step = {levels[0] / 127, levels[1] / 127, levels[2] / 127};
  const double descriptor_step = levels[3] / kDescriptorLimit;

  // The last two linear maps are one: whitening * (projection * u + bias - mean).
  const Values projection = values_of(weights, "project.weight", trained * pooled);
  const Values bias = values_of(weights, "project.bias", trained);
  const Values mean = values_of(weights, "population.mean", trained);
  const Values whitening = values_of(weights, "population.whitening", kept * trained);
  FloatLayer map{a.pooled(), static_cast<int>(kept), Values(kept * pooled, 0.0), Values(kept, 0.0)};
  for (std::size_t k = 0; k < kept; ++k) {
    for (std::size_t d = 0; d < trained; ++d) {
      const double w = whitening[k * trained + d];
      map.bias[k] += w * (bias[d] - mean[d]);
      for (std::size_t i = 0; i < pooled; ++i) map.weights[k * pooled + i] += w * projection[d * pooled + i];
    }
  }

  File file;
  file.bytes() = "TSQ2";
  for (const int channels : a.channels) file.u16(static_cast<std::uint32_t>(channels));
  file.u16(static_cast<std::uint32_t>(a.descriptor));
  file.u16(static_cast<std::uint32_t>(kept));
  file.bytes().resize(biometrics::Network::kHeaderBytes - 32, '\0');
  const std::string origin = digest_of(weights.serialise());
  for (std::size_t i = 0; i < 64; i += 2) file.byte(std::stoi(origin.substr(i, 2), nullptr, 16));
  write_layer(file, layers[0], biometrics::kBlock, kPatchScale, step[0]);
  write_layer(file, layers[1], biometrics::kWideBlock, step[0], step[1]);
  write_layer(file, layers[2], biometrics::kWideBlock, step[1], step[2]);
  write_layer(file, layers[3], biometrics::kWideBlock, step[2], descriptor_step);
  for (const double w : values_of(weights, "gate.weight", descriptor)) file.i16(w * descriptor_step * kGateStep);
  file.pad();
  file.i32(values_of(weights, "gate.bias", 1)[0] * kGateStep / 256);
  write_layer(file, map, biometrics::kBlock, 1 / kUnitLength, 1 / kVectorDeviation);
  for (const double r : values_of(weights, "population.reliability", kept)) file.byte(static_cast<int>(std::lround(127 * r)));
  file.pad();
  return std::move(file.bytes());
}

}  // namespace touchstone::nets
