#include "faces/splits.h"

#include <map>
#include <sstream>

#include "base/check.h"
#include "crypto/sha256.h"
#include "faces/splits_file.h"

asm(".pushsection .rodata.face_splits, \"a\"\n"
    "touchstone_face_splits:\n"
    ".incbin \"" TS_FACE_SPLITS "\"\n"
    "touchstone_face_splits_end:\n"
    ".popsection\n"
    ".globl touchstone_face_splits, touchstone_face_splits_end\n");

extern "C" const char touchstone_face_splits[], touchstone_face_splits_end[];

namespace touchstone::faces {
namespace {

constexpr std::size_t kDigits = 16;

std::string digest_of(std::string_view set, std::string_view person) {
  const std::string text = std::string(set) + "/" + std::string(person);
  const auto digest = crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
  std::string out;
  for (std::size_t i = 0; i < kDigits / 2; ++i) {
    out += "0123456789abcdef"[digest[i] >> 4];
    out += "0123456789abcdef"[digest[i] & 15];
  }
  return out;
}

}  // namespace

const char* to_string(Part part) { return part == Part::kTune ? "tune" : "report"; }

const std::vector<SplitRow>& split_rows() {
  static const std::vector<SplitRow> rows = [] {
    std::vector<SplitRow> out;
    std::istringstream in(std::string(touchstone_face_splits, touchstone_face_splits_end));
    std::string line;
    std::getline(in, line);
    TS_CHECK(line == "set,person,part", "the first line of splits.csv names its columns");
    while (std::getline(in, line)) {
      std::istringstream fields(line);
      SplitRow row;
      std::string part;
      std::getline(fields, row.set, ',');
      std::getline(fields, row.person, ',');
      std::getline(fields, part);
      TS_CHECK(row.person.size() == kDigits && (part == "tune" || part == "report"), "a row of splits.csv");
      row.part = part == "tune" ? Part::kTune : Part::kReport;
      out.push_back(std::move(row));
    }
    return out;
  }();
  return rows;
}

std::optional<Part> part_of(std::string_view set, std::string_view person) {
  static const std::map<std::pair<std::string, std::string>, Part> parts = [] {
    std::map<std::pair<std::string, std::string>, Part> out;
    for (const SplitRow& row : split_rows()) out[{row.set, row.person}] = row.part;
    return out;
  }();
  const auto found = parts.find({std::string(set), digest_of(set, person)});
  return found == parts.end() ? std::nullopt : std::optional(found->second);
}

std::vector<std::size_t> pictures_of(const Embeddings& embeddings, std::string_view set, Part part) {
  std::vector<bool> wanted;
  for (const std::string& person : embeddings.people) wanted.push_back(part_of(set, person) == part);
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < embeddings.size(); ++i) {
    if (wanted[embeddings.person[i]]) out.push_back(i);
  }
  return out;
}

}  // namespace touchstone::faces
