// The fast loop of the Iss. Direct threading over decoded slots: an instruction costs one table jump, no
// decoding, no range check on the way to the next one.
#include "mcu/iss.h"

#include <cstring>

#include "mcu/iss_internal.h"

// Labels as values are a GNU extension (GCC manual, section 6.3).
#pragma GCC diagnostic ignored "-Wpedantic"

namespace touchstone::models {

namespace {

template <typename A, typename B>
std::uint32_t multiply_high(A a, B b) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(static_cast<std::int64_t>(a) * static_cast<std::int64_t>(b)) >> 32);
}
std::uint32_t multiply_high(std::uint32_t a, std::uint32_t b) { return static_cast<std::uint32_t>(std::uint64_t{a} * b >> 32); }

// Division by zero and overflow do not trap (RISC-V unprivileged ISA, table 7.1).
std::uint32_t divide_signed(std::uint32_t a, std::uint32_t b) {
  if (b == 0) return ~0u;
  if (a == 0x80000000 && b == ~0u) return a;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) / static_cast<std::int32_t>(b));
}
std::uint32_t remainder_signed(std::uint32_t a, std::uint32_t b) {
  if (b == 0) return a;
  if (b == ~0u) return 0;
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(a) % static_cast<std::int32_t>(b));
}

}  // namespace

void Iss::retire(unsigned length_bytes, unsigned cycles) {
  pc_ += length_bytes;
  cycles_ += cycles;
  ++instructions_;
}

Iss::Stop Iss::run(std::uint64_t limit_cycles) {
  limit_ = limit_cycles;
  while (cycles_ < limit_) {
    if (locked_up_) return Stop::kLockup;
    if (sleeping_ && !wake_pending()) return Stop::kSleep;
    sleeping_ = false;
    take_interrupt();
    if (cycles_ >= limit_) break;
    const bool plain = cycle_model_ == CycleModel{};
    if (const Code* code = code_at(pc_)) plain ? execute<true>(*code, view(data_privilege())) : execute<false>(*code, view(data_privilege()));
    else raise(Exception::kFetchFault, pc_);
  }
  return locked_up_ ? Stop::kLockup : sleeping_ && !wake_pending() ? Stop::kSleep : Stop::kLimit;
}

// Runs until the limit, or until an instruction needs more than the fast loop has: then it leaves with the machine's state
// complete, and run() looks at interrupts, limit, mode and protection again. kPlain: the default cycle model, whose figures are then constants.
template <bool kPlain>
void Iss::execute(const Code& code, const View& data) {
  static const void* const kLabels[] = {
#define TS_LABEL(name) &&name##_4, &&name##_2,
      TS_ISS_OPS(TS_LABEL)
#undef TS_LABEL
  };

  std::uint32_t* const x = x_.data();
  Slot* const slots = code.slots;
  const std::uint32_t base = code.range.base, size = code.range.size_bytes;
  const std::uint8_t* const loads = data.ram_loads.data;
  const std::uint32_t loads_base = data.ram_loads.range.base, loads_size = data.ram_loads.range.size_bytes;
  std::uint8_t* const stores = data.ram_stores.data;
  const std::uint32_t stores_base = data.ram_stores.range.base, stores_size = data.ram_stores.range.size_bytes;
  const std::uint8_t* const stores_have_code = data.ram_stores.has_code;
  const std::uint8_t* const rom = data.rom_loads.data;
  const std::uint32_t rom_base = data.rom_loads.range.base, rom_size = data.rom_loads.range.size_bytes;

  const CycleModel costs = kPlain ? CycleModel{} : cycle_model_;
  const int multiply = static_cast<int>(costs.multiply), load_wait = static_cast<int>(costs.flash_wait);
  const int jump_wait = kPlain || code.window != rom_ ? 0 : load_wait;

  Slot* ip = slots + (pc_ - base) / 2;
  const auto budget = static_cast<std::int64_t>(limit_ - cycles_);
  std::int64_t left = budget;  // cycles until the limit
  std::int64_t stalls = 0;     // cycles beyond the first of each instruction: instructions = cycles - stalls

  const auto save = [&] {
    pc_ = base + static_cast<std::uint32_t>(ip - slots) * 2;
    cycles_ += static_cast<std::uint64_t>(budget - left);
    instructions_ += static_cast<std::uint64_t>(budget - left - stalls);
  };

#define TS_RD x[ip->rd]
#define TS_RS1 x[ip->rs1]
#define TS_RS2 x[ip->rs2]
#define TS_IMM static_cast<std::uint32_t>(ip->imm)
#define TS_SIGNED(value) static_cast<std::int32_t>(value)
#define TS_PC (base + static_cast<std::uint32_t>(ip - slots) * 2)
#define TS_SPEND(cycles)          \
  left -= (cycles);               \
  stalls += (cycles) - 1;
#define TS_DISPATCH()                                 \
  do {                                                \
    if (left <= 0) [[unlikely]] goto leave;           \
    goto* kLabels[ip->code];                          \
  } while (0)
#define TS_NEXT(cycles)    \
  TS_SPEND(cycles)         \
  ip += kLength / 2;       \
  TS_DISPATCH();
#define TS_OP(name, ...)                   \
  name##_4 : {                             \
    [[maybe_unused]] constexpr int kLength = 4; \
    __VA_ARGS__                            \
  }                                        \
  name##_2 : {                             \
    [[maybe_unused]] constexpr int kLength = 2; \
    __VA_ARGS__                            \
  }
