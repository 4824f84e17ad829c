// The driver on the Verilated accelerator: driver and register map tested from both sides, against libsecp256k1.
#include "drivers/secp_driver.h"

#include <gtest/gtest.h>

#include "base/seed.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "drivers/devices.h"
#include "drivers/irq.h"
#include "rtl/secp_model.h"
#include "support/hex.h"

namespace touchstone::firmware {
namespace {

using crypto::HostCurve;
using crypto::Point;
using crypto::Scalar;
namespace secp = contract::secp;
namespace intc = contract::intc;
namespace timer = contract::timer;

// The core, an interrupt controller and a timer. Time passes while the program sleeps, and one cycle an access.
class CoreHal : public Hal {
 public:
  std::uint32_t read32(std::uint32_t address) override {
    ++now_;
    if (in_secp(address)) return silent ? 0 : core.read32(address - secp::kBase);
    switch (address) {
      case intc::kBase + intc::kLines: return lines();
      case intc::kBase + intc::kEnable: return enable_;
      default: ADD_FAILURE() << "read of " << std::hex << address; return 0;
    }
  }
  void write32(std::uint32_t address, std::uint32_t value) override {
    ++now_;
    if (in_secp(address)) {
      if (!silent) core.write32(address - secp::kBase, value);
      return;
    }
    switch (address) {
      case intc::kBase + intc::kEnable: enable_ = value; break;
      case timer::kBase + timer::kMtimecmpLo: compare_ = (compare_ & ~std::uint64_t{0xFFFFFFFF}) | value; break;
      case timer::kBase + timer::kMtimecmpHi: compare_ = (compare_ & 0xFFFFFFFF) | std::uint64_t{value} << 32; break;
      default: ADD_FAILURE() << "write of " << std::hex << address;
    }
  }
  std::uint32_t bus_address(const void*) override { return 0; }
  void wait_for_interrupt() override {
    ++sleeps;
    while ((lines() & enable_) == 0 && now_ < compare_) {
      ASSERT_LT(now_, 10'000'000u) << "nothing wakes the core";
      core.tick(1);
      ++now_;
    }
  }
  std::uint64_t now_cycles() override { return now_; }

  std::uint32_t enable() const { return enable_; }
  std::uint64_t compare() const { return compare_; }

  rtl::SecpModel core;
  bool silent = false;  ///< the core is not there: reads give 0
  int sleeps = 0;

 private:
  static bool in_secp(std::uint32_t address) { return address >= secp::kBase && address < secp::kBase + secp::kSizeBytes; }
  std::uint32_t lines() const { return core.irq() ? irq_bit(contract::Irq::kSecp) : 0; }

  std::uint64_t now_ = 0;
  std::uint64_t compare_ = kNever;
  std::uint32_t enable_ = 0x9;
};

struct SecpDriverTest : testing::Test {
  CoreHal hal;
  SecpDriver driver{hal};
  HostCurve host;
  Random random = SeedTree(1).stream("secp_driver");

  Scalar random_scalar() { return Scalar::from_bytes_reduce(test::random_array<32>(random)); }
  Point random_point() { return host.multiply_base(random_scalar()).value(); }
};

void expect_same(const Result<Point>& card, const Result<Point>& host) {
  ASSERT_EQ(card.ok(), host.ok());
  if (card.ok()) {
    EXPECT_TRUE(crypto::equal(*card, *host));
  } else {
    EXPECT_EQ(card.error().code, host.error().code);
  }
}

TEST_F(SecpDriverTest, AgreesWithLibsecp256k1) {
  for (int i = 0; i < 20; ++i) {
    const Scalar k = random_scalar();
    const Point p = random_point(), q = random_point();
    expect_same(driver.multiply(k, p), host.multiply(k, p));
    expect_same(driver.multiply_base(k), host.multiply_base(k));
    expect_same(driver.add(p, q), host.add(p, q));
    expect_same(driver.lift_x(q.x), host.lift_x(q.x));
    const ByteArray<32> any_x = test::random_array<32>(random);
    expect_same(driver.lift_x(any_x), host.lift_x(any_x));
  }
}

TEST_F(SecpDriverTest, AgreesAtTheEdges) {
  const Scalar zero, one = Scalar::from_u32(1), minus_one = -one;
  const Point p = random_point(), infinity{};
  Point off_curve = p;
  off_curve.y[31] ^= 1;
  Point too_large = p;
  too_large.x.fill(0xFF);
  for (const Scalar& k : {zero, one, minus_one}) {
    expect_same(driver.multiply_base(k), host.multiply_base(k));
    for (const Point& point : {p, infinity, off_curve, too_large}) expect_same(driver.multiply(k, point), host.multiply(k, point));
  }
  for (const Point& a : {p, crypto::negate(p), infinity, off_curve, too_large, random_point()})
    for (const Point& b : {p, infinity, off_curve}) {
      expect_same(driver.add(a, b), host.add(a, b));
      expect_same(driver.add(b, a), host.add(b, a));
    }
  ByteArray<32> ones;
  ones.fill(0xFF);
  for (const ByteArray<32>& x : {ByteArray<32>{}, ones, crypto::kFieldPrime}) expect_same(driver.lift_x(x), host.lift_x(x));
}

TEST_F(SecpDriverTest, SleepsWhileTheCoreWorksAndLeavesNoInterruptBehind) {
  ASSERT_TRUE(driver.multiply_base(random_scalar()).ok());
  EXPECT_EQ(hal.sleeps, 1);
  EXPECT_FALSE(hal.core.irq());
  EXPECT_EQ(hal.core.read32(secp::kIntrState), 0u);
  EXPECT_EQ(hal.enable(), 0x9u);
  EXPECT_EQ(hal.compare(), kNever);
}

TEST_F(SecpDriverTest, TheScalarDoesNotStayInTheCore) {
  ASSERT_TRUE(driver.multiply_base(random_scalar()).ok());
  hal.core.write32(secp::kStart, 1);
  ASSERT_TRUE(hal.core.run_until_done(100'000).has_value());
  EXPECT_EQ(hal.core.read32(secp::kStatus), secp::kStatusDoneMask | secp::kStatusInfinityMask);
}

TEST_F(SecpDriverTest, ACoreThatIsStillBusyIsLeftAlone) {
  const Scalar k = random_scalar();
  const Point p = random_point();
  hal.core.write32(secp::kOp, static_cast<std::uint32_t>(secp::Op::kMulBase) << secp::kOpShift);
  hal.core.write32(secp::kStart, 1);
  for (const auto& result : {driver.multiply(k, p), driver.multiply_base(k), driver.add(p, p), driver.lift_x(p.x)}) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, ErrorCode::kDevice);
  }
  EXPECT_EQ(hal.sleeps, 0);
  ASSERT_TRUE(hal.core.run_until_done(1'000'000).has_value());
  expect_same(driver.multiply(k, p), host.multiply(k, p));
}

TEST_F(SecpDriverTest, ASilentCoreIsADeviceError) {
  hal.silent = true;
  const auto result = driver.multiply_base(random_scalar());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::kDevice);
  EXPECT_GE(hal.now_cycles(), SecpDriver::kTimeout_cycles);
  EXPECT_LT(hal.now_cycles(), SecpDriver::kTimeout_cycles + 10'000);
}

}  // namespace
}  // namespace touchstone::firmware
