#include <algorithm>
#include <cmath>

#include "fingers/finger.h"
#include "fingers/ridge_map.h"

namespace touchstone::fingers {
namespace {

constexpr double kContactHalfWidth_px = 150;
constexpr double kContactHalfHeight_px = 190;

// The skin sticks to the glass where it is pressed hardest and slides, turned and pushed, further out: the shape of
// Cappelli, Maio and Maltoni's distortion model (2001), with a smooth step for the transition.
class Skin {
 public:
  Skin(Random random, double peak_px) {
    const double angle = random.uniform(0, 2 * kPi);
    push_x_ = 0.7 * peak_px * cosine(angle);
    push_y_ = 0.7 * peak_px * sine(angle);
    twist_ = peak_px / kContactHalfHeight_px * random.uniform(-1, 1);
    centre_x_ = random.uniform(-30, 30);
    centre_y_ = random.uniform(-30, 30);
  }
  void move(double& x, double& y) const {
    const double dx = x - centre_x_;
    const double dy = y - centre_y_;
    const double slip = smooth_step(40, 200, std::sqrt(dx * dx + dy * dy));
    x += slip * (push_x_ - twist_ * dy);
    y += slip * (push_y_ + twist_ * dx);
  }

 private:
  double push_x_, push_y_, twist_, centre_x_, centre_y_;
};

struct Scratch {
  double x, y, along_x, along_y, half_length, half_width;
  // 1 on the scratch, falling to 0 beside it.
  double depth(double px, double py) const {
    const double dx = px - x;
    const double dy = py - y;
    const double along = dx * along_x + dy * along_y;
    const double across = dx * along_y - dy * along_x;
    const double distance = across < 0 ? -across : across;
    if (along > half_length || -along > half_length) return 0;
    return 1 - smooth_step(half_width, half_width + 1.2, distance);
  }
};

double sample(const GreyImage& image, double x, double y) {
  const int ix = static_cast<int>(floor_exact(x));
  const int iy = static_cast<int>(floor_exact(y));
  const double tx = x - ix;
  const double ty = y - iy;
  const double top = image.at_or(ix, iy, 255) * (1 - tx) + image.at_or(ix + 1, iy, 255) * tx;
  const double bottom = image.at_or(ix, iy + 1, 255) * (1 - tx) + image.at_or(ix + 1, iy + 1, 255) * tx;
  return top * (1 - ty) + bottom * ty;
}

}  // namespace

Conditions Conditions::draw(SeedTree touch, double spread) {
  Random random = touch.stream("conditions");
  Conditions c;
  c.dx_px = spread * 12 * random.normal();
  c.dy_px = spread * 12 * random.normal();
  c.rotation_deg = spread * 6 * random.normal();
  c.pressure = std::clamp(0.5 + spread * 0.16 * random.normal(), 0.0, 1.0);
  c.distortion_px = spread * random.uniform(0, 9);
  c.contact = std::clamp(0.90 + spread * 0.12 * random.normal(), 0.55, 1.15);
  c.slimness = std::clamp(0.90 + spread * 0.10 * random.normal(), 0.65, 1.1);
  c.noise = std::clamp(0.25 + spread * random.uniform(0, 0.45), 0.0, 1.0);
  c.scratches = static_cast<int>(spread * random.uniform(0, 3.5));
  c.touch_seed = touch.child("touch").seed();
  return c;
}

GreyImage impression(const Finger& finger, const Conditions& conditions, int width_px, int height_px) {
  const SeedTree touch(conditions.touch_seed);
  const double turn = conditions.rotation_deg * kPi / 180;
  const double cos_turn = cosine(turn);
  const double sin_turn = sine(turn);
  const Skin skin(touch.stream("skin"), conditions.distortion_px);
  const NoiseField patches(touch.stream("patches"), width_px, height_px, 26);
  const NoiseField grain(touch.stream("grain"), width_px, height_px, 4.5);
  const NoiseField pores(touch.stream("pores"), width_px, height_px, 2.0);
  const NoiseField edge(touch.stream("edge"), width_px, height_px, 14);
  Random random = touch.stream("placement");
  const double contact_dx = 14 * random.normal();
  const double contact_dy = 14 * random.normal();
  const double half_width = kContactHalfWidth_px * conditions.contact * conditions.slimness * (0.94 + 0.12 * conditions.pressure);
  const double half_height = kContactHalfHeight_px * conditions.contact * (0.94 + 0.12 * conditions.pressure);

  std::vector<Scratch> scratches;
  for (int i = 0; i < conditions.scratches; ++i) {
    const double angle = random.uniform(0, kPi);
    scratches.push_back({random.uniform(-110, 110), random.uniform(-130, 130), cosine(angle), sine(angle),
                         random.uniform(15, 70), random.uniform(0.3, 1.3)});
  }

  GreyImage out(width_px, height_px);
  Random sensor = touch.stream("sensor");
  const double dryness = conditions.noise;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const double electronic = 3.0 * (sensor.uniform() + sensor.uniform() - 1.0);
      const double rx = x - width_px / 2.0 - conditions.dx_px;
      const double ry = y - height_px / 2.0 - conditions.dy_px;
      // From the sensor back to the finger. Rows grow downwards, so a counter-clockwise turn has this sign.
      double fx = cos_turn * rx - sin_turn * ry;
      double fy = sin_turn * rx + cos_turn * ry;
      const double u = (fx - contact_dx) / half_width;
      const double v = (fy - contact_dy) / half_height;
      const double inside = 1 - (u * u + v * v) + 0.10 * edge.at(x, y);
      double white = 1;
      if (inside > -0.02) {
        double depth = 0;
        for (const Scratch& s : scratches) depth = std::max(depth, s.depth(fx, fy));
        skin.move(fx, fy);
        const double wave = (128 - sample(finger.master(), fx + Finger::kSize_px / 2.0, fy + Finger::kSize_px / 2.0)) / 96;
        // Ridge where the wave exceeds a level; pressure lowers it, dry patches raise it, grain frays the border.
        const double level = 0.9 * (0.5 - conditions.pressure) + dryness * (0.55 * patches.at(x, y) + 0.75 * grain.at(x, y)) +
                             0.25 * dryness;
        double ridge = smooth_step(-0.45, 0.45, wave - level);
        ridge *= 1 - 0.6 * dryness * smooth_step(0.45, 0.9, pores.at(x, y)) - 0.25 * dryness * (1 + pores.at(x, y));
        ridge = std::max(0.0, ridge) * (1 - depth) * smooth_step(-0.02, 0.10, inside);
        white = 1 - ridge;
      }
      const double grey = 40 + 205 * white + electronic;
      out.at(x, y) = static_cast<std::uint8_t>(std::clamp(grey, 0.0, 255.0));
    }
  }
  return out;
}

}  // namespace touchstone::fingers
