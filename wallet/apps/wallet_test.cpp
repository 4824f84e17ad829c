#include "wallet/wallet.h"

#include <gtest/gtest.h>

#include <set>

#include "base/seed.h"
#include "chain/sighash.h"
#include "wallet/encoding.h"
#include "wallet/test_card.h"

namespace touchstone::wallet {
namespace {

using contract::PairResponse;
using contract::Refusal;
using contract::SignRequest;
using contract::SignResponse;
using test::TestCard;

constexpr std::uint64_t kCoinSat = 10'000'000;
constexpr std::uint64_t kPaySat = 2'500'000;
constexpr std::uint64_t kFeeSat = 400;

template <typename Message>
ByteVector encode(const Message& message) {
  ByteVector buffer(Message::kMaxBytes);
  buffer.resize(message.encode(buffer).value().size());
  return buffer;
}

std::unique_ptr<Wallet> make_wallet(crypto::Curve& curve, std::uint64_t seed = 1, WalletConfig config = {},
                                    std::uint8_t root_fill = 0xa0) {
  auto stream = std::make_shared<Random>(SeedTree(seed).stream("wallet/nonce"));
  return Wallet::create(config, test::root_of(root_fill), curve, [stream](MutableBytes out) { stream->fill(out); })
      .value();
}

class WalletTest : public ::testing::Test {
 protected:
  void pair() { ASSERT_TRUE(std::holds_alternative<Paired>(wallet->on_message(card.answer(wallet->pair_request(4))))); }

  /// An address nobody here owns.
  static std::string shop() {
    const ByteArray<34> script = chain::p2tr_script([] {
      ByteArray<32> key;
      key.fill(0x33);
      return key;
    }());
    return std::string(chain::address_of_script(script, chain::Network::kRegtest)->view());
  }
  static Payment payment() {
    Payment p;
    p.coin.txid.fill(0xcd);
    p.coin.vout = 2;
    p.coin.amount_sat = kCoinSat;
    p.coin.path = {0, 7};
    p.recipients = {{shop(), kPaySat}};
    p.fee_sat = kFeeSat;
    p.change_index = 3;
    return p;
  }
  static ByteVector key_of(const Wallet& wallet, chain::AddressPath path) {
    const auto key = wallet.address_key(path).value();
    const Bytes bytes = chain::verification_key(key);
    return {bytes.begin(), bytes.end()};
  }
  static SignRequest decode(const SigningRequest& request) { return SignRequest::decode(request.message).value(); }

