// Signing over messages: a Taproot spend by two of three, cheating signers, old shares, many sessions at once.
#include "mpc_frost/sign_session.h"

#include <gtest/gtest.h>

#include <set>

#include "chain/keys.h"
#include "chain/psbt_writer.h"
#include "chain/sighash.h"
#include "chain/tx.h"
#include "contract/frost.h"
#include "mpc_frost/test_support.h"

namespace touchstone::mpc::frost {
namespace {

using crypto::Scalar;
namespace wire = contract::frost;

class FrostSession : public FrostTest {
 protected:
  void spoil_share_of(Crew<SignSession>& crew, PartyId liar) {
    crew.network.tamper = [liar](Network::Message& m) {
      if (m.from == liar && m.bytes[0] == wire::SignatureShare::kId) m.bytes.back() ^= 1;
      return true;
    };
  }
};

TEST_F(FrostSession, EverySubsetOfTwoOfThreeAndThreeOfFive) {
  for (const auto& [t, n] : {std::pair<std::size_t, std::size_t>{2, 3}, {3, 5}}) {
    Members members;
    const SigningKey key = signing_key(generate(t, first_parties(n), members), {{fresh_scalar().to_bytes(), true}});
    for (unsigned mask = 0; mask < 1u << n; ++mask) {
      std::vector<PartyId> ids;
      for (std::size_t i = 0; i < n; ++i)
        if (mask >> i & 1) ids.push_back(static_cast<PartyId>(i + 1));
      if (ids.size() >= t) expect_signs(key, parties(ids), members);
    }
  }
}

// A wallet of three spends one of its addresses with any two: BIP32 steps, TapTweak, sighash and output key by
// wallet/chain.
TEST_F(FrostSession, TwoOfThreeSpendATaprootOutput) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const chain::AddressKey address = chain::derive_address(group.point, {0, 5}, curve_).value();
  std::vector<Tweak> tweaks;
  for (const chain::KeyTweak& tweak : address.tweaks) tweaks.push_back({tweak.value, tweak.x_only});
  const SigningKey key = signing_key(group, tweaks);
  EXPECT_EQ(key.point().x, address.output_key);

