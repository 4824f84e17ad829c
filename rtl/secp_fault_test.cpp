// A bit that flips while the result is computed is found out by the check of the result, and nothing of the scalar or the result stays.
#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

#include "VSecpAccel.h"
#include "VSecpAccel___024root.h"
#include "secp_listing.h"
#include "secp_probe.h"
#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

constexpr std::uint32_t kDone = reg::kStatusDoneMask, kInfinity = kDone | reg::kStatusInfinityMask;

int address_of(std::string_view label) {
  constexpr const listing::RomInfo& kRom = *listing::find_rom(64, 1);
  const auto* found = std::find_if(kRom.begin, kRom.end, [&](const listing::BlockInfo& b) { return label == b.label; });
  return found == kRom.end ? -1 : found->first;
}

TEST(SecpFault, AFlippedBitOfTheResultIsFoundOut) {
  const int inversion = address_of("field_power");
  ASSERT_GE(inversion, 0);
  int flip = -1;  // which register, once
  const auto core = make_probed<VSecpAccel, VSecpAccel___024root>([&](const VSecpAccel& top) {
    if (flip < 0 || top.pc_o != inversion) return;
    top.rootp->secp_accel__DOT__u_core__DOT__u_regs__DOT__regs_q[flip][3] ^= 1u << 17;
    flip = -1;
  });
  const Affine p = *Oracle().multiply_base(number("1234567"));
  const auto multiply = [&](reg::Op op) {
    write_slot(*core, 0, number("89abcdef"));
    write_number(*core, reg::kPx, p.x);
    write_number(*core, reg::kPy, p.y);
    use_slots(*core, 0, 0, 0, /*keep=*/true);
    return run(*core, op);
  };
  for (const reg::Op op : {reg::Op::kMul, reg::Op::kMulBase}) {
    const Outcome good = multiply(op);
    EXPECT_EQ(good.status, kDone);
    for (const int faulty : {listing::kX, listing::kY}) {
      flip = faulty;
      const Outcome bad = multiply(op);
      EXPECT_EQ(flip, -1) << "the fault was placed";
      EXPECT_EQ(bad.status, reg::kStatusDoneMask | reg::kStatusResultFaultMask);
      EXPECT_EQ(bad.result, Affine{});
      EXPECT_EQ(bad.cycles, good.cycles);
      // KEEP or not: the slot is empty
      use_slots(*core, 0, 0, 0);
      EXPECT_EQ(run(*core, reg::Op::kMulBase).status, kInfinity);
    }
  }
}

}  // namespace
}  // namespace touchstone::rtl::test
