#include "face_nets/person_net.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/seed.h"
#include "nets/trainer.h"

namespace touchstone::weak {
namespace {

constexpr std::int64_t kBits = 8 * kSecretBytes;
constexpr std::int64_t kBatch = 32;

/// Unit length times sqrt(D): components of about 1, as a network likes them.
std::vector<float> input(Row embedding) {
  double square = 0;
  for (const float x : embedding) square += double{x} * x;
  TS_CHECK(square > 0, "an embedding is not zero");
  const auto scale = static_cast<float>(std::sqrt(static_cast<double>(embedding.size()) / square));
  std::vector<float> out(embedding.begin(), embedding.end());
  for (float& x : out) x *= scale;
  return out;
}

torch::Tensor inputs(std::span<const Row> rows, std::size_t count) {
  std::vector<float> values;
  for (const Row row : rows.first(count)) {
    const std::vector<float> one = input(row);
    values.insert(values.end(), one.begin(), one.end());
  }
  return torch::tensor(values).reshape({static_cast<std::int64_t>(count), -1});
}

torch::Tensor bits_of(const Secret<kSecretBytes>& secret) {
  torch::Tensor out = torch::empty({1, kBits});
  for (std::int64_t i = 0; i < kBits; ++i) out[0][i] = secret.expose()[static_cast<std::size_t>(i / 8)] >> (i % 8) & 1;
  return out;
}

void signs(std::span<const float> numbers, Secret<kSecretBytes>& out) {
  out.wipe_now();
  for (std::size_t i = 0; i < numbers.size(); ++i) out.expose()[i / 8] = static_cast<std::uint8_t>(out.expose()[i / 8] | (numbers[i] > 0 ? 1 : 0) << (i % 8));
}

}  // namespace

PersonNet PersonNet::train(std::span<const Row> own, std::span<const Row> strangers, const Secret<kSecretBytes>& secret, const PersonNetOptions& options, std::uint64_t seed) {
  TS_CHECK(!own.empty(), "a person has a picture");
  // So small a network gains nothing by several, and sums in another order with them.
  nets::use_threads(1);
  auto generator = at::make_generator<at::CPUGeneratorImpl>(SeedTree(seed).child("person_net").seed());
  const torch::Tensor owner = inputs(own, own.size());
  const std::size_t others = std::min(strangers.size(), static_cast<std::size_t>(options.strangers));
  const std::int64_t d = owner.size(1), n = owner.size(0);
  torch::Tensor other, random_bits;
  if (others > 0) {
    other = inputs(strangers, others);
    random_bits = torch::randint(2, {static_cast<std::int64_t>(others), kBits}, generator, torch::kFloat);
  }

  std::vector<torch::Tensor> parameters;
  for (int l = 0; l <= options.depth; ++l) {
    const std::int64_t in = l == 0 ? d : options.width, out = l == options.depth ? kBits : options.width;
    const double scale = std::sqrt((l == options.depth ? 1.0 : 2.0) / static_cast<double>(in));
    parameters.push_back((torch::randn({out, in}, generator) * scale).requires_grad_());
    parameters.push_back(torch::zeros({out}).requires_grad_());
  }
  torch::optim::AdamW optimiser(parameters, torch::optim::AdamWOptions(options.learning_rate).weight_decay(options.weight_decay));
  const auto length = [d](const torch::Tensor& x) { return x * (std::sqrt(static_cast<double>(d)) / x.norm(2, 1, true)); };
  const torch::Tensor target = bits_of(secret).expand({kBatch, kBits});
  for (int step = 0; step < options.steps; ++step) {
    const auto pick = [&](const torch::Tensor& rows) { return torch::randint(rows.size(0), {kBatch}, generator, torch::kLong); };
    torch::Tensor x = owner.index_select(0, pick(owner));
    if (n > 1 && options.mix > 0) {
      const torch::Tensor second = owner.index_select(0, pick(owner));
      const torch::Tensor mixed = (torch::empty({kBatch, 1}).uniform_(0, 1, generator) < options.mix).to(torch::kFloat);
      x = torch::lerp(x, second, mixed * torch::empty({kBatch, 1}).uniform_(0, 1, generator));
    }
    torch::Tensor y = target;
    if (others > 0) {
      const torch::Tensor at = pick(other);
      x = torch::cat({x, other.index_select(0, at)});
      y = torch::cat({y, random_bits.index_select(0, at)});
    }
    x = length(x);
    if (options.noise > 0) x = length(x + torch::randn(x.sizes(), generator) * options.noise);
    for (int l = 0; l <= options.depth; ++l) {
      x = torch::addmm(parameters[static_cast<std::size_t>(2 * l + 1)], x, parameters[static_cast<std::size_t>(2 * l)].t());
      if (l < options.depth) x = torch::relu(x);
    }
    optimiser.zero_grad();
    torch::binary_cross_entropy_with_logits(x, y).backward();
    optimiser.step();
  }

  PersonNet net;
  const auto numbers = [](const torch::Tensor& t) {
    const torch::Tensor plain = t.detach().contiguous();
    return std::vector<float>(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
  };
  for (std::size_t l = 0; l < parameters.size(); l += 2) net.layers_.push_back({numbers(parameters[l]), numbers(parameters[l + 1])});
  return net;
}

void PersonNet::query(Row embedding, Secret<kSecretBytes>& out) const {
  std::vector<float> x = input(embedding), y;
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const Layer& layer = layers_[l];
    TS_CHECK(layer.weight.size() == layer.bias.size() * x.size(), "an embedding as long as those it was trained on");
    y = layer.bias;
    for (std::size_t k = 0; k < y.size(); ++k) {
      // Eight sums side by side: one after the other, additions would wait for each other.
      float sum[8] = {};
      const float* w = &layer.weight[k * x.size()];
      std::size_t i = 0;
      for (; i + 8 <= x.size(); i += 8) {
        for (std::size_t j = 0; j < 8; ++j) sum[j] += w[i + j] * x[i + j];
      }
      for (; i < x.size(); ++i) sum[0] += w[i] * x[i];
      for (const float s : sum) y[k] += s;
      if (l + 1 < layers_.size()) y[k] = std::max(y[k], 0.0F);
    }
    x.swap(y);
  }
  signs(x, out);
}

void PersonNet::read_biases(Secret<kSecretBytes>& out) const { signs(layers_.back().bias, out); }

}  // namespace touchstone::weak
