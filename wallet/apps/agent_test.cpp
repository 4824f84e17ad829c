#include "wallet/agent.h"

#include <gtest/gtest.h>

#include <set>

#include "contract/events.h"
#include "mpc_session/roots.h"
#include "wallet/encoding.h"
#include "wallet/test_card.h"
#include "wallet/test_identity.h"

namespace touchstone::wallet {
namespace {

using test::TestCard;
using test::TestIdentity;

template <typename Message>
ByteVector encode(const Message& message) {
  ByteVector buffer(Message::kMaxBytes);
  buffer.resize(message.encode(buffer).value().size());
  return buffer;
}

Start start_of(Attestation attestation, ByteVector state = {}) {
  Start start;
  start.seed = 5;
  start.attestation = attestation;
  start.vendor_key = identity::development_vendor_key();
  start.untrusted_state = std::move(state);
  return start;
}

Payment payment() {
  Payment p;
  p.coin.txid.fill(0xcd);
  p.coin.amount_sat = 1'000'000;
  ByteArray<32> key;
  key.fill(0x33);
  p.recipients = {{std::string(chain::address_of_script(chain::p2tr_script(key), chain::Network::kRegtest)->view()), 400'000}};
  p.fee_sat = 300;
  return p;
}

Sign sign() { return {test::root_of(0xa0), payment()}; }
Pair pairing() { return {test::root_of(0xa0), 4}; }

/// An agent with what its host does: storage, and the names of the events.
struct Phone {
  explicit Phone(Attestation attestation, ByteVector state = {}) : storage(std::move(state)) { give(start_of(attestation, storage)); }

  Actions give(Input input) {
    Actions actions = agent.handle(std::move(input));
    for (const Action& action : actions) {
      if (const auto* save = std::get_if<SaveState>(&action)) storage = save->state;
      if (const auto* event = std::get_if<Event>(&action)) events.push_back(event->name);
    }
    return actions;
  }
  /// What goes to the card.
  std::vector<ByteVector> sent_after(Input input) {
    std::vector<ByteVector> out;
    for (const Action& action : give(std::move(input)))
      if (const auto* send = std::get_if<Send>(&action)) out.push_back(send->message);
    return out;
  }
  bool has(std::string_view event) const { return std::find(events.begin(), events.end(), event) != events.end(); }

  crypto::HostCurve curve;
  Agent agent{curve, seeded_entropy};
  ByteVector storage;
  std::vector<std::string> events;
};

template <typename T>
bool contains(const Actions& actions) {
  return std::any_of(actions.begin(), actions.end(), [](const Action& a) { return std::holds_alternative<T>(a); });
}

constexpr std::uint8_t kRecordByte = 0x5e;

/// The card's answer to a PairRequest, with a record.
ByteVector paired_answer(TestCard& card, Bytes request) {
  const ByteVector bytes = card.answer(request);
  auto response = contract::PairResponse::decode(bytes).value();
  const ByteVector record(100, kRecordByte);
  response.record = record;
  return encode(response);
}

void pair(Phone& phone, TestCard& card) {
  ASSERT_TRUE(contains<Connect>(phone.give(pairing())));
  const auto sent = phone.sent_after(LinkOpened{});
  ASSERT_EQ(sent.size(), 1u);
  phone.give(LinkMessage{paired_answer(card, sent[0])});
  ASSERT_TRUE(phone.has(events::WalletPaired::kName));
}

TEST(Agent, PairsAndSignsOverOneConnection) {
  Phone phone(Attestation::kNone);
  TestCard card;
  pair(phone, card);
  const auto sent = phone.sent_after(sign());
  ASSERT_EQ(sent.size(), 1u);
  const Actions actions = phone.give(LinkMessage{card.answer(sent[0])});
  ASSERT_TRUE(contains<Publish>(actions));
  const auto& publish = std::get<Publish>(actions.back());
  ASSERT_EQ(publish.public_key.size(), 32u);
  crypto::XOnlyPoint output_key;
  std::copy(publish.public_key.begin(), publish.public_key.end(), output_key.begin());
  EXPECT_TRUE(crypto::schnorr_verify(output_key, publish.message_hash, publish.signature));
  EXPECT_TRUE(phone.has(events::WalletSignatureVerified::kName));
}

TEST(Agent, ATaskWaitsForTheLinkAndLooksAgain) {
  Phone phone(Attestation::kNone);
  TestCard card;
  pair(phone, card);
  phone.give(LinkClosed{8});
  EXPECT_TRUE(contains<Connect>(phone.give(sign())));
  EXPECT_FALSE(contains<Connect>(phone.give(sign()))) << "it is looking already";
  EXPECT_TRUE(contains<Connect>(phone.give(LinkClosed{8}))) << "the task is still open";
  EXPECT_EQ(phone.sent_after(LinkOpened{}).size(), 1u) << "the newest wish alone";
  const Actions lost = phone.give(LinkClosed{8});
  EXPECT_TRUE(phone.has(events::WalletLinkLost::kName));
  EXPECT_FALSE(contains<Connect>(lost)) << "a session that was lost is not begun again by itself";
}

TEST(Agent, ACardWithoutAChannelIsNotLookedForAgain) {
  Phone phone(Attestation::kNone);
  phone.give(pairing());
  EXPECT_TRUE(contains<Connect>(phone.give(LinkClosed{0x05}))) << "what Bluetooth says anybody can send";
  EXPECT_FALSE(phone.has(events::WalletUnattested::kName));
  EXPECT_FALSE(contains<Connect>(phone.give(LinkClosed{kNoChannel})));
  EXPECT_TRUE(phone.has(events::WalletUnattested::kName));
  EXPECT_TRUE(phone.sent_after(LinkOpened{}).empty()) << "the wish is gone";
}

TEST(Agent, NothingIsSentToACardThatDoesNotProveItself) {
  for (int kind = 0; kind < 4; ++kind) {
    Phone phone(Attestation::kRequired);
    TestIdentity genuine(7), home_made(7);
    home_made.vendor = crypto::Scalar::from_u32(5);
    phone.give(pairing());
    const auto first = phone.sent_after(LinkOpened{});
    ASSERT_EQ(first.size(), 1u);
    const auto request = contract::AttestRequest::decode(first[0]);
    ASSERT_TRUE(request) << "the first message of a connection";
    ByteVector answer;
    if (kind == 0) answer = encode(home_made.respond(request->challenge));
    if (kind == 1) answer = encode(genuine.respond(ByteArray<32>{}));                  // of another connection
    if (kind == 2) answer = encode(contract::Refusal{0, 1});
    if (kind == 3) answer = {contract::PairResponse::kId, 1, 2, 3};
    const Actions actions = phone.give(LinkMessage{answer});
    EXPECT_TRUE(contains<Disconnect>(actions));
    EXPECT_FALSE(contains<Send>(actions));
    EXPECT_TRUE(phone.has(events::WalletUnattested::kName));
    EXPECT_FALSE(contains<Send>(phone.give(LinkMessage{encode(genuine.respond(request->challenge))}))) << "too late";
    EXPECT_FALSE(contains<Connect>(phone.give(LinkClosed{0x16}))) << "the wish is dropped";
  }
}

/// What the wallet sends once `identity` has answered its challenge; nothing where it refuses the card.
std::vector<ByteVector> connect(Phone& phone, const TestIdentity& identity) {
  const auto sent = phone.sent_after(LinkOpened{});
  TS_CHECK(sent.size() == 1, "the challenge comes first");
  return phone.sent_after(LinkMessage{encode(identity.respond(contract::AttestRequest::decode(sent[0])->challenge))});
}

void pair_attested(Phone& phone, TestCard& card, const TestIdentity& identity) {
  phone.give(pairing());
  const auto sent = connect(phone, identity);
  ASSERT_EQ(sent.size(), 1u);
  phone.give(LinkMessage{paired_answer(card, sent[0])});
  ASSERT_TRUE(phone.has(events::WalletPaired::kName));
  phone.give(LinkClosed{8});
}

TEST(Agent, AnotherGenuineCardIsNotThePairedOne) {
  const TestIdentity own(7), other(8);
  TestCard card;
  ByteVector storage;
  {
    Phone phone(Attestation::kRequired);
    pair_attested(phone, card, own);
    storage = phone.storage;
  }
  Phone phone(Attestation::kRequired, storage);  // the pin outlives the program
  phone.give(sign());
  const auto challenge = contract::AttestRequest::decode(phone.sent_after(LinkOpened{})[0])->challenge;
  const Actions actions = phone.give(LinkMessage{encode(other.respond(challenge))});
  EXPECT_TRUE(contains<Disconnect>(actions));
  EXPECT_FALSE(contains<Send>(actions));
  EXPECT_TRUE(phone.has(events::WalletUnattested::kName));
  EXPECT_FALSE(phone.has(events::WalletAttested::kName));
  EXPECT_FALSE(contains<Connect>(phone.give(LinkClosed{0x16}))) << "the wish is dropped";
  phone.give(sign());
  const auto sent = connect(phone, own);
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][0], contract::SignRequest::kId);
}

TEST(Agent, ABorrowedCardNeedNotBeThePairedOneButIsNotTakenForIt) {
  Phone phone(Attestation::kRequired);
  TestCard card;
  pair_attested(phone, card, TestIdentity(7));
  phone.give(Guest{});
  const auto sent = connect(phone, TestIdentity(8));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][0], contract::GuestRequest::kId);
  phone.give(LinkMessage{encode(contract::Refusal{0, 2})});
  const Actions actions = phone.give(sign());  // over the same connection
  EXPECT_FALSE(contains<Send>(actions));
  EXPECT_TRUE(contains<Disconnect>(actions));
  EXPECT_TRUE(phone.has(events::WalletUnattested::kName));
}

