// Microcode scheduler: a straight-line block of field operations becomes ROM words, one a clock cycle. A word starts one operation;
// products take several cycles, in which the adder side works. Nothing depends on data, so the schedule found here is the timing of
// the hardware.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace touchstone::rtl::microcode {

/// Which accelerator the words are for.
struct Target {
  int digit_bits = 64;  ///< of the multiplier
  enum class Style { kUnprotected, kProtected, kDoubleAdd } style = Style::kProtected;
};

/// Operand addresses as in secp_pkg.sv: registers 0..27, the scalar slots, then the constants of secp_constants.sv.
inline constexpr int kSlots = 28, kRegisters = 32;
inline constexpr int kRandomCycles = 4;  ///< 64 bits a cycle: after these all 256 are new
inline constexpr int kConst0 = 32, kConst1 = 33, kConst7 = 34, kConst21 = 35, kConstBeta = 36, kConstLambda = 37, kConstB2 = 38,
                     kConstMinusB1 = 39, kConstG1 = 40, kConstG2 = 41, kConstWindowOffset = 42, kConstCombOffset = 44,  // two each: for a half
                     kConstStartX = 46, kConstStartY = 47;

enum class Op {
  kNop, kMulP, kMulShort, kMulN, kMulHigh,
  kAdd, kSub, kAddN, kSubN, kEven, kRandom, kRandom64, kSlot, kWindow, kComb, kSelTop,
  kResult, kSlotSet, kSlotWipe,
  kHalf, kPush, kChkRange, kChkEq, kChkInf, kChkOut, kChkSlot
};
enum class Seq { kNext, kSet, kLoop, kLoopW, kLoopC, kJump, kCall, kRet, kSeed, kEnd };
const char* name_of(Op op);  ///< as in secp_pkg.sv
const char* name_of(Seq op);

/// What an observer who knows the public operands and results may see in a block, for leakage tests.
enum class Window { kLoad, kSecret, kOutput };

/// A value of a block: what a register or constant held on entry, or the result of an operation.
struct Value {
  int operand = -1;
  int node = -1;
};

struct Word {
  Op op = Op::kNop;
  int a = kConst0, b = kConst0, d = 0;
  Seq seq = Seq::kNext;
  std::string target;  ///< label, for jumps, loops and kSeed
  int count = 0;       ///< for kSet; for kNext idle cycles that follow
};

class Block {
 public:
  /// Registers from `first_temporary` up to before `end_temporary` may hold temporaries.
  Block(std::string label, int first_temporary, int end_temporary, Window window = Window::kSecret)
      : label_(std::move(label)), window_(window) {
    add_temporaries(first_temporary, end_temporary);
  }
  /// Registers from `first` up to before `end` may hold temporaries as well.
  void add_temporaries(int first, int end) {
    for (int r = first; r < end; ++r) temporaries_.push_back(r);
  }

  static Value reg(int address) { return {address, -1}; }
  // Modulo p.
  Value mul(Value a, Value b) { return op(Op::kMulP, a, b); }
  Value square(Value a) { return mul(a, a); }
  Value mul_short(Value a, Value b) { return op(Op::kMulShort, a, b); }  ///< b below 2^32
  Value times_3b(Value a) { return mul_short(a, reg(kConst21)); }
  Value add(Value a, Value b) { return op(Op::kAdd, a, b); }
  Value sub(Value a, Value b) { return op(Op::kSub, a, b); }
  Value copy(Value a) { return add(a, reg(kConst0)); }
  // Modulo n.
  Value mul_n(Value a, Value b) { return op(Op::kMulN, a, b); }
  Value add_n(Value a, Value b) { return op(Op::kAddN, a, b); }
  Value sub_n(Value a, Value b) { return op(Op::kSubN, a, b); }
  /// a * b / 2^256 for one of the constants kConstG1, kConstG2.
  Value mul_high(Value a, Value b) { return op(Op::kMulHigh, a, b); }
  Value op(Op op, Value a, Value b);
  /// 256 fresh bits, or 64; none of them is handed out twice.
  Value random(Op which = Op::kRandom) { return op(which, reg(kConst0), reg(kConst0)); }
  /// Slot A (0) or B (1) minus b, modulo n.
  Value slot(int which, Value b) { return op(Op::kSlot, code(which), b); }
  /// Coordinate 0, 1, 2 of the window table's entry, or 0, 1 of the comb's, for the digit of half 0 or 1.
  Value lookup(Op which, int half, int coordinate) { return op(which, reg(kConst0), code(4 * half + coordinate)); }
  /// An operation whose d is no register of this block; such operations keep their order.
  void act(Op which, Value a, Value b = reg(kConst0), int d = 0);
  /// Slot A (0) or B (1) must be a scalar, and not 0 either if `nonzero`.
  void check_slot(int which, bool nonzero) { act(Op::kChkSlot, code(which), reg(kConst0), nonzero ? 1 : 0); }
  /// The register that `value` is written to holds random bits before.
  Value precharged(Value value);
  /// The value lies in this register at the end of the block. A value can be kept once.
  void keep(Value value, int address);
  /// How the block ends; the default goes on to the next block.
  void end(Seq seq, std::string target = {}, int count = 0);

  /// Shortest schedule found by list scheduling under many seeded priorities; a word a cycle.
  std::vector<Word> schedule(const Target& target) const;
  const std::string& label() const { return label_; }
  Window window() const { return window_; }

 private:
  struct Node {
    Op op;
    Value a, b;
    int field = 0;   // d of an act
    int home = -1;   // register asked for by keep()
    int over = -1;   // node whose register this one takes, by precharged()
    bool is_mul() const { return op >= Op::kMulP && op <= Op::kMulHigh; }
    bool is_act() const { return op > Op::kSelTop; }
    /// Takes the write port in the cycle in which it starts.
    bool writes_at_once() const { return op >= Op::kAdd && op <= Op::kSlotWipe; }
    bool is_random() const { return op == Op::kRandom || op == Op::kRandom64; }
    int row(const Target& target) const;
    int latency(const Target& target) const { return is_mul() ? row(target) + 1 : 1; }
  };
  struct Edge {
    int to, distance;
  };
  /// Stands in an operand's field and is none.
  static constexpr int kCode = 64;
  static Value code(int number) { return {kCode + number, -1}; }
  std::vector<std::vector<Edge>> dependencies(const Target& target) const;
  std::vector<int> list_schedule(const Target& target, const std::vector<std::vector<Edge>>& after, const std::vector<int>& priority,
                                 std::vector<int> earliest) const;
  int length_of(const Target& target, const std::vector<int>& issue) const;
  bool allocate(const Target& target, const std::vector<int>& issue, std::vector<int>& home) const;

  std::string label_;
  std::vector<int> temporaries_;
  Window window_;
  std::vector<Node> nodes_;
  Seq seq_ = Seq::kNext;
  std::string target_;
  int count_ = 0;
};

/// Cycles in which nothing starts become a count in the word before.
std::vector<Word> without_idle(const std::vector<Word>& cycles);

}  // namespace touchstone::rtl::microcode
