// Lindell17 with libsecp256k1 as the curve: CPU time of both parties together, and the powers it spends it on.
#include <benchmark/benchmark.h>

#include "base/check.h"
#include "mpc_lindell/lindell_test_support.h"

namespace touchstone {
namespace {

using namespace mpc::lindell;
using namespace mpc::lindell::test_support;

void Lindell17_Sign(benchmark::State& state) {
  crypto::HostCurve curve;
  Random random = SeedTree(1).stream("lindell bench");
  const crypto::Scalar x1 = random_scalar(random), x2 = random_scalar(random);
  const Keys keys(curve, x1, x2, random);
  mpc::MemoryFuse fuse;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    SignRun run(curve, keys, fuse, random_array<32>(random), random_array<32>(random), random);
    run.network.run();
    TS_CHECK(run.owner.done() && run.evaluator.done(), "no signature");
    bytes = run.network.sent_bytes();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(Lindell17_Sign)->Unit(benchmark::kMillisecond);

// Both sides with all proofs; the Paillier key and the wallet's group exist.
void Lindell17_Setup(benchmark::State& state) {
  crypto::HostCurve curve;
  Random random = SeedTree(3).stream("lindell bench");
  const crypto::Scalar x1 = random_scalar(random), x2 = random_scalar(random);
  (void)pedersen_key();
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    const auto session = random_array<32>(random);
    SetupRun run(curve, x1, x2, setup_config(kOwner, session, random), setup_config(kEvaluator, session, random));
    run.network.run();
    TS_CHECK(run.owner.done() && run.evaluator.done(), "no key");
    bytes = run.network.sent_bytes();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(Lindell17_Setup)->Unit(benchmark::kMillisecond);

void Lindell17_PaillierKey(benchmark::State& state) {
  Random random = SeedTree(4).stream("lindell bench");
  for (auto _ : state) {
    auto key = PaillierKey::generate(random_array<32>(random));
    benchmark::DoNotOptimize(key);
  }
}
BENCHMARK(Lindell17_PaillierKey)->Unit(benchmark::kMillisecond);

void Lindell17_Encrypt(benchmark::State& state) {
  Random random = SeedTree(2).stream("lindell bench");
  const auto r = Natural<2048>::from_bytes(random_array<255>(random));
  for (auto _ : state) {
    auto c = paillier_key().public_key().encrypt(Plaintext(5), r);
    benchmark::DoNotOptimize(c);
  }
}
BENCHMARK(Lindell17_Encrypt)->Unit(benchmark::kMillisecond);

void Lindell17_Decrypt(benchmark::State& state) {
  const auto c = paillier_key().public_key().encrypt(Plaintext(5), Natural<2048>(7));
  for (auto _ : state) {
    auto m = paillier_key().decrypt(c);
    benchmark::DoNotOptimize(m);
  }
}
BENCHMARK(Lindell17_Decrypt)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace touchstone
