// touchstone rtl bench: what every operation takes, the same for every secret, with the right result; and software beside it.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <set>

#include "comparison.h"
#include "contract/registers.h"
#include "core.h"
#include "curve_host/host_curve.h"
#include "energy_table/energy_table.h"
#include "options.h"
#include "scalars.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

namespace {

namespace secp = contract::secp;
using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
using Clock = std::chrono::steady_clock;
using Json = nlohmann::json;
using secp::Op;

struct Mismatch : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What an operation must say: a status and, where it has one, a point or the public key of a scalar.
struct Expected {
  std::uint32_t status = 0;
  Point result;
};

std::optional<Scalar> scalar(const Number& k) {
  const auto parsed = Scalar::from_bytes(k);
  return parsed.ok() ? std::optional(parsed.value()) : std::nullopt;
}

Expected finite_or_infinity(const Point& p) { return {p.infinity ? secp::kStatusInfinityMask : 0u, p}; }

/// The operands of one call: two scalars, two points, a public scalar.
struct Operands {
  Number k, l;
  Affine p, q;
  Number e;
};

/// Runs one operation and compares it with libsecp256k1; scalars modulo n by what their public keys are.
class Bench {
 public:
  explicit Bench(const rtl::Variant& variant) : core_(variant) {}

  /// Cycles; throws Mismatch.
  std::uint64_t run(Op op, const Operands& x) {
    core_.load_slot(0, x.k);
    core_.load_slot(1, x.l);
    core_.select_slots(0, 1, 2);
    core_.load(x.p);
    core_.write(secp::kQx, x.q.x);
    core_.write(secp::kQy, x.q.y);
    core_.write(secp::kQy, x.q.y);
    if (op == Op::kSignN) core_.write(secp::kPx, x.e);
    const std::uint64_t cycles = core_.run(op);
    const std::uint32_t status = core_.status() & ~secp::kStatusDoneMask;
    const Affine shown{core_.read(secp::kRx), core_.read(secp::kRy)};
    const Expected expected = expect(op, x);
    if (status != expected.status) throw Mismatch("status " + std::to_string(status) + ", not " + std::to_string(expected.status));
    if (status != 0) {
      if (shown.x != Number{} || shown.y != Number{}) throw Mismatch("a result after an error");
      return cycles;
    }
    if (op == Op::kSignN) return same(public_key(shown.x), expected.result), cycles;
    if (op == Op::kAddN || op == Op::kMulN || op == Op::kInvN) return same(slot_key(2), expected.result), cycles;
    if (op != Op::kCheck) same({shown.x, shown.y, false}, expected.result);
    return cycles;
  }

 private:
  Point public_key(const Number& k) {
    const auto s = scalar(k);
    if (!s) throw Mismatch("a scalar that is not reduced");
    return curve_.multiply_base(*s).value();
  }
  /// The public key of what a slot holds, which only sums show: slot + 1 * 1, less 1.
  Point slot_key(std::uint32_t slot) {
    Number one{};
    one[31] = 1;
    core_.load_slot(3, one);
    core_.write(secp::kPx, one);
    core_.select_slots(slot, 3, 0);
    core_.run(Op::kSignN);
    const std::uint32_t status = core_.status() & ~secp::kStatusDoneMask;
    if (status == secp::kStatusBadScalarMask) return {};  // the slot holds zero
    const auto sum = scalar(core_.read(secp::kRx));
    if (status != 0 || !sum) throw Mismatch("the slot does not hold a scalar");
    return curve_.multiply_base(*sum - Scalar::from_u32(1)).value();
  }
  static void same(const Point& got, const Point& expected) {
    if (got.infinity != expected.infinity || got.x != expected.x || got.y != expected.y) throw Mismatch("another result than libsecp256k1's");
  }

