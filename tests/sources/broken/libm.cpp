// What the symbol rule must catch: results that depend on the host's mathematical library or on the standard library's.
#include <cmath>
#include <random>

double breaks_the_rule(double x) {
  std::mt19937 generator(static_cast<unsigned>(x));
  std::normal_distribution<double> normal;
  return std::exp(x) + std::sin(x) + normal(generator);
}
