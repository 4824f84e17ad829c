// What a cheating signer tries.
#include <gtest/gtest.h>

#include <algorithm>

#include "contract/dkls.h"
#include "crypto/point.h"
#include "mpc_dkls/test_parties.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {
namespace {

using contract::dkls::MultiplyCheck;
using contract::dkls::SignOpen;
using contract::dkls::SignPrepare;
using contract::dkls::SignShare;
using crypto::Scalar;

struct World {
  explicit World(std::vector<PartyId> signers = {1, 2}, const char* name = "attacks")
      : random(SeedTree(9).stream(name)),
        setups(signers, random),
        key(signers, signers.size() == 2 ? Sharing::kAdditive : Sharing::kShamir, random) {}
  Random random;
  Setups setups;
  SharedKey key;
};

/// Runs a signature in which party 2's messages to party 1 pass through `change`.
template <typename Made = SignSession, typename Change>
std::unique_ptr<Signing<Made>> run(World& world, Setups& setups, const Change& change) {
  auto signing = std::make_unique<Signing<Made>>(world.key, setups, world.random);
  signing->network.tamper = [change](Network::Message& m) {
    if (m.from == 2 && m.to == 1) change(m.bytes);
    return true;
  };
  (void)signing->prepare();
  (void)signing->sign({1});
  return signing;
}

void add_one(ByteArray<32>& scalar) { scalar = (Scalar::from_bytes(scalar).value() + Scalar::from_u32(1)).to_bytes(); }

/// Party 1 has no signature, and knows whom to blame.
template <typename Made>
void expect_blamed(Signing<Made>& signing, const char* what) {
  EXPECT_FALSE(signing[0].done()) << what;
  ASSERT_TRUE(signing[0].failure().has_value()) << what;
  EXPECT_EQ(signing[0].failure()->culprit, 2) << what;
}

void expect_changed_bytes_are_refused(World& world, std::size_t which, std::size_t begin, std::size_t end,
                                      std::size_t step) {
  for (std::size_t at = begin; at < end; at += step) {
    Setups setups(world.setups);
    std::size_t sent = 0;
    const auto signing = run(world, setups, [&](std::vector<std::uint8_t>& bytes) {
      if (sent++ == which) bytes.at(at) ^= static_cast<std::uint8_t>(1u << (at % 8));
    });
    EXPECT_FALSE((*signing)[0].done()) << "message " << which << " byte " << at;
    // Another kind of message, session or piece: ignored, and the session waits. A set-up of another name: nobody's
    // fault.
    const bool waits = at < 34, unnamed = which == 0 && at >= 33 && at < 65;
    if (!waits && !unnamed) expect_blamed(*signing, "changed byte");
    if (which == 0 && at >= 97) {
      EXPECT_TRUE(setups.at(1, 2).burned()) << at;
    }
  }
}

TEST(DklsAttack, ChangedPrepareIsRefusedAndBurnsTheSetup) {
  World world;
  expect_changed_bytes_are_refused(world, 0, 0, 108, 3);  // head, commitment, nonce
  expect_changed_bytes_are_refused(world, 0, 110, SignPrepare::kMaxBytes, 119);
}
TEST(DklsAttack, ChangedPrepareCommitmentIsFoundInTheViews) {
  World world;
  const auto signing = run(world, world.setups,
                           [](auto& bytes) { edit<SignPrepare>(bytes, [](SignPrepare& m) { m.commitment[0] ^= 1; }); });
  expect_blamed(*signing, "commitment");
  EXPECT_FALSE((*signing)[0].prepared()) << "before any share is asked for";
  EXPECT_TRUE(world.setups.at(1, 2).ready());
}
TEST(DklsAttack, ChangedProductsAreRefused) {
  World world;
  for (const std::size_t piece : {0u, 7u, 12u}) {
    expect_changed_bytes_are_refused(world, 1 + piece, 0, 40, 3);
    expect_changed_bytes_are_refused(world, 1 + piece, 45, 36 + kPieceBytes, 389);
  }
}
TEST(DklsAttack, EveryChangedByteOfMultiplyCheckIsRefused) {
  World world;
  expect_changed_bytes_are_refused(world, 1 + kPieces, 0, MultiplyCheck::kMaxBytes, 1);
}
TEST(DklsAttack, EveryChangedByteOfSignOpenIsRefused) {
  World world;
  expect_changed_bytes_are_refused(world, 2 + kPieces, 0, SignOpen::kMaxBytes, 1);
}
TEST(DklsAttack, EveryChangedByteOfSignShareIsRefused) {
  World world;
  expect_changed_bytes_are_refused(world, 3 + kPieces, 0, SignShare::kMaxBytes, 1);
}

TEST(DklsAttack, ShortAndLongMessagesAreRefused) {
  World world;
  for (const std::size_t which : {std::size_t{0}, std::size_t{1}, 1 + kPieces, 2 + kPieces, 3 + kPieces})
    for (const int change : {-1, 1}) {
      std::size_t sent = 0;
      Setups setups(world.setups);
      const auto signing = run(world, setups, [&](std::vector<std::uint8_t>& bytes) {
        if (sent++ == which) bytes.resize(bytes.size() + static_cast<std::size_t>(change));
      });
      expect_blamed(*signing, "length");
    }
}

TEST(DklsAttack, AWrongShareIsFoundAndBlamed) {
  World world;
  crypto::HostCurve curve;
  const auto signing = run(world, world.setups, [&](auto& bytes) {
    edit<SignOpen>(bytes, [&](SignOpen& m) {  // a share that is one more, said consistently
      const crypto::Point point = crypto::decompress(curve, m.share_point).value();
      m.share_point = crypto::compress(curve.add(point, crypto::generator()).value());
      add_one(m.gamma);
    });
  });
  expect_blamed(*signing, "share");
  EXPECT_STREQ((*signing)[0].failure()->error.what, "the peer's share is not that of the key");
}

/// The control: nobody looks whether what was multiplied is what the points say.
class Unchecked final : public SignSession {
 public:
  using SignSession::SignSession;

