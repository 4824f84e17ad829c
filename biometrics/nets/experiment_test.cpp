#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nets/bad_input.h"
#include "nets/experiment.h"
#include "nets/test_touches.h"

namespace touchstone::nets {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

/// The message with which the settings are refused; empty where they are taken.
std::string refusal(const std::string& text) {
  try {
    (void)Experiment::parse(text, "the file");
    return "";
  } catch (const BadInput& bad) {
    return bad.what();
  }
}
std::string refusal(const json& changes) {
  json document = json::parse(small_experiment().text);
  document.merge_patch(changes);
  return refusal(document.dump());
}

TEST(Experiment, NamesFileAndKeyOfWhatItRefuses) {
  EXPECT_THAT(refusal(json{{"data", {{"fingerz", 3}}}}), AllOf(HasSubstr("the file"), HasSubstr("data.fingerz: unknown key")));
  EXPECT_THAT(refusal(json{{"extra", 3}}), HasSubstr("extra: unknown key"));
  EXPECT_THAT(refusal(json{{"loss", {{"proxy", nullptr}}}}), HasSubstr("loss.proxy: is missing"));  // a patch with null removes
  EXPECT_THAT(refusal(json{{"loss", {{"proxy", "1"}}}}), HasSubstr("loss.proxy: a number is needed"));
  EXPECT_THAT(refusal(json{{"optimiser", {{"steps", 2.5}}}}), HasSubstr("optimiser.steps: a whole number is needed"));
  EXPECT_THAT(refusal(json{{"optimiser", {{"steps", 99999999999}}}}), HasSubstr("optimiser.steps: must lie between"));
  EXPECT_THAT(refusal(json{{"model", {{"channels", {1, 2}}}}}), HasSubstr("model.channels"));
  EXPECT_THAT(refusal(json{{"model", 5}}), HasSubstr("model: an object is needed"));
  EXPECT_THAT(refusal(json{{"seed", -1}}), HasSubstr("seed"));
}

TEST(Experiment, RefusesSettingsThatContradictEachOther) {
  EXPECT_THAT(refusal(json{{"data", {{"fingers", 60000}}}}), HasSubstr("more than 60000 impressions"));
  EXPECT_THAT(refusal(json{{"data", {{"held_out", 12}}}}), HasSubstr("nothing is left to train on"));
  EXPECT_THAT(refusal(json{{"data", {{"kinds", {{"press", 0.5}}}}}}), HasSubstr("do not add up to 1"));
  EXPECT_THAT(refusal(json{{"optimiser", {{"fingers", 9}}}}), HasSubstr("more than there are to train on"));
  EXPECT_THAT(refusal(json{{"schedule", {{"checkpoint_every", 7}}}}), HasSubstr("multiple of log_every"));
  EXPECT_THAT(refusal(json{{"whitening", {{"dimensions", 9}}}}), HasSubstr("whitening.dimensions"));
}

TEST(Experiment, RefusesWhatIsNoJsonAndKeysThatStandTwice) {
  EXPECT_THAT(refusal(std::string("{\"seed\": 1,")), HasSubstr("not JSON at byte"));
  EXPECT_THAT(refusal(std::string("{\"seed\": 1, \"seed\": 2}")), HasSubstr("key seed stands twice"));
  EXPECT_THAT(refusal(std::string("[]")), HasSubstr("an object is needed"));
}

TEST(Experiment, ItsHashDependsOnTheSettingsAndNotOnTheirLayout) {
  const Experiment a = small_experiment();
  EXPECT_EQ(Experiment::parse(json::parse(a.text).dump(4), "again").hash, a.hash);
  EXPECT_NE(small_experiment(R"({"loss": {"proxy_margin": 0.11}})").hash, a.hash);
}

TEST(Experiment, TheFilesOfTheProjectAreRight) {
  for (const char* name : {"shipped.json", "smoke.json"}) EXPECT_NO_THROW((void)Experiment::read(std::filesystem::path(TS_EXPERIMENTS) / "finger" / name));
}

}  // namespace
}  // namespace touchstone::nets
