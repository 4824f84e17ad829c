// The real boot ROM and firmware on the whole card model: what starts, what does not, who the card says it is, and updates
// over the air and through power cuts. Each TEST is a process of its own under ctest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/development_vendor.h"
#include "signed_image/image_header.h"
#include "wallet/attestation.h"
#include "whole_card.h"

namespace touchstone::firmware::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using wallet::UpdateSender;

std::vector<std::string> boot_states(const WholeCard& world) {
  std::vector<std::string> out;
  for (const auto& record : world.events.named("boot.rom")) out.push_back(record.text("state") + " " + std::to_string(record.number("version")));
  return out;
}

bool run_until_running(WholeCard& world, std::size_t starts, double limit_s = 20) {
  return world.run([&] { return world.events.named("boot.rom").size() >= starts; }, limit_s);
}

std::optional<contract::AttestResponse> attest(WholeCard& world, const ByteArray<32>& challenge) {
  ByteArray<contract::AttestRequest::kMaxBytes> buffer;
  const auto answer = world.ask(contract::AttestRequest{challenge}.encode(buffer).value());
  const auto response = contract::AttestResponse::decode(answer);
  if (!response) return std::nullopt;
  return *response;
}

Result<wallet::AttestedCard> verify(WholeCard& world, const wallet::AttestationPolicy& policy = {}) {
  const ByteArray<32> challenge{4, 2};
  const auto response = attest(world, challenge);
  if (!response) return Error{ErrorCode::kTimeout, "no answer"};
  return wallet::verify_attestation(*response, challenge, world.channel_binding(), identity::development_vendor_key(), policy);
}

TEST(WholeCardBoot, StartsSoonAndAttests) {
  WholeCard world("world", TS_CARD_ELF);
  const auto attested = verify(world);
  ASSERT_TRUE(attested) << attested.error().what;
  EXPECT_EQ(attested->version, 1u);
  EXPECT_EQ(attested->firmware_sha256, ImageHeader::parse(WholeCard::image(TS_CARD_ELF, 1))->program_sha256);
  EXPECT_THAT(boot_states(world), ElementsAre("running 1"));
  const std::int64_t boot_ns = world.events.named("boot.rom").front().time_ns - world.events.named("power.on").front().time_ns;
  EXPECT_LT(boot_ns, 650'000'000);  // hashing the image takes most of it, a quarter of that the network's weights
  RecordProperty("boot_us", static_cast<int>(boot_ns / 1000));
  // The debug port of a card from a shop is closed.
  ByteArray<4> out{};
  EXPECT_FALSE(world->debug_read(contract::kRamBase, out));
  EXPECT_EQ(world.events.named("debug.port").front().text("result"), "refused");
  // The handover was taken and wiped.
  const auto place = Bytes(world->ram().bytes()).last(512);
  EXPECT_EQ(std::count(place.begin(), place.end(), 0), 512);
}

