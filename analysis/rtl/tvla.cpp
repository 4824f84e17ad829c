#include "tvla.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <stdexcept>

#include "crypto/sha256.h"

namespace touchstone::rtl_tools {

namespace secp = contract::secp;

namespace {

/// Moments of d about zero.
struct Moments {
  double n, e1, e2, e3, e4;
  Moments(const Sums& s, std::size_t i)
      : n(static_cast<double>(s.n)), e1(of(s, 0, i)), e2(of(s, 1, i)), e3(of(s, 2, i)), e4(of(s, 3, i)) {}
  double variance() const { return std::max(0.0, e2 - e1 * e1); }
  /// Of (d - mean)^2.
  double variance_of_square() const {
    const double fourth = e4 - 4 * e1 * e3 + 6 * e1 * e1 * e2 - 3 * e1 * e1 * e1 * e1;
    return std::max(0.0, fourth - variance() * variance());
  }

 private:
  static double of(const Sums& s, std::size_t k, std::size_t i) { return static_cast<double>(s.power[k][i]) / static_cast<double>(s.n); }
};

double ratio(double difference, double variance) {
  if (variance <= 0) return difference == 0 ? 0 : std::copysign(HUGE_VAL, difference);
  return difference / std::sqrt(variance);
}

void add_exactly(std::int64_t& sum, std::int64_t value) {
  if (__builtin_add_overflow(sum, value, &sum)) throw std::overflow_error("the sums of the traces no longer fit");
}

}  // namespace

double welch(const Sums& a, const Sums& b, std::size_t point) {
  if (a.n < 2 || b.n < 2) return 0;
  const Moments p(a, point), q(b, point);
  return ratio(p.e1 - q.e1, p.variance() / (p.n - 1) + q.variance() / (q.n - 1));
}

double welch_second_order(const Sums& a, const Sums& b, std::size_t point) {
  if (a.n < 2 || b.n < 2) return 0;
  const Moments p(a, point), q(b, point);
  return ratio(p.variance() - q.variance(), p.variance_of_square() / p.n + q.variance_of_square() / q.n);
}

void Sums::add(const Trace& trace, const Trace& reference) {
  if (trace.size() != reference.size()) throw std::runtime_error("a trace of another length");
  for (auto& sums : power) sums.resize(trace.size());
  ++n;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    const std::int64_t d = std::int64_t{trace[i]} - std::int64_t{reference[i]};  // below 2^16: fewer than 2^14 bits have state, and kMaxWeight is 3
    add_exactly(power[0][i], d);
    add_exactly(power[1][i], d * d);
    add_exactly(power[2][i], d * d * d);
    add_exactly(power[3][i], d * d * d * d);
  }
}

Sums& Sums::operator+=(const Sums& other) {
  n += other.n;
  for (std::size_t k = 0; k < power.size(); ++k) {
    power[k].resize(std::max(power[k].size(), other.power[k].size()));
    for (std::size_t i = 0; i < other.power[k].size(); ++i) add_exactly(power[k][i], other.power[k][i]);
  }
  return *this;
}

Accumulated& Accumulated::operator+=(const Accumulated& other) {
  for (int h = 0; h < 2; ++h)
    for (int c = 0; c < 2; ++c) half[h][c] += other.half[h][c];
  return *this;
}

namespace {
std::string joined(const rtl::Weights& weights, const char* between) {
  std::string out;
  for (const std::uint32_t w : weights) out += (out.empty() ? "" : between) + std::to_string(w);
  return out;
}
}  // namespace

const char* Experiment::operation() const {
  for (const auto& [op_of_name, name] : kAssessed)
    if (op_of_name == op) return name;
  throw std::logic_error("this operation is not assessed");
}

std::string Experiment::name() const {
  return std::string(variant.name) + " " + operation() + " fixed-vs-random " + (what == What::kScalar ? "scalar" : "point") +
         (random_off ? ", random off" : "") + (weights == rtl::kEqualWeights ? "" : ", weights " + joined(weights, ","));
}

std::string Experiment::slug() const {
  return std::string(variant.name) + "-" + operation() + "-" + (what == What::kScalar ? "scalar" : "point") + (random_off ? "-random_off" : "") +
         (weights == rtl::kEqualWeights ? "" : "-weights" + joined(weights, ""));
}

