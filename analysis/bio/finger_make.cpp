#include "bio/finger_make.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <thread>

#include "bio/bad_input.h"
#include "bio/revision.h"
#include "prints/impression.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kUsage =
    "usage: touchstone finger make --out DIR [--fingers N] [--impressions M] [--first F] [--seed S]\n"
    "                              [--sensor full|card|WxH@DPI] [--sheet FILE.png] [--threads N]\n";

template <typename Number>
bool parse(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

// The array of "WxH@DPI"; nothing when it is not that.
std::optional<prints::SensorUnit> parse_array(std::string_view text) {
  const std::size_t x = text.find('x');
  const std::size_t at = text.find('@');
  prints::SensorUnit unit = prints::SensorUnit::nominal(prints::SensorKind::kCard);
  int dpi = 0;
  if (x == std::string_view::npos || at == std::string_view::npos || x > at || !parse(text.substr(0, x), unit.width_px) ||
      !parse(text.substr(x + 1, at - x - 1), unit.height_px) || !parse(text.substr(at + 1), dpi)) {
    return std::nullopt;
  }
  unit.dpi = dpi;
  const auto side = [](int px) { return px >= 32 && px <= 2048; };
  if (!side(unit.width_px) || !side(unit.height_px) || dpi < 250 || dpi > 1000) return std::nullopt;
  return unit;
}

struct Sensor {
  prints::SensorKind kind;
  prints::SensorUnit unit;
  double nominal_dpi;
};

Sensor sensor_of(const std::string& choice, SeedTree finger) {
  using prints::SensorKind;
  using prints::SensorUnit;
  const SensorKind kind = choice == "full" ? prints::draw_kind(finger) : SensorKind::kCard;
  Sensor out{kind, SensorUnit::draw(kind, finger.child("unit")), SensorUnit::nominal(kind).dpi};
  if (const auto array = parse_array(choice)) {
    out.unit.width_px = array->width_px;
    out.unit.height_px = array->height_px;
    out.unit.dpi *= array->dpi / out.nominal_dpi;
    out.nominal_dpi = array->dpi;
  }
  return out;
}

double rounded(double v, double step = 0.001) { return std::round(v / step) * step; }

Json describe(const prints::Finger& finger, const prints::Impression& i, int number, int touch, double nominal_dpi,
              std::uint64_t seed) {
  const prints::Conditions& c = i.conditions;
  const prints::SensorUnit& u = i.unit;
  Json minutiae = Json::array();
  for (const prints::Minutia& m : i.minutiae) {
    minutiae.push_back({rounded(m.x), rounded(m.y), rounded(m.direction),
                        m.type == prints::Minutia::Type::kEnding ? "ending" : "bifurcation"});
  }
  // On a grid: ridges (null without contact), and where on the finger a point of the picture lies.
  constexpr int kStep_px = 16;
  Json orientation = Json::array(), period = Json::array(), on_finger = Json::array();
  int columns = 0, rows = 0;
  for (int y = kStep_px / 2; y < u.height_px; y += kStep_px, ++rows) {
    columns = 0;
    for (int x = kStep_px / 2; x < u.width_px; x += kStep_px, ++columns) {
      const prints::Point at{static_cast<double>(x), static_cast<double>(y)};
      const prints::Point there = i.mapping.to_finger(at);
      on_finger.push_back({rounded(there.x, 0.01), rounded(there.y, 0.01)});
      const bool touched = i.contact.at(x, y) != 0;
      orientation.push_back(touched ? Json(rounded(orientation_at(finger, i.mapping, at))) : Json(nullptr));
      period.push_back(touched ? Json(rounded(period_at(finger, i.mapping, at), 0.01)) : Json(nullptr));
    }
  }
  double contact = 0;
  for (const std::uint8_t v : i.contact.pixels) contact += v != 0 ? 1 : 0;
  Json points = Json::array();
  for (const prints::SingularPoint& p : finger.singular_points()) {
    const prints::Point at = i.mapping.to_image({p.x, p.y});
    points.push_back({{"x", rounded(at.x)}, {"y", rounded(at.y)}, {"index", p.index}});
  }
  return {{"version", 1},
          {"finger", number},
          {"impression", touch},
          {"identity", {{"seed", seed}, {"class", to_string(i.pattern)}}},
          {"sensor",
           {{"kind", to_string(u.kind)},
            {"width_px", u.width_px},
            {"height_px", u.height_px},
            {"nominal_dpi", nominal_dpi},
            {"dpi", u.dpi},
            {"gain", u.gain},
            {"offset", u.offset},
            {"noise", u.noise},
            {"fixed_pattern", u.fixed_pattern},
            {"stripes", u.stripes},
            {"seed", u.seed}}},
          {"conditions",
           {{"pressure", c.pressure},
            {"moisture", c.moisture},
            {"contact", c.contact},
            {"slimness", c.slimness},
            {"partial", c.partial},
            {"patches", c.patches},
            {"grain", c.grain},
            {"softness", c.softness},
            {"scratches", c.scratches},
            {"latent", c.latent},
            {"smear", c.smear},
            {"tilt", c.tilt}}},
          {"transform",
           {{"dx_px", c.dx_px},
            {"dy_px", c.dy_px},
            {"turn_deg", c.turn_deg},
            {"roll_x_px", c.roll_x_px},
            {"roll_y_px", c.roll_y_px},
            {"push_x_px", c.push_x_px},
            {"push_y_px", c.push_y_px},
            {"twist_deg", c.twist_deg},
            {"sway_px", c.sway_px},
            {"stretch", c.stretch}}},
          {"contact_share", rounded(contact / static_cast<double>(i.contact.pixels.size()))},
          {"minutiae_columns", {"x", "y", "direction", "type"}},
          {"minutiae", minutiae},
          {"singular_points", points},
          {"grid",
           {{"first_px", kStep_px / 2},
            {"step_px", kStep_px},
            {"columns", columns},
            {"rows", rows},
            {"orientation", orientation},
            {"period_px", period},
            {"on_finger_px", on_finger}}}};
}

// Both appear whole or not at all; a draft that a killed run left is overwritten and never read (names with a dot).
void put(const fs::path& path, const std::string& text) {
  const fs::path draft = path.parent_path() / ("." + path.filename().string());
  std::ofstream file(draft, std::ios::binary);
  file << text;
  file.close();
  std::error_code error;
  if (file) fs::rename(draft, path, error);
  if (!file || error) throw BadInput(path.string() + ": cannot be written");
}
void put(const fs::path& path, const GreyImage& image, double dpi) {
  const fs::path draft = path.parent_path() / ("." + path.filename().string());
  if (ImageError failed = write_png(draft, image, dpi); !failed.message.empty()) throw BadInput(failed.message);
  std::error_code error;
  fs::rename(draft, path, error);
  if (error) throw BadInput(path.string() + ": cannot be written");
}

// A folder of another seed, sensor or generator must not be filled up; one of these is.
void check_manifest(const fs::path& path, const Json& mine) {
  std::ifstream in(path);
  if (!in) return;
  const Json there = Json::parse(in, nullptr, false);
  for (const char* key : {"version", "generator", "population_sha256", "seed", "sensor"}) {
    if (!there.is_object() || !there.contains(key) || there[key] != mine[key]) {
      throw BadInput(path.string() + ": the folder holds fingers of another " + key + "; choose another --out");
    }
  }
}

class Progress {
 public:
  explicit Progress(int all) : all_(all), shows_(isatty(2) != 0) {}
  void step(int done) {
    if (!shows_) return;
    const std::lock_guard lock(mutex_);
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    if (s - shown_ < 0.5 && done != all_) return;
    shown_ = s;
    const double rate = done / std::max(s, 1e-3);
    std::fprintf(stderr, "\r%d of %d pictures, %.0f/s, %.0f s left   %s", done, all_, rate,
                 (all_ - done) / std::max(rate, 1e-3), done == all_ ? "\n" : "");
  }

 private:
  int all_;
  bool shows_;
  double shown_ = 0;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::string name_of(int finger, int impression) { return std::to_string(finger) + "_" + std::to_string(impression); }

void write_sheet(const FingerMakeOptions& options) {
  constexpr int kCell_px = 200, kGap_px = 4, kMost = 10;
  const int columns = std::min(options.impressions, kMost);
  const int rows = std::min(options.fingers, kMost);
  GreyImage sheet(columns * (kCell_px + kGap_px) + kGap_px, rows * (kCell_px + kGap_px) + kGap_px, 128);
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < columns; ++k) {
      GreyImage image;
      const fs::path path = options.out / "png" / (name_of(options.first + r, k + 1) + ".png");
      if (ImageError failed = read_png(path, image); !failed.message.empty()) throw BadInput(failed.message);
      const int factor = std::max(1, (std::max(image.width_px, image.height_px) + kCell_px - 1) / kCell_px);
      GreyImage small(image.width_px / factor, image.height_px / factor);
      for (int y = 0; y < small.height_px; ++y) {
        for (int x = 0; x < small.width_px; ++x) {
          int sum = 0;
          for (int v = 0; v < factor; ++v) {
            for (int u = 0; u < factor; ++u) sum += image.at(x * factor + u, y * factor + v);
          }
          small.at(x, y) = static_cast<std::uint8_t>(sum / (factor * factor));
        }
      }
      paste(sheet, small, kGap_px + k * (kCell_px + kGap_px) + (kCell_px - small.width_px) / 2,
            kGap_px + r * (kCell_px + kGap_px) + (kCell_px - small.height_px) / 2);
    }
  }
  if (ImageError failed = write_png(options.sheet, sheet); !failed.message.empty()) throw BadInput(failed.message);
}

}  // namespace

