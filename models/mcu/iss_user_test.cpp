// Directed tests of user mode: ways in and out, what it may not do, and the second ROM. No SystemC.
#include <gtest/gtest.h>

#include "mcu/iss_test_hart.h"

namespace touchstone::models {
namespace {

using namespace rv;

constexpr std::uint32_t kRom = TestHart::kRom, kRam = TestHart::kRam, kDevice = TestHart::kDevice, kHandler = TestHart::kHandler, kBoot = TestHart::kBoot;
constexpr std::uint32_t kMstatus = 0x300, kMie = 0x304, kMtvec = 0x305, kMcounteren = 0x306, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343;
constexpr std::uint32_t kMie3 = 1u << 3, kMpie = 1u << 7, kMpp = 3u << 11, kMprv = 1u << 17, kTw = 1u << 21;

// A hart in user mode at kRom with these words there, all memory open.
struct UserHart : TestHart {
  UserHart(std::initializer_list<std::uint32_t> words, std::uint32_t mstatus = 0) {
    open_memory();
    put(kRom, words);
    iss.write_csr(kMstatus, mstatus);
    enter_user(kRom);
  }
};

struct UserTrapCase {
  const char* name;
  std::uint32_t word;
  Exception cause;
  std::uint32_t value;
};
class IssUserTrap : public testing::TestWithParam<UserTrapCase> {};

TEST_P(IssUserTrap, EntersMachineModeAndRemembersUserMode) {
  UserHart hart({GetParam().word}, kMpie);
  ASSERT_EQ(hart.iss.privilege(), Privilege::kUser);
  hart.iss.set_reg(1, 0x70000000);
  hart.iss.set_reg(5, 0x1234);
  hart.step();
  EXPECT_EQ(hart.iss.privilege(), Privilege::kMachine);
  EXPECT_EQ(hart.csr(kMcause), static_cast<std::uint32_t>(GetParam().cause));
  EXPECT_EQ(hart.csr(kMepc), kRom);
  EXPECT_EQ(hart.csr(kMtval), GetParam().value);
  EXPECT_EQ(hart.csr(kMstatus), kMpie) << "MPP is user, MPIE the old MIE, MIE 0";
  EXPECT_EQ(hart.iss.pc(), kHandler);
  EXPECT_EQ(hart.iss.reg(5), 0x1234u);
}

constexpr std::uint32_t kReadMstatus = csrrs(5, kMstatus, 0), kReadCycle = csrrs(5, 0xC00, 0), kReadInstreth = csrrs(5, 0xC82, 0);

INSTANTIATE_TEST_SUITE_P(
    Every, IssUserTrap,
    testing::Values(UserTrapCase{"Ecall", kEcall, Exception::kEcallFromUser, 0}, UserTrapCase{"Ebreak", kEbreak, Exception::kBreakpoint, kRom},
                    UserTrapCase{"Mret", kMret, Exception::kIllegalInstruction, kMret},
                    UserTrapCase{"ReadsMachineCsr", kReadMstatus, Exception::kIllegalInstruction, kReadMstatus},
                    UserTrapCase{"WritesMachineCsr", csrrw(5, kMtvec, 1), Exception::kIllegalInstruction, csrrw(5, kMtvec, 1)},
                    UserTrapCase{"ReadsPmp", csrrs(5, 0x3A0, 0), Exception::kIllegalInstruction, csrrs(5, 0x3A0, 0)},
                    UserTrapCase{"WritesPmpAddress", csrrw(0, 0x3B0, 0), Exception::kIllegalInstruction, csrrw(0, 0x3B0, 0)},
                    UserTrapCase{"ReadsHartId", csrrs(5, 0xF14, 0), Exception::kIllegalInstruction, csrrs(5, 0xF14, 0)},
                    UserTrapCase{"ReadsMachineCounter", csrrs(5, 0xB00, 0), Exception::kIllegalInstruction, csrrs(5, 0xB00, 0)},
                    UserTrapCase{"ReadsClosedCycle", kReadCycle, Exception::kIllegalInstruction, kReadCycle},
                    UserTrapCase{"ReadsClosedInstreth", kReadInstreth, Exception::kIllegalInstruction, kReadInstreth},
                    UserTrapCase{"LoadMisaligned", lw(5, 1, 2), Exception::kLoadMisaligned, 0x70000002},
                    UserTrapCase{"LoadNowhere", lw(5, 1, 4), Exception::kLoadFault, 0x70000004},
                    UserTrapCase{"StoreMisaligned", sh(5, 1, 1), Exception::kStoreMisaligned, 0x70000001},
                    UserTrapCase{"StoreNowhere", sw(5, 1, 0), Exception::kStoreFault, 0x70000000}),
    [](const testing::TestParamInfo<UserTrapCase>& tested) { return tested.param.name; });

TEST(IssUser, MretGoesWhereMppSays) {
  TestHart hart;
  hart.open_memory();
  hart.put(kRom + 0x40, {kEcall});
  hart.iss.write_csr(kMepc, kRom + 0x40);
  hart.iss.write_csr(kMstatus, kMpp | kMpie | kMprv);
  hart.execute({kMret});
  EXPECT_EQ(hart.iss.privilege(), Privilege::kMachine);
  EXPECT_EQ(hart.csr(kMstatus), kMie3 | kMpie | kMprv) << "MPRV stays when machine mode does";
  hart.iss.write_csr(kMstatus, kMprv);
  hart.execute({kMret});
  EXPECT_EQ(hart.iss.privilege(), Privilege::kUser);
  EXPECT_EQ(hart.csr(kMstatus), kMpie) << "MPRV ends with machine mode";
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 8u);
}

TEST(IssUser, MppHoldsMachineAndUserOnly) {
  TestHart hart;
  for (std::uint32_t mpp : {0u, 1u, 2u, 3u}) {
    hart.iss.write_csr(kMstatus, mpp << 11);
    EXPECT_EQ(hart.csr(kMstatus) & kMpp, mpp == 3 ? kMpp : 0u) << mpp;
  }
}

TEST(IssUser, TrapInMachineModeSetsMppToMachine) {
  TestHart hart;
  hart.iss.write_csr(kMstatus, kMie3);
  hart.execute({kEcall});
  EXPECT_EQ(hart.csr(kMcause), 11u);
  EXPECT_EQ(hart.csr(kMstatus), kMpp | kMpie);
}

TEST(IssUser, InterruptsComeWhateverMieSays) {
  for (std::uint32_t mie : {0u, kMie3}) {
    UserHart hart({kNop, kNop}, mie == 0 ? 0 : kMpie);
    hart.iss.write_csr(kMie, 1u << 7 | 1u << 11);
    hart.step();
    hart.iss.set_interrupt(Interrupt::kTimer, true);
    hart.step();
    EXPECT_EQ(hart.csr(kMcause), 0x80000007u);
    EXPECT_EQ(hart.csr(kMepc), kRom + 4);
    EXPECT_EQ(hart.csr(kMstatus), mie == 0 ? 0 : kMpie);
    EXPECT_EQ(hart.iss.privilege(), Privilege::kMachine);
    hart.step(3);
    EXPECT_EQ(hart.csr(kMcause), 0x80000007u) << "machine mode has interrupts off";
  }
}

TEST(IssUser, DisabledInterruptsDoNotCome) {
  UserHart hart({kNop, kNop});
  hart.iss.set_interrupt(Interrupt::kTimer, true);
  hart.step(2);
  EXPECT_EQ(hart.iss.privilege(), Privilege::kUser);
  EXPECT_EQ(hart.iss.pc(), kRom + 8);
}

TEST(IssUser, PendingInterruptIsTakenAfterMret) {
  TestHart hart;
  hart.open_memory();
  hart.iss.write_csr(kMie, 1u << 11);
  hart.iss.set_interrupt(Interrupt::kExternal, true);
  hart.iss.write_csr(kMstatus, 0);
  hart.enter_user(kRom);
  EXPECT_EQ(hart.iss.privilege(), Privilege::kUser);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 0x8000000Bu);
  EXPECT_EQ(hart.csr(kMepc), kRom) << "nothing of the user's ran";
}

