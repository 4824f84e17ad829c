// Learns the population's statistics from generated fingers: the mean, and the directions in which fingers differ most
// against what differs between touches of one finger (linear discriminant analysis), each scaled to unit variance.
#include <Eigen/Dense>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "commands.h"
#include "classical/descriptor.h"
#include "classical/whitening.h"
#include "crypto/sha256.h"
#include "fingers/finger.h"
#include "tools/options.h"

namespace touchstone::bio {
namespace {

struct TrainOptions {
  int fingers = 0;
  int impressions = 0;
  std::uint64_t seed = 0;
  std::filesystem::path out;
};

using classical::kDimensions;
using classical::kRawDimensions;
using classical::Pose;
using classical::RawVector;
using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

constexpr int kSide_px = 300;
constexpr double kSpread = 1.3;          // touches somewhat more careless than ordinary
constexpr double kReach_px = 14;         // a touch whose nearest frame is further off would be a failed alignment
constexpr double kRadius_px = 60;        // turns count as displacements at this distance
constexpr double kRidge = 0.1;           // of the mean within-finger variance, added to all: unseen noise

struct Touch {
  std::vector<std::uint64_t> work;
  classical::OrientationMap map;
  Pose reference;
  fingers::Conditions conditions;
};

struct Frame {
  double x, y, turn_deg;
};
// The frame on the finger itself, undoing placement and rotation of the touch.
Frame on_finger(const fingers::Conditions& c, const Pose& pose) {
  const double x = pose.x_q4 / 16.0 - kSide_px / 2.0 - c.dx_px;
  const double y = pose.y_q4 / 16.0 - kSide_px / 2.0 - c.dy_px;
  const double turn = c.rotation_deg * 3.14159265358979323846 / 180;
  return {std::cos(turn) * x - std::sin(turn) * y, std::sin(turn) * x + std::cos(turn) * y,
          c.rotation_deg + pose.turn * classical::kTurnStep_deg};
}
double distance_px(const Frame& a, const Frame& b) {
  const double turn = (a.turn_deg - b.turn_deg) * 3.14159265358979323846 / 180 * kRadius_px;
  return std::sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) + turn * turn);
}

struct Sample {
  RawVector raw;      ///< without subtraction of a mean
  RawVector contact;  ///< 0 = no print, 64 = print
};

// The touches of one finger, all read in the frame that the first one detects.
std::vector<Sample> samples_of(SeedTree seed, int impressions) {
  const fingers::Finger finger = fingers::Finger::make(seed);
  std::vector<Touch> touches;
  for (int i = 0; i < impressions; ++i) {
    Touch touch;
    touch.conditions = fingers::Conditions::draw(seed.child("touch").child(static_cast<std::uint64_t>(i)), kSpread);
    const GreyImage image = fingers::impression(finger, touch.conditions, kSide_px, kSide_px);
    const std::size_t bytes = classical::orientation_map_work_bytes(kSide_px, kSide_px);
    touch.work.resize(bytes / 8 + 1);
    const MutableBytes work(reinterpret_cast<std::uint8_t*>(touch.work.data()), bytes);
    classical::Quality quality;
    touch.map = classical::make_orientation_map({image.pixels, kSide_px, kSide_px}, work, quality);
    if (!find_reference(touch.map, touch.reference)) {
      if (i == 0) return {};
      continue;
    }
    touches.push_back(std::move(touch));
  }
  std::vector<Sample> samples;
  const Frame target = on_finger(touches[0].conditions, touches[0].reference);
  RawVector none{};
  RawVector probe;
  probe.fill(32);
  for (const Touch& touch : touches) {
    Pose best;
    double best_distance = 1e9;
    for (int i = 0; i < classical::kMaxPoses; ++i) {
      const Pose pose = candidate_pose(touch.reference, i);
      const double d = distance_px(on_finger(touch.conditions, pose), target);
      if (d < best_distance) {
        best_distance = d;
        best = pose;
      }
    }
    if (best_distance > kReach_px) continue;
    Sample sample;
    read_raw(touch.map, best, none, sample.raw);
    // Contact shows in what a mean of 32 takes away; read twice with both signs, one of which does not saturate.
    RawVector minus;
    RawVector plus;
    read_raw(touch.map, best, probe, minus);
    probe.fill(-32);
    read_raw(touch.map, best, probe, plus);
    probe.fill(32);
    for (std::size_t i = 0; i < kRawDimensions; ++i) {
      sample.contact[i] = static_cast<std::int8_t>(sample.raw[i] > 0 ? 2 * (sample.raw[i] - minus[i]) : 2 * (plus[i] - sample.raw[i]));
    }
    samples.push_back(sample);
  }
  return samples;
}

template <typename Range>
void write_row(std::ostream& out, const Range& values) {
  out << "{";
  bool first = true;
  for (const auto value : values) {
    out << (first ? "" : ",") << static_cast<std::int64_t>(value);
    first = false;
  }
  out << "}";
}

void write(std::ostream& out, const classical::Whitening& w) {
  out << ".mean = {";
  write_row(out, w.mean);
  out << "},\n.weights = {{\n";
  for (const auto& row : w.weights) {
    out << "{";
    write_row(out, row);
    out << "},\n";
  }
  out << "}},\n.bias = {";
  write_row(out, w.bias);
  out << "},\n.scale_q24 = {";
  write_row(out, w.scale_q24);
  out << "},\n.reliability = {";
  write_row(out, w.reliability);
  out << "},\n";
}

}  // namespace

