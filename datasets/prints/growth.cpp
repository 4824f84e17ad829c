#include "prints/growth.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "prints/portable_math.h"

namespace touchstone::prints {
namespace {

constexpr int kWidth = RidgeWave::kWidth;
constexpr int kHeight = RidgeWave::kHeight;
constexpr int kRadius = 5;
constexpr int kSide = 2 * kRadius + 1;
constexpr int kTapsPerRow = 12;  // kSide, padded to whole vectors
constexpr int kStride = kWidth + 16;
constexpr int kOrientations = RidgeWave::kOrientations;
constexpr int kPeriods = 7;
constexpr double kShortest = 3.2;  // cells
constexpr double kLongest = 6.5;
constexpr int kPasses = 12;
constexpr float kGain = 2.4F;

// Explicit lanes: the order of every addition is written down, so that all compilers give the same sums.
using Lanes = float __attribute__((vector_size(16)));

struct Kernel {
  std::array<float, kSide * kTapsPerRow> taps{};
};
struct Bank {
  std::vector<Kernel> even, odd;
};

// Gabor filters across ridges of direction `theta`, of unit gain for their own wave; the even one gives 0 for a constant.
void add_kernels(double theta, double period, Bank& bank) {
  Kernel even;
  Kernel odd;
  const double sigma = 0.42 * period;
  const double normal_x = -sine(theta);
  const double normal_y = cosine(theta);
  const auto phase = [&](int dx, int dy) { return 2 * kPi * (dx * normal_x + dy * normal_y) / period; };
  const auto window = [&](int dx, int dy) { return exponential(-(dx * dx + dy * dy) / (2 * sigma * sigma)); };
  double sum = 0;
  double weight = 0;
  for (int dy = -kRadius; dy <= kRadius; ++dy) {
    for (int dx = -kRadius; dx <= kRadius; ++dx) {
      sum += window(dx, dy) * cosine(phase(dx, dy));
      weight += window(dx, dy);
    }
  }
  double even_gain = 0;
  double odd_gain = 0;
  for (int pass = 0; pass < 2; ++pass) {
    for (int dy = -kRadius; dy <= kRadius; ++dy) {
      for (int dx = -kRadius; dx <= kRadius; ++dx) {
        const double c = window(dx, dy) * (cosine(phase(dx, dy)) - sum / weight);
        const double s = window(dx, dy) * sine(phase(dx, dy));
        if (pass == 0) {
          even_gain += c * cosine(phase(dx, dy));
          odd_gain += s * sine(phase(dx, dy));
        } else {
          const auto at = static_cast<std::size_t>((dy + kRadius) * kTapsPerRow + dx + kRadius);
          even.taps[at] = static_cast<float>(c / even_gain);
          odd.taps[at] = static_cast<float>(s / odd_gain);
        }
      }
    }
  }
  bank.even.push_back(even);
  bank.odd.push_back(odd);
}

const Bank& bank() {
  static const Bank filters = [] {
    Bank out;
    for (int p = 0; p < kPeriods; ++p) {
      const double period = kShortest + (kLongest - kShortest) * (p + 0.5) / kPeriods;
      for (int o = 0; o < kOrientations; ++o) add_kernels(kPi * o / kOrientations, period, out);
    }
    return out;
  }();
  return filters;
}

double in_master(double cell) { return 2 * cell + 0.5; }

// Which filter fits each cell. The maps are read every kStep cells and between them by interpolating the doubled angle's
// vector; near a singular point, where that turns too fast, everywhere.
template <typename Map>
std::vector<std::int16_t> choose_filters(const Map& ridges, const std::vector<SingularPoint>& singular_points) {
  constexpr int kStep = 4;
  constexpr int kColumns = kWidth / kStep + 1;
  constexpr int kRows = kHeight / kStep + 1;
  constexpr double kNear_px = 16;
  struct Node {
    double cosine2, sine2, period;
  };
  std::vector<Node> nodes;
  nodes.reserve(static_cast<std::size_t>(kColumns * kRows));
  for (int j = 0; j < kRows; ++j) {
    for (int i = 0; i < kColumns; ++i) {
      const double x = in_master(i * kStep);
      const double y = in_master(j * kStep);
      const double theta = 2 * ridges.orientation(x, y);
      nodes.push_back({cosine(theta), sine(theta), ridges.period_px(x, y) / 2});
    }
  }
  std::vector<std::int16_t> chosen(static_cast<std::size_t>(kWidth * kHeight));
  const auto choose = [](double turns, double period) {  // turns: of the orientation, modulo 1
    const int o = static_cast<int>((turns - floor_exact(turns)) * kOrientations + 0.5) % kOrientations;
    const double step = (period - kShortest) / (kLongest - kShortest) * kPeriods;
    const int p = step < 0 ? 0 : step >= kPeriods ? kPeriods - 1 : static_cast<int>(step);
    return static_cast<std::int16_t>(p * kOrientations + o);
  };
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const Node* a = &nodes[static_cast<std::size_t>(y / kStep * kColumns + x / kStep)];
      const Node* b = a + kColumns;
      const double tx = (x % kStep) / static_cast<double>(kStep);
      const double ty = (y % kStep) / static_cast<double>(kStep);
      const auto mix = [&](double p, double q, double r, double s) {
        const double top = p + (q - p) * tx;
        const double bottom = r + (s - r) * tx;
        return top + (bottom - top) * ty;
      };
      const double c = mix(a[0].cosine2, a[1].cosine2, b[0].cosine2, b[1].cosine2);
      const double s = mix(a[0].sine2, a[1].sine2, b[0].sine2, b[1].sine2);
      const double period = mix(a[0].period, a[1].period, b[0].period, b[1].period);
      chosen[static_cast<std::size_t>(y * kWidth + x)] = choose(angle_of(s, c) / (2 * kPi), period);
    }
  }
  for (const SingularPoint& point : singular_points) {
    for (int y = static_cast<int>((point.y - kNear_px) / 2); y <= static_cast<int>((point.y + kNear_px) / 2); ++y) {
      for (int x = static_cast<int>((point.x - kNear_px) / 2); x <= static_cast<int>((point.x + kNear_px) / 2); ++x) {
        if (x < 0 || y < 0 || x >= kWidth || y >= kHeight) continue;
        chosen[static_cast<std::size_t>(y * kWidth + x)] =
            choose(ridges.orientation(in_master(x), in_master(y)) / kPi, ridges.period_px(in_master(x), in_master(y)) / 2);
      }
    }
  }
  return chosen;
}

