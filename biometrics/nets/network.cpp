#include "nets/network.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "nets/bad_input.h"

namespace touchstone::nets {
namespace {

/// Numbers of a vector as a tensor of this shape on the device and of the type of `like`.
torch::Tensor floats(const std::vector<float>& values, std::vector<std::int64_t> shape, const torch::Tensor& like) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32).to(like.device(), like.scalar_type(), false, true);
}
torch::Tensor indices(const std::vector<std::int64_t>& values, const torch::Tensor& like) {
  return torch::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())}, torch::kInt64).to(like.device(), torch::kInt64, false, true);
}
torch::Tensor unit(const torch::Tensor& rows) { return rows / rows.norm(2, {1}, true).clamp_min(1e-12); }

/// Mean over rows of -log softmax at `truth`.
torch::Tensor cross_entropy(const torch::Tensor& logits, const torch::Tensor& truth) {
  return -torch::log_softmax(logits, 1).gather(1, truth.unsqueeze(1)).mean();
}
/// Row i of `a` belongs to row i of `b`.
torch::Tensor info_nce(const torch::Tensor& a, const torch::Tensor& b, const torch::Tensor& log_scale) {
  const torch::Tensor alike = torch::exp(log_scale) * torch::matmul(a, b.t());
  const torch::Tensor truth = torch::arange(a.size(0), torch::TensorOptions().dtype(torch::kInt64).device(a.device()));
  return (cross_entropy(alike, truth) + cross_entropy(alike.t(), truth)) / 2;
}

}  // namespace

torch::Tensor uniform_tensor(std::vector<std::int64_t> shape, double bound, Random random, torch::Dtype type) {
  torch::Tensor out = torch::empty(shape, torch::kFloat32);
  float* at = out.data_ptr<float>();
  for (std::int64_t i = 0; i < out.numel(); ++i) at[i] = static_cast<float>(random.uniform(-bound, bound));
  return out.to(type);
}

Network::Network(const Architecture& architecture, SeedTree seed, torch::Dtype type) : architecture_(architecture) {
  // As large behind a layer as before it (He, Zhang, Ren and Sun 2015): with less, the descriptors of all patches begin alike and
  // the sums of descriptors say nothing but directions.
  const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, std::int64_t inputs) {
    torch::Tensor value = uniform_tensor(std::move(shape), std::sqrt(6 / static_cast<double>(inputs)), seed.stream(name), type);
    parameters_.push_back({name, value.set_requires_grad(true)});
  };
  const auto add_bias = [&](const std::string& name, std::int64_t outputs) {
    parameters_.push_back({name, torch::zeros({outputs}, type).set_requires_grad(true)});
  };
  std::int64_t inputs = 1;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t channels = architecture.channels[i];
    const std::string layer = "conv" + std::to_string(i + 1);
    add(layer + ".weight", {channels, inputs, 3, 3}, 9 * inputs);
    add_bias(layer + ".bias", channels);
    inputs = channels;
  }
  add("describe.weight", {architecture.descriptor, architecture.flat()}, architecture.flat());
  add_bias("describe.bias", architecture.descriptor);
  add("gate.weight", {1, architecture.descriptor}, 16 * architecture.descriptor);
  add_bias("gate.bias", 1);
  add("project.weight", {architecture.dimensions, architecture.pooled()}, architecture.pooled());
  add_bias("project.bias", architecture.dimensions);
  for (const char* name : {"temperature.minutia", "temperature.set"}) parameters_.push_back({name, torch::full({1}, 2.5, type).set_requires_grad(true)});
}

const torch::Tensor& Network::parameter(std::string_view name) const {
  const auto at = std::find_if(parameters_.begin(), parameters_.end(), [&](const Parameter& p) { return p.name == name; });
  TS_CHECK(at != parameters_.end(), "a parameter of this name");
  return at->value;
}

void Network::to(torch::Device device) {
  for (Parameter& p : parameters_) p.value = p.value.detach().to(device).set_requires_grad(true);
}

