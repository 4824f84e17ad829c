// AdamW on the one-cycle schedule, with its state open to a checkpoint. Only for .cpp files of this module.
#pragma once

#include <torch/types.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "nets/network.h"

namespace touchstone::nets {

/// Share of the largest learning rate, and the weight of the past in the mean gradient, at step `step` of `steps` (from 0):
/// both along half a cosine up and down again (Smith and Topin 2019): from 1/25 to 1 in the first `warm_up`, then to 4e-6.
struct OneCycle {
  double rate, momentum;
  static OneCycle at(int step, int steps, double warm_up) {
    const double peak = std::max(warm_up * steps - 1, 0.5), end = std::max(steps - 1.0, peak + 1);
    const auto between = [](double from, double to, double share) { return to + (from - to) / 2 * (1 + std::cos(std::numbers::pi * share)); };
    if (step <= peak) return {between(1 / 25.0, 1, step / peak), between(0.95, 0.85, step / peak)};
    const double share = (step - peak) / (end - peak);
    return {between(1, 1 / 25e4, share), between(0.85, 0.95, share)};
  }
};

/// AdamW (Loshchilov and Hutter 2019): decay apart from the gradient's moments.
class Optimiser {
 public:
  struct Entry {
    std::string name;
    torch::Tensor value, mean, square;  ///< the gradient's running moments
    double rate_factor, decay;
  };
  void add(const std::string& name, const torch::Tensor& value, double rate_factor, double decay) {
    entries_.push_back({name, value, torch::zeros_like(value).detach(), torch::zeros_like(value).detach(), rate_factor, decay});
  }
  void clear_gradients() {
    for (Entry& e : entries_) e.value.mutable_grad() = torch::Tensor();
  }
  /// Scales all gradients down where their common length is above `most` (Pascanu, Mikolov and Bengio 2013).
  void clip_gradients(double most) {
    double square = 0;
    for (const Entry& e : entries_) {
      if (e.value.grad().defined()) square += e.value.grad().square().sum().item<double>();
    }
    if (square <= most * most) return;
    for (Entry& e : entries_) {
      if (e.value.grad().defined()) e.value.mutable_grad().mul_(most / std::sqrt(square));
    }
  }
  /// `step` from 1.
  void update(int step, double rate, double momentum) {
    const torch::NoGradGuard guard;
    constexpr double kSquareMomentum = 0.999, kLeast = 1e-8;
    const double mean_share = 1 - std::pow(momentum, step), square_share = 1 - std::pow(kSquareMomentum, step);
    for (Entry& e : entries_) {
      const torch::Tensor& gradient = e.value.grad();
      if (!gradient.defined()) continue;
      const double lr = rate * e.rate_factor;
      if (e.decay > 0) e.value.mul_(1 - lr * e.decay);
      e.mean.mul_(momentum).add_(gradient, 1 - momentum);
      e.square.mul_(kSquareMomentum).addcmul_(gradient, gradient, 1 - kSquareMomentum);
      e.value.addcdiv_(e.mean, e.square.sqrt().div_(std::sqrt(square_share)).add_(kLeast), -lr / mean_share);
    }
  }
  std::vector<Entry>& entries() { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace touchstone::nets
