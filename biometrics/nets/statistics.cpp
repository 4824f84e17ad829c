#include "nets/statistics.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <map>

#include "metrics/error_rates.h"
#include "nets/bad_input.h"

namespace touchstone::nets {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Rows unit_rows(Rows rows) {
  const auto d = static_cast<std::size_t>(rows.dimensions);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += double{rows.values[i * d + k]} * rows.values[i * d + k];
    if (square == 0) continue;
    const auto scale = static_cast<float>(1 / std::sqrt(square));
    for (std::size_t k = 0; k < d; ++k) rows.values[i * d + k] *= scale;
  }
  return rows;
}

float product(const float* a, const float* b, std::size_t n) {
  float sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

float score(const Rows& references, std::size_t reference, const Rows& probes, std::size_t probe) {
  if (references.empty_row(reference) || probes.empty_row(probe)) return metrics::kFailure;
  return product(references.row(reference), probes.row(probe), static_cast<std::size_t>(references.dimensions));
}

struct Pair {
  double eer, fnmr_1e2;
};
Pair rates(const metrics::ScoreSet& scores) {
  const metrics::ErrorRates r(scores);
  return {r.eer().value_or(1), r.fnmr_at_fmr(1e-2).value()};
}

}  // namespace

bool Rows::empty_row(std::size_t i) const {
  return std::all_of(row(i), row(i) + dimensions, [](float x) { return x == 0; });
}

Rows Population::whitened(const Rows& rows) const {
  Rows out{kept(), {}, rows.finger, rows.impression};
  const auto d = static_cast<std::size_t>(dimensions);
  std::vector<float> centred(d);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool empty = rows.empty_row(i);
    for (std::size_t k = 0; k < d; ++k) centred[k] = rows.row(i)[k] - mean[k];
    for (std::size_t k = 0; k < reliability.size(); ++k) out.values.push_back(empty ? 0 : product(&whitening[k * d], centred.data(), d));
  }
  return out;
}

Population learn_population(const Rows& rows, const Experiment::Whitening& settings) {
  const Eigen::Index d = rows.dimensions;
  std::vector<std::size_t> used;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!rows.empty_row(i)) used.push_back(i);
  }
  if (used.size() < 2) throw BadInput("the population's statistics: no touches with minutiae");
  Matrix x(static_cast<Eigen::Index>(used.size()), d);
  for (std::size_t i = 0; i < used.size(); ++i) {
    for (Eigen::Index k = 0; k < d; ++k) x(static_cast<Eigen::Index>(i), k) = double{rows.row(used[i])[k]};
  }
  const Eigen::RowVectorXd mean = x.colwise().mean();
  x.rowwise() -= mean;
  Matrix covariance = x.transpose() * x / static_cast<double>(used.size() - 1);
  const double level = covariance.trace() / static_cast<double>(d);
  covariance = (1 - settings.shrinkage) * covariance + settings.shrinkage * std::max(level, 1e-12) * Matrix::Identity(d, d);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(covariance);

  Population p;
  p.dimensions = rows.dimensions;
  for (Eigen::Index k = 0; k < d; ++k) p.mean.push_back(static_cast<float>(mean(k)));
  for (int k = 0; k < settings.dimensions; ++k) {
    const Eigen::Index at = d - 1 - k;  // Eigen's come smallest first
    const double variance = solver.eigenvalues()(at);
    Eigen::VectorXd direction = solver.eigenvectors().col(at) / std::sqrt(variance);
    // An eigenvector's sign is free: its largest component is positive.
    Eigen::Index largest = 0;
    direction.cwiseAbs().maxCoeff(&largest);
    if (direction(largest) < 0) direction = -direction;
    for (Eigen::Index i = 0; i < d; ++i) p.whitening.push_back(static_cast<float>(direction(i)));
    p.variance.push_back(static_cast<float>(variance));

    // One-way analysis of variance: the mean square within fingers against all of it.
    const Eigen::VectorXd component = x * direction;
    struct Group {
      double sum = 0, square = 0;
      int n = 0;
    };
    std::map<std::uint32_t, Group> groups;
    for (std::size_t i = 0; i < used.size(); ++i) {
      Group& g = groups[rows.finger[used[i]]];
      const double value = component(static_cast<Eigen::Index>(i));
      g.sum += value;
      g.square += value * value;
      ++g.n;
    }
    double within = 0, all = 0;
    int freedom = 0;
    for (const auto& [finger, g] : groups) {
      within += g.square - g.sum * g.sum / g.n;
      all += g.square;
      freedom += g.n - 1;
    }
    const double total = all / static_cast<double>(used.size() - 1);
    p.reliability.push_back(static_cast<float>(freedom == 0 || total <= 0 ? 0 : std::max(0.0, 1 - within / freedom / total)));
  }
  return p;
}

Figures figures_of(const Rows& given) {
  const Rows rows = unit_rows(given);
  Figures out;
  std::map<std::uint32_t, std::uint32_t> index;  // of fingers, dense
  std::uint32_t impressions = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    index.emplace(rows.finger[i], static_cast<std::uint32_t>(index.size()));
    impressions = std::max(impressions, rows.impression[i] + 1);
    out.failures += rows.empty_row(i) ? 1 : 0;
  }
  out.failures /= std::max<double>(1, static_cast<double>(rows.size()));
  out.enrolled = static_cast<int>(std::min(impressions / 2, 4U));

  metrics::ScoreSet one;
  one.stratum.assign(index.size(), 0);
  metrics::ScoreSet several = one;
  const auto compare = [](metrics::ScoreSet& set, std::size_t reference, std::uint32_t a, std::uint32_t b, float value) {
    (a == b ? set.genuine : set.impostor).push_back({static_cast<std::uint32_t>(reference), a, b, value});
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = i + 1; j < rows.size(); ++j) compare(one, i, index[rows.finger[i]], index[rows.finger[j]], score(rows, i, rows, j));
  }
  const Pair single = rates(one);
  out.eer = single.eer;
  out.fnmr_1e2 = single.fnmr_1e2;

  const auto n = static_cast<std::uint32_t>(out.enrolled);
  const auto d = static_cast<std::size_t>(rows.dimensions);
  for (const bool second : {false, true}) {
    const auto enrols = [&](std::uint32_t impression) { return second ? impression >= n && impression < 2 * n : impression < n; };
    Rows references{rows.dimensions, std::vector<float>(index.size() * d, 0.0F), {}, {}};
    for (const auto& [finger, f] : index) references.finger.push_back(finger);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!enrols(rows.impression[i])) continue;
      float* sum = &references.values[index[rows.finger[i]] * d];
      for (std::size_t k = 0; k < d; ++k) sum[k] += rows.row(i)[k];
    }
    references = unit_rows(std::move(references));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (enrols(rows.impression[i]) || rows.impression[i] >= 2 * n) continue;
      for (std::uint32_t f = 0; f < index.size(); ++f) compare(several, f + (second ? index.size() : 0), f, index[rows.finger[i]], score(references, f, rows, i));
    }
  }
  const Pair enrolled = rates(several);
  out.enrolled_eer = enrolled.eer;
  out.enrolled_fnmr_1e2 = enrolled.fnmr_1e2;
  return out;
}

}  // namespace touchstone::nets