Tvla::Tvla(const Experiment& experiment) : experiment_(experiment), seeds_(experiment.seed), core_(experiment.variant) {
  Random random = seeds_.stream("tvla/fixed");
  fixed_scalar_ = random_scalar(random);
  fixed_other_ = random_scalar(random);
  fixed_point_ = point(random_scalar(random));
  reference_ = trace(0, false);
}

std::string Tvla::fingerprint() const {
  crypto::Sha256 hash;
  for (const std::uint32_t toggles : reference_) hash.update_be32(toggles);
  std::string out;
  for (const std::uint8_t byte : hash.finish()) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

Trace Tvla::trace(std::uint64_t index, bool fixed) {
  Random operands = seeds_.stream("tvla/operands/" + std::to_string(index));
  const bool vary_scalar = !fixed && experiment_.what == Experiment::What::kScalar, vary_point = !fixed && experiment_.what == Experiment::What::kPoint;
  rtl::WatchedModel& model = core_.model();
  model.reset();
  model.set_entropy([random = seeds_.stream(experiment_.random_off ? "tvla/off" : "tvla/masks/" + std::to_string(index))]() mutable {
    return static_cast<std::uint32_t>(random.next_u64());
  });
  core_.load_slot(0, vary_scalar ? random_scalar(operands) : fixed_scalar_);
  core_.load_slot(1, vary_scalar ? random_scalar(operands) : fixed_other_);
  core_.select_slots(0, 1, 2);
  core_.load(vary_point ? point(random_scalar(operands)) : fixed_point_);
  core_.write(secp::kQx, fixed_point_.x);
  core_.write(secp::kQy, fixed_point_.y);
  core_.start(experiment_.op);
  const bool first = points_.empty();
  Trace out;
  out.reserve(points_.size());
  model.watch(experiment_.weights);
  while (model.control().busy) {
    if (first) {
      const int address = model.control().pc;
      const auto& block = block_of(experiment_.variant, address);
      points_.push_back({block.label, block.window == rtl::listing::Window::kSecret, address});
    }
    model.tick(1);
    out.push_back(model.toggles());
  }
  if (out.size() != points_.size()) throw std::runtime_error(experiment_.name() + ": a trace of another length: the core is not constant-time");
  return out;
}

void Tvla::collect(std::uint64_t index, Accumulated& into) {
  Random coin = seeds_.stream("tvla/class/" + std::to_string(index));
  const bool fixed = coin.below(2) == 0;
  into.half[index % 2][fixed ? 0 : 1].add(trace(index, fixed), reference_);
}

Verdict judge(const Accumulated& sums, const std::vector<PointInfo>& points) {
  Verdict out;
  for (const auto& half : sums.half)
    for (const Sums& s : half) out.traces += s.n;
  out.points = static_cast<std::size_t>(std::count_if(points.begin(), points.end(), [](const PointInfo& p) { return p.counts; }));
  out.threshold = boost::math::quantile(boost::math::complement(boost::math::normal(), 0.01 / 2 / static_cast<double>(std::max<std::size_t>(1, out.points))));
  Sums all[2] = {sums.half[0][0], sums.half[0][1]};
  for (int c = 0; c < 2; ++c) all[c] += sums.half[1][c];
  for (std::size_t i = 0; i < points.size(); ++i) {
    out.t.push_back(welch(all[0], all[1], i));
    if (!points[i].counts) continue;
    const double first = welch(sums.half[0][0], sums.half[0][1], i), second = welch(sums.half[1][0], sums.half[1][1], i);
    out.max_abs_t = std::max(out.max_abs_t, std::abs(first));
    if (std::abs(first) > out.threshold && std::abs(second) > out.threshold && (first > 0) == (second > 0)) out.confirmed.push_back({i, first, second});
    const double variances = std::abs(welch_second_order(all[0], all[1], i));
    out.second_order_max_abs_t = std::max(out.second_order_max_abs_t, variances);
    out.second_order_points += variances > out.threshold;
  }
  return out;
}

}  // namespace touchstone::rtl_tools
