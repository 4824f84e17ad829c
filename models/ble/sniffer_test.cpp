#include "ble/sniffer.h"

#include <gtest/gtest.h>

namespace touchstone::models {
namespace {

// By the definition, bit by bit over the register as it is drawn in Core v5.4 Vol 6 Part B fig. 3.4.
std::uint32_t crc_by_definition(std::uint32_t init, Bytes pdu) {
  std::uint32_t state = init;  // position p in bit p
  for (const std::uint8_t byte : pdu)
    for (int i = 0; i < 8; ++i) {
      const std::uint32_t in = (state >> 23 & 1) ^ (byte >> i & 1u);
      state = state << 1 & 0xFFFFFF;
      if (in != 0) state ^= 0x00065B;  // x^10 + x^9 + x^6 + x^4 + x^3 + x + 1
    }
  return state;
}

TEST(Crc24, IsTheRegisterOfTheSpecification) {
  Random random = SeedTree(3).stream("pdus");
  for (std::size_t size = 2; size < 260; size += 3) {
    std::vector<std::uint8_t> pdu(size);
    random.fill(pdu);
    const auto init = static_cast<std::uint32_t>(random.below(1 << 24));
    const std::uint32_t expected = crc_by_definition(init, pdu);
    const ByteArray<3> crc = crc24(init, pdu);
    // On the air position 23 comes first, and a byte's least significant bit.
    for (int bit = 0; bit < 24; ++bit) ASSERT_EQ(crc[static_cast<std::size_t>(bit / 8)] >> bit % 8 & 1, static_cast<int>(expected >> (23 - bit) & 1));
  }
}

TEST(RfChannel, PutsAdvertisingBetweenTheDataChannels) {
  EXPECT_EQ(rf_channel(37), 0);
  EXPECT_EQ(rf_channel(0), 1);
  EXPECT_EQ(rf_channel(10), 11);
  EXPECT_EQ(rf_channel(38), 12);
  EXPECT_EQ(rf_channel(11), 13);
  EXPECT_EQ(rf_channel(36), 38);
  EXPECT_EQ(rf_channel(39), 39);
}

}  // namespace
}  // namespace touchstone::models
