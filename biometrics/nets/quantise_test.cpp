#include "nets/quantise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "embed/network.h"
#include "nets/bad_input.h"
#include "nets/embedder.h"
#include "ridges/angle.h"

namespace touchstone::nets {
namespace {

constexpr std::uint32_t kKept = 64;

Weights random_weights(std::uint64_t seed) {
  Weights w;
  w.architecture = {{8, 16, 16}, 32, 64};
  w.whitened = kKept;
  w.generator_hash = w.front_end_hash = w.configuration_hash = std::string(64, '0');
  const auto add = [&](const std::string& name, std::vector<std::uint32_t> shape, double bound) {
    Random random = SeedTree(seed).stream(name);
    std::size_t count = 1;
    for (const std::uint32_t extent : shape) count *= extent;
    Tensor t{name, std::move(shape), {}};
    for (std::size_t i = 0; i < count; ++i) t.values.push_back(static_cast<float>(random.uniform(-bound, bound)));
    w.tensors.push_back(std::move(t));
  };
  add("conv1.weight", {8, 1, 3, 3}, 0.8);
  add("conv1.bias", {8}, 0.1);
  add("conv2.weight", {16, 8, 3, 3}, 0.3);
  add("conv2.bias", {16}, 0.1);
  add("conv3.weight", {16, 16, 3, 3}, 0.25);
  add("conv3.bias", {16}, 0.1);
  add("describe.weight", {32, 256}, 0.15);
  add("describe.bias", {32}, 0.1);
  add("gate.weight", {1, 32}, 0.3);
  add("gate.bias", {1}, 0.3);
  add("project.weight", {64, 160}, 0.2);
  add("project.bias", {64}, 0.05);
  add("population.mean", {64}, 0.05);
  add("population.whitening", {kKept, 64}, 0.5);
  add("population.reliability", {kKept}, 0);
  for (float& r : w.tensors.back().values) r = 0.5F;
  return w;
}

Batch random_touches(int touches, int minutiae, std::vector<std::uint8_t>& directions) {
  Random random = SeedTree(9).stream("touches");
  Batch batch;
  batch.touches = touches;
  for (int t = 0; t < touches; ++t) {
    for (int m = 0; m < minutiae; ++m) {
      batch.touch.push_back(t);
      const double fx = random.uniform(-0.9, 0.9);
      const double fy = random.uniform(-0.9, 0.9);
      const double phase = random.uniform(0, 6.28);
      for (int i = 0; i < kPatchSamples; ++i) {
        const int column = i % biometrics::kPatchSide, row = i / biometrics::kPatchSide;
        batch.patches.push_back(static_cast<float>(std::lround(127 * std::cos(fx * column + fy * row + phase))) / 127);
      }
      const auto direction = static_cast<std::uint8_t>(random.below(256));
      directions.push_back(direction);
      const double angle = direction * 2 * 3.14159265358979 / 256;
      for (const double b : {1.0, std::cos(angle), std::sin(angle), std::cos(2 * angle), std::sin(2 * angle)}) batch.basis.push_back(static_cast<float>(b));
    }
  }
  return batch;
}

TEST(Quantise, ComputesWhatTheFloatNetworkComputes) {
  constexpr int kTouches = 12;
  constexpr int kMinutiae = 10;
  Weights weights = random_weights(1);
  std::vector<std::uint8_t> directions;
  const Batch batch = random_touches(kTouches, kMinutiae, directions);
  weights.tensors.push_back(activation_levels(weights, batch));
  const std::string file = quantise(weights);
  std::vector<std::uint32_t> words((file.size() + 3) / 4);
  std::memcpy(words.data(), file.data(), file.size());
  const auto network = biometrics::Network::parse({reinterpret_cast<const std::uint8_t*>(words.data()), file.size()});
  ASSERT_TRUE(network.ok());

  const Embedder embedder(weights);
  const std::vector<float> wanted = embedder.whitened(embedder.vectors(batch));
  std::vector<std::uint8_t> work(biometrics::Network::work_bytes(network->architecture()));
  for (int t = 0; t < kTouches; ++t) {
    std::vector<std::int32_t> sum(160, 0);
    for (int m = t * kMinutiae; m < (t + 1) * kMinutiae; ++m) {
      biometrics::Patch patch;
      for (int i = 0; i < kPatchSamples; ++i) patch[static_cast<std::size_t>(i)] = static_cast<std::int8_t>(std::lround(127 * batch.patches[static_cast<std::size_t>(m * kPatchSamples + i)]));
      std::vector<std::int16_t> descriptor(32);
      std::uint8_t worth = 0;
      network->describe(patch, work, descriptor, worth);
      const std::uint8_t d = directions[static_cast<std::size_t>(m)];
      const auto twice = static_cast<std::uint8_t>(2 * d);
      const int basis[5] = {127, biometrics::cosine_q7(d), biometrics::sine_q7(d), biometrics::cosine_q7(twice), biometrics::sine_q7(twice)};
      for (std::size_t i = 0; i < 160; ++i) sum[i] += descriptor[i / 5] * worth * basis[i % 5];
    }
    std::vector<std::int8_t> vector(kKept);
    network->project(sum, vector);
    double product = 0, ours = 0, theirs = 0;
    for (std::size_t i = 0; i < kKept; ++i) {
      const double w = 32.0 * wanted[static_cast<std::size_t>(t) * kKept + i];
      product += w * vector[i];
      ours += vector[i] * vector[i];
      theirs += w * w;
    }
    EXPECT_GT(product / std::sqrt(ours * theirs), 0.995) << t;
    EXPECT_NEAR(std::sqrt(ours / theirs), 1, 0.05) << t;
  }
  EXPECT_EQ(network->reliability()[0], 64);
}

TEST(Quantise, RefusesWhatTheCardCannotHold) {
  std::vector<std::uint8_t> directions;
  Weights weights = random_weights(2);
  EXPECT_THROW(quantise(weights), BadInput) << "no activations";
  EXPECT_THROW(activation_levels(weights, Batch{}), BadInput);
  weights.tensors.push_back(activation_levels(weights, random_touches(2, 4, directions)));
  EXPECT_FALSE(quantise(weights).empty());
  weights.architecture.channels[0] = 6;
  EXPECT_THROW(quantise(weights), BadInput);
}

}  // namespace
}  // namespace touchstone::nets
