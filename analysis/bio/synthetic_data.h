// Generated fingers as a set of prints.
#pragma once

#include "bio/print_data.h"
#include "fingers/finger.h"

namespace touchstone::bio {

class SyntheticData : public PrintData {
 public:
  explicit SyntheticData(const DataOptions& options);
  Print print(std::size_t finger, std::size_t impression) const override;
  std::optional<Truth> truth(std::size_t finger, std::size_t impression) const override;

 private:
  SeedTree seed(std::size_t finger) const { return SeedTree(seed_).child(finger); }

  std::uint64_t seed_;
  // The last finger made: impressions are asked for one after the other.
  mutable std::size_t made_ = ~std::size_t{0};
  mutable std::optional<fingers::Finger> finger_;
};

}  // namespace touchstone::bio