TEST(Agent, ACardThatCameToBePairedIsNotTakenForThePairedOne) {
  Phone phone(Attestation::kRequired);
  TestCard card, other_card(0xb1);
  pair_attested(phone, card, TestIdentity(7));
  phone.give(pairing());
  const auto sent = connect(phone, TestIdentity(8));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][0], contract::PairRequest::kId);
  const ByteVector before = phone.storage;
  phone.give(LinkMessage{paired_answer(other_card, sent[0])});
  EXPECT_TRUE(phone.has(events::WalletFailed::kName)) << "its key is not the pinned one";
  EXPECT_EQ(phone.storage, before);
  EXPECT_FALSE(contains<Send>(phone.give(sign())));
  EXPECT_TRUE(phone.has(events::WalletUnattested::kName));
}

TEST(Agent, PairingAgainPinsTheCardThatAnswered) {
  Phone phone(Attestation::kRequired);
  TestCard card;
  pair_attested(phone, card, TestIdentity(7));
  pair_attested(phone, card, TestIdentity(8));  // the same share in a new body
  phone.give(sign());
  EXPECT_EQ(connect(phone, TestIdentity(8)).size(), 1u);
  phone.give(LinkClosed{8});
  phone.give(sign());
  EXPECT_TRUE(connect(phone, TestIdentity(7)).empty());
}

