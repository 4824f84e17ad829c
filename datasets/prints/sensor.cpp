#include "prints/sensor.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "prints/noise_rows.h"
#include "prints/portable_math.h"

namespace touchstone::prints {
namespace {

constexpr double kWhite = 255;

double sample(const GreyImage& image, double x, double y) {
  const int ix = static_cast<int>(floor_exact(x));
  const int iy = static_cast<int>(floor_exact(y));
  const double tx = x - ix;
  const double ty = y - iy;
  const double top = image.at_or(ix, iy, 255) * (1 - tx) + image.at_or(ix + 1, iy, 255) * tx;
  const double bottom = image.at_or(ix, iy + 1, 255) * (1 - tx) + image.at_or(ix + 1, iy + 1, 255) * tx;
  return top * (1 - ty) + bottom * ty;
}

// A raster of square cells, some of which were drawn.
class Cells {
 public:
  Cells(int width_px, int height_px, int cell_px, double share, std::uint64_t seed, const char* name)
      : cell_px_(cell_px), columns_(width_px / cell_px + 1) {
    if (share <= 0) return;
    drawn_.resize(static_cast<std::size_t>(columns_ * (height_px / cell_px + 1)));
    Random random = SeedTree(seed).stream(name);
    for (std::size_t i = 0; i < drawn_.size(); ++i) drawn_[i] = random.uniform() < share;
  }
  bool holds(int x, int y) const {
    return !drawn_.empty() && drawn_[static_cast<std::size_t>(y / cell_px_ * columns_ + x / cell_px_)];
  }

 private:
  int cell_px_;
  int columns_;
  std::vector<bool> drawn_;
};

}  // namespace

const char* to_string(SensorKind kind) {
  switch (kind) {
    case SensorKind::kOptical: return "optical";
    case SensorKind::kPress: return "press";
    case SensorKind::kCapacitive: return "capacitive";
    case SensorKind::kSweep: return "sweep";
    case SensorKind::kCard: return "card";
  }
  return "unknown";
}

SensorUnit SensorUnit::nominal(SensorKind kind, const Population& population) {
  const TouchSpread& spread = population.touch(kind);
  SensorUnit unit;
  unit.kind = kind;
  unit.width_px = static_cast<int>(spread.width_px);
  unit.height_px = static_cast<int>(spread.height_px);
  unit.dpi = spread.dpi.mean;
  return unit;
}

SensorUnit SensorUnit::draw(SensorKind kind, SeedTree part, const Population& population) {
  const TouchSpread& spread = population.touch(kind);
  Random random = part.stream("part");
  SensorUnit unit = nominal(kind, population);
  unit.dpi = spread.dpi.draw(random);
  unit.gain = spread.gain.draw(random);
  unit.offset = spread.offset.draw(random);
  unit.noise = spread.noise.draw(random);
  unit.fixed_pattern = spread.fixed_pattern.draw(random);
  unit.stripes = spread.stripes.draw(random);
  unit.seed = part.child("fixed pattern").seed();
  return unit;
}

SensorKind draw_kind(SeedTree finger, const Population& population) {
  double rest = finger.stream("sensor").uniform();
  for (const SensorKind kind : {SensorKind::kOptical, SensorKind::kPress, SensorKind::kCapacitive}) {
    rest -= population.touch(kind).share;
    if (rest < 0) return kind;
  }
  return SensorKind::kSweep;
}

void read_out(const SensorUnit& unit, const Frame& frame, GreyImage& image) {
  TS_CHECK(image.width_px == unit.width_px && image.height_px == unit.height_px, "the picture has not the array's size");
  const auto width = static_cast<std::size_t>(unit.width_px);
  Random noise(frame.seed);
  Random pattern(unit.seed);
  std::vector<float> columns(width), fixed(width), now(width);
  white_noise(pattern, columns.data(), width);
  const auto gain = static_cast<float>(unit.gain);
  const auto shift = static_cast<float>(unit.offset + kWhite - kWhite * unit.gain) + 0.5F;
  const auto noise_gain = static_cast<float>(unit.noise);
  const auto fixed_gain = static_cast<float>(unit.fixed_pattern);
  const auto stripe_gain = static_cast<float>(unit.stripes);
  const auto stays = static_cast<float>(frame.residue);
  const bool residue = frame.residue > 0 && frame.previous != nullptr;
  if (residue) TS_CHECK(frame.previous->pixels.size() == image.pixels.size(), "the residue has not the array's size");
  for (int y = 0; y < unit.height_px; ++y) {
    std::uint8_t* to = &image.at(0, y);
    if (unit.fixed_pattern > 0) white_noise(pattern, fixed.data(), width);
    if (unit.noise > 0) white_noise(noise, now.data(), width);
    const std::uint8_t* before = residue ? &frame.previous->pixels[static_cast<std::size_t>(y) * width] : nullptr;
    for (std::size_t x = 0; x < width; ++x) {
      float grey = static_cast<float>(to[x]);
      if (residue) {
        const float left = 255 - stays * static_cast<float>(255 - before[x]);
        grey = grey < left ? grey : left;
      }
      grey = grey * gain + shift + noise_gain * now[x] + fixed_gain * fixed[x] + stripe_gain * columns[x];
      to[x] = static_cast<std::uint8_t>(grey < 0 ? 0 : grey > 255 ? 255 : grey);
    }
  }
}

GreyImage lay(const SensorUnit& unit, const GreyImage& picture, const Placement& placement, const Surface& surface) {
  constexpr int kSkinCell_px = 4;
  constexpr int kDirtCell_px = 12;
  constexpr double kApart = 0.25;  // contrast of what does not touch
  constexpr double kWater = 230;   // a valley full of water, nearly as dark as a ridge
  const double turn = placement.turn_deg * kPi / 180;
  const double scale = placement.picture_dpi / unit.dpi;
  const double c = cosine(turn) * scale;
  const double s = sine(turn) * scale;
  const Cells dry(picture.width_px, picture.height_px, kSkinCell_px, surface.dryness, surface.skin_seed, "dry_skin");
  const Cells dirty(unit.width_px, unit.height_px, kDirtCell_px, surface.dirt, surface.glass_seed, "dirt");
  GreyImage out(unit.width_px, unit.height_px);
  for (int y = 0; y < unit.height_px; ++y) {
    for (int x = 0; x < unit.width_px; ++x) {
      const double u = x - (unit.width_px - 1) / 2.0;
      const double v = y - (unit.height_px - 1) / 2.0;
      const double px = placement.centre_x_px + c * u + s * v;
      const double py = placement.centre_y_px + c * v - s * u;
      double dark = (kWhite - sample(picture, px, py)) * surface.contrast;
      if (px >= 0 && py >= 0 && px < picture.width_px && py < picture.height_px) {
        if (dry.holds(static_cast<int>(px), static_cast<int>(py))) dark *= kApart;
        dark += surface.water * std::max(0.0, kWater - dark);
      }
      if (dirty.holds(x, y)) dark *= kApart;
      out.at(x, y) = static_cast<std::uint8_t>(std::clamp(kWhite - dark + 0.5, 0.0, 255.0));
    }
  }
  return out;
}

GreyImage capture(const SensorUnit& unit, const GreyImage& picture, const Placement& placement, const Surface& surface,
                  const Frame& frame) {
  GreyImage out = lay(unit, picture, placement, surface);
  read_out(unit, frame, out);
  return out;
}

}  // namespace touchstone::prints
