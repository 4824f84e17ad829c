// Directed tests of the Iss: traps, CSRs, counters. No SystemC.
#include "mcu/iss.h"

#include <gtest/gtest.h>

#include "mcu/iss_test_hart.h"

namespace touchstone::models {
namespace {

using namespace rv;

constexpr std::uint32_t kRom = TestHart::kRom, kDevice = TestHart::kDevice, kHandler = TestHart::kHandler;
constexpr std::uint32_t kMstatus = 0x300, kMisa = 0x301, kMie = 0x304, kMtvec = 0x305, kMcountinhibit = 0x320, kMscratch = 0x340, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343, kMip = 0x344, kMcycle = 0xB00, kMinstret = 0xB02, kMcycleh = 0xB80, kMinstreth = 0xB82;

// --- traps: one case for each way into an exception

struct TrapCase {
  const char* name;
  std::uint32_t word;      // at the start of the ROM, x1 = 0x80000000, x2 = 0x70000000 (nothing there), x3 = 0x40000000 (device), x4 = 0x80001000
  Exception cause;
  std::uint32_t value;
};

class IssTrap : public testing::TestWithParam<TrapCase> {};

TEST_P(IssTrap, IsPrecise) {
  TestHart hart;
  hart.put(kRom, {GetParam().word});
  hart.iss.set_reg(1, 0x80000000);
  hart.iss.set_reg(2, 0x70000000);
  hart.iss.set_reg(3, kDevice);
  hart.iss.set_reg(4, 0x80001000);
  hart.iss.set_reg(5, 0x1234);
  hart.iss.write_csr(kMstatus, 1u << 3);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), static_cast<std::uint32_t>(GetParam().cause));
  EXPECT_EQ(hart.csr(kMepc), kRom);
  EXPECT_EQ(hart.csr(kMtval), GetParam().value);
  EXPECT_EQ(hart.csr(kMstatus), 3u << 11 | 1u << 7) << "MPIE holds the old MIE, MIE is 0, MPP is machine";
  EXPECT_EQ(hart.iss.pc(), kHandler);
  EXPECT_EQ(hart.iss.reg(5), 0x1234u) << "the destination is untouched";
  EXPECT_EQ(hart.iss.instructions(), 0u) << "the instruction did not retire";
  EXPECT_EQ(hart.iss.cycles(), 3u);
  ASSERT_EQ(hart.traps.size(), 1u);
  EXPECT_EQ(hart.traps[0].cause, GetParam().cause);
  EXPECT_EQ(hart.traps[0].pc, kRom);
  EXPECT_TRUE(hart.accesses.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Every, IssTrap,
    testing::Values(
        TrapCase{"Illegal", kIllegal, Exception::kIllegalInstruction, kIllegal},
        TrapCase{"AllZero", 0x00010000, Exception::kIllegalInstruction, 0},
        TrapCase{"IllegalCompressed", 0x00012002 /* C.FLDSP */, Exception::kIllegalInstruction, 0x2002},
        TrapCase{"IllegalFunct7", r_type(0x40, 0, 5, 1, 1), Exception::kIllegalInstruction, r_type(0x40, 0, 5, 1, 1)},
        TrapCase{"ShiftBy32", i_type(0x13, 1, 5, 1, 32), Exception::kIllegalInstruction, i_type(0x13, 1, 5, 1, 32)},
        TrapCase{"Float", 0x00002007, Exception::kIllegalInstruction, 0x00002007},
        TrapCase{"Atomic", 0x0000202F, Exception::kIllegalInstruction, 0x0000202F},
        TrapCase{"Sret", 0x10200073, Exception::kIllegalInstruction, 0x10200073},
        TrapCase{"Doubleword", i_type(0x03, 3, 5, 1, 0), Exception::kIllegalInstruction, i_type(0x03, 3, 5, 1, 0)},
        TrapCase{"UnknownCsr", csrrw(5, 0x3A4, 0), Exception::kIllegalInstruction, csrrw(5, 0x3A4, 0)},
        TrapCase{"TimeCsr", csrrs(5, 0xC01, 0), Exception::kIllegalInstruction, csrrs(5, 0xC01, 0)},
        TrapCase{"ReadOnlyCsr", csrrw(5, 0xF14, 1), Exception::kIllegalInstruction, csrrw(5, 0xF14, 1)},
        TrapCase{"ReadOnlyCsrSet", csrrsi(5, 0xC00, 1), Exception::kIllegalInstruction, csrrsi(5, 0xC00, 1)},
        TrapCase{"Ecall", kEcall, Exception::kEcallFromMachine, 0},
        TrapCase{"Ebreak", kEbreak, Exception::kBreakpoint, kRom},
        TrapCase{"CompressedEbreak", 0x00019002, Exception::kBreakpoint, kRom},
        TrapCase{"LoadWordMisaligned", lw(5, 1, 2), Exception::kLoadMisaligned, 0x80000002},
        TrapCase{"LoadHalfMisaligned", lh(5, 1, 1), Exception::kLoadMisaligned, 0x80000001},
        TrapCase{"LoadDeviceMisaligned", lw(5, 3, 1), Exception::kLoadMisaligned, kDevice + 1},
        TrapCase{"StoreWordMisaligned", sw(5, 1, 1), Exception::kStoreMisaligned, 0x80000001},
        TrapCase{"StoreHalfMisaligned", sh(5, 1, 3), Exception::kStoreMisaligned, 0x80000003},
        TrapCase{"LoadNowhere", lw(5, 2, 4), Exception::kLoadFault, 0x70000004},
        TrapCase{"LoadBehindRam", lb(5, 4, 0), Exception::kLoadFault, 0x80001000},
        TrapCase{"LoadBeforeRam", lw(5, 1, -4), Exception::kLoadFault, 0x7FFFFFFC},
        TrapCase{"StoreNowhere", sb(5, 2, -1), Exception::kStoreFault, 0x6FFFFFFF}),
    [](const testing::TestParamInfo<TrapCase>& tested) { return tested.param.name; });

TEST(Iss, StoreToRomIsAnAccessFault) {
  TestHart hart;
  hart.iss.set_reg(1, kRom + 0x100);
  hart.execute({sw(0, 1, 0)});
  EXPECT_EQ(hart.csr(kMcause), 7u);
  EXPECT_EQ(hart.csr(kMtval), kRom + 0x100);
  EXPECT_EQ(hart.rom[0x100], 0xFF);
}

TEST(Iss, JumpToNowhereFaultsAtTheTarget) {
  TestHart hart;
  hart.iss.set_reg(1, 0x70000001);
  hart.execute({jalr(6, 1, 0)});
  EXPECT_EQ(hart.iss.reg(6), kRom + 4) << "the jump itself retired";
  EXPECT_EQ(hart.iss.instructions(), 1u);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 1u);
  EXPECT_EQ(hart.csr(kMepc), 0x70000000u) << "bit 0 is cleared";
  EXPECT_EQ(hart.csr(kMtval), 0x70000000u);
}