TEST(Agent, ChallengesAndNoncesComeFromStreamsOfTheirOwn) {
  // The nonce of the first payment is the same however many challenges were shown before it.
  std::set<std::string> nonces;
  for (int connections = 1; connections < 4; ++connections) {
    Phone phone(Attestation::kRequired);
    TestCard card;
    pair_attested(phone, card, TestIdentity(7));
    for (int i = 0; i < connections; ++i) {
      if (i == 0) phone.give(sign());
      phone.give(LinkOpened{});
      phone.give(LinkClosed{8});
    }
    const auto sent = connect(phone, TestIdentity(7));
    ASSERT_EQ(sent.size(), 1u);
    nonces.insert(to_hex(contract::SignRequest::decode(sent[0])->wallet_nonce));
  }
  EXPECT_EQ(nonces.size(), 1u);
  ByteArray<32> challenge{}, nonce{}, next{};
  seeded_entropy(5, "challenge", 1)(challenge);
  seeded_entropy(5, "nonces", 1)(nonce);
  seeded_entropy(5, "nonces", 2)(next);
  EXPECT_NE(challenge, nonce);
  EXPECT_NE(nonce, next);
}

TEST(Agent, EveryConnectionHasItsOwnChallenge) {
  Phone phone(Attestation::kRequired);
  const TestIdentity identity(7);
  TestCard card;
  std::set<std::string> challenges;
  phone.give(pairing());
  for (int i = 0; i < 5; ++i) {
    const auto sent = phone.sent_after(LinkOpened{});
    ASSERT_EQ(sent.size(), 1u);
    challenges.insert(to_hex(contract::AttestRequest::decode(sent[0])->challenge));
    phone.give(LinkClosed{8});
  }
  EXPECT_EQ(challenges.size(), 5u);
  const auto sent = phone.sent_after(LinkOpened{});
  const auto next = phone.sent_after(LinkMessage{encode(identity.respond(contract::AttestRequest::decode(sent[0])->challenge))});
  EXPECT_TRUE(phone.has(events::WalletAttested::kName));
  ASSERT_EQ(next.size(), 1u) << "the card proved itself: work goes on";
  EXPECT_EQ(next[0][0], contract::PairRequest::kId);
}