  chain::Coin coin;
  coin.txid.fill(0xab);
  coin.amount_sat = 1'000'000;
  coin.path = {0, 5};
  chain::ByteVector recipient(22, 7);
  recipient[0] = 0;
  recipient[1] = 20;
  const auto bytes = chain::write_unsigned_transaction(coin, {{recipient, 990'000, {}}}, 0);
  const auto transaction = chain::Transaction::parse(bytes, chain::Transaction::Format::kNoWitness).value();
  const chain::TxOutput spent{coin.amount_sat, address.script, {}};
  for (const auto& pair : {parties({1, 2}), parties({1, 3}), parties({2, 3})}) {
    SignPlan plan = plan_signature(pair);
    plan.message = chain::taproot_sighash(transaction, {&spent, 1}, 0, chain::kSighashDefault).value();
    Crew<SignSession> crew;
    set_up(crew, key, plan, members);
    crew.network.run();
    ASSERT_TRUE(crew.all_done());
    EXPECT_TRUE(crypto::schnorr_verify(address.output_key, plan.message, crew.of(pair[0]).signature()).ok());
    EXPECT_FALSE(crypto::schnorr_verify(group.point.x, plan.message, crew.of(pair[0]).signature()).ok());
  }
}

TEST_F(FrostSession, ABadShareIsBlamedByAllAndNothingReleased) {
  Members members;
  const SigningKey key = signing_key(generate(3, first_parties(5), members));
  for (const PartyId liar : {1, 3, 4}) {
    Crew<SignSession> crew;
    set_up(crew, key, plan_signature(parties({1, 3, 4, 5})), members);
    spoil_share_of(crew, liar);
    crew.network.run();
    crew.expect_blamed(liar, 3);
    for (const SignSession& session : crew.sessions)
      EXPECT_TRUE(session.done() || session.failure()->error.code == ErrorCode::kBadSignature);
  }
}

TEST_F(FrostSession, DifferentNoncesForDifferentSignersAreFoundAndNobodyBlamed) {
  Members members;
  const SigningKey key = signing_key(generate(2, first_parties(3), members));
  Crew<SignSession> crew;
  set_up(crew, key, plan_signature(first_parties(3)), members);
  const auto other = crypto::compress(*curve_.multiply_base(fresh_scalar()));
  crew.network.tamper = [&](Network::Message& m) {
    if (m.from == 2 && m.to == 3 && m.bytes[0] == wire::Nonces::kId)
      std::copy(other.begin(), other.end(), m.bytes.begin() + 33);
    return true;
  };
  crew.network.run();
  for (const PartyId id : {1, 3}) {
    EXPECT_EQ(crew.error_of(id), ErrorCode::kMismatch);
    EXPECT_FALSE(crew.culprit_of(id).has_value());
  }
}

TEST_F(FrostSession, BadInputEndsTheSessionAtItsStart) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const SigningKey key = signing_key(group);
  const auto rfc_key = SigningKey::create(curve_, Suite::kRfc9591, group, {}).value();
  const Scalar share = *open_offset(members.at(1).pad, members.at(1).offset, group, 1);
  struct Null final : Transport {
    Status status;
    Status send(PartyId, Bytes) override { return status; }
  } transport;
  const auto start = [&](const SigningKey& k, const Parties& signers, PartyId own, const Scalar& y) {
    SignSession session(curve_, crypto::schnorr_verify, k, plan_signature(signers), own, y, random_array<32>(random_));
    const Status status = session.start(transport);
    return status ? ErrorCode{} : status.error().code;
  };
  EXPECT_EQ(start(key, parties({1, 2}), 1, share), ErrorCode{});
  EXPECT_EQ(start(rfc_key, parties({1, 2}), 1, share), ErrorCode::kUnsupported);
  EXPECT_EQ(start(key, parties({1}), 1, share), ErrorCode::kMismatch);
  EXPECT_EQ(start(key, parties({1, 4}), 1, share), ErrorCode::kMismatch);
  EXPECT_EQ(start(key, parties({2, 3}), 1, share), ErrorCode::kMismatch);
  EXPECT_EQ(start(key, parties({1, 2}), 2, share), ErrorCode::kMismatch);
  EXPECT_EQ(start(key, parties({1, 2}), 1, Scalar()), ErrorCode::kMismatch);
  transport.status = Error{ErrorCode::kDevice, "the link is down"};
  EXPECT_EQ(start(key, parties({1, 2}), 1, share), ErrorCode::kDevice);
}

// After a refresh one party still has its old share (or rolled its store back): whatever it believes, no signature
// comes of it.
TEST_F(FrostSession, AnOldShareSignsNothingAmongNewOnes) {
  Members members;
  const GroupKey old_group = generate(2, first_parties(3), members);
  const Members old_members = members;
  const KeyPlan plan = KeyPlan::refresh(old_group, random_array<32>(random_)).value();
  Crew<KeySession> refresh;
  set_up(refresh, plan, members);
  refresh.network.run();
  ASSERT_TRUE(refresh.all_done());
  members = members_of(refresh, plan);
  const GroupKey group = refresh.of(1).key();
  const Scalar old_share = *open_offset(old_members.at(1).pad, old_members.at(1).offset, old_group, 1);
  const Scalar share = *open_offset(members.at(2).pad, members.at(2).offset, group, 2);
  const SigningKey key = signing_key(group), old_key = signing_key(old_group);
  const SignPlan signature = plan_signature(parties({1, 2}));
  {  // It knows the new key: its own session refuses.
    Crew<SignSession> crew;
    crew.add(1, curve_, crypto::schnorr_verify, key, signature, 1, old_share, random_array<32>(random_));
    crew.add(2, curve_, crypto::schnorr_verify, key, signature, 2, share, random_array<32>(random_));
    crew.network.run();
    EXPECT_EQ(crew.error_of(1), ErrorCode::kMismatch);
    EXPECT_FALSE(crew.of(2).done());
  }
  {  // It knows the old key alone: the two do not hear each other.
    Crew<SignSession> crew;
    crew.add(1, curve_, crypto::schnorr_verify, old_key, signature, 1, old_share, random_array<32>(random_));
    crew.add(2, curve_, crypto::schnorr_verify, key, signature, 2, share, random_array<32>(random_));
    crew.network.run();
    EXPECT_FALSE(crew.of(1).done() || crew.of(2).done());
    EXPECT_FALSE(crew.of(1).failure() || crew.of(2).failure());
  }
  // It has no checks at all: its share is found out.
  auto first = generate_nonces(curve_, Suite::kBip340, random_array<32>(random_), random_array<32>(random_), old_share);
  auto second = generate_nonces(curve_, Suite::kBip340, random_array<32>(random_), random_array<32>(random_), share);
  const std::vector<NonceCommitment> commitments = {first->commitment(), second->commitment()};
  const auto package = SigningPackage::create(curve_, key, signature.signers, commitments, signature.message).value();
  const std::vector<Scalar> shares = {package.sign(std::move(*first), 1, old_share).value(),
                                      package.sign(std::move(*second), 2, share).value()};
  EXPECT_EQ(package.verify_share(curve_, 1, shares[0]).error().code, ErrorCode::kBadSignature);
  EXPECT_TRUE(package.verify_share(curve_, 2, shares[1]).ok());
  EXPECT_FALSE(crypto::schnorr_verify(key.point().x, signature.message, package.aggregate(shares).bip340()).ok());
}

TEST_F(FrostSession, ManyAtOnceUnderOneKeyDoNotMix) {
  constexpr std::size_t kSessions = 8;
  Members members;
  const SigningKey key = signing_key(generate(2, first_parties(3), members));
  std::array<Crew<SignSession>, kSessions> crews;
  std::vector<SignPlan> plans;
  std::vector<Network::Message> heard;
  for (Crew<SignSession>& crew : crews) {
    plans.push_back(plan_signature(first_parties(3)));
    set_up(crew, key, plans.back(), members);
    crew.network.tamper = [&](const Network::Message& m) { return heard.push_back(m), true; };
  }
  for (Crew<SignSession>& crew : crews) {
    // Everything ever said elsewhere is said here too, before and in between.
    for (const Network::Message& m : std::vector(heard)) crew.network.inject(m);
    std::size_t state = 1;
    crew.network.pick = [&](std::size_t n) { return (state = state * 1103515245u + 12345u) / 65536u % n; };
    crew.network.run();
  }
  for (std::size_t i = 0; i < kSessions; ++i) {
    ASSERT_TRUE(crews[i].all_done());
    EXPECT_TRUE(crypto::schnorr_verify(key.point().x, plans[i].message, crews[i].of(1).signature()).ok());
  }
}

// The same random bytes in two sessions: the nonces differ with message, run or share.
TEST_F(FrostSession, AStuckGeneratorRepeatsNoNonce) {
  Members members;
  const GroupKey group = generate(2, first_parties(3), members);
  const SigningKey key = signing_key(group);
  std::set<ByteArray<32>> nonces;
  SignPlan plan = plan_signature(parties({1, 2}));
  for (int change = 0; change < 3; ++change) {
    if (change == 1) plan.message[0] ^= 1;
    if (change == 2) plan.run[0] ^= 1;
    Crew<SignSession> crew;
    for (const PartyId id : plan.signers) {
      const Scalar share = *open_offset(members.at(id).pad, members.at(id).offset, group, id);
      crew.add(id, curve_, crypto::schnorr_verify, key, plan, id, share, ByteArray<32>{});
    }
    crew.network.tamper = [&](const Network::Message& m) {
      if (const auto sent = wire::Nonces::decode(m.bytes)) {
        nonces.insert(x_of(sent->hiding));
        nonces.insert(x_of(sent->binding));
      }
      return true;
    };
    crew.network.run();
    EXPECT_TRUE(crew.all_done());
  }
  EXPECT_EQ(nonces.size(), 3u * 2 * 2);
}

// Other nonces first, then the right ones: one answer, which fits neither at the other end. An aborted session gives
// none.
TEST_F(FrostSession, ANonceGetsOneShare) {
  Members members;
  const SigningKey key = signing_key(generate(2, first_parties(2), members));
  for (const bool aborts : {false, true}) {
    Crew<SignSession> crew;
    const SignPlan plan = plan_signature(first_parties(2));
    set_up(crew, key, plan, members);
    std::size_t shares = 0;
    crew.network.tamper = [&](const Network::Message& m) {
      shares += m.from == 1 && m.bytes[0] == wire::SignatureShare::kId;
      if (m.from == 2 && m.bytes[0] == wire::Nonces::kId) {
        Network::Message other = m;  // a valid point, and another
        other.bytes[33] ^= 1;
        crew.network.inject(other);
        if (aborts) crew.of(1).abort();
      }
      return true;
    };
    crew.network.run();
    EXPECT_EQ(shares, aborts ? 0u : 1u);
    EXPECT_EQ(crew.error_of(1), aborts ? ErrorCode::kAborted : ErrorCode::kMismatch);
  }
}

TEST_F(FrostSession, WhatTheVerifierRefusesIsNotReleased) {
  Members members;
  const GroupKey group = generate(2, first_parties(2), members);
  const SigningKey key = signing_key(group);
  const SignPlan plan = plan_signature(first_parties(2));
  Crew<SignSession> crew;
  for (const PartyId id : plan.signers) {
    const Scalar share = *open_offset(members.at(id).pad, members.at(id).offset, group, id);
    const SignatureVerifier never = [](Bytes, Bytes, Bytes) -> Status {
      return Error{ErrorCode::kBadSignature, "never"};
    };
    crew.add(id, curve_, never, key, plan, id, share, random_array<32>(random_));
  }
  crew.network.run();
  for (const SignSession& session : crew.sessions) {
    EXPECT_FALSE(session.done());
    ASSERT_TRUE(session.failure().has_value());
    EXPECT_FALSE(session.failure()->culprit.has_value()) << "all shares are right";
  }
}

}  // namespace
}  // namespace touchstone::mpc::frost
