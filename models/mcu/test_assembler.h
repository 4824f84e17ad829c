// Encoders of RV32IMC instructions for tests, named after the assembler's mnemonics.
#pragma once

#include <cstdint>

namespace touchstone::models::rv {

using Word = std::uint32_t;

constexpr Word r_type(Word funct7, Word funct3, Word rd, Word rs1, Word rs2) {
  return funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | 0x33;
}
constexpr Word i_type(Word opcode, Word funct3, Word rd, Word rs1, std::int32_t imm) {
  return static_cast<Word>(imm) << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}
constexpr Word s_type(Word funct3, Word rs2, Word rs1, std::int32_t imm) {
  const Word u = static_cast<Word>(imm);
  return (u >> 5 & 127) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (u & 31) << 7 | 0x23;
}
constexpr Word b_type(Word funct3, Word rs1, Word rs2, std::int32_t distance) {
  const Word u = static_cast<Word>(distance);
  return (u >> 12 & 1) << 31 | (u >> 5 & 63) << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | (u >> 1 & 15) << 8 | (u >> 11 & 1) << 7 | 0x63;
}
constexpr Word lui(Word rd, Word value) { return (value & 0xFFFFF000) | rd << 7 | 0x37; }
constexpr Word auipc(Word rd, Word value) { return (value & 0xFFFFF000) | rd << 7 | 0x17; }
constexpr Word jal(Word rd, std::int32_t distance) {
  const Word u = static_cast<Word>(distance);
  return (u >> 20 & 1) << 31 | (u >> 1 & 1023) << 21 | (u >> 11 & 1) << 20 | (u >> 12 & 255) << 12 | rd << 7 | 0x6F;
}
constexpr Word jalr(Word rd, Word rs1, std::int32_t imm) { return i_type(0x67, 0, rd, rs1, imm); }
constexpr Word addi(Word rd, Word rs1, std::int32_t imm) { return i_type(0x13, 0, rd, rs1, imm); }
constexpr Word add(Word rd, Word rs1, Word rs2) { return r_type(0, 0, rd, rs1, rs2); }
constexpr Word mul(Word rd, Word rs1, Word rs2) { return r_type(1, 0, rd, rs1, rs2); }
constexpr Word mulh(Word rd, Word rs1, Word rs2) { return r_type(1, 1, rd, rs1, rs2); }
constexpr Word div(Word rd, Word rs1, Word rs2) { return r_type(1, 4, rd, rs1, rs2); }
constexpr Word lb(Word rd, Word rs1, std::int32_t imm) { return i_type(0x03, 0, rd, rs1, imm); }
constexpr Word lh(Word rd, Word rs1, std::int32_t imm) { return i_type(0x03, 1, rd, rs1, imm); }
constexpr Word lw(Word rd, Word rs1, std::int32_t imm) { return i_type(0x03, 2, rd, rs1, imm); }
constexpr Word lhu(Word rd, Word rs1, std::int32_t imm) { return i_type(0x03, 5, rd, rs1, imm); }
constexpr Word sb(Word rs2, Word rs1, std::int32_t imm) { return s_type(0, rs2, rs1, imm); }
constexpr Word sh(Word rs2, Word rs1, std::int32_t imm) { return s_type(1, rs2, rs1, imm); }
constexpr Word sw(Word rs2, Word rs1, std::int32_t imm) { return s_type(2, rs2, rs1, imm); }
constexpr Word beq(Word rs1, Word rs2, std::int32_t distance) { return b_type(0, rs1, rs2, distance); }
constexpr Word bne(Word rs1, Word rs2, std::int32_t distance) { return b_type(1, rs1, rs2, distance); }
constexpr Word csrrw(Word rd, Word csr, Word rs1) { return i_type(0x73, 1, rd, rs1, static_cast<std::int32_t>(csr)); }
constexpr Word csrrs(Word rd, Word csr, Word rs1) { return i_type(0x73, 2, rd, rs1, static_cast<std::int32_t>(csr)); }
constexpr Word csrrc(Word rd, Word csr, Word rs1) { return i_type(0x73, 3, rd, rs1, static_cast<std::int32_t>(csr)); }
constexpr Word csrrwi(Word rd, Word csr, Word imm) { return i_type(0x73, 5, rd, imm, static_cast<std::int32_t>(csr)); }
constexpr Word csrrsi(Word rd, Word csr, Word imm) { return i_type(0x73, 6, rd, imm, static_cast<std::int32_t>(csr)); }
constexpr Word csrrci(Word rd, Word csr, Word imm) { return i_type(0x73, 7, rd, imm, static_cast<std::int32_t>(csr)); }
inline constexpr Word kNop = 0x00000013, kEcall = 0x00000073, kEbreak = 0x00100073, kMret = 0x30200073, kWfi = 0x10500073;
inline constexpr Word kFence = 0x0FF0000F, kFenceI = 0x0000100F, kIllegal = 0xFFFFFFFF;

}  // namespace touchstone::models::rv
