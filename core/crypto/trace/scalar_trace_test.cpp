// The cross-compiled scalar arithmetic in an emulator: equal traces for all operands, and the same results as the
// host's.
#include <elf.h>
#include <gtest/gtest.h>
#include <unicorn/unicorn.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>
#include <vector>

#include "base/seed.h"
#include "crypto/scalar.h"
#include "support/hex.h"
#include "trace/operands.h"

namespace touchstone::crypto {
namespace {

using test::array_from_hex;
using test::random_array;
using trace::Operands;

struct Trace {
  std::uint64_t instructions = 0;
  std::uint64_t code_hash = 0;    // over every program counter
  std::uint64_t access_hash = 0;  // over kind, address and size of every access
  bool operator==(const Trace&) const = default;
};

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) { return (hash ^ value) * 0x100000001b3 + (hash >> 29); }

class ScalarTrace : public ::testing::Test {
 protected:
  static Trace run(Operands& operands) {
    std::ifstream file(TOUCHSTONE_SCALAR_TRACE_ELF, std::ios::binary);
    const std::vector<char> elf{std::istreambuf_iterator<char>(file), {}};
    Elf32_Ehdr header;
    EXPECT_GT(elf.size(), sizeof header);
    std::memcpy(&header, elf.data(), sizeof header);
    uc_engine* engine = nullptr;
    EXPECT_EQ(uc_open(UC_ARCH_RISCV, UC_MODE_RISCV32, &engine), UC_ERR_OK);
    EXPECT_EQ(uc_mem_map(engine, 0x10000, 0x40000, UC_PROT_ALL), UC_ERR_OK);
    for (int i = 0; i < header.e_phnum; ++i) {
      Elf32_Phdr segment;
      std::memcpy(&segment, elf.data() + header.e_phoff + static_cast<std::size_t>(i) * sizeof segment, sizeof segment);
      if (segment.p_type != PT_LOAD || segment.p_filesz == 0) continue;
      EXPECT_EQ(uc_mem_write(engine, segment.p_vaddr, elf.data() + segment.p_offset, segment.p_filesz), UC_ERR_OK);
    }
    EXPECT_EQ(uc_mem_write(engine, trace::kOperandsAddress, &operands, sizeof operands), UC_ERR_OK);

    Trace trace;
    uc_hook code_hook, access_hook;
    uc_hook_add(engine, &code_hook, UC_HOOK_CODE, reinterpret_cast<void*>(&on_code), &trace, 1, 0);
    uc_hook_add(engine, &access_hook, UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, reinterpret_cast<void*>(&on_access), &trace,
                1, 0);
    // The program ends in ebreak, which stops Unicorn with an error; which one depends on its version.
    EXPECT_NE(uc_emu_start(engine, header.e_entry, 0, 0, 100000), UC_ERR_OK);
    std::uint32_t end = 0;
    std::uint16_t instruction = 0;
    uc_reg_read(engine, UC_RISCV_REG_PC, &end);
    uc_mem_read(engine, end, &instruction, sizeof instruction);
    EXPECT_EQ(instruction, 0x9002) << "c.ebreak";
    EXPECT_EQ(uc_mem_read(engine, trace::kOperandsAddress, &operands, sizeof operands), UC_ERR_OK);
    uc_close(engine);
    return trace;
  }

 private:
  static void on_code(uc_engine*, std::uint64_t address, std::uint32_t, void* user) {
    Trace& trace = *static_cast<Trace*>(user);
    ++trace.instructions;
    trace.code_hash = mix(trace.code_hash, address);
  }
  static void on_access(uc_engine*, uc_mem_type type, std::uint64_t address, int size, std::int64_t, void* user) {
    Trace& trace = *static_cast<Trace*>(user);
    trace.access_hash = mix(trace.access_hash,
                            address << 16 | static_cast<std::uint64_t>(size) << 8 | static_cast<std::uint64_t>(type));
  }
};

std::vector<Operands> sample_operands() {
  std::vector<ByteArray<32>> values;
  for (const char* text : {"0000000000000000000000000000000000000000000000000000000000000000",
                           "0000000000000000000000000000000000000000000000000000000000000001",
                           "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1",
                           "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
                           "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    values.push_back(array_from_hex<32>(text));
  }
  Random random = SeedTree(1).stream("trace");
  for (int i = 0; i < 3; ++i) values.push_back(random_array<32>(random));
  std::vector<Operands> out;
  for (const auto& a : values) {
    for (const auto& b : values) {
      Operands operands{};
      operands.a = a;
      operands.b = b;
      std::copy(b.begin(), b.end(), operands.wide.begin());
      std::copy(a.begin(), a.end(), operands.wide.begin() + 32);
      out.push_back(operands);
    }
  }
  return out;
}

TEST_F(ScalarTrace, IsEqualForAllOperandsAndComputesWhatTheHostComputes) {
  std::optional<Trace> first;
  for (Operands operands : sample_operands()) {
    const Trace trace = run(operands);
    if (!first) first = trace;
    EXPECT_EQ(trace, *first) << test::hex(operands.a) << ' ' << test::hex(operands.b);
    const Scalar a = Scalar::from_bytes_reduce(operands.a), b = Scalar::from_bytes_reduce(operands.b);
    EXPECT_EQ(operands.sum, (a + b).to_bytes());
    EXPECT_EQ(operands.difference, (a - b).to_bytes());
    EXPECT_EQ(operands.product, (a * b).to_bytes());
    EXPECT_EQ(operands.reduced, Scalar::from_wide_reduce(operands.wide).to_bytes());
    EXPECT_EQ(operands.selected, Scalar::select(operands.a[31] & 1, a, b.negate_if(operands.b[31] & 1)).to_bytes());
    EXPECT_EQ(operands.predicates, a.is_zero() | a.is_high() << 1 | equal_constant_time(a, b) << 2);
  }
  EXPECT_GT(first->instructions, 5000u);
}

TEST_F(ScalarTrace, SeesCodeThatDependsOnItsOperands) {
  Operands equal{}, different{};
  equal.leak = different.leak = 1;
  different.b[0] = 1;
  EXPECT_NE(run(equal), run(different));
}

}  // namespace
}  // namespace touchstone::crypto