TEST(Iss, JumpsAndBranchesLeaveTheWindow) {
  TestHart hart;
  hart.execute({jal(6, -16)});
  EXPECT_EQ(hart.iss.pc(), kRom - 16);
  EXPECT_EQ(hart.iss.reg(6), kRom + 4);
  hart.execute({beq(0, 0, -32)});
  EXPECT_EQ(hart.iss.pc(), kRom - 32);
  hart.execute({bne(0, 0, -32)});
  EXPECT_EQ(hart.iss.pc(), kRom + 4);
}

TEST(Iss, InstructionAcrossTheEndOfMemoryFaultsAtItsSecondHalf) {
  TestHart hart;
  hart.put_half(kRom + 4096 - 2, static_cast<std::uint16_t>(kNop));
  hart.iss.set_pc(kRom + 4096 - 2);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 1u);
  EXPECT_EQ(hart.csr(kMepc), kRom + 4096 - 2);
  EXPECT_EQ(hart.csr(kMtval), kRom + 4096);
}

TEST(Iss, RunningOverTheEndOfMemoryFaultsBehindIt) {
  TestHart hart;
  hart.put(kRom + 4096 - 4, {kNop});
  hart.iss.set_pc(kRom + 4096 - 4);
  hart.step(2);
  EXPECT_EQ(hart.iss.instructions(), 1u);
  EXPECT_EQ(hart.csr(kMcause), 1u);
  EXPECT_EQ(hart.csr(kMtval), kRom + 4096);
}

TEST(Iss, MretRestoresTheInterruptEnable) {
  TestHart hart;
  hart.iss.write_csr(kMepc, kRom + 0x80);
  hart.iss.write_csr(kMstatus, 1u << 7);
  hart.execute({kMret});
  EXPECT_EQ(hart.iss.pc(), kRom + 0x80);
  EXPECT_EQ(hart.csr(kMstatus), 1u << 7 | 1u << 3) << "MPP is the least privileged mode";
  EXPECT_EQ(hart.iss.privilege(), Privilege::kUser);
  EXPECT_EQ(hart.iss.cycles(), 3u);
}

