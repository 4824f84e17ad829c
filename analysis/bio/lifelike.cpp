// How alike generated and real prints are, by figures that need no truth: the same code measures both.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <numbers>
#include <sstream>
#include <string_view>

#include "bio/bad_input.h"
#include "bio/crop.h"
#include "bio/print_data.h"
#include "calibrate.h"
#include "generated_touches.h"
#include "prints/growth.h"
#include "prints/population.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

using std::numbers::pi;


enum Figure : std::size_t {
  kArea,
  kPeriod,
  kPeriodSpread,
  kEntropy,
  kCoherence,
  kMinutiae,
  kMean,
  kContrast,
  kDark,
  kGround,
  kGroundSpread,
  kFigures
};
constexpr const char* kNames[kFigures] = {"contact, cm2",
                                          "ridge period, px at 500 dpi",
                                          "its spread within a print",
                                          "entropy of orientation, bits of 4",
                                          "coherence",
                                          "minutiae a cm2 (own detector)",
                                          "grey in contact",
                                          "contrast, 10th to 90th percentile",
                                          "share of ridge in contact",
                                          "grey of the ground",
                                          "its deviation"};

using Figures = std::array<double, kFigures>;

// Orientation by the structure tensor around a point.
struct Flow {
  double orientation, coherence;
};
Flow flow_at(const GreyImage& g, int cx, int cy, int reach) {
  double xx = 0, yy = 0, xy = 0;
  for (int y = std::max(1, cy - reach); y < std::min(g.height_px - 1, cy + reach); ++y) {
    for (int x = std::max(1, cx - reach); x < std::min(g.width_px - 1, cx + reach); ++x) {
      const double gx = g.at(x + 1, y) - g.at(x - 1, y);
      const double gy = g.at(x, y + 1) - g.at(x, y - 1);
      xx += gx * gx;
      yy += gy * gy;
      xy += gx * gy;
    }
  }
  const double energy = xx + yy;
  const double strength = std::sqrt((xx - yy) * (xx - yy) + 4 * xy * xy);
  double ridge = 0.5 * std::atan2(2 * xy, xx - yy) + pi / 2;
  if (ridge >= pi) ridge -= pi;
  return {ridge, energy > 0 ? strength / energy : 0};
}

// Period across the ridges by the strongest wave of a window's profile; 0 where none stands out.
double period_at(const GreyImage& g, int cx, int cy, double orientation) {
  constexpr int kHalf = 24;
  std::array<double, 2 * kHalf + 1> profile{};
  const double tx = std::cos(orientation), ty = std::sin(orientation);
  double mean = 0;
  for (int k = -kHalf; k <= kHalf; ++k) {
    double sum = 0;
    for (int t = -5; t <= 5; ++t) {
      sum += g.at_or(static_cast<int>(std::lround(cx - ty * k + tx * t)),
                     static_cast<int>(std::lround(cy + tx * k + ty * t)), 255);
    }
    profile[static_cast<std::size_t>(k + kHalf)] = sum / 11;
    mean += sum / 11 / profile.size();
  }
  double energy = 0;
  for (int k = -kHalf; k <= kHalf; ++k) {
    double& v = profile[static_cast<std::size_t>(k + kHalf)];
    v = (v - mean) * (0.5 + 0.5 * std::cos(pi * k / (kHalf + 1)));
    energy += v * v;
  }
  double best = 0;
  double best_period = 0;
  for (double period = 4; period <= 18; period += 0.1) {
    double c = 0, s = 0;
    for (int k = -kHalf; k <= kHalf; ++k) {
      c += profile[static_cast<std::size_t>(k + kHalf)] * std::cos(2 * pi * k / period);
      s += profile[static_cast<std::size_t>(k + kHalf)] * std::sin(2 * pi * k / period);
    }
    if (c * c + s * s > best) {
      best = c * c + s * s;
      best_period = period;
    }
  }
  const bool clear = best > 0.25 * energy * profile.size() * 0.375 && best_period > 4.5 && best_period < 17;
  return clear ? best_period : 0;
}

double median(std::vector<double> v) {
  if (v.empty()) return 0;
  std::nth_element(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(v.size() / 2), v.end());
  return v[v.size() / 2];
}

