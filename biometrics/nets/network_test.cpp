// The network and its losses on LibTorch against a computation in plain loops and double, written from the formulas alone.
#include <gtest/gtest.h>
#include <torch/utils.h>

#include <cmath>
#include <map>

#include "nets/embedder.h"
#include "nets/network.h"
#include "nets/optimiser.h"
#include "nets/test_touches.h"

namespace touchstone::nets {
namespace {

using Numbers = std::vector<double>;
using Parameters = std::map<std::string, Numbers>;
using Rows2 = std::vector<Numbers>;

std::size_t z(int i) { return static_cast<std::size_t>(i); }

Numbers values_of(const torch::Tensor& t) {
  const torch::Tensor flat = t.detach().to(torch::kFloat64).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

Numbers unit(Numbers v) {
  double square = 0;
  for (const double x : v) square += x * x;
  for (double& x : v) x /= std::sqrt(square);
  return v;
}
double dot(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}
double cross_entropy(const Rows2& logits, const std::vector<std::int64_t>& truth) {
  double sum = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    double all = 0;
    for (const double l : logits[i]) all += std::exp(l);
    sum += std::log(all) - logits[i][static_cast<std::size_t>(truth[i])];
  }
  return sum / static_cast<double>(logits.size());
}
double info_nce(const Rows2& a, const Rows2& b, double log_scale) {
  Rows2 there(a.size(), Numbers(a.size())), back = there;
  std::vector<std::int64_t> truth;
  for (std::size_t i = 0; i < a.size(); ++i) {
    truth.push_back(static_cast<std::int64_t>(i));
    for (std::size_t j = 0; j < a.size(); ++j) there[i][j] = back[j][i] = std::exp(log_scale) * dot(a[i], b[j]);
  }
  return (cross_entropy(there, truth) + cross_entropy(back, truth)) / 2;
}

struct Naive {
  Rows2 minutiae, touches;
};
Naive forward(const Architecture& a, const Parameters& p, const Batch& batch) {
  Naive out;
  Rows2 sums(z(batch.touches), Numbers(z(a.pooled()), 0.0));
  for (int m = 0; m < batch.minutiae(); ++m) {
    Numbers x(batch.patches.begin() + m * kPatchSamples, batch.patches.begin() + (m + 1) * kPatchSamples);
    int side = kPatchSide, inputs = 1;
    for (int layer = 0; layer < 3; ++layer) {
      const Numbers &w = p.at("conv" + std::to_string(layer + 1) + ".weight"), &bias = p.at("conv" + std::to_string(layer + 1) + ".bias");
      const int outputs = a.channels[z(layer)], half = side / 2;
      Numbers y(z(outputs * half * half));
      for (int o = 0; o < outputs; ++o)
        for (int r = 0; r < half; ++r)
          for (int c = 0; c < half; ++c) {
            double sum = bias[z(o)];
            for (int i = 0; i < inputs; ++i)
              for (int dr = -1; dr <= 1; ++dr)
                for (int dc = -1; dc <= 1; ++dc) {
                  const int sr = 2 * r + dr, sc = 2 * c + dc;
                  if (sr >= 0 && sc >= 0 && sr < side && sc < side) sum += w[z(((o * inputs + i) * 3 + dr + 1) * 3 + dc + 1)] * x[z((i * side + sr) * side + sc)];
                }
            y[z((o * half + r) * half + c)] = sum > 0 ? sum : 0;
          }
      x = y;
      side = half;
      inputs = outputs;
    }
    Numbers f = p.at("describe.bias");
    for (std::size_t i = 0; i < f.size(); ++i)
      for (std::size_t k = 0; k < x.size(); ++k) f[i] += p.at("describe.weight")[i * x.size() + k] * x[k];
    const double gate = 1 / (1 + std::exp(-dot(p.at("gate.weight"), f) - p.at("gate.bias")[0]));
    out.minutiae.push_back(unit(f));
    for (std::size_t i = 0; i < f.size(); ++i)
      for (int b = 0; b < kBasis; ++b) sums[z(batch.touch[z(m)])][i * kBasis + z(b)] += gate * out.minutiae.back()[i] * batch.basis[z(m * kBasis + b)];
  }
  for (const Numbers& sum : sums) {
    Numbers v = p.at("project.bias");
    const Numbers direction = unit(sum);
    for (std::size_t i = 0; i < v.size(); ++i)
      for (std::size_t k = 0; k < sum.size(); ++k) v[i] += p.at("project.weight")[i * sum.size() + k] * direction[k];
    out.touches.push_back(unit(v));
  }
  return out;
}

double total_loss(const Architecture& a, const Parameters& p, const Batch& batch, const Experiment::Loss& s) {
  const Naive n = forward(a, p, batch);
  const std::size_t d = z(a.dimensions), identities = p.at("proxies").size() / d;
  Rows2 logits(n.touches.size(), Numbers(identities));
  for (std::size_t t = 0; t < n.touches.size(); ++t)
    for (std::size_t i = 0; i < identities; ++i) {
      const Numbers proxy = unit({p.at("proxies").begin() + static_cast<std::ptrdiff_t>(i * d), p.at("proxies").begin() + static_cast<std::ptrdiff_t>((i + 1) * d)});
      logits[t][i] = s.proxy_scale * (dot(n.touches[t], proxy) - (static_cast<std::int64_t>(i) == batch.identity[t] ? s.proxy_margin : 0));
    }
  Rows2 first, second, even, odd;
  for (std::size_t i = 0; i < batch.first.size(); ++i) {
    first.push_back(n.minutiae[static_cast<std::size_t>(batch.first[i])]);
    second.push_back(n.minutiae[static_cast<std::size_t>(batch.second[i])]);
  }
  for (std::size_t t = 0; t < n.touches.size(); ++t) (t % 2 == 0 ? even : odd).push_back(n.touches[t]);
  double spread = 0;
  for (std::size_t i = 0; i < d; ++i)
    for (std::size_t j = 0; j < d; ++j) {
      if (i == j) continue;
      double mean_i = 0, mean_j = 0, product = 0;
      const auto count = static_cast<double>(n.touches.size());
      for (const Numbers& v : n.touches) {
        mean_i += v[i] / count;
        mean_j += v[j] / count;
      }
      for (const Numbers& v : n.touches) product += (v[i] - mean_i) * (v[j] - mean_j) / count;
      spread += product * product;  // times d^2 by the scale, over d^2 by the mean
    }
  return s.proxy * cross_entropy(logits, batch.identity) + s.minutia * info_nce(first, second, p.at("temperature.minutia")[0]) + s.set * info_nce(even, odd, p.at("temperature.set")[0]) +
         s.covariance * spread;
}

class NetworkTest : public testing::Test {
 protected:
  Experiment experiment_ = small_experiment(R"({"loss": {"covariance": 1}})");
  TouchSet set_ = small_touches(experiment_.data);
  std::vector<TrainingFinger> fingers_ = training_fingers(set_, 0, 8);
  Batch batch_ = training_batch(experiment_, set_, fingers_, 0);
};

TEST_F(NetworkTest, LossAndGradientAreThoseOfTheFormulas) {
  Network network(experiment_.architecture, SeedTree(5), torch::kFloat64);
  // Biases begin at 0, where a patch's empty part lies on the bend of the positive part.
  for (Parameter& one : network.parameters()) {
    const torch::NoGradGuard guard;
    if (one.name.ends_with(".bias")) one.value.copy_(uniform_tensor(one.value.sizes().vec(), 0.2, SeedTree(7).stream(one.name), torch::kFloat64));
  }
  const torch::Tensor proxies = uniform_tensor({16, experiment_.architecture.dimensions}, 0.1, Random(3), torch::kFloat64).set_requires_grad(true);
  const Losses l = losses(network, proxies, batch_, experiment_.loss);
  l.total.backward();
  Parameters p;
  std::map<std::string, Numbers> gradient;
  for (const Parameter& one : network.parameters()) {
    p[one.name] = values_of(one.value);
    gradient[one.name] = values_of(one.value.grad());
  }
  p["proxies"] = values_of(proxies);
  gradient["proxies"] = values_of(proxies.grad());
  ASSERT_GT(batch_.first.size(), 3U);
  EXPECT_NEAR(l.total.item<double>(), total_loss(experiment_.architecture, p, batch_, experiment_.loss), 1e-9);

  Random random(8);
  double largest = 0;
  for (auto& [name, numbers] : p) {
    for (int k = 0; k < 4; ++k) {
      const std::size_t i = random.below(numbers.size());
      constexpr double kStep = 1e-6;
      const double kept = numbers[i];
      numbers[i] = kept + kStep;
      const double above = total_loss(experiment_.architecture, p, batch_, experiment_.loss);
      numbers[i] = kept - kStep;
      const double below = total_loss(experiment_.architecture, p, batch_, experiment_.loss);
      numbers[i] = kept;
      EXPECT_NEAR(gradient[name][i], (above - below) / (2 * kStep), 1e-6 + 1e-5 * std::abs(gradient[name][i])) << name << " " << i;
      largest = std::max(largest, std::abs(gradient[name][i]));
    }
  }
  EXPECT_GT(largest, 0.01);
}

TEST_F(NetworkTest, TheEmbedderComputesTheSameWithoutLibTorch) {
  Network network(experiment_.architecture, SeedTree(5));
  Weights w;
  w.architecture = experiment_.architecture;
  for (const Parameter& p : network.parameters()) w.tensors.push_back(to_tensor(p.name, p.value));
  batch_.touches += 1;  // a touch without any minutia
  const Network::Output out = network.forward(batch_);
  const Embedder embedder(w);
  const std::vector<float> touches = embedder.vectors(batch_), minutiae = embedder.descriptors(batch_);
  const Numbers expected_touches = values_of(out.vectors), expected_minutiae = values_of(out.minutiae);
  ASSERT_EQ(touches.size(), expected_touches.size());
  ASSERT_EQ(minutiae.size(), expected_minutiae.size());
  for (std::size_t i = 0; i < touches.size(); ++i) EXPECT_NEAR(touches[i], expected_touches[i], 1e-5);
  for (std::size_t i = 0; i < minutiae.size(); ++i) EXPECT_NEAR(minutiae[i], expected_minutiae[i], 1e-5);
  EXPECT_EQ(touches.back(), 0);
  EXPECT_NE(touches.front(), 0);
}

TEST_F(NetworkTest, TheOptimiserDescendsAsAdamW) {
  // One number by hand: gradient 2 x, x = 3; the first step of Adam is the rate itself, after the decay.
  const torch::Tensor x = torch::full({1}, 3.0, torch::kFloat64).set_requires_grad(true);
  Optimiser optimiser;
  optimiser.add("x", x, 2, 0.5);
  (x * x).sum().backward();
  optimiser.update(1, 0.01, 0.9);
  EXPECT_NEAR(x.item<double>(), 3 * (1 - 0.02 * 0.5) - 0.02, 1e-9);
  // Second step: moments 0.9 * 0.6 + 0.1 * g and 0.999 * 0.036 + 0.001 * g^2, each divided by its share.
  const double before = x.item<double>(), g = 2 * before;
  optimiser.clear_gradients();
  (x * x).sum().backward();
  optimiser.update(2, 0.01, 0.9);
  const double mean = (0.9 * 0.6 + 0.1 * g) / (1 - 0.81), square = (0.999 * 0.036 + 0.001 * g * g) / (1 - 0.999 * 0.999);
  EXPECT_NEAR(x.item<double>(), before * (1 - 0.02 * 0.5) - 0.02 * mean / (std::sqrt(square) + 1e-8), 1e-9);
}

TEST_F(NetworkTest, LongGradientsAreCutTogether) {
  const torch::Tensor x = torch::full({2}, 3.0, torch::kFloat64).set_requires_grad(true);
  const torch::Tensor y = torch::full({1}, 2.0, torch::kFloat64).set_requires_grad(true);
  Optimiser optimiser;
  optimiser.add("x", x, 1, 0);
  optimiser.add("y", y, 1, 0);
  ((x * x).sum() + y.sum()).backward();  // (6, 6, 1), length sqrt(73)
  optimiser.clip_gradients(10);
  EXPECT_EQ(x.grad()[0].item<double>(), 6);
  optimiser.clip_gradients(1);
  EXPECT_NEAR(x.grad()[1].item<double>(), 6 / std::sqrt(73.0), 1e-12);
  EXPECT_NEAR(y.grad()[0].item<double>(), 1 / std::sqrt(73.0), 1e-12);
}

TEST(OneCycle, RisesAndFalls) {
  EXPECT_NEAR(OneCycle::at(0, 1000, 0.1).rate, 0.04, 1e-12);
  EXPECT_NEAR(OneCycle::at(99, 1000, 0.1).rate, 1, 1e-12);
  EXPECT_NEAR(OneCycle::at(99, 1000, 0.1).momentum, 0.85, 1e-12);
  EXPECT_NEAR(OneCycle::at(549, 1000, 0.1).rate, 0.5, 1e-3);
  EXPECT_NEAR(OneCycle::at(999, 1000, 0.1).rate, 4e-6, 1e-9);
  EXPECT_NEAR(OneCycle::at(999, 1000, 0.1).momentum, 0.95, 1e-12);
}

}  // namespace
}  // namespace touchstone::nets
