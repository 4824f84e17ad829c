#include "bio/folder_data.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "bio/bad_input.h"
#include "bio/print_check.h"
#include "bio/print_file.h"
#include "crypto/sha256.h"

namespace touchstone::bio {
namespace {

namespace fs = std::filesystem;

constexpr double kUnstatedDpi = 500;  // what the field's sets have; the check of ridge distances guards it

// Sets whose files do not state their resolution, by their publishers' word.
std::optional<double> known_dpi(const std::string& set) {
  static const std::map<std::string, double> known = {{"fvc2002_db1_b", 500},
                                                      {"fvc2002_db3_b_f101_105", 500},
                                                      {"fvc2002_db4_b", 500},
                                                      {"fvc2004_db1_b", 500},
                                                      {"fvc2004_db3_b_f101_105", 512}};
  const auto found = known.find(set);
  return found == known.end() ? std::nullopt : std::optional(found->second);
}

bool parse(std::string_view text, int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size() && out >= 0;
}

std::string file_bytes(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) throw BadInput(path.string() + ": cannot be read");
  return bytes;
}

Bytes as_bytes(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

std::string hexadecimal(Bytes bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t b : bytes) {
    out += kDigits[b >> 4];
    out += kDigits[b & 15];
  }
  return out;
}

// Numbers by value, so that 9 stands before 10; other names by letters behind them.
bool name_less(const std::string& a, const std::string& b) {
  int x = 0;
  int y = 0;
  const bool a_number = parse(a, x);
  const bool b_number = parse(b, y);
  if (a_number && b_number && x != y) return x < y;
  return a_number != b_number ? a_number : a < b;
}

}  // namespace

FolderData::FolderData(const DataOptions& options, const std::function<void(std::size_t, std::size_t)>& progress) {
  const fs::path root = options.data;
  std::error_code error;
  if (!fs::is_directory(root, error)) throw BadInput(options.data + ": is no folder; give a set (with png/F_K.png), a folder of sets, or 'synthetic'");
  const bool one = fs::is_directory(root / "png", error);
  if (one) {
    label_ = fs::weakly_canonical(root).filename().string();
    add_set(root, label_, options);
  } else {
    label_ = "pooled";
    std::string missing;
    for (const std::string& set : pooled_sets()) {
      if (!fs::is_directory(root / set / "png", error)) missing += (missing.empty() ? "" : ", ") + set;
    }
    if (!missing.empty()) throw BadInput(options.data + ": holds neither png/ (one set) nor all the sets that are pooled; missing: " + missing);
    for (const std::string& set : pooled_sets()) add_set(root / set, set, options);
  }

  crypto::Sha256 all;
  std::size_t count = 0;
  std::size_t done = 0;
  for (const auto& files : files_) count += files.size();
  for (std::size_t f = 0; f < files_.size(); ++f) {
    for (std::size_t i = 0; i < files_[f].size(); ++i) {
      const PrintCheck check = check_print(print(f, i));
      if (!check.ok()) throw BadInput(files_[f][i].path.string() + ": " + check.reason());
      const std::string name = sets_[fingers_[f].set] + "/" + fingers_[f].name + "_" + std::to_string(fingers_[f].impressions[i]) + " " +
                               std::to_string(std::lround(files_[f][i].dpi)) + "\n";
      all.update(as_bytes(name)).update(crypto::sha256(as_bytes(file_bytes(files_[f][i].path))));
      if (progress) progress(++done, count);
    }
  }
  digest_ = hexadecimal(all.finish());
}

void FolderData::add_set(const fs::path& folder, const std::string& name, const DataOptions& options) {
  const auto set = static_cast<std::uint32_t>(sets_.size());
  sets_.push_back(name);
  const std::optional<double> known = known_dpi(name);
  if (known && options.dpi && *known != *options.dpi) {
    throw BadInput("--dpi " + std::to_string(std::lround(*options.dpi)) + ": " + name + " is known to have " + std::to_string(std::lround(*known)) + " dpi");
  }

  std::map<std::string, std::map<int, fs::path>, decltype(&name_less)> found(&name_less);
  std::set<int> impressions;
  for (const auto& entry : fs::directory_iterator(folder / "png")) {
    const fs::path path = entry.path();
    const std::string stem = path.stem().string();
    if (stem.starts_with(".") || !entry.is_regular_file()) continue;
    const std::size_t line = stem.rfind('_');
    int number = 0;
    if (path.extension() != ".png") throw BadInput(path.string() + ": only PNG pictures named FINGER_IMPRESSION.png belong here");
    if (line == std::string::npos || line == 0 || !parse(std::string_view(stem).substr(line + 1), number)) {
      throw BadInput(path.string() + ": is not named FINGER_IMPRESSION.png, for instance 101_1.png");
    }
    const auto [place, fresh] = found[stem.substr(0, line)].emplace(number, path);
    if (!fresh) throw BadInput(path.string() + ": the same finger and impression as " + place->second.string() + "; remove one");
    impressions.insert(number);
  }
  if (found.size() < 2) throw BadInput((folder / "png").string() + ": fewer than two fingers; nothing can be compared");
  for (const auto& [finger, numbers] : found) {
    for (const int i : impressions) {
      if (!numbers.contains(i)) throw BadInput((folder / "png").string() + ": finger " + finger + " lacks impression " + std::to_string(i) + ", which other fingers have");
    }
    if (static_cast<int>(numbers.size()) < options.least_impressions) {
      throw BadInput((folder / "png").string() + ": finger " + finger + " has " + std::to_string(numbers.size()) + " impressions, " +
                     std::to_string(options.least_impressions) + " are needed");
    }
    Finger one{set, finger, {}};
    std::vector<File> files;
    for (const auto& [number, path] : numbers) {
      const PngHeader header = read_png_header(path);
      if (header.dpi && options.dpi && std::abs(*header.dpi - *options.dpi) > 1) {
        throw BadInput(path.string() + ": states " + std::to_string(std::lround(*header.dpi)) + " dpi, not the " + std::to_string(std::lround(*options.dpi)) + " of --dpi");
      }
      one.impressions.push_back(number);
      files.push_back({path, known ? *known : header.dpi ? *header.dpi : options.dpi.value_or(kUnstatedDpi)});
    }
    fingers_.push_back(std::move(one));
    files_.push_back(std::move(files));
  }
}

Print FolderData::print(std::size_t finger, std::size_t impression) const {
  const File& file = files_[finger][impression];
  return {read_print(file.path), file.dpi};
}

}  // namespace touchstone::bio
