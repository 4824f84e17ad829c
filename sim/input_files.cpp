#include "sim/input_files.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "crypto/sha256.h"
#include "wallet/encoding.h"

namespace touchstone::sim {

namespace fs = std::filesystem;

InputFiles& InputFiles::instance() {
  static InputFiles files;
  return files;
}

std::string InputFiles::at(const std::string& path) {
  if (std::find(read_.begin(), read_.end(), path) == read_.end()) read_.push_back(path);
  const auto copy = copies_.find(path);
  return copy == copies_.end() ? path : copy->second;
}

std::vector<InputFiles::Copied> InputFiles::copy_to(const fs::path& folder, const std::map<std::string, std::string>& names) const {
  std::vector<Copied> out;
  for (const std::string& path : read_) {
    const auto copy = copies_.find(path);
    std::ifstream in(copy == copies_.end() ? path : copy->second, std::ios::binary);
    if (!in) continue;  // it was looked for and was not there
    const std::string content{std::istreambuf_iterator<char>(in), {}};
    const auto name = names.find(path);
    const std::string file = name != names.end() ? name->second : "inputs/" + std::to_string(out.size()) + "-" + fs::path(path).filename().string();
    fs::create_directories((folder / file).parent_path());
    std::ofstream copied(folder / file, std::ios::binary);
    copied << content;
    if (!copied.flush()) throw std::runtime_error((folder / file).string() + ": cannot be written (disk full?)");
    out.push_back({path, file, wallet::to_hex(crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(content.data()), content.size())))});
  }
  return out;
}

}  // namespace touchstone::sim