Network::Output Network::forward(const Batch& batch) const {
  const torch::Tensor& like = parameter("describe.weight");
  const std::int64_t n = batch.minutiae();
  torch::Tensor x = floats(batch.patches, {n, 1, kPatchSide, kPatchSide}, like);
  for (const char* layer : {"conv1", "conv2", "conv3"}) {
    const std::string name = layer;
    x = torch::relu(torch::conv2d(x, parameter(name + ".weight"), parameter(name + ".bias"), 2, 1));
  }
  const torch::Tensor f = torch::matmul(x.flatten(1), like.t()) + parameter("describe.bias");
  const torch::Tensor gate = torch::sigmoid(torch::matmul(f, parameter("gate.weight").t()) + parameter("gate.bias"));
  Output out;
  out.minutiae = unit(f);
  const torch::Tensor spread = ((out.minutiae * gate).unsqueeze(2) * floats(batch.basis, {n, kBasis}, like).unsqueeze(1)).flatten(1);
  // The sum over each touch as a product, whose order of addition does not depend on the device's scheduling.
  std::vector<float> seen(static_cast<std::size_t>(batch.touches), 0.0F);
  std::vector<float> belongs(static_cast<std::size_t>(batch.touches) * static_cast<std::size_t>(n), 0.0F);
  for (std::size_t i = 0; i < batch.touch.size(); ++i) belongs[static_cast<std::size_t>(batch.touch[i]) * static_cast<std::size_t>(n) + i] = 1;
  for (const std::int32_t t : batch.touch) seen[static_cast<std::size_t>(t)] = 1;
  const torch::Tensor sums = torch::matmul(floats(belongs, {batch.touches, n}, like), spread);
  out.vectors = (torch::matmul(unit(sums), parameter("project.weight").t()) + parameter("project.bias")) * floats(seen, {batch.touches, 1}, like);
  out.touches = unit(out.vectors);
  return out;
}

Losses losses(const Network& network, const torch::Tensor& proxies, const Batch& batch, const Experiment::Loss& settings) {
  const Network::Output out = network.forward(batch);
  const torch::Tensor& v = out.touches;
  Losses l;
  const torch::Tensor identity = indices(batch.identity, v);
  const torch::Tensor margin = torch::zeros({v.size(0), proxies.size(0)}, v.options()).scatter_(1, identity.unsqueeze(1), settings.proxy_margin);
  l.proxy = cross_entropy(settings.proxy_scale * (torch::matmul(v, unit(proxies).t()) - margin), identity);
  l.total = settings.proxy * l.proxy;
  if (batch.first.empty()) {
    l.minutia = torch::zeros({}, v.options());
  } else {
    l.minutia = info_nce(out.minutiae.index_select(0, indices(batch.first, v)), out.minutiae.index_select(0, indices(batch.second, v)), network.parameter("temperature.minutia"));
    l.total = l.total + settings.minutia * l.minutia;
  }
  if (settings.set > 0) {
    const torch::Tensor pairs = v.view({v.size(0) / 2, 2, v.size(1)});
    l.total = l.total + settings.set * info_nce(pairs.select(1, 0), pairs.select(1, 1), network.parameter("temperature.set"));
  }
  if (settings.covariance > 0) {
    const auto d = static_cast<double>(v.size(1));
    const torch::Tensor centred = v - v.mean(0);
    const torch::Tensor covariance = torch::matmul(centred.t(), centred) * (d / static_cast<double>(v.size(0)));
    l.total = l.total + settings.covariance * (covariance - torch::diag(torch::diag(covariance))).square().sum() / (d * d);
  }
  return l;
}

Tensor to_tensor(const std::string& name, const torch::Tensor& value) {
  const torch::Tensor flat = value.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  Tensor out{name, {}, {}};
  for (const std::int64_t extent : flat.sizes()) out.shape.push_back(static_cast<std::uint32_t>(extent));
  out.values.assign(flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel());
  return out;
}

void assign(const Tensor& from, const torch::Tensor& value) {
  std::vector<std::int64_t> shape(from.shape.begin(), from.shape.end());
  if (value.sizes() != torch::IntArrayRef(shape)) throw BadInput("weights: tensor " + from.name + " has another shape");
  const torch::NoGradGuard guard;
  value.copy_(torch::from_blob(const_cast<float*>(from.values.data()), shape, torch::kFloat32));
}

}  // namespace touchstone::nets