TEST(IssUser, CounterEnableOpensEachCounterByItself) {
  for (std::uint32_t bits : {0u, 1u, 4u, 5u}) {
    UserHart hart({csrrs(5, 0xC00, 0), csrrs(6, 0xC80, 0), csrrs(7, 0xC02, 0), csrrs(10, 0xC82, 0)});
    hart.put(kHandler, {kNop});  // the handler's body does not matter: each read is one step from user mode
    hart.iss.write_csr(kMcounteren, bits);
    for (std::uint32_t i = 0; i < 4; ++i) {
      hart.enter_user(kRom + 4 * i);
      hart.step();
      const bool open = (bits & (i < 2 ? 1u : 4u)) != 0;
      EXPECT_EQ(hart.iss.privilege(), open ? Privilege::kUser : Privilege::kMachine) << bits << ' ' << i;
      if (!open) {
        EXPECT_EQ(hart.csr(kMcause), 2u);
      }
    }
  }
}

TEST(IssUser, WritingACounterShadowIsIllegalEvenWhenOpen) {
  UserHart hart({csrrw(5, 0xC00, 1)});
  hart.iss.write_csr(kMcounteren, 5);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 2u);
}

TEST(IssUser, WfiSleepsUnlessTwForbidsIt) {
  UserHart hart({kWfi});
  EXPECT_EQ(hart.iss.run(1000), Iss::Stop::kSleep);
  EXPECT_EQ(hart.iss.privilege(), Privilege::kUser);

  UserHart forbidden({kWfi}, kTw);
  forbidden.step();
  EXPECT_EQ(forbidden.csr(kMcause), 2u);
  EXPECT_EQ(forbidden.csr(kMtval), kWfi);
  forbidden.iss.reset(kRom);
  forbidden.iss.write_csr(kMstatus, kTw);
  EXPECT_EQ(forbidden.iss.run(1000), Iss::Stop::kSleep) << "machine mode may always wait";
}