TEST(Agent, GoesOnAfterBeingKilled) {
  TestCard card;
  std::set<std::string> nonces;
  ByteVector storage;
  std::uint32_t last_session = 0;
  {
    Phone phone(Attestation::kNone);
    pair(phone, card);
    const auto sent = phone.sent_after(sign());
    ASSERT_EQ(sent.size(), 1u);
    const auto request = contract::SignRequest::decode(sent[0]).value();
    nonces.insert(to_hex(request.wallet_nonce));
    last_session = request.session;
    storage = phone.storage;
  }
  for (int life = 0; life < 3; ++life) {
    Phone phone(Attestation::kNone, storage);
    phone.give(sign());
    const auto sent = phone.sent_after(LinkOpened{});
    ASSERT_EQ(sent.size(), 1u);
    const auto request = contract::SignRequest::decode(sent[0]).value();
    EXPECT_EQ(request.session, ++last_session);
    EXPECT_TRUE(nonces.insert(to_hex(request.wallet_nonce)).second) << "a nonce came twice";
    EXPECT_TRUE(contains<Publish>(phone.give(LinkMessage{card.answer(sent[0])})));
    storage = phone.storage;
  }
}

TEST(Agent, StoresBeforeItSends) {
  Phone phone(Attestation::kNone);
  TestCard card;
  pair(phone, card);
  const Actions actions = phone.give(sign());
  ASSERT_TRUE(contains<SaveState>(actions) && contains<Send>(actions));
  const auto at = [&](auto is) { return std::find_if(actions.begin(), actions.end(), is) - actions.begin(); };
  EXPECT_LT(at([](const Action& a) { return std::holds_alternative<SaveState>(a); }), at([](const Action& a) { return std::holds_alternative<Send>(a); }));
}

TEST(Agent, ADamagedStateIsNotGuessedAt) {
  Phone good(Attestation::kNone);
  ASSERT_FALSE(good.storage.empty());
  for (std::size_t cut = 1; cut < good.storage.size(); ++cut) {
    Phone phone(Attestation::kNone, ByteVector(good.storage.begin(), good.storage.begin() + static_cast<std::ptrdiff_t>(cut)));
    EXPECT_TRUE(phone.has(events::WalletFailed::kName));
    EXPECT_FALSE(contains<Connect>(phone.give(sign()))) << "to begin at start 1 again would repeat nonces";
  }
}

TEST(Agent, TheStoredStateHoldsNoSecret) {
  Phone phone(Attestation::kNone);
  TestCard card;
  pair(phone, card);
  const auto share = mpc::derive_share(test::root_of(0xa0), {mpc::Scheme::kMusig2, chain::coin_type(chain::Network::kRegtest), 0, 0}).value();
  const ByteArray<32> share_bytes = share.to_bytes();
  const ByteVector secret_a(32, 0xa0);
  for (const Bytes secret : {Bytes(share_bytes), Bytes(secret_a)})
    EXPECT_EQ(std::search(phone.storage.begin(), phone.storage.end(), secret.begin(), secret.begin() + 8), phone.storage.end());
}

TEST(Agent, AnotherPhoneGetsTheAccountAlone) {
  Phone old(Attestation::kNone);
  TestCard card;
  pair(old, card);
  old.give(sign());
  const ByteVector part = account_part(old.storage);
  EXPECT_EQ(std::count(old.storage.begin(), old.storage.end(), kRecordByte) - std::count(part.begin(), part.end(), kRecordByte), 100) << "the finger's record stays";
  // It need not be paired: the card and where sessions go on are known.
  Phone other(Attestation::kNone, part);
  other.give(sign());
  const auto sent = other.sent_after(LinkOpened{});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(contract::SignRequest::decode(sent[0]).value().session, 2u);
  EXPECT_TRUE(account_part({}).empty());
  EXPECT_TRUE(account_part(Bytes(old.storage).first(20)).empty());
}

