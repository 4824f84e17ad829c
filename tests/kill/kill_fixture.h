// kill -9 of every party at every message of every protocol, with what it said last lost or not, with its disk as it left it or as it was
// before. Afterwards: the same public key signs, no nonce has met two challenges, nothing secret is on a disk.
#pragma once

#include <gtest/gtest.h>

#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "kill/tasks.h"
#include "kill/world.h"

namespace touchstone::kill_test {
using mpc::PartyId;

enum class Fate : std::uint8_t { kDies, kDiesUnheard, kSetBack };
constexpr std::array kFates = {Fate::kDies, Fate::kDiesUnheard, Fate::kSetBack};

class KillTest : public testing::Test {
 protected:
  Order order(Job job, std::vector<PartyId> parties, bool everybody = true) {
    Order out{job, std::move(parties), {}, DieAt::kNowhere, everybody};
    store_le32(out.message.data(), ++messages_);
    return out;
  }
  /// Runs it; all must be done.
  Text run(World& world, const Order& what) {
    const Outcome out = world.run(what);
    EXPECT_TRUE(out.all_done()) << "job " << int(what.job) << describe(out);
    return out.result();
  }
  static std::string describe(const Outcome& out) {
    std::string text;
    for (const auto& [id, report] : out.reports)
      text += " " + std::to_string(id) + ": state " + std::to_string(int(report.state)) + " error " + std::to_string(int(report.error));
    return text;
  }
  /// Signs and has the signature judged under the key of the group, or that of MuSig2's parties.
  void expect_signs(World& world, Job job, const std::vector<PartyId>& signers, const Text& key33, bool everybody = true) {
    const Order what = order(job, signers, everybody);
    const Outcome out = world.run(what);
    ASSERT_TRUE(out.all_done()) << "signing" << describe(out);
    judge(job, what, key33, out.result());
  }
  void judge(Job job, const Order& what, const Text& key33, const Text& signature) {
    const crypto::Point key = crypto::decompress(curve_, key33).value();
    if (job == Job::kSignFrost || job == Job::kSignMusig2) {
      EXPECT_TRUE(crypto::schnorr_verify(key.x, what.message, signature).ok());
      return;
    }
    crypto::EcdsaSignature bytes;
    ASSERT_EQ(signature.size(), bytes.size());
    std::copy(signature.begin(), signature.end(), bytes.begin());
    EXPECT_TRUE(crypto::host_ecdsa_verify(curve_, key, what.message, bytes).ok());
  }

  /// Kills every party after every `stride` messages of a job, `recover` is what its owner does next.
  template <typename Recover>
  void kill_everywhere(World& world, const Order& what, std::size_t stride, Recover&& recover, std::span<const Fate> fates = kFates) {
    std::map<PartyId, Files> before;
    for (const PartyId id : world.ids()) before[id] = world.files_of(id);
    const Outcome honest = world.run(what);
    ASSERT_TRUE(honest.all_done()) << describe(honest);
    ASSERT_GT(honest.delivered, 0u);
    std::size_t finished = 0;
    // Backwards, so that what can only happen near the end does.
    for (const Fate fate : fates)
      for (const PartyId victim : what.parties)
        for (std::size_t left = 0; left <= honest.delivered; left += stride) {
          const std::size_t after = honest.delivered - left;
          SCOPED_TRACE(testing::Message() << "fate " << int(fate) << ", party " << int{victim} << " after " << after << " messages");
          for (const auto& [id, files] : before) world.set_back(id, files, false);
          const Files of_victim = world.files_of(victim);
          Order again = what;
          store_le32(again.message.data(), ++messages_);
          const Outcome out = world.run(again, {victim, after, fate == Fate::kDiesUnheard});
          ASSERT_TRUE(out.killed);
          for (const auto& [id, report] : out.reports) finished += report.state == Report::State::kDone ? 1 : 0;
          EXPECT_EQ(world.secrets_stored(), "");
          if (fate == Fate::kSetBack) world.set_back(victim, of_victim, true);
          recover(fate);
          EXPECT_EQ(world.secrets_stored(), "");
          EXPECT_EQ(world.repeated_nonces(), 0u);
          if (HasFatalFailure() || HasNonfatalFailure()) return;  // one is enough to look at
        }
    EXPECT_GT(finished, 0u) << "some had the result before the other died";
  }
  /// A job that stores nothing must leave the disks as they are, but for the generator.
  static std::map<PartyId, Files> stored(const World& world) {
    std::map<PartyId, Files> out;
    for (const PartyId id : world.ids()) {
      out[id] = world.files_of(id);
      out[id].erase("generator");
    }
    return out;
  }

