#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "base/event.h"
#include "base/seed.h"
#include "contract/event_links.h"
#include "contract/events.h"
#include "contract/messages.h"
#include "contract/register_tables.h"
#include "contract/registers.h"
#include "support/command.h"

namespace touchstone::contract {
namespace {

TEST(Registers, TheTableAndTheConstantsAgree) {
  const auto scalar = std::ranges::find(kSecpRegisters, std::string_view("K"), &RegisterInfo::name);
  ASSERT_NE(scalar, std::end(kSecpRegisters));
  EXPECT_EQ(scalar->offset_bytes, secp::kK);
  EXPECT_TRUE(scalar->secret);
  for (const RegisterInfo& r : kSecpRegisters)
    EXPECT_TRUE(!r.secret || r.access == Access::kWriteOnly) << r.name;
  EXPECT_EQ(static_cast<unsigned>(Irq::kSecp), 4u);
}

TEST(Messages, RoundTrip) {
  ByteArray<200> psbt{};
  Random(1).fill(psbt);
  SignRequest request;
  request.session = 0x01020304;
  Random(2).fill(request.wallet_nonce);
  request.psbt = psbt;
  ByteArray<SignRequest::kMaxBytes> buffer{};
  const auto encoded = request.encode(buffer);
  ASSERT_TRUE(encoded);
  EXPECT_EQ(encoded->size(), 1u + 4 + 66 + 2 + 200);
  const auto decoded = SignRequest::decode(*encoded);
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->session, request.session);
  EXPECT_EQ(decoded->wallet_nonce, request.wallet_nonce);
  EXPECT_TRUE(std::equal(decoded->psbt.begin(), decoded->psbt.end(), psbt.begin(), psbt.end()));
}

TEST(Messages, EveryTruncationAndExtensionIsRefused) {
  SignRequest request;
  const ByteArray<50> psbt{};
  request.psbt = psbt;
  ByteArray<SignRequest::kMaxBytes> buffer{};
  const auto encoded = request.encode(buffer);
  ASSERT_TRUE(encoded);
  for (std::size_t n = 0; n < encoded->size(); ++n) EXPECT_FALSE(SignRequest::decode(encoded->first(n))) << n;
  EXPECT_FALSE(SignRequest::decode(Bytes(buffer).first(encoded->size() + 1)));
  EXPECT_FALSE(SignResponse::decode(*encoded)) << "another message's id";
  std::vector<std::uint8_t> large(4097);
  request.psbt = large;
  EXPECT_FALSE(request.encode(buffer));
  EXPECT_FALSE(SignResponse{}.encode(MutableBytes(buffer).first(10)));
}

TEST(Events, CarryTheirFieldsInDeclaredOrder) {
  RecordingSink sink;
  sink.emit(5, events::AcceleratorDone{"mul", 28000, 2});
  ASSERT_EQ(sink.records().size(), 1u);
  EXPECT_EQ(sink.records()[0].name, "accelerator.done");
  EXPECT_EQ(sink.records()[0].text("op"), "mul");
  EXPECT_EQ(sink.records()[0].number("cycles"), 28000);
  EXPECT_EQ(sink.records()[0].fields[2].first, "status");
}

TEST(Events, EveryChainOfCausesCanEnd) {
  // Following causes from any type, one without causes is within reach: chains end at an act, not in a ring.
  std::set<std::string_view> ends;
  for (const events::FieldInfo& f : events::kFields)
    if (std::none_of(std::begin(events::kLinks), std::end(events::kLinks), [&](const auto& l) { return l.event == f.event && l.relation == events::Relation::kCausedBy; })) ends.insert(f.event);
  EXPECT_TRUE(ends.contains("scenario.step"));
  for (bool grew = true; grew;) {
    grew = false;
    for (const events::LinkInfo& l : events::kLinks)
      if (l.relation == events::Relation::kCausedBy && ends.contains(l.other)) grew |= ends.insert(l.event).second;
  }
  for (const events::FieldInfo& f : events::kFields) EXPECT_TRUE(ends.contains(f.event)) << f.event;
}

/// Runs the generator on a changed card.jsonc and returns what it said.
std::string refused(const std::string& from, const std::string& to) {
  std::ifstream in(std::string(TS_CONTRACT) + "/card.jsonc");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  const auto folder = std::filesystem::temp_directory_path() / "touchstone-test-contract";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "card.jsonc") << text;
  const std::string command = std::string(TS_GENERATE) + " " + (folder / "card.jsonc").string() + " " + TS_CONTRACT + "/messages.jsonc " + TS_CONTRACT + "/events.jsonc " + (folder / "out").string() + " 2>&1";
  const test::Outcome outcome = test::run_command(command);
  return outcome.exit_code == 0 ? "accepted" : outcome.output;
}

TEST(Generator, RefusesMistakesWithTheirPlace) {
  EXPECT_THAT(refused(R"("access": "wo", "secret": true)", R"("access": "rw", "secret": true)"), testing::HasSubstr("secp.K: a secret register must be write-only"));
  EXPECT_THAT(refused(R"("offset": "0x80")", R"("offset": "0x70")"), testing::HasSubstr("secp.PY: offset overlaps"));
  EXPECT_THAT(refused(R"("name": "trng", "base": "0x40006000")", R"("name": "trng", "base": "0x40007000")"), testing::HasSubstr("base 0x40007000 is taken"));
  EXPECT_THAT(refused(R"("bits": "15:8")", R"("bits": "8:15")"), testing::HasSubstr("bits must be"));
  EXPECT_THAT(refused(R"("access": "rw")", R"("acess": "rw")"), testing::HasSubstr("unknown key 'acess'"));
  EXPECT_EQ(refused("// The card's", "// The card's"), "accepted") << "the unchanged file must pass, or the cases above prove nothing";
}

}  // namespace
}  // namespace touchstone::contract
