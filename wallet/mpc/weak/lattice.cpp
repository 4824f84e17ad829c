#include "mpc_weak/lattice.h"

#include <utility>

namespace touchstone::mpc::weak {

namespace {

Integer dot(const Row& a, const Row& b) {
  Integer out = 0;
  for (std::size_t i = 0; i < a.size(); ++i) out += a[i] * b[i];
  return out;
}

Integer nearest(const Integer& a, const Integer& positive) {
  const Integer twice = 2 * a + positive;
  Integer q = twice / (2 * positive);
  if (twice % (2 * positive) < 0) --q;
  return q;
}

/// d[i + 1] = det of the Gram matrix of the first i + 1 rows; lambda[i][j] = d[j + 1] mu[i][j].
class Reduction {
 public:
  explicit Reduction(std::vector<Row>& basis)
      : b_(basis), d_(basis.size() + 1, 1), lambda_(basis.size(), Row(basis.size())) {
    for (std::size_t i = 0; i < b_.size(); ++i) orthogonalise(i);
  }
  void run() {
    for (std::size_t k = 1; k < b_.size();) {
      shorten(k, k - 1);
      // Lovasz: d[k+1] d[k-1] < 3/4 d[k]^2 - lambda^2
      if (4 * d_[k + 1] * d_[k - 1] < 3 * d_[k] * d_[k] - 4 * lambda_[k][k - 1] * lambda_[k][k - 1]) {
        swap(k);
        k = k > 1 ? k - 1 : 1;
      } else {
        for (std::size_t l = k - 1; l-- > 0;) shorten(k, l);
        ++k;
      }
    }
  }

 private:
  void orthogonalise(std::size_t i) {
    for (std::size_t j = 0; j <= i; ++j) {
      Integer u = dot(b_[i], b_[j]);
      for (std::size_t l = 0; l < j; ++l) u = (d_[l + 1] * u - lambda_[i][l] * lambda_[j][l]) / d_[l];
      if (j < i) lambda_[i][j] = u;
      else d_[i + 1] = u;
    }
  }
  void shorten(std::size_t k, std::size_t l) {
    const Integer q = nearest(lambda_[k][l], d_[l + 1]);
    if (q == 0) return;
    for (std::size_t c = 0; c < b_[k].size(); ++c) b_[k][c] -= q * b_[l][c];
    lambda_[k][l] -= q * d_[l + 1];
    for (std::size_t i = 0; i < l; ++i) lambda_[k][i] -= q * lambda_[l][i];
  }
  void swap(std::size_t k) {
    std::swap(b_[k], b_[k - 1]);
    for (std::size_t j = 0; j + 1 < k; ++j) std::swap(lambda_[k][j], lambda_[k - 1][j]);
    const Integer lambda = lambda_[k][k - 1];
    const Integer d = (d_[k - 1] * d_[k + 1] + lambda * lambda) / d_[k];
    for (std::size_t i = k + 1; i < b_.size(); ++i) {
      const Integer t = lambda_[i][k];
      lambda_[i][k] = (d_[k + 1] * lambda_[i][k - 1] - lambda * t) / d_[k];
      lambda_[i][k - 1] = (d * t + lambda * lambda_[i][k]) / d_[k + 1];
    }
    d_[k] = d;
  }

  std::vector<Row>& b_;
  Row d_;
  std::vector<Row> lambda_;
};

}  // namespace

void reduce_lattice(std::vector<Row>& basis) { Reduction(basis).run(); }

}  // namespace touchstone::mpc::weak
