// Error rates of the fingerprint secret: every finger is enrolled from its first impressions; its other impressions are
// genuine tries, all impressions of all other fingers impostor tries. A try counts only if the very root comes back.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "commands.h"
#include "biometrics/converter.h"
#include "fingers/finger.h"
#include "image/grey_image.h"

namespace touchstone::bio {
namespace {

using biometrics::Feature;
using biometrics::HelperData;

struct Finger {
  std::string name;
  std::vector<GreyImage> impressions;
};

std::vector<Finger> generate(const EvaluateOptions& options) {
  std::vector<Finger> out;
  for (int f = 0; f < options.fingers; ++f) {
    const SeedTree seed = SeedTree(options.seed).child(static_cast<std::uint64_t>(f));
    const fingers::Finger finger = fingers::Finger::make(seed);
    Finger one{std::to_string(f), {}};
    for (std::uint64_t i = 0; i < 8; ++i) {
      one.impressions.push_back(impression(finger, fingers::Conditions::draw(seed.child("touch").child(i)), options.width_px,
                                           options.height_px));
    }
    out.push_back(std::move(one));
  }
  return out;
}

// Files are named FINGER_IMPRESSION.png; a larger picture is cut to the sensor's size around its centre.
std::string load(const EvaluateOptions& options, std::vector<Finger>& out) {
  std::map<std::string, std::map<int, std::filesystem::path>> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(options.data / "png", error)) {
    const std::string stem = entry.path().stem().string();
    const std::size_t line = stem.find('_');
    if (entry.path().extension() != ".png" || line == std::string::npos) continue;
    files[stem.substr(0, line)][std::atoi(stem.c_str() + line + 1)] = entry.path();
  }
  if (error) return (options.data / "png").string() + ": " + error.message();
  for (const auto& [name, impressions] : files) {
    Finger finger{name, {}};
    for (const auto& [number, path] : impressions) {
      GreyImage image;
      if (ImageError failed = read_png(path, image); !failed.message.empty()) return failed.message;
      const int width = std::min(options.width_px, image.width_px);
      const int height = std::min(options.height_px, image.height_px);
      finger.impressions.push_back(centre_crop(image, width, height));
    }
    out.push_back(std::move(finger));
  }
  return out.size() < 2 ? options.data.string() + ": fewer than two fingers in png/" : std::string();
}

struct Rate {
  int hits = 0;
  int tries = 0;
  double value() const { return tries == 0 ? 0 : static_cast<double>(hits) / tries; }
  // Wilson's score interval, 95 %. Tries on one finger are not independent: the true interval is wider.
  std::pair<double, double> interval() const {
    if (tries == 0) return {0, 1};
    const double z = 1.959964;
    const double n = tries;
    const double centre = value() + z * z / (2 * n);
    const double half = z * std::sqrt(value() * (1 - value()) / n + z * z / (4 * n * n));
    return {std::max(0.0, (centre - half) / (1 + z * z / n)), std::min(1.0, (centre + half) / (1 + z * z / n))};
  }
};

std::ostream& operator<<(std::ostream& out, const Rate& rate) {
  const auto [low, high] = rate.interval();
  return out << std::fixed << std::setprecision(1) << 100 * rate.value() << " % (" << rate.hits << " of " << rate.tries
             << ", 95 % interval " << 100 * low << " to " << 100 * high << " %)";
}

nlohmann::json to_json(const Rate& rate) {
  const auto [low, high] = rate.interval();
  return {{"hits", rate.hits}, {"tries", rate.tries}, {"rate", rate.value()}, {"low_95", low}, {"high_95", high}};
}

}  // namespace

