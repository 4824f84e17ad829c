#include "generated_touches.h"

#include <atomic>
#include <thread>
#include <vector>

namespace touchstone::bio {

void generate_touches(const prints::Population& population, std::uint64_t seed, int fingers, int impressions, int threads,
                      const std::function<void(const GeneratedTouch&)>& touch) {
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int f = next++; f < fingers; f = next++) {
      const SeedTree tree = SeedTree(seed).child(static_cast<std::uint64_t>(f));
      const prints::Finger finger = prints::Finger::make(tree, population);
      const prints::SensorKind kind = prints::draw_kind(tree, population);
      const prints::SensorUnit unit = prints::SensorUnit::draw(kind, tree.child("unit"), population);
      const double dpi = prints::SensorUnit::nominal(kind, population).dpi;
      for (int i = 0; i < impressions; ++i) {
        const auto conditions = prints::Conditions::of_touch(finger, kind, static_cast<std::uint64_t>(i), population);
        touch({finger, conditions, unit, kind, f, i, {picture(finger, conditions, unit), dpi}});
      }
    }
  };
  std::vector<std::jthread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
}

}  // namespace touchstone::bio