  crypto::HostCurve curve_;
  std::uint32_t messages_ = 0;
};

/// Deaths while keys and set-ups are made.
class KillMaking : public KillTest {
 protected:
  /// After a death: all meet; where a storage was set back, the key comes again from the roots. Then it signs.
  void meet_and_sign(World& world, const std::vector<PartyId>& all, const std::vector<PartyId>& signers, const Text& key, Fate fate) {
    const Outcome met = world.run(order(Job::kMeet, all));
    if (met.apart()) {
      ASSERT_EQ(fate, Fate::kSetBack) << "only who loses what it has stored can be left behind";
      ++apart_;
      const std::size_t nonces = world.nonces_seen();
      EXPECT_FALSE(world.run(order(Job::kSignFrost, signers, false)).all_done());
      EXPECT_EQ(world.nonces_seen(), nonces) << "and says no nonce";
      EXPECT_EQ(run(world, order(Job::kGenerateAnew, all)), key);
    } else {
      ASSERT_TRUE(met.all_done()) << describe(met);
    }
    for (const PartyId id : all) EXPECT_FALSE(world.store_of(id).has("key.next")) << "old and new lie side by side no longer than needed";
    expect_signs(world, Job::kSignFrost, signers, key, false);
  }
  void generation(std::size_t stride) {
    World world({1, 2, 3}), reference({1, 2, 3});
    const Text key = run(reference, order(Job::kGenerate, {1, 2, 3}));
    kill_everywhere(world, order(Job::kGenerate, {1, 2, 3}), stride, [&](Fate) {
      const Outcome met = world.run(order(Job::kMeet, {1, 2, 3}));
      const auto lacks = [&](PartyId id) { return !world.store_of(id).has("key.current"); };
      // Made by all or by nobody, or one was set back; from the roots it is the same key again.
      if (met.apart() || lacks(1) || lacks(2) || lacks(3)) {
        EXPECT_EQ(run(world, order(Job::kGenerateAnew, {1, 2, 3})), key);
      }
      expect_signs(world, Job::kSignFrost, {2, 3}, key, false);
    });
  }

  void resharing(std::size_t stride) {
    World world({1, 2, 3, 4});
    const Text key = run(world, order(Job::kGenerate, {1, 2, 3}));
    std::size_t old_ones = 0, new_ones = 0, brought_back = 0;
    const auto moved = [&](PartyId id) {
      return world.store_of(id).has("key.current") && stored_key_of(world.store_of(id).read("key.current")).group.parties.contains(4);
    };
    kill_everywhere(world, order(Job::kReshare, {1, 2, 3, 4}), stride, [&](Fate fate) {
      const Outcome met = world.run(order(Job::kMeet, {1, 2, 3, 4}));
      const std::size_t have_moved = static_cast<std::size_t>(moved(2)) + moved(3) + moved(4);
      if (have_moved == 0) {
        ++old_ones;
        ASSERT_TRUE(met.all_done()) << describe(met);
        expect_signs(world, Job::kSignFrost, {1, 3}, key, false);
      } else if (have_moved == 3) {
        ++new_ones;
        expect_signs(world, Job::kSignFrost, {3, 4}, key, false);
      } else {
        // One was set back behind the others: two sign without it, and deal it a share again.
        ASSERT_EQ(fate, Fate::kSetBack);
        ASSERT_EQ(have_moved, 2u);
        ++brought_back;
        const PartyId lost = !moved(2) ? 2 : !moved(3) ? 3 : 4, first = lost == 2 ? 3 : 2, second = lost == 4 ? 3 : 4;
        expect_signs(world, Job::kSignFrost, {first, second}, key, false);
        for (const char* file : {"key.current", "key.next"}) world.store_of(lost).erase(file);
        EXPECT_EQ(run(world, order(Job::kReshareToAll, {first, second, lost})), key);
        expect_signs(world, Job::kSignFrost, {std::min(first, lost), std::max(first, lost)}, key, false);
      }
    });
    EXPECT_GT(old_ones, 0u);
    EXPECT_GT(new_ones, 0u);
    EXPECT_GT(brought_back, 0u);
  }

  /// Of a set-up that takes the place of another.
  void set_up(Job make, Job sign, const char* slot, std::size_t stride, std::span<const Fate> fates = kFates) {
    (void)wallet_group();
    World world({1, 2});
    const Text key = run(world, order(Job::kGenerate, {1, 2}));
    run(world, order(make, {1, 2}));
    kill_everywhere(world, order(make, {1, 2}), stride, [&](Fate fate) {
      if (world.run(order(Job::kMeet, {1, 2})).apart()) {
        ASSERT_EQ(fate, Fate::kSetBack);
        for (const PartyId id : {1, 2}) world.store_of(id).erase(std::string(slot) + ".current");
        run(world, order(make, {1, 2}));
      }
      expect_signs(world, sign, {1, 2}, key);
    }, fates);
  }

  std::size_t apart_ = 0;
};

}  // namespace touchstone::kill_test