Figures measure(const Print& print) {
  Figures out{};
  const Foreground fore = find_foreground(print.image);
  // The detector sees a window of 512 x 640 px: the whole of a finger.
  const int left = std::max(0, static_cast<int>(fore.centre_x_px) - 256);
  const int top = std::max(0, static_cast<int>(fore.centre_y_px) - 320);
  constexpr int kBlock = Foreground::kBlock_px;
  out[kArea] = fore.blocks * kBlock * kBlock * 2.54 * 2.54 / (print.dpi * print.dpi);
  std::vector<double> periods;
  std::array<double, 16> orientations{};
  std::vector<Flow> flows(static_cast<std::size_t>(fore.columns * fore.rows), Flow{0, 0});
  double coherence = 0;
  std::vector<int> greys;
  double ground = 0, ground_squares = 0;
  int ground_count = 0;
  for (int row = 0; row < fore.rows; ++row) {
    for (int column = 0; column < fore.columns; ++column) {
      const bool held = fore.at(column, row);
      const int cx = column * kBlock + kBlock / 2, cy = row * kBlock + kBlock / 2;
      for (int y = row * kBlock; y < (row + 1) * kBlock; ++y) {
        for (int x = column * kBlock; x < (column + 1) * kBlock; ++x) {
          const int v = print.image.at(x, y);
          if (held) {
            greys.push_back(v);
          } else {
            ground += v;
            ground_squares += v * v;
            ++ground_count;
          }
        }
      }
      if (!held) continue;
      const Flow flow = flow_at(print.image, cx, cy, 12);
      flows[static_cast<std::size_t>(row * fore.columns + column)] = flow;
      orientations[static_cast<std::size_t>(std::min(15.0, flow.orientation / pi * 16))] += 1;
      coherence += flow.coherence;
      if (row % 2 == 0 && column % 2 == 0) {
        if (const double period = period_at(print.image, cx, cy, flow.orientation); period > 0)
          periods.push_back(period * 500 / print.dpi);
      }
    }
  }
  const double blocks = std::max(1, fore.blocks);
  out[kPeriod] = median(periods);
  std::vector<double> off;
  for (const double p : periods) off.push_back(std::abs(p - out[kPeriod]));
  out[kPeriodSpread] = 1.4826 * median(off);
  for (const double n : orientations) {
    if (n > 0) out[kEntropy] -= n / blocks * std::log2(n / blocks);
  }
  out[kCoherence] = coherence / blocks;
  if (greys.empty()) return out;
  std::sort(greys.begin(), greys.end());
  double mean = 0;
  for (const int v : greys) mean += v;
  out[kMean] = mean / static_cast<double>(greys.size());
  const int low = greys[greys.size() / 10], high = greys[greys.size() * 9 / 10];
  out[kContrast] = high - low;
  out[kDark] = static_cast<double>(std::lower_bound(greys.begin(), greys.end(), (low + high) / 2) - greys.begin()) /
               static_cast<double>(greys.size());
  if (ground_count > 0) {
    out[kGround] = ground / ground_count;
    out[kGroundSpread] = std::sqrt(std::max(0.0, ground_squares / ground_count - out[kGround] * out[kGround]));
  }

  // Minutiae: residues of the ridges' phase, at least a period inside the contact.
  const auto flow_near = [&](double x, double y) {
    const int column = std::clamp((static_cast<int>(x) + left) / kBlock, 0, fore.columns - 1);
    const int row = std::clamp((static_cast<int>(y) + top) / kBlock, 0, fore.rows - 1);
    return flows[static_cast<std::size_t>(row * fore.columns + column)].orientation;
  };
  const double period = (out[kPeriod] > 0 ? out[kPeriod] : 9) * print.dpi / 500;
  const GreyImage window_seen = crop(print.image, left, top, prints::Finger::kWidth_px, prints::Finger::kHeight_px);
  const prints::RidgeWave wave = prints::filter_picture(window_seen, flow_near, [&](double, double) { return period; });
  int minutiae = 0;
  int inner = 0;
  const auto inside = [&](int column, int row) {
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        const int x = column + dx, y = row + dy;
        if (x < 0 || y < 0 || x >= fore.columns || y >= fore.rows || !fore.at(x, y)) return false;
      }
    }
    return true;
  };
  for (int row = 0; row < fore.rows; ++row) {
    for (int column = 0; column < fore.columns; ++column) inner += inside(column, row) ? 1 : 0;
  }
  for (const prints::Minutia& m : find_minutiae(wave)) {
    minutiae += inside((static_cast<int>(m.x) + left) / kBlock, (static_cast<int>(m.y) + top) / kBlock) ? 1 : 0;
  }
  out[kMinutiae] = inner == 0 ? 0 : minutiae / (inner * kBlock * kBlock * 2.54 * 2.54 / (print.dpi * print.dpi));
  return out;
}