TEST(IssUser, WithoutAnyEntryUserModeMayDoNothing) {
  TestHart hart;
  hart.iss.write_csr(kMstatus, 0);
  hart.enter_user(kRom);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 1u);
  EXPECT_EQ(hart.csr(kMtval), kRom);
  EXPECT_EQ(hart.csr(kMepc), kRom);
}

TEST(IssUser, DeviceAccessesAreCheckedBeforeTheyReachTheBus) {
  UserHart hart({lw(5, 1, 0), sw(5, 1, 4)});
  hart.iss.write_csr(0x3B0, (kDevice + 4) >> 2);  // 0..kDevice + 4 stays open, the rest is closed
  hart.iss.write_csr(0x3A0, 1u << 3 | 7);
  hart.iss.set_reg(1, kDevice);
  hart.device_value = 77;
  hart.step(2);
  EXPECT_EQ(hart.iss.reg(5), 77u);
  EXPECT_EQ(hart.accesses.size(), 1u) << "the store never reached the bus";
  EXPECT_EQ(hart.csr(kMcause), 7u);
  EXPECT_EQ(hart.csr(kMtval), kDevice + 4);
}

TEST(IssUser, RunsFromRamAndSeesItsOwnStores) {
  TestHart hart;
  hart.open_memory();
  // Overwrites the instruction that comes next: user mode must see the new one although both modes had decoded the old.
  hart.put(kRam + 0x80, {addi(5, 0, 1), sw(2, 1, 8), addi(6, 0, 1), kNop});
  hart.iss.set_reg(1, kRam + 0x80);
  hart.iss.set_reg(2, addi(6, 0, 99));
  hart.iss.set_pc(kRam + 0x88);
  hart.step();
  EXPECT_EQ(hart.iss.reg(6), 1u);
  hart.enter_user(kRam + 0x88);
  hart.step();
  hart.enter_user(kRam + 0x80);
  hart.step(3);
  EXPECT_EQ(hart.iss.reg(6), 99u);
  hart.iss.set_reg(6, 0);
  hart.iss.write_csr(kMstatus, kMpp);
  hart.iss.reset(kRam + 0x88);
  hart.step();
  EXPECT_EQ(hart.iss.reg(6), 99u) << "machine mode sees it, too";
}

TEST(IssSecondRom, ExecutesAndLoadsWithoutTheBus) {
  TestHart hart;
  hart.put(kBoot, {auipc(1, 0), lw(5, 1, 16), lhu(6, 1, 18), jal(0, 8), 0x11223344, sw(5, 1, 16)});
  hart.iss.reset(kBoot);
  hart.step(4);
  EXPECT_EQ(hart.iss.reg(1), kBoot);
  EXPECT_EQ(hart.iss.reg(5), 0x11223344u);
  EXPECT_EQ(hart.iss.reg(6), 0x1122u);
  EXPECT_TRUE(hart.accesses.empty());
  hart.iss.write_csr(kMtvec, kHandler);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 7u) << "a store to a ROM goes to the bus, which refuses it";
}

TEST(IssSecondRom, JumpsBetweenTheRoms) {
  TestHart hart;
  hart.put(kBoot, {lui(1, kRom), jalr(6, 1, 0x20)});
  hart.put(kRom + 0x20, {jalr(7, 6, 0)});
  hart.iss.reset(kBoot);
  hart.step(3);
  EXPECT_EQ(hart.iss.pc(), kBoot + 8);
  EXPECT_EQ(hart.iss.reg(7), kRom + 0x24);
}

}  // namespace
}  // namespace touchstone::models
