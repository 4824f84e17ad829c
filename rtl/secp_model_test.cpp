// The accelerator against libsecp256k1, and what its registers must never do.
#include "rtl/edge_scalars.h"
#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

constexpr std::uint32_t kDone = reg::kStatusDoneMask;
constexpr std::uint32_t kInfinity = kDone | reg::kStatusInfinityMask;
constexpr std::uint32_t kOffCurve = kDone | reg::kStatusNotOnCurveMask;
constexpr std::uint32_t kBadScalar = kDone | reg::kStatusBadScalarMask;

bool is_scalar(const Number& k) { return k < kOrder; }

// 1,040 scalars, alternating k*G and k*P with a fresh P: right results, and one cycle count for all of them.
TEST(SecpAccel, ScalarMultiplicationMatchesLibsecp256k1InConstantTime) {
  SecpModel core;
  const Oracle oracle;
  Random random = SeedTree(1).stream("scalars");
  std::vector<Number> scalars;
  for (const Number& k : edge_scalars()) scalars.insert(scalars.end(), {k, k});  // both operations
  while (scalars.size() < 1040) scalars.push_back(random_number(random));

  Affine p = *oracle.multiply_base(number("1"));
  const std::uint64_t cycles[] = {multiply_base(core, number("1")).cycles, multiply(core, number("1"), p).cycles};
  EXPECT_LE(cycles[0], 8'000u);
  EXPECT_LE(cycles[1], 16'000u);
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    const Number& k = scalars[i];
    const bool base = i % 2 == 0;
    const Outcome out = base ? multiply_base(core, k) : multiply(core, k, p);
    ASSERT_EQ(out.cycles, cycles[i % 2]) << i;
    const std::optional<Affine> expected = base ? oracle.multiply_base(k) : oracle.multiply(k, p);
    ASSERT_EQ(out.result, expected.value_or(Affine{})) << i;
    ASSERT_EQ(out.status, expected ? kDone : is_scalar(k) ? kInfinity : kBadScalar) << i;
    if (expected) p = *expected;
  }
}

TEST(SecpAccel, MultiplicationByLambdaIsTheEndomorphism) {
  SecpModel core;
  const Affine g = *Oracle().multiply_base(number("1"));
  const Number beta_gx = number("bcace2e99da01887ab0102b696902325872844067f15e98da7bba04400b88fcb");
  const Outcome out = multiply(core, kLambda, g);
  EXPECT_EQ(out.result.x, beta_gx);  // (beta x, y), beta^3 = 1 mod p
  EXPECT_EQ(out.result.y, g.y);
}

TEST(SecpAccel, AdditionHandlesEveryPairOfPoints) {
  SecpModel core;
  const Oracle oracle;
  Random random = SeedTree(2).stream("points");
  const std::uint64_t cycles = add(core, *oracle.multiply_base(number("1")), *oracle.multiply_base(number("2"))).cycles;
  for (int i = 0; i < 200; ++i) {
    const Affine p = *oracle.multiply_base(random_number(random));
    const Affine q = i % 4 == 0 ? p : i % 4 == 1 ? oracle.negate(p) : *oracle.multiply_base(random_number(random));
    const Outcome out = add(core, p, q);
    const std::optional<Affine> expected = oracle.add(p, q);
    ASSERT_EQ(out.status, expected ? kDone : kInfinity);
    ASSERT_EQ(out.result, expected.value_or(Affine{}));
    ASSERT_EQ(out.cycles, cycles);
  }
}

TEST(SecpAccel, PointsOffTheCurveAreRefusedInTheSameTime) {
  SecpModel core;
  const Oracle oracle;
  const Affine g = *oracle.multiply_base(number("1"));
  const Affine two_g = *oracle.multiply_base(number("2"));
  const std::uint64_t multiply_cycles = multiply(core, number("5"), g).cycles;
  const std::uint64_t add_cycles = add(core, g, two_g).cycles;
  // x = p + 1 stands for the residue 1, which is on the curve with this y; as a coordinate it is no field element.
  const Affine one = *oracle.lift_x(number("1"));
  std::vector<Affine> bad = {{g.x, plus(g.y, 1)}, {plus(g.x, 1), g.y}, {{}, {}}, {plus(kPrime, 1), one.y}, {kPrime, number("1")},
                             {g.y, g.x}, {number(std::string(64, 'f')), g.y}, {g.x, number(std::string(64, 'f'))}};
  for (const Affine& p : bad) {
    SCOPED_TRACE(&p - bad.data());
    Outcome out = multiply(core, number("5"), p);
    EXPECT_EQ(out.status, kOffCurve);
    EXPECT_EQ(out.result, Affine{});
    EXPECT_EQ(out.cycles, multiply_cycles);
    for (bool first : {true, false}) {
      out = first ? add(core, p, g) : add(core, g, p);
      EXPECT_EQ(out.status, kOffCurve);
      EXPECT_EQ(out.result, Affine{});
      EXPECT_EQ(out.cycles, add_cycles);
    }
  }
  EXPECT_EQ(add(core, g, two_g).status, kDone);  // the next operation starts clean
}

TEST(SecpAccel, LiftXGivesTheEvenPointOrNone) {
  SecpModel core;
  const Oracle oracle;
  Random random = SeedTree(3).stream("x");
  std::vector<Number> xs = {number("0"), number("1"), kPrime, plus(kPrime, -1), plus(kPrime, 1), number(std::string(64, 'f'))};
  while (xs.size() < 300) xs.push_back(random_number(random));
  const std::uint64_t cycles = lift_x(core, number("1")).cycles;
  int residues = 0;
  for (const Number& x : xs) {
    const Outcome out = lift_x(core, x);
    const std::optional<Affine> expected = oracle.lift_x(x);
    residues += expected.has_value();
    ASSERT_EQ(out.status, expected ? kDone : kOffCurve);
    ASSERT_EQ(out.result, expected.value_or(Affine{}));
    ASSERT_EQ(out.cycles, cycles);
  }
  EXPECT_GT(residues, 100);
  EXPECT_LT(residues, 200);
}

TEST(SecpAccel, OperandsAreNeverReadBack) {
  SecpModel core;
  const Oracle oracle;
  const Affine g = *oracle.multiply_base(number("1"));
  const auto all_operands_read_zero = [&] {
    for (std::uint32_t offset = reg::kPx; offset < reg::kRx; offset += 4) EXPECT_EQ(core.read32(offset), 0u) << offset;
    for (std::uint32_t offset = reg::kK; offset < reg::kK + 128; offset += 4) EXPECT_EQ(core.read32(offset), 0u) << offset;
  };
  write_number(core, reg::kK, number(std::string(64, '7')));
  write_number(core, reg::kPx, g.x);
  all_operands_read_zero();
  EXPECT_EQ(multiply(core, number(std::string(64, '7')), g).status, kDone);
  all_operands_read_zero();
}

TEST(SecpAccel, TheScalarIsWipedByEveryOperationThatTakesIt) {
  SecpModel core;
  const Affine g = *Oracle().multiply_base(number("1"));
  for (reg::Op op : {reg::Op::kMul, reg::Op::kMulBase, reg::Op::kMulAdd, reg::Op::kSignN}) {
    write_number(core, reg::kK, number("5"));
    write_number(core, reg::kPx, g.x);
    write_number(core, reg::kPy, g.y);
    write_number(core, reg::kQx, g.x);
    write_number(core, reg::kQy, g.y);
    EXPECT_EQ(run(core, op).status, kDone);
    EXPECT_EQ(run(core, reg::Op::kMulBase).status, kInfinity);  // k = 0 now
  }
}

TEST(SecpAccel, WhileBusyOnlyStatusAndInterruptAnswer) {
  SecpModel core;
  const Oracle oracle;
  const Number k = number("123456789abcdef0fedcba9876543210");
  EXPECT_EQ(multiply_base(core, number("3")).status, kDone);  // leaves results that must not show
  write_number(core, reg::kK, k);
  core.write32(reg::kOp, static_cast<std::uint32_t>(reg::Op::kMulBase));
  core.write32(reg::kIntrState, 1);
  core.write32(reg::kIntrEnable, 1);
  const std::uint64_t begin = core.cycles();
  core.write32(reg::kStart, 1);
  std::uint32_t step = 0;
  while (core.control().busy) {
    EXPECT_EQ(core.read32(reg::kStatus), reg::kStatusBusyMask);
    for (std::uint32_t offset = 0; offset < reg::kSizeBytes; offset += 4)
      if (offset != reg::kStatus && offset != reg::kIntrEnable) {
        ASSERT_EQ(core.read32(offset), 0u) << offset;
      }
    EXPECT_FALSE(core.irq());
    // Every register in turn, START among them.
    if (const std::uint32_t offset = 4 * (step++ % (reg::kSizeBytes / 4)); offset != reg::kIntrEnable)
      core.write32(offset, 0xFFFFFFFF);
    if (core.control().busy) core.tick(37);
  }
  EXPECT_TRUE(core.irq());
  EXPECT_EQ(core.read32(reg::kStatus), kDone);
  const Affine result{read_number(core, reg::kRx), read_number(core, reg::kRy)};
  EXPECT_EQ(result, *oracle.multiply_base(k));
  EXPECT_LE(core.read32(reg::kCycles), core.cycles() - begin);
  EXPECT_EQ(core.read32(reg::kCycles), multiply_base(core, k).cycles);
}

TEST(SecpAccel, InterruptFollowsStateAndEnable) {
  SecpModel core;
  EXPECT_EQ(multiply_base(core, number("1")).status, kDone);
  EXPECT_EQ(core.read32(reg::kIntrState), 1u);
  EXPECT_FALSE(core.irq());
  core.write32(reg::kIntrEnable, 1);
  EXPECT_TRUE(core.irq());
  core.write32(reg::kIntrState, 0);
  EXPECT_TRUE(core.irq());
  core.write32(reg::kIntrState, 1);
  EXPECT_FALSE(core.irq());
  EXPECT_EQ(core.read32(reg::kIntrState), 0u);
  EXPECT_EQ(core.read32(reg::kStatus), kDone);
}

TEST(SecpAccel, ResetWipesAtAnyMoment) {
  const Affine g = *Oracle().multiply_base(number("1"));
  for (std::uint64_t moment : {0u, 1u, 100u, 5'999u, 12'800u}) {
    SecpModel core;
    EXPECT_EQ(multiply_base(core, number("9")).status, kDone);
    write_number(core, reg::kK, number("abcdef"));
    write_number(core, reg::kPx, g.x);
    write_number(core, reg::kPy, g.y);
    core.write32(reg::kIntrEnable, 1);
    core.write32(reg::kOp, static_cast<std::uint32_t>(reg::Op::kMul));
    core.write32(reg::kStart, 1);
    core.tick(moment);
    ASSERT_TRUE(core.control().busy);
    core.reset();
    EXPECT_EQ(core.control(), SecpModel::Control{});
    EXPECT_FALSE(core.irq());
    for (std::uint32_t offset = 0; offset < reg::kSizeBytes; offset += 4) EXPECT_EQ(core.read32(offset), 0u) << offset;
    // P is gone: (0, 0) is no point. So is K.
    write_number(core, reg::kK, number("1"));
    EXPECT_EQ(run(core, reg::Op::kMul).status, kOffCurve);
    EXPECT_EQ(run(core, reg::Op::kMulBase).status, kInfinity);
  }
}

TEST(SecpAccel, AnUndefinedOperationDoesNotStart) {
  SecpModel core;
  for (std::uint32_t op = 10; op < 16; ++op) {
    core.write32(reg::kOp, op);
    EXPECT_EQ(core.read32(reg::kOp), op);
    core.write32(reg::kStart, 1);
    EXPECT_FALSE(core.control().busy);
  }
  core.write32(reg::kOp, 0);
  core.write32(reg::kStart, 2);  // only bit 0 starts
  EXPECT_FALSE(core.control().busy);
}

// The control port shows the same sequence for different secrets, not only the same length.
TEST(SecpAccel, ControlFlowIsTheSameForEveryScalar) {
  SecpModel a, b;
  write_number(a, reg::kK, number("1"));
  write_number(b, reg::kK, plus(kOrder, -1));
  for (SecpModel* core : {&a, &b}) {
    core->write32(reg::kOp, static_cast<std::uint32_t>(reg::Op::kMulBase));
    core->write32(reg::kStart, 1);
  }
  while (a.control().busy) {
    ASSERT_EQ(a.control(), b.control());
    a.tick(1);
    b.tick(1);
  }
  EXPECT_EQ(a.control(), b.control());
}

}  // namespace
}  // namespace touchstone::rtl::test