int evaluate(const EvaluateOptions& options) {
  std::vector<Finger> fingers;
  if (options.data == "synthetic") {
    fingers = generate(options);
  } else if (std::string message = load(options, fingers); !message.empty()) {
    std::cerr << "touchstone-bio: " << message << "\n";
    return 2;
  }

  Rate acquired;
  std::vector<std::vector<std::unique_ptr<Feature>>> features;  // null where the extractor refused
  std::vector<std::uint64_t> work;
  for (const Finger& finger : fingers) {
    features.emplace_back();
    for (const GreyImage& image : finger.impressions) {
      const auto width = static_cast<std::uint16_t>(image.width_px);
      const auto height = static_cast<std::uint16_t>(image.height_px);
      work.resize(biometrics::Extractor::work_bytes(width, height) / 8 + 1);
      auto feature = std::make_unique<Feature>();
      const auto quality = biometrics::Extractor().extract(
          {image.pixels, width, height}, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8), *feature);
      ++acquired.tries;
      if (quality) {
        ++acquired.hits;
      } else if (quality.error().code != ErrorCode::kPoorQuality) {
        std::cerr << "touchstone-bio: finger " << finger.name << ": " << quality.error().what << "\n";
        return 2;
      } else {
        feature.reset();
      }
      features.back().push_back(std::move(feature));
    }
  }

  Rate genuine;
  Rate impostor;
  nlohmann::json per_finger = nlohmann::json::array();
  const auto enrol_count = static_cast<std::size_t>(options.enrol);
  for (std::size_t f = 0; f < fingers.size(); ++f) {
    std::vector<Feature> touches(std::min(enrol_count, features[f].size()));
    std::size_t usable = 0;
    for (std::size_t i = 0; i < touches.size(); ++i) {
      if (!features[f][i]) continue;
      touches[usable].poses = features[f][i]->poses;
      touches[usable++].pose_count = features[f][i]->pose_count;
    }
    ByteArray<32> randomness;
    SeedTree(options.seed).child(f).stream("enrolment").fill(randomness);
    HelperData helper;
    Secret<32> root;
    const bool enrolled = enrol(std::span(touches).first(usable), randomness, helper, root).ok();
    Rate own;
    Rate others;
    for (std::size_t g = 0; g < fingers.size(); ++g) {
      for (std::size_t i = g == f ? enrol_count : 0; i < features[g].size(); ++i) {
        Secret<32> again;
        const bool opens = enrolled && features[g][i] && regenerate(*features[g][i], helper, again).ok() &&
                           equal_constant_time(again.expose(), root.expose());
        Rate& rate = g == f ? own : others;
        ++rate.tries;
        rate.hits += opens ? 1 : 0;
      }
    }
    per_finger.push_back({{"finger", fingers[f].name}, {"genuine", to_json(own)}, {"impostor", to_json(others)}});
    genuine.hits += own.hits;
    genuine.tries += own.tries;
    impostor.hits += others.hits;
    impostor.tries += others.tries;
  }

  std::cout << "fingers " << fingers.size() << ", sensor " << options.width_px << "x" << options.height_px << " px, "
            << options.enrol << " enrolled touches\n"
            << "k " << biometrics::kMessageLength_bits << ", n " << biometrics::kCodeLength_bits << ", d' " << biometrics::kDimensions
            << "\n"
            << "usable images       " << acquired << "\n"
            << "genuine success     " << genuine << "\n"
            << "false match (FMR)   " << impostor << "\n";
  if (!options.json.empty()) {
    const nlohmann::json out = {{"version", 1},
                                {"data", options.data.string()},
                                {"sensor_width_px", options.width_px},
                                {"sensor_height_px", options.height_px},
                                {"enrolled_touches", options.enrol},
                                {"seed", options.seed},
                                {"message_bits", biometrics::kMessageLength_bits},
                                {"code_bits", biometrics::kCodeLength_bits},
                                {"dimensions", biometrics::kDimensions},
                                {"acquired", to_json(acquired)},
                                {"genuine", to_json(genuine)},
                                {"impostor", to_json(impostor)},
                                {"fingers", per_finger}};
    std::ofstream file(options.json);
    file << out.dump(2) << "\n";
    if (!file.flush()) {
      std::cerr << "touchstone-bio: " << options.json.string() << ": cannot be written\n";
      return 2;
    }
  }
  return 0;
}

}  // namespace touchstone::bio
