#include "programs.h"

#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace touchstone::rtl::microcode {
namespace {

enum OwnRegister : int {
  kTemporary = kOwnRegisters,   // up to kSaved
  kR = 20, kR1, kR2, kS1, kS2,  // a scalar's shares and their halves, while it is recoded
  kPublicEnd = 20,              // temporaries of the public result end here
  kSx = 25, kSy, kSz,           // first product of mul_add
  kSaved = kSx
};
// Of a power modulo p: base, running value, a^(2^n - 1).
enum FieldPower : int { kA = kTemporary, kT, kX2, kX3, kX22, kX44, kX88, kAfterPower };
// Of a power modulo n: odd powers a, a^3 .. a^15, running value, a^(2^n - 1).
enum OrderPower : int { kOdd = kTemporary, kRun = kOdd + 8, kY8, kY16, kY32 };

using Style = Target::Style;

struct Projective {
  Value x, y, z;
};

Value reg(int address) { return Block::reg(address); }
Value zero() { return reg(kConst0); }
Value one() { return reg(kConst1); }
Projective point(int first) { return {reg(first), reg(first + 1), reg(first + 2)}; }
Block block(std::string label, Window window = Window::kSecret) { return {std::move(label), kTemporary, kSaved, window}; }

void keep(Block& b, const Projective& p, int first) {
  b.keep(p.x, first);
  b.keep(p.y, first + 1);
  b.keep(p.z, first + 2);
}

void push(std::vector<Block>& out, Block b) { out.push_back(std::move(b)); }

/// A block of nothing but its end.
void go(std::vector<Block>& out, std::string label, Seq seq, std::string target = {}) {
  Block b = block(std::move(label));
  b.end(seq, std::move(target));
  push(out, std::move(b));
}

// Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves" (ePrint 2015/1060), algorithm 9:
// exception-free doubling for a = 0, infinity included.
Projective double_point(Block& b, const Projective& p) {
  const Value yy = b.square(p.y);
  const Value yz = b.mul(p.y, p.z);
  const Value zz = b.square(p.z);
  const Value xy = b.mul(p.x, p.y);
  const Value yy2 = b.add(yy, yy);
  const Value yy4 = b.add(yy2, yy2);
  const Value yy8 = b.add(yy4, yy4);
  const Value bzz = b.times_3b(zz);
  const Value x3 = b.mul(bzz, yy8);
  const Value y3 = b.add(yy, bzz);
  const Value z3 = b.mul(yz, yy8);
  const Value bzz2 = b.add(bzz, bzz);
  const Value bzz3 = b.add(bzz2, bzz);
  const Value t0 = b.sub(yy, bzz3);
  const Value y = b.add(x3, b.mul(t0, y3));
  const Value half_x = b.mul(t0, xy);
  return {b.add(half_x, half_x), y, z3};
}

// The common end of algorithms 7 and 8: from the products of the coordinates to the sum.
Projective finish_addition(Block& b, Value t0, Value t1, Value bt2, Value t3, Value t4, Value y3) {
  const Value x3 = b.add(b.add(t0, t0), t0);
  const Value z3 = b.add(t1, bt2);
  const Value t1m = b.sub(t1, bt2);
  const Value by3 = b.times_3b(y3);
  const Value x = b.sub(b.mul(t3, t1m), b.mul(t4, by3));
  const Value y = b.add(b.mul(t1m, z3), b.mul(by3, x3));
  const Value z = b.add(b.mul(z3, t4), b.mul(x3, t3));
  return {x, y, z};
}

// Algorithm 7: p + q for a = 0, complete for every pair of points.
Projective add_points(Block& b, const Projective& p, const Projective& q) {
  const Value t0 = b.mul(p.x, q.x);
  const Value t1 = b.mul(p.y, q.y);
  const Value t2 = b.mul(p.z, q.z);
  const Value t3 = b.sub(b.mul(b.add(p.x, p.y), b.add(q.x, q.y)), b.add(t0, t1));
  const Value t4 = b.sub(b.mul(b.add(p.y, p.z), b.add(q.y, q.z)), b.add(t1, t2));
  const Value y3 = b.sub(b.mul(b.add(p.x, p.z), b.add(q.x, q.z)), b.add(t0, t2));
  return finish_addition(b, t0, t1, b.times_3b(t2), t3, t4, y3);
}

// Algorithm 8: p + (x2 : y2 : 1), complete for every p.
Projective add_affine(Block& b, const Projective& p, Value x2, Value y2) {
  const Value t0 = b.mul(p.x, x2);
  const Value t1 = b.mul(p.y, y2);
  const Value t3 = b.sub(b.mul(b.add(x2, y2), b.add(p.x, p.y)), b.add(t0, t1));
  const Value t4 = b.add(b.mul(y2, p.z), p.y);
  const Value y3 = b.add(b.mul(x2, p.z), p.x);
  return finish_addition(b, t0, t1, b.times_3b(p.z), t3, t4, y3);
}

Value curve_right_side(Block& b, Value x) { return b.add(b.mul(b.square(x), x), reg(kConst7)); }

/// Not on curve unless both coordinates are below p and solve the equation.
void check_point(Block& b, int x, int y) {
  b.act(Op::kChkRange, reg(x));
  b.act(Op::kChkRange, reg(y));
  b.act(Op::kChkEq, b.square(reg(y)), curve_right_side(b, reg(x)));
}

class Programs {
 public:
  explicit Programs(const Target& target) : style_(target.style) {}

