#include "tvla.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <stdexcept>

#include "base/seed.h"
#include "core.h"
#include "secp_listing.h"

namespace touchstone::rtl_tools {

namespace secp = contract::secp;

namespace {

const rtl::listing::BlockInfo& block_of(const rtl::Variant& variant, int pc) {
  for (const auto& rom : rtl::listing::kRoms)
    if (rom.digit_bits == variant.digit_bits && rom.style == variant.style)
      for (const auto* b = rom.begin; b != rom.end; ++b)
        if (pc >= b->first && pc < b->first + b->words) return *b;
  throw std::runtime_error("the listing does not know this address");
}

double mean(const Sums& s, std::size_t i) { return static_cast<double>(s.sum[i]) / static_cast<double>(s.n); }

double variance_of_mean(const Sums& s, std::size_t i) {
  const double n = static_cast<double>(s.n), m = mean(s, i);
  return std::max(0.0, static_cast<double>(s.sum_of_squares[i]) / n - m * m) / (n - 1);
}

/// 0 where a class has less than two traces, or where nothing varies and nothing differs.
double welch(const Sums& a, const Sums& b, std::size_t i) {
  if (a.n < 2 || b.n < 2) return 0;
  const double difference = mean(a, i) - mean(b, i), variance = variance_of_mean(a, i) + variance_of_mean(b, i);
  if (variance <= 0) return difference == 0 ? 0 : std::copysign(HUGE_VAL, difference);
  return difference / std::sqrt(variance);
}

}  // namespace

void Sums::add(const std::vector<std::uint32_t>& trace) {
  sum.resize(trace.size());
  sum_of_squares.resize(trace.size());
  ++n;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    sum[i] += trace[i];
    sum_of_squares[i] += std::uint64_t{trace[i]} * trace[i];
  }
}

Sums& Sums::operator+=(const Sums& other) {
  sum.resize(std::max(sum.size(), other.sum.size()));
  sum_of_squares.resize(sum.size());
  n += other.n;
  for (std::size_t i = 0; i < other.sum.size(); ++i) {
    sum[i] += other.sum[i];
    sum_of_squares[i] += other.sum_of_squares[i];
  }
  return *this;
}

Accumulated& Accumulated::operator+=(const Accumulated& other) {
  for (int h = 0; h < 2; ++h)
    for (int c = 0; c < 2; ++c) half[h][c] += other.half[h][c];
  return *this;
}

std::string Experiment::name() const {
  std::string out = variant.name;
  out += op == secp::Op::kMul ? " k_p" : op == secp::Op::kMulBase ? " k_g" : op == secp::Op::kSignN ? " sign_n" : " op";
  out += what == What::kScalar ? " fixed-vs-random scalar" : " fixed-vs-random point";
  return random_off ? out + ", random off" : out;
}

Tvla::Tvla(const Experiment& experiment) : experiment_(experiment) {
  Core core(experiment.variant);
  Random random = SeedTree(experiment.seed).stream("tvla/dry run");
  core.load_slot(0, random_scalar(random));
  core.load_slot(1, random_scalar(random));
  core.load(point(random_scalar(random)));
  core.start(experiment.op);
  while (core.model().control().busy) {
    const auto& block = block_of(experiment.variant, core.model().control().pc);
    points_.push_back({block.label, block.window == rtl::listing::Window::kSecret});
    core.model().tick(1);
  }
}

std::vector<std::uint32_t> Tvla::trace(std::uint64_t index, bool fixed) {
  static thread_local std::unique_ptr<Core> core;
  static thread_local const char* core_name = nullptr;
  if (core_name != experiment_.variant.name) core = std::make_unique<Core>(experiment_.variant), core_name = experiment_.variant.name;
  const SeedTree seeds(experiment_.seed);
  Random fixed_operands = seeds.stream("tvla/fixed"), operands = seeds.stream("tvla/operands/" + std::to_string(index));
  const Number fixed_scalar = random_scalar(fixed_operands), other_scalar = random_scalar(fixed_operands), fixed_point = random_scalar(fixed_operands);
  const bool vary_scalar = !fixed && experiment_.what == Experiment::What::kScalar, vary_point = !fixed && experiment_.what == Experiment::What::kPoint;
  core->model().reset();
  core->model().set_entropy([random = experiment_.random_off ? seeds.stream("tvla/off") : seeds.stream("tvla/masks/" + std::to_string(index))]() mutable {
    return static_cast<std::uint32_t>(random.next_u64());
  });
  core->load_slot(0, vary_scalar ? random_scalar(operands) : fixed_scalar);
  core->load_slot(1, vary_scalar ? random_scalar(operands) : other_scalar);
  core->model().write32(secp::kSlots, 1u << secp::kSlotsBShift);
  core->load(point(vary_point ? random_scalar(operands) : fixed_point));
  core->start(experiment_.op);
  std::vector<std::uint32_t> out;
  out.reserve(points_.size());
  core->model().watch();
  while (core->model().control().busy) {
    core->model().tick(1);
    out.push_back(core->model().toggles());
  }
  if (out.size() != points_.size()) throw std::runtime_error("a trace of another length: the core is not constant-time");
  return out;
}

void Tvla::collect(std::uint64_t index, Accumulated& into) {
  Random coin = SeedTree(experiment_.seed).stream("tvla/class/" + std::to_string(index));
  const bool fixed = coin.below(2) == 0;
  into.half[index % 2][fixed ? 0 : 1].add(trace(index, fixed));
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
  }
  return out;
}

}  // namespace touchstone::rtl_tools
