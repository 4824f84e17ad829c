// The network in plain C++ and float: what a weights file computes, without LibTorch.
#pragma once

#include <vector>

#include "nets/batch.h"
#include "nets/weights.h"

namespace touchstone::nets {

class Embedder {
 public:
  /// Throws BadInput where tensors are missing or have another shape.
  explicit Embedder(const Weights& weights);
  /// A row of `dimensions` for every touch of the batch, not scaled, or 0 where the touch has no minutia.
  std::vector<float> vectors(const Batch& batch) const;
  /// A row of `descriptor` for every minutia, of length 1.
  std::vector<float> descriptors(const Batch& batch) const;
  /// The population's mean taken off and whitened, d' of each row: not scaled.
  std::vector<float> whitened(const std::vector<float>& vectors) const;

 private:
  struct Described {
    std::vector<float> descriptor;
    float gate;
  };
  Described describe(const float* patch) const;

  Architecture architecture_;
  std::vector<std::vector<float>> convolution_, bias_;
  std::vector<float> describe_, describe_bias_, gate_, project_, project_bias_, mean_, whitening_;
  float gate_bias_ = 0;
};

}  // namespace touchstone::nets