  std::vector<Block> make() {
    clear();
    scalar_multiplication();
    comb();
    affine_result();
    field_power();
    additions();
    lift_x();
    scalars();
    order_inverse();
    return std::move(out_);
  }

 private:
  bool is_protected() const { return style_ == Style::kProtected; }
  /// Random where there is protection, else a constant.
  Value random_or(Block& b, Value otherwise) const { return is_protected() ? b.random() : b.copy(otherwise); }

  void call(const std::string& label, const std::string& target) { go(out_, label, Seq::kCall, target); }
  void give_back() { go(out_, "return_" + std::to_string(++returns_), Seq::kRet); }
  void seed(const std::string& label) {
    if (is_protected()) go(out_, label, Seq::kSeed, "random_fault");
  }

  /// Address 0, then the end of every operation: nothing of the computation stays behind.
  void clear() {
    Block reset = block("reset");
    for (int r = kPx; r <= kRy; ++r) reset.keep(reset.copy(zero()), r);
    for (int r = kSlots; r < kRegisters; ++r) reset.keep(reset.copy(zero()), r);
    reset.end(Seq::kJump, "clear");
    push(out_, std::move(reset));

    if (is_protected()) {
      Block fault = block("random_fault");
      no_result(fault);
      push(out_, std::move(fault));
    }
    // Last of all, so that an error that is found at the end takes the slots away too.
    Block slots = block("wipe");
    for (int slot : {0, 1}) wipe_slot(slots, slot);
    push(out_, std::move(slots));

    Block clear = block("clear");
    clear.act(Op::kHalf, zero(), zero(), 0);
    clear.act(Op::kHalf, zero(), zero(), 1);
    clear.keep(clear.mul(zero(), zero()), kX);
    for (int r = kX + 1; r < kSlots; ++r) clear.keep(clear.copy(zero()), r);
    clear.end(Seq::kSet, {}, 7);
    push(out_, std::move(clear));
    Block table = block("clear_table");
    for (int c = 0; c < 3; ++c) table.act(Op::kPush, zero(), zero(), c);
    table.end(Seq::kLoop, "clear_table");
    push(out_, std::move(table));
    go(out_, "end", Seq::kEnd);
  }

  static void no_result(Block& b) {
    b.act(Op::kResult, zero(), zero(), kRx);
    b.act(Op::kResult, zero(), zero(), kRy);
  }

  void wipe_slot(Block& b, int which) const {
    if (is_protected()) b.act(Op::kSlotWipe, b.random(), zero(), which);
    b.act(Op::kSlotWipe, zero(), zero(), which);
  }

  /// (kBx : kBy : kBz) = (x l : y l : l) for a random l. x l is computed as (x + t) l - t l: no product has x itself as a factor.
  void randomise() {
    Block b = block("randomise");
    if (is_protected()) {
      const Value l = b.mul_short(b.random(), one());
      for (int c : {kBx, kBy}) {
        const Value t = b.mul_short(b.random(), one());
        const Value sum = b.precharged(b.add(reg(c), t));  // not over its own mask
        b.keep(b.sub(b.mul(l, sum), b.mul(l, t)), c);
      }
      b.keep(b.copy(l), kBz);
    } else {
      b.keep(b.copy(one()), kBz);
    }
    push(out_, std::move(b));
    give_back();
  }

