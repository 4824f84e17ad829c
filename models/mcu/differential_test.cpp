// The Iss against Unicorn (QEMU's translator), on random programs: all registers, pc and touched memory must agree. And the
// harness against itself: an Iss with a wrong instruction must be found.
#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <string>

#include "mcu/iss.h"
#include "mcu/random_program.h"
#include "mcu/test_assembler.h"

namespace touchstone::models {
namespace {

constexpr std::uint32_t kCode = RandomProgram::kCodeBase, kData = RandomProgram::kDataBase;
constexpr std::size_t kCodeBytes = 4096;

struct Machine {
  std::array<std::uint32_t, 32> registers{};
  std::uint32_t pc = 0;
  std::array<std::uint8_t, RandomProgram::kDataBytes> data{};
  bool operator==(const Machine&) const = default;
};

void fill_data(std::array<std::uint8_t, RandomProgram::kDataBytes>& data) {
  for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i * 167 + 13);
}

class Oracle {
 public:
  Oracle() {
    check(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &uc_));
    check(uc_mem_map(uc_, kCode, kCodeBytes, UC_PROT_ALL));
    check(uc_mem_map(uc_, kData, 4096, UC_PROT_ALL));
    for (int i = 0; i < 31; ++i) ids_[static_cast<std::size_t>(i)] = UC_RISCV_REG_X1 + i;
    ids_[31] = UC_RISCV_REG_PC;
  }
  ~Oracle() { uc_close(uc_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  Machine run(const RandomProgram& program) {
    Machine m;
    fill_data(m.data);
    std::array<std::uint32_t, 32> values;
    std::array<void*, 32> pointers;
    for (std::size_t i = 0; i < 31; ++i) values[i] = program.registers[i + 1];
    values[31] = kCode;
    for (std::size_t i = 0; i < 32; ++i) pointers[i] = &values[i];
    check(uc_mem_write(uc_, kCode, program.code.data(), program.code.size()));
    check(uc_mem_write(uc_, kData, m.data.data(), m.data.size()));
    check(uc_reg_write_batch(uc_, ids_.data(), pointers.data(), 32));
    // Unicorn 2.0.1 keeps translations of the code before.
    check(uc_ctl_remove_cache(uc_, kCode, kCode + kCodeBytes));
    check(uc_emu_start(uc_, kCode, kCode + program.code.size(), 0, 0));
    check(uc_reg_read_batch(uc_, ids_.data(), pointers.data(), 32));
    for (std::size_t i = 0; i < 31; ++i) m.registers[i + 1] = values[i];
    m.pc = values[31];
    check(uc_mem_read(uc_, kData, m.data.data(), m.data.size()));
    return m;
  }

 private:
  static void check(uc_err error) {
    if (error != UC_ERR_OK) throw std::runtime_error(uc_strerror(error));
  }
  uc_engine* uc_ = nullptr;
  std::array<int, 32> ids_{};
};

// Refuses every access: a random program stays inside its memory.
class NoBus : public IssBus {
 public:
  bool read(std::uint32_t, unsigned, std::uint32_t&) override { return false; }
  bool write(std::uint32_t, unsigned, std::uint32_t) override { return false; }
};

class Subject {
 public:
  Subject() : iss_(bus_) {
    iss_.map_rom(kCode, code_);
    iss_.map_ram(kData, data_);
  }

  Machine run(const RandomProgram& program) {
    std::memcpy(code_.data(), program.code.data(), program.code.size());
    std::array<std::uint8_t, RandomProgram::kDataBytes> data;
    fill_data(data);
    std::memcpy(data_.data(), data.data(), data.size());
    iss_.reset(kCode);
    for (unsigned i = 1; i < 32; ++i) iss_.set_reg(i, program.registers[i]);
    const std::uint32_t end = kCode + static_cast<std::uint32_t>(program.code.size());
    // Instruction by instruction: a wrong jump must not run away.
    for (unsigned i = 0; i < 2 * program.instructions && iss_.pc() != end; ++i) iss_.run(iss_.cycles() + 1);
    Machine m;
    for (unsigned i = 0; i < 32; ++i) m.registers[i] = iss_.reg(i);
    m.pc = iss_.pc();
    std::memcpy(m.data.data(), data_.data(), m.data.size());
    return m;
  }

 private:
  NoBus bus_;
  std::vector<std::uint8_t> code_ = std::vector<std::uint8_t>(kCodeBytes);
  std::vector<std::uint8_t> data_ = std::vector<std::uint8_t>(4096);
  Iss iss_;
};

using Mutation = std::function<void(RandomProgram&)>;

struct Finding {
  std::uint64_t programs = 0, instructions = 0, compressed = 0;
  std::optional<std::uint64_t> first_mismatch;
  std::string what;
};

std::string describe(const RandomProgram& program, const Machine& ours, const Machine& theirs) {
  char text[120];
  std::string out;
  for (unsigned i = 0; i < 32; ++i)
    if (ours.registers[i] != theirs.registers[i]) {
      std::snprintf(text, sizeof text, "x%u %08x, expected %08x; ", i, ours.registers[i], theirs.registers[i]);
      out += text;
    }
  std::snprintf(text, sizeof text, "pc %08x, expected %08x; data %s; code", ours.pc, theirs.pc, ours.data == theirs.data ? "equal" : "differ");
  out += text;
  for (std::uint8_t byte : program.code) {
    std::snprintf(text, sizeof text, " %02x", byte);
    out += text;
  }
  return out;
}

/// Runs `count` programs on both; the Iss gets them as `mutation` leaves them.
Finding compare(std::uint64_t count, const Mutation& mutation = {}) {
  Random random = SeedTree(1).stream("mcu/differential");
  Oracle oracle;
  Subject subject;
  Finding finding;
  for (; finding.programs < count; ++finding.programs) {
    RandomProgram program = make_random_program(random, 24);
    finding.instructions += program.instructions;
    finding.compressed += program.compressed;
    const Machine theirs = oracle.run(program);
    if (mutation) mutation(program);
    const Machine ours = subject.run(program);
    if (ours == theirs) continue;
    finding.first_mismatch = finding.programs;
    finding.what = describe(program, ours, theirs);
    break;
  }
  return finding;
}

TEST(IssDifferential, AgreesWithUnicornOn40000RandomPrograms) {
  const Finding finding = compare(40'000);
  EXPECT_FALSE(finding.first_mismatch) << "program " << *finding.first_mismatch << ": " << finding.what;
  EXPECT_GE(finding.instructions, 40'000u * 24);
  EXPECT_GE(finding.compressed, 40'000u * 24 / 10);
  RecordProperty("instructions", std::to_string(finding.instructions));
  RecordProperty("compressed", std::to_string(finding.compressed));
}

// An Iss that executes one instruction as another: the same as giving it programs with that instruction exchanged.
Mutation exchange(std::uint32_t mask, std::uint32_t match, std::uint32_t flip) {
  return [=](RandomProgram& program) {
    for (std::size_t at = 0; at < program.code.size();) {
      std::uint8_t* p = program.code.data() + at;
      if ((p[0] & 3) == 3) {
        const std::uint32_t word = load_le32(p);
        if ((word & mask) == match) store_le32(p, word ^ flip);
        at += 4;
      } else {
        const std::uint16_t half = load_le16(p);
        if ((mask >> 16) == 0 && (half & mask) == match) store_le16(p, static_cast<std::uint16_t>(half ^ flip));
        at += 2;
      }
    }
  };
}

TEST(IssDifferential, FindsEveryWrongInstruction) {
  constexpr std::uint32_t kR = 0xFE00707F, kI = 0x0000707F;
  const struct {
    const char* what;
    Mutation mutation;
  } mutants[] = {
      {"SLT as SLTU", exchange(kR, 0x00002033, 0x1000)},
      {"SRA as SRL", exchange(kR, 0x40005033, 0x40000000)},
      {"SUB as ADD", exchange(kR, 0x40000033, 0x40000000)},
      {"MULHSU as MULHU", exchange(kR, 0x02002033, 0x1000)},
      {"MULH as MULHSU", exchange(kR, 0x02001033, 0x3000)},
      {"DIV as DIVU", exchange(kR, 0x02004033, 0x1000)},
      {"REM as REMU", exchange(kR, 0x02006033, 0x1000)},
      {"SLTI as SLTIU", exchange(kI, 0x00002013, 0x1000)},
      {"SRAI as SRLI", exchange(kR, 0x40005013, 0x40000000)},
      {"LB as LBU", exchange(kI, 0x00000003, 0x4000)},
      {"LH as LHU", exchange(kI, 0x00001003, 0x4000)},
      {"SH as SB", exchange(kI, 0x00001023, 0x1000)},
      {"BLT as BLTU", exchange(kI, 0x00004063, 0x2000)},
      {"BEQ as BNE", exchange(kI, 0x00000063, 0x1000)},
      {"AUIPC as LUI", exchange(0x7F, 0x17, 0x20)},
      {"C.MV as C.ADD", exchange(0xF003, 0x8002, 0x1000)},
      {"C.SUB as C.XOR", exchange(0xFC63, 0x8C01, 0x20)},
      {"C.JAL as C.J", exchange(0xE003, 0x2001, 0x8000)},
      {"C.LI with another immediate", exchange(0xE003, 0x4001, 0x4)},
      {"C.LW at another offset", exchange(0xE003, 0x4000, 0x40)},
  };
  for (const auto& mutant : mutants) {
    const Finding finding = compare(2000, mutant.mutation);
    EXPECT_TRUE(finding.first_mismatch) << mutant.what << " was not found";
  }
}

}  // namespace
}  // namespace touchstone::models