void make_fingers(const FingerMakeOptions& options) {
  const fs::path manifest = options.out / "manifest.json";
  Json facts = {{"version", 1},
                {"made_by", "touchstone finger make"},
                {"generator", prints::kGenerator},
                {"population_sha256", prints::population_hash()},
                {"git_revision", kGitRevision},
                {"seed", options.seed},
                {"sensor", options.sensor},
                {"first", options.first},
                {"fingers", options.fingers},
                {"impressions", options.impressions}};
  std::error_code error;
  fs::create_directories(options.out / "png", error);
  if (!error) fs::create_directories(options.out / "truth", error);
  if (error) throw BadInput(options.out.string() + ": " + error.message());
  check_manifest(manifest, facts);
  put(manifest, facts.dump(2) + "\n");

  Progress progress(options.fingers * options.impressions);
  std::atomic<int> next = 0, done = 0;
  std::mutex mutex;
  std::string failure;
  const auto work = [&] {
    for (int f = next++; f < options.fingers; f = next++) {
      const int number = options.first + f;
      const SeedTree tree = SeedTree(options.seed).child(static_cast<std::uint64_t>(number));
      std::optional<prints::Finger> finger;
      for (int touch = 1; touch <= options.impressions; ++touch) {
        const fs::path png = options.out / "png" / (name_of(number, touch) + ".png");
        const fs::path truth = options.out / "truth" / (name_of(number, touch) + ".json");
        {
          const std::lock_guard lock(mutex);
          if (!failure.empty()) return;
        }
        try {
          std::error_code ignored;
          if (!fs::exists(png, ignored) || !fs::exists(truth, ignored)) {
            if (!finger) finger = prints::Finger::make(tree);
            const Sensor sensor = sensor_of(options.sensor, tree);
            const auto conditions =
                prints::Conditions::of_touch(*finger, sensor.kind, static_cast<std::uint64_t>(touch - 1));
            const prints::Impression impression = impress(*finger, conditions, sensor.unit);
            put(truth, describe(*finger, impression, number, touch, sensor.nominal_dpi, tree.seed()).dump() + "\n");
            put(png, impression.image, sensor.nominal_dpi);
          }
        } catch (const BadInput& bad) {
          const std::lock_guard lock(mutex);
          failure = bad.what();
          return;
        }
        progress.step(++done);
      }
    }
  };
  {
    std::vector<std::jthread> pool;
    for (int i = 1; i < options.threads; ++i) pool.emplace_back(work);
    work();
  }
  if (!failure.empty()) throw BadInput(failure);
  if (!options.sheet.empty()) write_sheet(options);
}