  /// A scalar s as s1 + s2 lambda with short s1, s2: multiples of two short vectors are taken away, as many as s needs and `extra`
  /// more (Gallant, Lambert, Vanstone, CRYPTO 2001; rounding down is enough here, the halves are only a little longer).
  static std::pair<Value, Value> halves(Block& b, Value s, const Value* extra) {
    Value c1 = b.mul_high(s, reg(kConstG1)), c2 = b.mul_high(s, reg(kConstG2));
    if (extra != nullptr) {
      c1 = b.add_n(c1, extra[0]);
      c2 = b.add_n(c2, extra[1]);
    }
    const Value s2 = b.sub_n(b.mul_n(c1, reg(kConstMinusB1)), b.mul_n(c2, reg(kConstB2)));
    return {b.sub_n(s, b.mul_n(s2, reg(kConstLambda))), s2};
  }

  /// The first share of the scalar in slot A or B: k - r, split with 64 random bits more of each vector; r goes to kR. Shares meet
  /// only as halves, which the extra multiples mask. Their registers are apart, so that no register moves from one to the other.
  void split(const std::string& label, int slot) {
    if (style_ == Style::kDoubleAdd) {
      Block b = block(label);
      b.act(Op::kHalf, b.slot(slot, zero()), zero(), 0);
      push(out_, std::move(b));
      return;
    }
    Block b(label, kTemporary, kR);
    Value s1, s2;
    if (is_protected()) {
      const Value r = b.random();
      const Value extra[] = {b.random(Op::kRandom64), b.random(Op::kRandom64)};
      b.keep(r, kR);
      std::tie(s1, s2) = halves(b, b.slot(slot, r), extra);
    } else {
      std::tie(s1, s2) = halves(b, b.slot(slot, zero()), nullptr);
    }
    b.keep(s1, kS1);
    b.keep(s2, kS2);
    push(out_, std::move(b));
  }

  /// Subroutine: the second share, split; and the multiplier forgets the first one before.
  void second_share() {
    if (!is_protected()) return;
    Block flush("second_share", kTemporary, kR);
    flush.mul(flush.random(), flush.random());
    push(out_, std::move(flush));
    Block b("second_share_split", kRx, kBx);
    const auto [r1, r2] = halves(b, reg(kR), nullptr);
    b.keep(r1, kR1);
    b.keep(r2, kR2);
    push(out_, std::move(b));
    give_back();
  }

  /// Both halves of the scalar from their shares, with the offsets of their recoding.
  void recode(const std::string& label, int offset) {
    if (style_ == Style::kDoubleAdd) return;
    if (is_protected()) call(label, "second_share");
    Block b(label + "_halves", kX, kBx);
    for (int h = 0; h < 2; ++h) {
      Value half = b.add_n(reg(kS1 + h), reg(offset + h));
      if (is_protected()) half = b.add_n(half, reg(kR1 + h));
      b.act(Op::kHalf, half, zero(), h);
    }
    push(out_, std::move(b));
  }

  Value looked_up(Block& b, Op op, int half, int coordinate) const {
    const Value value = b.lookup(op, half, coordinate);
    return is_protected() ? b.precharged(value) : value;
  }

