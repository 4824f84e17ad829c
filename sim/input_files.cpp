#include "sim/input_files.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "crypto/sha256.h"
#include "wallet/encoding.h"

namespace touchstone::sim {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

InputFiles& InputFiles::instance() {
  static InputFiles files;
  return files;
}

std::string InputFiles::at(const std::string& path) {
  if (std::find(read_.begin(), read_.end(), path) == read_.end()) read_.push_back(path);
  const auto copy = copies_.find(path);
  return copy == copies_.end() ? path : copy->second;
}

const std::string& InputFiles::answer(const std::string& question, const std::function<std::string()>& ask) {
  const auto known = answers_.find(question);
  if (known != answers_.end()) return known->second;
  const auto copy = copies_.find(question);
  std::string given = copy == copies_.end() ? ask() : content_of(copy->second).value_or("");
  read_.push_back(question);
  return answers_[question] = std::move(given);
}

std::vector<InputFiles::Copied> InputFiles::copy_to(const fs::path& folder, const std::map<std::string, std::string>& names) const {
  std::vector<Copied> out;
  for (const std::string& path : read_) {
    const auto copy = copies_.find(path);
    const auto answer = answers_.find(path);
    const auto read = answer != answers_.end() ? answer->second : content_of(copy == copies_.end() ? path : copy->second);
    if (!read) continue;  // it was looked for and was not there
    const std::string& content = *read;
    const auto name = names.find(path);
    const std::string last = answer != answers_.end() ? "answer.json" : fs::path(path).filename().string();
    const std::string file = name != names.end() ? name->second : "inputs/" + std::to_string(out.size()) + "-" + last;
    fs::create_directories((folder / file).parent_path());
    std::ofstream copied(folder / file, std::ios::binary);
    copied << content;
    if (!copied.flush()) throw std::runtime_error((folder / file).string() + ": cannot be written (disk full?)");
    out.push_back({path, file, wallet::to_hex(crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(content.data()), content.size())))});
  }
  return out;
}

}  // namespace touchstone::sim
