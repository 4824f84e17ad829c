#include "faces/embeddings.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <regex>

#include "base/bytes.h"
#include "base/check.h"

namespace touchstone::faces {
namespace {

static_assert(std::endian::native == std::endian::little);

// The header of a NumPy file: magic, version, length, and a Python dictionary (NEP 1).
constexpr std::string_view kMagic("\x93NUMPY", 6);

}  // namespace

void Embeddings::add(const std::string& person_name, const std::string& picture_name, std::span<const float> vector) {
  if (person.empty()) dimensions = vector.size();
  TS_CHECK(vector.size() == dimensions, "all vectors have one length");
  // People come one after the other, so the last is the likeliest.
  auto found = !people.empty() && people.back() == person_name ? people.end() - 1 : std::find(people.begin(), people.end(), person_name);
  if (found == people.end()) {
    people.push_back(person_name);
    found = people.end() - 1;
  }
  person.push_back(static_cast<std::uint32_t>(found - people.begin()));
  picture.push_back(picture_name);
  values.insert(values.end(), vector.begin(), vector.end());
}

Embeddings Embeddings::select(std::span<const std::size_t> pictures) const {
  Embeddings out;
  out.dimensions = dimensions;
  for (const std::size_t i : pictures) out.add(people[person[i]], picture[i], of(i));
  return out;
}

Result<Embeddings> read_embeddings(const std::filesystem::path& npy, const std::filesystem::path& labels) {
  std::ifstream file(npy, std::ios::binary);
  if (!file) return Error{ErrorCode::kDevice, "the file of vectors cannot be read"};
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() < 12 || !bytes.starts_with(kMagic)) return Error{ErrorCode::kBadFormat, "the vectors are no NumPy file"};
  const bool long_header = bytes[6] >= 2;
  const auto* raw = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const std::size_t header_at = long_header ? 12 : 10;
  const std::size_t header_bytes = long_header ? load_le32(raw + 8) : load_le16(raw + 8);
  if (header_bytes > bytes.size() - header_at) return Error{ErrorCode::kBadFormat, "the NumPy file ends in its header"};
  const std::string header = bytes.substr(header_at, header_bytes);
  std::smatch shape;
  if (header.find("'<f4'") == std::string::npos || header.find("'fortran_order': False") == std::string::npos ||
      !std::regex_search(header, shape, std::regex(R"('shape': \(([0-9]{1,9}), ([0-9]{1,5})\))")))
    return Error{ErrorCode::kBadFormat, "the vectors must be float32 in C order, shape (pictures, dimensions)"};
  const std::size_t pictures = std::stoul(shape[1]);
  const std::size_t dimensions = std::stoul(shape[2]);
  const std::size_t data_at = header_at + header_bytes;
  if (dimensions == 0 || bytes.size() - data_at != pictures * dimensions * sizeof(float))
    return Error{ErrorCode::kBadFormat, "the NumPy file's length is not that of its shape"};

  std::ifstream text(labels);
  if (!text) return Error{ErrorCode::kDevice, "the file of labels cannot be read"};
  Embeddings out;
  out.dimensions = dimensions;
  std::vector<float> row(dimensions);
  std::string line;
  for (std::size_t i = 0; i < pictures; ++i) {
    if (!std::getline(text, line)) return Error{ErrorCode::kBadFormat, "there are fewer labels than vectors"};
    const std::size_t comma = line.find(',');
    const std::string person = line.substr(0, comma);
    if (comma + 1 == line.size()) return Error{ErrorCode::kBadFormat, "a label has a comma and no picture behind it"};
    if (person.empty()) return Error{ErrorCode::kBadFormat, "a label names nobody"};
    std::memcpy(row.data(), bytes.data() + data_at + i * dimensions * sizeof(float), dimensions * sizeof(float));
    double square = 0;
    for (const float v : row) square += static_cast<double>(v) * static_cast<double>(v);
    if (!std::isfinite(square) || square == 0) return Error{ErrorCode::kOutOfRange, "a vector is zero or not finite"};
    out.add(person, comma == std::string::npos ? std::to_string(i) : line.substr(comma + 1), row);
  }
  if (std::getline(text, line)) return Error{ErrorCode::kBadFormat, "there are more labels than vectors"};
  return out;
}

std::string npy_text(const Embeddings& embeddings) {
  std::string header =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(embeddings.size()) + ", " + std::to_string(embeddings.dimensions) + "), }";
  // Data begin at a multiple of 64 (NEP 1); the header ends with a newline.
  constexpr std::size_t kPrefix = 10, kAlign = 64;
  header.resize((kPrefix + header.size() + kAlign) / kAlign * kAlign - kPrefix - 1, ' ');
  header += '\n';
  std::string out(kMagic);
  out += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  out += header;
  out.append(reinterpret_cast<const char*>(embeddings.values.data()), embeddings.values.size() * sizeof(float));
  return out;
}

std::string labels_text(const Embeddings& embeddings) {
  std::string out;
  for (std::size_t i = 0; i < embeddings.size(); ++i) out += embeddings.people[embeddings.person[i]] + "," + embeddings.picture[i] + "\n";
  return out;
}

}  // namespace touchstone::faces