  /// Entries: "mul", "mul_add"; subroutine "windows": (kX : kY : kZ) = scalar times (kBx : kBy : kBz).
  void scalar_multiplication() {
    const auto load = [&](const std::string& label, int x) {
      Block b = block(label, Window::kLoad);
      b.keep(b.copy(reg(x)), kBx);
      b.keep(b.copy(reg(x + 1)), kBy);
      if (is_protected()) b.mul(zero(), zero());  // the multiplier forgets the point, which the check showed it in clear
      push(out_, std::move(b));
    };
    Block mul = block("mul", Window::kLoad);
    mul.check_slot(0, false);
    check_point(mul, kPx, kPy);
    push(out_, std::move(mul));
    load("mul_load", kPx);
    seed("mul_seed");
    call("mul_call_randomise", "randomise");
    call("mul_call_split", "split_a");
    call("mul_call_windows", "windows");
    go(out_, "mul_end", Seq::kJump, "affine");

    Block both = block("mul_add", Window::kLoad);
    for (int slot : {0, 1}) both.check_slot(slot, false);
    check_point(both, kPx, kPy);
    check_point(both, kQx, kQy);
    push(out_, std::move(both));
    load("mul_add_load_q", kQx);
    seed("mul_add_seed");
    call("mul_add_randomise_q", "randomise");
    split("mul_add_split_q", 1);
    call("mul_add_windows_q", "windows");
    Block save = block("mul_add_save");
    for (int c = 0; c < 3; ++c) save.keep(save.copy(reg(kX + c)), kSx + c);
    push(out_, std::move(save));
    load("mul_add_load_p", kPx);
    call("mul_add_randomise_p", "randomise");
    call("mul_add_split_p", "split_a");
    call("mul_add_windows_p", "windows");
    Block sum = block("mul_add_sum");
    keep(sum, add_points(sum, point(kX), point(kSx)), kX);
    sum.end(Seq::kJump, "affine");
    push(out_, std::move(sum));

    randomise();
    split("split_a", 0);
    give_back();
    second_share();
    go(out_, "windows", Seq::kNext);
    recode("windows_recode", kConstWindowOffset);
    if (style_ == Style::kDoubleAdd) return double_and_add();
    Block table = block("table");
    for (int c = 0; c < 3; ++c) {
      const Value base = table.copy(reg(kBx + c));
      table.keep(base, kX + c);
      table.act(Op::kPush, base, zero(), c);
    }
    table.end(Seq::kSet, {}, 6);
    push(out_, std::move(table));
    Block next = block("table_next");
    const Projective sum_point = add_points(next, point(kX), point(kBx));
    keep(next, sum_point, kX);
    next.act(Op::kPush, sum_point.x, zero(), 0);
    next.act(Op::kPush, sum_point.y, zero(), 1);
    next.act(Op::kPush, sum_point.z, zero(), 2);
    next.end(Seq::kLoop, "table_next");
    push(out_, std::move(next));

    Block start = block("window_start");
    start.keep(start.copy(zero()), kX);
    start.keep(is_protected() ? start.mul_short(start.random(), one()) : start.copy(one()), kY);
    start.keep(start.copy(zero()), kZ);
    start.end(Seq::kSet, {}, windows(style_) - 1);
    push(out_, std::move(start));

    Block window = block("window");
    window.add_temporaries(kRx, kX);  // written at the very end
    Projective acc = point(kX);
    for (int i = 0; i < 4; ++i) acc = double_point(window, acc);
    for (int half = 0; half < 2; ++half) {
      Value entry[3];
      for (int c = 0; c < 3; ++c) entry[c] = looked_up(window, Op::kWindow, half, c);
      // lambda (x, y) = (beta x, y)
      if (half == 1) entry[0] = window.mul(entry[0], reg(kConstBeta));
      acc = add_points(window, acc, {entry[0], entry[1], entry[2]});
    }
    keep(window, acc, kX);
    window.end(Seq::kLoopW, "window");
    push(out_, std::move(window));
    give_back();
  }

  /// Weak on purpose: the bit moves a conditional move, whose register keeps its value for one of the two.
  void double_and_add() {
    Block start = block("bit_start");
    start.keep(start.copy(zero()), kX);
    start.keep(start.copy(one()), kY);
    start.keep(start.copy(zero()), kZ);
    start.end(Seq::kSet, {}, 255);
    push(out_, std::move(start));
    Block bit = block("bit");
    const Projective doubled = double_point(bit, point(kX));
    const Projective sum = add_points(bit, doubled, point(kBx));
    keep(bit, {bit.op(Op::kSelTop, sum.x, doubled.x), bit.op(Op::kSelTop, sum.y, doubled.y), bit.op(Op::kSelTop, sum.z, doubled.z)}, kX);
    bit.end(Seq::kLoopC, "bit");
    push(out_, std::move(bit));
    give_back();
  }

