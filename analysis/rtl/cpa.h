// Correlation power analysis of k * P in simulation (Brier, Clavier, Olivier, CHES 2004): known base points, one secret
// scalar, and the toggles of the core's state in every clock cycle. Digit by digit: 16 hypotheses, each a prediction of
// what one product of the addition that follows toggles in the multiplier (curve_model.h); the hypothesis that fits
// best goes into what the next digit is attacked with. Against a core with masks the hypotheses are about the digits and
// coordinates of one run whose masks the attacker is told: with the randomness standing still those of every run, which
// gives the digits as an unprotected core does (a control); with fresh masks those of no other.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core.h"
#include "curve_model.h"

namespace touchstone::rtl_tools {

/// Numbers of traces at which correlations are looked at: about seven a decade, and `traces` (>= 10) itself.
std::vector<std::size_t> trace_steps(std::size_t traces);

struct PowerSums {
  std::int64_t sum = 0, squares = 0;
};
/// Pearson's, of n <= 100,000 pairs within 2^13; `xy` is the sum of their products. 0 where x or y does not vary.
double correlation(std::int64_t n, const PowerSums& x, const PowerSums& y, std::int64_t xy);

/// The samples of many traces, and their correlations with predictions. Sums are exact.
class Samples {
 public:
  /// Of `traces` traces; correlations are looked at after each number of traces in `steps` (ascending, the last is
  /// `traces`).
  Samples(std::size_t traces, std::vector<std::size_t> steps) : traces_(traces), steps_(std::move(steps)) {}
  /// Every trace is as long as the first.
  void add(const std::vector<std::int32_t>& trace);
  std::size_t added() const { return added_; }
  std::size_t cycles() const { return first_.size(); }
  const std::vector<std::size_t>& steps() const { return steps_; }

  struct Peak {
    std::vector<double> greatest;  ///< correlation over all cycles, after each step
    std::size_t cycle = 0;         ///< of the last one
  };
  /// `predictions`: one a trace, when all have been added. The sign counts: what is predicted to toggle more does.
  Peak correlate(const std::vector<std::int32_t>& predictions, std::size_t first_cycle, std::size_t end_cycle) const;

 private:
  std::vector<PowerSums> power_sums(const std::int16_t* values) const;  ///< after each step

  std::size_t traces_, added_ = 0;
  std::vector<std::size_t> steps_;
  std::vector<std::int32_t> first_;
  std::vector<std::int16_t> samples_;         ///< less those of the first trace; by cycle, then by trace
  std::vector<std::vector<PowerSums>> sums_;  ///< by cycle
};

struct CpaExperiment {
  rtl::Variant variant{};
  unsigned windows = 6;  ///< attacked, from the top, of both halves
  std::size_t traces = 100;
  double noise = 0;         ///< standard deviation of what is added to every sample, in bits that toggle
  bool random_off = false;  ///< the random source gives the same words in every run
  std::uint64_t seed = 1;
  /// A protected core must resist; without masks, or with the same ones again and again, none does.
  bool is_control() const { return variant.style != 1 || random_off; }
  std::string name() const { return std::string(variant.name) + (random_off ? " with its randomness off" : ""); }
};
/// Windows of a half.
unsigned windows_of(const rtl::Variant& variant);

inline std::size_t index_of(int digit) { return static_cast<std::size_t>(digit - kLowestDigit); }

/// What became of one digit.
struct DigitAttack {
  unsigned window, half;
  int right;  ///< the scalar's digit
  int best;   ///< the hypothesis that wins with all traces
  /// Greatest correlation of every hypothesis (digit - kLowestDigit), after each step.
  std::array<std::vector<double>, kDigits> correlation;
  std::size_t cycle = 0;  ///< of the best one: where in the main loop
  /// All 16 predictions vary. Not so while the sum is infinity, for which digit 0 predicts nothing: then it stands for
  /// the best that comes after it.
  bool ranked = true;
  double right_correlation() const { return correlation[index_of(right)].back(); }
  double best_wrong_correlation() const;
  /// Of the hypotheses that predict something.
  double greatest_correlation() const;
  /// The number of traces from which on the right hypothesis wins; 0: it does not, or with all traces no more than by
  /// chance.
  std::size_t traces_needed = 0;
};

struct CpaResult {
  std::vector<std::size_t> steps;
  std::vector<double> threshold;  ///< after each step: what no correlation exceeds by chance, family-wise
  std::vector<DigitAttack> digits;
  std::size_t cycles = 0;  ///< searched for a digit
  std::size_t comparisons = 0;
  std::size_t digits_right = 0;
  unsigned bits_right = 0;  ///< 4 a digit; the top window's digits, which hold only a carry, are not counted
  std::size_t beyond = 0;   ///< digits with a hypothesis, right or wrong, beyond the threshold
  std::size_t ranked = 0, ranked_right = 0;
  double p_value = 1;             ///< of so many right among those ranked, by guessing
  std::size_t traces_needed = 0;  ///< for every digit; 0: more
  bool scalar_found = false;      ///< all digits of both halves, put together
  /// For a family-wise error of 1 %: half of it for the correlations (one-sided, Fisher's z, Bonferroni), half for the
  /// guesses (binomial).
  bool leaks() const;
  bool recovered() const { return digits_right == digits.size(); }
};

class Cpa {
 public:
  explicit Cpa(const CpaExperiment& experiment);
  /// Runs the core once more, with another base point; traces are collected before the attack.
  void collect();
  /// Against a control the attack goes on with what it has found. Against a protected core it is told the right digit
  /// each time: it is no worse off for having failed before.
  CpaResult attack() const;

 private:
  void read_masks();
  DigitAttack attack_digit(const std::vector<Projective>& sums, unsigned window, unsigned half) const;
  std::size_t cycles_searched() const { return experiment_.is_control() ? turn_cycles_ : samples_.cycles(); }
  std::size_t comparisons() const { return cycles_searched() * kDigits * 2 * experiment_.windows; }

  CpaExperiment experiment_;
  SeedTree seeds_;
  Core core_;
  Number key_;
  // Of the first run: the digits, and what blinds base point and sum, (x l : y l : l) and (0 : r : 0).
  Digits right_;
  Field base_mask_, sum_mask_;
  std::size_t turn_cycles_;          ///< of one window
  std::vector<WindowTable> tables_;  ///< of every trace's base point
  Samples samples_;
};

}  // namespace touchstone::rtl_tools
