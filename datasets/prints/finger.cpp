#include "prints/finger.h"

#include <algorithm>

#include "prints/growth.h"
#include "prints/noise_rows.h"
#include "prints/portable_math.h"
#include "prints/ridge_map.h"

namespace touchstone::prints {
namespace {

constexpr int kWidth = Finger::kWidth_px;
constexpr int kHeight = Finger::kHeight_px;

// Twice as many samples each way by Catmull-Rom: new samples lie a quarter of a cell off the old ones on both sides.
void double_row(const float* in, int count, float* out) {
  constexpr float kFar = -0.0703125F, kNear = 0.8671875F, kNext = 0.2265625F, kLast = -0.0234375F;
  const auto at = [&](int i) { return in[std::clamp(i, 0, count - 1)]; };
  for (int i = 0; i < count; ++i) {
    const float a = at(i - 2), b = at(i - 1), c = at(i), d = at(i + 1), e = at(i + 2);
    out[2 * i] = ((kLast * a + kNext * b) + kNear * c) + kFar * d;
    out[2 * i + 1] = ((kFar * b + kNear * c) + kNext * d) + kLast * e;
  }
}

std::vector<float> double_both_ways(const std::vector<float>& wave) {
  std::vector<float> wide(static_cast<std::size_t>(kWidth * kHeight / 2));
  for (int y = 0; y < kHeight / 2; ++y) {
    double_row(&wave[static_cast<std::size_t>(y * kWidth / 2)], kWidth / 2, &wide[static_cast<std::size_t>(y * kWidth)]);
  }
  std::vector<float> out(static_cast<std::size_t>(kWidth * kHeight));
  constexpr float kFar = -0.0703125F, kNear = 0.8671875F, kNext = 0.2265625F, kLast = -0.0234375F;
  for (int y = 0; y < kHeight; ++y) {
    const int base = y / 2;
    const bool odd = y % 2 == 1;
    const auto row = [&](int i) { return &wide[static_cast<std::size_t>(std::clamp(i, 0, kHeight / 2 - 1) * kWidth)]; };
    const float* a = odd ? row(base - 1) : row(base + 1);
    const float* b = row(base);
    const float* c = odd ? row(base + 1) : row(base - 1);
    const float* d = odd ? row(base + 2) : row(base - 2);
    float* to = &out[static_cast<std::size_t>(y * kWidth)];
    for (int x = 0; x < kWidth; ++x) to[x] = ((kFar * a[x] + kNear * b[x]) + kNext * c[x]) + kLast * d[x];
  }
  return out;
}

// The heights of the skin, 1 = ridge.
class Relief {
 public:
  explicit Relief(std::vector<float> wave) : wave_(std::move(wave)) {}

  void add_texture(SeedTree finger, double roughness) {
    NoiseRows fine(finger.stream("texture/fine"), kWidth, kHeight, 3.2F);
    NoiseRows coarse(finger.stream("texture/coarse"), kWidth, kHeight, 11.0F);
    std::vector<float> a(kWidth), b(kWidth);
    const auto gain = static_cast<float>(roughness);
    for (int y = 0; y < kHeight; ++y) {
      fine.row(y, a.data());
      coarse.row(y, b.data());
      float* to = &wave_[static_cast<std::size_t>(y * kWidth)];
      for (std::size_t x = 0; x < kWidth; ++x) to[x] = to[x] + gain * (0.6F * a[x] + 0.5F * b[x]);
    }
  }

  // A line of `width` px at least, dug down to the valleys.
  void add_crease(Random& random, double x, double y, double angle, double length, double width) {
    const double turn = random.uniform(-0.7, 0.7) / length;
    double wobble = 0;
    for (double along = 0; along < length; along += 0.8) {
      wobble += 0.06 * random.uniform(-1, 1) - 0.03 * wobble;
      const double ends = std::min(1.0, std::min(along, length - along) / 12);
      dig(x, y, 0.5 * width * ends * random.uniform(0.8, 1.15), 1.0);
      x += 0.8 * cosine(angle + wobble);
      y += 0.8 * sine(angle + wobble);
      angle += 0.8 * turn;
    }
  }

  // A sweat pore on the top of the ridge nearest to (x, y).
  void add_pore(double x, double y, double radius, double depth) {
    for (int step = 0; step < 4; ++step) {
      const double gx = at(x + 1, y) - at(x - 1, y);
      const double gy = at(x, y + 1) - at(x, y - 1);
      x += std::clamp(2.0 * gx, -1.5, 1.5);
      y += std::clamp(2.0 * gy, -1.5, 1.5);
    }
    if (at(x, y) > 0.5) dig(x, y, radius, depth);
  }

  GreyImage picture() const {
    GreyImage out(kWidth, kHeight);
    for (std::size_t i = 0; i < wave_.size(); ++i) {
      out.pixels[i] = static_cast<std::uint8_t>(std::clamp(128.5F - 90.0F * wave_[i], 0.0F, 255.0F));
    }
    return out;
  }

