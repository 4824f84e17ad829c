// A phone and a face, from picture to signature, with a program in touchstone-bio's place whose faces are drawn from numbers: these tests always run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenario/program.h"

namespace touchstone::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

const std::string kProgram = std::string(TS_BIN) + "/touchstone ";
const std::string kFake = std::string(" --bio-program ") + TS_FAKE_BIO;

std::string file_of(const std::string& name) { return (fs::path(TS_SCENARIOS) / (name + ".yaml")).string(); }

struct Played {
  Outcome outcome;
  fs::path folder;
  nlohmann::json results;
  std::vector<nlohmann::json> events;

  std::vector<nlohmann::json> of(const std::string& name) const {
    std::vector<nlohmann::json> out;
    std::copy_if(events.begin(), events.end(), std::back_inserter(out), [&](const auto& e) { return e["event"] == name; });
    return out;
  }
};

Played run(const std::string& file, const std::string& name, const std::string& options = kFake) {
  Played r;
  r.folder = fresh_folder("faces-" + name);
  r.outcome = run_program(kProgram + "run " + file + " --out " + r.folder.string() + options);
  r.results = read_json(r.folder / "results.json");
  std::ifstream log(r.folder / "events.jsonl");
  for (std::string line; std::getline(log, line);) r.events.push_back(nlohmann::json::parse(line));
  return r;
}

/// The scenario with `from` replaced, once.
std::string changed(const std::string& scenario, const std::string& name, const std::vector<std::pair<std::string, std::string>>& changes) {
  std::string text = read_text(file_of(scenario));
  const auto change = [&](const std::string& from, const std::string& to) {
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
  };
  const std::size_t base = text.find("base: ") + 6, end = text.find('\n', base);
  text.replace(base, end - base, (fs::path(file_of(scenario)).parent_path() / text.substr(base, end - base)).lexically_normal().string());
  for (const auto& [from, to] : changes) change(from, to);
  const fs::path folder = fresh_folder("faces-" + name + "-file");
  fs::create_directories(folder);
  std::ofstream(folder / "changed.yaml") << text;
  return (folder / "changed.yaml").string();
}

TEST(FaceScenarios, ANewPhoneSignsUnderTheKeyOfBefore) {
  const Played r = run(file_of("normal/new_phone"), "new");
  ASSERT_EQ(r.outcome.exit_code, 0) << r.outcome.output;
  const auto faces = r.of("wallet.face");
  ASSERT_EQ(faces.size(), 3u);
  EXPECT_EQ(faces[0]["state"], "enrolled");
  EXPECT_EQ(faces[1]["state"], "opened");
  EXPECT_LT(faces[1]["t_ns"], 0) << "the phone of time zero";
  EXPECT_EQ(faces[2]["state"], "opened");
  EXPECT_GT(faces[2]["t_ns"], 0);
  // Paired before time zero and again: the same first address; and under its key the signature verifies.
  const auto paired = r.of("wallet.paired");
  ASSERT_EQ(paired.size(), 2u);
  EXPECT_EQ(paired[0]["public_key"], paired[1]["public_key"]);
  EXPECT_EQ(r.results["public_key_hex"], paired[0]["public_key"]);
  EXPECT_EQ(run_program(std::string(TS_BIN) + "/touchstone-wallet verify --key " + paired[0]["public_key"].get<std::string>() + " --message " +
                        r.results["message_hash_hex"].get<std::string>() + " --signature " + r.results["signature_hex"].get<std::string>()).exit_code, 0);
  // What is searched for, and where: the face too, and the cloud.
  const auto& scan = r.results["memory_scan"];
  EXPECT_THAT(scan["secrets"], testing::Contains("face 1"));
  EXPECT_THAT(scan["secrets"], testing::Contains("wallet nonce 1")) << "of the new phone";
  EXPECT_TRUE(std::any_of(scan["places"].begin(), scan["places"].end(), [](const auto& place) { return place["place"] == "cloud" && place["bytes"] > 100; }));
  EXPECT_EQ(scan["found"].size(), 0u);
}

TEST(FaceScenarios, AnEcdsaAccountChangesItsPhoneLikewise) {
  const Played r = run(changed("normal/new_phone", "ecdsa", {{"  network: regtest\n", "  network: regtest\n  signing: dkls23\n"}}), "ecdsa");
  EXPECT_EQ(r.outcome.exit_code, 0) << r.outcome.output;
  ASSERT_EQ(r.of("wallet.paired").size(), 2u);
  EXPECT_EQ(r.of("wallet.paired")[0]["public_key"], r.of("wallet.paired")[1]["public_key"]);
  EXPECT_EQ(r.results["public_key_hex"], r.of("wallet.paired")[0]["public_key"]);
}

TEST(FaceScenarios, AnImpostorsPhoneHasNoSecretA) {
  const Played r = run(file_of("attacks/face_impostor"), "impostor");
  ASSERT_EQ(r.outcome.exit_code, 0) << r.outcome.output;
  EXPECT_EQ(r.of("wallet.face").back()["state"], "refused");
  for (const auto& failed : r.of("wallet.failed")) EXPECT_THAT(failed["why"].get<std::string>(), HasSubstr("no Secret A"));
  EXPECT_EQ(r.results["signature_hex"], "");
}