  crypto::HostCurve curve;
  std::unique_ptr<Wallet> wallet = make_wallet(curve);
  TestCard card;
};

TEST_F(WalletTest, SignsAPaymentWithTheCard) {
  const Outcome paired = wallet->on_message(card.answer(wallet->pair_request(4)));
  ASSERT_TRUE(std::holds_alternative<Paired>(paired));
  EXPECT_EQ(std::get<Paired>(paired).card_key, card.public_key());
  EXPECT_EQ(std::get<Paired>(paired).public_key, key_of(*wallet, {0, 0}));

  const auto request = wallet->sign_request(payment());
  ASSERT_TRUE(request.ok());
  const Outcome outcome = wallet->on_message(card.answer(request->message));
  ASSERT_TRUE(std::holds_alternative<Signed>(outcome));
  const Signed& done = std::get<Signed>(outcome);
  EXPECT_EQ(done.session, request->session);
  EXPECT_EQ(done.public_key, key_of(*wallet, {0, 7}));
  EXPECT_TRUE(crypto::schnorr_verify(wallet->address_key({0, 7})->output_key, done.message_hash, done.signature).ok());
  EXPECT_FALSE(wallet->is_signing());

  // The transaction is the reviewed one, with the signature as its witness.
  const auto tx = chain::Transaction::parse(done.raw_transaction);
  ASSERT_TRUE(tx.ok());
  EXPECT_EQ(to_hex(tx->witness_item(0, 0)), to_hex(done.signature));
  const ByteArray<32> id = tx->txid();
  EXPECT_EQ(done.txid, to_hex(ByteVector(id.rbegin(), id.rend())));
  const chain::AddressKey own = wallet->address_key({0, 7}).value();
  const chain::TxOutput spent{kCoinSat, own.script, {}};
  EXPECT_EQ(chain::taproot_sighash(*tx, {&spent, 1}, 0, chain::kSighashDefault).value(), done.message_hash);
  const chain::AddressKey change = wallet->address_key({1, 3}).value();
  EXPECT_EQ(tx->outputs()[0].amount_sat, kPaySat);
  EXPECT_EQ(tx->outputs()[1].amount_sat, kCoinSat - kPaySat - kFeeSat);
  EXPECT_EQ(to_hex(tx->outputs()[1].script), to_hex(change.script));
}

TEST_F(WalletTest, TheCardShowsWhatTheWalletMeant) {
  pair();
  const auto request = wallet->sign_request(payment());
  ASSERT_TRUE(request.ok());
  card.answer(request->message);
  const chain::PaymentReview& shown = card.shown();
  ASSERT_EQ(shown.recipient_count, 1u);
  EXPECT_EQ(shown.recipients[0].text.view(), shop());
  EXPECT_EQ(shown.recipients[0].amount_sat, kPaySat);
  EXPECT_EQ(shown.fee_sat, kFeeSat);
  EXPECT_EQ(shown.hidden_change_count, 1u);
  EXPECT_EQ(shown.message_hash, request->review.message_hash);
}

TEST_F(WalletTest, WorksForAnySecretsAccountsAndPaths) {
  for (std::uint8_t round = 1; round <= 30; ++round) {
    const WalletConfig config{chain::Network::kRegtest, round % 5U, round % 3U};
    const auto some_wallet = make_wallet(curve, round, config, round);
    TestCard some_card(static_cast<std::uint8_t>(200 - round));
    ASSERT_TRUE(
        std::holds_alternative<Paired>(some_wallet->on_message(some_card.answer(some_wallet->pair_request(1)))));
    Payment p = payment();
    p.coin.path = {round % 2U, round * 1000U};
    const auto request = some_wallet->sign_request(p);
    ASSERT_TRUE(request.ok());
    const Outcome outcome = some_wallet->on_message(some_card.answer(request->message));
    ASSERT_TRUE(std::holds_alternative<Signed>(outcome)) << int{round};
  }
}

TEST_F(WalletTest, SameSeedSameBytes) {
  pair();
  const auto twin = make_wallet(curve);
  ASSERT_TRUE(twin->restore_pairing(card.public_key()).ok());
  EXPECT_EQ(twin->sign_request(payment())->message, wallet->sign_request(payment())->message);
}

TEST_F(WalletTest, ARetryAfterALostLinkHasANewSessionAndNonce) {
  pair();
  const auto first = wallet->sign_request(payment());
  const ByteVector late_answer = card.answer(first->message);
  EXPECT_EQ(wallet->on_link_lost(), first->session);
  EXPECT_FALSE(wallet->is_signing());
  EXPECT_EQ(wallet->on_link_lost(), 0u);

  const auto second = wallet->sign_request(payment());
  EXPECT_NE(second->session, first->session);
  EXPECT_NE(decode(*second).wallet_nonce, decode(*first).wallet_nonce);
  EXPECT_EQ(second->review.message_hash, first->review.message_hash);

  EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(late_answer)));
  EXPECT_TRUE(wallet->is_signing());
  EXPECT_TRUE(std::holds_alternative<Signed>(wallet->on_message(card.answer(second->message))));
}

TEST_F(WalletTest, TheLateAnswerUnderTheNewSessionsNumberFails) {
  pair();
  const auto first = wallet->sign_request(payment());
  SignResponse late = SignResponse::decode(card.answer(first->message)).value();
  wallet->on_link_lost();
  late.session = wallet->sign_request(payment())->session;
  const Outcome outcome = wallet->on_message(encode(late));
  ASSERT_TRUE(std::holds_alternative<Failed>(outcome));
  EXPECT_EQ(std::get<Failed>(outcome).error.code, ErrorCode::kBadSignature);
}

TEST_F(WalletTest, NoNonceIsEverUsedTwice) {
  pair();
  std::set<ByteArray<66>> nonces;
  for (int i = 0; i < 50; ++i) nonces.insert(decode(*wallet->sign_request(payment())).wallet_nonce);
  EXPECT_EQ(nonces.size(), 50u);
}

TEST_F(WalletTest, AnAnswerIsTakenOnce) {
  pair();
  const auto request = wallet->sign_request(payment());
  const ByteVector answer = card.answer(request->message);
  EXPECT_TRUE(std::holds_alternative<Signed>(wallet->on_message(answer)));
  EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(answer)));
}

