// The network and its losses on LibTorch tensors. Only for .cpp files of this module: LibTorch's headers stand in no other.
#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/seed.h"
#include "nets/batch.h"
#include "nets/weights.h"

namespace touchstone::nets {

/// Named tensors that are learned together.
struct Parameter {
  std::string name;
  torch::Tensor value;
};

/// For each minutia, with its patch and its direction t in the picture:
///   f = linear(relu conv relu conv relu conv patch), g = sigmoid(w f + b), (f / |f|) g (x) (1, cos t, sin t, cos 2t, sin 2t)
/// A touch is the sum over its minutiae, scaled to length 1, projected with a bias: its vector v. Compared is v / |v|.
class Network {
 public:
  /// Weights and biases uniform within 1 / sqrt(inputs), from `seed` alone.
  Network(const Architecture& architecture, SeedTree seed, torch::Dtype type = torch::kFloat32);

  struct Output {
    torch::Tensor minutiae;  ///< f / |f|: minutiae x descriptor
    torch::Tensor vectors;   ///< v: touches x dimensions; 0 where no minutia is seen
    torch::Tensor touches;   ///< v / |v|
  };
  Output forward(const Batch& batch) const;

  const Architecture& architecture() const { return architecture_; }
  std::vector<Parameter>& parameters() { return parameters_; }
  const std::vector<Parameter>& parameters() const { return parameters_; }
  const torch::Tensor& parameter(std::string_view name) const;
  void to(torch::Device device);

 private:
  Architecture architecture_;
  std::vector<Parameter> parameters_;
};

struct Losses {
  torch::Tensor total, proxy, minutia;  ///< the parts without their weights
};

/// CosFace over the identities (Wang et al. 2018: scaled cosine, margin on the true class), InfoNCE over pairs of minutiae and
/// over touches (van den Oord, Li and Vinyals 2018, both directions), penalty on covariances of the touches' components.
/// `proxies`: one row an identity, any length.
Losses losses(const Network& network, const torch::Tensor& proxies, const Batch& batch, const Experiment::Loss& settings);

/// Numbers from `random`, uniform within +-bound, in written order.
torch::Tensor uniform_tensor(std::vector<std::int64_t> shape, double bound, Random random, torch::Dtype type);
Tensor to_tensor(const std::string& name, const torch::Tensor& value);
/// Replaces the numbers of `value`; throws BadInput where the shapes differ.
void assign(const Tensor& from, const torch::Tensor& value);

}  // namespace touchstone::nets
