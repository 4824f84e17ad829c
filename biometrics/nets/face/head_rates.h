// How often a head's faces open their own record of scheme R1 and others' - the figures that a head and its code are chosen by.
#pragma once

#include "codes/code_choice.h"
#include "face_nets/head_fit.h"
#include "metrics/rate.h"

namespace touchstone::nets {

/// Of every person with at least enrolled + fused pictures the first `enrolled` make the record; the others, `fused` at a time, are
/// genuine probes, an incomplete rest is left out. Impostors are all other people: their pictures one by one, and `fused` at a time.
struct FaceProtocol {
  int enrolled = 5;
  int fused = 3;
};

/// References and probes of one fold or several; only those of one fold are compared.
struct FaceVectors {
  struct Entry {
    std::uint32_t fold = 0, person = 0;
    bool genuine = false;  ///< of a probe: also compared with its own person's record
    biometrics::FaceVector vector;
  };
  std::vector<Entry> reference, probe;
};
void add_vectors(FaceVectors& out, std::uint32_t fold, const biometrics::Head& head, const faces::Embeddings& people, const FaceProtocol& protocol);

/// The head fitted anew on all folds but one and applied to that one, for each of `folds`. People with many pictures are dealt first,
/// so that every fold has as many of them. Throws BadInput as fit_head.
FaceVectors cross_validated(const faces::Embeddings& people, const HeadOptions& options, const FaceProtocol& protocol, int folds);

struct SecretRates {
  metrics::Rate fnmr, fmr;
};
/// Each reference enrolled `records` times with randomness from `seed` - by how it falls a probe at the edge opens one record and not the
/// next - and every probe tried on each.
SecretRates secret_rates(const FaceVectors& vectors, const codes::CodeChoice& code, int list_size, int records, std::uint64_t seed);

}  // namespace touchstone::nets
