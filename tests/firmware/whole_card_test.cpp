// The card's real program on the whole card model: what it leaves in memory, how deep its stack goes, what a torn record
// and a fault do. Each TEST is a process of its own under ctest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "app/record.h"
#include "biometrics/converter.h"
#include "crypto/point.h"
#include "mcu/bare_mcu.h"
#include "mpc_session/roots.h"
#include "print_testing/owners.h"
#include "whole_card.h"

namespace touchstone::firmware::testing {
namespace {

using ::testing::HasSubstr;

/// The flash as the firmware's record store sees it.
class FlashView : public FlashPages {
 public:
  explicit FlashView(Bytes flash) : flash_(flash) {}
  Status erase_page(std::uint32_t) override { return Error{ErrorCode::kUnsupported, "read only"}; }
  Status program(std::uint32_t, Bytes) override { return Error{ErrorCode::kUnsupported, "read only"}; }
  void read(std::uint32_t offset, MutableBytes out) override {
    std::copy_n(flash_.begin() + offset, out.size(), out.begin());
  }

 private:
  Bytes flash_;
};

std::optional<EnrolmentRecord> record_of(models::Card& card) {
  FlashView flash(card.flash().bytes());
  return RecordStore(flash).load();
}

/// Eight bytes in either order are enough to know a value by.
bool holds(Bytes memory, Bytes value) {
  const std::vector<std::uint8_t> reversed(value.rbegin(), value.rend());
  return std::search(memory.begin(), memory.end(), value.begin(), value.begin() + 8) != memory.end() ||
         std::search(memory.begin(), memory.end(), reversed.begin(), reversed.begin() + 8) != memory.end();
}

/// What the card has in its hands while it signs, made again from its record and the owner's finger.
struct Secrets {
  explicit Secrets(WholeCard& world) {
    const auto record = record_of(world.card()).value();
    biometrics::Feature feature;
    TS_CHECK(biometrics::testing::extract(world.finger, feature).ok(), "the finger has features");
    std::vector<std::uint8_t> work(biometrics::converter_work_bytes());
    Secret<32> root;
    TS_CHECK(biometrics::regenerate({&feature, 1}, record.helper, work, root).ok(), "the finger opens the record");
    const auto share = mpc::derive_share(root, {mpc::Scheme::kMusig2, 1, record.account, record.epoch}).value();
    TS_CHECK(crypto::compress(world.curve.multiply_base(share).value()) == record.card_public_key, "the share is the card's");
    add(share.to_bytes());
    add(root.expose());
    add({reinterpret_cast<const std::uint8_t*>(feature.components.data()), feature.dimensions});
    for (std::size_t row = 60; row < 130; row += 5) {
      const Bytes piece = Bytes(world.finger.pixels).subspan(row * 192 + 90, 8);
      if (std::set<std::uint8_t>(piece.begin(), piece.end()).size() >= 4) add(piece);
    }
  }
  /// How many of them lie there.
  int in(Bytes memory) const {
    return static_cast<int>(std::count_if(values.begin(), values.end(), [&](const auto& value) { return holds(memory, value); }));
  }
  void add(Bytes value) { values.emplace_back(value.begin(), value.end()); }
  std::vector<std::vector<std::uint8_t>> values;
};

TEST(WholeCardProgram, SignsAndForgets) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  ASSERT_TRUE(world.sign()) << world.last_refusal;
  world.settle();

  const Secrets secrets(world);
  const auto record = record_of(world.card());
  for (const Bytes& memory : {Bytes(world->ram().bytes()), Bytes(world->flash().bytes())}) {
    EXPECT_TRUE(holds(memory, Bytes(record->card_public_key).subspan(1)));  // the search finds what is there
    EXPECT_EQ(secrets.in(memory), 0);
  }