#define TS_ALU(name, cycles, expression) TS_OP(name, TS_RD = (expression); TS_NEXT(cycles))
#define TS_BRANCH(name, condition) \
  TS_OP(name, if (condition) {     \
    TS_SPEND(int{kBranchTakenCycles} + jump_wait) \
    ip += ip->imm;                 \
    TS_DISPATCH();                 \
  } TS_NEXT(int{kSimpleCycles}))
// One comparison checks range and alignment: rotated, a misaligned offset becomes a huge one.
#define TS_LOAD(name, type, shift)                                              \
  TS_OP(                                                                        \
      name, const std::uint32_t address = TS_RS1 + TS_IMM;                      \
      std::uint32_t unit = std::rotr(address - loads_base, shift);              \
      const std::uint8_t* from = loads;                                         \
      int cycles = int{kMemoryCycles};                                          \
      if (unit >= loads_size >> shift) [[unlikely]] {                             \
        unit = std::rotr(address - rom_base, shift);                            \
        if (unit >= rom_size >> shift) goto outside;                            \
        from = rom;                                                             \
        cycles += load_wait;                                                    \
      } type value;                                                             \
      std::memcpy(&value, from + (std::size_t{unit} << shift), sizeof value);   \
      TS_RD = static_cast<std::uint32_t>(TS_SIGNED(value)); TS_NEXT(cycles))
