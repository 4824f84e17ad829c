#include "mcu/random_program.h"

#include <algorithm>
#include <iterator>

#include "base/bytes.h"
#include "mcu/test_assembler.h"

namespace touchstone::models {

namespace {

constexpr std::uint32_t kJumpRegister = 31;  // written only by the AUIPC before a JALR, which jumps cannot separate

class Generator {
 public:
  Generator(Random& random, unsigned length) : random_(random), length_(length) {}

  RandomProgram make() {
    for (unsigned i = 0; i < 32; ++i) program_.registers[i] = value();
    program_.registers[0] = 0;
    for (unsigned base : {2u, 8u, 9u}) program_.registers[base] = RandomProgram::kDataBase + 256 + 4 * pick(64);
    while (program_.instructions < length_) instruction();
    border();
    for (const Jump& jump : jumps_) patch(jump);
    return program_;
  }

 private:
  enum class Kind { kBranch, kJal, kJalr, kCompressedJump, kCompressedBranch };
  struct Jump {
    Kind kind;
    std::size_t at;         // byte offset of the instruction
    std::size_t skip;       // goes to the border number skip
  };

  std::uint32_t pick(std::uint64_t bound) { return static_cast<std::uint32_t>(random_.below(bound)); }
  std::uint32_t value() {
    static constexpr std::uint32_t kEdges[] = {0, 1, 2, 31, 32, 0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0xFFFFFFFE, 0x55555555};
    if (pick(3) == 0) return kEdges[pick(std::size(kEdges))];
    return static_cast<std::uint32_t>(random_.next_u64());
  }
  std::uint32_t source() { return pick(32); }
  std::uint32_t target() {
    for (;;) {
      const std::uint32_t rd = pick(31);
      if (rd != 2 && rd != 8 && rd != 9) return rd;
    }
  }
  std::uint32_t small_target() { return 2 + pick(6); }  // x10..x15 as a 3-bit field
  std::int32_t small_imm() { return static_cast<std::int32_t>(pick(4096)) - 2048; }

  void border() { borders_.push_back(program_.code.size()); }
  void emit32(std::uint32_t word) {
    std::uint8_t bytes[4];
    store_le32(bytes, word);
    program_.code.insert(program_.code.end(), bytes, bytes + 4);
    ++program_.instructions;
  }
  void emit16(std::uint32_t half) {
    program_.code.push_back(static_cast<std::uint8_t>(half));
    program_.code.push_back(static_cast<std::uint8_t>(half >> 8));
    ++program_.instructions;
    ++program_.compressed;
  }
  void jump(Kind kind) { jumps_.push_back({kind, program_.code.size(), borders_.size() + pick(6)}); }

