#include "programs.h"

namespace touchstone::rtl::microcode {
namespace {

struct Projective {
  Value x, y, z;
};

Value reg(int address) { return Block::reg(address); }

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

// Algorithm 8 of the same paper: p + (x2 : y2 : 1) for a = 0, complete for every p, infinity and +-(x2, y2) included.
Projective add_affine(Block& b, const Projective& p, Value x2, Value y2) {
  const Value t0 = b.mul(p.x, x2);
  const Value t1 = b.mul(p.y, y2);
  const Value sums = b.mul(b.add(x2, y2), b.add(p.x, p.y));
  const Value t3 = b.sub(sums, b.add(t0, t1));
  const Value t4 = b.add(b.mul(y2, p.z), p.y);
  const Value y3 = b.add(b.mul(x2, p.z), p.x);
  const Value x3 = b.add(b.add(t0, t0), t0);
  const Value t2 = b.times_3b(p.z);
  const Value z3 = b.add(t1, t2);
  const Value t1m = b.sub(t1, t2);
  const Value by3 = b.times_3b(y3);
  const Value x = b.sub(b.mul(t3, t1m), b.mul(t4, by3));
  const Value y = b.add(b.mul(t1m, z3), b.mul(by3, x3));
  const Value z = b.add(b.mul(z3, t4), b.mul(x3, t3));
  return {x, y, z};
}

Value curve_right_side(Block& b, Value x) { return b.add(b.mul(b.square(x), x), reg(kConst7)); }

void check_below_p(Block& b, Value v) { b.alu(Alu::kChkRange, v, reg(kConst0)); }

// For coordinates below p.
void check_equation(Block& b, Value x, Value y) {
  b.alu(Alu::kChkEq, b.square(y), curve_right_side(b, x));
}

Block copy(const char* label, Value x, Value y) {
  Block b(label, kFirstTemporary);
  b.keep(b.add(x, reg(kConst0)), kBx);
  b.keep(b.add(y, reg(kConst0)), kBy);
  return b;
}

// T = from^(2^squarings) * times, the multiplication being optional (times < 0).
void power(std::vector<Block>& out, const std::string& label, int from, int squarings, int times, int keep_in) {
  Block first(label, kFirstTemporary);
  first.keep(first.square(reg(from)), kT);
  if (squarings > 1) first.end(Seq::kSet, {}, squarings - 2);
  out.push_back(std::move(first));
  if (squarings > 1) {
    Block loop(label + "_square", kFirstTemporary);
    loop.keep(loop.square(reg(kT)), kT);
    loop.end(Seq::kLoop, label + "_square");
    out.push_back(std::move(loop));
  }
  if (times < 0) return;
  Block product(label + "_times", kFirstTemporary);
  product.keep(product.mul(reg(kT), reg(times)), keep_in);
  out.push_back(std::move(product));
}

// Subroutine: T = A^(2^246 - 2^22 - 1), the common head of A^(p-2) and A^((p+1)/4); leaves X2 = A^3.
// a^(2^n - 1) is written xn; p - 2 and (p + 1) / 4 begin with 223 ones, a zero and 22 ones.
void power_chain(std::vector<Block>& out) {
  power(out, "chain", kA, 1, kA, kX2);
  power(out, "x3", kX2, 1, kA, kX3);
  power(out, "x6", kX3, 3, kX3, kT);
  power(out, "x9", kT, 3, kX3, kT);
  power(out, "x11", kT, 2, kX2, kX88);
  power(out, "x22", kX88, 11, kX88, kX22);
  power(out, "x44", kX22, 22, kX22, kX44);
  power(out, "x88", kX44, 44, kX44, kX88);
  power(out, "x176", kX88, 88, kX88, kT);
  power(out, "x220", kT, 44, kX44, kT);
  power(out, "x223", kT, 3, kX3, kT);
  power(out, "x246", kT, 23, kX22, kT);
  Block back("chain_return", kFirstTemporary);
  back.end(Seq::kRet);
  out.push_back(std::move(back));
}

Block call_chain(const char* label) {
  Block b(label, kFirstTemporary);
  b.end(Seq::kCall, "chain");
  return b;
}

void scalar_multiplication(std::vector<Block>& out) {
  // The range is checked before the copy, which reduces modulo p.
  Block mul = copy("mul", reg(kPx), reg(kPy));
  check_below_p(mul, reg(kPx));
  check_below_p(mul, reg(kPy));
  mul.end(Seq::kJump, "multiply");
  out.push_back(std::move(mul));
  out.push_back(copy("mul_base", reg(kConstGx), reg(kConstGy)));

  Block begin("multiply", kA);
  check_equation(begin, reg(kBx), reg(kBy));
  begin.keep(begin.add(reg(kConst0), reg(kConst0)), kX);
  begin.keep(begin.add(reg(kConst0), reg(kConst1)), kY);
  begin.keep(begin.add(reg(kConst0), reg(kConst0)), kZ);
  begin.end(Seq::kSetK, {}, 255);
  out.push_back(std::move(begin));

  // Both the double and the sum are computed for every bit; the bit chooses which one stays.
  Block bit("multiply_bit", kA);
  const Projective doubled = double_point(bit, {reg(kX), reg(kY), reg(kZ)});
  const Projective sum = add_affine(bit, doubled, reg(kBx), reg(kBy));
  bit.keep(bit.alu(Alu::kSelK, sum.x, doubled.x), kX);
  bit.keep(bit.alu(Alu::kSelK, sum.y, doubled.y), kY);
  bit.keep(bit.alu(Alu::kSelK, sum.z, doubled.z), kZ);
  bit.end(Seq::kLoopK, "multiply_bit");
  out.push_back(std::move(bit));
}

// From (X : Y : Z) to affine: 1/Z = Z^(p-2), which is 0 for Z = 0.
void affine_result(std::vector<Block>& out) {
  Block begin("affine", kFirstTemporary);
  begin.alu(Alu::kChkInf, reg(kZ), reg(kConst0));
  begin.keep(begin.add(reg(kZ), reg(kConst0)), kA);
  out.push_back(std::move(begin));
  out.push_back(call_chain("affine_chain"));
  power(out, "inverse_5", kT, 5, kA, kT);
  power(out, "inverse_3", kT, 3, kX2, kT);
  power(out, "inverse_2", kT, 2, kA, kT);
  Block result("result", kFirstTemporary);
  result.alu(Alu::kOutX, result.mul(reg(kX), reg(kT)), reg(kConst0));
  result.alu(Alu::kOutY, result.mul(reg(kY), reg(kT)), reg(kConst0));
  out.push_back(std::move(result));

  // Nothing of the computation stays behind; the short product clears the multiplier's own registers.
  Block wipe("wipe", kFirstTemporary);
  wipe.keep(wipe.mul_short(reg(kConst0), reg(kConst0)), kFirstTemporary);
  for (int r = kBx; r < kRegisters; ++r)
    if (r != kFirstTemporary) wipe.keep(wipe.add(reg(kConst0), reg(kConst0)), r);
  wipe.end(Seq::kEnd);
  out.push_back(std::move(wipe));
}

void addition(std::vector<Block>& out) {
  Block b("add", kA);
  for (int r : {kPx, kPy, kQx, kQy}) check_below_p(b, reg(r));
  check_equation(b, reg(kPx), reg(kPy));
  check_equation(b, reg(kQx), reg(kQy));
  const Projective sum = add_affine(b, {reg(kPx), reg(kPy), reg(kConst1)}, reg(kQx), reg(kQy));
  b.keep(sum.x, kX);
  b.keep(sum.y, kY);
  b.keep(sum.z, kZ);
  b.end(Seq::kJump, "affine");
  out.push_back(std::move(b));
}

// y = (x^3 + 7)^((p+1)/4), for p = 3 mod 4 a square root if there is one.
void lift_x(std::vector<Block>& out) {
  Block begin("lift_x", kFirstTemporary);
  check_below_p(begin, reg(kPx));
  begin.keep(curve_right_side(begin, reg(kPx)), kA);
  out.push_back(std::move(begin));
  out.push_back(call_chain("lift_x_chain"));
  power(out, "root_6", kT, 6, kX2, kT);
  power(out, "root_2", kT, 2, -1, kT);
  Block check("root_check", kFirstTemporary);
  check.alu(Alu::kChkEq, check.square(reg(kT)), reg(kA));
  const Value negative = check.sub(reg(kConst0), reg(kT));
  check.keep(check.alu(Alu::kSelOdd, reg(kT), negative), kY);
  out.push_back(std::move(check));
  Block result("root_result", kFirstTemporary);
  result.alu(Alu::kOutX, reg(kPx), reg(kConst0));
  result.alu(Alu::kOutY, reg(kY), reg(kConst0));
  result.end(Seq::kJump, "wipe");
  out.push_back(std::move(result));
}

}  // namespace

std::vector<Block> programs() {
  std::vector<Block> out;
  scalar_multiplication(out);
  affine_result(out);
  addition(out);
  lift_x(out);
  power_chain(out);
  return out;
}

}  // namespace touchstone::rtl::microcode
