// Vectors of faces for tests: people whose pictures stand at angles that are asked for, so that figures are known before they are measured.
#pragma once

#include <cmath>
#include <numeric>

#include "base/check.h"
#include "base/seed.h"
#include "bio/face_data.h"
#include "face_head/head.h"

namespace touchstone::bio::made {

inline constexpr std::size_t kDimensions = 128;
/// Half of the directions belong to people, half to what their later pictures add.
inline constexpr std::size_t kMostPeople = kDimensions / 2;

using Direction = std::vector<double>;

/// 128 directions at right angles, along no axis: normal draws, orthogonal by Gram and Schmidt.
inline const std::vector<Direction>& directions() {
  static const std::vector<Direction> made = [] {
    Random random = SeedTree(1).stream("directions");
    std::vector<Direction> out;
    while (out.size() < kDimensions) {
      Direction d(kDimensions);
      for (double& x : d) x = random.normal();
      for (const Direction& before : out) {
        const double along = std::inner_product(d.begin(), d.end(), before.begin(), 0.0);
        for (std::size_t i = 0; i < kDimensions; ++i) d[i] -= along * before[i];
      }
      const double length = std::sqrt(std::inner_product(d.begin(), d.end(), d.begin(), 0.0));
      for (double& x : d) x /= length;
      out.push_back(std::move(d));
    }
    return out;
  }();
  return made;
}

/// A picture of `person` at an angle of this cosine to that person's direction, and at right angles to everybody else's.
inline std::vector<float> picture(std::size_t person, double cosine) {
  TS_CHECK(person < kMostPeople, "a direction for each person");
  const Direction &own = directions()[person], &added = directions()[kMostPeople + person];
  const double sine = std::sqrt(1 - cosine * cosine);
  std::vector<float> out(kDimensions);
  for (std::size_t i = 0; i < kDimensions; ++i) out[i] = static_cast<float>(cosine * own[i] + sine * added[i]);
  return out;
}

/// "p00", "p01", ...
inline std::string name(std::size_t person) { return std::string("p") + static_cast<char>('0' + person / 10) + static_cast<char>('0' + person % 10); }

inline void add(FaceVectors& to, const std::string& person, const std::vector<float>& vector) {
  to.image.push_back(to.image.size());
  to.vectors.add(person, person + "_" + std::to_string(to.image.size()), vector);
}

/// `pictures` of each person: the first five alike, the others at an angle of this cosine to them.
inline FaceVectors people(std::size_t count, double cosine, std::size_t pictures = 8) {
  FaceVectors out{"made", "", {}, {}};
  for (std::size_t p = 0; p < count; ++p) {
    for (std::size_t k = 0; k < pictures; ++k) add(out, name(p), picture(p, k < 5 ? 1 : cosine));
  }
  return out;
}

/// The set of these pictures, each with a vector.
inline FaceSet set_of(const FaceVectors& faces) { return bio::set_of(faces.vectors, "made"); }

/// A head that takes components `first` .. `first` + 127 of embeddings of `inputs` numbers as they are.
inline biometrics::Head window(std::size_t inputs = kDimensions, std::size_t first = 0) {
  biometrics::Head head;
  head.embedder = "made";
  head.mean.assign(inputs, 0);
  head.projection.assign(kDimensions * inputs, 0);
  for (std::size_t d = 0; d < kDimensions; ++d) head.projection[d * inputs + first + d] = 1;
  return head;
}

}  // namespace touchstone::bio::made
