#include "sim/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

const std::filesystem::path kScenarios = TS_SCENARIOS;

struct BadFile {
  const char* name;
  int line;
  const char* message;
};
// Every file of scenarios/bad that the reader itself must refuse, where, and in which words.
constexpr BadFile kBad[] = {
    {"base_of_base", 5, "has a base itself"},
    {"battery_unit", 9, "unit 'V' is not one of uJ, mJ, J"},
    {"broken_yaml", 17, "map"},
    {"duplicate_key", 6, "key 'seed' stands twice"},
    {"face_of_no_phone", 8, "'face' needs 'phone: new'"},
    {"face_of_no_pictures", 8, "0 is not in 1..16"},
    {"face_of_one_picture", 8, "needs a picture with {impression}"},
    {"face_seen_again", 19, "never sees the pictures that were enrolled"},
    {"face_without_picture", 8, "'picture' is missing in faces.owner"},
    {"finger_and_fingers", 7, "either 'finger' or 'fingers'"},
    {"five_fingers", 7, "a list of 1 to 4 texts"},
    {"malware_without_effect", 13, "must change something"},
    {"missing_required", 2, "'wallet' is missing"},
    {"missing_unit", 6, "timeout: needs a number, a blank and a unit"},
    {"new_phone_without_face", 11, "'phone: new' needs 'wallet.face'"},
    {"no_action", 9, "a step needs exactly one of"},
    {"no_expectation", 32, "at least one expectation"},
    {"out_of_range", 9, "5 is not in 160..320"},
    {"overspent", 23, "larger than the spent amount"},
    {"picture_with_moisture", 9, "not 'moisture_percent'"},
    {"spread_over_all", 9, "120 % is out of range"},
    {"two_actions", 8, "a step needs exactly one of"},
    {"unknown_condition", 8, "'muddy' is not one of"},
    {"unknown_event", 29, "there is no event 'mcu.phases'"},
    {"unknown_event_field", 29, "event 'mcu.phase' has no field 'state'"},
    {"unknown_face", 19, "'stranger' is none of 'faces'"},
    {"unknown_finger", 29, "'owner.left_thumb' is no person.finger"},
    {"unknown_key", 11, "unknown key 'losss' in link"},
    {"user_without_finger", 9, "'finger' is missing"},
    {"wrong_unit", 11, "unit 'sat' is not one of ns, us, ms, s"},
};

class Bad : public testing::TestWithParam<BadFile> {};
TEST_P(Bad, IsRefusedWithFileAndLine) {
  const std::string file = (kScenarios / "bad" / (std::string(GetParam().name) + ".yaml")).string();
  try {
    load_scenario(file);
    FAIL() << file << " was accepted";
  } catch (const InputError& error) {
    EXPECT_THAT(error.what(), testing::StartsWith(file + ":" + std::to_string(GetParam().line) + ": "));
    EXPECT_THAT(error.what(), testing::HasSubstr(GetParam().message));
  }
}
INSTANTIATE_TEST_SUITE_P(Scenario, Bad, testing::ValuesIn(kBad), [](const auto& bad) { return std::string(bad.param.name); });

TEST(Scenario, EveryGoodFileLoads) {
  int loaded = 0;
  for (const char* folder : {"normal", "failures", "attacks", "long"})
    for (const auto& entry : std::filesystem::directory_iterator(kScenarios / folder)) {
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      if (text.find("$TOUCHSTONE_DATA") != std::string::npos && std::getenv("TOUCHSTONE_DATA") == nullptr) continue;
      const Scenario s = load_scenario(entry.path().string());
      EXPECT_EQ(s.name, entry.path().stem()) << "a scenario is named after its file";
      EXPECT_FALSE(s.steps.empty());
      ++loaded;
    }
  EXPECT_GE(loaded, 6);
}

