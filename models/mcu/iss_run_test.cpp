// Directed tests of the Iss: cycle model, bus, interrupts, sleep, changed code. No SystemC.
#include "mcu/iss.h"

#include <gtest/gtest.h>

#include "mcu/iss_test_hart.h"

namespace touchstone::models {
namespace {

using namespace rv;

constexpr std::uint32_t kRom = TestHart::kRom, kRam = TestHart::kRam, kDevice = TestHart::kDevice, kHandler = TestHart::kHandler;
constexpr std::uint32_t kMstatus = 0x300, kMie = 0x304, kMtvec = 0x305, kMscratch = 0x340, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343, kMip = 0x344;

// --- the cycle model

TEST(IssCycles, AreThoseOfTheModelWhateverTheOperands) {
  const auto cycles = [](std::uint32_t word, std::uint32_t a, std::uint32_t b) {
    TestHart hart;
    hart.iss.set_reg(1, a);
    hart.iss.set_reg(2, b);
    hart.execute({word});
    EXPECT_EQ(hart.iss.instructions(), 1u);
    return hart.iss.cycles();
  };
  for (std::uint32_t a : {0u, 1u, 0x80000000u, ~0u})
    for (std::uint32_t b : {0u, 1u, 3u, 0x80000000u, ~0u}) {
      EXPECT_EQ(cycles(add(3, 1, 2), a, b), 1u);
      EXPECT_EQ(cycles(mul(3, 1, 2), a, b), 1u);
      EXPECT_EQ(cycles(mulh(3, 1, 2), a, b), 2u);
      EXPECT_EQ(cycles(div(3, 1, 2), a, b), 37u);
      EXPECT_EQ(cycles(beq(1, 2, 8), a, b), a == b ? 3u : 1u);
    }
  EXPECT_EQ(cycles(lw(3, 1, 0), kRam, 0), 2u);
  EXPECT_EQ(cycles(lw(3, 1, 0), kRom, 0), 2u);
  EXPECT_EQ(cycles(lw(3, 1, 0), kDevice, 0), 2u);
  EXPECT_EQ(cycles(sw(2, 1, 0), kRam, 0), 2u);
  EXPECT_EQ(cycles(jal(3, 8), 0, 0), 2u);
  EXPECT_EQ(cycles(jalr(3, 1, 0), kRam, 0), 2u);
  EXPECT_EQ(cycles(csrrs(3, kMscratch, 0), 0, 0), 1u);
  EXPECT_EQ(cycles(kFence, 0, 0), 1u);
  EXPECT_EQ(cycles(kFenceI, 0, 0), 3u);
}

TEST(IssCycles, ASlowerMultiplierAndFlashCostWhatTheirModelSays) {
  const auto cycles = [](std::uint32_t word, std::uint32_t a, std::uint32_t code) {
    TestHart hart;
    hart.iss.set_cycle_model({.multiply = 3, .flash_wait = 5});
    hart.iss.set_reg(1, a);
    hart.put(code, {word});
    hart.iss.set_pc(code);
    hart.step();
    EXPECT_EQ(hart.iss.instructions(), 1u);
    return hart.iss.cycles();
  };
  for (const std::uint32_t code : {kRom, kRam}) {
    const std::uint32_t jump = code == kRom ? 5 : 0;
    EXPECT_EQ(cycles(add(3, 1, 2), 7, code), 1u) << "what goes straight on is prefetched";
    EXPECT_EQ(cycles(mul(3, 1, 2), 7, code), 3u);
    EXPECT_EQ(cycles(mulh(3, 1, 2), 7, code), 4u);
    EXPECT_EQ(cycles(div(3, 1, 2), 7, code), 37u);
    EXPECT_EQ(cycles(bne(1, 0, 8), 7, code), 3u + jump);
    EXPECT_EQ(cycles(bne(1, 0, 8), 0, code), 1u);
    EXPECT_EQ(cycles(jal(3, 8), 7, code), 2u + jump);
    EXPECT_EQ(cycles(jalr(3, 1, 0), code + 16, code), 2u + jump);
    EXPECT_EQ(cycles(lw(3, 1, 0), kRam + 64, code), 2u);
    EXPECT_EQ(cycles(lw(3, 1, 0), kRom + 64, code), 2u + 5u);
    EXPECT_EQ(cycles(lb(3, 1, 0), kRom + 65, code), 2u + 5u);
    EXPECT_EQ(cycles(lw(3, 1, 0), TestHart::kBoot + 64, code), 2u) << "the boot ROM is no flash";
    EXPECT_EQ(cycles(lw(3, 1, 0), kDevice, code), 2u);
    EXPECT_EQ(cycles(sw(2, 1, 0), kRam + 64, code), 2u);
  }
}

TEST(IssCycles, RunStopsAtTheFirstBoundaryAtOrAfterTheLimit) {
  TestHart hart;
  hart.put(kRom, {kNop, kNop, div(3, 1, 2), kNop});
  EXPECT_EQ(hart.iss.run(2), Iss::Stop::kLimit);
  EXPECT_EQ(hart.iss.cycles(), 2u);
  hart.iss.run(2);
  EXPECT_EQ(hart.iss.cycles(), 2u);
  hart.iss.run(3);
  EXPECT_EQ(hart.iss.cycles(), 39u);
  EXPECT_EQ(hart.iss.pc(), kRom + 12);
}

// --- bus

TEST(IssBus, AccessesCarryAddressSizeValueAndTheirStart) {
  TestHart hart;
  hart.iss.set_reg(1, kDevice);
  hart.iss.set_reg(2, 0xAABBCCDD);
  hart.device_value = 0x8081;
  hart.execute({sb(2, 1, 3), sh(2, 1, 2), sw(2, 1, 4), lb(5, 1, 1), lh(6, 1, 2), lhu(7, 1, 2), lw(10, 1, 8)});
  ASSERT_EQ(hart.accesses.size(), 7u);
  EXPECT_EQ(hart.accesses[0].value, 0xDDu);
  EXPECT_EQ(hart.accesses[0].address, kDevice + 3);
  EXPECT_EQ(hart.accesses[0].size_bytes, 1u);
  EXPECT_EQ(hart.accesses[1].value, 0xCCDDu);
  EXPECT_EQ(hart.accesses[2].value, 0xAABBCCDDu);
  EXPECT_EQ(hart.accesses[2].cycle, 4u);
  EXPECT_EQ(hart.iss.reg(5), 0xFFFFFF81u);
  EXPECT_EQ(hart.iss.reg(6), 0xFFFF8081u);
  EXPECT_EQ(hart.iss.reg(7), 0x8081u);
  EXPECT_EQ(hart.iss.reg(10), 0x8081u);
}

TEST(IssBus, AStallDelaysAndALowerLimitStopsAfterTheAccess) {
  TestHart hart;
  hart.iss.set_reg(1, kDevice);
  hart.put(kRom, {lw(5, 1, 0), kNop, kNop, kNop});
  hart.on_access = [&] {
    hart.iss.stall(10);
    hart.iss.stop_at(5);
  };
  EXPECT_EQ(hart.iss.run(100), Iss::Stop::kLimit);
  EXPECT_EQ(hart.iss.cycles(), 12u);
  EXPECT_EQ(hart.iss.pc(), kRom + 4);
}

// --- interrupts and sleep

TEST(IssInterrupt, IsTakenBeforeTheNextInstructionWhenPendingEnabledAndAllowed) {
  TestHart hart;
  hart.put(kRom, {kNop, kNop, kNop, kNop, kNop, kNop});
  hart.step();
  hart.iss.set_interrupt(Interrupt::kTimer, true);
  hart.step();
  EXPECT_EQ(hart.iss.pc(), kRom + 8) << "mie is 0";
  hart.iss.write_csr(kMie, 0x80);
  hart.step();
  EXPECT_EQ(hart.iss.pc(), kRom + 12) << "mstatus.MIE is 0";
  hart.iss.write_csr(kMstatus, 8);
  hart.iss.run(hart.iss.cycles() + 1);
  EXPECT_EQ(hart.csr(kMcause), 0x80000007u);
  EXPECT_EQ(hart.csr(kMepc), kRom + 12);
  EXPECT_EQ(hart.csr(kMtval), 0u);
  EXPECT_EQ(hart.csr(kMip), 0x80u);
  EXPECT_EQ(hart.iss.pc(), kHandler);
  EXPECT_TRUE(hart.traps.empty()) << "interrupts are not reported as traps";
}

TEST(IssInterrupt, ExternalComesBeforeTimerAndVectoredModeJumpsByCause) {
  TestHart hart;
  hart.iss.write_csr(kMtvec, kHandler | 1);
  hart.iss.write_csr(kMie, 0x880);
  hart.iss.write_csr(kMstatus, 8);
  hart.iss.set_interrupt(Interrupt::kTimer, true);
  hart.iss.set_interrupt(Interrupt::kExternal, true);
  hart.put(kHandler + 44, {kMret});
  hart.put(kRom, {kNop});
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 0x8000000Bu);
  EXPECT_EQ(hart.iss.pc(), kHandler + 44);
  hart.iss.set_interrupt(Interrupt::kExternal, false);
  hart.step();  // MRET; the timer interrupt follows at once
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 0x80000007u);
  EXPECT_EQ(hart.csr(kMepc), kRom);
  EXPECT_EQ(hart.iss.pc(), kHandler + 28);
}