#define TS_STORE(name, type, shift)                                             \
  TS_OP(                                                                        \
      name, const std::uint32_t address = TS_RS1 + TS_IMM;                      \
      const std::uint32_t unit = std::rotr(address - stores_base, shift);       \
      if (unit >= stores_size >> shift) [[unlikely]] goto outside;              \
      const auto value = static_cast<type>(TS_RS2);                             \
      const std::uint32_t offset = unit << shift;                               \
      std::memcpy(stores + offset, &value, sizeof value);                       \
      if (stores_have_code[offset >> Window::kLineShift]) [[unlikely]] store_hit_code(address); \
      TS_NEXT(int{kMemoryCycles}))

  TS_DISPATCH();

  TS_OP(Decode, if (!decode(code, TS_PC, *ip)) goto leave; goto* kLabels[ip->code];)
  TS_OP(Rare, save(); execute_rare(); return;)

  TS_ALU(Li, 1, TS_IMM)
  TS_ALU(Addi, 1, TS_RS1 + TS_IMM)
  TS_ALU(Slti, 1, TS_SIGNED(TS_RS1) < ip->imm)
  TS_ALU(Sltiu, 1, TS_RS1 < TS_IMM)
  TS_ALU(Xori, 1, TS_RS1 ^ TS_IMM)
  TS_ALU(Ori, 1, TS_RS1 | TS_IMM)
  TS_ALU(Andi, 1, TS_RS1 & TS_IMM)
  TS_ALU(Slli, 1, TS_RS1 << (TS_IMM & 31))
  TS_ALU(Srli, 1, TS_RS1 >> (TS_IMM & 31))
  TS_ALU(Srai, 1, static_cast<std::uint32_t>(TS_SIGNED(TS_RS1) >> (TS_IMM & 31)))
  TS_ALU(Add, 1, TS_RS1 + TS_RS2)
  TS_ALU(Sub, 1, TS_RS1 - TS_RS2)
  TS_ALU(Sll, 1, TS_RS1 << (TS_RS2 & 31))
  TS_ALU(Slt, 1, TS_SIGNED(TS_RS1) < TS_SIGNED(TS_RS2))
  TS_ALU(Sltu, 1, TS_RS1 < TS_RS2)
  TS_ALU(Xor, 1, TS_RS1 ^ TS_RS2)
  TS_ALU(Srl, 1, TS_RS1 >> (TS_RS2 & 31))
  TS_ALU(Sra, 1, static_cast<std::uint32_t>(TS_SIGNED(TS_RS1) >> (TS_RS2 & 31)))
  TS_ALU(Or, 1, TS_RS1 | TS_RS2)
  TS_ALU(And, 1, TS_RS1 & TS_RS2)

  TS_ALU(Mul, multiply, TS_RS1 * TS_RS2)
  TS_ALU(Mulh, multiply + 1, multiply_high(TS_SIGNED(TS_RS1), TS_SIGNED(TS_RS2)))
  TS_ALU(Mulhsu, multiply + 1, multiply_high(TS_SIGNED(TS_RS1), TS_RS2))
  TS_ALU(Mulhu, multiply + 1, multiply_high(TS_RS1, TS_RS2))
  TS_ALU(Div, int{kDivideCycles}, divide_signed(TS_RS1, TS_RS2))
  TS_ALU(Divu, int{kDivideCycles}, TS_RS2 == 0 ? ~0u : TS_RS1 / TS_RS2)
  TS_ALU(Rem, int{kDivideCycles}, remainder_signed(TS_RS1, TS_RS2))
  TS_ALU(Remu, int{kDivideCycles}, TS_RS2 == 0 ? TS_RS1 : TS_RS1 % TS_RS2)

  TS_LOAD(Lb, std::int8_t, 0)
  TS_LOAD(Lh, std::int16_t, 1)
  TS_LOAD(Lw, std::int32_t, 2)
  TS_LOAD(Lbu, std::uint8_t, 0)
  TS_LOAD(Lhu, std::uint16_t, 1)
  TS_STORE(Sb, std::uint8_t, 0)
  TS_STORE(Sh, std::uint16_t, 1)
  TS_STORE(Sw, std::uint32_t, 2)

  TS_BRANCH(Beq, TS_RS1 == TS_RS2)
  TS_BRANCH(Bne, TS_RS1 != TS_RS2)
  TS_BRANCH(Blt, TS_SIGNED(TS_RS1) < TS_SIGNED(TS_RS2))
  TS_BRANCH(Bge, TS_SIGNED(TS_RS1) >= TS_SIGNED(TS_RS2))
  TS_BRANCH(Bltu, TS_RS1 < TS_RS2)
  TS_BRANCH(Bgeu, TS_RS1 >= TS_RS2)

  TS_OP(Jal, TS_RD = TS_PC + kLength; TS_SPEND(int{kJumpCycles} + jump_wait) ip += ip->imm; TS_DISPATCH();)
  TS_OP(
      Jalr, const std::uint32_t target = (TS_RS1 + TS_IMM) & ~1u; TS_RD = TS_PC + kLength; TS_SPEND(int{kJumpCycles} + jump_wait)
      if (target - base >= size) [[unlikely]] {
        save();
        pc_ = target;
        return;
      }
      ip = slots + (target - base) / 2;
      TS_DISPATCH();)

outside:
  save();
  access_memory(*ip);
  return;

leave:
  save();
}

}  // namespace touchstone::models