TEST(Scenario, SectionsComeFromTheBase) {
  const Scenario base = load_scenario((kScenarios / "normal/touch_to_signature.yaml").string());
  const Scenario derived = load_scenario((kScenarios / "failures/radio_cut.yaml").string());
  EXPECT_EQ(derived.wallet.spends_txid, base.wallet.spends_txid);
  EXPECT_EQ(derived.link.loss_ppm, 10'000);
  EXPECT_NE(derived.steps.size(), base.steps.size());
  EXPECT_THAT(derived.expectations.front().pattern.place, testing::HasSubstr("radio_cut.yaml:"));
}

TEST(Scenario, QuantitiesAreExact) {
  EXPECT_EQ(duration_ns(YAML::Node("1.5 s")), 1'500'000'000);
  EXPECT_EQ(duration_ns(YAML::Node("0.000000001 s")), 1);
  EXPECT_EQ(duration_ns(YAML::Node("7.5 ms")), 7'500'000);
  EXPECT_EQ(amount_sat(YAML::Node("0.01250001 BTC")), 1'250'001);
  EXPECT_EQ(amount_sat(YAML::Node("20999999.9769 BTC")), 2'099'999'997'690'000);
  EXPECT_EQ(parts_per_million(YAML::Node("12.5 %")), 125'000);
}

TEST(Scenario, FingersAreOneOrAList) {
  const auto file = std::filesystem::path(testing::TempDir()) / "fingers.yaml";
  std::ofstream(file) << "touchstone: 1\nname: fingers\ntitle: Several fingers\nbase: " << (kScenarios / "normal/touch_to_signature.yaml").string()
                      << "\npeople: { owner: { a: { generated: 4, moisture_percent: -30 }, b: { generated: 5, spread: 12.5 % } } }\n"
                         "enrolment: { fingers: [owner.a, owner.b], any_order: yes, touches: 8 }\n"
                         "steps: [{ at: 1 s, user: { fingers: [owner.b, owner.a], impression: 9 } }, { at: 2 s, touch: { finger: owner.a, for: 1 s } }]\n";
  const Scenario s = load_scenario(file.string());
  EXPECT_THAT(s.enrolment.fingers, testing::ElementsAre("owner.a", "owner.b"));
  EXPECT_TRUE(s.enrolment.any_order);
  EXPECT_THAT(s.steps[0].action.user.fingers, testing::ElementsAre("owner.b", "owner.a"));
  EXPECT_EQ(s.steps[0].action.user.impression, 9);
  EXPECT_EQ(s.fingers.at("owner.a").moisture, std::optional(-0.3));
  EXPECT_EQ(s.fingers.at("owner.a").spread, 1);
  EXPECT_EQ(s.fingers.at("owner.b").spread, 0.125);
  const Scenario one = load_scenario((kScenarios / "normal/touch_to_signature.yaml").string());
  EXPECT_THAT(one.enrolment.fingers, testing::ElementsAre("owner.right_index"));
  EXPECT_FALSE(one.enrolment.any_order);
}

TEST(Scenario, FacesAreSeenAfterTheyWereEnrolled) {
  const auto file = std::filesystem::path(testing::TempDir()) / "faces.yaml";
  std::ofstream(file) << "touchstone: 1\nname: faces\ntitle: Faces\nbase: " << (kScenarios / "normal/touch_to_signature.yaml").string()
                      << "\nfaces: { owner: { picture: \"shipped:2:{impression}\" }, other: { picture: \"faces/{impression}.png\" } }\n"
                         "wallet: { face: { person: owner }, fee: 1 sat, pays: [{ address: x, amount: 1 sat }],\n"
                         "          spends: { amount: 9 sat, txid: 5a1f0d9c6b3e48277d60b1c2e94f8a35126d7be0c3f4a9581e02d7c6b5a49382 } }\n"
                         "steps: [{ at: 1 s, phone: new, face: owner }, { at: 2 s, phone: new, face: other, impression: 3, pictures: 1 }]\n";
  const Scenario s = load_scenario(file.string());
  ASSERT_TRUE(s.wallet.face);
  EXPECT_EQ(s.wallet.face->enrolled.first_impression, 1);
  EXPECT_EQ(s.wallet.face->enrolled.pictures, 5);
  EXPECT_EQ(s.wallet.face->used.first_impression, 6);
  EXPECT_EQ(s.wallet.face->used.pictures, 3);
  const FaceLook &owner = s.steps[0].action.face, &other = s.steps[1].action.face;
  EXPECT_EQ(with_impression(owner.picture, owner.first_impression), "shipped:2:11");
  EXPECT_EQ(owner.pictures, 3);
  EXPECT_EQ(with_impression(other.picture, other.first_impression), (file.parent_path() / "faces/3.png").string()) << "relative to the scenario; numbers of another's face are free";
  EXPECT_EQ(other.pictures, 1);
  EXPECT_FALSE(load_scenario((kScenarios / "normal/touch_to_signature.yaml").string()).wallet.face);
}

TEST(Scenario, MissingFileIsNamed) {
  EXPECT_THROW(
      {
        try {
          load_scenario("no/such/file.yaml");
        } catch (const InputError& error) {
          EXPECT_THAT(error.what(), testing::HasSubstr("no/such/file.yaml"));
          throw;
        }
      },
      InputError);
}

TEST(Scenario, DocumentedFieldsAreTheReadersTable) {
  std::ifstream in(kScenarios / "FIELDS.md");
  const std::string committed{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(committed, "# Scenario fields\n\nGenerated by `touchstone fields`; repair: build/release/bin/touchstone fields > scenarios/FIELDS.md\n\n" + scenario_fields_markdown());
}

}  // namespace
}  // namespace touchstone::sim