  /// Entry "mul_base": a signed comb over both halves (Lim and Lee, CRYPTO '94; signed after Hamburg, ePrint 2012/309). It starts at
  /// a point that the doublings turn into what the signed digits leave over.
  void comb() {
    if (style_ == Style::kDoubleAdd) return go(out_, "mul_base", Seq::kJump, "mul");
    check("mul_base", {false});
    seed("mul_base_seed");
    call("mul_base_split", "split_a");
    recode("mul_base_recode", kConstCombOffset);
    Block start = block("comb_start");
    if (is_protected()) {
      const Value l = start.mul_short(start.random(), one());
      start.keep(start.mul(l, reg(kConstStartX)), kX);
      start.keep(start.mul(l, reg(kConstStartY)), kY);
      start.keep(start.copy(l), kZ);
    } else {
      start.keep(start.copy(reg(kConstStartX)), kX);
      start.keep(start.copy(reg(kConstStartY)), kY);
      start.keep(start.copy(one()), kZ);
    }
    start.end(Seq::kSet, {}, comb_spacing(style_) - 1);
    push(out_, std::move(start));
    Block tooth = block("comb");
    Projective acc = double_point(tooth, point(kX));
    for (int half = 0; half < 2; ++half) {
      Value x = looked_up(tooth, Op::kComb, half, 0);
      const Value y = looked_up(tooth, Op::kComb, half, 1);
      if (half == 1) x = tooth.mul(x, reg(kConstBeta));
      acc = add_affine(tooth, acc, x, y);
    }
    keep(tooth, acc, kX);
    tooth.end(Seq::kLoopC, "comb");
    push(out_, std::move(tooth));
  }

  /// Entry of an operation: its scalars A, B are below n, and not 0 where it says so.
  void check(const std::string& label, std::initializer_list<bool> nonzero) {
    Block b = block(label);
    int slot = 0;
    for (const bool n : nonzero) b.check_slot(slot++, n);
    push(out_, std::move(b));
  }

  // From (X : Y : Z) to affine; 1/Z is Z^(p - 2), 0 for Z = 0. The end of p - 2 after its first 246 bits is 0000101101 in binary.
  void affine_result() {
    Block begin = block("affine");
    begin.act(Op::kChkInf, reg(kZ));
    begin.keep(begin.copy(reg(kZ)), kA);
    begin.end(Seq::kCall, "field_power");
    push(out_, std::move(begin));
    power("inverse_5", kT, 5, kA, kT);
    power("inverse_3", kT, 3, kX2, kT);
    power("inverse_2", kT, 2, kA, kT);
    Block result("affine_result", kX2, kPublicEnd, Window::kOutput);
    const Value x = result.mul(reg(kX), reg(kT)), y = result.mul(reg(kY), reg(kT));
    result.act(Op::kChkOut, result.square(y), curve_right_side(result, x));
    result.act(Op::kResult, x, zero(), kRx);
    result.act(Op::kResult, y, zero(), kRy);
    push(out_, std::move(result));
    // The public result does not stay where secrets are wiped.
    Block forget("forget", kTemporary, kPublicEnd, Window::kOutput);
    forget.keep(forget.mul(zero(), zero()), kTemporary);
    for (int r = kTemporary + 1; r < kPublicEnd; ++r) forget.keep(forget.copy(zero()), r);
    forget.end(Seq::kJump, "wipe");
    push(out_, std::move(forget));
  }

  /// keep_in = from^(2^squarings) * times, the multiplication being optional (times < 0); `run` holds the squares.
  void power(const std::string& label, int from, int squarings, int times, int keep_in, Op multiply = Op::kMulP, int run = kT) {
    const auto part = [&](const std::string& name) { return Block(name, kTemporary, kTemporary); };
    if (squarings > 0) {
      Block first = part(label);
      first.keep(first.op(multiply, reg(from), reg(from)), run);
      if (squarings > 2) first.end(Seq::kSet, {}, squarings - 2);
      push(out_, std::move(first));
    }
    if (squarings > 1) {
      Block loop = part(label + "_square");
      loop.keep(loop.op(multiply, reg(run), reg(run)), run);
      if (squarings > 2) loop.end(Seq::kLoop, label + "_square");
      push(out_, std::move(loop));
    }
    if (times < 0) return;
    Block product = part(label + "_times");
    product.keep(product.op(multiply, reg(squarings > 0 ? run : from), reg(times)), keep_in);
    push(out_, std::move(product));
  }