inline float apply(const Kernel& kernel, const float* upper_left) {
  Lanes a{};
  Lanes b{};
  Lanes c{};
  const float* taps = kernel.taps.data();
  for (int row = 0; row < kSide; ++row) {
    Lanes p0, p1, p2, t0, t1, t2;
    std::memcpy(&p0, upper_left, sizeof(p0));
    std::memcpy(&p1, upper_left + 4, sizeof(p1));
    std::memcpy(&p2, upper_left + 8, sizeof(p2));
    std::memcpy(&t0, taps, sizeof(t0));
    std::memcpy(&t1, taps + 4, sizeof(t1));
    std::memcpy(&t2, taps + 8, sizeof(t2));
    a += p0 * t0;
    b += p1 * t1;
    c += p2 * t2;
    upper_left += kStride;
    taps += kTapsPerRow;
  }
  const Lanes sum = (a + b) + c;
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

constexpr std::size_t kCells = static_cast<std::size_t>((kHeight + 2 * kRadius) * kStride + 16);
constexpr std::size_t cell(int x, int y) { return static_cast<std::size_t>((y + kRadius) * kStride + x + kRadius); }

void filter_once(const std::vector<float>& from, RidgeWave& out) {
  out.even.resize(static_cast<std::size_t>(kWidth * kHeight));
  out.odd.resize(out.even.size());
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const auto at = static_cast<std::size_t>(y * kWidth + x);
      const float* corner = &from[cell(x - kRadius, y - kRadius)];
      const auto filter = static_cast<std::size_t>(out.filter[at]);
      out.even[at] = apply(bank().even[filter], corner);
      out.odd[at] = apply(bank().odd[filter], corner);
    }
  }
}

}  // namespace