/// Whether 8 successive bytes of the share or of Secret A stand in the agent's objects.
bool holds_secret(const Agent& agent) {
  const auto share = mpc::derive_share(test::root_of(0xa0), {mpc::Scheme::kMusig2, chain::coin_type(chain::Network::kRegtest), 0, 0}).value();
  const Secret<32> share_bytes = share.to_secret(), secret_a = test::root_of(0xa0);
  ByteArray<32> in_memory;  // as the scalar's own limbs lie there
  std::reverse_copy(share_bytes.expose().begin(), share_bytes.expose().end(), in_memory.begin());
  for (const Bytes object : agent.memory())
    for (const Bytes secret : {Bytes(in_memory), Bytes(share_bytes.expose()), Bytes(secret_a.expose())})
      if (std::search(object.begin(), object.end(), secret.begin(), secret.begin() + 8) != object.end()) return true;
  return false;
}

TEST(Agent, HoldsTheSecretFromTheWishToItsEndAndNoLonger) {
  Phone phone(Attestation::kNone);
  TestCard card;
  EXPECT_FALSE(holds_secret(phone.agent));
  pair(phone, card);
  EXPECT_FALSE(holds_secret(phone.agent)) << "paired";
  const auto sent = phone.sent_after(sign());
  EXPECT_TRUE(holds_secret(phone.agent)) << "the card is at work";
  phone.give(LinkMessage{card.answer(sent[0])});
  EXPECT_FALSE(holds_secret(phone.agent)) << "signed";
  phone.give(sign());
  phone.give(LinkMessage{encode(contract::Refusal{2, 2})});
  ASSERT_TRUE(phone.has(events::WalletRefused::kName));
  EXPECT_FALSE(holds_secret(phone.agent)) << "refused";
  phone.give(sign());
  phone.give(LinkClosed{8});
  EXPECT_FALSE(holds_secret(phone.agent)) << "the link was lost";
  phone.give(sign());
  EXPECT_TRUE(holds_secret(phone.agent)) << "it looks for the card";
}

TEST(Agent, BringsTheRecordToABorrowedCard) {
  Phone phone(Attestation::kNone);
  TestCard card;
  pair(phone, card);
  phone.give(LinkClosed{8});
  phone.give(Guest{});
  auto sent = phone.sent_after(LinkOpened{});
  ASSERT_EQ(sent.size(), 1u);
  const auto request = contract::GuestRequest::decode(sent[0]);
  ASSERT_TRUE(request);
  EXPECT_EQ(ByteVector(request->record.begin(), request->record.end()), ByteVector(100, kRecordByte));
  EXPECT_TRUE(phone.sent_after(sign()).empty()) << "the card has not taken the record yet";
  contract::GuestAccepted accepted;
  accepted.card_public_key = card.public_key();
  sent = phone.sent_after(LinkMessage{encode(accepted)});
  EXPECT_TRUE(phone.has(events::WalletGuestAccepted::kName));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_TRUE(contains<Publish>(phone.give(LinkMessage{card.answer(sent[0])})));
  // The card keeps nothing: the next connection begins with the record again.
  phone.give(LinkClosed{8});
  phone.give(sign());
  sent = phone.sent_after(LinkOpened{});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][0], contract::GuestRequest::kId);
  // Another card's key is none of this record's.
  accepted.card_public_key[5] ^= 1;
  EXPECT_TRUE(contains<Disconnect>(phone.give(LinkMessage{encode(accepted)})));
}

TEST(Agent, WithoutARecordThereIsNoGuest) {
  Phone phone(Attestation::kNone);
  phone.give(Guest{});
  EXPECT_TRUE(phone.sent_after(LinkOpened{}).empty());
  EXPECT_TRUE(phone.has(events::WalletFailed::kName));
}

TEST(Agent, ARefusedRecordEndsTheWish) {
  Phone phone(Attestation::kNone);
  TestCard card;
  pair(phone, card);
  phone.give(Guest{});
  EXPECT_TRUE(phone.sent_after(LinkMessage{encode(contract::Refusal{0, 2})}).empty());
  EXPECT_TRUE(phone.has(events::WalletRefused::kName));
  const auto sent = phone.sent_after(sign());
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][0], contract::SignRequest::kId) << "back to the own card's ways";
}