int train_whitening_main(const std::vector<std::string>& arguments) {
  tools::Options given(arguments);
  TrainOptions options;
  options.fingers = static_cast<int>(given.number("--fingers", 2, 1'000'000).value_or(800));
  options.impressions = static_cast<int>(given.number("--impressions", 2, 1000).value_or(6));
  options.seed = given.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  options.out = given.value("--out").value_or("");
  given.finish();
  if (options.out.empty()) throw tools::UsageError("--out is missing");

  std::vector<std::vector<Sample>> population;
  std::size_t kept = 0;
  for (int f = 0; f < options.fingers; ++f) {
    std::vector<Sample> samples = samples_of(SeedTree(options.seed).child(static_cast<std::uint64_t>(f)), options.impressions);
    if (samples.size() < 2) continue;
    kept += samples.size();
    population.push_back(std::move(samples));
    if (f % 50 == 49) std::cerr << f + 1 << " of " << options.fingers << " fingers\n";
  }
  if (population.size() <= kDimensions) {
    std::cerr << "touchstone-bio: too few usable fingers for " << kDimensions << " dimensions\n";
    return 2;
  }

  classical::Whitening result{};
  for (std::size_t i = 0; i < kRawDimensions; ++i) {
    std::int64_t sum = 0;
    std::int64_t contact = 0;
    for (const auto& samples : population) {
      for (const Sample& s : samples) {
        sum += s.raw[i];
        contact += s.contact[i];
      }
    }
    if (contact >= 64 * 20) result.mean[i] = static_cast<std::int8_t>(std::clamp<std::int64_t>(sum * 64 / contact, -127, 127));
  }

  Matrix within = Matrix::Zero(kRawDimensions, kRawDimensions);
  Matrix between = within;
  std::vector<Vector> centres;
  double touches_a_finger = 0;
  for (const auto& samples : population) {
    std::vector<Vector> vectors;
    Vector centre = Vector::Zero(kRawDimensions);
    for (const Sample& s : samples) {
      Vector v(kRawDimensions);
      for (int i = 0; i < kRawDimensions; ++i) {
        const auto at = static_cast<std::size_t>(i);
        v[i] = std::clamp(s.raw[at] - ((result.mean[at] * s.contact[at] * 256) >> 14), -127, 127);
      }
      centre += v;
      vectors.push_back(std::move(v));
    }
    centre /= static_cast<double>(vectors.size());
    for (const Vector& v : vectors) within += (v - centre) * (v - centre).transpose();
    centres.push_back(std::move(centre));
    touches_a_finger += static_cast<double>(samples.size());
  }
  const double fingers = static_cast<double>(population.size());
  touches_a_finger /= fingers;
  within /= static_cast<double>(kept) - fingers;
  Vector grand = Vector::Zero(kRawDimensions);
  for (const Vector& c : centres) grand += c / fingers;
  for (const Vector& c : centres) between += (c - grand) * (c - grand).transpose() / (fingers - 1);
  between -= within / touches_a_finger;  // the centres' own scatter

  Matrix regularised = within;
  regularised.diagonal().array() += kRidge * within.trace() / kRawDimensions;
  const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> solver(between, regularised);
  for (int d = 0; d < kDimensions; ++d) {
    const auto at = static_cast<std::size_t>(d);
    Vector w = solver.eigenvectors().col(kRawDimensions - 1 - d);
    Eigen::Index largest = 0;
    w.cwiseAbs().maxCoeff(&largest);
    if (w[largest] < 0) w = -w;  // an eigenvector's sign is free: fix it
    const double b = w.dot(between * w);
    const double n = w.dot(within * w);
    const double per_step = 127 / w[largest];
    for (int i = 0; i < kRawDimensions; ++i) {
      result.weights[at][static_cast<std::size_t>(i)] = static_cast<std::int8_t>(std::lround(w[i] * per_step));
    }
    result.bias[at] = static_cast<std::int32_t>(std::lround(w.dot(grand) * per_step));
    result.scale_q24[at] = static_cast<std::int32_t>(std::lround(32 * 16777216.0 / (std::sqrt(b + n) * per_step)));
    result.reliability[at] = static_cast<std::int8_t>(std::lround(127 * std::max(0.0, b / (b + n))));
  }

  std::ostringstream body;
  write(body, result);
  const std::string text = body.str();
  std::ofstream out(options.out, std::ios::binary);
  out << "// Population statistics of generated fingers: " << population.size() << " fingers, " << kept << " touches of "
      << kSide_px << "x" << kSide_px << " px.\n// Made by: touchstone-bio train-whitening --fingers " << options.fingers
      << " --impressions " << options.impressions << " --seed " << options.seed
      << " --out biometrics/classical/data/whitening.inc\n// SHA-256 of the lines below: ";
  for (const std::uint8_t byte : crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()))) {
    out << "0123456789abcdef"[byte >> 4] << "0123456789abcdef"[byte & 15];
  }
  out << "\n" << text;
  if (!out.flush()) {
    std::cerr << "touchstone-bio: " << options.out.string() << ": cannot be written\n";
    return 2;
  }
  return 0;
}

}  // namespace touchstone::bio