  EXPECT_THAT(world.console(), ::testing::Each(HasSubstr("stack high-water ")));
  EXPECT_THAT(world.console(), ::testing::Contains(HasSubstr("vault stack")));
  EXPECT_THAT(world.console(), ::testing::Contains(HasSubstr("user stack")));
  EXPECT_TRUE(world.events.named("mcu.trap").empty());
  EXPECT_TRUE(world.events.named("mcu.exit").empty());
  EXPECT_EQ(world->display().vcom_violations(), 0u);
  EXPECT_EQ(world->display().protocol_errors(), 0u);
}

// Not only afterwards: at no phase of a payment does the user's part of the RAM hold what the vault's part holds.
TEST(WholeCardProgram, KeepsSecretsInTheVaultsRam) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  const Secrets secrets(world);
  const models::DmaWindow user = world->board().dma_window();
  const Bytes ram = world->ram().bytes();
  ASSERT_GT(user.base, contract::kRamBase);
  ASSERT_GT(user.end, user.base);
  int most_in_vault = 0, looks = 0;
  world.on_event = [&](const RecordingSink::Record& event) {
    if (event.name != "mcu.phase") return;
    ++looks;
    EXPECT_EQ(secrets.in(ram.subspan(user.base - contract::kRamBase, user.end - user.base)), 0) << event.text("phase");
    if (most_in_vault == 0) most_in_vault = secrets.in(ram.first(user.base - contract::kRamBase));
  };
  ASSERT_TRUE(world.sign()) << world.last_refusal;
  EXPECT_GT(looks, 10);
  EXPECT_GT(most_in_vault, 5);  // they are known when they are seen
}

TEST(WholeCardProgram, ServesAGuest) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  // Its own record is as good as another card's: what is signed from comes over the air.
  const auto record = record_of(world.card());
  const auto body = record->serialize();
  ByteArray<contract::GuestRequest::kMaxBytes> buffer;
  const auto answer = world.ask(contract::GuestRequest{body}.encode(buffer).value());
  const auto accepted = contract::GuestAccepted::decode(answer);
  ASSERT_TRUE(accepted);
  EXPECT_EQ(accepted->card_public_key, record->card_public_key);
  world.settle();
  EXPECT_TRUE(world.sign()) << world.last_refusal;
}

TEST(WholeCardProgram, SignsNothingWithoutADisplay) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  world->board().set_display_present(false);
  EXPECT_FALSE(world.sign());
  EXPECT_EQ(world.last_refusal, "no_display");
}

// Larger ones fit the memory, but a touch then takes longer than the display may wait for its change of polarity.
TEST(WholeCardProgram, SignsWithALargerSensor) {
  models::CardConfig config;
  config.sensor.width_px = config.sensor.height_px = 208;
  WholeCard world("world", TS_CARD_ELF, config);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  EXPECT_TRUE(world.sign()) << world.last_refusal;
  world.settle();
  EXPECT_TRUE(world.events.named("mcu.exit").empty());
  EXPECT_EQ(world->display().vcom_violations(), 0u);
}

TEST(WholeCardProgram, ATornRecordIsNoneAndTheCardCanBePairedAgain) {
  WholeCard world("world", TS_CARD_ELF);
  // Content is written; the supply goes while the commit word is (41 us).
  bool cut = false;
  world.on_event = [&](const RecordingSink::Record& event) {
    if (event.name != "nvm.program" || event.number("bytes") == 4 || cut) return;
    cut = true;
    world.cut_power_after(sc_core::sc_time(25, sc_core::SC_US));
  };
  EXPECT_FALSE(world.pair(1));
  ASSERT_TRUE(cut);
  EXPECT_FALSE(record_of(world.card()));

  world->power().on(contract::sysctl::Cause::kBrownOut);
  world.settle();
  ASSERT_TRUE(world.pair(2)) << world.last_refusal;
  world.settle();
  EXPECT_EQ(record_of(world.card())->epoch, 2u);
  EXPECT_TRUE(world.sign()) << world.last_refusal;
}

TEST(WholeCardProgram, KeepsItsShareWhoeverAsksForAnother) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  EXPECT_FALSE(world.pair(1));
  EXPECT_EQ(world.last_refusal, "already_enrolled");
  EXPECT_EQ(record_of(world.card())->epoch, 0u);
}

TEST(WholeCardProgram, KnowsItsPhone) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  world.another_phone();
  EXPECT_FALSE(world.sign()) << "with the owner's finger, and the wallet's own share";
  EXPECT_EQ(world.last_refusal, "stranger");
}