  Expected expect(Op op, const Operands& x) {
    const Point p{x.p.x, x.p.y, false}, q{x.q.x, x.q.y, false};
    const auto k = scalar(x.k), l = scalar(x.l), e = scalar(x.e);
    const bool two = op == Op::kMulAdd || op == Op::kAddN || op == Op::kMulN || op == Op::kSignN;
    const bool nonzero = op == Op::kInvN || op == Op::kSignN;
    const bool none = op == Op::kAdd || op == Op::kLiftX || op == Op::kCheck;
    if (!none && (!k || (two && !l) || (nonzero && k->is_zero()) || (nonzero && two && l->is_zero()))) return {secp::kStatusBadScalarMask, {}};
    switch (op) {
      case Op::kMul: return finite_or_infinity(curve_.multiply(*k, p).value());
      case Op::kMulBase: return finite_or_infinity(curve_.multiply_base(*k).value());
      case Op::kMulAdd: return finite_or_infinity(curve_.add(curve_.multiply(*k, p).value(), curve_.multiply(*l, q).value()).value());
      case Op::kAdd: return finite_or_infinity(curve_.add(p, q).value());
      case Op::kLiftX: {
        const auto lifted = curve_.lift_x(x.p.x);
        return lifted.ok() ? Expected{0, *lifted} : Expected{secp::kStatusNotOnCurveMask, {}};
      }
      case Op::kCheck: return {};
      case Op::kAddN: return {0, curve_.add(curve_.multiply_base(*k).value(), curve_.multiply_base(*l).value()).value()};
      case Op::kMulN: return {0, curve_.multiply(*l, curve_.multiply_base(*k).value()).value()};
      // 1/k is right when k times it is one: G = k (1/k) G. libsecp256k1 has no inverse in its interface.
      case Op::kInvN: {
        const Point inverse = curve_.multiply_base(k->inverse()).value();
        same(curve_.multiply(*k, inverse).value(), curve_.multiply_base(Scalar::from_u32(1)).value());
        return {0, inverse};
      }
      case Op::kSignN: return {0, curve_.add(curve_.multiply_base(*k).value(), curve_.multiply(*e, curve_.multiply_base(*l).value()).value()).value()};
    }
    throw std::logic_error("an operation without an expectation");
  }

  Core core_;
  HostCurve curve_;
};

struct Operation {
  const char* name;
  Op op;
  bool secret_input;
};
constexpr Operation kOperations[] = {{"k_p", Op::kMul, true},           {"k_g", Op::kMulBase, true},     {"mul_add", Op::kMulAdd, true},
                                     {"point_add", Op::kAdd, false},    {"lift_x", Op::kLiftX, false},   {"check", Op::kCheck, false},
                                     {"add_mod_n", Op::kAddN, true},    {"mul_mod_n", Op::kMulN, true},  {"inverse_mod_n", Op::kInvN, true},
                                     {"sign_mod_n", Op::kSignN, true}};
/// Public operands vary too; a few show that their time does not.
constexpr std::size_t kPublicRuns = 16;

Operands operands(const std::vector<Number>& scalars, std::size_t i, const Affine (&points)[4], const Number& e) {
  return {scalars[i], scalars[(7 * i + 3) % scalars.size()], points[i % 4], points[(i / 4 + 1) % 4], e};
}

/// Microseconds of one call, the fastest of several rounds.
template <typename Call>
double time_us(Call call) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    constexpr int kCalls = 100;
    const auto begin = Clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    best = std::min(best, std::chrono::duration<double, std::micro>(Clock::now() - begin).count() / kCalls);
  }
  return best;
}

Json measure_host() {
  HostCurve curve;
  Random random = SeedTree(3).stream("bench/host");
  const Scalar k = scalar(random_scalar(random)).value();
  const Point p = curve.multiply_base(scalar(random_scalar(random)).value()).value();
  return {{"library", "libsecp256k1"}, {"k_p_us", time_us([&] { (void)curve.multiply(k, p); })}, {"k_g_us", time_us([&] { (void)curve.multiply_base(k); })}};
}

