// Physical memory protection against a reference that is as plain as the specification: every byte of an access is looked up
// in every entry. And the comparison against itself: a reference with a broken rule must differ.
#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <string>

#include "base/seed.h"
#include "mcu/iss_test_hart.h"

namespace touchstone::models {
namespace {

using namespace rv;

constexpr std::uint32_t kRom = TestHart::kRom, kRam = TestHart::kRam, kDevice = TestHart::kDevice, kHandler = TestHart::kHandler, kBoot = TestHart::kBoot;
constexpr std::uint32_t kMstatus = 0x300, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343, kPmpcfg = 0x3A0, kPmpaddr = 0x3B0;
constexpr std::uint8_t kR = 1, kW = 2, kX = 4, kL = 0x80, kTor = 1 << 3, kNa4 = 2 << 3, kNapot = 3 << 3;

// Rules a wrong PMP could break.
enum class Break {
  kNone, kLastEntryWins, kNoMatchAllowsUser, kNoMatchDeniesMachine, kLockDoesNotBindMachine, kUnlockedBindsMachine, kTorIncludesTop,
  kTorIgnoresLowerBound, kFirstTorHasNoLowerBoundZero, kNapotTwiceAsLarge, kNapotHalfAsLarge, kNa4IsEightBytes, kLocksDoNotHold,
  kLockedTorLeavesItsLowerBound, kReadImpliesWrite, kExecuteImpliesRead, kMprvIgnored, kMprvActsOnFetch, kMisalignedAfterAccess,
};

struct Entry {
  std::uint8_t config = 0;
  std::uint32_t address = 0;
};

class Reference {
 public:
  explicit Reference(Break broken = Break::kNone) : broken_(broken) {}

  void write_address(unsigned i, std::uint32_t value) {
    if (broken_ != Break::kLocksDoNotHold && (entries_[i].config & kL)) return;
    const bool next_is_locked_tor = i < 15 && (entries_[i + 1].config & kL) && (entries_[i + 1].config & 0x18) == kTor;
    if (broken_ != Break::kLockedTorLeavesItsLowerBound && broken_ != Break::kLocksDoNotHold && next_is_locked_tor) return;
    entries_[i].address = value;
  }
  void write_config(unsigned i, std::uint8_t value) {
    if (broken_ != Break::kLocksDoNotHold && (entries_[i].config & kL)) return;
    value &= 0x9F;
    if ((value & 3) == kW) value &= 0xFD;
    entries_[i].config = value;
  }
  const Entry& entry(unsigned i) const { return entries_[i]; }

  /// May this access of `size` bytes be made? `kind`: kR, kW or kX.
  bool allows(std::uint32_t address, unsigned size, std::uint8_t kind, bool machine) const {
    for (unsigned n = 0; n < 16; ++n) {
      const unsigned i = broken_ == Break::kLastEntryWins ? 15 - n : n;
      unsigned matching = 0;
      for (unsigned byte = 0; byte < size; ++byte) matching += matches(i, std::uint64_t{address} + byte);
      if (matching == 0) continue;
      if (matching < size) return false;
      const std::uint8_t config = entries_[i].config;
      const bool bound = !machine || (config & kL);
      if (broken_ == Break::kLockDoesNotBindMachine && machine) return true;
      if (broken_ != Break::kUnlockedBindsMachine && !bound) return true;
      if (broken_ == Break::kReadImpliesWrite && kind == kW && (config & kR)) return true;
      if (broken_ == Break::kExecuteImpliesRead && kind == kR && (config & kX)) return true;
      return (config & kind) != 0;
    }
    return machine ? broken_ != Break::kNoMatchDeniesMachine : broken_ == Break::kNoMatchAllowsUser;
  }