  /// Subroutine: kT = kA^e, where e in binary is 223 ones, a zero and 22 ones. So begin p - 2 and (p + 1) / 4. xn stands for
  /// a^(2^n - 1).
  void field_power() {
    power("field_power", kA, 1, kA, kX2);
    power("x3", kX2, 1, kA, kX3);
    power("x6", kX3, 3, kX3, kT);
    power("x9", kT, 3, kX3, kT);
    power("x11", kT, 2, kX2, kX88);
    power("x22", kX88, 11, kX88, kX22);
    power("x44", kX22, 22, kX22, kX44);
    power("x88", kX44, 44, kX44, kX88);
    power("x176", kX88, 88, kX88, kT);
    power("x220", kT, 44, kX44, kT);
    power("x223", kT, 3, kX3, kT);
    power("x246", kT, 23, kX22, kT);
    give_back();
  }

  void additions() {
    Block b = block("add", Window::kLoad);
    check_point(b, kPx, kPy);
    check_point(b, kQx, kQy);
    keep(b, add_affine(b, {reg(kPx), reg(kPy), b.copy(one())}, reg(kQx), reg(kQy)), kX);
    b.end(Seq::kJump, "affine");
    push(out_, std::move(b));
    Block check = block("check", Window::kLoad);
    check_point(check, kPx, kPy);
    no_result(check);
    check.end(Seq::kJump, "wipe");
    push(out_, std::move(check));
  }

  // y = (x^3 + 7)^((p + 1) / 4), for p = 3 mod 4 a square root if there is one. The exponent's end is 00001100.
  void lift_x() {
    Block begin("lift_x", kAfterPower, kSaved, Window::kLoad);
    begin.act(Op::kChkRange, reg(kPx));
    begin.keep(curve_right_side(begin, reg(kPx)), kA);
    begin.end(Seq::kCall, "field_power");
    push(out_, std::move(begin));
    power("root_6", kT, 6, kX2, kT);
    power("root_2", kT, 2, -1, kT);
    Block check("root_check", kAfterPower, kSaved, Window::kOutput);
    check.act(Op::kChkEq, check.square(reg(kT)), reg(kA));
    const Value even = check.op(Op::kEven, zero(), reg(kT));
    check.act(Op::kResult, reg(kPx), zero(), kRx);
    check.act(Op::kResult, even, zero(), kRy);
    check.end(Seq::kJump, "wipe");
    push(out_, std::move(check));
  }

  /// A slot as two shares that sum to it.
  struct Shares {
    Value first, second;
  };
  Shares shares(Block& b, int slot) const {
    const Value mask = random_or(b, zero());
    const Value first = b.slot(slot, mask);
    return {is_protected() ? b.precharged(first) : first, mask};
  }

  /// Wipes what was read and writes a secret result to slot D.
  void store(Block b, Value result) {
    const std::string label = b.label();
    b.keep(is_protected() ? b.precharged(result) : result, kX);
    push(out_, std::move(b));
    Block none = block(label + "_no_result");  // and time for the pool of random bits to be new
    no_result(none);
    push(out_, std::move(none));
    Block s = block(label + "_store");
    wipe_slot(s, 0);
    wipe_slot(s, 1);
    if (is_protected()) s.act(Op::kSlotSet, s.random(), zero(), 2);
    s.act(Op::kSlotSet, reg(kX), zero(), 2);
    if (is_protected()) s.keep(s.random(), kX);  // cleared from random bits, not from the result
    s.end(Seq::kJump, "clear");
    push(out_, std::move(s));
  }

