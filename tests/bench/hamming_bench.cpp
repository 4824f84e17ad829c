// Hamming distances of codes of 512 bits, from arrays that fit the first cache: one core, every way the processor has.
#include <benchmark/benchmark.h>

#include <cstring>
#include <vector>

#include "base/seed.h"
#include "bio/hamming.h"

namespace touchstone::bio {
namespace {

void hamming(benchmark::State& state, const char* way) {
  std::vector<Code512> codes(256);
  Random random(1);
  for (Code512& code : codes) {
    for (std::uint64_t& word : code) word = random.next_u64();
  }
  std::vector<std::uint16_t> distances(codes.size());
  std::size_t i = 0;
  for (auto _ : state) {
    hamming_512(way, codes[i++ % codes.size()], codes, distances);
    benchmark::DoNotOptimize(distances.data());
    benchmark::ClobberMemory();
  }
  state.counters["distances"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(codes.size()), benchmark::Counter::kIsRate);
}

const bool registered = [] {
  for (const char* way : hamming_ways()) benchmark::RegisterBenchmark((std::string("hamming_512/") + way).c_str(), hamming, way);
  return true;
}();

}  // namespace
}  // namespace touchstone::bio
