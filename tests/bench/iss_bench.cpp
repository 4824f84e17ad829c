// Speed of the instruction-set simulator in its SystemC machine: a SHA-256 load with stores, loads and branches.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "mcu/bare_mcu.h"

namespace {

using namespace touchstone::models;

// SystemC elaborates once in a process: one machine, made at the first use, runs both programs.
BareMcu& machine_with(const char* elf) {
  static auto* mcu = new BareMcu("bench_mcu");
  static const char* loaded = nullptr;
  if (loaded == elf) return *mcu;
  loaded = elf;
  const auto image = ElfImage::read(elf);
  TS_CHECK(std::holds_alternative<ElfImage>(image), "the load program is missing");
  mcu->power_off();
  TS_CHECK(mcu->load(std::get<ElfImage>(image)).empty(), "the load program does not fit");
  mcu->power_on();
  return *mcu;
}

void run_at_quantum(benchmark::State& state, const char* elf, sc_core::sc_time quantum) {
  BareMcu& mcu = machine_with(elf);
  mcu.cpu.set_quantum(quantum);
  advance(sc_core::sc_time(20, sc_core::SC_MS));
  const std::uint64_t before = mcu.cpu.instructions();
  for (auto _ : state) advance(sc_core::sc_time(100, sc_core::SC_MS));
  TS_CHECK(mcu.cpu.state() == Cpu::State::kActive, "the load ended");
  state.counters["MIPS"] = benchmark::Counter(static_cast<double>(mcu.cpu.instructions() - before) / 1e6, benchmark::Counter::kIsRate);
}

constexpr char kMachineLoad[] = SHA256_CHAIN_ELF, kUserLoad[] = USER_LOAD_ELF;

void Iss_MIPS_quantum_100us(benchmark::State& state) { run_at_quantum(state, kMachineLoad, sc_core::sc_time(100, sc_core::SC_US)); }
void Iss_MIPS_quantum_1us(benchmark::State& state) { run_at_quantum(state, kMachineLoad, sc_core::sc_time(1, sc_core::SC_US)); }
// In user mode under the PMP.
void Iss_MIPS_user_quantum_100us(benchmark::State& state) {
  run_at_quantum(state, kUserLoad, sc_core::sc_time(100, sc_core::SC_US));
  TS_CHECK(machine_with(kUserLoad).cpu.iss().privilege() == Privilege::kUser, "the load left user mode");
}

BENCHMARK(Iss_MIPS_quantum_100us)->Unit(benchmark::kMillisecond);
BENCHMARK(Iss_MIPS_quantum_1us)->Unit(benchmark::kMillisecond);
BENCHMARK(Iss_MIPS_user_quantum_100us)->Unit(benchmark::kMillisecond);

}  // namespace
