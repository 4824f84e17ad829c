#include "calibrate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <sstream>
#include <string_view>

#include "bio/bad_input.h"
#include "bio/crop.h"
#include "bio/print_data.h"
#include "classical/descriptor.h"
#include "classical/whitening.h"
#include "generated_touches.h"
#include "prints/population.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

using Vector = classical::Vector;
using Sum = std::array<float, classical::kDimensions>;


// The descriptor in its first frame. The extractor's rules for a usable print, but for the share of the picture, which says
// nothing on pictures much larger than a finger.
std::optional<Vector> describe(const GreyImage& image) {
  const std::size_t bytes = classical::orientation_map_work_bytes(image.width_px, image.height_px);
  std::vector<std::uint64_t> work(bytes / 8 + 1);
  classical::Quality quality;
  const auto map = classical::make_orientation_map(
      {image.pixels, static_cast<std::uint16_t>(image.width_px), static_cast<std::uint16_t>(image.height_px)},
      MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), bytes), quality);
  classical::Pose reference;
  int cells = 0;
  for (int i = 0; i < map.columns * map.rows; ++i) cells += map.cells[i].contact != 0 ? 1 : 0;
  if (cells < 150 || quality.ridge_percent < 30 || !find_reference(map, reference)) return std::nullopt;
  classical::RawVector raw;
  read_raw(map, reference, classical::kWhitening.mean, raw);
  Vector out;
  classical::project(raw, out);
  return out;
}

struct Touches {
  std::string set;
  std::vector<std::array<std::optional<Vector>, 8>> fingers;
};

// Scores from -1 to 1 in bins; the first bin is for failures.
class Scores {
 public:
  void add(bool genuine, std::optional<double> cosine) {
    const std::size_t bin =
        cosine ? 1 + static_cast<std::size_t>(std::clamp((*cosine + 1) / 2, 0.0, 1.0) * (kBins - 2)) : 0;
    ++(genuine ? genuine_ : impostor_)[bin];
  }
  double eer() const {
    double genuine_total = 0;
    double impostor_total = 0;
    for (std::size_t i = 0; i < kBins; ++i) {
      genuine_total += static_cast<double>(genuine_[i]);
      impostor_total += static_cast<double>(impostor_[i]);
    }
    double rejected = 0;
    double accepted = impostor_total;
    for (std::size_t i = 0; i < kBins; ++i) {
      const double fnmr = rejected / genuine_total;
      const double fmr = accepted / impostor_total;
      rejected += static_cast<double>(genuine_[i]);
      accepted -= static_cast<double>(impostor_[i]);
      if (rejected / genuine_total >= accepted / impostor_total) {
        return (std::max(fnmr, accepted / impostor_total) + std::min(fmr, rejected / genuine_total)) / 2;
      }
    }
    return 1;
  }
  void add(const Scores& other) {
    for (std::size_t i = 0; i < kBins; ++i) {
      genuine_[i] += other.genuine_[i];
      impostor_[i] += other.impostor_[i];
    }
  }

 private:
  static constexpr std::size_t kBins = 8001;
  std::vector<std::uint64_t> genuine_ = std::vector<std::uint64_t>(kBins), impostor_ = genuine_;
};

std::optional<Sum> unit_sum(std::span<const std::optional<Vector>> touches) {
  Sum sum{};
  bool any = false;
  for (const auto& touch : touches) {
    if (!touch) continue;
    any = true;
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += (*touch)[i];
  }
  if (!any) return std::nullopt;
  float squares = 0;
  for (const float v : sum) squares += v * v;
  const float scale = 1 / std::sqrt(std::max(squares, 1.0F));
  for (float& v : sum) v *= scale;
  return sum;
}

std::optional<double> cosine(const std::optional<Sum>& a, const std::optional<Sum>& b) {
  if (!a || !b) return std::nullopt;
  float sum = 0;
  for (std::size_t i = 0; i < a->size(); ++i) sum += (*a)[i] * (*b)[i];
  return sum;
}

struct Result4 {
  Scores single, enrolled;
  int failures = 0, count = 0;
};

Result4 compare(const Touches& touches) {
  Result4 out;
  const std::size_t n = touches.fingers.size();
  std::vector<std::array<std::optional<Sum>, 8>> probes(n);
  std::vector<std::array<std::optional<Sum>, 2>> halves(n);
  for (std::size_t f = 0; f < n; ++f) {
    for (std::size_t i = 0; i < 8; ++i) {
      probes[f][i] = unit_sum(std::span(touches.fingers[f]).subspan(i, 1));
      out.failures += probes[f][i] ? 0 : 1;
      ++out.count;
    }
    halves[f] = {unit_sum(std::span(touches.fingers[f]).first(4)), unit_sum(std::span(touches.fingers[f]).last(4))};
  }
  for (std::size_t f = 0; f < n; ++f) {
    for (std::size_t g = f; g < n; ++g) {
      for (std::size_t i = 0; i < 8; ++i) {
        for (std::size_t j = f == g ? i + 1 : 0; j < 8; ++j) out.single.add(f == g, cosine(probes[f][i], probes[g][j]));
      }
    }
    for (std::size_t g = 0; g < n; ++g) {
      for (std::size_t i = 0; i < 8; ++i) {
        if (f == g) {
          out.enrolled.add(true, cosine(halves[f][i < 4 ? 1 : 0], probes[g][i]));
        } else {
          out.enrolled.add(false, cosine(halves[f][i < 4 ? 1 : 0], probes[g][i]));
        }
      }
    }
  }
  return out;
}

}  // namespace

prints::Population read_population(const std::string& file) {
  if (file.empty()) return prints::population();
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  std::string message;
  const auto parsed = prints::Population::parse(text.str(), message);
  if (!in || !parsed) throw BadInput(file + ": " + (in ? message : "cannot be read"));
  return *parsed;
}

