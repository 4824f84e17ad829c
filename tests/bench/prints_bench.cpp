// Generated fingers: a master, a touch, and pictures a second with the master shared by eight of them.
#include <benchmark/benchmark.h>

#include "prints/impression.h"

namespace touchstone::prints {
namespace {

void Prints_Finger(benchmark::State& state) {
  std::uint64_t index = 0;
  for (auto _ : state) benchmark::DoNotOptimize(Finger::make(SeedTree(1).child(++index)));
}
BENCHMARK(Prints_Finger)->Unit(benchmark::kMillisecond);

void Prints_Touch(benchmark::State& state) {
  const auto kind = static_cast<SensorKind>(state.range(0));
  const Finger finger = Finger::make(SeedTree(1));
  const SensorUnit unit = SensorUnit::draw(kind, SeedTree(2));
  std::uint64_t index = 0;
  for (auto _ : state) benchmark::DoNotOptimize(picture(finger, Conditions::of_touch(finger, kind, ++index), unit));
  state.SetLabel(std::string(to_string(kind)) + " " + std::to_string(unit.width_px) + "x" + std::to_string(unit.height_px));
}
BENCHMARK(Prints_Touch)->DenseRange(0, 4)->Unit(benchmark::kMillisecond);

// The promise: at least 50 pictures of 388 x 374 px a second on one core.
void Prints_EightTouchesAFinger(benchmark::State& state) {
  std::uint64_t index = 0;
  for (auto _ : state) {
    const Finger finger = Finger::make(SeedTree(1).child(++index));
    const SensorUnit unit = SensorUnit::draw(SensorKind::kOptical, SeedTree(2));
    for (std::uint64_t touch = 0; touch < 8; ++touch) {
      benchmark::DoNotOptimize(picture(finger, Conditions::of_touch(finger, SensorKind::kOptical, touch), unit));
    }
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * 8);
}
BENCHMARK(Prints_EightTouchesAFinger)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace touchstone::prints
