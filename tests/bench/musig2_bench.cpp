// MuSig2 with libsecp256k1 as the curve: CPU time of one of two parties, and the hashes and ciphers below it.
#include <benchmark/benchmark.h>

#include <vector>

#include "base/check.h"
#include "base/seed.h"
#include "crypto/chacha20poly1305.h"
#include "crypto/point.h"
#include "crypto/sha256.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_session.h"

namespace touchstone {
namespace {

using crypto::Scalar;

struct Pair {
  Pair() {
    Random random = SeedTree(1).stream("musig2 bench");
    ByteArray<32> bytes;
    for (int i = 0; i < 2; ++i) {
      random.fill(bytes);
      shares.push_back(Scalar::from_bytes_reduce(bytes));
      keys.push_back(crypto::compress(*curve.multiply_base(shares.back())));
    }
    random.fill(random32);
    random.fill(message);
    random.fill(tweaks[0].value);
    tweaks[0].value[0] = 0;
    context.emplace(*mpc::musig2::aggregate_keys(curve, keys, tweaks));
  }
  crypto::HostCurve curve;
  std::vector<Scalar> shares;
  std::vector<mpc::musig2::PublicKey> keys;
  std::vector<mpc::musig2::Tweak> tweaks{{{}, true}};
  ByteArray<32> random32{}, message{};
  std::optional<mpc::musig2::KeyAggContext> context;
};

// Nonce, aggregate nonce, session, partial signature: what a signer does for every message. The key pair and the key
// aggregation are made once for a key.
void MuSig2_Sign(benchmark::State& state) {
  Pair pair;
  const mpc::musig2::NonceGenInput other_input{.random32 = pair.message, .public_key = pair.keys[1]};
  const auto other = mpc::musig2::generate_nonce(pair.curve, other_input).value().public_nonce;
  const mpc::musig2::NonceGenInput input{
      .random32 = pair.random32, .public_key = pair.keys[0], .secret_key = &pair.shares[0]};
  const auto key_pair = mpc::musig2::KeyPair::create(pair.curve, pair.shares[0]).value();
  for (auto _ : state) {
    auto own = mpc::musig2::generate_nonce(pair.curve, input).value();
    const auto aggregate =
        mpc::musig2::add(pair.curve, own.points, *mpc::musig2::parse_public_nonce(pair.curve, other));
    const auto session = mpc::musig2::Session::create(pair.curve, *pair.context, *aggregate, pair.message);
    auto partial = mpc::musig2::sign(std::move(own.secret_nonce), key_pair, *pair.context, *session);
    TS_CHECK(partial.ok(), "signing failed");
    benchmark::DoNotOptimize(partial);
  }
}
BENCHMARK(MuSig2_Sign)->Unit(benchmark::kMicrosecond);

void MuSig2_KeyAgg(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) {
    auto context = mpc::musig2::aggregate_keys(pair.curve, pair.keys, pair.tweaks);
    benchmark::DoNotOptimize(context);
  }
}
BENCHMARK(MuSig2_KeyAgg)->Unit(benchmark::kMicrosecond);

// The card's whole answer, self-check included.
void MuSig2_Card(benchmark::State& state) {
  Pair pair;
  mpc::musig2::Initiator wallet(pair.curve, crypto::schnorr_verify);
  const auto nonce = *wallet.start(pair.shares[0], *pair.context, pair.message, pair.random32);
  for (auto _ : state) {
    auto answer = mpc::musig2::respond(pair.curve, pair.shares[1], *pair.context, pair.message, nonce, pair.random32);
    TS_CHECK(answer.ok(), "the card's answer failed");
    benchmark::DoNotOptimize(answer);
  }
}
BENCHMARK(MuSig2_Card)->Unit(benchmark::kMicrosecond);

// The wallet's start and finish, with verification of the card's part and of the whole.
void MuSig2_Wallet(benchmark::State& state) {
  Pair pair;
  mpc::musig2::Initiator wallet(pair.curve, crypto::schnorr_verify);
  const auto nonce = *wallet.start(pair.shares[0], *pair.context, pair.message, pair.random32);
  const auto answer =
      *mpc::musig2::respond(pair.curve, pair.shares[1], *pair.context, pair.message, nonce, pair.random32);
  for (auto _ : state) {
    (void)*wallet.start(pair.shares[0], *pair.context, pair.message,
                        pair.random32);  // the same random bytes: the same nonce
    auto signature = wallet.finish(answer.public_nonce, answer.partial_signature);
    TS_CHECK(signature.ok(), "the wallet refused");
    benchmark::DoNotOptimize(signature);
  }
}
BENCHMARK(MuSig2_Wallet)->Unit(benchmark::kMicrosecond);

// The measure of the machine: one constant-time multiplication by libsecp256k1.
void Curve_MultiplyBase(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) {
    auto point = pair.curve.multiply_base(pair.shares[0]);
    benchmark::DoNotOptimize(point);
  }
}
BENCHMARK(Curve_MultiplyBase)->Unit(benchmark::kMicrosecond);

void Curve_Multiply(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) {
    auto point = pair.curve.multiply(pair.shares[0], pair.context->point(1));
    benchmark::DoNotOptimize(point);
  }
}
BENCHMARK(Curve_Multiply)->Unit(benchmark::kMicrosecond);

void Curve_LiftX(benchmark::State& state) {
  Pair pair;
  for (auto _ : state) {
    auto point = pair.curve.lift_x(pair.context->point(1).x);
    benchmark::DoNotOptimize(point);
  }
}
BENCHMARK(Curve_LiftX)->Unit(benchmark::kMicrosecond);

void Crypto_Sha256(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(4096, 7);
  for (auto _ : state) {
    auto digest = crypto::sha256(bytes);
    benchmark::DoNotOptimize(digest);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * 4096);
}
BENCHMARK(Crypto_Sha256);

void Crypto_ChaCha20Poly1305Seal(benchmark::State& state) {
  const ByteArray<32> key{1};
  const ByteArray<12> nonce{2};
  const std::vector<std::uint8_t> bytes(4096, 7);
  std::vector<std::uint8_t> sealed(4096 + crypto::kAeadTagBytes);
  for (auto _ : state) {
    crypto::chacha20poly1305_seal(key, nonce, {}, bytes, sealed);
    benchmark::DoNotOptimize(sealed.data());
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * 4096);
}
BENCHMARK(Crypto_ChaCha20Poly1305Seal);

void Crypto_ScalarMultiply(benchmark::State& state) {
  const Scalar factor = -Scalar::from_u32(12345);
  Scalar x = factor;
  for (auto _ : state) x *= factor;
  auto bytes = x.to_bytes();
  benchmark::DoNotOptimize(bytes);
}
BENCHMARK(Crypto_ScalarMultiply);

}  // namespace
}  // namespace touchstone
