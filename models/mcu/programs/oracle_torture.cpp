// Writes random RV32IMC code into memory, runs it on random registers and prints a hash of all registers and of the memory it touched.
#include "oracle.h"

namespace {

using namespace oracle;

constexpr unsigned kPrograms = 400, kInstructions = 60;
alignas(4) std::uint8_t code[8 * kInstructions + 600];
alignas(4) std::uint32_t data[64], registers[16];

class Writer {
 public:
  explicit Writer(std::uint8_t* to) : at_(to) {}
  void half(std::uint32_t h) {
    *at_++ = static_cast<std::uint8_t>(h);
    *at_++ = static_cast<std::uint8_t>(h >> 8);
  }
  void word(std::uint32_t w) {
    half(w);
    half(w >> 16);
  }

 private:
  std::uint8_t* at_;
};

// x8..x15 are free; x5 points into the data.
constexpr std::uint32_t reg(std::uint32_t n) { return 8 + n; }

void instruction(Writer& to, Numbers& n) {
  const std::uint32_t rd = reg(n.below(8)), rs1 = reg(n.below(8)), rs2 = reg(n.below(8)), c1 = n.below(8), c2 = n.below(8);
  const std::uint32_t imm = n.below(4096), shift = 1 + n.below(31);
  static constexpr std::uint32_t kLoads[] = {0, 1, 2, 4, 5};
  switch (n.below(14)) {
    case 0: case 1: return to.word(rs2 << 20 | rs1 << 15 | n.below(8) << 12 | rd << 7 | 0x33);
    case 2: return to.word(0x40000000 | rs2 << 20 | rs1 << 15 | (n.below(2) ? 5u : 0u) << 12 | rd << 7 | 0x33);
    case 3: case 4: return to.word(0x02000000 | rs2 << 20 | rs1 << 15 | n.below(8) << 12 | rd << 7 | 0x33);
    case 5: {
      static constexpr std::uint32_t kPlain[] = {0, 2, 3, 4, 6, 7};
      return to.word(imm << 20 | rs1 << 15 | kPlain[n.below(6)] << 12 | rd << 7 | 0x13);
    }
    case 6: return to.word(n.below(2) << 30 | shift << 20 | rs1 << 15 | 5 << 12 | rd << 7 | 0x13);
    case 7: return to.word((n.word() & 0xFFFFF000) | rd << 7 | 0x37);
    case 8: {
      const std::uint32_t funct3 = kLoads[n.below(5)];
      return to.word((n.below(64) << 2) << 20 | 5 << 15 | funct3 << 12 | rd << 7 | 0x03);
    }
    case 9: {
      const std::uint32_t offset = n.below(64) << 2;
      return to.word(offset >> 5 << 25 | rs2 << 20 | 5 << 15 | n.below(3) << 12 | (offset & 31) << 7 | 0x23);
    }
    case 10: return to.word(4u << 8 | rs2 << 20 | rs1 << 15 | (n.below(2) + 4 + 2 * n.below(2)) << 12 | 0x63), to.word(imm << 20 | rd << 15 | rd << 7 | 0x13);  // over the next one
    case 11: return to.half(0x8C01 | c1 << 7 | n.below(4) << 5 | c2 << 2);                // C.SUB, XOR, OR, AND
    case 12: return to.half((n.below(2) ? 0x0001u : 0x4001u) | rd << 7 | shift << 2);     // C.ADDI, C.LI
    default: return to.half((n.below(2) ? 0x9002u : 0x8002u) | rd << 7 | rs2 << 2);       // C.ADD, C.MV
  }
}

// lw/sw of x8..x15 at the register area that x6 points to.
void transfer(Writer& to, bool store) {
  for (std::uint32_t i = 0; i < 8; ++i) {
    const std::uint32_t offset = 4 * i;
    if (store) to.word(offset >> 5 << 25 | reg(i) << 20 | 6 << 15 | 2 << 12 | (offset & 31) << 7 | 0x23);
    else to.word(offset << 20 | 6 << 15 | 2 << 12 | reg(i) << 7 | 0x03);
  }
}

void load_address(Writer& to, std::uint32_t rd, const void* p) {
  const auto value = reinterpret_cast<std::uint32_t>(p);
  to.word(((value + 0x800) & 0xFFFFF000) | rd << 7 | 0x37);
  to.word((value & 0xFFF) << 20 | rd << 15 | rd << 7 | 0x13);
}

}  // namespace

int main() {
  Numbers numbers(2026);
  std::uint32_t hash = 1;
  for (unsigned program = 0; program < kPrograms; ++program) {
    for (std::uint32_t& r : registers) r = numbers.below(4) == 0 ? (numbers.below(2) ? 0x80000000u : ~0u) : numbers.word();
    for (std::uint32_t& d : data) d = numbers.word();
    Writer to(code);
    load_address(to, 5, data);
    load_address(to, 6, registers);
    transfer(to, false);
    for (unsigned i = 0; i < kInstructions; ++i) instruction(to, numbers);
    transfer(to, true);
    to.word(0x00000073);
    asm volatile("fence.i" ::: "memory");
    mix(hash, oracle_run(reinterpret_cast<std::uint32_t>(code), kMachine, 0));
    for (std::uint32_t r : registers) mix(hash, r);
    for (std::uint32_t d : data) mix(hash, d);
    if (program % 20 == 19) line("state", hash);
  }
  return finish();
}
