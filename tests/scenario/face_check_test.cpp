// `touchstone bio face check` with the networks of the npm packages: videos, and files that cannot be read among others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "face/made_video.h"
#include "face/shipped.h"
#include "scenario/program.h"

namespace touchstone::test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class FaceCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    if (*TS_NODE_MODULES == 0) GTEST_SKIP() << "needs the npm packages with the networks of faces";
    std::filesystem::create_directories(folder_);
    face::Picture good = face::shipped_face(2, 0), dark = good;
    for (std::uint8_t& value : dark.rgb) value = static_cast<std::uint8_t>(value / 16);
    face::write_video(video_, std::vector{good, dark, good});
  }
  static Outcome check(const std::string& names) { return run_program(std::string(TS_BIN) + "/touchstone-bio face check " + names); }

  std::filesystem::path folder_ = fresh_folder("face-check"), video_ = folder_ / "seen.avi";
};

TEST_F(FaceCheck, EveryFrameOfAVideoIsLookedAt) {
  const Outcome out = check(video_.string());
  EXPECT_EQ(out.exit_code, 1) << "a frame is dark";
  EXPECT_THAT(out.output, HasSubstr("seen.avi frame 0: good: "));
  EXPECT_THAT(out.output, ContainsRegex("seen.avi frame 1: .*\\[(dark|no_face)\\]"));
  EXPECT_THAT(out.output, HasSubstr("seen.avi frame 2: good: "));
  EXPECT_EQ(check("shipped:2:0").exit_code, 0);
}

TEST_F(FaceCheck, AFileThatCannotBeReadIsNamedAndTheNextLookedAt) {
  std::ofstream(folder_ / "no.avi") << "no video";
  std::ofstream(folder_ / "no.png") << "no picture";
  const Outcome out = check((folder_ / "no.avi").string() + " " + (folder_ / "no.png").string() + " " + (folder_ / "none.mp4").string() + " /dev/zero shipped:2:0");
  EXPECT_EQ(out.exit_code, 1);
  EXPECT_THAT(out.output, ContainsRegex("no.avi: .*\\[unreadable\\]"));
  EXPECT_THAT(out.output, ContainsRegex("no.png: .*\\[unreadable\\]"));
  EXPECT_THAT(out.output, ContainsRegex("none.mp4: .*\\[unreadable\\]"));
  EXPECT_THAT(out.output, HasSubstr("/dev/zero: is larger than 256 MiB"));
  EXPECT_THAT(out.output, HasSubstr("shipped:2:0: good: "));
}

}  // namespace
}  // namespace touchstone::test
