// Every picture of a set, as a sensor sees it, made into a template once.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bio/print_data.h"
#include "bio/representation.h"
#include "bio/store.h"

namespace touchstone::bio {

/// What is put before the extractor.
struct Sensor {
  enum class View {
    kFull,  ///< the whole picture at its native resolution
    kCard,  ///< the crop of the protocol (card_crop)
    kPart,  ///< the same place on one manufactured part of the card's sensor: its own gain, offset, fixed pattern, noise, pitch
  };
  View view = View::kFull;
  double side_mm = kCardSide_mm;  ///< kCard
  int part = 0;                   ///< kPart: 0 = A, 1 = B ...
  std::uint64_t seed = 1;         ///< of placement and parts

  /// "full" or "card".
  std::string name() const { return view == View::kFull ? "full" : "card"; }
  std::string digest() const;
};

/// The picture that the extractor gets of `print`, which is data's picture of that touch.
Print present(const PrintData& data, const Print& print, std::size_t finger, std::size_t impression, const Sensor& sensor);

/// Templates by finger and impression; nothing where a picture could not be acquired.
using Templates = std::vector<std::vector<std::optional<Template>>>;

/// Called with how many are done and of how many.
using Progress = std::function<void(std::size_t, std::size_t)>;

/// What a set of templates is called: everything that decides them. Representations that describe alike share it.
std::string template_key(const PrintData& data, const Representation& representation, const Sensor& sensor);

struct Wanted {
  const Representation* representation = nullptr;
  Sensor sensor;
};

/// All templates asked for, by template_key(); each picture is read or made once for all of them. Goes on from what `store`
/// holds and saves every some seconds.
std::map<std::string, Templates> acquire(const PrintData& data, const std::vector<Wanted>& wanted, const Store& store, const Progress& progress);

/// Scores of pairs of pictures, for representations that compare so: within each set, every picture with every other.
class PairScores {
 public:
  PairScores() = default;
  PairScores(const PrintData& data, const Representation& representation, const Templates& templates, const std::string& key, const Store& store,
             const Progress& progress);
  /// kFailure when one of them could not be acquired.
  float at(std::size_t finger_a, std::size_t impression_a, std::size_t finger_b, std::size_t impression_b) const;

 private:
  std::vector<std::size_t> first_;  // index of each finger's first picture
  std::size_t pictures_ = 0;
  std::vector<float> scores_;       // upper triangle, row-major, of all pictures
  std::size_t place(std::size_t a, std::size_t b) const { return a * pictures_ - a * (a + 1) / 2 + (b - a - 1); }
};

}  // namespace touchstone::bio
