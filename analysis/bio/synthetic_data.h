// Generated fingers as a set of prints. Each finger is taken with one of the four kinds of sensors that the population names, on
// one part of that kind; fingers are compared within their kind, as real ones are within their set.
#pragma once

#include "bio/print_data.h"
#include "prints/impression.h"

namespace touchstone::bio {

class SyntheticData : public PrintData {
 public:
  explicit SyntheticData(const DataOptions& options);
  Print print(std::size_t finger, std::size_t impression) const override;
  std::optional<Truth> truth(std::size_t finger, std::size_t impression) const override;

 private:
  struct Made {
    std::size_t index;
    prints::Finger finger;
  };
  const prints::Finger& made(std::size_t finger) const;
  prints::Conditions conditions(std::size_t finger, std::size_t impression) const;
  /// A branch of its own: no network was trained on these fingers, whatever its seed (nets/touches.cpp).
  SeedTree seed(std::size_t finger) const { return SeedTree(seed_).child("evaluation").child(finger); }

  std::uint64_t seed_;
  std::vector<prints::SensorUnit> units_;  // as sets_
  // Not for several threads: the last finger made (impressions are asked for one after the other), and what is known of all.
  mutable std::optional<Made> made_;
  mutable std::vector<std::vector<Truth>> truths_;
};

}  // namespace touchstone::bio
