// Checkpoints: what was saved comes back, and nothing else is taken for one.
#include "checkpoint.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "options.h"

namespace touchstone::rtl_tools {
namespace {

namespace fs = std::filesystem;

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() : folder_(fs::path(testing::TempDir()) / ("checkpoint_test_" + std::to_string(getpid()))) { fs::create_directories(folder_); }
  ~CheckpointTest() override { fs::remove_all(folder_); }

  /// Traces 0, 1, ... of a made-up core.
  static Checkpoint shard(std::uint64_t number, std::uint64_t of, std::uint64_t traces) {
    Checkpoint out{{rtl::kVariants[0], contract::secp::Op::kMul, Experiment::What::kPoint, false, 9}, "abcd", {number, of}, 0, {}};
    for (const std::uint64_t share = out.shard.share(traces); out.done < share; ++out.done) {
      const std::uint64_t index = out.shard.index(out.done);
      Random random = SeedTree(index).stream("trace");
      out.sums.half[index % 2][random.below(2)].add({static_cast<std::uint32_t>(random.below(50)), static_cast<std::uint32_t>(random.below(50))}, {20, 20});
    }
    return out;
  }
  std::string saved(const Checkpoint& c, const char* name = "c.sums") const {
    c.save(folder_ / name);
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::string refusal(const std::string& content) const {
    const fs::path path = folder_ / "bad.sums";
    std::ofstream(path, std::ios::binary) << content;
    try {
      (void)Checkpoint::load(path);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(CheckpointTest, ComesBackByteForByte) {
  for (std::uint64_t traces : {0u, 1u, 3u, 200u}) {
    const std::string bytes = saved(shard(1, 1, traces));
    const Checkpoint again = Checkpoint::load(folder_ / "c.sums");
    EXPECT_EQ(again.done, traces);
    EXPECT_EQ(again.experiment.name(), "protected_64 k_p fixed-vs-random point");
    EXPECT_EQ(again.experiment.seed, 9u);
    EXPECT_EQ(saved(again, "again.sums"), bytes);
  }
  EXPECT_FALSE(fs::exists(folder_ / "c.sums.partial"));
}

TEST_F(CheckpointTest, ShardsAddUpToTheWhole) {
  const std::string whole = saved(shard(1, 1, 101));
  EXPECT_EQ(saved(merge({shard(3, 4, 101), shard(1, 4, 101), shard(4, 4, 101), shard(2, 4, 101)})), whole);
  EXPECT_EQ(shard(1, 4, 101).done + shard(2, 4, 101).done + shard(3, 4, 101).done + shard(4, 4, 101).done, 101u);
}

TEST_F(CheckpointTest, ShardsThatDoNotFitAreRefused) {
  EXPECT_THROW(merge({}), std::runtime_error);
  EXPECT_THROW(merge({shard(1, 2, 100)}), std::runtime_error);
  EXPECT_THROW(merge({shard(1, 2, 100), shard(1, 2, 100)}), std::runtime_error);
  EXPECT_THROW(merge({shard(1, 2, 100), shard(2, 3, 100)}), std::runtime_error);
  EXPECT_THROW(merge({shard(1, 2, 100), shard(2, 2, 60)}), std::runtime_error);
  Checkpoint other = shard(2, 2, 100);
  other.fingerprint = "another core";
  EXPECT_THROW(merge({shard(1, 2, 100), other}), std::runtime_error);
  other = shard(2, 2, 100);
  other.experiment.seed = 8;
  EXPECT_THROW(merge({shard(1, 2, 100), other}), std::runtime_error);
}

TEST_F(CheckpointTest, EveryDamageIsSeen) {
  const std::string good = saved(shard(1, 1, 20));
  EXPECT_EQ(refusal(good), "");
  for (std::size_t at = 0; at < good.size(); at += 7) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 4);
    EXPECT_NE(refusal(bad), "") << at;
    EXPECT_NE(refusal(good.substr(0, at)), "") << at;
  }
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal(good + "x"), "");
}

TEST_F(CheckpointTest, AnotherVersionIsNamed) {
  std::string other = saved(shard(1, 1, 20));
  const std::size_t at = other.find("\"version\":2");
  ASSERT_NE(at, std::string::npos);
  other.replace(at, 11, "\"version\":1");
  EXPECT_NE(refusal(other).find("another version"), std::string::npos);
}

TEST(Shard, SharesAreEvenAndComplete) {
  for (std::uint64_t traces = 0; traces < 30; ++traces)
    for (std::uint64_t of = 1; of < 7; ++of) {
      std::vector<bool> seen(traces);
      for (std::uint64_t number = 1; number <= of; ++number) {
        const Shard shard{number, of};
        for (std::uint64_t i = 0; i < shard.share(traces); ++i) {
          ASSERT_LT(shard.index(i), traces);
          EXPECT_FALSE(seen[shard.index(i)]);
          seen[shard.index(i)] = true;
        }
      }
      EXPECT_EQ(std::count(seen.begin(), seen.end(), false), 0);
    }
}

TEST(Options, EachOnceAndNothingLeft) {
  Options good({"--seed", "7", "--merge", "a", "b", "--random-off"});
  EXPECT_EQ(good.number("--seed", 0, 10), std::optional<std::uint64_t>(7));
  EXPECT_EQ(good.values("--merge"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(good.flag("--random-off"));
  EXPECT_NO_THROW(good.finish());
  EXPECT_THROW(Options({"--seed"}).number("--seed", 0, 10), UsageError);
  EXPECT_THROW(Options({"--seed", "--json"}).number("--seed", 0, 10), UsageError);
  EXPECT_THROW(Options({"--seed", "11"}).number("--seed", 0, 10), UsageError);
  EXPECT_THROW(Options({"--seed", "7x"}).number("--seed", 0, 10), UsageError);
  EXPECT_THROW(Options({"--seed", "-1"}).number("--seed", 0, 10), UsageError);
  EXPECT_THROW(Options({"--sed", "1"}).finish(), UsageError);
}

}  // namespace
}  // namespace touchstone::rtl_tools
