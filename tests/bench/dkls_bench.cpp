// DKLs23: CPU time of all parties together, with libsecp256k1 as the curve.
#include <benchmark/benchmark.h>

#include <numeric>

#include "mpc_dkls/test_parties.h"

namespace touchstone {
namespace {

using namespace mpc;
using namespace mpc::dkls;

constexpr ByteArray<32> kMessage = {1, 2, 3};

struct World {
  explicit World(std::size_t parties) : ids(parties), random(SeedTree(1).stream("dkls23 bench")) {
    std::iota(ids.begin(), ids.end(), PartyId{1});
    setups.emplace(ids, random);
    key.emplace(ids, parties == 2 ? Sharing::kAdditive : Sharing::kShamir, random);
  }
  std::vector<PartyId> ids;
  Random random;
  std::optional<Setups> setups;
  std::optional<SharedKey> key;
};

void DKLs23_Setup(benchmark::State& state) {
  Random random = SeedTree(2).stream("dkls23 bench");
  std::uint64_t bytes = 0;
  for (auto _ : state) bytes = Setups({1, 2}, random).sent_bytes();
  state.counters["bytes"] = static_cast<double>(bytes);
  state.counters["stored_bytes"] = OtSetup::kBytes;
}
BENCHMARK(DKLs23_Setup)->Unit(benchmark::kMillisecond);

void sign(benchmark::State& state, std::size_t parties, bool online_only) {
  World world(parties);
  std::uint64_t bytes = 0, before = 0;
  for (auto _ : state) {
    if (online_only) state.PauseTiming();
    auto signing = std::make_unique<Signing<>>(*world.key, *world.setups, world.random);
    TS_CHECK(signing->prepare(), "preparing failed");
    before = signing->network.sent_bytes();
    if (online_only) state.ResumeTiming();
    TS_CHECK(signing->sign(kMessage), "signing failed");
    bytes = signing->network.sent_bytes();
    if (online_only) state.PauseTiming();
    signing.reset();
    if (online_only) state.ResumeTiming();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
  state.counters["bytes_online"] = static_cast<double>(bytes - before);
  state.counters["workspace_bytes"] =
      static_cast<double>((sizeof(SignPeer) + sizeof(MultiplyMemory)) * (parties - 1) + sizeof(SignScratch) + sizeof(SignSession));
}
void DKLs23_2of2_Sign(benchmark::State& state) { sign(state, 2, false); }
void DKLs23_2of2_Online(benchmark::State& state) { sign(state, 2, true); }
void DKLs23_3of3_Sign(benchmark::State& state) { sign(state, 3, false); }
void DKLs23_16of16_Sign(benchmark::State& state) { sign(state, 16, false); }
BENCHMARK(DKLs23_2of2_Sign)->Unit(benchmark::kMillisecond);
BENCHMARK(DKLs23_2of2_Online)->Unit(benchmark::kMillisecond);
BENCHMARK(DKLs23_3of3_Sign)->Unit(benchmark::kMillisecond);
BENCHMARK(DKLs23_16of16_Sign)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace touchstone
