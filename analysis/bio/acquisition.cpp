#include "bio/acquisition.h"

#include <chrono>

#include "base/check.h"
#include "metrics/scores.h"
#include "prints/sensor.h"

namespace touchstone::bio {
namespace {

// A picture that failed is written as this length.
constexpr float kFailed = -1;

// Says when it is time to save again.
class Clock {
 public:
  explicit Clock(std::chrono::milliseconds every) : every_(every) {}
  bool due() {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < every_) return false;
    last_ = now;
    return true;
  }

 private:
  std::chrono::milliseconds every_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace

std::string Sensor::digest() const {
  switch (view) {
    case View::kFull: return "full";
    case View::kCard: return "card " + std::to_string(side_mm) + " mm seed " + std::to_string(seed);
    case View::kPart: return "part " + std::to_string(part) + " seed " + std::to_string(seed);
  }
  return "?";
}

Print present(const PrintData& data, std::size_t finger, std::size_t impression, const Sensor& sensor) {
  const Print print = data.print(finger, impression);
  if (sensor.view == Sensor::View::kFull) return print;
  const SeedTree touch = data.touch_seed(sensor.seed, finger, impression);
  if (sensor.view == Sensor::View::kCard) return card_crop(print, touch, sensor.side_mm);
  const prints::SensorUnit unit =
      prints::SensorUnit::draw(prints::SensorKind::kCard, SeedTree(sensor.seed).child("part").child(static_cast<std::uint64_t>(sensor.part)));
  const Place place = card_place(print, touch);
  prints::Placement placement;
  placement.centre_x_px = place.x_px;
  placement.centre_y_px = place.y_px;
  placement.picture_dpi = print.dpi;
  prints::Frame frame;
  frame.seed = touch.child("frame").seed();
  return {prints::capture(unit, print.image, placement, {}, frame), kCardDpi};
}

std::string template_key(const PrintData& data, const Representation& representation, const Sensor& sensor) {
  return "templates/1; data " + data.digest() + "; " + representation.digest() + "; " + sensor.digest();
}

Templates acquire(const PrintData& data, const Representation& representation, const Sensor& sensor, const Store& store, const Progress& progress) {
  const std::string key = template_key(data, representation, sensor);
  std::size_t all = 0;
  for (const Finger& f : data.fingers()) all += f.impressions.size();
  // Flat: length, numbers, length, numbers ... in the order of the pictures.
  std::vector<float> flat = store.load(key).value_or(std::vector<float>());
  Templates out;
  std::size_t at = 0;
  std::size_t done = 0;
  Clock clock(store.save_every());
  for (std::size_t f = 0; f < data.fingers().size(); ++f) {
    out.emplace_back();
    for (std::size_t i = 0; i < data.fingers()[f].impressions.size(); ++i) {
      if (at == flat.size()) {
        Print print = present(data, f, i, sensor);
        if (sensor.view == Sensor::View::kFull) print = full_print(print, representation.most_side_px());
        const std::optional<Template> made = representation.describe(print);
        flat.push_back(made ? static_cast<float>(made->size()) : kFailed);
        if (made) flat.insert(flat.end(), made->begin(), made->end());
        if (clock.due()) store.save(key, flat);
      }
      const float length = flat[at++];
      if (length == kFailed) {
        out.back().emplace_back();
      } else {
        const auto size = static_cast<std::size_t>(length);
        out.back().emplace_back(Template(flat.begin() + static_cast<std::ptrdiff_t>(at), flat.begin() + static_cast<std::ptrdiff_t>(at + size)));
        at += size;
      }
      if (progress) progress(++done, all);
    }
  }
  store.save(key, flat);
  return out;
}

PairScores::PairScores(const PrintData& data, const Representation& representation, const Templates& templates, const std::string& key, const Store& store,
                       const Progress& progress) {
  std::vector<std::pair<std::size_t, std::size_t>> pictures;  // finger, impression
  for (std::size_t f = 0; f < templates.size(); ++f) {
    first_.push_back(pictures.size());
    for (std::size_t i = 0; i < templates[f].size(); ++i) pictures.emplace_back(f, i);
  }
  pictures_ = pictures.size();
  // Row after row, the rows that are done first.
  const std::string pair_key = "pairs/1; " + key;
  scores_ = store.load(pair_key).value_or(std::vector<float>());
  Clock clock(store.save_every());
  for (std::size_t a = 0; a < pictures_; ++a) {
    const std::size_t row = a * pictures_ - a * (a + 1) / 2;
    const std::size_t length = pictures_ - a - 1;
    if (scores_.size() < row + length) {
      TS_CHECK(scores_.size() == row, "pair scores are kept by whole rows");
      scores_.resize(row + length, metrics::kFailure);
      const auto& reference = templates[pictures[a].first][pictures[a].second];
      std::vector<const Template*> probes;
      std::vector<std::size_t> places;
      for (std::size_t b = a + 1; reference && b < pictures_; ++b) {
        const auto& probe = templates[pictures[b].first][pictures[b].second];
        if (!probe || data.fingers()[pictures[a].first].set != data.fingers()[pictures[b].first].set) continue;
        probes.push_back(&*probe);
        places.push_back(place(a, b));
      }
      if (!probes.empty()) {
        const std::vector<float> made = representation.scores(*reference, probes);
        for (std::size_t p = 0; p < made.size(); ++p) scores_[places[p]] = made[p];
      }
      if (clock.due()) store.save(pair_key, scores_);
    }
    if (progress) progress(a + 1, pictures_);
  }
  store.save(pair_key, scores_);
}

float PairScores::at(std::size_t finger_a, std::size_t impression_a, std::size_t finger_b, std::size_t impression_b) const {
  const std::size_t a = first_[finger_a] + impression_a;
  const std::size_t b = first_[finger_b] + impression_b;
  TS_CHECK(a != b, "a picture is not compared with itself");
  return scores_[a < b ? place(a, b) : place(b, a)];
}

}  // namespace touchstone::bio
