#include "bio/acquisition.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "metrics/scores.h"
#include "prints/population.h"
#include "prints/sensor.h"

namespace touchstone::bio {
namespace {

// A picture that failed is written as this length.
constexpr float kFailed = -1;

// Says when it is time to save again: always (0 ms), or so that saving takes a twentieth of the time at most.
class Clock {
 public:
  explicit Clock(std::chrono::milliseconds every) : every_(every) {}
  template <typename Save>
  void perhaps(const Save& save) {
    const auto begin = std::chrono::steady_clock::now();
    if (begin - last_ < every_) return;
    save();
    last_ = std::chrono::steady_clock::now();
    if (every_.count() > 0) every_ = std::max(every_, std::chrono::duration_cast<std::chrono::milliseconds>(20 * (last_ - begin)));
  }

 private:
  std::chrono::milliseconds every_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

// Templates as numbers in a row, in the order of the pictures: length, numbers, length, numbers ...
struct Track {
  const Representation* representation = nullptr;
  Sensor sensor;
  std::vector<float> flat;
  std::size_t at = 0;
  bool grown = false;
};

}  // namespace

std::string Sensor::digest() const {
  switch (view) {
    case View::kFull: return "full";
    case View::kCard: return "card " + std::to_string(side_mm) + " mm seed " + std::to_string(seed);
    case View::kPart: return "part " + std::to_string(part) + " seed " + std::to_string(seed) + " of " + prints::population_hash();
  }
  return "?";
}

Print present(const PrintData& data, const Print& print, std::size_t finger, std::size_t impression, const Sensor& sensor) {
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
  return "templates/1; data " + data.digest() + "; " + representation.template_digest() + "; " + sensor.digest();
}

std::map<std::string, Templates> acquire(const PrintData& data, const std::vector<Wanted>& wanted, const Store& store, const Progress& progress) {
  std::map<std::string, Track> rows;
  std::map<std::string, Templates> out;
  for (const Wanted& w : wanted) {
    const std::string key = template_key(data, *w.representation, w.sensor);
    if (rows.contains(key)) continue;
    rows[key] = {w.representation, w.sensor, store.load(key).value_or(std::vector<float>()), 0, false};
    out[key].resize(data.fingers().size());
  }
  std::size_t all = 0;
  for (const Finger& f : data.fingers()) all += f.impressions.size();
  const auto save = [&] {
    for (auto& [key, row] : rows) {
      if (row.grown) store.save(key, row.flat);
      row.grown = false;
    }
  };
  std::size_t done = 0;
  Clock clock(store.save_every());
  for (std::size_t f = 0; f < data.fingers().size(); ++f) {
    for (std::size_t i = 0; i < data.fingers()[f].impressions.size(); ++i) {
      std::optional<Print> print;
      std::map<std::string, Print> presented;  // by sensor
      for (auto& [key, row] : rows) {
        if (row.at == row.flat.size()) {
          if (!print) print = data.print(f, i);
          const std::string sensor = row.sensor.digest();
          if (!presented.contains(sensor)) presented[sensor] = present(data, *print, f, i, row.sensor);
          Print shown = presented[sensor];
          if (row.sensor.view == Sensor::View::kFull) shown = full_print(shown, row.representation->most_side_px());
          const std::optional<Template> made = row.representation->describe(shown);
          row.flat.push_back(made ? static_cast<float>(made->size()) : kFailed);
          if (made) row.flat.insert(row.flat.end(), made->begin(), made->end());
          row.grown = true;
        }
        const float length = row.flat[row.at++];
        std::optional<Template>& slot = out[key][f].emplace_back();
        if (length == kFailed) continue;
        const auto begin = row.flat.begin() + static_cast<std::ptrdiff_t>(row.at);
        slot.emplace(begin, begin + static_cast<std::ptrdiff_t>(length));
        row.at += static_cast<std::size_t>(length);
      }
      if (store.keeps()) clock.perhaps(save);
      if (progress) progress(++done, all);
    }
  }
  save();
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
      if (store.keeps()) clock.perhaps([&] { store.save(pair_key, scores_); });
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