double simulation_cycles_per_s() {
  Core core(rtl::kVariants[0]);
  Random random = SeedTree(3).stream("bench/speed");
  const Number k = random_scalar(random);
  const Affine p = point(random_scalar(random));
  double best = 0;
  for (int round = 0; round < 20; ++round) {
    core.load_slot(0, k);
    core.load(p);
    const auto begin = Clock::now();
    const auto cycles = static_cast<double>(core.run(Op::kMul));
    best = std::max(best, cycles / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

}  // namespace

int bench_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  const auto json = options.value("--json");
  const double clock_mhz = static_cast<double>(options.number("--clock", 1, 10'000).value_or(contract::kClockHz / 1'000'000));
  const std::size_t random_scalars = options.number("--scalars", 1, 10'000'000).value_or(1000);
  options.finish();

  const auto& power = models::EnergyTable::built_in().parts.at("accelerator");
  // The table's current is that at the card's clock; the dynamic power of CMOS goes with the clock, the energy of an operation does not.
  const double uj_per_cycle = power.supply_v * power.state_ua.at("busy") / static_cast<double>(contract::kClockHz);

  std::vector<Number> scalars = edge_scalars();
  Random random = SeedTree(1).stream("bench/scalars");
  for (std::size_t i = 0; i < random_scalars; ++i) random.fill(scalars.emplace_back());
  Affine points[4];
  for (Affine& p : points) p = point(random_scalar(random));
  Json operations = Json::array();
  bool good = true;
  std::printf("%-14s %-12s %5s %8s %10s %10s  %s\n", "operation", "mode", "digit", "cycles", "us", "uJ (est.)", "secret scalars");
  for (const rtl::Variant& variant : rtl::kVariants) {
    if (variant.style == 2) continue;  // weak on purpose
    Bench bench(variant);
    for (const Operation& operation : kOperations) {
      std::set<std::uint64_t> cycles;
      const std::size_t runs = operation.secret_input ? scalars.size() : kPublicRuns;
      for (std::size_t i = 0; i < runs; ++i) {
        const Operands x = operands(scalars, i, points, random_scalar(random));
        try {
          cycles.insert(bench.run(operation.op, x));
        } catch (const Mismatch& mismatch) {
          std::fprintf(stderr, "touchstone rtl bench: %s of %s, scalar %zu: %s\n", operation.name, variant.name, i, mismatch.what());
          good = false;
        }
      }
      const bool equal = cycles.size() == 1;
      good = good && equal;
      const double count = cycles.empty() ? 0 : static_cast<double>(*cycles.rbegin());
      const char* mode = variant.style == 1 ? "protected" : "unprotected";
      Json entry = {{"name", operation.name}, {"mode", mode}, {"digit_bits", variant.digit_bits}, {"cycles", static_cast<std::uint64_t>(count)},
                    {"time_us", count / clock_mhz}, {"energy_uj", count * uj_per_cycle}, {"secret_input", operation.secret_input}};
      if (operation.secret_input) entry["all_scalars_equal"] = equal;
      operations.push_back(entry);
      std::printf("%-14s %-12s %5d %8.0f %10.2f %10.3f  %s\n", operation.name, mode, variant.digit_bits, count, count / clock_mhz, count * uj_per_cycle,
                  !equal ? "TIME VARIES" : operation.secret_input ? (std::to_string(runs) + " equal").c_str() : "");
      std::fflush(stdout);
    }
  }
  const Json host = measure_host();
  const double simulation = simulation_cycles_per_s();
  std::printf("this host: libsecp256k1 k*P %.1f us, k*G %.1f us; simulation %.2f million cycles/s\n", host["k_p_us"].get<double>(), host["k_g_us"].get<double>(), simulation / 1e6);
  std::printf("energy: an estimate without a layout (models/power/energy.jsonc), %.0f pJ a cycle whatever the operation and the variant\n", uj_per_cycle * 1e6);
  const auto core_cycles = [&](const char* name) {
    return std::find_if(operations.begin(), operations.end(), [&](const Json& o) { return o["name"] == name && o["mode"] == "protected" && o["digit_bits"] == 64; })
        ->at("cycles").get<std::uint64_t>();
  };
  Json out = {{"version", 1},
              {"clock_mhz", clock_mhz},
              {"scalars", {{"edge", edge_scalars().size()}, {"random", random_scalars}}},
              {"energy_source", "estimate: models/power/energy.jsonc, accelerator.busy; the same for every operation and variant"},
              {"operations", operations},
              {"host", host},
              {"simulation_cycles_per_s", simulation}};
  good = compare({clock_mhz, {host["k_p_us"], host["k_g_us"]}, {core_cycles("k_p"), core_cycles("k_g")}, uj_per_cycle}, out) && good;
  if (json) write_file(*json, out.dump(2) + "\n");
  return good ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