TEST_F(WalletTest, EveryBitOfAnAnswerCounts) {
  pair();
  const std::size_t bits = SignResponse::kMaxBytes * 8;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const auto request = wallet->sign_request(payment());
    const ByteVector good = card.answer(request->message);
    ASSERT_EQ(good.size(), SignResponse::kMaxBytes);
    ByteVector bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const Outcome outcome = wallet->on_message(bad);
    EXPECT_FALSE(std::holds_alternative<Signed>(outcome)) << bit;
    const bool ignored = std::holds_alternative<Ignored>(outcome);
    const bool session_number = bit >= 8 && bit < 40;
    EXPECT_EQ(ignored, session_number) << bit;
    // A failed session is over: the honest answer comes too late, and the nonce with it.
    if (!ignored) {
      EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(good))) << bit;
    }
  }
}

TEST_F(WalletTest, ARequestChangedOnTheWayGivesNoSignature) {
  pair();
  const auto request = wallet->sign_request(payment());
  std::size_t answered = 0;
  for (std::size_t at = 5; at < request->message.size(); ++at) {
    const auto fresh = wallet->sign_request(payment());
    ByteVector changed = fresh->message;
    changed[at] ^= 1;
    const auto decoded = SignRequest::decode(changed);
    if (!decoded || mpc::musig2::parse_public_nonce(curve, decoded->wallet_nonce).ok() == false) continue;
    const ByteVector answer = card.answer(changed);
    const Outcome outcome = wallet->on_message(answer);
    if (answer[0] == SignResponse::kId) {
      ++answered;
      // Bytes of the PSBT that are not signed, such as the derivation of the change, may differ without harm.
      const bool same_message = card.shown().message_hash == fresh->review.message_hash;
      const bool same_nonce = decoded->wallet_nonce == decode(*fresh).wallet_nonce;
      EXPECT_EQ(std::holds_alternative<Signed>(outcome), same_message && same_nonce) << at;
    } else {
      EXPECT_TRUE(std::holds_alternative<Refused>(outcome)) << at;
    }
  }
  EXPECT_GT(answered, 50u);
}

TEST_F(WalletTest, RefusalsEndTheSessionAndKeepTheirReason) {
  pair();
  const std::pair<Refusal::Reason, std::string_view> reasons[] = {{Refusal::Reason::kBadRequest, "bad_request"},
                                                                  {Refusal::Reason::kUserRefused, "user_refused"},
                                                                  {Refusal::Reason::kTimeout, "timeout"},
                                                                  {Refusal::Reason::kNoMatch, "no_match"},
                                                                  {Refusal::Reason::kPoorCapture, "poor_capture"},
                                                                  {Refusal::Reason::kNotEnrolled, "not_enrolled"},
                                                                  {Refusal::Reason::kBusy, "busy"},
                                                                  {Refusal::Reason::kDeviceError, "device_error"},
                                                                  {Refusal::Reason::kAlreadyEnrolled, "already_enrolled"}};
  for (const auto& [reason, name] : reasons) {
    const auto request = wallet->sign_request(payment());
    Refusal refusal;
    refusal.session = request->session;
    refusal.reason = static_cast<std::uint8_t>(reason);
    const Outcome outcome = wallet->on_message(encode(refusal));
    ASSERT_TRUE(std::holds_alternative<Refused>(outcome));
    EXPECT_EQ(std::get<Refused>(outcome).reason, name);
    EXPECT_FALSE(wallet->is_signing());
    EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(encode(refusal))));
  }
  EXPECT_EQ(refusal_reason(99), "unknown");
}

TEST_F(WalletTest, ARefusalOfAnotherSessionChangesNothing) {
  pair();
  const auto request = wallet->sign_request(payment());
  Refusal stale;
  stale.session = request->session - 1;
  stale.reason = 2;
  EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(encode(stale))));
  EXPECT_TRUE(wallet->is_signing());
}

TEST_F(WalletTest, PairingCanBeRefused) {
  wallet->pair_request(4);
  Refusal refusal;
  refusal.reason = static_cast<std::uint8_t>(Refusal::Reason::kPoorCapture);
  EXPECT_TRUE(std::holds_alternative<Refused>(wallet->on_message(encode(refusal))));
  EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(card.answer(make_wallet(curve)->pair_request(4)))));
  EXPECT_FALSE(wallet->is_paired());
}