TEST(WholeCardBoot, AnOpenCardAttestsAsSuch) {
  models::CardConfig open;
  open.debug_locked = false;
  WholeCard world("world", TS_CARD_ELF, open);
  EXPECT_EQ(verify(world).error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(verify(world, {1, true}));
  ByteArray<32> secret{};
  secret.fill(1);
  EXPECT_TRUE(world->debug_read(contract::otp::kBase + contract::otp::kDeviceCertificate, MutableBytes(secret).first(4)));
  EXPECT_NE(load_le32(secret.data()), 0u);
  EXPECT_TRUE(world->debug_read(contract::otp::kBase + contract::otp::kDeviceSecret, MutableBytes(secret).first(4)));
  EXPECT_EQ(load_le32(secret.data()), 0u) << "the boot ROM has locked it";
  EXPECT_EQ(world.events.named("debug.port").back().text("result"), "attached");
}

TEST(WholeCardBoot, ACardTheVendorDoesNotKnowIsRefused) {
  models::CardConfig unknown;
  unknown.identity = models::CardIdentity::kUnprovisioned;
  WholeCard world("world", TS_CARD_ELF, unknown);
  EXPECT_THAT(verify(world).error().what, HasSubstr("not the vendor's"));
}

TEST(WholeCardBoot, AClonedCertificateIsRefused) {
  models::CardConfig clone;
  clone.identity = models::CardIdentity::kClonedCertificate;
  WholeCard world("world", TS_CARD_ELF, clone);
  EXPECT_THAT(verify(world).error().what, HasSubstr("not the vendor's"));
}

TEST(WholeCardBoot, AnImageThatIsNotSignedDoesNotRun) {
  WholeCard world("world", TS_CARD_ELF);
  world->flash().bytes()[contract::kFlashFirmwareOffset + 50'000] ^= 1;
  EXPECT_FALSE(verify(world));
  EXPECT_THAT(boot_states(world), ElementsAre("no_image 0"));
  EXPECT_TRUE(world.events.named("ble.advertising").empty());
  EXPECT_TRUE(world.events.named("mcu.trap").empty());
}

TEST(WholeCardBoot, AnOlderImageDoesNotRun) {
  WholeCard world("world", TS_CARD_ELF, {}, 3);
  ASSERT_TRUE(run_until_running(world, 1));
  world->power().cut();
  ASSERT_EQ(world->program(WholeCard::image(TS_CARD_ELF, 2)), "");
  world->power().on(contract::sysctl::Cause::kPowerOn);
  ASSERT_TRUE(run_until_running(world, 2));
  EXPECT_THAT(boot_states(world), ElementsAre("running 3", "no_image 0"));
}

TEST(WholeCardBoot, WhatItStartsFindsEverythingLocked) {
  WholeCard world("world", TS_PROBE_ELF);
  ASSERT_TRUE(world.run([&] { return !world.events.named("mcu.exit").empty(); }, 2));
  EXPECT_EQ(world.events.named("mcu.exit").front().number("code"), 63);
}

TEST(WholeCardBoot, TakesAnUpdateOverTheAir) {
  WholeCard world("world", TS_CARD_ELF);
  world.holds_at_once = true;
  const auto before = verify(world);
  ASSERT_TRUE(before);
  auto sender = UpdateSender::create(WholeCard::image(TS_CARD_ELF, 2)).value();
  for (auto message = sender.begin(); !message.empty();) {
    const auto answer = world.ask(message);
    ASSERT_FALSE(answer.empty());
    message = sender.on_message(answer);
  }
  ASSERT_EQ(sender.state(), UpdateSender::State::kStaged) << sender.why();
  ASSERT_TRUE(run_until_running(world, 4, 20));
  EXPECT_THAT(boot_states(world), ElementsAre("running 1", "updating 2", "updated 2", "running 2"));
  const auto after = verify(world);
  ASSERT_TRUE(after) << after.error().what;
  EXPECT_EQ(after->version, 2u);
  EXPECT_EQ(after->device_key, before->device_key);
}

// Power goes after different operations of the boot ROM's copying: the next start goes on.
TEST(WholeCardBoot, AnUpdateSurvivesPowerCuts) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(run_until_running(world, 1));
  std::uint32_t version = 1;
  // Operation of the update, and how long into the next one: an erase takes 85 ms, a page of words 42 ms.
  const struct { int operation; double into_ms; } cuts[] = {{0, 0.01}, {0, 40}, {1, 84.9}, {2, 20}, {31, 50}, {62, 0.02}, {64, 30}, {65, 1}, {66, 0.02}};
  for (const auto& cut : cuts) {
    SCOPED_TRACE(::testing::Message() << "after operation " << cut.operation << ", " << cut.into_ms << " ms");
    world->power().cut();
    ASSERT_EQ(world->program(WholeCard::image(TS_CARD_ELF, version)), "");
    const auto staged = WholeCard::image(TS_CARD_ELF, ++version);
    std::copy(staged.begin(), staged.end(), world->flash().bytes().begin() + contract::kFlashUpdateOffset);
    int operations = 0;
    bool cut_done = false;
    const auto cut_now = [&] {
      cut_done = true;
      world.cut_power_after(sc_core::sc_time(cut.into_ms, sc_core::SC_MS));
    };
    world.on_event = [&](const RecordingSink::Record& event) {
      const bool begins = event.name == "boot.rom" && event.text("state") == "updating";
      if (event.name == "nvm.erase" || event.name == "nvm.program") ++operations;
      if (!cut_done && (begins || operations > 0) && operations == cut.operation) cut_now();
    };
    const std::size_t offs = world.events.named("power.off").size();
    world->power().on(contract::sysctl::Cause::kPowerOn);
    ASSERT_TRUE(world.run([&] { return world.events.named("power.off").size() > offs; }, 20));
    world.on_event = [](const auto&) {};
    const std::size_t running = [&] { return world.events.named("boot.rom").size(); }();
    world->power().on(contract::sysctl::Cause::kBrownOut);
    ASSERT_TRUE(world.run([&] {
      const auto states = world.events.named("boot.rom");
      return states.size() > running && states.back().text("state") == "running";
    }, 20));
    EXPECT_EQ(world.events.named("boot.rom").back().number("version"), version);
    EXPECT_TRUE(std::equal(staged.begin(), staged.end(), world->flash().bytes().begin()));
  }
}

}  // namespace
}  // namespace touchstone::firmware::testing
