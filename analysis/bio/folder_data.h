// Prints in folders: SET/png/F_K.png (finger F, impression K), one set or a root with the sets that are pooled.
#pragma once

#include "bio/print_data.h"

namespace touchstone::bio {

class FolderData : public PrintData {
 public:
  FolderData(const DataOptions& options, const std::function<void(std::size_t, std::size_t)>& progress);
  Print print(std::size_t finger, std::size_t impression) const override;

 private:
  struct File {
    std::filesystem::path path;
    double dpi = 500;
  };
  void add_set(const std::filesystem::path& folder, const std::string& name, const DataOptions& options);

  std::vector<std::vector<File>> files_;  // as fingers_ and their impressions
};

}  // namespace touchstone::bio
