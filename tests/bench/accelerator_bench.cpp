// The Verilated accelerator: clock cycles simulated per second, and whole scalar multiplications.
#include <benchmark/benchmark.h>

#include "contract/registers.h"
#include "rtl/secp_model.h"

namespace touchstone {
namespace {

namespace secp = contract::secp;

std::uint64_t multiply_base(rtl::SecpModel& core, std::uint32_t k) {
  for (std::uint32_t i = 0; i < 8; ++i) core.write32(secp::kK + 4 * i, k * (2 * i + 1));
  core.write32(secp::kOp, static_cast<std::uint32_t>(secp::Op::kMulBase));
  core.write32(secp::kStart, 1);
  return core.run_until_done(100'000).value();
}

// items_per_second is clock cycles per second.
void Accelerator_MCyclesPerSecond(benchmark::State& state) {
  rtl::SecpModel core;
  const std::uint64_t begin = core.cycles();
  std::uint32_t k = 0x2545F491;
  for (auto _ : state) benchmark::DoNotOptimize(multiply_base(core, ++k));
  const auto cycles = static_cast<double>(core.cycles() - begin);
  state.SetItemsProcessed(static_cast<std::int64_t>(cycles));
  state.counters["Mcycles_per_s"] = benchmark::Counter(cycles / 1e6, benchmark::Counter::kIsRate);
  state.counters["cycles_per_multiplication"] = cycles / static_cast<double>(state.iterations());
}
BENCHMARK(Accelerator_MCyclesPerSecond)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace touchstone
