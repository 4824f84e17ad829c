// touchstone-wallet face, as a user runs it; touchstone-bio's place is taken by a program of vectors from numbers (wallet/face/fake_bio.cpp).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/system_entropy.h"
#include "support/command.h"
#include "wallet/encoding.h"

namespace touchstone::wallet {
namespace {

using testing::HasSubstr;
using Finished = touchstone::test::Outcome;

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Face : public ::testing::Test {
 protected:
  Face() {
    ByteArray<8> random;
    fill_from_system(random);
    folder_ = std::filesystem::temp_directory_path() / ("touchstone-face-" + to_hex(random));
    std::filesystem::create_directory(folder_);
  }
  ~Face() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  static Finished run(const std::string& arguments) { return touchstone::test::run_command(std::string(TS_WALLET_PROGRAM) + " " + arguments + " 2>&1"); }
  Finished face(const std::string& verb, const std::string& secret, const std::string& pictures, const std::string& bio = TS_FAKE_BIO) const {
    return run("face " + verb + " --record " + path("record") + " --secret-file " + path(secret) + " --bio-program " + bio + " " + pictures);
  }
  /// The last line: the key.
  static std::string key_of(const Finished& finished) {
    for (std::size_t begin = 0; begin < finished.output.size();) {
      const std::size_t end = finished.output.find('\n', begin);
      if (end - begin == 66) return finished.output.substr(begin, 66);
      begin = end + 1;
    }
    return "no key: " + finished.output;
  }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), {})); }

  std::filesystem::path folder_;
  static constexpr const char* kEnrolled = "shipped:1:1 shipped:1:2 shipped:1:3 shipped:1:4 shipped:1:5";
  static constexpr const char* kLater = "shipped:1:6 shipped:1:7 shipped:1:8";
};

TEST_F(Face, ALaterPictureGivesTheSameWallet) {
  const Finished enrolled = face("enrol", "secret", kEnrolled);
  ASSERT_EQ(enrolled.exit_code, 0) << enrolled.output;
  EXPECT_THAT(enrolled.output, Not(HasSubstr("far more often"))) << "five are enough";
  const Finished recovered = face("recover", "again", kLater);
  ASSERT_EQ(recovered.exit_code, 0) << recovered.output;
  EXPECT_EQ(key_of(recovered), key_of(enrolled));
  EXPECT_EQ(content(path("again")), content(path("secret")));
  const std::string card = " --card-key 0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
  const Finished before = run("address --secret-file " + path("secret") + card), after = run("address --secret-file " + path("again") + card);
  EXPECT_EQ(before.exit_code, 0) << before.output;
  EXPECT_EQ(before.output, after.output);
  EXPECT_EQ(run("key --secret-file " + path("secret")).output, key_of(enrolled) + "\n");
  for (const char* file : {"record", "secret", "again"})
    EXPECT_EQ(std::filesystem::status(path(file)).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write) << file;
}

TEST_F(Face, EverySecretIsAnother) {
  ASSERT_EQ(face("enrol", "secret", kEnrolled).exit_code, 0);
  const std::string record = content(path("record"));
  std::filesystem::remove(path("record"));
  ASSERT_EQ(face("enrol", "other", kEnrolled).exit_code, 0);
  EXPECT_NE(content(path("secret")), content(path("other")));
  EXPECT_NE(content(path("record")), record);
}

TEST_F(Face, AStrangerGetsNothing) {
  ASSERT_EQ(face("enrol", "secret", kEnrolled).exit_code, 0);
  const Finished stranger = face("recover", "again", "shipped:2:1 shipped:2:2 shipped:2:3");
  EXPECT_EQ(stranger.exit_code, 1);
  EXPECT_THAT(stranger.output, HasSubstr("record: this face does not open the record"));
  EXPECT_EQ(files(), 2U);
}

TEST_F(Face, WhatIsThereIsNeverWrittenOver) {
  for (const auto& [there, verb, pictures] : {std::tuple{"record", "enrol", kEnrolled}, {"secret", "enrol", kEnrolled}, {"again", "recover", kLater}}) {
    if (std::string(verb) == "recover") {
      ASSERT_EQ(face("enrol", "secret", kEnrolled).exit_code, 0);
    }
    std::ofstream(path(there)) << "mine";
    const std::size_t before = files();
    const Finished refused = face(verb, std::string(verb) == "recover" ? "again" : "secret", pictures);
    EXPECT_EQ(refused.exit_code, 2) << there;
    EXPECT_THAT(refused.output, HasSubstr(path(there) + ": exists already"));
    EXPECT_EQ(content(path(there)), "mine");
    EXPECT_EQ(files(), before);
    std::filesystem::remove(path(there));
  }
}