 private:
  double at(double x, double y) const {
    const int ix = std::clamp(static_cast<int>(x + 0.5), 0, kWidth - 1);
    const int iy = std::clamp(static_cast<int>(y + 0.5), 0, kHeight - 1);
    return static_cast<double>(wave_[static_cast<std::size_t>(iy * kWidth + ix)]);
  }
  // Lowers what lies within `radius`, with a soft rim of 1 px, by `share` of the way to the bottom.
  void dig(double x, double y, double radius, double share) {
    const int reach = static_cast<int>(radius + 2);
    for (int iy = static_cast<int>(y) - reach; iy <= static_cast<int>(y) + reach; ++iy) {
      for (int ix = static_cast<int>(x) - reach; ix <= static_cast<int>(x) + reach; ++ix) {
        if (ix < 0 || iy < 0 || ix >= kWidth || iy >= kHeight) continue;
        const double squared = (ix - x) * (ix - x) + (iy - y) * (iy - y);
        const double rim = (radius + 1) * (radius + 1);
        if (squared >= rim) continue;
        const double inner = radius * radius;
        const double weight = share * (squared <= inner ? 1 : (rim - squared) / (rim - inner));
        float& to = wave_[static_cast<std::size_t>(iy * kWidth + ix)];
        to = std::min(to, static_cast<float>(static_cast<double>(to) * (1 - weight) - 1.2 * weight));
      }
    }
  }

  std::vector<float> wave_;
};

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

PatternClass draw_pattern(SeedTree finger, const Population& population) {
  const ClassShares& c = population.finger.classes;
  const double draw = finger.stream("class").uniform();
  double below = c.arch;
  if (draw < below) return PatternClass::kArch;
  if (draw < (below += c.tented_arch)) return PatternClass::kTentedArch;
  if (draw < (below += c.left_loop)) return PatternClass::kLeftLoop;
  if (draw < below + c.right_loop) return PatternClass::kRightLoop;
  return PatternClass::kWhorl;
}

Finger Finger::make(SeedTree finger, const Population& population) {
  return make(finger, draw_pattern(finger, population), population);
}

Finger Finger::make(SeedTree finger, PatternClass pattern, const Population& population) {
  const FingerSpread& spread = population.finger;
  Finger out;
  out.identity_ = finger.seed();
  out.pattern_ = pattern;
  Random random = finger.stream("skin");
  out.skin_.moisture = spread.moisture.draw(random);
  out.skin_.roughness = spread.roughness.draw(random);
  out.skin_.half_width_px = spread.half_width_px.draw(random);
  out.skin_.half_height_px = spread.half_height_px.draw(random);

  const auto ridges = std::make_shared<const RidgeMap>(finger, pattern, spread);
  out.ridges_ = ridges;
  out.singular_points_ = ridges->singular_points();
  const RidgeWave wave = grow_ridges(finger, *ridges, spread.spots.draw(random));
  out.minutiae_ = find_minutiae(wave);

  Relief relief(double_both_ways(wave.even));
  Random pores = finger.stream("pores");
  const double depth = spread.pores.draw(random);
  constexpr double kPoreStep_px = 9;
  for (double y = 6; y < kHeight - 6; y += kPoreStep_px) {
    for (double x = 6; x < kWidth - 6; x += kPoreStep_px) {
      const double px = x + pores.uniform(-4, 4);
      const double py = y + pores.uniform(-4, 4);
      const double radius = pores.uniform(0.3, 1.3);
      relief.add_pore(px, py, radius, depth * pores.uniform(0.2, 1));
    }
  }
  relief.add_texture(finger, out.skin_.roughness);
  Random lines = finger.stream("creases");
  const int creases = static_cast<int>(spread.creases.draw(random) + 0.5);
  for (int i = 0; i < creases; ++i) {
    const double length = lines.uniform(25, 170);
    const double angle = 0.7 * lines.normal();
    const double x = kCentreX_px + 80 * lines.normal() - 0.5 * length;
    const double y = kCentreY_px + 30 + 90 * lines.normal();
    const double width = lines.uniform(0.8, 4.2);
    relief.add_crease(lines, x, y, angle, length, width);
  }
  // The joint.
  const double joint = kCentreY_px + lines.uniform(205, 275);
  for (int i = 0; i < 2; ++i) {
    const double width = lines.uniform(4, 9);
    const double angle = 0.08 * lines.normal();
    relief.add_crease(lines, -20, joint + 9 * i, angle, kWidth + 40, width);
  }
  out.master_ = std::make_shared<const GreyImage>(relief.picture());
  return out;
}

double Finger::orientation(double x, double y) const {
  const double turns = ridges_->orientation(x, y) / kPi;
  return (turns - floor_exact(turns)) * kPi;
}

double Finger::period_px(double x, double y) const { return ridges_->period_px(x, y); }

}  // namespace touchstone::prints
