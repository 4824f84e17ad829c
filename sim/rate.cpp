#include "sim/rate.h"

#include <boost/math/distributions/binomial.hpp>

namespace touchstone::sim {

std::pair<double, double> interval95(const Rate& rate) {
  using Binomial = boost::math::binomial_distribution<double>;
  if (rate.tries == 0) return {0, 1};
  const auto n = static_cast<double>(rate.tries), k = static_cast<double>(rate.hits);
  return {rate.hits == 0 ? 0 : Binomial::find_lower_bound_on_p(n, k, 0.025), rate.hits == rate.tries ? 1 : Binomial::find_upper_bound_on_p(n, k, 0.025)};
}

}  // namespace touchstone::sim
