// A counted rate and what its counts can support.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace touchstone::metrics {

/// A 95 % interval of something between 0 and 1.
struct Interval {
  double low = 0;
  double high = 1;
};

/// `errors` of `tries`; a fraction from 0 to 1.
struct Rate {
  std::uint64_t errors = 0;
  std::uint64_t tries = 0;

  double value() const { return tries == 0 ? 0 : static_cast<double>(errors) / static_cast<double>(tries); }
  /// Rule of 3 (ISO/IEC 19795-1:2021, test size): the least rate for which no error in `tries` independent tries would be
  /// unlikely (5 %). 1 where there are fewer than 3 tries. Comparisons of one finger depend on each other: the true bound
  /// is higher.
  double rule_of_3() const { return tries < 3 ? 1 : 3 / static_cast<double>(tries); }
  /// Rule of 30 (same): with 30 errors the true rate lies within 30 % of the measured one, at 90 % confidence.
  bool meets_rule_of_30() const { return errors >= 30; }
  /// Whether an FMR of `asked` can be told from 0 with so many tries: 3 errors or more are expected.
  bool supports(double asked) const { return asked * static_cast<double>(tries) >= 3; }
};

/// "12.3 %", or the bound "< 3/1760 = 0.17 %" where no error was seen, or "-" without tries.
std::string to_text(const Rate& rate);
/// A fraction as "12.3 %": three significant digits.
std::string percent(double fraction);

/// Wilson's score interval, 95 %: for independent tries only.
Interval wilson(const Rate& rate);

}  // namespace touchstone::metrics
