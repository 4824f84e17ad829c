#include "bio/face_enrolled.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>

#include "base/check.h"
#include "base/seed.h"
#include "codes/bch.h"
#include "codes/rotation.h"
#include "face_secret/face_secret.h"
#include "faces/splits.h"

namespace touchstone::bio {
namespace {

/// Pictures that make a reference or a probe together.
struct Group {
  std::uint32_t person = 0;
  std::vector<std::size_t> vectors;
};

class Comparer {
 public:
  Comparer(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment) : set_(set), faces_(faces), enrolment_(enrolment) {
    std::map<std::uint32_t, std::vector<std::size_t>> of_person;
    for (const std::size_t i : reported(set, faces)) of_person[faces.vectors.person[i]].push_back(i);
    const auto enrolled = static_cast<std::size_t>(enrolment.enrolled), fused = static_cast<std::size_t>(enrolment.fused);
    for (const auto& [person, pictures] : of_person) {
      const std::size_t aside = pictures.size() >= enrolled + fused ? enrolled : 0;
      const auto part = [p = person, &own = pictures](std::size_t first, std::size_t count) {
        const auto begin = own.begin() + static_cast<std::ptrdiff_t>(first);
        return Group{p, {begin, begin + static_cast<std::ptrdiff_t>(count)}};
      };
      if (aside > 0) references_.push_back(part(0, enrolled));
      for (std::size_t first = aside; first + fused <= pictures.size(); first += fused) {
        if (aside > 0) genuine_.push_back(probes_.size());
        probes_.push_back(part(first, fused));
      }
      for (std::size_t i = aside; fused > 1 && i < pictures.size(); ++i) probes_.push_back(part(i, 1));
    }
  }

  const std::vector<Group>& references() const { return references_; }
  const std::vector<Group>& probes() const { return probes_; }

  /// Every reference with its own probes and with strangers', each by its place in references() and probes().
  metrics::ScoreSet compare(const std::function<float(std::size_t, std::size_t)>& score) const {
    metrics::ScoreSet out;
    out.stratum.assign(faces_.vectors.people.size(), 0);
    for (std::uint32_t r = 0; r < references_.size(); ++r) {
      const std::uint32_t person = references_[r].person;
      for (const std::size_t p : genuine_) {
        if (probes_[p].person == person) out.genuine.push_back({r, person, person, score(r, p)});
      }
      for (std::size_t p = 0; p < probes_.size(); ++p) {
        if (probes_[p].person != person) out.impostor.push_back({r, person, probes_[p].person, score(r, p)});
      }
    }
    return out;
  }

  FaceRow row(const char* representation) const {
    FaceRow out = begin_row(set_, faces_, "enrolled", representation);
    out.people = reported_people(set_);
    out.enrolled = enrolment_.enrolled;
    out.fused = enrolment_.fused;
    out.persons = references_.size();
    return out;
  }

