#include "cpa.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>

namespace touchstone::rtl_tools {

namespace {

constexpr double kAlpha = 0.01;

/// Fisher: atanh(r) of n uncorrelated pairs is about normal with variance 1 / (n - 3).
double chance_limit(std::size_t traces, std::size_t comparisons) {
  if (traces < 4) return 1;
  const double z = boost::math::quantile(
      boost::math::complement(boost::math::normal(), kAlpha / 2 / static_cast<double>(comparisons)));
  return std::tanh(z / std::sqrt(static_cast<double>(traces - 3)));
}

/// Distances from the first trace's: products of two of them, 16 together, fit 32 bits, which the processor multiplies
/// eight at a time.
constexpr std::int32_t kFarthest = 1 << 13;
constexpr std::size_t kStretch = 16;

std::int16_t narrow(std::int32_t distance) {
  if (std::abs(distance) >= kFarthest)
    throw std::overflow_error("a sample or a prediction too far from the first trace's");
  return static_cast<std::int16_t>(distance);
}

std::int64_t products(const std::int16_t* a, const std::int16_t* b, std::size_t n) {
  std::int64_t out = 0;
  std::size_t at = 0;
  for (; at + kStretch <= n; at += kStretch) {
    std::int32_t part = 0;
    for (std::size_t i = at; i < at + kStretch; ++i) part += std::int32_t{a[i]} * b[i];
    out += part;
  }
  for (; at < n; ++at) out += std::int32_t{a[at]} * b[at];
  return out;
}

/// 16 times the point: what a window begins with.
Projective moved_up(Projective p) {
  for (int i = 0; i < 4; ++i) p = doubled(p);
  return p;
}

}  // namespace

std::vector<std::size_t> trace_steps(std::size_t traces) {
  std::vector<std::size_t> out = {4, 5, 7};
  for (std::size_t decade = 10; decade < traces; decade *= 10)
    for (const std::size_t tenths : {10, 12, 15, 20, 30, 50, 70})
      if (decade * tenths / 10 < traces) out.push_back(decade * tenths / 10);
  out.push_back(traces);
  return out;
}

double correlation(std::int64_t n, const PowerSums& x, const PowerSums& y, std::int64_t xy) {
  const auto var_x = static_cast<double>(n * x.squares - x.sum * x.sum),
             var_y = static_cast<double>(n * y.squares - y.sum * y.sum);
  if (var_x <= 0 || var_y <= 0) return 0;
  return static_cast<double>(n * xy - x.sum * y.sum) / std::sqrt(var_x) / std::sqrt(var_y);
}

std::vector<PowerSums> Samples::power_sums(const std::int16_t* values) const {
  std::vector<PowerSums> out;
  PowerSums m;
  for (std::size_t s = 0, at = 0; s < steps_.size(); ++s) {
    m.squares += products(values + at, values + at, steps_[s] - at);
    for (; at < steps_[s]; ++at) m.sum += values[at];
    out.push_back(m);
  }
  return out;
}

void Samples::add(const std::vector<std::int32_t>& trace) {
  if (first_.empty()) {
    first_ = trace;
    samples_.resize(cycles() * traces_);
  }
  if (trace.size() != cycles() || added_ == traces_)
    throw std::runtime_error("a trace of another length, or one too many");
  for (std::size_t c = 0; c < cycles(); ++c) samples_[c * traces_ + added_] = narrow(trace[c] - first_[c]);
  if (++added_ < traces_) return;
  for (std::size_t c = 0; c < cycles(); ++c) sums_.push_back(power_sums(samples_.data() + c * traces_));
}

Samples::Peak Samples::correlate(const std::vector<std::int32_t>& predictions, std::size_t first_cycle,
                                 std::size_t end_cycle) const {
  if (added_ < traces_ || predictions.size() != traces_)
    throw std::logic_error("a prediction for every trace, when all are there");
  std::vector<std::int16_t> x;
  for (const std::int32_t p : predictions) x.push_back(narrow(p - predictions.front()));
  const std::vector<PowerSums> of_x = power_sums(x.data());
  Peak out{std::vector<double>(steps_.size(), -1.0), 0};
  for (std::size_t c = first_cycle; c < end_cycle; ++c) {
    std::int64_t xy = 0;
    for (std::size_t s = 0, at = 0; s < steps_.size(); at = steps_[s++]) {
      xy += products(x.data() + at, samples_.data() + c * traces_ + at, steps_[s] - at);
      const double r = correlation(static_cast<std::int64_t>(steps_[s]), of_x[s], sums_[c][s], xy);
      if (r <= out.greatest[s]) continue;
      out.greatest[s] = r;
      if (s + 1 == steps_.size()) out.cycle = c;
    }
  }
  return out;
}

double DigitAttack::best_wrong_correlation() const {
  double out = -1;
  for (int digit = kLowestDigit; digit < kLowestDigit + kDigits; ++digit)
    if (digit != right) out = std::max(out, correlation[index_of(digit)].back());
  return out;
}

double DigitAttack::greatest_correlation() const {
  double out = -1;
  for (int digit = kLowestDigit; digit < kLowestDigit + kDigits; ++digit)
    if (ranked || digit != 0) out = std::max(out, correlation[index_of(digit)].back());
  return out;
}

bool CpaResult::leaks() const { return beyond > 0 || p_value < kAlpha / 2; }

Cpa::Cpa(const CpaExperiment& experiment)
    : experiment_(experiment),
      seeds_(experiment.seed),
      core_(experiment.variant),
      samples_(experiment.traces, trace_steps(experiment.traces)) {
  Random random = seeds_.stream("cpa/key");
  key_ = random_scalar(random);
  turn_cycles_ = static_cast<std::size_t>(block_named(experiment.variant, "window").cycles);
}

unsigned windows_of(const rtl::Variant& variant) { return static_cast<unsigned>(rom_of(variant).windows); }

// As the main loop begins.
void Cpa::read_masks() {
  const auto wide_of = [](const rtl::Words256& words) {
    Wide out = 0;
    for (std::size_t i = words.size(); i-- > 0;) out = (out << 32) + words[i];
    return out;
  };
  rtl::WatchedModel& model = core_.model();
  base_mask_ = Field(wide_of(model.register_value(rtl::listing::kBz)));
  sum_mask_ = Field(wide_of(model.register_value(rtl::listing::kY)));
  for (unsigned half = 0; half < 2; ++half) {
    const Wide digits = wide_of(model.half(half));
    for (unsigned i = windows_of(experiment_.variant); i-- > 0;)
      right_[half].push_back(static_cast<int>((digits >> (4 * i)) & 15) + kLowestDigit);
  }
  if (scalar_of(right_) != wide(key_)) throw std::logic_error("the digits in the core are not the scalar's");
}

void Cpa::collect() {
  const std::string index = std::to_string(samples_.added());
  Random points = seeds_.stream("cpa/point/" + index), noise = seeds_.stream("cpa/noise/" + index);
  const Affine base = point(random_scalar(points));
  rtl::WatchedModel& model = core_.model();
  model.reset();
  model.set_entropy([random = seeds_.stream("cpa/masks/" + (experiment_.random_off ? "0" : index))]() mutable {
    return static_cast<std::uint32_t>(random.next_u64());
  });
  core_.load_slot(0, key_);
  core_.select_slots(0, 1, 2);
  core_.load(base);
  core_.start(contract::secp::Op::kMul);

  // A control is run no further than the windows that are attacked. Where masked digits would do what is predicted, if
  // anywhere, is not known: the whole loop is kept.
  const rtl::listing::BlockInfo& window = block_named(experiment_.variant, "window");
  const auto inside = [&] {
    return model.control().pc >= window.first && model.control().pc < window.first + window.words;
  };
  const std::size_t most =
      experiment_.is_control() ? experiment_.windows * turn_cycles_ : std::numeric_limits<std::size_t>::max();
  while (!inside()) {
    if (!model.control().busy) throw std::runtime_error("the core has refused an operand");
    model.tick(1);
  }
  if (samples_.added() == 0) read_masks();
  std::vector<std::int32_t> trace;
  model.watch();
  while (inside() && trace.size() < most) {
    model.tick(1);
    trace.push_back(static_cast<std::int32_t>(model.toggles()) +
                    static_cast<std::int32_t>(std::lround(experiment_.noise * noise.normal())));
  }
  samples_.add(trace);
  tables_.emplace_back(projective(base, base_mask_));
}

DigitAttack Cpa::attack_digit(const std::vector<Projective>& sums, unsigned window, unsigned half) const {
  DigitAttack out{.window = window, .half = half, .right = right_[half][window], .best = 0, .correlation = {}};
  // Against a protected core an attacker does not know where to look.
  const std::size_t first_cycle = experiment_.is_control() ? window * turn_cycles_ : 0;
  std::array<std::size_t, kDigits> cycle_of{};
  std::vector<std::int32_t> predictions(sums.size());
  for (std::size_t h = 0; h < kDigits; ++h) {
    for (std::size_t i = 0; i < sums.size(); ++i) {
      const Projective entry = tables_[i].entry(static_cast<int>(h) + kLowestDigit, half);
      predictions[i] = static_cast<std::int32_t>(
          product_toggles(sums[i].x + sums[i].y, entry.x + entry.y, experiment_.variant.digit_bits));
    }
    if (std::any_of(predictions.begin(), predictions.end(), [&](std::int32_t p) { return p != predictions.front(); })) {
      const Samples::Peak peak = samples_.correlate(predictions, first_cycle, first_cycle + cycles_searched());
      out.correlation[h] = peak.greatest;
      cycle_of[h] = peak.cycle;
      continue;
    }
    // Infinity plus infinity is infinity: as good as the best digit after it.
    out.ranked = false;
    const unsigned next = 2 * window + half + 1;
    if (next == 2 * experiment_.windows) {
      for (const std::size_t traces : samples_.steps())
        out.correlation[h].push_back(chance_limit(traces, comparisons()));
      continue;
    }
    std::vector<Projective> sums_after;
    for (std::size_t i = 0; i < sums.size(); ++i) {
      sums_after.push_back(sum(sums[i], tables_[i].entry(static_cast<int>(h) + kLowestDigit, half)));
      if (next % 2 == 0) sums_after.back() = moved_up(sums_after.back());
    }
    const DigitAttack after = attack_digit(sums_after, next / 2, next % 2);
    out.correlation[h].assign(samples_.steps().size(), -1);
    for (const std::vector<double>& r : after.correlation)
      for (std::size_t s = 0; s < r.size(); ++s) out.correlation[h][s] = std::max(out.correlation[h][s], r[s]);
    cycle_of[h] = after.cycle;
  }
  const auto winner = [&](std::size_t step) {
    std::size_t best = 0;
    for (std::size_t h = 1; h < kDigits; ++h)
      if (out.correlation[h][step] > out.correlation[best][step]) best = h;
    return best;
  };
  const std::vector<std::size_t>& steps = samples_.steps();
  const std::size_t best = winner(steps.size() - 1);
  out.best = static_cast<int>(best) + kLowestDigit;
  out.cycle = cycle_of[best];
  if (out.right_correlation() >= chance_limit(experiment_.traces, comparisons()))
    for (std::size_t s = steps.size(); s-- > 0 && winner(s) == index_of(out.right);) out.traces_needed = steps[s];
  return out;
}

CpaResult Cpa::attack() const {
  CpaResult out;
  out.steps = samples_.steps();
  out.cycles = cycles_searched();
  out.comparisons = comparisons();
  for (const std::size_t traces : out.steps) out.threshold.push_back(chance_limit(traces, out.comparisons));
  std::vector<Projective> sums(tables_.size(), Projective{{}, sum_mask_, {}});
  Digits found;
  for (unsigned window = 0; window < experiment_.windows; ++window) {
    for (Projective& s : sums) s = moved_up(s);
    for (unsigned half = 0; half < 2; ++half) {
      const DigitAttack& digit = out.digits.emplace_back(attack_digit(sums, window, half));
      found[half].push_back(digit.best);
      const int known = experiment_.is_control() ? digit.best : digit.right;
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = sum(sums[i], tables_[i].entry(known, half));
      const bool right = digit.best == digit.right;
      out.digits_right += right;
      if (right && window > 0) out.bits_right += 4;
      out.ranked += digit.ranked;
      out.ranked_right += digit.ranked && right;
      out.beyond += digit.greatest_correlation() > out.threshold.back();
    }
  }
  if (out.ranked_right > 0) {
    const boost::math::binomial guesses(static_cast<double>(out.ranked), 1.0 / kDigits);
    out.p_value = boost::math::cdf(boost::math::complement(guesses, static_cast<double>(out.ranked_right) - 1));
  }
  if (std::all_of(out.digits.begin(), out.digits.end(), [](const DigitAttack& d) { return d.traces_needed != 0; }))
    for (const DigitAttack& d : out.digits) out.traces_needed = std::max(out.traces_needed, d.traces_needed);
  out.scalar_found = experiment_.windows == windows_of(experiment_.variant) && scalar_of(found) == wide(key_);
  return out;
}

}  // namespace touchstone::rtl_tools
