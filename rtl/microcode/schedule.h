// Microcode scheduler: a straight-line block of field operations becomes ROM words, one a clock cycle. The multiplier and the
// adder side work in parallel; nothing depends on data, so the schedule found here is the timing of the hardware.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace touchstone::rtl::microcode {

/// Operand addresses as in secp_pkg.sv: registers 0..23, constants 24..31.
inline constexpr int kRegisters = 24;
inline constexpr int kConst0 = 24, kConst1 = 25, kConst7 = 26, kConst21 = 27, kConstGx = 28, kConstGy = 29;

enum class Alu { kNop, kAdd, kSub, kSelK, kSelOdd, kChkRange, kChkEq, kChkInf, kOutX, kOutY };
enum class Seq { kNext, kSet, kSetK, kLoop, kLoopK, kJump, kCall, kRet, kEnd };
const char* name_of(Alu op);  ///< as in secp_pkg.sv
const char* name_of(Seq op);

/// Cycles until a result can be read, and cycles the multiplier's row is taken.
inline constexpr int kMulLatency = 5, kMulRow = 4, kShortMulLatency = 2, kShortMulRow = 1, kAluLatency = 1;

/// A value of a block: what a register or constant held on entry, or the result of an operation.
struct Value {
  int operand = -1;
  int node = -1;
};

struct Word {
  bool mul_start = false, mul_short = false;
  int mul_a = kConst0, mul_b = kConst0, mul_d = 0;
  Alu alu = Alu::kNop;
  int alu_a = kConst0, alu_b = kConst0, alu_d = 0;
  Seq seq = Seq::kNext;
  std::string target;  ///< label, for jumps and loops
  int count = 0;       ///< for kSet and kSetK
};

class Block {
 public:
  /// Registers from `first_temporary` up may hold temporaries.
  Block(std::string label, int first_temporary) : label_(std::move(label)), first_temporary_(first_temporary) {}

  static Value reg(int address) { return {address, -1}; }
  Value mul(Value a, Value b) { return add_node(true, false, Alu::kNop, a, b); }
  Value square(Value a) { return mul(a, a); }
  /// b below 2^64.
  Value mul_short(Value a, Value b) { return add_node(true, true, Alu::kNop, a, b); }
  Value times_3b(Value a) { return mul_short(a, reg(kConst21)); }
  Value add(Value a, Value b) { return add_node(false, false, Alu::kAdd, a, b); }
  Value sub(Value a, Value b) { return add_node(false, false, Alu::kSub, a, b); }
  Value alu(Alu op, Value a, Value b) { return add_node(false, false, op, a, b); }
  /// The value lies in this register at the end of the block. A value can be kept once.
  void keep(Value value, int address);
  /// How the block ends; the default goes on to the next block.
  void end(Seq seq, std::string target = {}, int count = 0);

  /// Shortest schedule found by list scheduling under many seeded priorities.
  std::vector<Word> schedule() const;
  const std::string& label() const { return label_; }

 private:
  struct Node {
    bool is_mul, is_short;
    Alu alu;
    Value a, b;
    int home = -1;  // register asked for by keep()
    int latency() const { return is_mul ? (is_short ? kShortMulLatency : kMulLatency) : kAluLatency; }
    int row() const { return is_short ? kShortMulRow : kMulRow; }
    bool writes() const { return is_mul || (alu >= Alu::kAdd && alu <= Alu::kSelOdd); }
  };
  struct Edge {
    int to, distance;
  };
  Value add_node(bool is_mul, bool is_short, Alu alu, Value a, Value b);
  std::vector<std::vector<Edge>> dependencies() const;
  std::vector<int> list_schedule(const std::vector<std::vector<Edge>>& after, const std::vector<int>& priority) const;
  int length_of(const std::vector<int>& issue) const;
  bool allocate(const std::vector<int>& issue, std::vector<int>& home) const;

  std::string label_;
  int first_temporary_;
  std::vector<Node> nodes_;
  Seq seq_ = Seq::kNext;
  std::string target_;
  int count_ = 0;
};

}  // namespace touchstone::rtl::microcode
