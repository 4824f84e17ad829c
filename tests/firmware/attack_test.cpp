// A taken-over user mode against the card's real protection: each attack ends in the fault, bus error or refusal that stops it.
// Controls show that the same ways lead on where they may.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "attacks.h"
#include "whole_card.h"

namespace touchstone::firmware::testing {
namespace {

struct Case {
  const char* name;
  Attack attack;
  int cause;           ///< mcause of the fault, 0: there is none
  const char* answer;  ///< what the attacker says otherwise
};

constexpr int kFetch = 1, kIllegal = 2, kLoad = 5, kStore = 7, kNone = 0;

const Case kCases[] = {
    {"ReadVaultRam", Attack::kReadVaultRam, kLoad, ""},
    {"WriteVaultRam", Attack::kWriteVaultRam, kStore, ""},
    {"ReadVaultStack", Attack::kReadVaultStack, kLoad, ""},
    {"ReadHandover", Attack::kReadHandover, kLoad, ""},
    {"ExecuteVaultRam", Attack::kExecuteVaultRam, kFetch, ""},
    {"ExecuteOwnRam", Attack::kExecuteOwnRam, kFetch, ""},
    {"ExecuteStagedFlash", Attack::kExecuteStagedFlash, kFetch, ""},
    {"WriteFlash", Attack::kWriteFlash, kStore, ""},
    {"ReadAccelerator", Attack::kReadAccelerator, kLoad, ""},
    {"WriteAccelerator", Attack::kWriteAccelerator, kStore, ""},
    {"ReadRandom", Attack::kReadRandom, kLoad, ""},
    {"CommandFlash", Attack::kCommandFlash, kStore, ""},
    {"UseSensor", Attack::kUseSensor, kStore, ""},
    {"OpenDma", Attack::kOpenDma, kStore, ""},
    {"Reset", Attack::kReset, kStore, ""},
    {"ReadOtp", Attack::kReadOtp, kLoad, ""},
    {"ReadRom", Attack::kReadRom, kLoad, ""},
    {"End", Attack::kEnd, kStore, ""},
    {"ReadMachineRegister", Attack::kReadMachineRegister, kIllegal, ""},
    {"OpenProtection", Attack::kOpenProtection, kIllegal, ""},
    {"ReturnToMachine", Attack::kReturnToMachine, kIllegal, ""},
    {"DisplayVaultRam", Attack::kDisplayVaultRam, kNone, "refused"},
    {"DisplayIntoVaultRam", Attack::kDisplayIntoVaultRam, kNone, "refused"},
    {"DisplayOwnRam", Attack::kDisplayOwnRam, kNone, "moved"},
    {"SendVaultRam", Attack::kSendVaultRam, kNone, "refused"},
    {"ReceiveIntoVaultRam", Attack::kReceiveIntoVaultRam, kNone, "refused"},
    {"ReceiveIntoOwnRam", Attack::kReceiveIntoOwnRam, kNone, "moved"},
    {"BlockInVaultRam", Attack::kBlockInVaultRam, kNone, "refused"},
    {"BlockAcrossTheEnd", Attack::kBlockAcrossTheEnd, kNone, "refused"},
    {"UnknownCall", Attack::kUnknownCall, kNone, "refused"},
    {"SignUntouched", Attack::kSignUntouched, kNone, "refused"},
    {"KeepRegisters", Attack::kKeepRegisters, kNone, "nothing"},
    {"RandomCalls", Attack::kRandomCalls, kNone, "survived"},
};

class UserAttack : public ::testing::TestWithParam<Case> {};

TEST_P(UserAttack, Fails) {
  const Case& attack = GetParam();
  WholeCard world("world", TS_ATTACKER_ELF);
  store_le32(&world->flash().bytes()[contract::kFlashFreeOffset], static_cast<std::uint32_t>(attack.attack));
  world->flash().changed(contract::kFlashFreeOffset, 4);
  const auto said = [&] {
    std::vector<std::string> lines = world.console();
    std::erase_if(lines, [](const std::string& line) { return line.starts_with("vault stack high-water "); });
    return lines;
  };
  world.run([&] { return !said().empty(); }, 60);
  world.run([&] { return !world.events.named("mcu.exit").empty(); }, 0.3);
  ASSERT_FALSE(said().empty());
  if (attack.cause == kNone) {
    EXPECT_EQ(said().back(), attack.answer);
    EXPECT_TRUE(world.events.named("mcu.exit").empty());
    return;
  }
  EXPECT_THAT(said().back(), ::testing::StartsWith("trap: mcause 0000000" + std::to_string(attack.cause) + " "));
  EXPECT_THAT(said().back(), ::testing::EndsWith(" in user mode"));
  ASSERT_FALSE(world.events.named("mcu.exit").empty());
  EXPECT_EQ(world.events.named("mcu.exit").back().number("code"), 70);
}

INSTANTIATE_TEST_SUITE_P(All, UserAttack, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(UserAttackCases, AreAllOfThem) {
  EXPECT_EQ(std::size(kCases), static_cast<std::size_t>(Attack::kCount));
  for (std::size_t i = 0; i < std::size(kCases); ++i) EXPECT_EQ(static_cast<std::size_t>(kCases[i].attack), i);
}

}  // namespace
}  // namespace touchstone::firmware::testing
