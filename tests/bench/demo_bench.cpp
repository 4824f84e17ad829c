// The demo scenario, start of the program to the verdict, as a person waits for it.
#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace {

void run_demo(benchmark::State& state, const std::string& options) {
  const auto out = std::filesystem::temp_directory_path() / "touchstone-bench-demo";
  const auto bin = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const std::string command = (bin / "touchstone").string() + " run " TS_SCENARIOS "/normal/touch_to_signature.yaml --out " + out.string() + " " + options + " > /dev/null";
  double wall_s = 0, simulated_s = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    if (std::system(command.c_str()) != 0) {
      state.SkipWithError("the demo scenario did not pass");
      return;
    }
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    state.SetIterationTime(seconds);
    wall_s += seconds;
    std::ifstream in(out / "results.json");
    const auto results = nlohmann::json::parse(in);
    simulated_s += (results["simulated_time_ns"].get<double>() + results["enrolment_time_ns"].get<double>()) / 1e9;
  }
  state.counters["times_real_time"] = simulated_s / wall_s;  // enrolment is simulated too
}

void Demo_TouchToSignature(benchmark::State& state) { run_demo(state, ""); }
void Demo_TouchToSignatureWithWalletProcess(benchmark::State& state) { run_demo(state, "--process"); }
BENCHMARK(Demo_TouchToSignatureWithWalletProcess)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);
BENCHMARK(Demo_TouchToSignature)->UseManualTime()->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace
