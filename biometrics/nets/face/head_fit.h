// Fitting a head (face_head/head.h) over many people's embeddings: principal components whitened by a power of their variance, or
// the directions in which people differ most from one another against how their own pictures differ (linear discriminants).
#pragma once

#include "face_head/head.h"
#include "faces/embeddings.h"

namespace touchstone::nets {

struct HeadOptions {
  int dimensions = 128;  ///< d' of the vector
  /// Principal components: each is scaled by variance^(-alpha/2). Discriminants: variance 1 times reliability^(alpha/2).
  double alpha = 1;
  bool learned = false;    ///< discriminants instead of principal components alone
  int principal = 160;     ///< learned: components that discriminants are sought among, at least `dimensions`
  double shrinkage = 0.1;  ///< learned: of the covariance within people towards a multiple of the identity, 0 .. 1
};

/// All pictures weigh the same. `embedder` and its file's digest are written into the head. Throws BadInput for options that do not
/// fit the embeddings: fewer pictures than dimensions, or (learned) fewer pairs of one person than components.
biometrics::Head fit_head(const faces::Embeddings& people, const HeadOptions& options, const std::string& embedder, const ByteArray<32>& embedder_digest);

}  // namespace touchstone::nets
