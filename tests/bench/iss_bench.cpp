// Speed of the instruction-set simulator in its SystemC machine: a SHA-256 load with stores, loads and branches.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "mcu/bare_mcu.h"

namespace {

using namespace touchstone::models;

// SystemC elaborates once in a process: the machine is made at the first use.
BareMcu& machine() {
  static BareMcu* mcu = [] {
    auto* m = new BareMcu("bench_mcu");
    const auto image = ElfImage::read(SHA256_CHAIN_ELF);
    TS_CHECK(std::holds_alternative<ElfImage>(image), "the load program is missing");
    TS_CHECK(m->load(std::get<ElfImage>(image)).empty(), "the load program does not fit");
    m->power_on();
    return m;
  }();
  return *mcu;
}

void run_at_quantum(benchmark::State& state, sc_core::sc_time quantum) {
  BareMcu& mcu = machine();
  mcu.cpu.set_quantum(quantum);
  advance(sc_core::sc_time(20, sc_core::SC_MS));
  const std::uint64_t before = mcu.cpu.instructions();
  for (auto _ : state) advance(sc_core::sc_time(100, sc_core::SC_MS));
  TS_CHECK(mcu.cpu.state() == Cpu::State::kActive, "the load ended");
  state.counters["MIPS"] = benchmark::Counter(static_cast<double>(mcu.cpu.instructions() - before) / 1e6, benchmark::Counter::kIsRate);
}

void Iss_MIPS_quantum_100us(benchmark::State& state) { run_at_quantum(state, sc_core::sc_time(100, sc_core::SC_US)); }
void Iss_MIPS_quantum_1us(benchmark::State& state) { run_at_quantum(state, sc_core::sc_time(1, sc_core::SC_US)); }

BENCHMARK(Iss_MIPS_quantum_100us)->Unit(benchmark::kMillisecond);
BENCHMARK(Iss_MIPS_quantum_1us)->Unit(benchmark::kMillisecond);

}  // namespace