  void instruction() {
    border();
    switch (pick(12)) {
      case 0: case 1: return registers();
      case 2: case 3: return immediate();
      case 4: return emit32(pick(2) ? rv::lui(target(), value()) : rv::auipc(target(), value()));
      case 5: return load();
      case 6: return store();
      case 7: return control();
      default: return compressed();
    }
  }
  void registers() {
    static constexpr std::uint32_t kFunct[][2] = {{0, 0}, {0x20, 0}, {0, 1}, {0, 2}, {0, 3}, {0, 4}, {0, 5}, {0x20, 5}, {0, 6}, {0, 7},
                                                  {1, 0}, {1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 6}, {1, 7}};
    const auto& f = kFunct[pick(std::size(kFunct))];
    emit32(rv::r_type(f[0], f[1], target(), source(), source()));
  }
  void immediate() {
    const std::uint32_t funct3 = pick(8);
    if (funct3 == 1) return emit32(rv::i_type(0x13, 1, target(), source(), static_cast<std::int32_t>(pick(32))));
    if (funct3 == 5) return emit32(rv::i_type(0x13, 5, target(), source(), static_cast<std::int32_t>(pick(32) | pick(2) << 10)));
    emit32(rv::i_type(0x13, funct3, target(), source(), small_imm()));
  }
  std::uint32_t base() {
    static constexpr std::uint32_t kBases[] = {2, 8, 9};
    return kBases[pick(3)];
  }
  std::int32_t offset(unsigned size) { return (static_cast<std::int32_t>(pick(512)) - 256) & -static_cast<std::int32_t>(size); }
  void load() {
    static constexpr std::uint32_t kFunct[] = {0, 1, 2, 4, 5};
    const std::uint32_t funct3 = kFunct[pick(5)];
    emit32(rv::i_type(0x03, funct3, target(), base(), offset(1u << (funct3 & 3))));
  }
  void store() {
    const std::uint32_t funct3 = pick(3);
    emit32(rv::s_type(funct3, source(), base(), offset(1u << funct3)));
  }
  void control() {
    static constexpr std::uint32_t kFunct[] = {0, 1, 4, 5, 6, 7};
    switch (pick(4)) {
      case 0:
        jump(Kind::kJal);
        return emit32(rv::jal(target(), 0));
      case 1:
        emit32(rv::auipc(kJumpRegister, 0));
        jump(Kind::kJalr);
        return emit32(rv::jalr(target(), kJumpRegister, 0));
      default:
        jump(Kind::kBranch);
        return emit32(rv::b_type(kFunct[pick(6)], source(), source(), 0));
    }
  }
  void compressed() {
    const std::uint32_t imm6 = 1 + pick(63), imm_high = imm6 >> 5 << 12, imm_low = (imm6 & 31) << 2;
    // A shift by 0 is a hint, which QEMU (and so Unicorn) takes for RV128's shift by 64.
    const std::uint32_t shift = (1 + pick(31)) << 2;
    const std::uint32_t rd = target(), nonzero = rd == 0 ? 1 : rd, small = small_target();
    switch (pick(16)) {
      case 0: return emit16(0x0000 | (1 + pick(255)) << 5 | small << 2);                       // C.ADDI4SPN
      case 1: return emit16(0x4000 | pick(8) << 10 | pick(2) << 7 | pick(2) << 6 | small << 2);  // C.LW from x8, x9
      case 2: return emit16(0xC000 | pick(8) << 10 | pick(2) << 7 | pick(2) << 6 | pick(8) << 2);  // C.SW
      case 3: return emit16(0x0001 | imm_high | rd << 7 | imm_low);                            // C.ADDI
      case 4: return emit16(0x4001 | imm_high | rd << 7 | imm_low);                            // C.LI
      case 5: return emit16(0x6001 | imm_high | rd << 7 | imm_low);                            // C.LUI (rd is never x2)
      case 6: return emit16(0x8001 | small << 7 | shift);                                      // C.SRLI
      case 7: return emit16(0x8401 | small << 7 | shift);                                      // C.SRAI
      case 8: return emit16(0x8801 | imm_high | small << 7 | imm_low);                         // C.ANDI
      case 9: case 10: return emit16(0x8C01 | small << 7 | pick(4) << 5 | pick(8) << 2);       // C.SUB, XOR, OR, AND
      case 11: return emit16(0x0002 | nonzero << 7 | shift);                                   // C.SLLI
      case 12:                                                                                 // C.LWSP, C.SWSP
        return pick(2) ? emit16(0x4002 | pick(2) << 12 | nonzero << 7 | pick(32) << 2)
                       : emit16(0xC002 | pick(64) << 7 | source() << 2);
      case 13: return emit16(0x8002 | pick(2) << 12 | nonzero << 7 | (1 + pick(31)) << 2);     // C.MV, C.ADD
      case 14:
        jump(Kind::kCompressedJump);
        return emit16(pick(2) ? 0xA001 : 0x2001);  // C.J, C.JAL
      default:
        jump(Kind::kCompressedBranch);
        return emit16((pick(2) ? 0xC001 : 0xE001) | pick(8) << 7);  // C.BEQZ, C.BNEZ
    }
  }

  void patch(const Jump& jump) {
    const std::size_t to = borders_[std::min(jump.skip, borders_.size() - 1)];
    const auto distance = static_cast<std::int32_t>(to - jump.at);
    const auto d = static_cast<std::uint32_t>(distance);
    std::uint8_t* p = program_.code.data() + jump.at;
    switch (jump.kind) {
      case Kind::kBranch: return store_le32(p, load_le32(p) | rv::b_type(0, 0, 0, distance));
      case Kind::kJal: return store_le32(p, load_le32(p) | rv::jal(0, distance));
      case Kind::kJalr: return store_le32(p, load_le32(p) | (d + 4) << 20);
      case Kind::kCompressedJump:
        return store_le16(p, static_cast<std::uint16_t>(load_le16(p) | (d >> 11 & 1) << 12 | (d >> 4 & 1) << 11 | (d >> 8 & 3) << 9 | (d >> 10 & 1) << 8 |
                                                        (d >> 6 & 1) << 7 | (d >> 7 & 1) << 6 | (d >> 1 & 7) << 3 | (d >> 5 & 1) << 2));
      case Kind::kCompressedBranch:
        return store_le16(p, static_cast<std::uint16_t>(load_le16(p) | (d >> 8 & 1) << 12 | (d >> 3 & 3) << 10 | (d >> 6 & 3) << 5 | (d >> 1 & 3) << 3 | (d >> 5 & 1) << 2));
    }
  }

  Random& random_;
  unsigned length_;
  RandomProgram program_;
  std::vector<std::size_t> borders_;
  std::vector<Jump> jumps_;
};

}  // namespace

RandomProgram make_random_program(Random& random, unsigned length) { return Generator(random, length).make(); }

}  // namespace touchstone::models