struct Column {
  std::string name;
  std::vector<Figures> prints;
  double truth_minutiae = 0, truth_area = 0;
};

}  // namespace

int lifelike_main(const std::vector<std::string>& arguments) {
  tools::Options given(arguments);
  const std::string data = given.value("--data").value_or("");
  const std::string population_file = given.value("--population").value_or("");
  const int fingers = static_cast<int>(given.number("--fingers", 1, 100'000).value_or(100));
  const int threads = static_cast<int>(given.number("--threads", 1, 256).value_or(2));
  const std::uint64_t seed = given.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  given.finish();

  try {
    std::vector<Column> columns;
    if (!data.empty()) {
      DataOptions options;
      options.data = data;
      const std::unique_ptr<PrintData> prints = open_prints(options);
      for (const std::string& name : prints->sets()) columns.push_back({name, {}});
      for (std::size_t f = 0; f < prints->fingers().size(); ++f) {
        for (std::size_t i = 0; i < prints->fingers()[f].impressions.size(); ++i) {
          columns[prints->fingers()[f].set].prints.push_back(measure(prints->print(f, i)));
        }
      }
    }
    const prints::Population population = read_population(population_file);
    const std::size_t first = columns.size();
    for (int kind = 0; kind < 4; ++kind)
      columns.push_back({std::string("gen. ") + to_string(static_cast<prints::SensorKind>(kind)), {}});
    std::mutex mutex;
    generate_touches(population, seed, fingers, 8, threads, [&](const GeneratedTouch& touch) {
      const Figures figures = measure(touch.print);
      const prints::Impression truth = impress(touch.owner, touch.conditions, touch.unit);
      double area = 0;
      for (const std::uint8_t v : truth.contact.pixels) area += v != 0 ? 1 : 0;
      const std::lock_guard lock(mutex);
      Column& column = columns[first + static_cast<std::size_t>(touch.kind)];
      column.prints.push_back(figures);
      column.truth_minutiae += static_cast<double>(truth.minutiae.size());
      column.truth_area += area * 2.54 * 2.54 / (touch.print.dpi * touch.print.dpi);
    });
    std::printf("| mean (deviation between prints) |");
    for (const Column& c : columns) std::printf(" %s |", c.name.c_str());
    std::printf("\n|---|");
    for (std::size_t i = 0; i < columns.size(); ++i) std::printf("---|");
    std::printf("\n");
    for (std::size_t k = 0; k < kFigures; ++k) {
      std::printf("| %s |", kNames[k]);
      for (const Column& c : columns) {
        double sum = 0, squares = 0;
        for (const Figures& f : c.prints) {
          sum += f[k];
          squares += f[k] * f[k];
        }
        const double n = std::max<double>(1, static_cast<double>(c.prints.size()));
        std::printf(" %.*f (%.*f) |", k == kCoherence || k == kDark ? 2 : 1, sum / n, k == kCoherence || k == kDark ? 2 : 1,
                    std::sqrt(std::max(0.0, squares / n - sum / n * sum / n)));
      }
      std::printf("\n");
    }
    std::printf("| minutiae a cm2 (truth) |");
    for (const Column& c : columns) {
      if (c.truth_area > 0)
        std::printf(" %.1f |", c.truth_minutiae / c.truth_area);
      else
        std::printf(" - |");
    }
    std::printf("\n");
  } catch (const BadInput& bad) {
    std::cerr << "touchstone-bio: " << bad.what() << "\n";
    return 2;
  }
  return 0;
}

}  // namespace touchstone::bio
