// The fast loop of the Iss and its life cycle. Direct threading over decoded slots: an instruction costs one table jump, no
// decoding, no range check on the way to the next one.
#include "mcu/iss.h"

#include <cstring>

#include "base/check.h"
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

Iss::Iss(IssBus& bus) : bus_(bus) { reset(0); }
Iss::~Iss() = default;

void Iss::map_ram(std::uint32_t base, MutableBytes data) { ram_ = std::make_unique<Window>(base, data.data(), data.size()); }

void Iss::map_rom(std::uint32_t base, Bytes data) {
  // The window's pointer is written through for RAM only.
  rom_ = std::make_unique<Window>(base, const_cast<std::uint8_t*>(data.data()), data.size());
}

Iss::Window* Iss::window_of(std::uint32_t pc) {
  for (Window* w : {rom_.get(), ram_.get()})
    if (w != nullptr && w->holds(pc)) return w;
  return nullptr;
}

void Iss::retire(unsigned length_bytes, unsigned cycles) {
  pc_ += length_bytes;
  cycles_ += cycles;
  ++instructions_;
}

void Iss::store_hit_code(std::uint32_t ram_offset) { ram_->forget(ram_offset & ~3u, ram_offset | 3u); }

Iss::Stop Iss::run(std::uint64_t limit_cycles) {
  limit_ = limit_cycles;
  while (cycles_ < limit_) {
    if (locked_up_) return Stop::kLockup;
    if (sleeping_ && !wake_pending()) return Stop::kSleep;
    sleeping_ = false;
    take_interrupt();
    if (cycles_ >= limit_) break;
    if (Window* window = window_of(pc_)) execute(*window);
    else raise(Exception::kFetchFault, pc_);
  }
  return locked_up_ ? Stop::kLockup : sleeping_ && !wake_pending() ? Stop::kSleep : Stop::kLimit;
}

// Runs until the limit, or until an instruction needs more than the fast loop has: then it leaves with the machine's state
// complete, and run() looks at interrupts, limit and window again.
void Iss::execute(Window& window) {
  static const void* const kLabels[] = {
#define TS_LABEL(name) &&name##_4, &&name##_2,
      TS_ISS_OPS(TS_LABEL)
#undef TS_LABEL
  };

  std::uint32_t* const x = x_.data();
  Slot* const slots = window.slots.get();
  const std::uint32_t base = window.base;
  const std::uint32_t size = window.size_bytes;
  std::uint8_t* const ram = ram_ ? ram_->data : nullptr;
  const std::uint32_t ram_base = ram_ ? ram_->base : 0, ram_size = ram_ ? ram_->size_bytes : 0;
  const std::uint8_t* const ram_has_code = ram_ ? ram_->has_code.data() : nullptr;
  const std::uint8_t* const rom = rom_ ? rom_->data : nullptr;
  const std::uint32_t rom_base = rom_ ? rom_->base : 0, rom_size = rom_ ? rom_->size_bytes : 0;

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
    TS_SPEND(int{kBranchTakenCycles}) \
    ip += ip->imm;                 \
    TS_DISPATCH();                 \
  } TS_NEXT(int{kSimpleCycles}))
// One comparison checks range and alignment: rotated, a misaligned offset becomes a huge one.
#define TS_LOAD(name, type, shift)                                              \
  TS_OP(                                                                        \
      name, const std::uint32_t address = TS_RS1 + TS_IMM;                      \
      std::uint32_t unit = std::rotr(address - ram_base, shift);                \
      const std::uint8_t* from = ram;                                           \
      if (unit >= ram_size >> shift) [[unlikely]] {                             \
        unit = std::rotr(address - rom_base, shift);                            \
        if (unit >= rom_size >> shift) goto outside;                            \
        from = rom;                                                             \
      } type value;                                                             \
      std::memcpy(&value, from + (std::size_t{unit} << shift), sizeof value);   \
      TS_RD = static_cast<std::uint32_t>(TS_SIGNED(value)); TS_NEXT(int{kMemoryCycles}))
#define TS_STORE(name, type, shift)                                             \
  TS_OP(                                                                        \
      name, const std::uint32_t address = TS_RS1 + TS_IMM;                      \
      const std::uint32_t unit = std::rotr(address - ram_base, shift);          \
      if (unit >= ram_size >> shift) [[unlikely]] goto outside;                 \
      const auto value = static_cast<type>(TS_RS2);                             \
      const std::uint32_t offset = unit << shift;                               \
      std::memcpy(ram + offset, &value, sizeof value);                          \
      if (ram_has_code[offset >> Window::kLineShift]) [[unlikely]] store_hit_code(offset); \
      TS_NEXT(int{kMemoryCycles}))

  TS_DISPATCH();

  TS_OP(Decode, if (!decode(window, TS_PC, *ip)) goto leave; goto* kLabels[ip->code];)
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

  TS_ALU(Mul, 1, TS_RS1 * TS_RS2)
  TS_ALU(Mulh, int{kMultiplyHighCycles}, multiply_high(TS_SIGNED(TS_RS1), TS_SIGNED(TS_RS2)))
  TS_ALU(Mulhsu, int{kMultiplyHighCycles}, multiply_high(TS_SIGNED(TS_RS1), TS_RS2))
  TS_ALU(Mulhu, int{kMultiplyHighCycles}, multiply_high(TS_RS1, TS_RS2))
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

  TS_OP(Jal, TS_RD = TS_PC + kLength; TS_SPEND(int{kJumpCycles}) ip += ip->imm; TS_DISPATCH();)
  TS_OP(
      Jalr, const std::uint32_t target = (TS_RS1 + TS_IMM) & ~1u; TS_RD = TS_PC + kLength; TS_SPEND(int{kJumpCycles})
      if (target - base >= size) [[unlikely]] {
        save();
        pc_ = target;
        return;
      }
      ip = slots + (target - base) / 2;
      TS_DISPATCH();)

outside:
  save();
  access_bus(*ip);
  return;

leave:
  save();
}

void Iss::access_bus(const Slot& slot) {
  struct Access {
    unsigned size_bytes;
    bool store, sign;
  };
  const Access access = [&]() -> Access {
    switch (slot.op()) {
      case Op::kLb: return {1, false, true};
      case Op::kLh: return {2, false, true};
      case Op::kLw: return {4, false, false};
      case Op::kLbu: return {1, false, false};
      case Op::kLhu: return {2, false, false};
      case Op::kSb: return {1, true, false};
      case Op::kSh: return {2, true, false};
      default: return {4, true, false};
    }
  }();
  const unsigned length_bytes = slot.code & 1 ? 2 : 4;
  const std::uint8_t rd = slot.rd;  // the slot may be forgotten during the access
  const std::uint32_t address = x_[slot.rs1] + static_cast<std::uint32_t>(slot.imm);
  if (address % access.size_bytes != 0)
    return raise(access.store ? Exception::kStoreMisaligned : Exception::kLoadMisaligned, address);
  if (access.store) {
    const std::uint32_t mask = access.size_bytes == 4 ? ~0u : (1u << 8 * access.size_bytes) - 1;
    if (!bus_.write(address, access.size_bytes, x_[slot.rs2] & mask)) return raise(Exception::kStoreFault, address);
  } else {
    std::uint32_t value = 0;
    if (!bus_.read(address, access.size_bytes, value)) return raise(Exception::kLoadFault, address);
    x_[rd] = access.sign ? static_cast<std::uint32_t>(sign_extend(value, 8 * access.size_bytes)) : value;
  }
  retire(length_bytes, kMemoryCycles);
}

}  // namespace touchstone::models
