#include "fingers/finger.h"

#include <array>
#include <cmath>
#include <cstring>

#include "fingers/ridge_map.h"

namespace touchstone::fingers {
namespace {

constexpr int kSize = Finger::kSize_px;
constexpr int kRadius = 10;
constexpr int kTapsPerRow = 24;  // 2 * kRadius + 1, padded to whole vectors
constexpr int kStride = kSize + kTapsPerRow;
constexpr int kOrientations = 48;
constexpr int kPeriods = 8;
constexpr double kShortest_px = 6.5;
constexpr double kLongest_px = 12.5;
constexpr int kPasses = 10;

// Explicit lanes: the order of every addition is written down, so that all compilers give the same sums.
using Lanes = float __attribute__((vector_size(16)));

struct Kernel {
  std::array<float, (2 * kRadius + 1) * kTapsPerRow> taps{};
};

// Even Gabor filter across ridges of direction `theta`, without response to a constant, of unit gain for its own wave.
Kernel make_kernel(double theta, double period_px) {
  Kernel kernel;
  const double sigma = 0.40 * period_px;
  const double across_x = sine(theta);  // picture rows grow downwards
  const double across_y = cosine(theta);
  double sum = 0;
  double weight = 0;
  const auto wave = [&](int dx, int dy) { return cosine(2 * kPi * (dx * across_x + dy * across_y) / period_px); };
  const auto window = [&](int dx, int dy) { return exponential(-(dx * dx + dy * dy) / (2 * sigma * sigma)); };
  for (int dy = -kRadius; dy <= kRadius; ++dy) {
    for (int dx = -kRadius; dx <= kRadius; ++dx) {
      sum += window(dx, dy) * wave(dx, dy);
      weight += window(dx, dy);
    }
  }
  double gain = 0;
  for (int pass = 0; pass < 2; ++pass) {
    for (int dy = -kRadius; dy <= kRadius; ++dy) {
      for (int dx = -kRadius; dx <= kRadius; ++dx) {
        const double tap = window(dx, dy) * (wave(dx, dy) - sum / weight);
        if (pass == 0) {
          gain += tap * wave(dx, dy);
        } else {
          kernel.taps[static_cast<std::size_t>((dy + kRadius) * kTapsPerRow + dx + kRadius)] =
              static_cast<float>(tap / gain);
        }
      }
    }
  }
  return kernel;
}

const std::vector<Kernel>& kernel_bank() {
  static const std::vector<Kernel> bank = [] {
    std::vector<Kernel> kernels;
    for (int p = 0; p < kPeriods; ++p) {
      const double period = kShortest_px + (kLongest_px - kShortest_px) * (p + 0.5) / kPeriods;
      for (int o = 0; o < kOrientations; ++o) kernels.push_back(make_kernel(kPi * o / kOrientations, period));
    }
    return kernels;
  }();
  return bank;
}

// Which kernel fits each pixel; -1 outside the finger.
std::vector<std::int16_t> choose_kernels(const RidgeMap& ridges) {
  std::vector<std::int16_t> chosen(static_cast<std::size_t>(kSize * kSize), -1);
  constexpr double centre = kSize / 2.0;
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      const double u = (x - centre) / (centre - 4);
      const double v = (y - centre) / (centre - 4);
      if (u * u * u * u + v * v * v * v > 1) continue;
      const double turn = ridges.orientation(x, y) / kPi;
      const int o = static_cast<int>((turn - floor_exact(turn)) * kOrientations + 0.5) % kOrientations;
      const double step = (ridges.period_px(x, y) - kShortest_px) / (kLongest_px - kShortest_px) * kPeriods;
      const int p = step < 0 ? 0 : step >= kPeriods ? kPeriods - 1 : static_cast<int>(step);
      chosen[static_cast<std::size_t>(y * kSize + x)] = static_cast<std::int16_t>(p * kOrientations + o);
    }
  }
  return chosen;
}

