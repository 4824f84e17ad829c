#include "nets/batch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "ridges/print_analysis.h"

namespace touchstone::nets {
namespace {

constexpr double kSample_px = biometrics::kPatchStep_px;
constexpr double kWindow_px = 96;       // half a side of the card's sensor
constexpr double kWindowMargin_px = 6;  // nearer to the rim no minutia is found
constexpr int kSameDistance_px = 12;    // two findings of one minutia on the finger
constexpr int kSameDirection = 28;      // of 256: 40 degrees

/// How one minutia is seen.
struct Seen {
  const MinutiaRecord* minutia;
  float order;  // rank by quality
};

struct Window {
  bool on = false;
  double x = 0, y = 0;
};

Window window_of(const Touch& touch, double shift_px, Random& random) {
  Window w{true, 0, 0};
  for (const MinutiaRecord& m : touch.minutiae) {
    w.x += m.x_q2 / 4.0;
    w.y += m.y_q2 / 4.0;
  }
  const double n = std::max<double>(1, static_cast<double>(touch.minutiae.size()));
  w.x = w.x / n + random.uniform(-shift_px, shift_px);
  w.y = w.y / n + random.uniform(-shift_px, shift_px);
  return w;
}

bool inside(const Window& w, const MinutiaRecord& m) {
  const double reach = kWindow_px - kWindowMargin_px;
  return !w.on || (std::abs(m.x_q2 / 4.0 - w.x) < reach && std::abs(m.y_q2 / 4.0 - w.y) < reach);
}

/// The patch in -1 .. 1 with a rim of zeros; black where the window ends; across the direction turned over where mirrored.
using Padded = std::array<float, (kPatchSide + 2) * (kPatchSide + 2)>;
void load_patch(const MinutiaRecord& m, const Window& w, bool mirrored, Padded& out) {
  out.fill(0);
  const double turn = m.direction * std::numbers::pi / 128;
  const double c = std::cos(turn) * kSample_px, s = std::sin(turn) * kSample_px;
  constexpr double kMiddle = (kPatchSide - 1) / 2.0;
  for (int row = 0; row < kPatchSide; ++row) {
    float* to = &out[static_cast<std::size_t>(((mirrored ? kPatchSide - 1 - row : row) + 1) * (kPatchSide + 2) + 1)];
    const std::int8_t* from = m.patch + row * kPatchSide;
    for (int column = 0; column < kPatchSide; ++column) to[column] = static_cast<float>(from[column]) * (1.0F / 127);
    if (!w.on) continue;
    const double v = row - kMiddle;
    for (int column = 0; column < kPatchSide; ++column) {
      const double u = column - kMiddle;
      const double x = m.x_q2 / 4.0 - w.x + c * u - s * v, y = m.y_q2 / 4.0 - w.y + s * u + c * v;
      if (std::abs(x) >= kWindow_px || std::abs(y) >= kWindow_px) to[column] = 0;
    }
  }
}

/// Samples `from` at points turned by `turn`, scaled by `scale` and shifted by (dx, dy) samples, bilinearly.
void resample(const Padded& from, double turn, double scale, double dx, double dy, float* to) {
  constexpr float kMiddle = (kPatchSide - 1) / 2.0F;
  const auto c = static_cast<float>(std::cos(turn) * scale), s = static_cast<float>(std::sin(turn) * scale);
  for (int row = 0; row < kPatchSide; ++row) {
    const float v = static_cast<float>(row) - kMiddle;
    for (int column = 0; column < kPatchSide; ++column) {
      const float u = static_cast<float>(column) - kMiddle;
      // + 1: the rim
      const float x = c * u - s * v + static_cast<float>(dx) + kMiddle + 1, y = s * u + c * v + static_cast<float>(dy) + kMiddle + 1;
      const bool beside = !(x >= 0 && y >= 0 && x < kPatchSide + 1 && y < kPatchSide + 1);
      if (beside) {
        *to++ = 0;
        continue;
      }
      const int ix = static_cast<int>(x), iy = static_cast<int>(y);
      const float tx = x - static_cast<float>(ix), ty = y - static_cast<float>(iy);
      const float* p = &from[static_cast<std::size_t>(iy * (kPatchSide + 2) + ix)];
      const float upper = p[0] + (p[1] - p[0]) * tx;
      const float lower = p[kPatchSide + 2] + (p[kPatchSide + 3] - p[kPatchSide + 2]) * tx;
      *to++ = upper + (lower - upper) * ty;
    }
  }
}

void append_basis(std::vector<float>& basis, std::uint8_t direction) {
  const double t = direction * std::numbers::pi / 128;
  for (const double b : {1.0, std::cos(t), std::sin(t), std::cos(2 * t), std::sin(2 * t)}) basis.push_back(static_cast<float>(b));
}

/// Makes room for one more patch.
float* next_patch(Batch& batch) {
  batch.patches.resize(batch.patches.size() + kPatchSamples);
  return batch.patches.data() + batch.patches.size() - kPatchSamples;
}

int turn_between(std::uint8_t a, std::uint8_t b) {
  const int d = (a - b) & 255;
  return std::min(d, 256 - d);
}

/// Each one's nearest on the finger, where that is mutual.
void find_pairs(const std::vector<Seen>& a, const std::vector<Seen>& b, std::int64_t a_at, std::int64_t b_at, Batch& batch) {
  constexpr int kFar = 1 << 30;
  const auto distance = [](const MinutiaRecord& m, const MinutiaRecord& n) {
    const int dx = m.finger_x_px - n.finger_x_px, dy = m.finger_y_px - n.finger_y_px;
    return turn_between(m.finger_direction, n.finger_direction) < kSameDirection ? dx * dx + dy * dy : kFar;
  };
  const auto nearest = [&](const MinutiaRecord& m, const std::vector<Seen>& among) {
    std::pair<int, std::size_t> best{kFar, 0};
    for (std::size_t i = 0; i < among.size(); ++i) best = std::min(best, {distance(m, *among[i].minutia), i});
    return best;
  };
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto [apart, j] = nearest(*a[i].minutia, b);
    if (apart < kSameDistance_px * kSameDistance_px && nearest(*b[j].minutia, a).second == i) {
      batch.first.push_back(a_at + static_cast<std::int64_t>(i));
      batch.second.push_back(b_at + static_cast<std::int64_t>(j));
    }
  }
}

/// `count` different ones of 0 .. all - 1, in random order.
std::vector<std::size_t> choose(std::size_t all, std::size_t count, Random& random) {
  std::vector<std::size_t> index(all);
  std::iota(index.begin(), index.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(index[i], index[i + random.below(all - i)]);
  index.resize(count);
  return index;
}

}  // namespace

void append_touch(Batch& batch, const Touch& touch, int most, const CardWindow& card) {
  Window window;
  if (card.on) {
    Random random = card.seed.stream("window");
    window = window_of(touch, card.shift_px, random);
  }
  Padded patch;
  int taken = 0;
  for (const MinutiaRecord& m : touch.minutiae) {
    if (taken == most) break;
    if (!inside(window, m)) continue;
    ++taken;
    load_patch(m, window, false, patch);
    float* to = next_patch(batch);
    for (int row = 0; row < kPatchSide; ++row) std::copy_n(&patch[static_cast<std::size_t>((row + 1) * (kPatchSide + 2) + 1)], kPatchSide, to + row * kPatchSide);
    append_basis(batch.basis, m.direction);
    batch.touch.push_back(batch.touches);
  }
  ++batch.touches;
}

std::vector<TrainingFinger> training_fingers(const TouchSet& set, std::uint32_t first, std::uint32_t end) {
  std::vector<TrainingFinger> all(end - first);
  for (std::uint32_t i = 0; i < set.touches().size(); ++i) {
    const Touch& touch = set.touches()[i];
    if (touch.finger < first || touch.finger >= end || touch.minutiae.size() < 3) continue;
    all[touch.finger - first].finger = touch.finger;
    all[touch.finger - first].touches.push_back(i);
  }
  std::erase_if(all, [](const TrainingFinger& f) { return f.touches.size() < 2; });
  return all;
}

Batch training_batch(const Experiment& experiment, const TouchSet& set, const std::vector<TrainingFinger>& fingers, int step) {
  const Experiment::Augmentation& vary = experiment.augmentation;
  const SeedTree seed = SeedTree(experiment.seed).child("batch").child(static_cast<std::uint64_t>(step));
  Random choice = seed.stream("fingers");
  Batch batch;
  Padded patch;
  for (const std::size_t f : choose(fingers.size(), static_cast<std::size_t>(experiment.optimiser.fingers), choice)) {
    const TrainingFinger& finger = fingers[f];
    Random random = seed.child("finger").stream(std::to_string(f));
    const bool mirrored = random.uniform() < vary.mirror;
    const double finger_scale = std::exp(random.uniform(-vary.scale, vary.scale));
    std::array<std::vector<Seen>, 2> seen;
    std::array<std::int64_t, 2> at{};
    const std::vector<std::size_t> two = choose(finger.touches.size(), 2, random);
    for (std::size_t v = 0; v < 2; ++v) {
      const Touch& touch = set.touches()[finger.touches[two[v]]];
      Window window;
      const double touch_scale = finger_scale * std::exp(random.uniform(-vary.touch_scale, vary.touch_scale));
      if (random.uniform() < vary.card_window) window = window_of(touch, vary.card_shift_px, random);
      for (const MinutiaRecord& m : touch.minutiae) {
        const double drop = random.uniform(), wander = random.uniform(0, 20);
        if (inside(window, m) && drop >= vary.drop) seen[v].push_back({&m, static_cast<float>(wander - m.quality)});
      }
      std::stable_sort(seen[v].begin(), seen[v].end(), [](const Seen& a, const Seen& b) { return a.order < b.order; });
      if (seen[v].size() > static_cast<std::size_t>(vary.most_minutiae)) seen[v].resize(static_cast<std::size_t>(vary.most_minutiae));
      at[v] = batch.minutiae();
      for (const Seen& s : seen[v]) {
        load_patch(*s.minutia, window, mirrored, patch);
        const double scale = touch_scale * std::exp(random.normal() * vary.patch_scale), turn = random.normal() * vary.turn_rad;
        const double dx = random.normal() * vary.shift_samples, dy = random.normal() * vary.shift_samples;
        resample(patch, turn, scale, dx, dy, next_patch(batch));
        append_basis(batch.basis, mirrored ? static_cast<std::uint8_t>(128 - s.minutia->direction) : s.minutia->direction);
        batch.touch.push_back(batch.touches);
      }
      batch.identity.push_back(static_cast<std::int64_t>(f + (mirrored ? fingers.size() : 0)));
      ++batch.touches;
    }
    find_pairs(seen[0], seen[1], at[0], at[1], batch);
  }
  const auto most = static_cast<std::size_t>(experiment.loss.minutia_pairs);
  if (batch.first.size() > most) {
    std::vector<std::int64_t> first, second;
    for (const std::size_t i : choose(batch.first.size(), most, choice)) {
      first.push_back(batch.first[i]);
      second.push_back(batch.second[i]);
    }
    batch.first = std::move(first);
    batch.second = std::move(second);
  }
  return batch;
}

}  // namespace touchstone::nets
