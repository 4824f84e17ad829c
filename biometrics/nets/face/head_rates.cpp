#include "face_nets/head_rates.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "base/seed.h"
#include "codes/code_offset.h"
#include "nets/bad_input.h"

namespace touchstone::nets {
namespace {

std::vector<std::vector<std::size_t>> pictures_by_person(const faces::Embeddings& people) {
  std::vector<std::vector<std::size_t>> out(people.people.size());
  for (std::size_t i = 0; i < people.size(); ++i) out[people.person[i]].push_back(i);
  return out;
}

biometrics::FaceVector vector_of(const biometrics::Head& head, const faces::Embeddings& people, std::span<const std::size_t> pictures) {
  std::vector<std::span<const float>> rows;
  for (const std::size_t i : pictures) rows.push_back(people.of(i));
  auto vector = head.vector(rows);
  if (!vector) throw BadInput(vector.error().what);
  return std::move(vector.value());
}

}  // namespace

void add_vectors(FaceVectors& out, std::uint32_t fold, const biometrics::Head& head, const faces::Embeddings& people, const FaceProtocol& protocol) {
  const auto enrolled = static_cast<std::size_t>(protocol.enrolled), fused = static_cast<std::size_t>(protocol.fused);
  const auto pictures = pictures_by_person(people);
  for (std::uint32_t p = 0; p < pictures.size(); ++p) {
    const std::span<const std::size_t> all = pictures[p];
    const bool reference = all.size() >= enrolled + fused;
    if (reference) out.reference.push_back({fold, p, false, vector_of(head, people, all.first(enrolled))});
    const auto probe = [&](std::size_t at, std::size_t count, bool genuine) { out.probe.push_back({fold, p, genuine, vector_of(head, people, all.subspan(at, count))}); };
    if (reference) {
      for (std::size_t at = enrolled; at + fused <= all.size(); at += fused) probe(at, fused, true);
    }
    if (fused > 1) {
      for (std::size_t at = 0; !reference && at + fused <= all.size(); at += fused) probe(at, fused, false);
      for (std::size_t at = 0; at < all.size(); ++at) probe(at, 1, false);
    } else {
      for (std::size_t at = 0; at < (reference ? enrolled : all.size()); ++at) probe(at, 1, false);
    }
  }
}

FaceVectors cross_validated(const faces::Embeddings& people, const HeadOptions& options, const FaceProtocol& protocol, int folds) {
  const auto pictures = pictures_by_person(people);
  std::vector<std::size_t> order(pictures.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return pictures[a].size() > pictures[b].size(); });
  std::vector<int> fold_of(pictures.size());
  for (std::size_t i = 0; i < order.size(); ++i) fold_of[order[i]] = static_cast<int>(i) % folds;
  FaceVectors out;
  for (int fold = 0; fold < folds; ++fold) {
    std::vector<std::size_t> fitted, held_out;
    for (std::size_t i = 0; i < people.size(); ++i) (fold_of[people.person[i]] == fold ? held_out : fitted).push_back(i);
    add_vectors(out, static_cast<std::uint32_t>(fold), fit_head(people.select(fitted), options, "", {}), people.select(held_out), protocol);
  }
  return out;
}

SecretRates secret_rates(const FaceVectors& vectors, const codes::CodeChoice& code, int list_size, int records, std::uint64_t seed) {
  SecretRates rates;
  for (std::size_t r = 0; r < vectors.reference.size(); ++r) {
    const FaceVectors::Entry& reference = vectors.reference[r];
    const codes::Vector enrolled[] = {reference.vector.components};
    const int dimensions = static_cast<int>(enrolled[0].size());
    std::vector<std::uint32_t> work(std::max(codes::enrol_work_bytes(dimensions, 1), codes::regenerate_work_bytes(code, dimensions, 1, list_size)) / 4 + 1);
    const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4);
    for (int record = 0; record < records; ++record) {
      ByteArray<32> randomness{};
      SeedTree(seed).child(r).child(static_cast<std::uint64_t>(record)).stream("randomness").fill(randomness);
      codes::HelperData helper;
      Secret<32> root, again;
      if (const Status s = codes::enrol(enrolled, {.code = code, .allow_weak = true}, randomness, area, helper, root); !s) throw BadInput(s.error().what);
      for (const FaceVectors::Entry& probe : vectors.probe) {
        const bool own = probe.person == reference.person;
        if (probe.fold != reference.fold || (own && !probe.genuine)) continue;
        const codes::Vector shown[] = {probe.vector.components};
        const Status opened = codes::regenerate(shown, helper, {.list_size = list_size}, area, again);
        TS_CHECK(opened.ok() || opened.error().code == ErrorCode::kNoMatch, "a record of this head's vectors is taken");
        if (own) rates.fnmr.tries += 1, rates.fnmr.errors += opened.ok() ? 0 : 1;
        else rates.fmr.tries += 1, rates.fmr.errors += opened.ok() ? 1 : 0;
      }
    }
  }
  return rates;
}

}  // namespace touchstone::nets
