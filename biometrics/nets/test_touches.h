// Small touches for tests, made from numbers alone: every finger has its own minutiae with patches of its own, every touch
// shows most of them a little changed.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/seed.h"
#include "nets/touches.h"

namespace touchstone::nets {

/// A small experiment that the touches below fit.
inline Experiment small_experiment(const std::string& changes = "{}") {
  const Experiment base = Experiment::parse(R"({
    "seed": 1,
    "data": {"seed": 1, "fingers": 16, "impressions": 4, "statistics": 4, "held_out": 4,
             "kinds": {"optical": 0.5, "press": 0, "capacitive": 0, "sweep": 0, "card": 0.5}, "scale": 0},
    "model": {"channels": [2, 3, 4], "descriptor": 6, "dimensions": 8},
    "optimiser": {"steps": 40, "fingers": 4, "learning_rate": 0.01, "proxy_factor": 5, "weight_decay": 0.001, "warm_up": 0.1},
    "loss": {"proxy": 1, "proxy_scale": 16, "proxy_margin": 0.1, "minutia": 1, "minutia_pairs": 12, "set": 0.5, "covariance": 0.1},
    "augmentation": {"card_window": 0.3, "card_shift_px": 10, "drop": 0.1, "most_minutiae": 6, "mirror": 0.5, "scale": 0.05,
                     "touch_scale": 0, "turn_rad": 0.05, "shift_samples": 0.3, "patch_scale": 0.02},
    "whitening": {"dimensions": 5, "shrinkage": 0.05},
    "schedule": {"log_every": 5, "checkpoint_every": 10, "evaluate_every": 20}
  })", "small");
  return Experiment::changed(base, changes, "small");
}

inline std::vector<MinutiaRecord> finger_minutiae(std::uint32_t finger) {
  Random random = SeedTree(99).child(finger).stream("minutiae");
  std::vector<MinutiaRecord> out(7);
  for (MinutiaRecord& m : out) {
    m.finger_x_px = static_cast<std::int16_t>(random.uniform(0, 300));
    m.finger_y_px = static_cast<std::int16_t>(random.uniform(0, 300));
    m.direction = m.finger_direction = static_cast<std::uint8_t>(random.below(256));
    m.quality = static_cast<std::uint8_t>(random.below(128));
    const double a = random.uniform(-0.9, 0.9), b = random.uniform(-0.9, 0.9);
    for (int i = 0; i < kPatchSamples; ++i) m.patch[i] = static_cast<std::int8_t>(120 * std::cos(a * (i % 32) + b * (i / 32)));
  }
  return out;
}

inline TouchSet small_touches(const Experiment::Data& data) {
  TouchSet set;
  for (int f = 0; f < data.fingers; ++f) {
    const auto finger = static_cast<std::uint32_t>(f);
    for (int i = 0; i < data.impressions; ++i) {
      Random random = SeedTree(98).child(finger).child(static_cast<std::uint64_t>(i)).stream("touch");
      std::vector<MinutiaRecord> seen = finger_minutiae(finger);
      seen.erase(seen.begin() + static_cast<std::ptrdiff_t>(random.below(seen.size())));
      const double dx = random.uniform(-10, 10), dy = random.uniform(-10, 10);
      for (MinutiaRecord& m : seen) {
        m.x_q2 = static_cast<std::int16_t>(4 * (m.finger_x_px + dx));
        m.y_q2 = static_cast<std::int16_t>(4 * (m.finger_y_px + dy));
        for (std::int8_t& sample : m.patch) sample = static_cast<std::int8_t>(std::clamp(sample + 10 * random.normal(), -127.0, 127.0));
      }
      set.add(finger, 0, seen);
    }
  }
  return set;
}

}  // namespace touchstone::nets
