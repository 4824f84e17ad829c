#include "bio/print_data.h"

#include "bio/folder_data.h"
#include "bio/synthetic_data.h"

namespace touchstone::bio {

const std::vector<std::string>& pooled_sets() {
  static const std::vector<std::string> sets = {"fvc2002_db1_b", "fvc2002_db3_b_f101_105", "fvc2004_db1_b", "fvc2004_db3_b_f101_105"};
  return sets;
}

SeedTree PrintData::touch_seed(std::uint64_t seed, std::size_t finger, std::size_t impression) const {
  const Finger& f = fingers_[finger];
  return SeedTree(seed).child("touch").child(sets_[f.set]).child(f.name).child(static_cast<std::uint64_t>(f.impressions[impression]));
}

std::unique_ptr<PrintData> open_prints(const DataOptions& options, const std::function<void(std::size_t, std::size_t)>& progress) {
  if (options.data == "synthetic") return std::make_unique<SyntheticData>(options);
  return std::make_unique<FolderData>(options, progress);
}

}  // namespace touchstone::bio
