// The measurement the README quotes, repeated: genuine and impostor tries of real prints on the whole card.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/program.h"
#include "support/data.h"

namespace touchstone::test {
namespace {

nlohmann::json campaign(const std::string& name, const std::filesystem::path& out) {
  const Outcome outcome = run_program(std::string(TS_BIN) + "/touchstone campaign run " + TS_SCENARIOS + "/campaigns/" + name + ".yaml --out " + out.string());
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  std::fputs(outcome.output.c_str(), stdout);
  return read_json(out / "results.json");
}

TEST(RealPrintsCampaign, FullSensorReachesItsGoal) {
  TS_DATA_OR_SKIP(prints, "datasets/fvc2002_db3_b_f101_105/png");
  const auto out = fresh_folder("campaign-full");
  const auto r = campaign("real_prints_full", out);
  EXPECT_EQ(r["genuine"]["tries"], 20);
  EXPECT_EQ(r["impostor"]["tries"], 160);
  EXPECT_GE(r["genuine"]["rate"].get<double>(), 0.20);
  EXPECT_LE(r["impostor"]["rate"].get<double>(), 0.01);
  // Resuming after a loss of the last lines gives the same result.
  const std::string cases = read_text(out / "cases.jsonl");
  std::ofstream(out / "cases.jsonl", std::ios::binary) << cases.substr(0, cases.size() - 150);
  EXPECT_EQ(campaign("real_prints_full", out), r);
  // Tries of something else are not mixed in.
  const Outcome other = run_program(std::string(TS_BIN) + "/touchstone campaign run " + TS_SCENARIOS + "/campaigns/real_prints_card.yaml --out " + out.string());
  EXPECT_EQ(other.exit_code, 2) << other.output;
}

TEST(RealPrintsCampaign, CardSensorIsMeasured) {
  TS_DATA_OR_SKIP(prints, "datasets/fvc2002_db3_b_f101_105/png");
  const auto r = campaign("real_prints_card", fresh_folder("campaign-card"));
  EXPECT_EQ(r["genuine"]["tries"], 20);
  EXPECT_EQ(r["impostor"]["tries"], 160);
  EXPECT_LE(r["impostor"]["rate"].get<double>(), 0.05);
}

}  // namespace
}  // namespace touchstone::test
