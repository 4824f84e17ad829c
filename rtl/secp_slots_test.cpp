// The accelerator's scalar slots: sums of products, arithmetic modulo n, what is kept, and where its masks come from.
#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

constexpr std::uint32_t kDone = reg::kStatusDoneMask;
constexpr std::uint32_t kInfinity = kDone | reg::kStatusInfinityMask;
constexpr std::uint32_t kOffCurve = kDone | reg::kStatusNotOnCurveMask;
constexpr std::uint32_t kBadScalar = kDone | reg::kStatusBadScalarMask;

// k*P + l*Q, as a verifier wants it.
TEST(SecpAccel, SumOfTwoProducts) {
  SecpModel core;
  const Oracle oracle;
  Random random = SeedTree(5).stream("sums");
  std::uint64_t cycles = 0;
  for (int i = 0; i < 40; ++i) {
    const Affine p = *oracle.multiply_base(random_number(random)), q = i % 5 == 0 ? oracle.negate(p) : *oracle.multiply_base(random_number(random));
    const Number k = random_number(random), l = i % 5 == 0 && i % 2 == 0 ? k : random_number(random);
    write_slot(core, 2, k);
    write_slot(core, 3, l);
    use_slots(core, 2, 3, 0);
    write_number(core, reg::kPx, p.x);
    write_number(core, reg::kPy, p.y);
    write_number(core, reg::kQx, q.x);
    write_number(core, reg::kQy, q.y);
    const Outcome out = run(core, reg::Op::kMulAdd);
    const std::optional<Affine> expected = oracle.add(*oracle.multiply(k, p), *oracle.multiply(l, q));
    ASSERT_EQ(out.result, expected.value_or(Affine{})) << i;
    ASSERT_EQ(out.status, expected ? kDone : kInfinity) << i;
    if (i > 0) {
      ASSERT_EQ(out.cycles, cycles);
    }
    cycles = out.cycles;
  }
}

TEST(SecpAccel, CheckSaysWhetherAPointIsOnTheCurve) {
  SecpModel core;
  const Affine g = *Oracle().multiply_base(number("1"));
  const auto status_of = [&](const Affine& p) {
    write_number(core, reg::kPx, p.x);
    write_number(core, reg::kPy, p.y);
    return run(core, reg::Op::kCheck).status;
  };
  EXPECT_EQ(status_of(g), kDone);
  EXPECT_EQ(status_of({g.x, plus(g.y, 1)}), kOffCurve);
  EXPECT_EQ(status_of({number("0"), number("0")}), kOffCurve);
}

/// What a slot holds, found out by the one thing that shows it: its public key.
std::optional<Affine> key_of_slot(SecpModel& core, std::uint32_t slot) {
  use_slots(core, slot, 0, 0, /*keep=*/true);
  const Outcome out = run(core, reg::Op::kMulBase);
  EXPECT_TRUE(out.status == kDone || out.status == kInfinity);
  return out.status == kDone ? std::optional(out.result) : std::nullopt;
}

std::vector<Number> scalars_for_arithmetic(int random_ones) {
  std::vector<Number> out = {number("1"), number("2"), plus(kOrder, -1), plus(kOrder, -2), kLambda, number(std::string(32, 'f'))};
  Random random = SeedTree(6).stream("arithmetic");
  for (int i = 0; i < random_ones; ++i) out.push_back(random_number(random));
  return out;
}

TEST(SecpAccel, ScalarArithmeticStaysInItsSlotAndTakesTheSameTime) {
  SecpModel core;
  const Oracle oracle;
  const std::vector<Number> scalars = scalars_for_arithmetic(60);
  for (reg::Op op : {reg::Op::kAddN, reg::Op::kMulN}) {
    std::uint64_t cycles = 0;
    for (std::size_t i = 0; i < scalars.size(); ++i) {
      const Number &a = scalars[i], &b = scalars[(7 * i + 3) % scalars.size()];
      write_slot(core, 1, a);
      write_slot(core, 2, b);
      use_slots(core, 1, 2, 3);
      const Outcome out = run(core, op);
      ASSERT_EQ(out.status, kDone);
      ASSERT_EQ(out.result, Affine{}) << "nothing of it is read";
      if (cycles != 0) {
        ASSERT_EQ(out.cycles, cycles);
      }
      cycles = out.cycles;
      const std::optional<Number> expected = op == reg::Op::kAddN ? oracle.add_scalars(a, b) : oracle.multiply_scalars(a, b);
      ASSERT_EQ(key_of_slot(core, 3), expected ? oracle.multiply_base(*expected) : std::nullopt) << i;
      ASSERT_EQ(key_of_slot(core, 1), std::nullopt) << "an operand is wiped";
      ASSERT_EQ(key_of_slot(core, 2), std::nullopt);
    }
  }
}

