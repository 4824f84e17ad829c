// What the Iss's translation units share: the decoded form of an instruction, memory windows, the cycle model.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "mcu/iss.h"

namespace touchstone::models {

static_assert(std::endian::native == std::endian::little, "guest memory is accessed by host words");

// Cycle model (README): the figures of a small in-order core of two to three stages, beside those that a CycleModel holds. All are
// independent of operand values; only a taken branch differs from one not taken.
inline constexpr unsigned kSimpleCycles = 1;       // ALU, LUI, AUIPC, CSR, branch not taken, FENCE, WFI
inline constexpr unsigned kDivideCycles = 37;
inline constexpr unsigned kMemoryCycles = 2;
inline constexpr unsigned kJumpCycles = 2;
inline constexpr unsigned kBranchTakenCycles = 3;
inline constexpr unsigned kReturnCycles = 3;       // MRET, FENCE.I
inline constexpr unsigned kTrapEntryCycles = 3;

inline constexpr std::uint32_t kStatusMie = 1u << 3, kStatusMpie = 1u << 7, kStatusMpp = 3u << 11, kStatusMprv = 1u << 17, kStatusTw = 1u << 21;
// Lines of mip and mie.
inline constexpr std::uint32_t kInterruptBits = 1u << static_cast<unsigned>(Interrupt::kTimer) | 1u << static_cast<unsigned>(Interrupt::kExternal);

// Operations of the fast loop. Each exists for 4-byte and 2-byte instructions. kRare: everything that needs the whole machine.
#define TS_ISS_OPS(X)                                                                                   \
  X(Decode) X(Rare) X(Li) X(Addi) X(Slti) X(Sltiu) X(Xori) X(Ori) X(Andi) X(Slli) X(Srli) X(Srai)       \
  X(Add) X(Sub) X(Sll) X(Slt) X(Sltu) X(Xor) X(Srl) X(Sra) X(Or) X(And)                                 \
  X(Mul) X(Mulh) X(Mulhsu) X(Mulhu) X(Div) X(Divu) X(Rem) X(Remu)                                       \
  X(Lb) X(Lh) X(Lw) X(Lbu) X(Lhu) X(Sb) X(Sh) X(Sw)                                                     \
  X(Beq) X(Bne) X(Blt) X(Bge) X(Bltu) X(Bgeu) X(Jal) X(Jalr)
enum class Op : std::uint8_t {
#define TS_ENUM(name) k##name,
  TS_ISS_OPS(TS_ENUM)
#undef TS_ENUM
};

inline constexpr std::uint8_t kNowhere = 32;  // register slot that takes writes to x0

/// A decoded instruction, one slot for each half-word of memory. All zero: not decoded.
struct Iss::Slot {
  std::uint8_t code;  // 2 * Op + (length == 2)
  std::uint8_t rd, rs1, rs2;
  std::int32_t imm;   // Li: the value; branches and Jal: distance in slots

  void set(Op op, unsigned length_bytes) { code = static_cast<std::uint8_t>(2 * static_cast<unsigned>(op) + (length_bytes == 2)); }
  Op op() const { return static_cast<Op>(code / 2); }
};

struct Iss::Window {
  static constexpr unsigned kLineShift = 8;  // code is tracked in lines of 256 bytes
  // calloc: pages that hold no decoded code cost no memory.
  using Slots = std::unique_ptr<Slot[], decltype(&std::free)>;

  Window(std::uint32_t base_address, std::uint8_t* bytes, std::size_t size, bool may_write);

  AddressRange range;
  std::uint8_t* data;
  bool writable;
  // By Privilege: where a mode may execute decides what is decoded. Two slots behind the end stay undecoded.
  std::array<Slots, 2> slots;
  std::vector<std::uint8_t> has_code;  // by line: an instruction decoded here has a byte in it

  bool holds(std::uint32_t address) const { return range.holds(address); }
  std::uint8_t* at(std::uint32_t address) const { return data + (address - range.base); }
  std::uint16_t half(std::uint32_t address) const { return load_le16(at(address)); }
  /// Offsets of the first and last byte that changed.
  void forget(std::uint32_t first_offset, std::uint32_t last_offset);
  void forget(std::uint32_t first_offset, std::uint32_t last_offset, Privilege mode);
};

/// Memory a mode may execute without a gap: a window, or a part of one. The fast loop runs inside one of these.
struct Iss::Code {
  Window* window;
  AddressRange range;
  Slot* slots;  // of the range's base
  bool operator==(const Code&) const = default;
};

/// What the fast loop may touch in one mode without asking the PMP: for each of RAM loads, RAM stores and loads from the
/// first ROM the longest permitted part in whole lines. Everything else takes access_memory().
struct Iss::View {
  struct Direct {
    AddressRange range;
    std::uint8_t* data = nullptr;            // of the range's base
    const std::uint8_t* has_code = nullptr;  // of its first line
  };
  bool stale = true;
  std::vector<Code> code;
  Direct ram_loads, ram_stores, rom_loads;
};

/// The 32-bit instruction a 16-bit one stands for (RV32C); 0, which is illegal, for reserved encodings.
std::uint32_t expand_compressed(std::uint16_t half);

inline constexpr std::int32_t sign_extend(std::uint32_t value, unsigned bits) {
  return static_cast<std::int32_t>(value << (32 - bits)) >> (32 - bits);
}
inline constexpr std::int32_t imm_i(std::uint32_t i) { return static_cast<std::int32_t>(i) >> 20; }
inline constexpr std::int32_t imm_s(std::uint32_t i) { return (imm_i(i) & ~31) | static_cast<std::int32_t>(i >> 7 & 31); }
inline constexpr std::int32_t imm_b(std::uint32_t i) {
  return sign_extend((i >> 31) << 12 | (i >> 7 & 1) << 11 | (i >> 25 & 63) << 5 | (i >> 8 & 15) << 1, 13);
}
inline constexpr std::int32_t imm_j(std::uint32_t i) {
  return sign_extend((i >> 31) << 20 | (i >> 12 & 255) << 12 | (i >> 20 & 1) << 11 | (i >> 21 & 1023) << 1, 21);
}

}  // namespace touchstone::models