TEST(Iss, TrapInTheHandlersFirstInstructionLocksUp) {
  TestHart hart;
  hart.put(kHandler, {kIllegal});
  hart.put(kRom, {kEcall});
  EXPECT_EQ(hart.iss.run(1000), Iss::Stop::kLockup);
  EXPECT_EQ(hart.traps.size(), 2u);
  EXPECT_EQ(hart.iss.run(1000), Iss::Stop::kLockup);
  EXPECT_EQ(hart.traps.size(), 2u) << "nothing runs any more";
  hart.iss.reset(kRom);
  hart.put(kRom, {kNop});
  EXPECT_EQ(hart.iss.run(1), Iss::Stop::kLimit);
}

TEST(Iss, TrapsInLaterInstructionsOfAHandlerDoNotLockUp) {
  TestHart hart;
  hart.put(kHandler, {kNop, kEcall});
  hart.put(kRom, {kEcall});
  EXPECT_EQ(hart.iss.run(1000), Iss::Stop::kLimit);
  EXPECT_GT(hart.traps.size(), 100u);
}

// --- CSRs

TEST(IssCsr, ReadWriteSetClearAndTheirImmediateForms) {
  TestHart hart;
  hart.iss.set_reg(1, 0xF0F0F0F0);
  hart.iss.set_reg(2, 0x0000FFFF);
  hart.execute({csrrw(5, kMscratch, 1), csrrs(6, kMscratch, 2), csrrc(7, kMscratch, 2), csrrwi(10, kMscratch, 21), csrrsi(11, kMscratch, 10),
                csrrci(12, kMscratch, 1), csrrs(13, kMscratch, 0)});
  EXPECT_EQ(hart.iss.reg(5), 0u);
  EXPECT_EQ(hart.iss.reg(6), 0xF0F0F0F0u);
  EXPECT_EQ(hart.iss.reg(7), 0xF0F0FFFFu);
  EXPECT_EQ(hart.iss.reg(10), 0xF0F00000u);
  EXPECT_EQ(hart.iss.reg(11), 21u);
  EXPECT_EQ(hart.iss.reg(12), 31u);
  EXPECT_EQ(hart.iss.reg(13), 30u);
  EXPECT_TRUE(hart.traps.empty());
}

TEST(IssCsr, SettingNothingDoesNotWriteAReadOnlyRegister) {
  TestHart hart;
  hart.execute({csrrs(5, 0xF14, 0), csrrc(6, 0xF11, 0), csrrsi(7, 0xC00, 0)});
  EXPECT_TRUE(hart.traps.empty());
  EXPECT_EQ(hart.iss.reg(7), 2u) << "two cycles before it";
}

struct WarlCase {
  const char* name;
  std::uint32_t csr, reset, after_ones;
};
class IssWarl : public testing::TestWithParam<WarlCase> {};

TEST_P(IssWarl, HoldsOnlyWhatTheCoreHas) {
  TestHart hart;
  hart.iss.reset(kRom);
  EXPECT_EQ(hart.csr(GetParam().csr), GetParam().reset);
  EXPECT_TRUE(hart.exists);
  hart.iss.set_reg(1, ~0u);
  hart.execute({csrrw(0, GetParam().csr, 1)});
  EXPECT_TRUE(hart.traps.empty());
  EXPECT_EQ(hart.csr(GetParam().csr), GetParam().after_ones);
}

INSTANTIATE_TEST_SUITE_P(
    Every, IssWarl,
    testing::Values(WarlCase{"mstatus", kMstatus, 0x1800, 0x221888}, WarlCase{"mstatush", 0x310, 0, 0}, WarlCase{"misa", kMisa, 0x40101104, 0x40101104},
                    WarlCase{"mie", kMie, 0, 0x880}, WarlCase{"mip", kMip, 0, 0}, WarlCase{"mtvec", kMtvec, 0, 0xFFFFFFFD},
                    WarlCase{"mscratch", kMscratch, 0, ~0u}, WarlCase{"mepc", kMepc, 0, 0xFFFFFFFE}, WarlCase{"mcause", kMcause, 0, ~0u},
                    WarlCase{"mtval", kMtval, 0, ~0u}, WarlCase{"mcountinhibit", kMcountinhibit, 0, 5}, WarlCase{"mhpmcounter3", 0xB03, 0, 0},
                    WarlCase{"mhpmcounter31h", 0xB9F, 0, 0}, WarlCase{"mhpmevent3", 0x323, 0, 0}, WarlCase{"mhpmevent31", 0x33F, 0, 0},
                    WarlCase{"mcounteren", 0x306, 0, 5}, WarlCase{"menvcfg", 0x30A, 0, 1}, WarlCase{"menvcfgh", 0x31A, 0, 0},
                    WarlCase{"mhpmcounter31", 0xB1F, 0, 0}, WarlCase{"mhpmcounter3h", 0xB83, 0, 0}),
    [](const testing::TestParamInfo<WarlCase>& tested) { return tested.param.name; });