 protected:
  Result<bool> product_holds(const SignPeer&, const Scalar&, const crypto::Point&, const crypto::Point&) override {
    return true;
  }
};

// The cheat multiplies another share than the one its point stands for. What an honest party's shares of the signature
// then say depends on its secret factor; the checks keep them from leaving.
template <typename Made>
bool cheat_gets_shares(World& world, void (*cheat)(SignOpen&)) {
  const auto signing = run<Made>(world, world.setups, [&](auto& bytes) { edit<SignOpen>(bytes, cheat); });
  expect_blamed(*signing, "cheat");
  // SignShare of party 1 reached the other side.
  return (*signing).network.sent_messages() == 2 * (2 + kPieces) + 4;
}

TEST(DklsAttack, AnotherProductGetsNoSignatureShares) {
  World world;
  const auto other_share = [](SignOpen& m) { add_one(m.gamma); };
  const auto other_proof = [](SignOpen& m) { m.gamma_u = m.gamma_v; };
  EXPECT_FALSE(cheat_gets_shares<SignSession>(world, other_share));
  EXPECT_FALSE(cheat_gets_shares<SignSession>(world, other_proof));
  EXPECT_TRUE(cheat_gets_shares<Unchecked>(world, other_share)) << "without the checks the cheat is served";
}

TEST(DklsAttack, AnotherNonceThanTheCommittedIsBlamed) {
  World world;
  crypto::HostCurve curve;
  const auto signing = run(world, world.setups, [&](auto& bytes) {
    edit<SignOpen>(bytes, [&](SignOpen& m) {
      const crypto::Point point = crypto::decompress(curve, m.nonce_point).value();
      m.nonce_point = crypto::compress(curve.add(point, crypto::generator()).value());
    });
  });
  expect_blamed(*signing, "nonce");
  EXPECT_STREQ((*signing)[0].failure()->error.what, "SignOpen does not open the commitment");
}

TEST(DklsAttack, AFailedCheckBurnsTheSetupForAllSessions) {
  World world;
  Signing<> other(world.key, world.setups, world.random);
  ASSERT_TRUE(other.prepare());
  const auto signing = run(world, world.setups,
                           [](auto& bytes) { edit<SignPrepare>(bytes, [](SignPrepare& m) { m.row_hash[0] ^= 1; }); });
  expect_blamed(*signing, "check");
  EXPECT_TRUE(world.setups.at(1, 2).burned());
  EXPECT_EQ(world.setups.at(1, 2).delta(), Row{}) << "nothing is left of it";
  EXPECT_FALSE(other.sign({1})) << "not even what was prepared before";
  EXPECT_EQ(other[0].failure()->error.code, ErrorCode::kState);
  Signing<> next(world.key, world.setups, world.random);
  EXPECT_FALSE(next.prepare());
  EXPECT_EQ(next[0].failure()->error.code, ErrorCode::kState);
  world.setups.make(1, 2, world.random);
  Signing<> fresh(world.key, world.setups, world.random);
  ASSERT_TRUE(fresh.prepare());
  EXPECT_TRUE(fresh.sign({1}));
}

// Power that is cut during the check, before anything could be burned: the stored set-up must not come back.
TEST(DklsAttack, TheFuseIsBlownBeforeTheCheckAndMendedAfter) {
  World world;
  WatchedFuse& fuse = world.setups.fuse(1, 2);
  std::vector<std::uint8_t> stored(OtSetup::kBytes);
  ASSERT_TRUE(world.setups.at(1, 2).store(stored).ok());
  Signing<> honest(world.key, world.setups, world.random);
  ASSERT_TRUE(honest.prepare());
  EXPECT_EQ(fuse.blows, 1);
  EXPECT_FALSE(fuse.blown());

  fuse.broken = true;  // what cannot be remembered is not answered
  const auto refused = run(world, world.setups, [](auto&) {});
  EXPECT_EQ((*refused)[0].failure()->error.code, ErrorCode::kStorage);
  EXPECT_FALSE((*refused)[0].failure()->culprit.has_value());
  EXPECT_TRUE(world.setups.at(1, 2).ready());

  fuse.broken = false;
  const auto cheated = run(world, world.setups,
                           [](auto& bytes) { edit<SignPrepare>(bytes, [](SignPrepare& m) { m.row_hash[0] ^= 1; }); });
  expect_blamed(*cheated, "check");
  EXPECT_TRUE(fuse.blown());
  OtSetup again(&fuse);
  EXPECT_EQ(again.load(stored).error().code, ErrorCode::kState);
  OtSetup& cut = world.setups.at(2, 1);
  ASSERT_TRUE(cut.before_check().ok());
  EXPECT_TRUE(world.setups.fuse(2, 1).blown()) << "blown while the check runs";
}

TEST(DklsAttack, ADifferentMessageMakesNoSignature) {
  World world;
  Signing<> signing(world.key, world.setups, world.random);
  ASSERT_TRUE(signing.prepare());
  ASSERT_TRUE(signing[0].set_share(world.key.shares[0], {1}, signing.network.port(1)).ok());
  ASSERT_TRUE(signing[1].set_share(world.key.shares[1], {2}, signing.network.port(2)).ok());
  while (signing.network.step()) {
  }
  expect_blamed(signing, "message");
  EXPECT_EQ(signing.network.sent_messages(), 2 * (2 + kPieces) + 2) << "no share of a signature was sent";
}

TEST(DklsAttack, MessagesOfAnotherSessionKeyOrEpochAreForeign) {
  World world;
  const SessionId session = draw(world.random);
  SharedKey later = world.key;
  later.key.epoch = 1;
  for (const bool other_epoch : {false, true}) {
    std::vector<Network::Message> old;
    Signing<> first(world.key, world.setups, world.random, {other_epoch ? session : draw(world.random), {}, {}});
    first.network.tamper = [&](Network::Message& m) {
      old.push_back(m);
      return true;
    };
    ASSERT_TRUE(first.prepare());
    ASSERT_TRUE(first.sign({1}));
    Signing<> second(later, world.setups, world.random, {session, {}, {}});
    for (const Network::Message& m : old) second.network.inject(m);
    ASSERT_TRUE(second.prepare());
    for (const Network::Message& m : old) second.network.inject(m);
    EXPECT_TRUE(second.sign({2})) << "ignored";
  }
}

TEST(DklsAttack, AReplayInTheSameSessionGivesNothing) {
  // Somebody gives both sides the same session id again, and repeats one side's messages.
  World world;
  const SessionId session = draw(world.random);
  std::vector<Network::Message> old;
  Signing<> first(world.key, world.setups, world.random, {session, {}, {}});
  first.network.tamper = [&](Network::Message& m) {
    if (m.from == 2) old.push_back(m);
    return true;
  };
  ASSERT_TRUE(first.prepare());
  ASSERT_TRUE(first.sign({1}));
  Signing<> second(world.key, world.setups, world.random, {session, {}, {}});
  second.network.tamper = [&](Network::Message& m) { return m.from == 1; };
  for (const Network::Message& m : old) second.network.inject(m);
  EXPECT_FALSE(second.prepare());
  EXPECT_FALSE(second[0].done());
  EXPECT_EQ(second[0].failure()->culprit, 2);
}

TEST(DklsAttack, ReflectedMessagesAreRefused) {
  World world;
  std::vector<Network::Message> own;
  Signing<> signing(world.key, world.setups, world.random);
  signing.network.tamper = [&](Network::Message& m) {
    if (m.from == 1) own.push_back(m);
    if (m.from != 2) return true;
    for (const Network::Message& said : own)
      if (said.bytes[0] == m.bytes[0]) m.bytes = said.bytes;
    return true;
  };
  EXPECT_FALSE(signing.prepare() && signing.sign({1}));
  expect_blamed(signing, "reflection");
}

TEST(DklsAttack, EquivocationAmongThreeEndsBeforeTheShare) {
  World world({1, 2, 3}, "equivocation");
  for (const bool commitment : {true, false}) {
    Signing<> signing(world.key, world.setups, world.random);
    signing.network.tamper = [&](Network::Message& m) {
      if (m.from != 2 || m.to != 3) return true;
      edit<SignPrepare>(m.bytes, [&](SignPrepare& p) { p.commitment[5] ^= commitment ? 1 : 0; });
      edit<MultiplyCheck>(m.bytes, [&](MultiplyCheck& p) { p.zero_point[0] ^= commitment ? 0 : 1; });
      return true;
    };
    EXPECT_FALSE(signing.prepare());
    EXPECT_FALSE(signing[2].prepared());
    ASSERT_TRUE(signing[2].failure().has_value());
    EXPECT_EQ(signing[2].failure()->error.code, ErrorCode::kMismatch);
    EXPECT_FALSE(signing[2].failure()->culprit.has_value()) << "which of two lies cannot be seen from one place";
    EXPECT_FALSE(signing.sign({1}));
  }
}

TEST(DklsAttack, AWrongShareAmongThreeIsBlamedToo) {
  World world({1, 2, 3}, "three");
  const auto signing =
      run(world, world.setups, [&](auto& bytes) { edit<SignOpen>(bytes, [&](SignOpen& m) { add_one(m.gamma); }); });
  expect_blamed(*signing, "one of three");
}

}  // namespace
}  // namespace touchstone::mpc::dkls
