// Decoding: RV32C to RV32I, RV32IM to slots.
#include "mcu/iss_internal.h"

namespace touchstone::models {

namespace {

constexpr std::uint32_t bits(std::uint32_t value, unsigned high, unsigned low) { return value >> low & ((2u << (high - low)) - 1); }

// Encoders of the 32-bit formats; immediates are taken modulo their width.
constexpr std::uint32_t encode_r(unsigned funct7, unsigned rs2, unsigned rs1, unsigned funct3, unsigned rd) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33;
}
constexpr std::uint32_t encode_i(std::uint32_t imm, unsigned rs1, unsigned funct3, unsigned rd, unsigned opcode) {
  return imm << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr std::uint32_t encode_sw(std::uint32_t imm, unsigned rs2, unsigned rs1) {
  return bits(imm, 11, 5) << 25 | rs2 << 20 | rs1 << 15 | 2 << 12 | bits(imm, 4, 0) << 7 | 0x23;
}
constexpr std::uint32_t encode_branch(std::uint32_t imm, unsigned rs1, unsigned funct3) {
  return bits(imm, 12, 12) << 31 | bits(imm, 10, 5) << 25 | rs1 << 15 | funct3 << 12 | bits(imm, 4, 1) << 8 | bits(imm, 11, 11) << 7 | 0x63;
}
constexpr std::uint32_t encode_jal(std::uint32_t imm, unsigned rd) {
  return bits(imm, 20, 20) << 31 | bits(imm, 10, 1) << 21 | bits(imm, 11, 11) << 20 | bits(imm, 19, 12) << 12 | rd << 7 | 0x6F;
}

constexpr unsigned kLoad = 0x03, kOpImm = 0x13, kJalr = 0x67;
constexpr std::uint32_t kIllegal = 0, kEbreak = 0x00100073;

std::uint32_t expand_quadrant_0(std::uint32_t c) {
  const unsigned rd = 8 + bits(c, 4, 2), rs1 = 8 + bits(c, 9, 7);
  const std::uint32_t word_offset = bits(c, 5, 5) << 6 | bits(c, 12, 10) << 3 | bits(c, 6, 6) << 2;
  switch (bits(c, 15, 13)) {
    case 0: {  // C.ADDI4SPN
      const std::uint32_t imm = bits(c, 10, 7) << 6 | bits(c, 12, 11) << 4 | bits(c, 5, 5) << 3 | bits(c, 6, 6) << 2;
      return imm == 0 ? kIllegal : encode_i(imm, 2, 0, rd, kOpImm);
    }
    case 2: return encode_i(word_offset, rs1, 2, rd, kLoad);  // C.LW
    case 6: return encode_sw(word_offset, rd, rs1);           // C.SW
    default: return kIllegal;
  }
}

std::uint32_t expand_quadrant_1(std::uint32_t c) {
  const unsigned rd = bits(c, 11, 7), small = 8 + bits(c, 9, 7);
  const auto imm6 = static_cast<std::uint32_t>(sign_extend(bits(c, 12, 12) << 5 | bits(c, 6, 2), 6));
  const auto jump = static_cast<std::uint32_t>(
      sign_extend(bits(c, 12, 12) << 11 | bits(c, 8, 8) << 10 | bits(c, 10, 9) << 8 | bits(c, 6, 6) << 7 | bits(c, 7, 7) << 6 |
                      bits(c, 2, 2) << 5 | bits(c, 11, 11) << 4 | bits(c, 5, 3) << 1, 12));
  const auto branch = static_cast<std::uint32_t>(
      sign_extend(bits(c, 12, 12) << 8 | bits(c, 6, 5) << 6 | bits(c, 2, 2) << 5 | bits(c, 11, 10) << 3 | bits(c, 4, 3) << 1, 9));
  switch (bits(c, 15, 13)) {
    case 0: return encode_i(imm6, rd, 0, rd, kOpImm);  // C.ADDI, C.NOP
    case 1: return encode_jal(jump, 1);                // C.JAL
    case 2: return encode_i(imm6, 0, 0, rd, kOpImm);   // C.LI
    case 3: {
      if (imm6 == 0) return kIllegal;
      if (rd != 2) return (imm6 & 0xFFFFF) << 12 | rd << 7 | 0x37;  // C.LUI
      const auto imm = static_cast<std::uint32_t>(
          sign_extend(bits(c, 12, 12) << 9 | bits(c, 4, 3) << 7 | bits(c, 5, 5) << 6 | bits(c, 2, 2) << 5 | bits(c, 6, 6) << 4, 10));
      return encode_i(imm, 2, 0, 2, kOpImm);  // C.ADDI16SP
    }
    case 4: {
      const unsigned rs2 = 8 + bits(c, 4, 2);
      const bool bit12 = bits(c, 12, 12) != 0;
      switch (bits(c, 11, 10)) {
        case 0: return bit12 ? kIllegal : encode_i(bits(c, 6, 2), small, 5, small, kOpImm);          // C.SRLI
        case 1: return bit12 ? kIllegal : encode_i(0x400 | bits(c, 6, 2), small, 5, small, kOpImm);  // C.SRAI
        case 2: return encode_i(imm6, small, 7, small, kOpImm);                                      // C.ANDI
        default: break;
      }
      if (bit12) return kIllegal;
      switch (bits(c, 6, 5)) {
        case 0: return encode_r(0x20, rs2, small, 0, small);  // C.SUB
        case 1: return encode_r(0, rs2, small, 4, small);     // C.XOR
        case 2: return encode_r(0, rs2, small, 6, small);     // C.OR
        default: return encode_r(0, rs2, small, 7, small);    // C.AND
      }
    }
    case 5: return encode_jal(jump, 0);               // C.J
    case 6: return encode_branch(branch, small, 0);   // C.BEQZ
    default: return encode_branch(branch, small, 1);  // C.BNEZ
  }
}

std::uint32_t expand_quadrant_2(std::uint32_t c) {
  const unsigned rd = bits(c, 11, 7), rs2 = bits(c, 6, 2);
  const bool bit12 = bits(c, 12, 12) != 0;
  switch (bits(c, 15, 13)) {
    case 0: return bit12 ? kIllegal : encode_i(rs2, rd, 1, rd, kOpImm);  // C.SLLI
    case 2:                                                              // C.LWSP
      return rd == 0 ? kIllegal : encode_i(bits(c, 3, 2) << 6 | bits(c, 12, 12) << 5 | bits(c, 6, 4) << 2, 2, 2, rd, kLoad);
    case 4:
      if (rs2 != 0) return encode_r(0, rs2, bit12 ? rd : 0, 0, rd);        // C.ADD, C.MV
      if (rd == 0) return bit12 ? kEbreak : kIllegal;                      // C.EBREAK
      return encode_i(0, rd, 0, bit12 ? 1 : 0, kJalr);                     // C.JALR, C.JR
    case 6: return encode_sw(bits(c, 8, 7) << 6 | bits(c, 12, 9) << 2, rs2, 2);  // C.SWSP
    default: return kIllegal;
  }
}

Op op_of_immediate(std::uint32_t i) {
  switch (bits(i, 14, 12)) {
    case 0: return Op::kAddi;
    case 1: return bits(i, 31, 25) == 0 ? Op::kSlli : Op::kRare;
    case 2: return Op::kSlti;
    case 3: return Op::kSltiu;
    case 4: return Op::kXori;
    case 5: return bits(i, 31, 25) == 0 ? Op::kSrli : bits(i, 31, 25) == 0x20 ? Op::kSrai : Op::kRare;
    case 6: return Op::kOri;
    default: return Op::kAndi;
  }
}

Op op_of_registers(std::uint32_t i) {
  static constexpr Op kBase[] = {Op::kAdd, Op::kSll, Op::kSlt, Op::kSltu, Op::kXor, Op::kSrl, Op::kOr, Op::kAnd};
  static constexpr Op kMulDiv[] = {Op::kMul, Op::kMulh, Op::kMulhsu, Op::kMulhu, Op::kDiv, Op::kDivu, Op::kRem, Op::kRemu};
  const unsigned funct3 = bits(i, 14, 12);
  switch (bits(i, 31, 25)) {
    case 0x00: return kBase[funct3];
    case 0x01: return kMulDiv[funct3];
    case 0x20: return funct3 == 0 ? Op::kSub : funct3 == 5 ? Op::kSra : Op::kRare;
    default: return Op::kRare;
  }
}

}  // namespace

std::uint32_t expand_compressed(std::uint16_t half) {
  switch (half & 3) {
    case 0: return expand_quadrant_0(half);
    case 1: return expand_quadrant_1(half);
    default: return expand_quadrant_2(half);
  }
}

// Fills the slot of `pc`, which the range holds or ends at. False: nothing to decode there.
bool Iss::decode(const Code& code, std::uint32_t pc, Slot& slot) {
  if (!code.range.holds(pc)) return false;
  Window& window = *code.window;
  std::uint32_t i = window.half(pc);
  const unsigned length = (i & 3) == 3 ? 4 : 2;
  const std::uint32_t offset = pc - window.range.base;
  window.has_code[offset >> Window::kLineShift] = 1;
  slot.rd = slot.rs1 = slot.rs2 = 0;
  slot.imm = 0;
  slot.set(Op::kRare, length);
  if (length == 2) {
    i = expand_compressed(static_cast<std::uint16_t>(i));
  } else {
    if (!code.range.holds(pc + 2)) return true;
    window.has_code[(offset + 2) >> Window::kLineShift] = 1;
    i |= std::uint32_t{window.half(pc + 2)} << 16;
  }

  const unsigned rd = bits(i, 11, 7), funct3 = bits(i, 14, 12);
  slot.rd = rd == 0 ? kNowhere : static_cast<std::uint8_t>(rd);
  slot.rs1 = static_cast<std::uint8_t>(bits(i, 19, 15));
  slot.rs2 = static_cast<std::uint8_t>(bits(i, 24, 20));
  // Jumps and branches that leave the range are rare operations, so that the fast ones need no range check.
  const auto set_jump = [&](Op op, std::int32_t distance) {
    if (!code.range.holds(pc + static_cast<std::uint32_t>(distance))) return;
    slot.imm = distance / 2;
    slot.set(op, length);
  };
  switch (i & 0x7F) {
    case 0x37:
      slot.imm = static_cast<std::int32_t>(i & 0xFFFFF000);
      slot.set(Op::kLi, length);
      break;
    case 0x17:
      slot.imm = static_cast<std::int32_t>(pc + (i & 0xFFFFF000));
      slot.set(Op::kLi, length);
      break;
    case 0x13: {
      const Op op = op_of_immediate(i);
      const bool shift = op == Op::kSlli || op == Op::kSrli || op == Op::kSrai;
      slot.imm = shift ? slot.rs2 : imm_i(i);
      slot.set(op, length);
      break;
    }
    case 0x33: slot.set(op_of_registers(i), length); break;
    case 0x03: {
      static constexpr Op kLoads[] = {Op::kLb, Op::kLh, Op::kLw, Op::kRare, Op::kLbu, Op::kLhu, Op::kRare, Op::kRare};
      slot.imm = imm_i(i);
      slot.set(kLoads[funct3], length);
      break;
    }
    case 0x23: {
      static constexpr Op kStores[] = {Op::kSb, Op::kSh, Op::kSw, Op::kRare, Op::kRare, Op::kRare, Op::kRare, Op::kRare};
      slot.imm = imm_s(i);
      slot.set(kStores[funct3], length);
      break;
    }
    case 0x63: {
      static constexpr Op kBranches[] = {Op::kBeq, Op::kBne, Op::kRare, Op::kRare, Op::kBlt, Op::kBge, Op::kBltu, Op::kBgeu};
      if (kBranches[funct3] != Op::kRare) set_jump(kBranches[funct3], imm_b(i));
      break;
    }
    case 0x6F: set_jump(Op::kJal, imm_j(i)); break;
    case 0x67:
      slot.imm = imm_i(i);
      if (funct3 == 0) slot.set(Op::kJalr, length);
      break;
    default: break;
  }
  return true;
}

}  // namespace touchstone::models