TEST_F(WalletTest, ForgedPairingsAreRefused) {
  PairResponse echo;
  echo.card_public_key = wallet->public_key();
  EXPECT_TRUE(std::holds_alternative<Ignored>(wallet->on_message(encode(echo))));  // nobody asked
  wallet->pair_request(4);
  EXPECT_EQ(std::get<Failed>(wallet->on_message(encode(echo))).error.code, ErrorCode::kMismatch);

  PairResponse no_point;
  no_point.card_public_key.fill(0xff);
  no_point.card_public_key[0] = 2;
  wallet->pair_request(4);
  EXPECT_EQ(std::get<Failed>(wallet->on_message(encode(no_point))).error.code, ErrorCode::kNotOnCurve);
  EXPECT_FALSE(wallet->is_paired());

  pair();
  const chain::AddressText before = wallet->address({0, 0}).value();
  TestCard other(0x01);
  EXPECT_EQ(std::get<Failed>(wallet->on_message(other.answer(wallet->pair_request(4)))).error.code,
            ErrorCode::kMismatch);
  EXPECT_EQ(wallet->address({0, 0})->view(), before.view());
  pair();  // the same card, enrolled again, is the same account
  EXPECT_EQ(wallet->address({0, 0})->view(), before.view());
}

TEST_F(WalletTest, AccountsEpochsAndNetworksHaveTheirOwnKeys) {
  std::set<ByteArray<33>> keys;
  keys.insert(wallet->public_key());
  keys.insert(make_wallet(curve, 1, {chain::Network::kRegtest, 1, 0})->public_key());
  keys.insert(make_wallet(curve, 1, {chain::Network::kRegtest, 0, 1})->public_key());
  keys.insert(make_wallet(curve, 1, {chain::Network::kMain, 0, 0})->public_key());
  keys.insert(make_wallet(curve, 1, {}, 0xa1)->public_key());
  EXPECT_EQ(keys.size(), 5u);
}

TEST_F(WalletTest, UnsoundPaymentsAreNotBuilt) {
  EXPECT_EQ(wallet->sign_request(payment()).error().code, ErrorCode::kState);
  pair();
  const auto error_of = [&](auto change) {
    Payment p = payment();
    change(p);
    const auto request = wallet->sign_request(p);
    EXPECT_FALSE(wallet->is_signing() != request.ok());
    return request ? ErrorCode{} : request.error().code;
  };
  EXPECT_EQ(error_of([](Payment& p) { p.recipients.clear(); }), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) { p.recipients[0].amount_sat = 0; }), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) { p.recipients[0].amount_sat = kCoinSat; }), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) { p.recipients[0].amount_sat = ~0ull; }), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) { p.fee_sat = ~0ull; }), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) { p.fee_sat = kCoinSat - kPaySat - 329; }), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) { p.fee_sat = kCoinSat - kPaySat - 330; }), ErrorCode{});
  EXPECT_EQ(error_of([](Payment& p) { p.fee_sat = kCoinSat - kPaySat; }), ErrorCode{});
  EXPECT_EQ(error_of([](Payment& p) { p.recipients[0].address = "bcrt1qnonsense"; }), ErrorCode::kBadFormat);
  EXPECT_EQ(error_of([](Payment& p) { p.recipients[0].address = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"; }),
            ErrorCode::kMismatch);
  EXPECT_EQ(error_of([](Payment& p) {
              p.recipients.resize(9, p.recipients[0]);
              p.recipients.back().amount_sat = 1;
            }),
            ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of([](Payment& p) {
              p.recipients[0].amount_sat = 1000;
              p.recipients.resize(9, p.recipients[0]);
            }),
            ErrorCode::kUnsupported);
}

TEST_F(WalletTest, WithoutChangeThereIsOneOutput) {
  pair();
  Payment p = payment();
  p.fee_sat = 0;
  p.recipients[0].amount_sat = kCoinSat;
  const auto request = wallet->sign_request(p);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->review.hidden_change_count, 0u);
  EXPECT_EQ(request->review.fee_sat, 0u);
  EXPECT_TRUE(std::holds_alternative<Signed>(wallet->on_message(card.answer(request->message))));
}

TEST_F(WalletTest, NoiseIsNeverASignature) {
  pair();
  Random random = SeedTree(5).stream("wallet/noise");
  for (int i = 0; i < 2000; ++i) {
    if (!wallet->is_signing()) {
      ASSERT_TRUE(wallet->sign_request(payment()).ok());
    }
    ByteVector noise(random.below(120));
    random.fill(noise);
    if (!noise.empty() && random.below(2) == 0) noise[0] = static_cast<std::uint8_t>(1 + random.below(6));
    const Outcome outcome = wallet->on_message(noise);
    ASSERT_FALSE(std::holds_alternative<Signed>(outcome) || std::holds_alternative<Paired>(outcome));
  }
}

}  // namespace
}  // namespace touchstone::wallet