TEST(IssInterrupt, ExceptionsGoToTheBaseInVectoredMode) {
  TestHart hart;
  hart.iss.write_csr(kMtvec, kHandler | 1);
  hart.execute({kEcall});
  EXPECT_EQ(hart.iss.pc(), kHandler);
}

TEST(IssInterrupt, EnablingByCsrTakesEffectBeforeTheNextInstruction) {
  TestHart hart;
  hart.iss.write_csr(kMie, 0x80);
  hart.iss.set_interrupt(Interrupt::kTimer, true);
  hart.put(kRom, {csrrsi(0, kMstatus, 8), addi(5, 0, 1)});
  hart.iss.run(10);
  EXPECT_EQ(hart.csr(kMepc), kRom + 4);
  EXPECT_EQ(hart.iss.reg(5), 0u);
}

TEST(IssInterrupt, RaisedDuringAnAccessIsTakenAfterIt) {
  TestHart hart;
  hart.iss.write_csr(kMie, 0x800);
  hart.iss.write_csr(kMstatus, 8);
  hart.iss.set_reg(1, kDevice);
  hart.on_access = [&] { hart.iss.set_interrupt(Interrupt::kExternal, true); };
  hart.put(kRom, {sw(0, 1, 0), addi(5, 0, 1)});
  hart.iss.run(20);
  EXPECT_EQ(hart.csr(kMepc), kRom + 4);
  EXPECT_EQ(hart.iss.reg(5), 0u);
}

