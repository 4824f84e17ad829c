// For tests of Lindell17 on the card: the real wallet's side against the card on fake devices. Keys, proofs and signatures are
// real.
#pragma once

#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "contract/lindell.h"
#include "crypto/point.h"
#include "curve_host/host_ecdsa.h"
#include "mpc_lindell/lindell_test_support.h"
#include "wallet/wallet.h"

namespace touchstone::firmware::testing {

namespace lindell = mpc::lindell;
using contract::RunBegin;
using contract::RunMessage;
using Reason = contract::Refusal::Reason;

/// The first piece of that message.
template <typename Message>
bool begins(Bytes message) {
  const auto run = RunMessage::decode(message);
  return run && run->payload.size() > 1 && run->payload[1] == Message::kId;
}

/// A wallet with such an account at the other end of the bench's wire. Its answers come at once.
class LindellCardTest : public ::testing::Test {
 protected:
  LindellCardTest() {
    bench.wire.on_sent = [this](Bytes message) { hear(message); };
    bench.scheme = contract::PairRequest::Scheme::kLindell17;
    open_wallet();
  }

  /// As after a new start: it has what it stored.
  void open_wallet() {
    wallet.reset();
    wallet::ByteVector stored = runs ? runs->evaluator_key() : wallet::ByteVector();
    runs = std::make_unique<wallet::LindellRuns>(curve, entropy);
    runs->use_group(lindell::test_support::pedersen_key());
    TS_CHECK(runs->restore(stored).ok(), "what the wallet stored");
    Secret<32> secret_a;
    secret_a.expose()[0] = 0x5a;
    const wallet::WalletConfig config{chain::Network::kRegtest, Bench::kAccount, Bench::kEpoch, mpc::Scheme::kLindell17};
    wallet = wallet::Wallet::create(config, secret_a, curve, entropy, nullptr, runs.get()).value();
    if (card_key) TS_CHECK(wallet->restore_pairing(*card_key).ok(), "the card's key");
  }

  void hear(Bytes message) {
    heard.emplace_back(message.begin(), message.end());
    if (!on_air(heard.back())) return;
    outcome = wallet->on_message(heard.back());
    if (const auto* paired = std::get_if<wallet::Paired>(&*outcome)) card_key = paired->card_key;
    const auto* answers = std::get_if<wallet::Answers>(&*outcome);
    if (answers == nullptr) return;
    for (wallet::ByteVector answer : answers->messages) {
      said.push_back(answer);
      if (on_air(answer)) bench.deliver(answer);
    }
  }

  template <typename Wanted>
  bool is() const {
    return outcome && std::holds_alternative<Wanted>(*outcome);
  }

  bool pair() {
    outcome.reset();
    bench.sensor.plan.clear();
    for (int i = 0; i < 4; ++i) bench.sensor.plan.push_back({500, 900, &finger(1)});
    bench.deliver(wallet->pair_request(4));
    bench.run([&] { return outcome && !is<wallet::Answers>(); });
    bench.settle();
    return is<wallet::Paired>();
  }

  /// The same for less: both sides as a first pairing has left them, after a new start.
  bool be_paired() {
    struct Paired {
      Pixels flash;
      wallet::ByteVector evaluator_key;
      crypto::CompressedPoint card_key;
    };
    static std::optional<Paired> after;
    if (!after) {
      if (!pair()) return false;
      after = Paired{bench.flash.bytes, runs->evaluator_key(), *card_key};
    }
    bench.flash.bytes = after->flash;
    TS_CHECK(runs->restore(after->evaluator_key).ok(), "what the wallet stored");
    card_key = after->card_key;
    restart();
    return true;
  }

  /// A payment that the owner confirms with that finger.
  bool pay(int finger_index = 1) {
    outcome.reset();
    said.clear();
    wallet::Payment payment;
    payment.coin = {{0xab}, 1, Bench::kInput_sat, {0, 5}};
    payment.recipients = {{"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", Bench::kAmount_sat}};
    payment.fee_sat = Bench::kFee_sat;
    request = wallet->sign_request(payment).value();
    bench.sensor.plan.clear();
    bench.plan_confirmation(finger_index);
    bench.plan_hold(std::exchange(later_holds, {}));
    bench.deliver(request.message);
    bench.run([] { return false; });
    if (!is<wallet::Signed>()) return false;
    const auto& done = std::get<wallet::Signed>(*outcome);
    crypto::CompressedPoint key;
    std::copy(done.public_key.begin(), done.public_key.end(), key.begin());
    return done.message_hash == request.review.message_hash &&
           crypto::host_ecdsa_verify(curve, crypto::decompress(curve, key).value(), done.message_hash, done.signature).ok();
  }

  /// The owner holds the finger when the card asks whether to renew the key.
  bool refresh(int finger_index = 1) {
    outcome.reset();
    bench.sensor.plan.clear();
    bench.plan_hold({finger_index});
    bench.plan_hold(std::exchange(later_holds, {}));
    bench.deliver(wallet->refresh_request().value());
    bench.run([] { return false; });
    return is<wallet::Refreshed>();
  }

  /// The next payment's ciphertext is changed on its way, and with it what the card decrypts.
  void burn() {
    on_air = [](Pixels& m) {
      if (begins<contract::lindell::SignCipher>(m)) m[m.size() - 40] ^= 1;
      return true;
    };
    EXPECT_FALSE(pay());
    on_air = [](Pixels&) { return true; };
  }

  void reconnect() {
    bench.wire.close();
    bench.settle();
    bench.wire.open();
    open_wallet();
  }
  void restart() {
    bench.boot();
    open_wallet();
    bench.settle();
  }

  bool refused(Reason reason) const { return bench.last_refusal() == static_cast<int>(reason); }
  KeyState key_state() { return bench.vault->key_state(); }
  bool arena_is_clean() const {
    return std::all_of(bench.arena.begin(), bench.arena.end(), [](std::uint8_t b) { return b == 0; });
  }

  Bench bench;
  crypto::HostCurve curve;
  Random random = SeedTree(4).stream("wallet");
  wallet::EntropySource entropy = [this](MutableBytes out) { random.fill(out); };
  std::unique_ptr<wallet::LindellRuns> runs;
  std::unique_ptr<wallet::Wallet> wallet;
  std::optional<crypto::CompressedPoint> card_key;
  std::optional<wallet::Outcome> outcome;
  wallet::SigningRequest request;
  std::vector<int> later_holds;  ///< fingers of the next request after the first, in case it is not known
  std::vector<Pixels> heard;             ///< by the wallet
  std::vector<wallet::ByteVector> said;  ///< by the wallet in runs
  /// May change a message of either side; false: it is lost.
  std::function<bool(Pixels&)> on_air = [](Pixels&) { return true; };
};

}  // namespace touchstone::firmware::testing