// Whoever is on the air changes one bit of a request, or of the card's answer: the connection ends, and the next one works.
TEST(WholeCardProgram, WhatIsChangedOnTheAirIsNoMessage) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  for (const bool answer : {false, true}) {
    SCOPED_TRACE(answer);
    world.settle();
    const std::size_t before = world.events.named("ble.disconnected").size();
    int messages = 0;
    world.on_air = [&](std::vector<std::uint8_t>& message) {
      if (messages++ == (answer ? 1 : 0)) message[message.size() / 2] ^= 0x10;
    };
    EXPECT_FALSE(world.sign());
    EXPECT_GT(world.events.named("ble.disconnected").size(), before);
    EXPECT_EQ(world.last_refusal, "");
    world.on_air = [](auto&) {};
    world.settle();
    EXPECT_TRUE(world.sign()) << world.last_refusal;
  }
}

// The program counter runs away while the RAM is full of what must not stay: a stack of wrong return addresses.
TEST(WholeCardProgram, AFaultLeavesNoImageBehind) {
  WholeCard world("world", TS_CARD_ELF);
  constexpr std::size_t kStackBytes = 0x5000;  // card.ld: the vault's, at the bottom of the RAM
  constexpr std::uint8_t kWrong = 0x03;        // 0x03030303 is no memory
  const auto pieces = [&] {
    int found = 0;
    for (std::size_t row = 60; row < 130; row += 5) {
      const Bytes piece = Bytes(world.finger.pixels).subspan(row * 192 + 90, 8);
      const bool telling = std::set<std::uint8_t>(piece.begin(), piece.end()).size() >= 4;
      if (telling && holds(world->ram().bytes(), piece)) ++found;
    }
    return found;
  };
  int before = 0;
  world.on_event = [&](const RecordingSink::Record& event) {
    if (event.name != "mcu.phase" || event.text("phase") != "features" || before > 0) return;
    before = pieces();
    // In the middle of the extraction.
    world.after(sc_core::sc_time(100, sc_core::SC_MS), [&] {
      std::fill_n(world->ram().bytes().begin(), kStackBytes, kWrong);
      world->ram().changed(0, kStackBytes);
    });
  };
  EXPECT_FALSE(world.pair(0));
  ASSERT_GT(before, 0);  // the image was there
  ASSERT_FALSE(world.events.named("mcu.exit").empty());
  EXPECT_EQ(world.events.named("mcu.exit").back().number("code"), 70);
  EXPECT_EQ(pieces(), 0);
  EXPECT_EQ(std::count(world->ram().bytes().begin(), world->ram().bytes().begin() + kStackBytes, kWrong), 0);
}

// The application runs away while the vault holds a touch: the fault's end is the touch's, too.
TEST(WholeCardProgram, AFaultOfTheUserWipesTheVault) {
  WholeCard world("world", TS_CARD_ELF);
  ASSERT_TRUE(world.pair(0));
  world.settle();
  const Secrets secrets(world);
  constexpr std::size_t kStackBytes = 0x5000;  // card.ld: the user's, at the bottom of its part
  const std::size_t stack = world->board().dma_window().base - contract::kRamBase;
  int before = 0;
  world.on_event = [&](const RecordingSink::Record& event) {
    if (event.name != "mcu.phase" || event.text("phase") != "features" || before > 0) return;
    before = secrets.in(world->ram().bytes());
    std::fill_n(world->ram().bytes().begin() + static_cast<std::ptrdiff_t>(stack), kStackBytes, std::uint8_t{0x03});
    world->ram().changed(static_cast<std::uint32_t>(stack), kStackBytes);
  };
  EXPECT_FALSE(world.sign());
  EXPECT_GT(before, 0);
  ASSERT_FALSE(world.events.named("mcu.exit").empty());
  EXPECT_EQ(world.events.named("mcu.exit").back().number("code"), 70);
  EXPECT_THAT(world.console().back(), ::testing::EndsWith(" in user mode"));
  EXPECT_EQ(secrets.in(world->ram().bytes()), 0);
}

TEST(WholeCardProgram, ReportsAFaultAndStops) {
  std::string console;
  models::McuRunOptions options;
  options.elf_path = TS_CARD_ELF;
  options.on_character = [&](char c) { console += c; };
  // The bare MCU has no card around it: the first access to a missing part is a load access fault (mcause 5) or a store
  // access fault (mcause 7).
  const models::McuRunResult result = models::run_bare_mcu(options);
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.end, models::BareMcu::End::kExit);
  EXPECT_EQ(result.exit_code, 70u);
  EXPECT_THAT(console, ::testing::MatchesRegex("trap: mcause 0000000[57] mepc 200[0-9a-f]+ mtval 400[0-9a-f]+\n"));
}

}  // namespace
}  // namespace touchstone::firmware::testing