TEST(IssSleep, WfiStopsUntilAnEnabledInterruptIsPendingEvenIfNotAllowed) {
  TestHart hart;
  hart.put(kRom, {kWfi, addi(5, 0, 1)});
  EXPECT_EQ(hart.iss.run(100), Iss::Stop::kSleep);
  EXPECT_EQ(hart.iss.cycles(), 1u);
  EXPECT_EQ(hart.iss.instructions(), 1u);
  EXPECT_EQ(hart.iss.run(100), Iss::Stop::kSleep);
  hart.iss.set_interrupt(Interrupt::kTimer, true);
  EXPECT_EQ(hart.iss.run(100), Iss::Stop::kSleep) << "not enabled in mie";
  hart.iss.write_csr(kMie, 0x80);
  EXPECT_EQ(hart.iss.run(2), Iss::Stop::kLimit);
  EXPECT_EQ(hart.iss.reg(5), 1u) << "goes on without a trap: mstatus.MIE is 0";
}

TEST(IssSleep, WfiWithAPendingInterruptDoesNotSleep) {
  TestHart hart;
  hart.iss.write_csr(kMie, 0x80);
  hart.iss.set_interrupt(Interrupt::kTimer, true);
  hart.put(kRom, {kWfi, addi(5, 0, 1)});
  EXPECT_EQ(hart.iss.run(2), Iss::Stop::kLimit);
  EXPECT_EQ(hart.iss.reg(5), 1u);
}

// --- code that changes

TEST(IssCode, OwnStoresAreSeenAtTheNextInstruction) {
  TestHart hart;
  // A loop in RAM that rewrites its own next instruction on the second pass.
  hart.iss.set_reg(1, kRam + 8);
  hart.iss.set_reg(2, addi(5, 5, 100));
  hart.put(kRam, {kNop, kNop, addi(5, 5, 1), sw(2, 1, 0), jal(0, -8)});
  hart.iss.set_pc(kRam);
  hart.step(5);
  EXPECT_EQ(hart.iss.reg(5), 1u);
  hart.step(3);
  EXPECT_EQ(hart.iss.reg(5), 101u);
}

TEST(IssCode, AStoreIntoTheSecondHalfOfAnInstructionIsSeen) {
  TestHart hart;
  // The instruction lies across a border of 256 bytes; a byte store changes its immediate.
  hart.put(kRam + 254, {addi(5, 0, 1)});
  hart.put(kRam + 258, {jal(0, -4)});
  hart.iss.set_pc(kRam + 254);
  hart.step(2);
  EXPECT_EQ(hart.iss.reg(5), 1u);
  hart.iss.set_reg(1, kRam + 257);
  hart.iss.set_reg(2, 2);
  hart.execute({sb(2, 1, 0)});
  hart.iss.set_pc(kRam + 254);
  hart.step();
  EXPECT_EQ(hart.iss.reg(5), 33u);
}

TEST(IssCode, ForeignChangesAreSeenAfterInvalidateOrFenceI) {
  for (bool fence : {false, true}) {
    TestHart hart;
    hart.put(kRam, {addi(5, 0, 1)});
    hart.iss.set_pc(kRam);
    hart.step();
    store_le32(hart.ram.data(), addi(5, 0, 2));
    if (fence) hart.execute({kFenceI});
    else hart.iss.invalidate(kRam + 3, 1);
    hart.iss.set_pc(kRam);
    hart.step();
    EXPECT_EQ(hart.iss.reg(5), 2u);
  }
}

}  // namespace
}  // namespace touchstone::models
