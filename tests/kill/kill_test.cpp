// What takes long is done at some messages only here, at all in kill_long_test.cpp.
#include "kill/kill_fixture.h"
#include "mpc/musig2_keys.h"

namespace touchstone::kill_test {
namespace {

class KillSigning : public KillTest {
 protected:
  void sweep(World& world, Job job, const std::vector<PartyId>& signers, const Text& key, bool everybody = true) {
    const auto files = stored(world);
    kill_everywhere(world, order(job, signers, everybody), 1, [&](Fate) {
      EXPECT_EQ(stored(world), files) << "nothing of a session is stored";
      expect_signs(world, job, signers, key, everybody);
    });
    EXPECT_GT(world.nonces_seen(), world.kills());
  }
};

TEST_F(KillSigning, Frost) {
  World world({1, 2, 3});
  const Text key = run(world, order(Job::kGenerate, {1, 2, 3}));
  sweep(world, Job::kSignFrost, {1, 3}, key, false);
  sweep(world, Job::kSignFrost, {1, 2, 3}, key);
}

TEST_F(KillSigning, Musig2) {
  World world({1, 2, 3});
  std::vector<mpc::musig2::PublicKey> keys;
  for (const PartyId id : {1, 2, 3}) keys.push_back(crypto::compress(curve_.multiply_base(musig2_share_of(id)).value()));
  const auto context = mpc::musig2::aggregate_keys(curve_, keys, {}).value();
  sweep(world, Job::kSignMusig2, {1, 2, 3}, text_of(crypto::compress(context.aggregate_point())));
}

TEST_F(KillSigning, Dkls23) {
  World world({1, 2});
  const Text key = run(world, order(Job::kGenerate, {1, 2}));
  run(world, order(Job::kSetupDkls, {1, 2}));
  sweep(world, Job::kSignDkls, {1, 2}, key);
}

TEST_F(KillSigning, Lindell17) {
  (void)wallet_group();
  World world({1, 2});
  const Text key = run(world, order(Job::kGenerate, {1, 2}));
  run(world, order(Job::kSetupLindell, {1, 2}));
  sweep(world, Job::kSignLindell, {1, 2}, key);
}

// Between the blowing of a fuse and its mending: what is burnt is made anew, and the key is what it was.
TEST_F(KillSigning, InsideAFuse) {
  World world({1, 2});
  const Text key = run(world, order(Job::kGenerate, {1, 2}));
  run(world, order(Job::kSetupDkls, {1, 2}));
  run(world, order(Job::kSetupLindell, {1, 2}));
  for (const PartyId victim : {PartyId{1}, PartyId{2}}) {
    EXPECT_TRUE(world.run(order(Job::kSignDkls, {1, 2}), {}, victim, DieAt::kBlown).killed);
    const Outcome burnt = world.run(order(Job::kSignDkls, {1, 2}));
    EXPECT_FALSE(burnt.all_done());
    EXPECT_EQ(burnt.reports.at(victim).error, ErrorCode::kState) << "it does not load a burnt set-up";
    run(world, order(Job::kSetupDkls, {1, 2}));
    expect_signs(world, Job::kSignDkls, {1, 2}, key);
  }
  EXPECT_TRUE(world.run(order(Job::kSignLindell, {1, 2}), {}, 1, DieAt::kBlown).killed);
  EXPECT_FALSE(world.run(order(Job::kSignLindell, {1, 2})).all_done());
  const Outcome same_share = world.run(order(Job::kSetupLindell, {1, 2}));
  EXPECT_EQ(same_share.reports.at(1).error, ErrorCode::kState) << "the share of a burnt key must be refreshed";
  expect_signs(world, Job::kSignDkls, {1, 2}, key);
  EXPECT_EQ(run(world, order(Job::kRefresh, {1, 2})), key);
  EXPECT_EQ(run(world, order(Job::kSetupLindell, {1, 2})), key);
  expect_signs(world, Job::kSignLindell, {1, 2}, key);
  EXPECT_EQ(world.secrets_stored(), "");
}

TEST_F(KillMaking, Refresh) {
  World world({1, 2});
  const Text key = run(world, order(Job::kGenerate, {1, 2}));
  run(world, order(Job::kSetupDkls, {1, 2}));
  kill_everywhere(world, order(Job::kRefresh, {1, 2}), 1, [&](Fate fate) {
    meet_and_sign(world, {1, 2}, {1, 2}, key, fate);
    expect_signs(world, Job::kSignDkls, {1, 2}, key);
  });
  EXPECT_GT(apart_, 0u) << "one was set back behind what the other had taken up";
}

TEST_F(KillMaking, RefreshBetweenTwoWrites) {
  World world({1, 2, 3});
  const Text key = run(world, order(Job::kGenerate, {1, 2, 3}));
  for (const PartyId victim : {1, 2, 3})
    for (const DieAt die_at : {DieAt::kBeforeStored, DieAt::kStored, DieAt::kBeforeTakenUp, DieAt::kTakenUp}) {
      SCOPED_TRACE(testing::Message() << "party " << int{victim} << " at " << int(die_at));
      EXPECT_TRUE(world.run(order(Job::kRefresh, {1, 2, 3}), {}, victim, die_at).killed);
      // Two go on without the third, whatever they hold; then all meet.
      const auto files = stored(world);
      expect_signs(world, Job::kSignFrost, {1, 2}, key, false);
      EXPECT_EQ(stored(world), files) << "the third may need what they would erase";
      meet_and_sign(world, {1, 2, 3}, {2, 3}, key, Fate::kDies);
      EXPECT_EQ(run(world, order(Job::kRefresh, {1, 2, 3})), key);
      expect_signs(world, Job::kSignFrost, {1, 3}, key, false);
      EXPECT_EQ(world.secrets_stored(), "");
    }
}

TEST_F(KillMaking, DklsKey) {
  World world({1, 2});
  const Text key = run(world, order(Job::kGenerate, {1, 2}));
  const auto files = stored(world);
  kill_everywhere(world, order(Job::kKeyDkls, {1, 2}), 1, [&](Fate) {
    EXPECT_EQ(stored(world), files);
    EXPECT_EQ(run(world, order(Job::kKeyDkls, {1, 2})), key);
  });
}

// The controls.
TEST_F(KillSigning, ControlARepeatedNonceIsSeen) {
  World world({1, 2, 3});
  run(world, order(Job::kGenerate, {1, 2, 3}));
  Order weak = order(Job::kSignFrost, {1, 2, 3});
  weak.weakness = Weakness::kRepeating;
  (void)world.run(weak);
  EXPECT_EQ(world.repeated_nonces(), 0u);
  EXPECT_TRUE(world.run(weak, {2, 14}).killed);
  EXPECT_GT(world.repeated_nonces(), 0u);
}
TEST_F(KillMaking, ControlWhoTakesUpInHasteLeavesAnotherBehind) {
  World world({1, 2});
  run(world, order(Job::kGenerate, {1, 2}));
  const std::map<PartyId, Files> before = {{1, world.files_of(1)}, {2, world.files_of(2)}};
  Order weak = order(Job::kRefresh, {1, 2});
  weak.weakness = Weakness::kHasty;
  const Outcome honest = world.run(weak);
  ASSERT_TRUE(honest.all_done());
  std::size_t lost_shares = 0;
  for (std::size_t after = 0; after <= honest.delivered; ++after) {
    for (const auto& [id, files] : before) world.set_back(id, files, false);
    EXPECT_TRUE(world.run(weak, {2, after, true}).killed);
    lost_shares += world.run(order(Job::kMeet, {1, 2})).apart() ? 1 : 0;
  }
  EXPECT_GT(lost_shares, 0u);
}
TEST_F(KillSigning, ControlASecretOnADiskIsSeen) {
  World world({1});
  const Secret<32> root = root_of(1);
  EXPECT_EQ(world.secrets_stored(), "");
  world.store_of(1).write("key.next.new", root.expose());
  EXPECT_NE(world.secrets_stored().find("root of party 1"), std::string::npos);
}

TEST_F(KillMaking, Generation) { generation(5); }
TEST_F(KillMaking, Resharing) { resharing(6); }
TEST_F(KillMaking, DklsSetup) { set_up(Job::kSetupDkls, Job::kSignDkls, "ot", 5); }
TEST_F(KillMaking, LindellSetup) { set_up(Job::kSetupLindell, Job::kSignLindell, "paillier", 13, std::array{Fate::kDies}); }

}  // namespace
}  // namespace touchstone::kill_test