// The same steps with the owner's face: the card is changed over and signs. So nothing else than the face stopped the impostor.
TEST(FaceScenarios, ControlAnImpostorWithTheOwnersFaceSigns) {
  const Played r = run(changed("attacks/face_impostor", "control", {{"phone: new, face: impostor", "phone: new, face: owner"}}), "control");
  EXPECT_EQ(r.outcome.exit_code, 1) << "what the scenario expects is not so: " << r.outcome.output;
  ASSERT_EQ(r.of("wallet.paired").size(), 2u) << r.outcome.output;
  EXPECT_EQ(r.of("wallet.signature_verified").size(), 1u);
  EXPECT_EQ(r.results["public_key_hex"], r.of("wallet.paired")[0]["public_key"]);
}

TEST(FaceScenarios, RunsAreEqualHoweverArranged) {
  for (const char* name : {"normal/new_phone", "attacks/face_impostor"}) {
    const Played first = run(file_of(name), "first"), again = run(file_of(name), "again"), apart = run(file_of(name), "apart", kFake + " --process --quantum-us 1000");
    EXPECT_EQ(first.outcome.exit_code, 0) << first.outcome.output;
    EXPECT_EQ(first.results["events_sha256"], again.results["events_sha256"]) << name;
    EXPECT_EQ(first.results["events_sha256"], apart.results["events_sha256"]) << name;
    EXPECT_EQ(first.results["inputs"], again.results["inputs"]) << name;
    EXPECT_NE(first.results["events_sha256"], run(file_of(name), "seed", kFake + " --seed 5").results["events_sha256"]) << name;
  }
}

// The vectors travel with the run: neither the program nor the pictures are asked for again.
TEST(FaceScenarios, AReplayAsksNobody) {
  const Played r = run(file_of("normal/new_phone"), "replayed");
  const Outcome replayed = run_program("cd / && " + kProgram + "replay " + r.folder.string());
  EXPECT_EQ(replayed.exit_code, 0) << replayed.output;
  EXPECT_THAT(replayed.output, HasSubstr(r.results["events_sha256"].get<std::string>()));
  std::vector<fs::path> answers;
  for (const auto& input : r.results["inputs"])
    if (input["path"].get<std::string>().starts_with("face code ")) answers.push_back(r.folder / input["file"].get<std::string>());
  ASSERT_EQ(answers.size(), 3u) << "enrolled, at time zero, on the new phone";
  std::ofstream(answers[0], std::ios::app) << " ";
  EXPECT_THAT(run_program(kProgram + "replay " + r.folder.string()).output, HasSubstr("was changed since the run"));
}

TEST(FaceScenarios, PeopleAreToldWhatHappened) {
  const Played r = run(file_of("normal/new_phone"), "told", kFake + " --story");
  EXPECT_THAT(r.outcome.output, AllOf(HasSubstr("the phone locks Secret A under owner's face"), HasSubstr("the new phone opens Secret A with owner's face at 0.2")));
  const Outcome explained = run_program(kProgram + "explain " + r.folder.string());
  EXPECT_EQ(explained.exit_code, 0);
  EXPECT_THAT(explained.output, HasSubstr("wallet.face person=owner state=opened"));
  const Played refused = run(file_of("attacks/face_impostor"), "told-refused", kFake + " --story");
  EXPECT_THAT(refused.outcome.output, HasSubstr("the new phone gets no Secret A from impostor's face at 0.2"));
  EXPECT_THAT(read_text(r.folder / "trace.json"), AllOf(HasSubstr("\"name\":\"face\""), HasSubstr("\"state\":\"opened\"")));
  EXPECT_THAT(run_program(kProgram + "explain " + refused.folder.string()).output, AllOf(HasSubstr("wallet.face person=impostor state=refused"), HasSubstr("why=the phone has no Secret")));
}

TEST(FaceScenarios, APhoneOfTimeZeroThatDoesNotOpenItsRecordIsNotPaired) {
  const std::string file = changed("normal/new_phone", "strangers", {{"shipped:2:{impression}", "shipped:{impression}:1"}});  // each picture another person's
  const Played r = run(file, "strangers");
  EXPECT_EQ(r.outcome.exit_code, 1) << r.outcome.output;
  EXPECT_THAT(r.results.value("reason", ""), HasSubstr("the face of 'owner' does not open its own record"));
}

TEST(FaceScenarios, WhatCannotBeSeenIsRefusedBeforeTimeZero) {
  const std::string no_picture = changed("normal/new_phone", "missing", {{"shipped:2:{impression}", "missing.png{impression}"}});
  struct {
    std::string file, options, why;
  } const cases[] = {{file_of("normal/new_phone"), " --bio-program /no/such/program", "there is no program /no/such/program"},
                     {no_picture, kFake, "there is no such picture"},
                     {changed("normal/new_phone", "crash", {{"shipped:2:{impression}", "shipped:x{impression}"}}), kFake, "there is no such picture"}};
  for (const auto& c : cases) {
    const Played r = run(c.file, "refused", c.options);
    EXPECT_EQ(r.outcome.exit_code, 2) << r.outcome.output;
    EXPECT_THAT(r.outcome.output, AllOf(testing::ContainsRegex("\\.yaml:[1-9][0-9]*: the face of 'owner': "), HasSubstr(c.why)));
    EXPECT_FALSE(fs::exists(r.folder));
  }
}

TEST(FaceScenarios, WithoutFacesNothingIsExecuted) {
  const Played r = run(file_of("normal/touch_to_signature"), "none", " --bio-program /no/such/program");
  EXPECT_EQ(r.outcome.exit_code, 0) << r.outcome.output;
  EXPECT_EQ(r.of("wallet.face").size(), 0u);
}

}  // namespace
}  // namespace touchstone::test