int finger_main(int argc, char** argv) {
  const auto wrong = [](const std::string& message) {
    std::cerr << "touchstone finger: " << message << "\n" << kUsage;
    return 2;
  };
  if (argc < 3 || std::string_view(argv[2]) != "make")
    return wrong(argc < 3 ? "a verb is missing" : "unknown verb " + std::string(argv[2]));
  FingerMakeOptions options;
  try {
    tools::Options given({argv + 3, argv + argc});
    const auto number = [&](const char* name, int fallback, std::uint64_t least, std::uint64_t most) {
      return static_cast<int>(given.number(name, least, most).value_or(static_cast<std::uint64_t>(fallback)));
    };
    options.out = given.value("--out").value_or("");
    options.fingers = number("--fingers", options.fingers, 1, 1'000'000);
    options.impressions = number("--impressions", options.impressions, 1, 1000);
    options.first = number("--first", options.first, 0, 1'000'000'000);
    options.threads = number("--threads", static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, 64U)), 1, 256);
    options.seed = given.number("--seed", 0, std::numeric_limits<std::uint64_t>::max()).value_or(options.seed);
    options.sensor = given.value("--sensor").value_or(options.sensor);
    if (options.sensor != "full" && options.sensor != "card" && !parse_array(options.sensor))
      throw tools::UsageError("--sensor: full, card or WIDTHxHEIGHT@DPI of 32 to 2048 px and 250 to 1000 dpi, not '" + options.sensor + "'");
    options.sheet = given.value("--sheet").value_or("");
    given.finish();
    if (options.out.empty()) throw tools::UsageError("--out is missing");
  } catch (const tools::UsageError& error) {
    return wrong(error.what());
  }
  try {
    make_fingers(options);
  } catch (const BadInput& bad) {
    std::cerr << "touchstone finger: " << bad.what() << "\n";
    return 2;
  }
  std::cout << options.fingers << " fingers x " << options.impressions << " impressions in " << options.out.string()
            << "\n";
  return 0;
}

}  // namespace touchstone::bio
