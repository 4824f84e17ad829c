// A payment on the host: judging it, and signing it by wallet and card together.
#include <benchmark/benchmark.h>

#include "base/seed.h"
#include "wallet/test_card.h"

namespace touchstone::wallet {
namespace {

Payment payment() {
  Payment p;
  p.coin.amount_sat = 1'000'000;
  p.recipients = {{"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", 600'000}};
  p.fee_sat = 500;
  return p;
}

struct PairedWallet {
  PairedWallet() { wallet->on_message(card.answer(wallet->pair_request(1))); }
  crypto::HostCurve curve;
  Random random = SeedTree(1).stream("bench/wallet");
  std::unique_ptr<Wallet> wallet =
      Wallet::create({}, test::root_of(1), curve, [this](MutableBytes out) { random.fill(out); }).value();
  test::TestCard card;
};

void Wallet_Review(benchmark::State& state) {
  PairedWallet pair;
  const auto request = pair.wallet->sign_request(payment()).value();
  const Bytes psbt = contract::SignRequest::decode(request.message)->psbt;
  const chain::AccountKeys account = pair.wallet->account_keys().value();
  for (auto _ : state) benchmark::DoNotOptimize(chain::review(psbt, account, pair.curve));
}
BENCHMARK(Wallet_Review)->Unit(benchmark::kMicrosecond);

// Request, the card's review and answer, verification and the finished transaction.
void Wallet_SignBothParties(benchmark::State& state) {
  PairedWallet pair;
  for (auto _ : state) {
    const auto request = pair.wallet->sign_request(payment()).value();
    const Outcome outcome = pair.wallet->on_message(pair.card.answer(request.message));
    if (!std::holds_alternative<Signed>(outcome)) {
      state.SkipWithError("no signature");
      break;
    }
  }
}
BENCHMARK(Wallet_SignBothParties)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace touchstone::wallet