 private:
  const FaceSet& set_;
  const FaceVectors& faces_;
  Enrolment enrolment_;
  std::vector<Group> references_, probes_;
  std::vector<std::size_t> genuine_;  // probes that are also compared with their own person's reference
};

template <typename T>
std::vector<T> made(const std::vector<Group>& groups, const std::function<T(const Group&)>& make) {
  std::vector<T> out;
  for (const Group& g : groups) out.push_back(make(g));
  return out;
}

FaceRow embedding_row(const Comparer& comparer, const FaceVectors& faces, const metrics::BootstrapOptions& options) {
  const auto vectors = units(faces.vectors);
  const std::function<std::vector<float>(const Group&)> sum = [&](const Group& g) {
    std::vector<float> out(faces.vectors.dimensions, 0);
    for (const std::size_t i : g.vectors) {
      for (std::size_t d = 0; d < out.size(); ++d) out[d] += vectors[i][d];
    }
    return unit(out);
  };
  const auto references = made(comparer.references(), sum), probes = made(comparer.probes(), sum);
  FaceRow row = comparer.row("embedding");
  measure_scores(comparer.compare([&](std::size_t r, std::size_t p) { return product(references[r], probes[p]); }), options, row);
  return row;
}

/// The head's vectors of all references and probes.
struct HeadVectors {
  std::vector<biometrics::FaceVector> references, probes;
};

HeadVectors head_vectors(const Comparer& comparer, const FaceVectors& faces, const biometrics::Head& head) {
  const std::function<biometrics::FaceVector(const Group&)> vector = [&](const Group& g) {
    std::vector<std::span<const float>> pictures;
    for (const std::size_t i : g.vectors) pictures.push_back(faces.vectors.of(i));
    auto out = head.vector(pictures);
    TS_CHECK(out.ok(), "vectors of the head's embedder");
    return std::move(out).value();
  };
  return {made(comparer.references(), vector), made(comparer.probes(), vector)};
}

FaceRow code_row(const Comparer& comparer, const HeadVectors& vectors, std::size_t dimensions, const metrics::BootstrapOptions& options) {
  FaceRow row = comparer.row("code");
  row.scheme = "r1";
  const auto code = biometrics::face_code(dimensions);
  TS_CHECK(code.ok(), "a head whose vectors a code takes");
  row.k_bits = code.value().k;
  std::vector<codes::HelperData> records(vectors.references.size());
  for (std::size_t r = 0; r < records.size(); ++r) {
    ByteArray<32> randomness{};
    SeedTree(options.seed).child("face").child(r).stream("record").fill(randomness);
    Secret<32> root;
    TS_CHECK(biometrics::enrol_face(vectors.references[r], randomness, records[r], root).ok(), "a vector makes a record");
  }
  const auto scores = comparer.compare([&](std::size_t r, std::size_t p) {
    Secret<32> root;
    return biometrics::open_face(vectors.probes[p], records[r], root).ok() ? 1.0F : 0.0F;
  });
  measure_decisions(scores, 0.5, options, row);
  return row;
}

using Rotated = std::vector<std::int32_t>;

Rotated rotated(const biometrics::FaceVector& v, const codes::Rotation& rotation) {
  Rotated out(v.components.begin(), v.components.end());
  out.resize(static_cast<std::size_t>(rotation.dimensions()), 0);
  for (std::int32_t& x : out) x *= 127;  // rounding of the passes counts less
  rotation.apply(out);
  return out;
}

float cosine(const Rotated& a, const Rotated& b) {
  double dot = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double x = a[i], y = b[i];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return static_cast<float>(dot / std::sqrt(aa * bb));
}

Rotated signs_of(const Rotated& v) {
  Rotated out;
  for (const std::int32_t x : v) out.push_back(x < 0 ? -1 : 1);
  return out;
}

}  // namespace

const char* reported_people(const FaceSet& set) {
  const auto& rows = faces::split_rows();
  return std::any_of(rows.begin(), rows.end(), [&](const faces::SplitRow& row) { return row.set == set.name; }) ? "report" : "all";
}

std::vector<std::size_t> reported(const FaceSet& set, const FaceVectors& faces) {
  if (std::string_view(reported_people(set)) == "report") return faces::pictures_of(faces.vectors, set.name, faces::Part::kReport);
  std::vector<std::size_t> out(faces.vectors.size());
  std::iota(out.begin(), out.end(), std::size_t{0});
  return out;
}

FaceRow enrolled_embedding(const FaceSet& set, const FaceVectors& faces, const Enrolment& enrolment, const metrics::BootstrapOptions& options) {
  return embedding_row(Comparer(set, faces, enrolment), faces, options);
}

FaceRow enrolled_code(const FaceSet& set, const FaceVectors& faces, const biometrics::Head& head, const Enrolment& enrolment, const metrics::BootstrapOptions& options) {
  const Comparer comparer(set, faces, enrolment);
  return code_row(comparer, head_vectors(comparer, faces, head), head.dimensions(), options);
}

std::vector<FaceRow> loss_by_protection(const FaceSet& set, const FaceVectors& faces, const biometrics::Head& head, const Enrolment& enrolment, const metrics::BootstrapOptions& options) {
  const Comparer comparer(set, faces, enrolment);
  const HeadVectors vectors = head_vectors(comparer, faces, head);
  const int log2_dimensions = std::bit_width(head.dimensions() - 1);

  // One rotation for all, as one record's: another changes which signs are near 0, not how many.
  ByteArray<16> seed{};
  SeedTree(options.seed).child("face").stream("rotation").fill(seed);
  const codes::Rotation rotation(seed, log2_dimensions);
  const auto turned = [&](const std::vector<biometrics::FaceVector>& of) {
    std::vector<Rotated> out;
    for (const auto& v : of) out.push_back(rotated(v, rotation));
    return out;
  };
  const auto signs = [](const std::vector<Rotated>& of) {
    std::vector<Rotated> out;
    for (const Rotated& v : of) out.push_back(signs_of(v));
    return out;
  };
  const auto references = turned(vectors.references), probes = turned(vectors.probes);
  const auto reference_signs = signs(references), probe_signs = signs(probes);
  const auto step = [&](const char* name, const std::vector<Rotated>& rs, const std::vector<Rotated>& ps) {
    FaceRow row = comparer.row("embedding");
    row.scheme = name;
    measure_scores(comparer.compare([&](std::size_t r, std::size_t p) { return cosine(rs[r], ps[p]); }), options, row);
    return row;
  };

  std::vector<FaceRow> out = {embedding_row(comparer, faces, options)};
  out.front().scheme = "embedding";
  out.push_back(step("whitened", references, probes));
  out.push_back(step("enrolled signs", reference_signs, probes));
  out.push_back(step("signs", reference_signs, probe_signs));
  out.push_back(code_row(comparer, vectors, head.dimensions(), options));

  const int length = rotation.dimensions() - 1;  // of a BCH code: a power of two less one
  for (int k = out.back().k_bits; k < length; ++k) {
    const auto code = codes::BchCode::find(length, k);
    if (!code) continue;
    FaceRow row = comparer.row("code");
    row.scheme = "bch";
    row.k_bits = k;
    const auto wrong = [&](std::size_t r, std::size_t p) {
      int count = 0;
      for (std::size_t i = 0; i < static_cast<std::size_t>(length); ++i) count += reference_signs[r][i] != probe_signs[p][i] ? 1 : 0;
      return static_cast<float>(-count);
    };
    measure_decisions(comparer.compare(wrong), -code->correctable(), options, row);
    out.push_back(std::move(row));
    break;
  }
  return out;
}

}  // namespace touchstone::bio
