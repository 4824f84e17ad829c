// The search finds what is there: while the card signs, and in a card whose firmware was made to forget its wiping.
#include "sim/forensics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "contract/events.h"

namespace touchstone::sim {
namespace {

const std::string kDemo = std::string(TS_SCENARIOS) + "/normal/touch_to_signature.yaml";

/// The demo, with something that happens at every event from time zero on.
struct Demo {
  using Watch = std::function<void(std::string_view name, const std::vector<EventField>& fields)>;

  explicit Demo(Watch watch = {}) : scenario(load_scenario(kDemo)), world("world", scenario, log, linked_in_wallet()) {
    log.observe([this, watch](std::int64_t, std::string_view name, const std::vector<EventField>& fields) {
      if (playing && watch) watch(name, fields);
    });
  }
  void play() {
    world.enrol();
    playing = true;
    world.play();
  }

  Scenario scenario;
  EventLog log;
  World world;
  bool playing = false;
};

std::set<std::string> secrets_in(const std::vector<Find>& finds) {
  std::set<std::string> out;
  for (const Find& find : finds) out.insert(find.secret.substr(0, find.secret.find_last_not_of("0123456789 ") + 1));
  return out;
}

TEST(Forensics, AfterTheDemoNothingIsLeftAndEverySecretWasLookedFor) {
  Demo demo;
  demo.play();
  ASSERT_TRUE(demo.world.verdict().pass) << demo.world.verdict().reason;
  const Forensics result = search(demo.world, demo.log);
  EXPECT_TRUE(result.settled);
  EXPECT_EQ(leak_of(result), "");
  EXPECT_THAT(result.secrets, testing::IsSupersetOf({"Secret A", "wallet share", "wallet nonce 1", "wallet nonce 2", "card nonce 1", "card nonce 2", "share 1", "root 1", "image 1", "features 1"}));
  std::set<std::string> places;
  for (const auto& place : result.places) places.insert(place.name);
  EXPECT_THAT(places, testing::IsSupersetOf({"ram", "flash", "processor registers", "accelerator", "sensor buffer", "display history", "radio packets", "channel messages", "event log", "wallet memory: wallet"}));
  EXPECT_TRUE(result.wallet_settled);
  EXPECT_THAT(result.found, testing::IsEmpty());
}

// Nothing of what phone and card say to each other can be read on the air: no address, amount, key or attestation.
TEST(Forensics, TheAirTellsNothingOfThePayment) {
  Demo demo;
  demo.play();
  const Bytes air = demo.world.sniffer().all_pdus();
  const auto is_on_air = [&](Bytes part) { return std::search(air.begin(), air.end(), part.begin(), part.end()) != air.end(); };
  constexpr std::size_t kWindow = 12;
  std::size_t windows = 0;
  for (const auto& message : demo.world.wallet().messages()) {
    for (std::size_t at = 0; at + kWindow <= message.size(); at += kWindow, ++windows) {
      const Bytes part = Bytes(message).subspan(at, kWindow);
      const bool tells_something = std::count(part.begin(), part.end(), 0) < 6;
      EXPECT_FALSE(tells_something && is_on_air(part)) << "byte " << at << " of message " << int{message[0]};
    }
  }
  EXPECT_GT(windows, 50u);
  // The control: what went over the air as it was, the keys of the handshakes, is found there.
  std::size_t hellos = 0;
  for (const auto& message : demo.world.sniffer().messages())
    if (message.bytes.size() == 34 && !message.from_card) hellos += is_on_air(Bytes(message.bytes).subspan(1, kWindow)) ? 1 : 0;
  EXPECT_GT(hellos, 0u);
}

// The positive control: what is gone afterwards was there, so the search looks at the right bytes for the right values.
TEST(Forensics, WhileBothSignTheirSecretsAreInTheirMemory) {
  std::map<std::string, std::vector<std::vector<std::uint8_t>>> ram_at, core_at;  // by the phase that begins
  std::vector<WalletPort::Memory> wallet;
  bool wallet_works = false;
  Demo* running = nullptr;
  std::vector<std::uint8_t> sensor;
  Demo demo([&](std::string_view name, const std::vector<EventField>& fields) {
    if (name == events::SensorCapture::kName) sensor.assign(1, 0);
    if (name != events::McuPhase::kName) return;
    const Bytes ram = running->world.card().ram().bytes(), core = running->world.card().accelerator().core_state();
    const std::string phase(std::get<std::string_view>(fields[0].value));
    if (phase == "secret") wallet = running->world.wallet().memory().parts, wallet_works = running->world.wallet().is_working();
    ram_at[phase].emplace_back(ram.begin(), ram.end());
    core_at[phase].emplace_back(core.begin(), core.end());
    if (phase == "features") sensor.assign(running->world.card().sensor().image_buffer().begin(), running->world.card().sensor().image_buffer().end());
  });
  running = &demo;
  demo.play();
  MemoryScanner scanner;
  demo.world.secrets().arm(scanner, demo.world.wallet().messages());
  const auto found_at = [&](const std::string& phase) {
    std::vector<Find> finds;
    for (const auto& ram : ram_at[phase]) scanner.scan("ram", ram, finds);
    return secrets_in(finds);
  };
  EXPECT_THAT(found_at("features"), testing::Contains("image"));
  EXPECT_THAT(found_at("secret"), testing::Contains("features"));
  EXPECT_THAT(found_at("accelerator"), testing::Contains("share"));
  EXPECT_THAT(found_at("accelerator"), testing::Contains("card nonce"));
  EXPECT_THAT(found_at("user"), testing::IsEmpty());
  EXPECT_TRUE(wallet_works);
  std::vector<Find> in_wallet;
  for (const WalletPort::Memory& memory : wallet) scanner.scan(memory.place, memory.bytes, in_wallet);
  EXPECT_THAT(secrets_in(in_wallet), testing::Contains("wallet share"));
}

/// Where the toolchain's nm finds a symbol in the program the card runs; 0: nowhere.
std::uint32_t address_of(const std::string& symbol) {
  std::FILE* pipe = popen(("riscv64-unknown-elf-nm " TS_CARD_ELF " | grep ' " + symbol + "$'").c_str(), "r");
  unsigned address = 0;
  if (pipe == nullptr) return 0;
  const int fields = std::fscanf(pipe, "%x", &address);
  pclose(pipe);
  return fields == 1 ? address : 0;
}

// What reads untrusted bytes never shares its memory with a secret, not even while the vault works.
TEST(Forensics, TheUsersPartOfTheRamHoldsNoSecretAtAnyTime) {
  const std::uint32_t begin = address_of("__user_start"), end = address_of("__user_end");
  ASSERT_GT(begin, contract::kRamBase);
  ASSERT_GT(end, begin);
  std::vector<std::vector<std::uint8_t>> user_at, vault_at;
  Demo* running = nullptr;
  Demo demo([&](std::string_view name, const std::vector<EventField>&) {
    if (name != events::McuPhase::kName && name != events::SensorCapture::kName && name != events::AcceleratorStart::kName && name != events::AcceleratorDone::kName) return;
    const Bytes ram = running->world.card().ram().bytes();
    const Bytes vault = ram.first(begin - contract::kRamBase), user = ram.subspan(begin - contract::kRamBase, end - begin);
    user_at.emplace_back(user.begin(), user.end());
    vault_at.emplace_back(vault.begin(), vault.end());
  });
  running = &demo;
  demo.play();
  ASSERT_GT(user_at.size(), 30u);
  MemoryScanner scanner;
  demo.world.secrets().arm(scanner, demo.world.wallet().messages());
  std::vector<Find> in_user, in_vault;
  for (const auto& ram : user_at) scanner.scan("user RAM", ram, in_user);
  for (const auto& ram : vault_at) scanner.scan("vault RAM", ram, in_vault);
  EXPECT_THAT(secrets_in(in_user), testing::IsEmpty());
  EXPECT_THAT(secrets_in(in_vault), testing::IsSupersetOf({"image", "features", "share", "card nonce"}));
}

/// Makes the function return at once.
void disable(models::Card& card, const std::string& mangled) {
  const std::uint32_t address = address_of(mangled);
  ASSERT_NE(address, 0u) << mangled << " is not in " TS_CARD_ELF;
  const std::uint32_t offset = address - contract::kFlashBase;
  card.flash().bytes()[offset] = 0x82;  // c.jr ra
  card.flash().bytes()[offset + 1] = 0x80;
  card.flash().changed(offset, 2);
}

TEST(Forensics, AFirmwareThatForgetsToWipeIsCaught) {
  Demo demo;
  demo.world.enrol();
  disable(demo.world.card(), "_ZN10touchstone4wipeEPvj");
  demo.world.play();
  ASSERT_TRUE(demo.world.verdict().pass) << "the mutant signs like the other: " << demo.world.verdict().reason;
  const Forensics result = search(demo.world, demo.log);
  EXPECT_THAT(secrets_in(result.found), testing::IsSupersetOf({"features"}));
  EXPECT_THAT(leak_of(result), testing::AllOf(testing::HasSubstr("memory scan: "), testing::HasSubstr(" was left in ram at offset 0x")));
}

}  // namespace
}  // namespace touchstone::sim