RidgeWave grow_ridges(SeedTree finger, const RidgeMap& ridges, double spots_per_hundred) {
  const Bank& filters = bank();
  RidgeWave out;
  out.filter = choose_filters(ridges, ridges.singular_points());
  std::vector<float> now(kCells, 0.0F);
  std::vector<float> next(kCells, 0.0F);

  // Ridges spread from scattered spots; where two fronts meet out of step, minutiae appear by themselves.
  Random random = finger.stream("spots");
  const int spots = static_cast<int>(spots_per_hundred * Finger::kWidth_px * Finger::kHeight_px / 10000);
  for (int i = 0; i < spots; ++i) {
    const int x = 1 + static_cast<int>(random.below(kWidth - 2));
    const int y = 1 + static_cast<int>(random.below(kHeight - 2));
    now[cell(x, y)] = 1.0F;
    now[cell(x + 1, y)] = 1.0F;
    now[cell(x, y + 1)] = 1.0F;
    now[cell(x + 1, y + 1)] = 1.0F;
  }
  for (int pass = 0; pass < kPasses; ++pass) {
    for (int y = 0; y < kHeight; ++y) {
      const std::int16_t* filter = &out.filter[static_cast<std::size_t>(y * kWidth)];
      for (int x = 0; x < kWidth; ++x) {
        const float response =
            kGain * apply(filters.even[static_cast<std::size_t>(filter[x])], &now[cell(x - kRadius, y - kRadius)]);
        next[cell(x, y)] = response > 1 ? 1 : response < -1 ? -1 : response;
      }
    }
    now.swap(next);
  }
  // One pass of gain 1 rounds the waves, so that pressure can move the border between ridge and valley.
  filter_once(now, out);
  return out;
}

RidgeWave filter_picture(const GreyImage& picture, const std::function<double(double, double)>& orientation,
                         const std::function<double(double, double)>& period_px) {
  struct Map {
    const std::function<double(double, double)>& orientation;
    const std::function<double(double, double)>& period_px;
  };
  RidgeWave out;
  out.filter = choose_filters(Map{orientation, period_px}, {});
  std::vector<float> now(kCells, 0.0F);
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const int sum = picture.at_or(2 * x, 2 * y, 255) + picture.at_or(2 * x + 1, 2 * y, 255) +
                      picture.at_or(2 * x, 2 * y + 1, 255) + picture.at_or(2 * x + 1, 2 * y + 1, 255);
      now[cell(x, y)] = 1 - static_cast<float>(sum) * (1.0F / 510);
    }
  }
  filter_once(now, out);
  return out;
}

