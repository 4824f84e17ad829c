// Control of the constant-time test: a core that skips the scalar's leading zeros computes the same points, and is caught.
// This program is linked with that core in place of the real one.
#include <set>

#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

TEST(SecpAccelWeak, SkippingLeadingZerosIsCaughtByItsCycles) {
  SecpModel core;
  const Oracle oracle;
  std::set<std::uint64_t> cycles;
  for (const Number& k : edge_scalars()) {
    const Outcome out = multiply_base(core, k);
    EXPECT_EQ(out.result, oracle.multiply_base(k).value_or(Affine{}));
    cycles.insert(out.cycles);
  }
  EXPECT_GT(cycles.size(), 10u);
}

TEST(SecpAccelWeak, SkippingLeadingZerosIsCaughtByItsControlFlow) {
  SecpModel a, b;
  write_number(a, reg::kK, number("1"));
  write_number(b, reg::kK, plus(kOrder, -1));
  for (SecpModel* core : {&a, &b}) {
    core->write32(reg::kOp, static_cast<std::uint32_t>(reg::Op::kMulBase));
    core->write32(reg::kStart, 1);
  }
  bool differ = false;
  while (a.control().busy && !differ) {
    a.tick(1);
    b.tick(1);
    differ = a.control() != b.control();
  }
  EXPECT_TRUE(differ);
}

}  // namespace
}  // namespace touchstone::rtl::test
