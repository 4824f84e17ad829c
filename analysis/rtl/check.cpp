// touchstone rtl check: random operations against libsecp256k1 and the textbook.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "checker.h"
#include "options.h"
#include "shard.h"
#include "verbs.h"

namespace touchstone::rtl_tools {

namespace {

namespace secp = contract::secp;
using Json = nlohmann::json;

constexpr std::uint64_t kOperations = 2'000;
constexpr std::size_t kShownFailures = 10;

/// How often an operation was answered in every way.
struct Counts {
  std::uint64_t all = 0, done = 0, infinity = 0, bad_scalar = 0, not_on_curve = 0, random_fault = 0;
  void add(std::uint32_t status) {
    ++all;
    done += status == 0;
    infinity += (status & secp::kStatusInfinityMask) != 0;
    bad_scalar += (status & secp::kStatusBadScalarMask) != 0;
    not_on_curve += (status & secp::kStatusNotOnCurveMask) != 0;
    random_fault += (status & secp::kStatusRandomFaultMask) != 0;
  }
};

unsigned long long wide(std::uint64_t n) { return n; }

}  // namespace

int check_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  const std::uint64_t all = options.number("--operations", 1, 1'000'000'000).value_or(kOperations),
                      seed = options.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  const auto only = options.number("--only", 0, 1'000'000'000);
  const auto shard_text = options.value("--shard"), digit = options.value("--digit"), name = options.value("--variant"),
             json = options.output("--json");
  options.finish();
  if (digit && name) throw UsageError("--digit is the protected core's; --variant says it all");
  const Shard shard = shard_text ? shard_of(*shard_text) : Shard{};
  const rtl::Variant& variant = variant_named(name.value_or("protected_" + digit.value_or("64")));
  if (variant.style == 2) throw UsageError("--variant: the double-and-add core has no k*G");

  Checker checker(rtl::make_variant(variant), variant.style == 1);
  std::map<std::string, Counts> by_operation;
  std::map<std::string, std::uint64_t> points;
  Json failures = Json::array();
  std::uint64_t failed = 0;
  const auto check = [&](std::uint64_t index) {
    const Operation x = draw(seed, index);
    const std::vector<std::string> wrong = checker.run(x);
    by_operation[info(x.op).name].add(checker.expected().status);
    if (info(x.op).points >= 1) ++points[kPointKinds[static_cast<int>(x.p_kind)]];
    if (info(x.op).points >= 2) ++points[kPointKinds[static_cast<int>(x.q_kind)]];
    if (wrong.empty()) return;
    if (++failed > kShownFailures) return;
    std::string text = "operation " + std::to_string(index) + " of seed " + std::to_string(seed) + ":\n";
    for (const std::string& line : wrong) text += "  " + line + "\n";
    text += "operands\n" + x.describe() + "expected\n" + checker.expected().describe() + "answered\n" +
            checker.answered().describe();
    std::fprintf(stderr, "%sagain: touchstone rtl check --variant %s --seed %llu --only %llu\n", text.c_str(),
                 variant.name, wide(seed), wide(index));
    failures.push_back({{"index", index}, {"wrong", wrong}, {"text", text}});
  };

  const std::uint64_t share = only ? 1 : shard.share(all);
  {
    Progress progress(variant.name, 0, share, "operations");
    for (std::uint64_t i = 0; i < share; ++i) {
      check(only ? *only : shard.index(i));
      progress.step(i + 1);
    }
  }

  std::printf("%-14s %7s %7s %8s %9s %10s %12s %12s\n", "operation", "cycles", "checked", "results", "infinity",
              "bad scalar", "off curve", "random fault");
  Json operations = Json::array();
  for (const OpInfo& op : kOps) {
    const Counts& c = by_operation[op.name];
    std::printf("%-14s %7llu %7llu %8llu %9llu %10llu %12llu %12llu\n", op.name, wide(checker.cycles(op.op)),
                wide(c.all), wide(c.done), wide(c.infinity), wide(c.bad_scalar), wide(c.not_on_curve),
                wide(c.random_fault));
    operations.push_back({{"name", op.name},
                          {"cycles", checker.cycles(op.op)},
                          {"checked", c.all},
                          {"results", c.done},
                          {"infinity", c.infinity},
                          {"bad_scalar", c.bad_scalar},
                          {"not_on_curve", c.not_on_curve},
                          {"random_fault", c.random_fault}});
  }
  std::printf("points:");
  for (const auto& [kind, count] : points) std::printf(" %s %llu;", kind.c_str(), wide(count));
  std::printf("\n%s, seed %llu, shard %llu/%llu: %llu operations, %llu failed\n", variant.name, wide(seed),
              wide(shard.number), wide(shard.of), wide(share), wide(failed));
  if (json) {
    const Json out = {{"version", 1},
                      {"variant", variant.name},
                      {"seed", seed},
                      {"shard", {shard.number, shard.of}},
                      {"operations", operations},
                      {"points", points},
                      {"checked", share},
                      {"failed", failed},
                      {"failures", failures}};
    write_file(*json, out.dump(2) + "\n");
  }
  return failed == 0 ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