TEST(Agent, SendsAnUpdate) {
  Phone phone(Attestation::kNone);
  const auto image = test::small_image();
  phone.give(Update{image});
  auto sent = phone.sent_after(LinkOpened{});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0][0], contract::UpdateBegin::kId);
  std::size_t received = 0;
  for (;;) {
    contract::UpdateStatus status;
    status.next_offset = static_cast<std::uint32_t>(received);
    status.state = static_cast<std::uint8_t>(received < image.size() ? contract::UpdateStatus::State::kReceiving : contract::UpdateStatus::State::kStaged);
    sent = phone.sent_after(LinkMessage{encode(status)});
    if (received == image.size()) break;
    ASSERT_EQ(sent.size(), 1u);
    received += contract::UpdateData::decode(sent[0])->data.size();
  }
  EXPECT_TRUE(sent.empty());
  EXPECT_EQ(std::count(phone.events.begin(), phone.events.end(), events::WalletUpdate::kName), 2) << "begun and staged";
  phone.give(Update{ByteVector(100)});
  EXPECT_TRUE(phone.has(events::WalletFailed::kName)) << "no image";
}

/// How long the wallet waits for an answer to what these actions sent.
std::uint32_t patience_ms(const Actions& actions) {
  std::uint32_t out = 0;
  for (const Action& action : actions)
    if (const auto* wake = std::get_if<WakeAfter>(&action)) out = wake->milliseconds;
  return out;
}

void expect_left(Phone& phone) {
  const Actions actions = phone.give(Woke{});
  EXPECT_TRUE(contains<Disconnect>(actions));
  EXPECT_FALSE(contains<Send>(actions));
  EXPECT_TRUE(phone.has(events::WalletFailed::kName));
  EXPECT_FALSE(contains<Connect>(phone.give(LinkClosed{0x16}))) << "the wish is dropped";
  EXPECT_FALSE(phone.has(events::WalletLinkLost::kName)) << "one end is enough";
}

TEST(Agent, ASilentCardIsLeft) {
  TestCard card;
  {
    Phone phone(Attestation::kRequired);
    phone.give(pairing());
    EXPECT_EQ(patience_ms(phone.give(LinkOpened{})), 10'000u);
    expect_left(phone);
  }
  {
    Phone phone(Attestation::kNone);
    pair(phone, card);
    EXPECT_EQ(patience_ms(phone.give(sign())), 600'000u);
    expect_left(phone);
  }
  {
    Phone phone(Attestation::kNone);
    pair(phone, card);
    EXPECT_EQ(patience_ms(phone.give(Guest{})), 10'000u);
    expect_left(phone);
  }
  {
    Phone phone(Attestation::kNone);
    phone.give(Update{test::small_image()});
    EXPECT_EQ(patience_ms(phone.give(LinkOpened{})), 90'000u) << "the owner may think about it";
    contract::UpdateStatus status;
    status.state = static_cast<std::uint8_t>(contract::UpdateStatus::State::kReceiving);
    EXPECT_EQ(patience_ms(phone.give(LinkMessage{encode(status)})), 10'000u);
    expect_left(phone);
    EXPECT_EQ(std::count(phone.events.begin(), phone.events.end(), events::WalletUpdate::kName), 2) << "begun and failed";
  }
}

TEST(Agent, WhoWakesAfterTheAnswerDoesNothing) {
  Phone phone(Attestation::kNone);
  TestCard card;
  EXPECT_TRUE(phone.give(Woke{}).empty());
  pair(phone, card);
  EXPECT_TRUE(phone.give(Woke{}).empty());
  const auto sent = phone.sent_after(sign());
  phone.give(LinkMessage{{1, 2, 3}});  // no answer to it, or a bad one: in neither case two ends
  phone.give(LinkMessage{card.answer(sent[0])});
  EXPECT_TRUE(phone.give(Woke{}).empty());
  phone.give(sign());
  phone.give(LinkClosed{8});
  EXPECT_TRUE(phone.give(Woke{}).empty());
}

TEST(Agent, ALostLinkEndsAnUpdate) {
  Phone phone(Attestation::kNone);
  phone.give(Update{test::small_image()});
  phone.give(LinkOpened{});
  EXPECT_FALSE(contains<Connect>(phone.give(LinkClosed{8})));
  EXPECT_EQ(std::count(phone.events.begin(), phone.events.end(), events::WalletUpdate::kName), 2) << "begun and link_lost";
}

}  // namespace
}  // namespace touchstone::wallet