namespace {

struct Residue {
  double x, y, theta;  // cells; orientation of the ridges there
  int sign;
  double period;
};

// Turns of the phase around the square with upper left cell (x, y), in units of 2 pi; 2 where the orientation itself turns.
int winding(const RidgeWave& wave, int x, int y, Residue& residue) {
  constexpr int kDx[4] = {0, 1, 1, 0};
  constexpr int kDy[4] = {0, 0, 1, 1};
  double even[4];
  double odd[4];
  int orientation[4];
  bool flip = false;
  for (int i = 0; i < 4; ++i) {
    const auto at = static_cast<std::size_t>((y + kDy[i]) * kWidth + x + kDx[i]);
    orientation[i] = wave.filter[at] % kOrientations;
    if (i > 0) {
      const int step = orientation[i] - orientation[i - 1];
      if (step > kOrientations / 2 || step < -kOrientations / 2) flip = !flip;
    }
    even[i] = wave.even[at];
    odd[i] = flip ? -wave.odd[at] : wave.odd[at];
  }
  const int closing = orientation[0] - orientation[3];
  if ((closing > kOrientations / 2 || closing < -kOrientations / 2) != flip) return 2;
  // Quadrant crossings: the sine of the phase is -odd. Count signed crossings of the negative real half axis.
  int turns = 0;
  for (int i = 0; i < 4; ++i) {
    const int j = (i + 1) % 4;
    const double s0 = -odd[i];
    const double s1 = -odd[j];
    if ((s0 >= 0) == (s1 >= 0)) continue;
    // Where the segment crosses the real axis.
    const double at_crossing = even[i] * s1 - even[j] * s0;  // sign of the real part there times sign of (s1 - s0)
    const bool negative = (s1 > s0) ? at_crossing < 0 : at_crossing > 0;
    if (negative) turns += s0 >= 0 ? 1 : -1;  // from the upper to the lower half plane through -1: the angle grows
  }
  if (turns == 0) return 0;
  // Where both parts vanish, by a plane through the four corners.
  const auto plane = [](const double v[4], double& c, double& gx, double& gy) {
    c = (v[0] + v[1] + v[2] + v[3]) / 4;
    gx = (v[1] + v[2] - v[0] - v[3]) / 2;
    gy = (v[2] + v[3] - v[0] - v[1]) / 2;
  };
  double e, ex, ey, o, ox, oy;
  plane(even, e, ex, ey);
  plane(odd, o, ox, oy);
  const double det = ex * oy - ey * ox;
  double dx = 0;
  double dy = 0;
  if (det > 1e-9 || det < -1e-9) {
    dx = std::clamp((-e * oy + ey * o) / det, -0.5, 0.5);
    dy = std::clamp((-ex * o + e * ox) / det, -0.5, 0.5);
  }
  const auto at = static_cast<std::size_t>(y * kWidth + x);
  const int period = wave.filter[at] / kOrientations;
  residue = {x + 0.5 + dx, y + 0.5 + dy, kPi * orientation[0] / kOrientations, turns,
             kShortest + (kLongest - kShortest) * (period + 0.5) / kPeriods};
  return turns;
}

}  // namespace

std::vector<Minutia> find_minutiae(const RidgeWave& wave) {
  constexpr int kBorder = 3;
  std::vector<Residue> residues;
  for (int y = kBorder; y < kHeight - kBorder - 1; ++y) {
    for (int x = kBorder; x < kWidth - kBorder - 1; ++x) {
      Residue residue{};
      const int turns = winding(wave, x, y, residue);
      if (turns == 1 || turns == -1) residues.push_back(residue);
    }
  }
  // Two opposite ones closer than most of a ridge are a dent in a ridge, not minutiae: the nearest pairs go first.
  std::vector<bool> gone(residues.size(), false);
  for (const double reach : {0.35, 0.7, 1.0}) {
    for (std::size_t i = 0; i < residues.size(); ++i) {
      for (std::size_t j = i + 1; j < residues.size() && !gone[i]; ++j) {
        if (residues[j].y - residues[i].y > 8) break;
        if (gone[j]) continue;
        const double dx = residues[i].x - residues[j].x;
        const double dy = residues[i].y - residues[j].y;
        const double flip = cosine(residues[i].theta - residues[j].theta) < 0 ? -1 : 1;
        const double limit = reach * residues[i].period;
        if (residues[i].sign * residues[j].sign * flip < 0 && dx * dx + dy * dy < limit * limit) gone[i] = gone[j] = true;
      }
    }
  }
  std::vector<Minutia> out;
  for (std::size_t i = 0; i < residues.size(); ++i) {
    if (gone[i]) continue;
    const Residue& r = residues[i];
    const double direction = r.sign > 0 ? r.theta : r.theta + kPi;
    // Behind the minutia there is a ridge before a fork and a valley before an ending.
    const double step = 0.5 * r.period;
    const int x = std::clamp(static_cast<int>(r.x - step * cosine(direction) + 0.5), 0, kWidth - 1);
    const int y = std::clamp(static_cast<int>(r.y - step * sine(direction) + 0.5), 0, kHeight - 1);
    const bool ridge = wave.even[static_cast<std::size_t>(y * kWidth + x)] > 0;
    out.push_back(
        {in_master(r.x), in_master(r.y), direction, ridge ? Minutia::Type::kBifurcation : Minutia::Type::kEnding});
  }
  return out;
}

}  // namespace touchstone::prints