float apply(const Kernel& kernel, const float* upper_left) {
  Lanes sum{};
  for (int row = 0; row < 2 * kRadius + 1; ++row) {
    for (int i = 0; i < kTapsPerRow; i += 4) {
      Lanes pixels;
      Lanes taps;
      std::memcpy(&pixels, upper_left + row * kStride + i, sizeof(pixels));
      std::memcpy(&taps, &kernel.taps[static_cast<std::size_t>(row * kTapsPerRow + i)], sizeof(taps));
      sum += pixels * taps;
    }
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

GreyImage grow(SeedTree finger, const RidgeMap& ridges) {
  const std::vector<Kernel>& bank = kernel_bank();
  const std::vector<std::int16_t> chosen = choose_kernels(ridges);
  constexpr std::size_t kCells = static_cast<std::size_t>((kSize + 2 * kRadius) * kStride);
  std::vector<float> now(kCells, 0.0F);
  std::vector<float> next(kCells, 0.0F);
  const auto cell = [](int x, int y) { return static_cast<std::size_t>((y + kRadius) * kStride + x + kRadius); };

  // Ridges spread from scattered spots; where two fronts meet out of step, minutiae appear by themselves.
  Random random = finger.stream("spots");
  for (int i = 0; i < 420; ++i) {
    const int x = 4 + static_cast<int>(random.below(kSize - 8));
    const int y = 4 + static_cast<int>(random.below(kSize - 8));
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) now[cell(x + dx, y + dy)] = 1.0F;
    }
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    for (int y = 0; y < kSize; ++y) {
      for (int x = 0; x < kSize; ++x) {
        const std::int16_t index = chosen[static_cast<std::size_t>(y * kSize + x)];
        if (index < 0) continue;
        const float response =
            2.2F * apply(bank[static_cast<std::size_t>(index)], &now[cell(x - kRadius, y - kRadius)]);
        next[cell(x, y)] = response > 1 ? 1 : response < -1 ? -1 : response;
      }
    }
    now.swap(next);
  }

  // One pass of gain 1 rounds the waves, so that pressure can move the border between ridge and valley.
  GreyImage master(kSize, kSize);
  for (int y = 0; y < kSize; ++y) {
    for (int x = 0; x < kSize; ++x) {
      const std::int16_t index = chosen[static_cast<std::size_t>(y * kSize + x)];
      if (index < 0) continue;
      const float wave = apply(bank[static_cast<std::size_t>(index)], &now[cell(x - kRadius, y - kRadius)]);
      const float grey = 128.0F - 96.0F * wave;
      master.at(x, y) = static_cast<std::uint8_t>(grey < 0 ? 0 : grey > 255 ? 255 : grey + 0.5F);
    }
  }
  return master;
}

}  // namespace

const char* to_string(PatternClass pattern) {
  switch (pattern) {
    case PatternClass::kArch: return "arch";
    case PatternClass::kTentedArch: return "tented_arch";
    case PatternClass::kLeftLoop: return "left_loop";
    case PatternClass::kRightLoop: return "right_loop";
    case PatternClass::kWhorl: return "whorl";
  }
  return "unknown";
}

Finger Finger::make(SeedTree finger) {
  const double draw = finger.stream("class").uniform();
  const PatternClass pattern = draw < 0.037   ? PatternClass::kArch
                               : draw < 0.066 ? PatternClass::kTentedArch
                               : draw < 0.404 ? PatternClass::kLeftLoop
                               : draw < 0.721 ? PatternClass::kRightLoop
                                              : PatternClass::kWhorl;
  return make(finger, pattern);
}

Finger Finger::make(SeedTree finger, PatternClass pattern) {
  Finger out;
  out.pattern_ = pattern;
  out.master_ = grow(finger, RidgeMap(finger, pattern));
  return out;
}

}  // namespace touchstone::fingers
