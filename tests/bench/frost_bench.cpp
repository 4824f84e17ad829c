// FROST with libsecp256k1 as the curve: CPU time of all parties together, messages in memory.
#include <benchmark/benchmark.h>

#include <deque>
#include <map>

#include "base/check.h"
#include "base/seed.h"
#include "curve_host/host_curve.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/sign_session.h"
#include "mpc_session/network.h"

namespace touchstone {
namespace {

using crypto::Scalar;
using mpc::PartyId;

class Group {
 public:
  Group(std::uint8_t threshold, std::uint8_t size) : threshold_(threshold) {
    std::vector<PartyId> ids;
    for (PartyId id = 1; id <= size; ++id) ids.push_back(id);
    parties_ = mpc::Parties::of(ids).value();
  }

  /// A whole key generation; returns the bytes sent.
  std::uint64_t generate() {
    const auto plan = mpc::frost::KeyPlan::generate(parties_, threshold_, 0, random32()).value();
    std::deque<mpc::frost::KeySession> sessions;
    mpc::Network network;
    for (const PartyId id : parties_) {
      const ByteArray<32> random = random32();
      sessions.emplace_back(curve_, plan, id, mpc::frost::KeyInput{Scalar::from_u32(id), {}, random});
      network.join(id, sessions.back());
    }
    network.run();
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      TS_CHECK(sessions[i].done(), "key generation failed");
      shares_[parties_[i]] = sessions[i].share();
    }
    key_ = sessions[0].key();
    return network.sent_bytes();
  }

  /// A signature by the first t parties, everything verified; returns the bytes sent.
  std::uint64_t sign(const mpc::frost::SigningKey& key) {
    const mpc::frost::SignPlan plan{mpc::Parties::of(std::span(parties_.begin(), threshold_)).value(), random32(),
                                    random32()};
    std::deque<mpc::frost::SignSession> sessions;
    mpc::Network network;
    for (const PartyId id : plan.signers) {
      sessions.emplace_back(curve_, crypto::schnorr_verify, key, plan, id, shares_.at(id), random32());
      network.join(id, sessions.back());
    }
    network.run();
    for (const auto& session : sessions) TS_CHECK(session.done(), "signing failed");
    return network.sent_bytes();
  }

  mpc::frost::SigningKey signing_key() {
    const mpc::frost::Tweak taproot{{0x12, 0x34}, true};
    return mpc::frost::SigningKey::create(curve_, mpc::frost::Suite::kBip340, key_, {&taproot, 1}).value();
  }

 private:
  ByteArray<32> random32() {
    ByteArray<32> out;
    random_.fill(out);
    return out;
  }

  crypto::HostCurve curve_;
  Random random_ = SeedTree(1).stream("frost bench");
  std::uint8_t threshold_;
  mpc::Parties parties_;
  std::map<PartyId, Scalar> shares_;
  mpc::frost::GroupKey key_;
};

void generate(benchmark::State& state, std::uint8_t threshold, std::uint8_t size) {
  Group group(threshold, size);
  std::uint64_t bytes = 0;
  for (auto _ : state) bytes = group.generate();
  state.counters["sent_bytes"] = static_cast<double>(bytes);
}

void sign(benchmark::State& state, std::uint8_t threshold, std::uint8_t size) {
  Group group(threshold, size);
  (void)group.generate();
  const mpc::frost::SigningKey key = group.signing_key();
  std::uint64_t bytes = 0;
  for (auto _ : state) bytes = group.sign(key);
  state.counters["sent_bytes"] = static_cast<double>(bytes);
}

void Frost_2of3_Sign(benchmark::State& state) { sign(state, 2, 3); }
BENCHMARK(Frost_2of3_Sign)->Unit(benchmark::kMicrosecond);

void Frost_16of16_Sign(benchmark::State& state) { sign(state, 16, 16); }
BENCHMARK(Frost_16of16_Sign)->Unit(benchmark::kMicrosecond);

void Frost_2of3_KeyGen(benchmark::State& state) { generate(state, 2, 3); }
BENCHMARK(Frost_2of3_KeyGen)->Unit(benchmark::kMicrosecond);

void Frost_16of16_KeyGen(benchmark::State& state) { generate(state, 16, 16); }
BENCHMARK(Frost_16of16_KeyGen)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace touchstone
