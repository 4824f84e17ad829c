#include "wallet_face/bio_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace touchstone::wallet {
namespace {

const BioProgram kFake{TS_FAKE_BIO};

std::string why(const std::variant<FaceCode, BioFailure>& answer) { return std::holds_alternative<BioFailure>(answer) ? std::get<BioFailure>(answer).why : ""; }

TEST(BioProgram, GivesAVectorAndTheHeadItIsOf) {
  const auto one = face_code_of(kFake, {"shipped:1:1"}), again = face_code_of(kFake, {"shipped:1:1"}), both = face_code_of(kFake, {"shipped:1:1", "shipped:1:2"});
  ASSERT_EQ(why(one), "");
  ASSERT_EQ(why(both), "");
  EXPECT_EQ(std::get<FaceCode>(one).vector.components.size(), 128u);
  EXPECT_EQ(std::get<FaceCode>(one).vector.components, std::get<FaceCode>(again).vector.components);
  EXPECT_NE(std::get<FaceCode>(one).vector.components, std::get<FaceCode>(both).vector.components);
  EXPECT_EQ(std::get<FaceCode>(one).head_sha256[0], 0xAA);
}

TEST(BioProgram, PassesItsSentencesOn) {
  EXPECT_EQ(why(face_code_of(kFake, {"missing.png"})), "missing.png: there is no such picture");
  EXPECT_EQ(why(face_code_of(kFake, {"fault:escape"})), "red?[31m \xC2?1m \xC3\xBC") << "nothing that a terminal would obey";
  EXPECT_THAT(why(face_code_of(kFake, {"no shell; exit 0"})), testing::StartsWith("no shell; exit 0: "));
}

TEST(BioProgram, SaysWhatIsWrongWithOneThatMisbehaves) {
  EXPECT_THAT(why(face_code_of({"/nonexistent/bio"}, {"x"})), testing::HasSubstr("there is no program /nonexistent/bio"));
  EXPECT_THAT(why(face_code_of({"/"}, {"x"})), testing::HasSubstr("there is no program"));
  EXPECT_THAT(why(face_code_of(kFake, {"fault:crash"})), testing::HasSubstr("was ended by SIGSEGV"));
  EXPECT_THAT(why(face_code_of(kFake, {"fault:silent"})), testing::HasSubstr("exit code 3 and said nothing"));
  EXPECT_THAT(why(face_code_of(kFake, {"fault:flood"})), testing::HasSubstr("said more than an answer has"));
  EXPECT_THAT(why(face_code_of(kFake, {"fault:short"})), testing::HasSubstr("hexadecimal digits for each dimension"));
  EXPECT_THAT(why(face_code_of(kFake, {"fault:count"})), testing::HasSubstr("another number of pictures"));
  EXPECT_THAT(why(face_code_of({TS_FAKE_BIO, std::chrono::milliseconds(100)}, {"fault:hang"})), testing::HasSubstr("did not answer"));
}

std::string answer(const std::string& from = "", const std::string& to = "") {
  std::string out = R"({"version":1,"trait":"face","embedder":"b","head_sha256":")" + std::string(64, '1') + R"(","dimensions":128,"pictures":3,"vector":")" + std::string(256, '7') + "\"}\n";
  if (!from.empty()) out.replace(out.find(from), from.size(), to);
  return out;
}

ErrorCode code_of(const std::string& text) {
  const auto parsed = parse_face_answer(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), 3);
  return parsed ? ErrorCode{} : parsed.error().code;
}

TEST(FaceAnswer, IsReadStrictly) {
  EXPECT_EQ(code_of(answer()), ErrorCode{});
  EXPECT_EQ(code_of(answer(":1,", " : 1 , ")), ErrorCode{});
  EXPECT_EQ(code_of(answer(R"("version":1)", R"("embedder":"b")")), ErrorCode::kBadFormat) << "twice, and one missing";
  EXPECT_EQ(code_of(answer(":1,", ":2,")), ErrorCode::kUnsupported);
  const std::pair<const char*, const char*> changes[] = {
      {"\"version\"", "\"Version\""}, {"{", "{\"more\":1,"},         {"face", "finger"},   {":1,", ":01,"},        {":1,", ":1.0,"},       {":1,", ":\"1\","},
      {":1,", ":,"},                  {"\"b\"", "\"\\u0062\""},      {"\"b\"", "b"},       {"\"b\"", "null"},      {":3,", ":2,"},         {":3,", ":30000,"},
      {":3,", ":-3,"},                {":128,", ":256,"},             {"1111", "111"},      {"1111", "111g"},       {"7777", "777"},        {"7777", "77777"},
      {"7777", "777x"},               {"}\n", ""},                   {"}\n", "}}"},        {"}\n", "}\n\n"},       {"}\n", ",}"},          {"{", "[{"},
      {",\"pictures\":3", ""},        {",\"pictures\":3", ",\"pictures\":3,\"pictures\":3"}};
  for (const auto& [from, to] : changes) EXPECT_EQ(code_of(answer(from, to)), ErrorCode::kBadFormat) << from << " -> " << to;
  EXPECT_EQ(code_of(answer(":128,", ":129,")), ErrorCode::kUnsupported);
  const std::string good = answer();
  for (std::size_t size = 0; size + 1 < good.size(); ++size) EXPECT_EQ(code_of(good.substr(0, size)), ErrorCode::kBadFormat) << size;
}

}  // namespace
}  // namespace touchstone::wallet
