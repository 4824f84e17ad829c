// `run --firmware`: an image signed with touchstone image, an ELF file, and what is neither.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/program.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;

const std::string kTool = std::string(TS_BIN) + "/touchstone ";
const std::string kScenario = std::string(TS_SCENARIOS) + "/normal/touch_to_signature.yaml";

class FirmwareFile : public testing::Test {
 protected:
  FirmwareFile() : folder(fresh_folder(std::string("firmware-") + testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::create_directories(folder);
  }
  Outcome run(const fs::path& firmware) {
    return run_program(kTool + "run " + kScenario + " --firmware " + firmware.string() + " --out " + (folder / "run").string());
  }
  fs::path folder;
};

TEST_F(FirmwareFile, ASignedImageRunsAsItIs) {
  const fs::path image = folder / "card.img";
  ASSERT_EQ(run_program(kTool + "image make " TS_CARD_ELF " --version 5 --out " + image.string()).exit_code, 0);
  const Outcome outcome = run(image);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  EXPECT_THAT(read_text(folder / "run" / "events.jsonl"), testing::HasSubstr(R"("event":"boot.rom","state":"running","version":5)"));
}

TEST_F(FirmwareFile, TravelsWithTheRun) {
  const fs::path elf = folder / "card.elf", image = folder / "card.img", out = folder / "run";
  fs::copy_file(TS_CARD_ELF, elf);
  ASSERT_EQ(run_program(kTool + "image make " + elf.string() + " --version 5 --out " + image.string()).exit_code, 0);
  for (const fs::path& file : {elf, image}) {
    ASSERT_EQ(run(file).exit_code, 0);
    EXPECT_EQ(read_text(out / "source_lines.csv").find(".cpp") != std::string::npos, file == elf) << "an image has no debug information";
    fs::remove(file);
    const Outcome outcome = run_program("cd / && " + kTool + "replay " + out.string());
    EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
    EXPECT_THAT(outcome.output, testing::HasSubstr(read_json(out / "results.json")["events_sha256"].get<std::string>()));
  }
  // It was the run's own firmware: with the built-in one, of version 1, the events are others.
  auto results = read_json(out / "results.json");
  results["firmware_file"] = "";
  std::ofstream(out / "results.json") << results.dump(2);
  EXPECT_EQ(run_program(kTool + "replay --any-revision " + out.string()).exit_code, 1);
}

TEST_F(FirmwareFile, BadFilesAreRefusedBeforeTheRun) {
  const fs::path image = folder / "card.img";
  ASSERT_EQ(run_program(kTool + "image make " TS_CARD_ELF " --version 5 --out " + image.string()).exit_code, 0);
  fs::resize_file(image, 100'000);
  const auto expect_refused = [&](const fs::path& file, const char* sentence) {
    const Outcome outcome = run(file);
    EXPECT_EQ(outcome.exit_code, 2) << outcome.output;
    EXPECT_THAT(outcome.output, testing::HasSubstr(file.string()));
    EXPECT_THAT(outcome.output, testing::HasSubstr(sentence));
    EXPECT_FALSE(fs::exists(folder / "run"));
  };
  expect_refused(image, "truncated image");
  expect_refused(folder / "none", "no such file");
  expect_refused("/proc/self/exe", "not");  // an ELF file for this machine
}

}  // namespace
}  // namespace touchstone::test
