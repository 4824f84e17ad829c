#include "face_nets/head_fit.h"

#include <Eigen/Dense>
#include <cmath>

#include "nets/bad_input.h"

namespace touchstone::nets {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Covariance of the pictures about their own person's mean; `pairs` counts its degrees of freedom.
Matrix within_people(const Matrix& rows, const faces::Embeddings& people, Eigen::Index& pairs) {
  Matrix sum = Matrix::Zero(static_cast<Eigen::Index>(people.people.size()), rows.cols());
  Eigen::VectorXd count = Eigen::VectorXd::Zero(sum.rows());
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    sum.row(people.person[static_cast<std::size_t>(i)]) += rows.row(i);
    count[people.person[static_cast<std::size_t>(i)]] += 1;
  }
  Matrix apart = rows;
  for (Eigen::Index i = 0; i < rows.rows(); ++i) {
    const auto p = people.person[static_cast<std::size_t>(i)];
    apart.row(i) -= sum.row(p) / count[p];
  }
  pairs = rows.rows() - static_cast<Eigen::Index>((count.array() > 0).count());
  return apart.transpose() * apart / static_cast<double>(std::max<Eigen::Index>(pairs, 1));
}

/// The last eigenvectors first, each with its largest component positive, so that no solver's choice of sign is seen.
Matrix leading(const Matrix& ascending, Eigen::Index wanted) {
  Matrix out = ascending.rowwise().reverse().leftCols(wanted);
  for (Eigen::Index k = 0; k < wanted; ++k) {
    Eigen::Index at = 0;
    out.col(k).cwiseAbs().maxCoeff(&at);
    if (out(at, k) < 0) out.col(k) *= -1;
  }
  return out;
}

}  // namespace

biometrics::Head fit_head(const faces::Embeddings& people, const HeadOptions& options, const std::string& embedder, const ByteArray<32>& embedder_digest) {
  const auto n = static_cast<Eigen::Index>(people.size()), d = static_cast<Eigen::Index>(people.dimensions);
  const Eigen::Index wanted = options.dimensions, among = options.learned ? options.principal : wanted;
  if (wanted < 1 || among < wanted || among > d || n <= among) throw BadInput("a head of " + std::to_string(wanted) + " dimensions out of " + std::to_string(among) + " cannot be fitted to " + std::to_string(n) + " pictures of " + std::to_string(d) + " numbers");
  Matrix rows(n, d);
  for (Eigen::Index i = 0; i < n; ++i) {
    const std::span<const float> row = people.of(static_cast<std::size_t>(i));
    for (Eigen::Index k = 0; k < d; ++k) rows(i, k) = static_cast<double>(row[static_cast<std::size_t>(k)]);
    rows.row(i).normalize();
  }
  const Eigen::RowVectorXd mean = rows.colwise().mean();
  rows.rowwise() -= mean;
  const Eigen::SelfAdjointEigenSolver<Matrix> principal(rows.transpose() * rows / static_cast<double>(n - 1));
  const Matrix components = leading(principal.eigenvectors(), among);
  const Eigen::VectorXd variance = principal.eigenvalues().reverse().head(among);
  if (!(variance[among - 1] > 1e-12 * variance[0])) throw BadInput("the pictures span fewer dimensions than the head is to have");

  Matrix projection(d, wanted);
  if (!options.learned) {
    projection = components * variance.array().pow(-options.alpha / 2).matrix().asDiagonal();
  } else {
    Eigen::Index pairs = 0;
    Matrix within = within_people(rows * components, people, pairs);
    if (pairs < among) throw BadInput("too few people with several pictures for discriminants among " + std::to_string(among) + " components");
    const double middle = within.trace() / static_cast<double>(among);
    within = (1 - options.shrinkage) * within + options.shrinkage * middle * Matrix::Identity(among, among);
    const Eigen::GeneralizedSelfAdjointEigenSolver<Matrix> discriminant(Matrix(variance.asDiagonal()), within);
    const Eigen::ArrayXd ratio = discriminant.eigenvalues().reverse().head(wanted).array();  // total against within
    // Pictures of one person share 1 - 1/ratio of a direction's variance.
    const Eigen::ArrayXd reliability = (1 - ratio.inverse()).max(0.01);
    projection = components * leading(discriminant.eigenvectors(), wanted) * (reliability.pow(options.alpha / 2) / ratio.sqrt()).matrix().asDiagonal();
  }

  biometrics::Head head{.embedder = embedder, .embedder_digest = embedder_digest, .alpha = static_cast<float>(options.alpha), .mean = {}, .projection = {}};
  for (Eigen::Index k = 0; k < d; ++k) head.mean.push_back(static_cast<float>(mean[k]));
  for (Eigen::Index k = 0; k < wanted; ++k) {
    for (Eigen::Index i = 0; i < d; ++i) head.projection.push_back(static_cast<float>(projection(i, k)));
  }
  return head;
}

}  // namespace touchstone::nets
