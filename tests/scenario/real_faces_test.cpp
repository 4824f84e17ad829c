// The programs with the networks of the npm packages and the photographs that come with them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/program.h"

namespace touchstone::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

const std::string kBin = TS_BIN;

class RealFaces : public ::testing::Test {
 protected:
  void SetUp() override {
    if (*TS_NODE_MODULES == 0) GTEST_SKIP() << "needs the npm packages with the networks of faces";
  }
};

TEST_F(RealFaces, OpenTheirOwnWalletAlone) {
  const auto folder = fresh_folder("real-faces");
  std::filesystem::create_directories(folder);
  const auto face = [&](const std::string& verb, const std::string& secret, const std::string& pictures) {
    return run_program(kBin + "/touchstone-wallet face " + verb + " --record " + (folder / "record").string() + " --secret-file " + (folder / secret).string() + " " + pictures);
  };
  ASSERT_EQ(face("enrol", "secret", "shipped:2:1 shipped:2:2 shipped:2:3 shipped:2:4 shipped:2:5").exit_code, 0);
  const Outcome again = face("recover", "again", "shipped:2:6 shipped:2:7 shipped:2:8");
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_EQ(read_text(folder / "again"), read_text(folder / "secret"));
  const Outcome stranger = face("recover", "stranger", "shipped:4:6 shipped:4:7 shipped:4:8");
  EXPECT_EQ(stranger.exit_code, 1);
  EXPECT_THAT(stranger.output, HasSubstr("does not open the record"));
  EXPECT_FALSE(std::filesystem::exists(folder / "stranger"));
  EXPECT_EQ(face("enrol", "other", "shipped:2:1").exit_code, 2) << "the record is there already";
  const Outcome odd = run_program(kBin + "/touchstone-wallet face enrol --record " + (folder / "r").string() + " --secret-file " + (folder / "s").string() + " shipped:2:1 shipped:2:2 shipped:4:3");
  EXPECT_EQ(odd.exit_code, 1);
  EXPECT_THAT(odd.output, HasSubstr("touchstone-wallet: shipped:4:3: not like"));
}

TEST_F(RealFaces, StrangersGetTheSecretOfANetworkAndOpenNoRecord) {
  const Outcome out = run_program(kBin + "/touchstone-bio face stranger");
  ASSERT_EQ(out.exit_code, 0) << out.output;
  // The owner is face 0, so each row of another face is a stranger's.
  EXPECT_THAT(out.output, ContainsRegex("shipped:0:6 +the secret +the secret +opens"));
  EXPECT_THAT(out.output, ContainsRegex("shipped:1:1 +the secret .*refused"));
  EXPECT_THAT(out.output, ContainsRegex("no face, only the file +the secret +the secret +2\\^48 guesses"));
  EXPECT_THAT(out.output, ContainsRegex("N0, n0_wide: (1[6-9]|2[01]) of 21 pictures of others get the secret, 3 of 3 of the owner's"));
  EXPECT_THAT(out.output, HasSubstr("R1: 0 of 21 pictures of others get the secret, 3 of 3 of the owner's"));
  EXPECT_EQ(run_program(kBin + "/touchstone-bio face stranger").output, out.output);
  const Outcome own = run_program(kBin + "/touchstone-bio face stranger --seed 2 shipped:2:1 shipped:2:2 -- shipped:4:1");
  EXPECT_EQ(own.exit_code, 0) << own.output;
  EXPECT_THAT(own.output, ContainsRegex("shipped:4:1 .*refused"));
  EXPECT_THAT(own.output, HasSubstr("R1: 0 of 1 pictures of others get the secret. "));
  EXPECT_THAT(run_program(kBin + "/touchstone-bio face stranger shipped:2:1 -- shipped:2:2 -- shipped:4:1 -- shipped:5:1").output, HasSubstr("go together"));
  EXPECT_THAT(run_program(kBin + "/touchstone-bio face stranger shipped:2:1").output, HasSubstr("go together"));
  EXPECT_EQ(run_program(kBin + "/touchstone-bio face stranger shipped:2:1 -- missing.png").exit_code, 2);
  EXPECT_EQ(run_program(kBin + "/touchstone-bio face stranger --config /nonexistent").exit_code, 2);
}

}  // namespace
}  // namespace touchstone::test