TEST_F(Face, BothFilesAreMadeOrNone) {
  const Finished refused = run("face enrol --record " + path("record") + " --secret-file " + path("missing/secret") + " --bio-program " TS_FAKE_BIO " " + kEnrolled);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr(path("missing/secret") + ": the file cannot be made"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Face, AStrangersPictureAmongThoseEnrolledIsNamed) {
  const Finished refused = face("enrol", "secret", "shipped:1:1 shipped:1:2 shipped:7:3 shipped:1:4");
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.output, HasSubstr("touchstone-wallet: shipped:7:3: not like the face on the other pictures"));
  EXPECT_EQ(face("enrol", "secret", "shipped:1:1 shipped:2:1").exit_code, 1);
  const Finished twice = face("enrol", "secret", "shipped:1:1 shipped:1:2 shipped:1:1");
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.output, HasSubstr("shipped:1:1: named twice"));
  EXPECT_EQ(files(), 0U);
}

TEST_F(Face, OnePictureIsEnoughAndMoreAreAskedFor) {
  const Finished enrolled = face("enrol", "secret", "shipped:1:1");
  EXPECT_EQ(enrolled.exit_code, 0);
  EXPECT_THAT(enrolled.output, HasSubstr("enrolled with 1 picture: with 5"));
}

TEST_F(Face, AChangedRecordIsRefused) {
  ASSERT_EQ(face("enrol", "secret", kEnrolled).exit_code, 0);
  const std::string record = content(path("record"));
  for (std::size_t at = 0; at <= record.size(); at += 9) {
    std::string changed = record;
    if (at < record.size()) changed[at] = static_cast<char>(changed[at] ^ 4);
    else changed += 'x';
    std::ofstream(path("record"), std::ios::binary) << changed;
    const Finished refused = face("recover", "again", kLater);
    EXPECT_THAT(refused.exit_code, testing::AnyOf(1, 2)) << at;
    EXPECT_THAT(refused.output, HasSubstr(path("record") + ": ")) << at;
    EXPECT_FALSE(std::filesystem::exists(path("again"))) << at;
  }
  std::ofstream(path("record"), std::ios::binary) << std::string(100'000, 'x');
  EXPECT_THAT(face("recover", "again", kLater).output, HasSubstr("longer than such a file can be"));
  EXPECT_EQ(face("recover", "again", "fault:head").exit_code, 2);
}

TEST_F(Face, ARecordOfAnotherHeadIsSaidSo) {
  ASSERT_EQ(face("enrol", "secret", kEnrolled).exit_code, 0);
  const Finished refused = face("recover", "again", "shipped:1:6 fault:head");
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.output, HasSubstr("another head"));
}

TEST_F(Face, WrongUseAndABrokenProgramEndWithASentence) {
  const std::string files_named = "--record " + path("record") + " --secret-file " + path("secret");
  for (const auto& [arguments, says] : std::vector<std::pair<std::string, std::string>>{
           {"face", "enrol or recover"},
           {"face forget", "not 'forget'"},
           {"face enrol --secret-file x shipped:1:1", "--record is missing"},
           {"face enrol --record x shipped:1:1", "--secret-file is missing"},
           {"face enrol " + files_named, "no picture is named"},
           {"face enrol " + files_named + " --network mars shipped:1:1", "network"},
           {"face enrol " + files_named + " --bio-program /nonexistent shipped:1:1", "there is no program /nonexistent"},
           {"face enrol " + files_named + " --bio-program " TS_FAKE_BIO " fault:crash", "SIGSEGV"},
           {"face enrol " + files_named + " --bio-program " TS_FAKE_BIO " missing.png", "missing.png: there is no such picture"},
           {"face recover " + files_named + " --bio-program " TS_FAKE_BIO " shipped:1:1", path("record") + ": cannot be read"}}) {
    const Finished refused = run(arguments);
    EXPECT_EQ(refused.exit_code, 2) << arguments << ": " << refused.output;
    EXPECT_THAT(refused.output, HasSubstr(says)) << arguments;
  }
  EXPECT_EQ(files(), 0U);
}

}  // namespace
}  // namespace touchstone::wallet