TEST(IssCsr, ExistExactlyAsDocumented) {
  const auto documented = [](std::uint32_t n) {
    const auto in = [n](std::uint32_t first, std::uint32_t last) { return n >= first && n <= last; };
    return n == 0x300 || n == 0x301 || in(0x304, 0x306) || n == 0x30A || n == 0x310 || n == 0x31A || n == 0x320 || in(0x323, 0x33F) || in(0x340, 0x344) ||
           in(0x3A0, 0x3A3) || in(0x3B0, 0x3BF) || n == 0xB00 || in(0xB02, 0xB1F) || n == 0xB80 || in(0xB82, 0xB9F) || n == 0xC00 || n == 0xC02 ||
           n == 0xC80 || n == 0xC82 || in(0xF11, 0xF15);
  };
  for (std::uint32_t number = 0; number < 4096; ++number) {
    TestHart hart;
    hart.execute({csrrs(5, number, 0)});
    EXPECT_EQ(hart.traps.empty(), documented(number)) << std::hex << number;
    hart.csr(number);
    EXPECT_EQ(hart.exists, documented(number)) << std::hex << number;
  }
}

TEST(IssCsr, PmpRegistersHoldWhatIsWritten) {
  TestHart hart;
  hart.iss.set_reg(1, ~0u);
  hart.iss.set_reg(2, 0x1F1F1F1F);
  for (std::uint32_t i = 0; i < 16; ++i) {
    hart.execute({csrrw(0, 0x3B0 + i, 1)});
    EXPECT_EQ(hart.csr(0x3B0 + i), ~0u) << i;
  }
  for (std::uint32_t i = 0; i < 4; ++i) {
    hart.execute({csrrw(0, 0x3A0 + i, 2)});
    EXPECT_EQ(hart.csr(0x3A0 + i), 0x1F1F1F1Fu) << i;
  }
  EXPECT_TRUE(hart.traps.empty());
}

TEST(IssCsr, IdentityRegistersExistAndAreZero) {
  TestHart hart;
  for (std::uint32_t number : {0xF11u, 0xF12u, 0xF13u, 0xF14u, 0xF15u}) {
    EXPECT_EQ(hart.csr(number), 0u);
    EXPECT_TRUE(hart.exists) << number;
    EXPECT_FALSE(hart.iss.write_csr(number, 1)) << number;
  }
}

TEST(IssCsr, CountersShowCyclesAndInstructionsBeforeTheReadingInstruction) {
  TestHart hart;
  hart.iss.set_reg(1, 100);
  hart.iss.set_reg(2, 7);
  hart.execute({div(3, 1, 2), csrrs(5, kMcycle, 0), csrrs(6, kMinstret, 0), csrrs(7, 0xC00, 0), csrrs(10, 0xC02, 0)});
  EXPECT_EQ(hart.iss.reg(5), 37u);
  EXPECT_EQ(hart.iss.reg(6), 2u);
  EXPECT_EQ(hart.iss.reg(7), 39u);
  EXPECT_EQ(hart.iss.reg(10), 4u);
}

TEST(IssCsr, WrittenCountersShowTheValueToTheNextInstructionAndCarry) {
  TestHart hart;
  hart.iss.set_reg(1, ~0u);
  hart.execute({csrrw(0, kMinstret, 1), csrrs(5, kMinstret, 0), csrrs(6, kMinstreth, 0), csrrw(0, kMcycle, 1), csrrs(7, kMcycle, 0), csrrs(10, kMcycle, 0),
                csrrs(11, kMcycleh, 0)});
  EXPECT_EQ(hart.iss.reg(5), ~0u);
  EXPECT_EQ(hart.iss.reg(6), 1u);
  EXPECT_EQ(hart.iss.reg(7), ~0u);
  EXPECT_EQ(hart.iss.reg(10), 0u);
  EXPECT_EQ(hart.iss.reg(11), 1u);
  EXPECT_EQ(hart.iss.instructions(), 7u) << "the hart's own count is not touched";
  EXPECT_EQ(hart.iss.cycles(), 7u);
}

TEST(IssCsr, InhibitedCountersStandStill) {
  TestHart hart;
  hart.execute({csrrwi(0, kMcountinhibit, 5), kNop, kNop, csrrs(5, kMcycle, 0), csrrs(6, kMinstret, 0), csrrwi(0, kMcountinhibit, 0), kNop,
                csrrs(7, kMcycle, 0), csrrs(10, kMinstret, 0)});
  EXPECT_EQ(hart.iss.reg(5), 1u);
  EXPECT_EQ(hart.iss.reg(6), 1u);
  EXPECT_EQ(hart.iss.reg(7), 2u);
  EXPECT_EQ(hart.iss.reg(10), 3u);
}

}  // namespace
}  // namespace touchstone::models