TEST(SecpAccel, InverseTimesScalarIsOne) {
  SecpModel core;
  const Oracle oracle;
  std::uint64_t cycles = 0;
  for (const Number& a : scalars_for_arithmetic(60)) {
    write_slot(core, 0, a);
    use_slots(core, 0, 0, 1, /*keep=*/true);
    const Outcome out = run(core, reg::Op::kInvN);
    ASSERT_EQ(out.status, kDone);
    EXPECT_LE(out.cycles, 3'000u);
    if (cycles != 0) {
      ASSERT_EQ(out.cycles, cycles);
    }
    cycles = out.cycles;
    use_slots(core, 0, 1, 2);
    ASSERT_EQ(run(core, reg::Op::kMulN).status, kDone);
    ASSERT_EQ(key_of_slot(core, 2), oracle.multiply_base(number("1")));
  }
  write_slot(core, 0, number("0"));
  use_slots(core, 0, 0, 1);
  const Outcome zero = run(core, reg::Op::kInvN);
  EXPECT_EQ(zero.status, kBadScalar);
  EXPECT_EQ(zero.cycles, cycles);
}

// s = nonce + e key, the one operation whose result is public.
TEST(SecpAccel, SignGivesThePublicSum) {
  SecpModel core;
  const Oracle oracle;
  const std::vector<Number> scalars = scalars_for_arithmetic(60);
  std::uint64_t cycles = 0;
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    const Number &nonce = scalars[i], &key = scalars[(5 * i + 1) % scalars.size()], &e = scalars[(11 * i + 2) % scalars.size()];
    write_slot(core, 0, nonce);
    write_slot(core, 1, key);
    write_number(core, reg::kPx, e);
    use_slots(core, 0, 1, 0);
    const Outcome out = run(core, reg::Op::kSignN);
    ASSERT_EQ(out.status, kDone);
    ASSERT_EQ(out.result.x, oracle.add_scalars(nonce, *oracle.multiply_scalars(key, e)).value_or(Number{})) << i;
    if (cycles != 0) {
      ASSERT_EQ(out.cycles, cycles);
    }
    cycles = out.cycles;
  }
  for (const Number& bad : {number("0"), kOrder, number(std::string(64, 'f'))})
    for (std::uint32_t slot : {0u, 1u}) {
      write_slot(core, slot, bad);
      write_slot(core, 1 - slot, number("5"));
      const Outcome out = run(core, reg::Op::kSignN);
      EXPECT_EQ(out.status, kBadScalar);
      EXPECT_EQ(out.result, Affine{});
      EXPECT_EQ(out.cycles, cycles);
    }
}

TEST(SecpAccel, KeepLeavesASlotAndAnErrorDoesNot) {
  SecpModel core;
  const Affine g = *Oracle().multiply_base(number("1"));
  write_slot(core, 0, number("9"));
  EXPECT_EQ(key_of_slot(core, 0), key_of_slot(core, 0));
  EXPECT_NE(key_of_slot(core, 0), std::nullopt);
  write_number(core, reg::kPx, g.x);
  write_number(core, reg::kPy, g.x);
  EXPECT_EQ(run(core, reg::Op::kMul).status, kOffCurve);
  EXPECT_EQ(key_of_slot(core, 0), std::nullopt);
}

// Else a short scalar could be made of the old one's words, one by one, and its public key searched for.
TEST(SecpAccel, AWriteLeavesNoWordOfAnOldScalar) {
  SecpModel core;
  const Oracle oracle;
  Random random = SeedTree(9).stream("partial");
  const auto holds = [&](std::uint32_t slot, const char* small) { EXPECT_EQ(key_of_slot(core, slot), oracle.multiply_base(number(small))) << "slot " << slot; };
  for (std::uint32_t slot = 0; slot < 4; ++slot) {
    write_slot(core, slot, random_number(random));
    ASSERT_TRUE(key_of_slot(core, slot).has_value());  // an operation between
    core.write32(reg::kK + 32 * slot, 5);
    holds(slot, "5");
    // another slot between
    write_slot(core, slot, random_number(random));
    core.write32(reg::kK + 32 * ((slot + 1) % 4), 7);
    core.write32(reg::kK + 32 * slot, 6);
    holds(slot, "6");
    holds((slot + 1) % 4, "7");
  }
}

TEST(SecpAccel, WhatTakesNoScalarWipesNone) {
  SecpModel core;
  const Oracle oracle;
  write_slot(core, 0, number("5"));
  const Affine g = *oracle.multiply_base(number("1"));
  write_number(core, reg::kPx, g.x);
  write_number(core, reg::kPy, g.y);
  write_number(core, reg::kQx, g.x);
  write_number(core, reg::kQy, g.y);
  for (const reg::Op op : {reg::Op::kAdd, reg::Op::kLiftX, reg::Op::kCheck}) {
    use_slots(core, 0, 0, 0);
    EXPECT_EQ(run(core, op).status, kDone);
  }
  EXPECT_EQ(key_of_slot(core, 0), oracle.multiply_base(number("5")));
}

TEST(SecpAccel, AFaultyRandomSourceEndsTheOperation) {
  const Affine g = *Oracle().multiply_base(number("1"));
  for (const bool silent : {false, true}) {
    SecpModel core;
    core.set_entropy([silent]() -> std::optional<std::uint32_t> { return silent ? std::nullopt : std::optional<std::uint32_t>(0x5A5A5A5A); });
    const Outcome out = multiply(core, number("123"), g);
    EXPECT_EQ(out.status, kDone | reg::kStatusRandomFaultMask);
    EXPECT_EQ(out.result, Affine{});
    core.set_entropy([n = 1u]() mutable { return n *= 2654435761u; });
    EXPECT_EQ(multiply_base(core, number("5")).status, kDone) << "the next one begins afresh";
  }
}

// A source that takes its time changes when the result comes, not what it is.
TEST(SecpAccel, ASlowRandomSourceIsWaitedFor) {
  SecpModel core;
  const std::uint64_t fast = multiply_base(core, number("5")).cycles;
  core.set_entropy([n = 0u]() mutable -> std::optional<std::uint32_t> { return ++n % 10 == 0 ? std::optional(n * 2654435761u) : std::nullopt; });
  const Outcome out = multiply_base(core, number("5"));
  EXPECT_EQ(out.status, kDone);
  EXPECT_GT(out.cycles, fast + 40);
  EXPECT_EQ(out.result, *Oracle().multiply_base(number("5")));
}

}  // namespace
}  // namespace touchstone::rtl::test
