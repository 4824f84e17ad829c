// The files of pretrained networks: from pinned npm packages, fetched at set-up, never in the repository. Each is read with its hash
// checked, so that no figure is ever stated of another network.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace touchstone::face {

struct ModelFile {
  const char* role;     ///< "detector", "landmarks", "embedder a", "embedder b", "pictures"
  const char* package;
  const char* version;
  const char* path;     ///< in the package
  const char* sha256;
  const char* terms;    ///< licence, and what is known of where weights and training pictures came from
};
/// Every file that is ever read.
const std::vector<ModelFile>& model_files();

/// Where npm has put the packages; empty in a build that had none.
std::filesystem::path packages_folder();

/// The bytes of a package's file. `folder`: as packages_folder(). Refused (kModel): no packages, missing, altered.
std::vector<std::uint8_t> read_model(const std::string& path, const std::filesystem::path& folder = packages_folder());

}  // namespace touchstone::face