  // Scalars modulo n. Every sum of shares keeps a mask until its last step.
  void scalars() {
    check("add_n", {false, false});
    seed("add_n_seed");
    Block add = block("add_n_sum");
    const Shares a = shares(add, 0), b = shares(add, 1);
    const Value total = add.add_n(add.add_n(add.add_n(a.first, b.first), a.second), b.second);
    store(std::move(add), total);

    check("mul_n", {false, false});
    seed("mul_n_seed");
    Block mul = block("mul_n_product");
    const Shares c = shares(mul, 0), d = shares(mul, 1);
    const Value mask = random_or(mul, zero());
    mul.keep(mul.add_n(mul.add_n(mul.mul_n(c.first, d.first), mask), mul.mul_n(c.first, d.second)), kY);
    mul.keep(mask, kZ);
    mul.keep(c.second, kBx);
    mul.keep(d.first, kBy);
    mul.keep(d.second, kBz);
    push(out_, std::move(mul));
    // The multiplier forgets the first share of A before it takes the second.
    if (is_protected()) {
      Block flush = block("mul_n_flush");
      flush.mul(flush.random(), flush.random());
      push(out_, std::move(flush));
    }
    Block second = block("mul_n_second");
    const Value sum = second.add_n(second.add_n(reg(kY), second.mul_n(reg(kBx), reg(kBy))), second.mul_n(reg(kBx), reg(kBz)));
    const Value product = second.sub_n(sum, reg(kZ));
    store(std::move(second), product);

    // 1/a as r / (a r) for a random r.
    check("inv_n", {true});
    seed("inv_n_seed");
    Block begin = block("inv_n_start");
    const Value r = random_or(begin, one());
    begin.keep(begin.copy(r), kBx);
    const Shares e = shares(begin, 0);
    begin.keep(begin.add_n(begin.mul_n(r, e.first), begin.mul_n(r, e.second)), kOdd);
    begin.end(Seq::kCall, "order_inverse");
    push(out_, std::move(begin));
    Block end = block("inv_n_end");
    const Value t = random_or(end, zero());  // the product itself would stand in the multiplier's accumulator
    const Value inverse = end.sub_n(end.mul_n(reg(kRun), end.add_n(reg(kBx), t)), end.mul_n(reg(kRun), t));
    store(std::move(end), inverse);

    // A + PX B, public.
    check("sign_n", {true, true});
    seed("sign_n_seed");
    Block sign = block("sign_n_sum");
    const Shares nonce = shares(sign, 0), key = shares(sign, 1);
    Value masked = sign.add_n(sign.mul_n(reg(kPx), key.first), nonce.first);
    masked = sign.add_n(masked, sign.mul_n(reg(kPx), key.second));
    sign.keep(masked, kX);
    sign.keep(sign.copy(nonce.second), kY);
    push(out_, std::move(sign));
    Block result("sign_n_result", kTemporary, kPublicEnd, Window::kOutput);
    result.act(Op::kResult, result.add_n(reg(kX), reg(kY)), zero(), kRx);
    result.act(Op::kResult, zero(), zero(), kRy);
    result.end(Seq::kJump, "forget");
    push(out_, std::move(result));
  }

  /// Subroutine: kRun = kOdd^(n - 2) mod n. The exponent is 127 ones and then kLow, which is taken by windows of four bits.
  void order_inverse() {
    constexpr std::string_view kLow =
        "0"
        "10111010101011101101110011100110" "10101111010010001010000000111011"
        "10111111110100100101111010001100" "11010000001101100100000100111111";
    const auto times = [&](const std::string& label, int from, int squarings, int factor, int keep_in) {
      power(label, from, squarings, factor, keep_in, Op::kMulN, kRun);
    };
    times("order_inverse", kOdd, 1, kOdd, kOdd + 1);  // a^3, with a^2 in kRun
    for (int i = 2; i < 8; ++i) times("odd_" + std::to_string(2 * i + 1), kOdd + i - 1, 0, kRun, kOdd + i);
    // yn stands for a^(2^n - 1)
    const int y3 = kOdd + 3, y4 = kOdd + 7;
    times("y8", y4, 4, y4, kY8);
    times("y16", kY8, 8, kY8, kY16);
    times("y32", kY16, 16, kY16, kY32);
    times("y64", kY32, 32, kY32, kRun);
    times("y96", kRun, 32, kY32, kRun);
    times("y112", kRun, 16, kY16, kRun);
    times("y120", kRun, 8, kY8, kRun);
    times("y124", kRun, 4, y4, kRun);
    times("y127", kRun, 3, y3, kRun);
    int squarings = 0;
    for (std::size_t i = 0; i < kLow.size();) {
      if (kLow[i] == '0') {
        ++squarings, ++i;
        continue;
      }
      // up to four bits, the last a one
      int value = 0, end = 0, window = 0;
      for (int k = 0; k < 4 && i + k < kLow.size(); ++k) {
        window = 2 * window + (kLow[i + k] - '0');
        if (kLow[i + k] == '1') value = window, end = k + 1;
      }
      times("low_" + std::to_string(i), kRun, squarings + end, kOdd + value / 2, kRun);
      squarings = 0;
      i += end;
    }
    give_back();
  }

  Style style_;
  int returns_ = 0;
  std::vector<Block> out_;
};

}  // namespace

std::vector<Block> programs(const Target& target) { return Programs(target).make(); }

}  // namespace touchstone::rtl::microcode
