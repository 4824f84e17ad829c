#include "nets/embedder.h"

#include <algorithm>
#include <cmath>

#include "nets/bad_input.h"

namespace touchstone::nets {
namespace {

std::vector<float> take(const Weights& weights, const std::string& name, std::size_t count) {
  const Tensor& t = weights.tensor(name);
  if (t.values.size() != count) throw BadInput("weights: tensor " + name + " has another shape");
  return t.values;
}

void scale_to_unit(float* row, std::size_t n) {
  float square = 0;
  for (std::size_t i = 0; i < n; ++i) square += row[i] * row[i];
  const float length = std::max(std::sqrt(square), 1e-12F);
  for (std::size_t i = 0; i < n; ++i) row[i] /= length;
}

float dot(const float* a, const float* b, std::size_t n) {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

/// 3 x 3, every second sample, a rim of zeros, then the positive part. `side` is the input's.
std::vector<float> convolve(const std::vector<float>& in, int inputs, int side, const std::vector<float>& weight, const std::vector<float>& bias) {
  const int half = side / 2, outputs = static_cast<int>(bias.size());
  std::vector<float> out(static_cast<std::size_t>(outputs * half * half));
  for (int o = 0; o < outputs; ++o) {
    for (int y = 0; y < half; ++y) {
      for (int x = 0; x < half; ++x) {
        float sum = bias[static_cast<std::size_t>(o)];
        for (int i = 0; i < inputs; ++i) {
          for (int ky = 0; ky < 3; ++ky) {
            for (int kx = 0; kx < 3; ++kx) {
              const int sy = 2 * y + ky - 1, sx = 2 * x + kx - 1;
              if (sy < 0 || sx < 0 || sy >= side || sx >= side) continue;
              sum += weight[static_cast<std::size_t>(((o * inputs + i) * 3 + ky) * 3 + kx)] * in[static_cast<std::size_t>((i * side + sy) * side + sx)];
            }
          }
        }
        out[static_cast<std::size_t>((o * half + y) * half + x)] = std::max(sum, 0.0F);
      }
    }
  }
  return out;
}

}  // namespace

Embedder::Embedder(const Weights& weights) : architecture_(weights.architecture) {
  std::size_t inputs = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto channels = static_cast<std::size_t>(architecture_.channels[i]);
    const std::string layer = "conv" + std::to_string(i + 1);
    convolution_.push_back(take(weights, layer + ".weight", channels * inputs * 9));
    bias_.push_back(take(weights, layer + ".bias", channels));
    inputs = channels;
  }
  const auto flat = static_cast<std::size_t>(architecture_.flat()), descriptor = static_cast<std::size_t>(architecture_.descriptor);
  const auto pooled = static_cast<std::size_t>(architecture_.pooled()), dimensions = static_cast<std::size_t>(architecture_.dimensions);
  describe_ = take(weights, "describe.weight", descriptor * flat);
  describe_bias_ = take(weights, "describe.bias", descriptor);
  gate_ = take(weights, "gate.weight", descriptor);
  gate_bias_ = take(weights, "gate.bias", 1)[0];
  project_ = take(weights, "project.weight", dimensions * pooled);
  project_bias_ = take(weights, "project.bias", dimensions);
  if (weights.whitened > 0) {
    mean_ = take(weights, "population.mean", dimensions);
    whitening_ = take(weights, "population.whitening", weights.whitened * dimensions);
  }
}

Embedder::Described Embedder::describe(const float* patch) const {
  std::vector<float> x(patch, patch + kPatchSamples);
  int side = kPatchSide, inputs = 1;
  for (std::size_t layer = 0; layer < 3; ++layer) {
    x = convolve(x, inputs, side, convolution_[layer], bias_[layer]);
    inputs = architecture_.channels[layer];
    side /= 2;
  }
  Described d{describe_bias_, 0};
  for (std::size_t i = 0; i < d.descriptor.size(); ++i) d.descriptor[i] += dot(&describe_[i * x.size()], x.data(), x.size());
  d.gate = 1 / (1 + std::exp(-(dot(gate_.data(), d.descriptor.data(), gate_.size()) + gate_bias_)));
  scale_to_unit(d.descriptor.data(), d.descriptor.size());
  return d;
}

std::vector<float> Embedder::descriptors(const Batch& batch) const {
  std::vector<float> out;
  for (std::size_t m = 0; m < batch.touch.size(); ++m) {
    const Described d = describe(&batch.patches[m * kPatchSamples]);
    out.insert(out.end(), d.descriptor.begin(), d.descriptor.end());
  }
  return out;
}

std::vector<float> Embedder::vectors(const Batch& batch) const {
  const auto pooled = static_cast<std::size_t>(architecture_.pooled()), dimensions = static_cast<std::size_t>(architecture_.dimensions);
  std::vector<float> sums(static_cast<std::size_t>(batch.touches) * pooled, 0.0F);
  std::vector<bool> seen(static_cast<std::size_t>(batch.touches), false);
  for (std::size_t m = 0; m < batch.touch.size(); ++m) {
    const Described d = describe(&batch.patches[m * kPatchSamples]);
    seen[static_cast<std::size_t>(batch.touch[m])] = true;
    float* sum = &sums[static_cast<std::size_t>(batch.touch[m]) * pooled];
    for (std::size_t i = 0; i < d.descriptor.size(); ++i) {
      for (std::size_t b = 0; b < kBasis; ++b) sum[i * kBasis + b] += d.descriptor[i] * d.gate * batch.basis[m * kBasis + b];
    }
  }
  std::vector<float> out(static_cast<std::size_t>(batch.touches) * dimensions);
  for (std::size_t t = 0; t < static_cast<std::size_t>(batch.touches); ++t) {
    if (!seen[t]) continue;
    scale_to_unit(&sums[t * pooled], pooled);
    for (std::size_t i = 0; i < dimensions; ++i) {
      out[t * dimensions + i] = dot(&project_[i * pooled], &sums[t * pooled], pooled) + project_bias_[i];
    }
  }
  return out;
}

std::vector<float> Embedder::whitened(const std::vector<float>& vectors) const {
  if (mean_.empty()) throw BadInput("weights: the population's statistics are missing");
  const std::size_t dimensions = mean_.size(), kept = whitening_.size() / dimensions;
  std::vector<float> out;
  std::vector<float> centred(dimensions);
  for (std::size_t row = 0; row + dimensions <= vectors.size(); row += dimensions) {
    for (std::size_t i = 0; i < dimensions; ++i) centred[i] = vectors[row + i] - mean_[i];
    for (std::size_t k = 0; k < kept; ++k) out.push_back(dot(&whitening_[k * dimensions], centred.data(), dimensions));
  }
  return out;
}

}  // namespace touchstone::nets
