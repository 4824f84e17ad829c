// `touchstone bio compare-all`: how fast all pairs of many codes are compared, and what the nearest strangers' distance is.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/seed.h"
#include "bio/hamming.h"
#include "commands.h"
#include "tools/options.h"
#include "tools/progress.h"

namespace touchstone::bio {
namespace {

constexpr std::size_t kBlock = 256;  // codes: 16 KB, with their distances inside the first cache

}  // namespace

int compare_all_main(const std::vector<std::string>& arguments) {
  tools::Options options(arguments);
  const std::size_t count = options.number("--codes", 2, 10'000'000).value_or(100'000);
  const std::uint64_t seed = options.number("--seed", 0, ~std::uint64_t{0}).value_or(1);
  const auto json = options.output("--json");
  options.finish();

  std::vector<Code512> codes(count);
  Random random = SeedTree(seed).stream("codes");
  for (Code512& code : codes) {
    for (std::uint64_t& word : code) word = random.next_u64();
  }
  const std::uint64_t all = static_cast<std::uint64_t>(count) * (count - 1) / 2;
  std::uint64_t sum = 0;
  std::int16_t nearest = 512;
  std::vector<std::uint16_t> distances(kBlock);
  const auto begin = std::chrono::steady_clock::now();
  const std::clock_t begin_cpu = std::clock();
  std::uint64_t done = 0;
  {
    tools::Progress progress("comparing codes", 0, all, "pairs", tools::Progress::Unwatched::kSilent);
    for (std::size_t block = 0; block < count; block += kBlock) {
      const std::size_t end = std::min(count, block + kBlock);
      for (std::size_t i = 0; i + 1 < end; ++i) {
        const std::size_t first = std::max(block, i + 1);
        const std::span<std::uint16_t> out(distances.data(), end - first);
        hamming_512(codes[i], std::span(codes).subspan(first), out);
        std::uint32_t part = 0;
        for (const std::uint16_t d : out) {
          part += d;
          nearest = std::min(nearest, static_cast<std::int16_t>(d));
        }
        sum += part;
        done += out.size();
      }
      progress.step(done);
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double cpu_s = static_cast<double>(std::clock() - begin_cpu) / CLOCKS_PER_SEC;
  const double mean = static_cast<double>(sum) / static_cast<double>(all);
  std::printf("%zu random codes of 512 bits, %llu pairs in %.2f s (%.2f s of one core): %.3g Hamming distances a second of a core (%s)\n",
              count, static_cast<unsigned long long>(done), seconds, cpu_s, static_cast<double>(all) / cpu_s, hamming_ways().front());
  std::printf("mean distance %.2f bits, nearest pair %d bits\n", mean, nearest);
  if (json) {
    const nlohmann::ordered_json report = {{"version", 1},       {"codes", count},        {"code_bits", 512},
                                           {"pairs", all},       {"wall_s", seconds},     {"cpu_s", cpu_s},
                                           {"distances_per_core_s", static_cast<double>(all) / cpu_s},
                                           {"way", hamming_ways().front()}, {"mean_distance_bits", mean}, {"nearest_distance_bits", nearest},
                                           {"seed", seed}};
    tools::write_file(*json, report.dump(1) + "\n");
  }
  return 0;
}

}  // namespace touchstone::bio
