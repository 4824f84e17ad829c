#include "embed/embedder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "image/grey_image.h"
#include "prints/impression.h"
#include "ridges/angle.h"

namespace touchstone::biometrics {
namespace {

constexpr Architecture kSmall = {{8, 16, 32}, 64, 256};

// A weights file of random numbers, together with the numbers in plain order: weights[output][input].
struct RandomNetwork {
  struct Plain {
    int inputs, outputs;
    std::vector<int> weights;
    std::vector<std::int32_t> bias, multiplier;
  };
  std::vector<Plain> layers;  // three convolutions, descriptor, map
  std::vector<int> gate;
  std::int32_t gate_bias = 0;
  std::vector<std::uint32_t> words;
  std::size_t bytes = 0;

  explicit RandomNetwork(std::uint64_t seed, Architecture a = kSmall) {
    Random random = SeedTree(seed).stream("weights");
    std::vector<std::uint8_t> file(64, 0);
    std::memcpy(file.data(), "TSQ2", 4);
    const std::uint16_t sizes[5] = {a.channels[0], a.channels[1], a.channels[2], a.descriptor, a.dimensions};
    std::memcpy(file.data() + 4, sizes, sizeof(sizes));
    const auto pad = [&] { file.resize((file.size() + 3) / 4 * 4, 0); };
    const auto put32 = [&](std::int32_t v) {
      for (int i = 0; i < 4; ++i) file.push_back(static_cast<std::uint8_t>(static_cast<std::uint32_t>(v) >> (8 * i)));
    };
    const auto add = [&](int inputs, int outputs, int side_by_side, double gain) {
      Plain layer{inputs, outputs, {}, {}, {}};
      for (int i = 0; i < inputs * outputs; ++i) layer.weights.push_back(static_cast<int>(random.below(255)) - 127);
      for (int o = 0; o < outputs; ++o) {
        layer.bias.push_back(static_cast<std::int32_t>(random.below(20001)) - 10000);
        layer.multiplier.push_back(static_cast<std::int32_t>(2147483648.0 * gain * random.uniform(0.5, 1.5) / std::sqrt(inputs)));
      }
      for (int block = 0; block < outputs / side_by_side; ++block) {
        for (int i = 0; i < inputs; ++i) {
          for (int o = side_by_side * block; o < side_by_side * (block + 1); ++o) file.push_back(static_cast<std::uint8_t>(layer.weights[static_cast<std::size_t>(o * inputs + i)]));
        }
      }
      pad();
      for (const std::int32_t b : layer.bias) put32(b);
      for (const std::int32_t m : layer.multiplier) put32(m);
      layers.push_back(std::move(layer));
    };
    add(9, a.channels[0], kBlock, 0.01);
    add(9 * a.channels[0], a.channels[1], kWideBlock, 0.015);
    add(9 * a.channels[1], a.channels[2], kWideBlock, 0.015);
    add(16 * a.channels[2], a.descriptor, kWideBlock, 0.2);
    for (int i = 0; i < a.descriptor; ++i) {
      gate.push_back(static_cast<int>(random.below(2001)) - 1000);
      file.push_back(static_cast<std::uint8_t>(gate.back()));
      file.push_back(static_cast<std::uint8_t>(gate.back() >> 8));
    }
    pad();
    gate_bias = static_cast<std::int32_t>(random.below(2001)) - 1000;
    put32(gate_bias);
    add(5 * a.descriptor, a.dimensions, kBlock, 0.0002);
    for (int i = 0; i < a.dimensions; ++i) file.push_back(static_cast<std::uint8_t>(random.below(128)));
    pad();
    bytes = file.size();
    words.resize(bytes / 4);
    std::memcpy(words.data(), file.data(), bytes);
  }
  Bytes file() const { return {reinterpret_cast<const std::uint8_t*>(words.data()), bytes}; }
};

std::int64_t rounded(std::int64_t value, std::int64_t multiplier) {
  return static_cast<std::int64_t>(std::floor(static_cast<double>(value) * static_cast<double>(multiplier) / 2147483648.0 + 0.5));
}

// The same network written down naively: planes with a rim of zeros.
struct Described {
  std::vector<int> descriptor;
  int worth;
};
Described describe_naively(const RandomNetwork& net, const Patch& patch) {
  std::vector<std::vector<int>> planes(1, std::vector<int>(patch.begin(), patch.end()));
  int side = kPatchSide;
  for (std::size_t l = 0; l < 3; ++l) {
    const auto& layer = net.layers[l];
    const int channels = static_cast<int>(planes.size());
    std::vector<std::vector<int>> next;
    for (int o = 0; o < layer.outputs; ++o) {
      std::vector<int> plane;
      for (int y = 0; y < side / 2; ++y) {
        for (int x = 0; x < side / 2; ++x) {
          std::int64_t sum = layer.bias[static_cast<std::size_t>(o)];
          for (int c = 0; c < channels; ++c) {
            for (int k = 0; k < 9; ++k) {
              const int row = 2 * y - 1 + k / 3;
              const int column = 2 * x - 1 + k % 3;
              if (row < 0 || column < 0 || row >= side || column >= side) continue;
              sum += layer.weights[static_cast<std::size_t>(o * layer.inputs + k * channels + c)] *
                     planes[static_cast<std::size_t>(c)][static_cast<std::size_t>(row * side + column)];
            }
          }
          plane.push_back(static_cast<int>(std::clamp<std::int64_t>(rounded(sum, layer.multiplier[static_cast<std::size_t>(o)]), 0, 127)));
        }
      }
      next.push_back(std::move(plane));
    }
    planes = std::move(next);
    side /= 2;
  }
  const auto& layer = net.layers[3];
  std::vector<std::int64_t> f;
  std::int64_t energy = 0;
  std::int64_t gate = std::int64_t{net.gate_bias} * 256;
  for (int o = 0; o < layer.outputs; ++o) {
    std::int64_t sum = layer.bias[static_cast<std::size_t>(o)];
    for (int p = 0; p < 16; ++p) {
      for (std::size_t c = 0; c < planes.size(); ++c) {
        sum += layer.weights[static_cast<std::size_t>(o * layer.inputs + p * static_cast<int>(planes.size()) + static_cast<int>(c))] * planes[c][static_cast<std::size_t>(p)];
      }
    }
    f.push_back(std::clamp<std::int64_t>(rounded(sum, layer.multiplier[static_cast<std::size_t>(o)]), -4095, 4095));
    energy += f.back() * f.back();
    gate += f.back() * net.gate[static_cast<std::size_t>(o)];
  }
  const auto length = static_cast<std::int64_t>(std::floor(std::sqrt(static_cast<double>(energy))));
  Described out{{}, 0};
  for (const std::int64_t v : f) out.descriptor.push_back(static_cast<int>(v * 256 / std::max<std::int64_t>(length, 1)));
  const double steps = std::clamp(std::floor(static_cast<double>(gate) / 65536.0), -128.0, 128.0);
  out.worth = static_cast<int>(std::lround(255 / (1 + std::exp(-steps / 16))));
  return out;
}

GreyImage touch(std::uint64_t seed) {
  const prints::Finger finger = prints::Finger::make(SeedTree(seed));
  return prints::picture(finger, prints::Conditions{}, prints::SensorUnit::nominal(prints::SensorKind::kCard));
}

TEST(Network, DescribesAsTheNaiveOne) {
  const RandomNetwork random(3);
  const auto network = Network::parse(random.file());
  ASSERT_TRUE(network.ok());
  EXPECT_EQ(network->architecture(), kSmall);
  Random draws = SeedTree(4).stream("patches");
  std::vector<std::uint8_t> work(Network::work_bytes(kSmall));
  int saturated = 0;
  for (int round = 0; round < 20; ++round) {
    Patch patch;
    for (std::int8_t& p : patch) p = static_cast<std::int8_t>(draws.below(255) - 127);
    std::vector<std::int16_t> descriptor(64);
    std::uint8_t worth = 0;
    network->describe(patch, work, descriptor, worth);
    const Described naive = describe_naively(random, patch);
    EXPECT_EQ(std::vector<int>(descriptor.begin(), descriptor.end()), naive.descriptor);
    EXPECT_EQ(worth, naive.worth);
    saturated += worth == 0 || worth == 255 ? 1 : 0;
  }
  EXPECT_LT(saturated, 20);
}

TEST(Network, MapsALengthAwayAndTheRestLinearly) {
  const RandomNetwork random(5);
  const auto network = Network::parse(random.file());
  ASSERT_TRUE(network.ok());
  Random draws = SeedTree(6).stream("sums");
  std::vector<std::int32_t> sum(320);
  for (std::int32_t& s : sum) s = static_cast<std::int32_t>(draws.below(2'000'001)) - 1'000'000;
  std::vector<std::int8_t> vector(256);
  network->project(sum, vector);
  double energy = 0;
  for (const std::int32_t s : sum) energy += static_cast<double>(s) * s;
  const auto& map = random.layers[4];
  int lively = 0;
  for (std::size_t o = 0; o < 256; ++o) {
    double value = map.bias[o];
    for (std::size_t i = 0; i < 320; ++i) value += map.weights[o * 320 + i] * sum[i] * 8192.0 / std::sqrt(energy);
    value *= map.multiplier[o] / 2147483648.0;
    EXPECT_NEAR(vector[o], std::clamp(value, -127.0, 127.0), 2) << o;
    lively += std::abs(vector[o]) > 4 ? 1 : 0;
  }
  EXPECT_GT(lively, 100);
  // Twice as much print is the same print.
  for (std::int32_t& s : sum) s *= 2;
  std::vector<std::int8_t> again(256);
  network->project(sum, again);
  for (std::size_t o = 0; o < 256; ++o) EXPECT_NEAR(again[o], vector[o], 1);
}

TEST(Network, RefusesOtherFiles) {
  const RandomNetwork random(7);
  const Bytes whole = random.file();
  EXPECT_EQ(whole.size(), Network::file_bytes(kSmall));
  EXPECT_EQ(Network::parse(whole.first(whole.size() - 4)).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(Network::parse(whole.first(20)).error().code, ErrorCode::kBadFormat);
  const auto changed = [&](std::size_t at, std::uint8_t value) {
    std::vector<std::uint32_t> words = random.words;
    reinterpret_cast<std::uint8_t*>(words.data())[at] = value;
    return Network::parse({reinterpret_cast<const std::uint8_t*>(words.data()), whole.size()}).error().code;
  };
  EXPECT_EQ(changed(0, 'X'), ErrorCode::kBadFormat);
  EXPECT_EQ(changed(4, 7), ErrorCode::kUnsupported);    // channels are multiples of four
  EXPECT_EQ(changed(4, 12), ErrorCode::kBadFormat);     // another architecture has another length
  EXPECT_EQ(changed(13, 3), ErrorCode::kUnsupported);   // too many dimensions
}

TEST(Embed, IsAFunctionOfThePicture) {
  const RandomNetwork random(8);
  const auto network = Network::parse(random.file());
  ASSERT_TRUE(network.ok());
  std::vector<std::uint64_t> work(embed_work_bytes(network.value(), 192, 192) / 8 + 1, ~std::uint64_t{0});
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  const auto vector_of = [&](const GreyImage& image, int most) {
    std::vector<std::int8_t> vector(256);
    Quality quality;
    EXPECT_TRUE(embed(network.value(), {image.pixels, 192, 192}, most, area, vector, quality).ok());
    EXPECT_GT(quality.contact_percent, 50);
    return vector;
  };
  const auto a = vector_of(touch(1), kCardMinutiae);
  for (std::size_t i = 0; i + 1 < work.size(); ++i) ASSERT_EQ(work[i], 0U) << "the print is left behind";
  EXPECT_EQ(a, vector_of(touch(1), kCardMinutiae));
  EXPECT_NE(a, vector_of(touch(2), kCardMinutiae));
  EXPECT_NE(a, vector_of(touch(1), 6));

  // The picture where the work is done.
  const GreyImage image = touch(1);
  std::copy(image.pixels.begin(), image.pixels.end(), area.begin());
  std::vector<std::int8_t> vector(256);
  Quality quality;
  ASSERT_TRUE(embed(network.value(), {area.first(image.pixels.size()), 192, 192}, kCardMinutiae, area, vector, quality).ok());
  EXPECT_EQ(vector, a);
}

TEST(Embed, RefusesWhatHoldsTooLittle) {
  const RandomNetwork random(9);
  const auto network = Network::parse(random.file());
  ASSERT_TRUE(network.ok());
  std::vector<std::uint64_t> work(embed_work_bytes(network.value(), 192, 192) / 8 + 1);
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  std::vector<std::int8_t> vector(256);
  Quality quality;
  const GreyImage blank(192, 192);
  EXPECT_EQ(embed(network.value(), {blank.pixels, 192, 192}, 24, area, vector, quality).error().code, ErrorCode::kPoorQuality);
  EXPECT_EQ(quality.contact_percent, 0);
  GreyImage ridges(192, 192);
  for (int y = 0; y < 192; ++y) {
    for (int x = 0; x < 192; ++x) ridges.at(x, y) = static_cast<std::uint8_t>(std::lround(128 + 100 * std::cos(y * 0.7)));
  }
  EXPECT_EQ(embed(network.value(), {ridges.pixels, 192, 192}, 24, area, vector, quality).error().code, ErrorCode::kPoorQuality);
  EXPECT_GT(quality.contact_percent, 50) << "of a refused print too";
  EXPECT_EQ(embed(network.value(), {ridges.pixels, 192, 192}, 24, area.first(100), vector, quality).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace touchstone::biometrics
