// Vectors of face pictures with the people they show: what every figure of faces starts from, whoever made the vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace touchstone::faces {

struct Embeddings {
  std::size_t dimensions = 0;
  std::vector<float> values;               ///< [pictures][dimensions], rows of any length but 0
  std::vector<std::string> people;         ///< their names
  std::vector<std::uint32_t> person;       ///< [pictures], index into people
  std::vector<std::string> picture;        ///< [pictures], its name

  std::size_t size() const { return person.size(); }
  std::span<const float> of(std::size_t i) const { return std::span(values).subspan(i * dimensions, dimensions); }
  /// Adds a picture; a person not seen before is added too. `vector` has `dimensions` numbers (those of the first picture).
  void add(const std::string& person_name, const std::string& picture_name, std::span<const float> vector);
  /// Those of some pictures, in the order asked for, with the people they show.
  Embeddings select(std::span<const std::size_t> pictures) const;
};

/// A NumPy file of shape [pictures, dimensions], little-endian float32 in C order, and a text of as many lines `person` or
/// `person,picture`. Errors, which say what is wrong with which of them: kDevice (cannot be read), kBadFormat, kOutOfRange (a number that
/// is not finite, a row of length 0).
Result<Embeddings> read_embeddings(const std::filesystem::path& npy, const std::filesystem::path& labels);

/// The same two files, as their bytes.
std::string npy_text(const Embeddings& embeddings);
std::string labels_text(const Embeddings& embeddings);

}  // namespace touchstone::faces