int calibrate_main(const std::vector<std::string>& arguments) {
  tools::Options given(arguments);
  const std::string data = given.value("--data").value_or("");
  const std::string population_file = given.value("--population").value_or("");
  const int fingers = static_cast<int>(given.number("--fingers", 8, 100'000).value_or(300));
  const int threads = static_cast<int>(given.number("--threads", 1, 256).value_or(2));
  const int crops = static_cast<int>(given.number("--crops", 1, 100).value_or(1));
  const std::uint64_t seed = given.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  given.finish();
  if (data.empty()) throw tools::UsageError("--data is missing");

  prints::Population population;
  try {
    population = read_population(population_file);
  } catch (const BadInput& bad) {
    std::cerr << "touchstone-bio: " << bad.what() << "\n";
    return 2;
  }

  // Crops of one picture at several places count as so many separate trials.
  std::vector<Touches> full;
  std::vector<std::vector<Touches>> card(static_cast<std::size_t>(crops));
  const auto describe_into = [&](std::size_t set, std::size_t finger, std::size_t impression, const Print& print,
                                 SeedTree touch) {
    full[set].fingers[finger][impression] = describe(print.image);
    for (std::size_t k = 0; k < card.size(); ++k) {
      card[k][set].fingers[finger][impression] = describe(card_crop(print, touch.child(k)).image);
    }
  };
  if (data == "synthetic") {
    constexpr prints::SensorKind kKinds[] = {prints::SensorKind::kOptical, prints::SensorKind::kCapacitive,
                                             prints::SensorKind::kPress, prints::SensorKind::kSweep};
    std::map<prints::SensorKind, std::size_t> set_of;
    std::vector<std::size_t> place(static_cast<std::size_t>(fingers));  // of a finger in its set
    for (const auto kind : kKinds) {
      set_of[kind] = full.size();
      full.push_back({to_string(kind), {}});
      for (auto& cut : card) cut.push_back({to_string(kind), {}});
    }
    for (int f = 0; f < fingers; ++f) {
      const std::size_t set = set_of[prints::draw_kind(SeedTree(seed).child(static_cast<std::uint64_t>(f)), population)];
      place[static_cast<std::size_t>(f)] = full[set].fingers.size();
      full[set].fingers.emplace_back();
      for (auto& cut : card) cut[set].fingers.emplace_back();
    }
    generate_touches(population, seed, fingers, 8, threads, [&](const GeneratedTouch& touch) {
      const auto finger = static_cast<std::size_t>(touch.finger);
      const auto impression = static_cast<std::size_t>(touch.impression);
      describe_into(set_of[touch.kind], place[finger], impression, touch.print,
                    SeedTree(seed).child("crops").child(finger).child(impression));
    });
  } else {
    try {
      DataOptions options;
      options.data = data;
      const std::unique_ptr<PrintData> prints = open_prints(options);
      for (const std::string& name : prints->sets()) full.push_back({name, {}});
      for (auto& cut : card) cut = full;
      for (std::size_t f = 0; f < prints->fingers().size(); ++f) {
        const std::size_t set = prints->fingers()[f].set;
        const std::size_t place = full[set].fingers.size();
        full[set].fingers.emplace_back();
        for (auto& cut : card) cut[set].fingers.emplace_back();
        for (std::size_t i = 0; i < std::min<std::size_t>(8, prints->fingers()[f].impressions.size()); ++i) {
          describe_into(set, place, i, prints->print(f, i), prints->touch_seed(seed, f, i));
        }
      }
    } catch (const BadInput& bad) {
      std::cerr << "touchstone-bio: " << bad.what() << "\n";
      return 2;
    }
  }

  std::printf("population %s\n", population_file.empty() ? prints::population_hash().c_str() : population_file.c_str());
  std::printf("%-24s %7s  %9s %9s  %9s %9s  %s\n", "EER in %", "fingers", "full 1:1", "full 4", "card 1:1", "card 4",
              "not acquired full, card");
  Result4 pooled[2];
  std::size_t total = 0;
  for (std::size_t s = 0; s < full.size(); ++s) {
    if (full[s].fingers.size() < 2) continue;
    const Result4 whole = compare(full[s]);
    Result4 cut;
    for (const auto& one : card) {
      const Result4 more = compare(one[s]);
      cut.single.add(more.single);
      cut.enrolled.add(more.enrolled);
      cut.failures += more.failures;
      cut.count += more.count;
    }
    const Result4* results[2] = {&whole, &cut};
    for (int k = 0; k < 2; ++k) {
      pooled[k].single.add(results[k]->single);
      pooled[k].enrolled.add(results[k]->enrolled);
      pooled[k].failures += results[k]->failures;
      pooled[k].count += results[k]->count;
    }
    total += full[s].fingers.size();
    std::printf("%-24s %7zu  %9.1f %9.1f  %9.1f %9.1f  %.1f %% %.1f %%\n", full[s].set.c_str(), full[s].fingers.size(),
                100 * whole.single.eer(), 100 * whole.enrolled.eer(), 100 * cut.single.eer(), 100 * cut.enrolled.eer(),
                100.0 * whole.failures / whole.count, 100.0 * cut.failures / cut.count);
  }
  std::printf("%-24s %7zu  %9.1f %9.1f  %9.1f %9.1f  %.1f %% %.1f %%\n", "pooled", total, 100 * pooled[0].single.eer(),
              100 * pooled[0].enrolled.eer(), 100 * pooled[1].single.eer(), 100 * pooled[1].enrolled.eer(),
              100.0 * pooled[0].failures / pooled[0].count, 100.0 * pooled[1].failures / pooled[1].count);
  return 0;
}

}  // namespace touchstone::bio
