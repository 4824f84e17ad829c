#include "sim/world.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace touchstone::sim {
namespace {

/// A number of /proc/self/status: "Threads", "RssAnon" (kB).
long process_status(const std::string& key) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key + ":")) return std::stol(line.substr(key.size() + 1));
  return -1;
}

// Campaigns fork an enrolled world for every try: a second thread would not survive that, and private memory is what a fork
// costs (15 MB: some hundred forks a second).
TEST(World, AnEnrolledWorldIsCheapToFork) {
  const Scenario scenario = load_scenario(std::string(TS_SCENARIOS) + "/normal/touch_to_signature.yaml");
  EventLog log;
  World world("world", scenario, log);
  world.enrol();
  EXPECT_EQ(process_status("Threads"), 1);
  EXPECT_GT(process_status("RssAnon"), 0);
  EXPECT_LT(process_status("RssAnon"), 15 * 1024);
  world.play();
  EXPECT_TRUE(world.verdict().pass) << world.verdict().reason;
}

TEST(World, AWalletOfItsOwnProcessAddsNoThread) {
  const Scenario scenario = load_scenario(std::string(TS_SCENARIOS) + "/normal/touch_to_signature.yaml");
  EventLog log;
  World world("world", scenario, log, wallet_process({TS_WALLET_PROGRAM}));
  world.enrol();
  EXPECT_GT(world.wallet().program_pid(), 0);
  EXPECT_EQ(process_status("Threads"), 1);
  EXPECT_LT(process_status("RssAnon"), 15 * 1024);
  world.play();
  EXPECT_TRUE(world.verdict().pass) << world.verdict().reason;
}

}  // namespace
}  // namespace touchstone::sim