 private:
  bool matches(unsigned i, std::uint64_t byte) const {
    const std::uint64_t a = entries_[i].address;
    switch (entries_[i].config & 0x18) {
      case kTor: {
        std::uint64_t lower = i == 0 ? 0 : entries_[i - 1].address;
        if (i == 0 && broken_ == Break::kFirstTorHasNoLowerBoundZero) lower = kRom >> 2;
        if (broken_ == Break::kTorIgnoresLowerBound) lower = 0;
        return byte / 4 >= lower && (byte / 4 < a || (broken_ == Break::kTorIncludesTop && byte / 4 == a));
      }
      case kNa4: return broken_ == Break::kNa4IsEightBytes ? byte / 8 == a / 2 : byte / 4 == a;
      case kNapot: {
        // yyyy...0111 of t ones: 2^(t+3) bytes (table 3.11).
        unsigned ones = 0;
        while (ones < 32 && (a >> ones & 1)) ++ones;
        if (broken_ == Break::kNapotTwiceAsLarge) ++ones;
        if (broken_ == Break::kNapotHalfAsLarge && ones > 0) --ones;
        return byte >> (ones + 3) == (a << 2) >> (ones + 3);
      }
      default: return false;
    }
  }
  Break broken_;
  std::array<Entry, 16> entries_{};
};

// The device answers over the whole of its page; nothing else does.
struct Access {
  std::uint8_t kind;  // kR, kW, kX
  unsigned size;
  std::uint32_t address;
};

std::uint8_t random_config(Random& random) {
  const auto bits = static_cast<std::uint8_t>(random.below(8) | random.below(4) << 3);
  return random.below(16) == 0 ? static_cast<std::uint8_t>(bits | kL) : bits;
}

// An address near the memories, often near each other, so that entries overlap and borders are met.
std::uint32_t random_address(Random& random) {
  static constexpr std::uint32_t kBases[] = {kRom, kRam, kDevice, kBoot, kRam, kRom};
  const std::uint32_t base = kBases[random.below(6)];
  const std::uint32_t span = base == kBoot ? 1024 : 4096;
  return base + static_cast<std::uint32_t>(random.below(4) == 0 ? random.below(span) : 0x100 + random.below(64)) - static_cast<std::uint32_t>(random.below(8) == 0 ? 32 : 0);
}

std::uint32_t random_pmpaddr(Random& random) {
  const std::uint32_t word = random_address(random) >> 2;
  switch (random.below(4)) {
    case 0: return word;
    case 1: return word | ((1u << random.below(12)) - 1);  // NAPOT of 8 bytes to 16 KB
    case 2: return (word & ~((2u << random.below(12)) - 1)) | ((1u << random.below(11)) - 1);
    default: return random.below(8) == 0 ? ~0u >> random.below(8) : word | 1;
  }
}

/// Compares Iss and reference over random configurations; the number of the first access that differs, or nothing.
std::optional<std::string> compare(Break broken, unsigned configurations, unsigned accesses_each, unsigned& made) {
  Random random = SeedTree(7).stream("mcu/pmp");
  made = 0;
  for (unsigned c = 0; c < configurations; ++c) {
    TestHart hart;
    Reference reference(broken);
    // Three rounds of writes, so that locks of an earlier round are met by writes of a later one.
    for (unsigned round = 0; round < 3; ++round)
      for (unsigned i = 0; i < 16; ++i) {
        if (random.below(3) == 0) {
          const std::uint32_t value = random_pmpaddr(random);
          hart.iss.write_csr(kPmpaddr + i, value);
          reference.write_address(i, value);
        }
        if (random.below(5) == 0) {
          const std::uint8_t value = random_config(random);
          const std::uint32_t old = hart.csr(kPmpcfg + i / 4);
          hart.iss.write_csr(kPmpcfg + i / 4, (old & ~(0xFFu << 8 * (i % 4))) | std::uint32_t{value} << 8 * (i % 4));
          reference.write_config(i, value);
        }
      }
    for (unsigned i = 0; i < 16; ++i) {
      if (hart.csr(kPmpaddr + i) != reference.entry(i).address) return "pmpaddr" + std::to_string(i) + " of configuration " + std::to_string(c);
      if (static_cast<std::uint8_t>(hart.csr(kPmpcfg + i / 4) >> 8 * (i % 4)) != reference.entry(i).config)
        return "pmpcfg of entry " + std::to_string(i) + " of configuration " + std::to_string(c);
    }
    for (unsigned n = 0; n < accesses_each; ++n, ++made) {
      const bool user = random.below(2) == 0, mprv = random.below(3) == 0, mpp_user = user || random.below(2) == 0;
      const std::uint8_t kind = static_cast<std::uint8_t>(1u << random.below(3));
      const unsigned size = kind == kX ? (random.below(2) == 0 ? 2 : 4) : 1u << random.below(3);
      std::uint32_t address = random_address(random);
      if (random.below(8) != 0 || kind == kX) address &= kind == kX ? ~1u : ~(size - 1);
      // The instruction under test runs with everything else out of the way: data accesses from a place the mode may run.
      const std::uint32_t mstatus = (mprv && !user ? 1u << 17 : 0) | (mpp_user ? 0 : 3u << 11);
      const bool data_machine = !user && !(mprv && mpp_user && broken != Break::kMprvIgnored);
      const bool fetch_machine = !user && !(mprv && mpp_user && broken == Break::kMprvActsOnFetch);
      hart.iss.set_reg(1, address);
      hart.traps.clear();

      std::uint32_t cause = 0, value = 0;  // 0: no trap
      const auto in_memory = [](std::uint32_t a) { return a - kRom < 4096 || a - kRam < 4096 || a - kBoot < 1024; };
      const std::uint32_t site = kind == kX ? address : kHandler + 0x40;
      const std::uint32_t word = kind == kR ? i_type(0x03, size == 4 ? 2 : size == 2 ? 1 : 0, 5, 1, 0)
                                 : kind == kW ? s_type(size == 4 ? 2 : size == 2 ? 1 : 0, 0, 1, 0)
                                 : size == 4 ? kNop : 0x0001u /* C.NOP */;
      if (kind == kX) {
        for (unsigned half = 0; half < size / 2; ++half)
          if (in_memory(site + 2 * half)) hart.put_half(site + 2 * half, static_cast<std::uint16_t>(word >> 16 * half));
      } else {
        hart.put(site, {word});
      }
      for (unsigned half = 0; half < (kind == kX ? size : 4u) / 2 && cause == 0; ++half) {
        const std::uint32_t at = site + 2 * half;
        if (in_memory(at) && reference.allows(at, 2, kX, fetch_machine)) continue;
        cause = 1;
        value = at;
      }
      if (cause == 0 && kind != kX) {
        const bool misaligned = address % size != 0;
        const bool allowed = reference.allows(address, size, kind, data_machine);
        const bool exists = kind == kR ? in_memory(address) || address - kDevice < 0x1000 : address - kRam < 4096 || address - kDevice < 0x1000;
        if (broken == Break::kMisalignedAfterAccess ? misaligned && allowed && exists : misaligned) cause = kind == kR ? 4 : 6;
        else if (!allowed || !exists) cause = kind == kR ? 5 : 7;
        value = address;
      }

      hart.iss.set_privilege(user ? Privilege::kUser : Privilege::kMachine);
      hart.iss.write_csr(kMstatus, mstatus);
      hart.iss.set_pc(site);
      hart.step();
      const std::uint32_t got_cause = hart.traps.empty() ? 0 : static_cast<std::uint32_t>(hart.traps[0].cause);
      const std::uint32_t got_value = hart.traps.empty() ? 0 : hart.traps[0].value;
      if (got_cause != cause || (cause != 0 && got_value != value))
        return "access " + std::to_string(made) + ": cause " + std::to_string(got_cause) + ", expected " + std::to_string(cause);
    }
  }
  return std::nullopt;
}

TEST(PmpDifferential, AgreesWithTheReferenceOn30000Accesses) {
  unsigned made = 0;
  const auto difference = compare(Break::kNone, 150, 200, made);
  EXPECT_FALSE(difference) << *difference;
  EXPECT_EQ(made, 30'000u);
}

TEST(PmpDifferential, FindsEveryBrokenRule) {
  const std::pair<Break, const char*> rules[] = {
      {Break::kLastEntryWins, "the lowest-numbered entry decides"},
      {Break::kNoMatchAllowsUser, "user mode needs an entry"},
      {Break::kNoMatchDeniesMachine, "machine mode needs none"},
      {Break::kLockDoesNotBindMachine, "a locked entry binds machine mode"},
      {Break::kUnlockedBindsMachine, "an unlocked one does not"},
      {Break::kTorIncludesTop, "TOR ends before its address"},
      {Break::kTorIgnoresLowerBound, "TOR begins at the entry before"},
      {Break::kFirstTorHasNoLowerBoundZero, "the first entry's TOR begins at 0"},
      {Break::kNapotTwiceAsLarge, "size of NAPOT, too large"},
      {Break::kNapotHalfAsLarge, "size of NAPOT, too small"},
      {Break::kNa4IsEightBytes, "NA4 is four bytes"},
      {Break::kLocksDoNotHold, "locked entries keep their values"},
      {Break::kLockedTorLeavesItsLowerBound, "a locked TOR locks the address below"},
      {Break::kReadImpliesWrite, "R gives no W"},
      {Break::kExecuteImpliesRead, "X gives no R"},
      {Break::kMprvIgnored, "MPRV changes the mode of loads and stores"},
      {Break::kMprvActsOnFetch, "MPRV does not change the mode of fetches"},
      {Break::kMisalignedAfterAccess, "misaligned before access fault"},
  };
  for (const auto& [broken, rule] : rules) {
    unsigned made = 0;
    EXPECT_TRUE(compare(broken, 150, 200, made)) << rule << ": broken and not found";
  }
}

// --- table: matching modes at their borders, in user mode

struct MatchCase {
  const char* name;
  std::uint8_t config;                    // of entry 1, with R
  std::uint32_t address0, address1;       // pmpaddr0, pmpaddr1
  std::uint32_t first, end;               // what entry 1 opens; both in RAM
};
class PmpMatch : public testing::TestWithParam<MatchCase> {};

TEST_P(PmpMatch, OpensExactlyItsRange) {
  const MatchCase& c = GetParam();
  TestHart hart;
  hart.iss.write_csr(kPmpaddr + 0, c.address0);
  hart.iss.write_csr(kPmpaddr + 1, c.address1);
  hart.iss.write_csr(kPmpaddr + 2, (kRom + 4096 - 1) >> 2 | 0x1FF);
  hart.iss.write_csr(kPmpcfg, std::uint32_t{c.config} << 8 | std::uint32_t{kNapot | kX} << 16);
  hart.put(kRom, {lb(5, 1, 0)});
  const auto allowed = [&](std::uint32_t address) {
    hart.iss.write_csr(kMstatus, 0);
    hart.iss.set_privilege(Privilege::kUser);
    hart.iss.set_reg(1, address);
    hart.iss.set_pc(kRom);
    hart.step();
    return hart.iss.privilege() == Privilege::kUser;
  };
  EXPECT_FALSE(allowed(c.first - 1));
  EXPECT_TRUE(allowed(c.first));
  EXPECT_TRUE(allowed(c.end - 1));
  EXPECT_FALSE(allowed(c.end));
}

INSTANTIATE_TEST_SUITE_P(
    Every, PmpMatch,
    testing::Values(MatchCase{"Na4", kNa4 | kR, 0, (kRam + 0x104) >> 2, kRam + 0x104, kRam + 0x108},
                    MatchCase{"Napot8", kNapot | kR, 0, (kRam + 0x108) >> 2, kRam + 0x108, kRam + 0x110},
                    MatchCase{"Napot16", kNapot | kR, 0, (kRam + 0x110) >> 2 | 1, kRam + 0x110, kRam + 0x120},
                    MatchCase{"Napot256", kNapot | kR, 0, (kRam + 0x200) >> 2 | 31, kRam + 0x200, kRam + 0x300},
                    MatchCase{"Napot1024", kNapot | kR, 0, (kRam + 0x400) >> 2 | 127, kRam + 0x400, kRam + 0x800},
                    MatchCase{"TorFromTheEntryBefore", kTor | kR, (kRam + 0x124) >> 2, (kRam + 0x538) >> 2, kRam + 0x124, kRam + 0x538},
                    MatchCase{"TorOfOneWord", kTor | kR, (kRam + 0x124) >> 2, (kRam + 0x128) >> 2, kRam + 0x124, kRam + 0x128}),
    [](const testing::TestParamInfo<MatchCase>& tested) { return tested.param.name; });

TEST(Pmp, EmptyTorOpensNothing) {
  Pmp pmp;
  pmp.set_address(0, kRam >> 2);
  pmp.set_address(1, kRam >> 2);
  pmp.set_config(0, std::uint32_t{kTor | kR} << 8);
  EXPECT_EQ(pmp.permissions(kRam, Privilege::kUser), 0);
  pmp.set_address(1, (kRam - 4) >> 2);
  EXPECT_EQ(pmp.permissions(kRam - 4, Privilege::kUser), 0);
  EXPECT_TRUE(pmp.ranges({kRam, 4096}, kR, Privilege::kUser).empty());
}

TEST(Pmp, ConfigurationIsWarl) {
  Pmp pmp;
  pmp.set_config(2, 0x7F7E7D7A);
  EXPECT_EQ(pmp.config(2), 0x1F1C1D18u) << "bits 5 and 6 read 0, W without R is dropped";
}

TEST(Pmp, LockHoldsUntilReset) {
  TestHart hart;
  hart.iss.write_csr(kPmpaddr + 4, 0x1000);
  hart.iss.write_csr(kPmpaddr + 5, 0x2000);
  hart.iss.write_csr(kPmpcfg + 1, std::uint32_t{kL | kTor | kR} << 8);
  hart.iss.write_csr(kPmpcfg + 1, 0x07070707);
  hart.iss.write_csr(kPmpaddr + 4, 1);
  hart.iss.write_csr(kPmpaddr + 5, 2);
  EXPECT_EQ(hart.csr(kPmpcfg + 1), 0x07070007u | std::uint32_t{kL | kTor | kR} << 8);
  EXPECT_EQ(hart.csr(kPmpaddr + 4), 0x1000u);
  EXPECT_EQ(hart.csr(kPmpaddr + 5), 0x2000u);
  hart.iss.reset(kRom);
  EXPECT_EQ(hart.csr(kPmpcfg + 1), 0u);
  EXPECT_EQ(hart.csr(kPmpaddr + 5), 0u);
}

TEST(Pmp, LockedEntryThatIsOffLocksItsAddress) {
  Pmp pmp;
  pmp.set_config(0, kL);
  pmp.set_address(0, 5);
  EXPECT_EQ(pmp.address(0), 0u);
  EXPECT_TRUE(pmp.binds_machine());
  EXPECT_EQ(pmp.permissions(0, Privilege::kMachine), kR | kW | kX) << "an entry that is off matches nothing";
}

// --- the fast loop at the borders of what may be executed

// Machine mode ran the whole code before: what it decoded must not serve user mode.
struct BorderCase {
  const char* name;
  std::uint32_t word;  // at kRom + 0x100, user code ends at kRom + 0x108
  std::uint32_t target;
};
class PmpBorder : public testing::TestWithParam<BorderCase> {};

TEST_P(PmpBorder, StopsUserCodeAtItsEnd) {
  TestHart hart;
  hart.put(kRom + 0x100, {GetParam().word, kNop, kNop, kNop});
  hart.iss.set_reg(1, kRom + 0x100);
  hart.iss.set_pc(kRom + 0x100);
  for (std::uint32_t pc = kRom + 0x104; pc < kRom + 0x110; pc += 4) {
    hart.step();
    hart.iss.set_pc(pc);
  }
  ASSERT_TRUE(hart.traps.empty());
  hart.iss.write_csr(kPmpaddr + 0, (kRom + 0x108) >> 2);
  hart.iss.write_csr(kPmpcfg, kTor | kR | kX);
  hart.enter_user(kRom + 0x100);
  hart.iss.run(hart.iss.cycles() + 100);
  EXPECT_EQ(hart.csr(kMcause), 1u);
  EXPECT_EQ(hart.csr(kMepc), GetParam().target);
  EXPECT_EQ(hart.csr(kMtval), GetParam().target);
}

INSTANTIATE_TEST_SUITE_P(Every, PmpBorder,
                         testing::Values(BorderCase{"Sequence", kNop, kRom + 0x108}, BorderCase{"Branch", beq(0, 0, 12), kRom + 0x10C},
                                         BorderCase{"Jump", jal(5, 12), kRom + 0x10C}, BorderCase{"Register", jalr(5, 1, 12), kRom + 0x10C}),
                         [](const testing::TestParamInfo<BorderCase>& tested) { return tested.param.name; });

TEST(Pmp, InstructionThatReachesOverTheBorderFaultsAtItsSecondHalf) {
  TestHart hart;
  hart.put(kRom + 0x106, {kNop});
  hart.iss.write_csr(kPmpaddr + 0, (kRom + 0x108) >> 2);
  hart.iss.write_csr(kPmpcfg, kTor | kR | kX);
  hart.enter_user(kRom + 0x106);
  hart.step();
  EXPECT_EQ(hart.csr(kMcause), 1u);
  EXPECT_EQ(hart.csr(kMepc), kRom + 0x106);
  EXPECT_EQ(hart.csr(kMtval), kRom + 0x108);
}

TEST(Pmp, LockingTakesEffectOnTheNextInstruction) {
  TestHart hart;
  hart.iss.write_csr(kPmpaddr + 0, (kRom + 0x108) >> 2);
  hart.iss.write_csr(kPmpaddr + 1, ~0u);
  hart.iss.set_reg(1, std::uint32_t{kTor | kR | kX | kL} | std::uint32_t{kNapot | kR | kW | kL} << 8);
  hart.put(kRom + 0x100, {csrrw(0, kPmpcfg, 1), kNop, kNop});
  hart.iss.set_pc(kRom + 0x100);
  hart.step(3);
  EXPECT_EQ(hart.csr(kMcause), 1u) << "machine mode ran into memory locked as not executable";
  EXPECT_EQ(hart.csr(kMepc), kRom + 0x108);
}

TEST(Pmp, OpeningMoreLetsTheSameCodeRun) {
  TestHart hart;
  hart.put(kRom + 0x100, {kNop, beq(0, 0, 8), kNop, kNop});
  hart.iss.write_csr(kPmpaddr + 0, (kRom + 0x108) >> 2);
  hart.iss.write_csr(kPmpcfg, kTor | kR | kX);
  hart.enter_user(kRom + 0x100);
  hart.step(3);
  EXPECT_EQ(hart.csr(kMepc), kRom + 0x10C);
  hart.iss.write_csr(kPmpaddr + 0, (kRom + 0x800) >> 2);
  hart.enter_user(kRom + 0x100);
  hart.step(3);
  EXPECT_EQ(hart.iss.pc(), kRom + 0x110);
  EXPECT_EQ(hart.iss.privilege(), Privilege::kUser);
}

}  // namespace
}  // namespace touchstone::models
