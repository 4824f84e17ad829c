#include "prints/impression.h"

#include <algorithm>
#include <cmath>

#include "prints/noise_field.h"
#include "prints/noise_rows.h"
#include "prints/portable_math.h"
#include "prints/ridge_map.h"

namespace touchstone::prints {
namespace {

// What varies slowly is worked out at nodes and joined linearly between.
constexpr int kStep_px = 8;

enum Channel : std::size_t {
  kX,         // on the finger
  kY,
  kInside,    // > 0 within the contact
  kLevel,     // height above which the skin touches
  kFray,      // gain of the grain
  kWater,     // darkness of the valleys
  kStrength,  // darkness of the ridges
  kGround,    // grey where nothing is dark
  kGhost,     // darkness of an older print
  kChannels
};

struct Nodes {
  int columns, rows;
  std::vector<std::array<float, kChannels>> at;
};

// 1 in the middle, 0 on the rim of the contact; a rounded rectangle rather than an ellipse.
double contact_shape(double u, double v) {
  const double uu = u * u;
  const double vv = v * v;
  return 1 - uu * std::sqrt(u < 0 ? -u : u) - vv * std::sqrt(v < 0 ? -v : v);
}

Nodes make_nodes(const Finger& finger, const Conditions& c, const SensorUnit& unit, const Mapping& mapping) {
  const SeedTree touch(c.touch_seed);
  const SkinType& skin = finger.skin();
  const int w = unit.width_px + 2 * kStep_px;
  const int h = unit.height_px + 2 * kStep_px;
  // Patches of the skin itself stay with the finger; the others come with the touch.
  const NoiseField skin_patches(SeedTree(finger.identity()).stream("patches"), Finger::kWidth_px,
                                         Finger::kHeight_px, 34);
  const NoiseField patches(touch.stream("patches"), w, h, 26);
  const NoiseField wide(touch.stream("wide"), w, h, 90);
  const NoiseField edge(touch.stream("edge"), w, h, 17);
  const NoiseField ground(touch.stream("ground"), w, h, 120);
  const NoiseField ghosts(touch.stream("ghosts"), w, h, 60);
  const double half_width = skin.half_width_px * c.contact * c.slimness * (0.95 + 0.1 * c.pressure);
  const double half_height = skin.half_height_px * c.contact * (0.95 + 0.1 * c.pressure);
  const double tilt_x = cosine(c.tilt_side);
  const double tilt_y = sine(c.tilt_side);
  const double side_x = cosine(c.partial_side);
  const double side_y = sine(c.partial_side);
  const double dry = std::max(0.0, -c.moisture);
  const double wet = std::max(0.0, c.moisture);

  Nodes out{unit.width_px / kStep_px + 2, unit.height_px / kStep_px + 2, {}};
  out.at.reserve(static_cast<std::size_t>(out.columns * out.rows));
  for (int j = 0; j < out.rows; ++j) {
    for (int i = 0; i < out.columns; ++i) {
      const double x = i * kStep_px;
      const double y = j * kStep_px;
      const Point on = mapping.to_finger({x, y});
      const double u = (on.x - kCentreX_px - c.roll_x_px) / half_width;
      const double v = (on.y - kCentreY_px - c.roll_y_px) / half_height;
      double inside = contact_shape(u, v);
      if (c.partial > 0) inside = std::min(inside, 1.3 * (1 - 2 * c.partial - (u * side_x + v * side_y)));
      inside += 0.10 * edge.at(x, y);
      const double patch = 0.5 * skin_patches.at(on.x, on.y) + 0.7 * patches.at(x, y);
      const double rim = 1 - smooth_step(0, 0.4, inside);
      const double press = c.pressure - 0.5 + c.tilt * (u * tilt_x + v * tilt_y) + 0.25 * wide.at(x, y) * c.patches;
      const double level = -0.9 * press + 0.55 * dry - 0.25 * wet + (0.6 + 0.5 * dry) * c.patches * patch + 0.35 * rim;
      const double flood = 1.3 * wet + 0.9 * std::max(0.0, press) - 0.45 + (0.5 * wet + 0.5 * c.patches) * patch;
      const double on_skin = smooth_step(-0.02, 0.12, inside);
      std::array<float, kChannels> node;
      node[kX] = static_cast<float>(on.x);
      node[kY] = static_cast<float>(on.y);
      node[kInside] = static_cast<float>(inside);
      node[kLevel] = static_cast<float>(level);
      node[kFray] = static_cast<float>(c.grain * (1 + 0.8 * dry + 0.5 * patch) + 0.5 * c.grain * rim);
      node[kWater] = static_cast<float>(0.93 * smooth_step(0, 1.1, flood) * on_skin);
      node[kStrength] =
          static_cast<float>(std::clamp(1 - 0.30 * dry - 0.30 * rim + 0.25 * press - 0.15 * patch * c.patches, 0.25, 1.0));
      const double smear = c.smear * (22 * ground.at(x, y) + 10 * wide.at(x, y));
      node[kGround] = static_cast<float>(c.ground_grey + (c.valley_grey - c.ground_grey) * on_skin + smear);
      node[kGhost] = static_cast<float>(0.35 * c.latent * smooth_step(-0.2, 0.7, ghosts.at(x, y)));
      out.at.push_back(node);
    }
  }
  return out;
}

// One row of a channel over the whole width.
void spread_row(const Nodes& nodes, Channel channel, int y, int width, float* out) {
  const std::size_t first = static_cast<std::size_t>(y / kStep_px * nodes.columns);
  const auto below = first + static_cast<std::size_t>(nodes.columns);
  const float ty = static_cast<float>(y % kStep_px) * (1.0F / kStep_px);
  const auto at = [&](std::size_t i) {
    const float a = nodes.at[first + i][channel];
    return a + (nodes.at[below + i][channel] - a) * ty;
  };
  float left = at(0);
  for (int x = 0; x < width; x += kStep_px) {
    const float right = at(static_cast<std::size_t>(x / kStep_px) + 1);
    const float step = (right - left) * (1.0F / kStep_px);
    const int count = std::min(kStep_px, width - x);
    for (int k = 0; k < count; ++k) out[x + k] = left + step * static_cast<float>(k);
    left = right;
  }
}

// Height of the skin between samples of the master, 1 = ridge; the bottom of a valley outside.
inline float height_at(const GreyImage& master, float x, float y) {
  constexpr float kScale = 1.0F / 90;
  if (!(x >= 0 && y >= 0 && x < Finger::kWidth_px - 1 && y < Finger::kHeight_px - 1)) return -1.2F;
  const int ix = static_cast<int>(x);
  const int iy = static_cast<int>(y);
  const float tx = x - static_cast<float>(ix);
  const float ty = y - static_cast<float>(iy);
  const std::uint8_t* p = &master.pixels[static_cast<std::size_t>(iy * Finger::kWidth_px + ix)];
  const std::uint8_t* q = p + Finger::kWidth_px;
  const float top = static_cast<float>(p[0]) + static_cast<float>(p[1] - p[0]) * tx;
  const float bottom = static_cast<float>(q[0]) + static_cast<float>(q[1] - q[0]) * tx;
  return (128 - (top + (bottom - top) * ty)) * kScale;
}

// Thin lines without contact (hairs, scratches of the glass) as 1 on a picture of zeros.
std::vector<float> draw_scratches(const Conditions& c, const SensorUnit& unit) {
  std::vector<float> out;
  if (c.scratches == 0) return out;
  out.resize(static_cast<std::size_t>(unit.width_px * unit.height_px), 0.0F);
  Random random = SeedTree(c.touch_seed).stream("scratches");
  for (int i = 0; i < c.scratches; ++i) {
    double x = random.uniform(0, unit.width_px);
    double y = random.uniform(0, unit.height_px);
    double angle = random.uniform(0, 2 * kPi);
    const double turn = random.uniform(-0.01, 0.01);
    const double length = random.uniform(15, 120);
    const double half_width = random.uniform(0.2, 1.2);
    for (double along = 0; along < length; along += 0.7) {
      for (int iy = static_cast<int>(y) - 2; iy <= static_cast<int>(y) + 3; ++iy) {
        for (int ix = static_cast<int>(x) - 2; ix <= static_cast<int>(x) + 3; ++ix) {
          if (ix < 0 || iy < 0 || ix >= unit.width_px || iy >= unit.height_px) continue;
          const double squared = (ix - x) * (ix - x) + (iy - y) * (iy - y);
          const double depth = std::clamp(1 + half_width - std::sqrt(squared), 0.0, 1.0);
          float& to = out[static_cast<std::size_t>(iy * unit.width_px + ix)];
          to = std::max(to, static_cast<float>(depth));
        }
      }
      x += 0.7 * cosine(angle);
      y += 0.7 * sine(angle);
      angle += turn;
    }
  }
  return out;
}

GreyImage render(const Finger& finger, const Conditions& c, const SensorUnit& unit, const Mapping& mapping, GreyImage* contact) {
  const int width = unit.width_px;
  const int height = unit.height_px;
  const SeedTree touch(c.touch_seed);
  const Nodes nodes = make_nodes(finger, c, unit, mapping);
  const std::vector<float> scratches = draw_scratches(c, unit);
  NoiseRows fine(touch.stream("grain/fine"), width, height, 1.7F);
  NoiseRows coarse(touch.stream("grain/coarse"), width, height, 4.3F);
  Random older = touch.stream("older print");
  const auto ghost_x = static_cast<float>(older.uniform(-70, 70));
  const auto ghost_y = static_cast<float>(older.uniform(-90, 90));
  const float soft = 0.5F / static_cast<float>(c.softness);
  const auto ridge_grey = static_cast<float>(c.ridge_grey);

  GreyImage out(width, height);
  if (contact != nullptr) *contact = GreyImage(width, height, 0);
  const auto count = static_cast<std::size_t>(width);
  std::array<std::vector<float>, kChannels> rows;
  for (auto& row : rows) row.resize(count);
  std::vector<float> skin(count), ghost(count), a(count), b(count);
  for (int y = 0; y < height; ++y) {
    bool empty = true;
    const std::size_t first = static_cast<std::size_t>(y / kStep_px * nodes.columns);
    for (std::size_t i = 0; i < 2 * static_cast<std::size_t>(nodes.columns) && empty; ++i)
      empty = nodes.at[first + i][kInside] < -0.2F;
    std::uint8_t* to = &out.at(0, y);
    spread_row(nodes, kGround, y, width, rows[kGround].data());
    const bool ghosts = c.latent > 0;
    if (empty && !ghosts) {
      for (std::size_t x = 0; x < count; ++x)
        to[x] = static_cast<std::uint8_t>(std::clamp(rows[kGround][x] + 0.5F, 0.0F, 255.0F));
      continue;
    }
    for (const Channel channel : {kX, kY, kInside, kLevel, kFray, kWater, kStrength}) {
      spread_row(nodes, channel, y, width, rows[channel].data());
    }
    fine.row(y, a.data());
    coarse.row(y, b.data());
    for (std::size_t x = 0; x < count; ++x) {
      skin[x] = rows[kInside][x] < -0.2F ? -1.2F : height_at(finger.master(), rows[kX][x], rows[kY][x]);
    }
    if (ghosts) {
      spread_row(nodes, kGhost, y, width, rows[kGhost].data());
      for (std::size_t x = 0; x < count; ++x) {
        ghost[x] = rows[kGhost][x] > 0.01F
                       ? rows[kGhost][x] *
                             std::clamp(0.5F + height_at(finger.master(), rows[kX][x] + ghost_x, rows[kY][x] + ghost_y),
                                        0.0F, 1.0F)
                       : 0.0F;
      }
    }
    if (contact != nullptr) {
      for (std::size_t x = 0; x < count; ++x)
        contact->at(static_cast<int>(x), y) = rows[kInside][x] + 0.05F * b[x] > 0.02F ? 255 : 0;
    }
    const float* inside = rows[kInside].data();
    const float* level = rows[kLevel].data();
    const float* fray = rows[kFray].data();
    const float* water = rows[kWater].data();
    const float* strength = rows[kStrength].data();
    const float* ground = rows[kGround].data();
    const float* scratch = scratches.empty() ? nullptr : &scratches[static_cast<std::size_t>(y * width)];
    for (std::size_t x = 0; x < count; ++x) {
      const float grain = fray[x] * (0.7F * a[x] + 0.6F * b[x]);
      float t = (skin[x] - level[x] + grain) * soft + 0.5F;
      t = t < 0 ? 0 : t > 1 ? 1 : t;
      const float ink = t * t * (3 - 2 * t);
      float rim = (inside[x] + 0.05F * b[x]) * 12;
      rim = rim < 0 ? 0 : rim > 1 ? 1 : rim;
      float dark = ink + (1 - ink) * water[x];
      dark = dark * rim * strength[x];
      skin[x] = dark;
    }
    if (scratch != nullptr) {
      for (std::size_t x = 0; x < count; ++x) skin[x] = skin[x] * (1 - scratch[x]);
    }
    if (ghosts) {
      for (std::size_t x = 0; x < count; ++x) skin[x] = skin[x] + (1 - skin[x]) * ghost[x];
    }
    for (std::size_t x = 0; x < count; ++x) {
      const float grey = ground[x] - (ground[x] - ridge_grey) * skin[x] + 0.5F;
      to[x] = static_cast<std::uint8_t>(grey < 0 ? 0 : grey > 255 ? 255 : grey);
    }
  }
  return out;
}

// The part's frame of this touch.
Frame frame_of(const Conditions& c, const GreyImage* previous) {
  return {SeedTree(c.touch_seed).child("frame").seed(), c.residue, previous};
}

Conditions draw_touch(const Finger& finger, SensorKind kind, SeedTree touch, SeedTree day, const Population& population) {
  const TouchSpread& spread = population.touch(kind);
  const SkinType& skin = finger.skin();
  Random habit = SeedTree(finger.identity()).stream("habit");
  const double habit_x = habit.normal();
  const double habit_y = habit.normal();
  const double habit_turn = habit.normal();
  Random session = day.stream("session");
  const double session_x = session.normal();
  const double session_y = session.normal();
  const double session_turn = session.normal();
  const double session_moisture = session.normal();
  const double session_pressure = session.normal();
  Random random = touch.stream("conditions");
  Conditions c;
  // A finger slides along itself rather than across.
  c.dx_px = spread.dx_px.draw(random) + spread.habit_px * habit_x + 0.5 * spread.session_px * session_x;
  c.dy_px = spread.dy_px.draw(random) + spread.habit_px * habit_y + spread.session_px * session_y;
  c.turn_deg = spread.turn_deg.draw(random) + spread.habit_deg * habit_turn + spread.session_deg * session_turn;
  const bool turned = random.uniform() < spread.turned_share;
  const double turned_deg = spread.turned_deg.draw(random);
  c.turn_deg += turned ? turned_deg : 0;
  const bool moved = random.uniform() < spread.moved_share;
  const double moved_x = spread.moved_px.draw(random);
  const double moved_y = spread.moved_px.draw(random);
  c.dx_px += moved ? 0.5 * moved_x : 0;
  c.dy_px += moved ? moved_y : 0;
  c.roll_x_px = spread.roll_x_px.draw(random);
  c.roll_y_px = spread.roll_y_px.draw(random) - 0.7 * spread.session_px * session_y;
  const double push = spread.push_px.draw(random);
  const double push_side = random.uniform(0, 2 * kPi);
  c.push_x_px = push * cosine(push_side);
  c.push_y_px = push * sine(push_side);
  c.twist_deg = spread.twist_deg.draw(random);
  c.sway_px = spread.sway_px.draw(random);
  c.stretch = spread.stretch.draw(random);
  c.pressure = std::clamp(spread.pressure.draw(random) + spread.session_pressure * session_pressure, 0.0, 1.0);
  c.tilt = spread.tilt.draw(random);
  c.tilt_side = random.uniform(0, 2 * kPi);
  c.moisture =
      std::clamp(skin.moisture + spread.moisture.draw(random) + spread.session_moisture * session_moisture, -1.0, 1.0);
  c.contact = spread.contact.draw(random);
  c.slimness = spread.slimness.draw(random);
  const bool cut = random.uniform() < spread.partial_share;
  const double partial = spread.partial.draw(random);
  c.partial = cut ? partial : 0;
  c.partial_side = random.uniform(0, 2 * kPi);
  c.patches = spread.patches.draw(random);
  c.grain = spread.grain.draw(random);
  c.softness = spread.softness.draw(random);
  c.scratches = static_cast<int>(spread.scratches.draw(random) + 0.5);
  c.latent = spread.latent.draw(random);
  c.smear = spread.smear.draw(random);
  c.residue = spread.residue.draw(random);
  c.ridge_grey = spread.ridge_grey.draw(random);
  c.valley_grey = spread.valley_grey.draw(random);
  c.ground_grey = spread.ground_grey.draw(random);
  c.touch_seed = touch.child("touch").seed();
  return c;
}

}  // namespace

Conditions Conditions::draw(const Finger& finger, SensorKind kind, SeedTree touch, const Population& population) {
  return draw_touch(finger, kind, touch, touch, population);
}

Conditions Conditions::of_touch(const Finger& finger, SensorKind kind, std::uint64_t index, const Population& population) {
  const SeedTree tree(finger.identity());
  return draw_touch(finger, kind, tree.child("touch").child(index), tree.child("day").child(index / kTouchesADay),
                    population);
}

Conditions Conditions::usual(const Finger& finger, SensorKind kind, const Population& population) {
  const TouchSpread& spread = population.touch(kind);
  Random habit = SeedTree(finger.identity()).stream("habit");
  Conditions c;
  c.dx_px = spread.dx_px.mean + spread.habit_px * habit.normal();
  c.dy_px = spread.dy_px.mean + spread.habit_px * habit.normal();
  c.turn_deg = spread.turn_deg.mean + spread.habit_deg * habit.normal();
  c.roll_x_px = spread.roll_x_px.mean;
  c.roll_y_px = spread.roll_y_px.mean;
  c.twist_deg = spread.twist_deg.mean;
  c.sway_px = spread.sway_px.mean;
  c.stretch = spread.stretch.mean;
  c.pressure = spread.pressure.mean;
  c.tilt = spread.tilt.mean;
  c.moisture = std::clamp(finger.skin().moisture + spread.moisture.mean, -1.0, 1.0);
  c.contact = spread.contact.mean;
  c.slimness = spread.slimness.mean;
  c.patches = spread.patches.mean;
  c.grain = spread.grain.mean;
  c.softness = spread.softness.mean;
  c.scratches = static_cast<int>(spread.scratches.mean + 0.5);
  c.latent = spread.latent.mean;
  c.smear = spread.smear.mean;
  c.residue = spread.residue.mean;
  c.ridge_grey = spread.ridge_grey.mean;
  c.valley_grey = spread.valley_grey.mean;
  c.ground_grey = spread.ground_grey.mean;
  return c;
}

Conditions Conditions::nearer(const Conditions& usual, double share) const {
  Conditions c = *this;
  for (double Conditions::* const measure :
       {&Conditions::dx_px, &Conditions::dy_px, &Conditions::turn_deg, &Conditions::push_x_px, &Conditions::push_y_px,
        &Conditions::twist_deg, &Conditions::sway_px, &Conditions::stretch, &Conditions::tilt, &Conditions::pressure,
        &Conditions::moisture, &Conditions::roll_x_px, &Conditions::roll_y_px, &Conditions::contact, &Conditions::slimness,
        &Conditions::partial, &Conditions::patches, &Conditions::grain, &Conditions::softness, &Conditions::latent,
        &Conditions::smear, &Conditions::residue, &Conditions::ridge_grey, &Conditions::valley_grey, &Conditions::ground_grey}) {
    c.*measure = usual.*measure + share * (this->*measure - usual.*measure);
  }
  c.scratches = static_cast<int>(usual.scratches + share * (scratches - usual.scratches) + 0.5);
  return c;
}

Impression impress(const Finger& finger, const Conditions& conditions, const SensorUnit& unit, const GreyImage* previous) {
  Impression out;
  out.mapping = Mapping(conditions, finger.skin(), unit);
  out.image = render(finger, conditions, unit, out.mapping, &out.contact);
  read_out(unit, frame_of(conditions, previous), out.image);
  for (const Minutia& m : finger.minutiae()) {
    const Point at = out.mapping.to_image({m.x, m.y});
    const int x = static_cast<int>(at.x + 0.5);
    const int y = static_cast<int>(at.y + 0.5);
    if (at.x < 0 || at.y < 0 || out.contact.at_or(x, y, 0) == 0) continue;
    out.minutiae.push_back({at.x, at.y, out.mapping.direction_to_image({m.x, m.y}, m.direction), m.type});
  }
  out.identity = finger.identity();
  out.pattern = finger.pattern();
  out.conditions = conditions;
  out.unit = unit;
  return out;
}

GreyImage lay(const Finger& finger, const Conditions& conditions, const SensorUnit& unit) {
  return render(finger, conditions, unit, Mapping(conditions, finger.skin(), unit), nullptr);
}

GreyImage picture(const Finger& finger, const Conditions& conditions, const SensorUnit& unit, const GreyImage* previous) {
  GreyImage out = lay(finger, conditions, unit);
  read_out(unit, frame_of(conditions, previous), out);
  return out;
}

}  // namespace touchstone::prints
