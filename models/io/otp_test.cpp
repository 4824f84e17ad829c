// Otp: what is set stays set, over power cycles too; what is locked is out of reach until the next reset.
#include "io/otp.h"

#include <gtest/gtest.h>

#include "contract/registers.h"
#include "io/test_bench.h"

namespace touchstone::models {
namespace {

namespace otp = contract::otp;

class OtpTest : public ::testing::Test {
 protected:
  OtpTest() {
    bus.socket.bind(block.socket);
    Secret<32> secret;
    ByteArray<64> certificate{};
    for (std::uint8_t i = 0; i < 32; ++i) secret.expose()[i] = static_cast<std::uint8_t>(i + 1);
    certificate[63] = 0x80;
    block.provision(secret, certificate, false);
    block.power_on();
  }
  Otp block{"otp"};
  test::Initiator bus{"bus"};
};

TEST_F(OtpTest, HoldsWhatProductionWrote) {
  EXPECT_EQ(bus.read(otp::kDeviceSecret), 0x04030201u);
  EXPECT_EQ(bus.read(otp::kDeviceSecret + 28), 0x201F1E1Du);
  EXPECT_EQ(bus.read(otp::kDeviceCertificate + 60), 0x80000000u);
  EXPECT_EQ(bus.read(otp::kDebugLock), 0u);
  EXPECT_FALSE(block.debug_locked());
}

TEST_F(OtpTest, BitsAreSetAndNeverCleared) {
  bus.write(otp::kMinVersion, 0x5);
  bus.write(otp::kMinVersion, 0x2);
  bus.write(otp::kMinVersion, 0);
  bus.write(otp::kMinVersion + 12, 0x80000000);
  bus.write(otp::kDebugLock, 1);
  bus.write(otp::kDebugLock, 0);
  block.power_off();
  EXPECT_EQ(bus.read(otp::kMinVersion), 0u) << "nothing answers without power";
  block.power_on();
  EXPECT_EQ(bus.read(otp::kMinVersion), 0x7u);
  EXPECT_EQ(bus.read(otp::kMinVersion + 12), 0x80000000u);
  EXPECT_TRUE(block.debug_locked());
}

TEST_F(OtpTest, TheLockHidesTheSecretAndFreezesTheRestUntilReset) {
  bus.write(otp::kLock, 0);
  EXPECT_NE(bus.read(otp::kDeviceSecret), 0u);
  bus.write(otp::kLock, 1);
  bus.write(otp::kLock, 0);
  for (std::uint32_t i = 0; i < 32; i += 4) EXPECT_EQ(bus.read(otp::kDeviceSecret + i), 0u);
  EXPECT_EQ(bus.read(otp::kDeviceCertificate + 60), 0x80000000u);
  bus.write(otp::kMinVersion, 1);
  bus.write(otp::kDeviceSecret, 0xFFFFFFFF);
  EXPECT_EQ(bus.read(otp::kMinVersion), 0u);
  block.power_off();
  block.power_on();
  EXPECT_EQ(bus.read(otp::kDeviceSecret), 0x04030201u);
}

}  // namespace
}  // namespace touchstone::models
