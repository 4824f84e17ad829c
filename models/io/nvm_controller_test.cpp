#include "io/nvm_controller.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>

#include "io/test_bench.h"
#include "support/sc_advance.h"

namespace touchstone::models {
namespace {

namespace nvm = contract::nvm;

constexpr std::uint32_t kPage = contract::kFlashRecordOffset;
constexpr std::uint32_t kErase = static_cast<std::uint32_t>(nvm::Cmd::kErasePage);
constexpr std::uint32_t kProgram = static_cast<std::uint32_t>(nvm::Cmd::kProgram);

struct NvmControllerTest : testing::Test {
  Memory flash{"flash", contract::kFlashSizeBytes, Memory::Kind::kFlash};
  test::DmaMemory memory;
  test::IrqRecorder irq;
  RecordingSink events;
  NvmController controller{"nvm", flash, memory, irq, contract::Irq::kNvm, SeedTree(1).stream("flash"), &events, nullptr};
  test::Initiator bus{"bus"}, flash_bus{"flash_bus"};

  NvmControllerTest() {
    bus.socket.bind(controller.socket);
    flash_bus.socket.bind(flash.socket);
    controller.power_on();
    bus.write(nvm::kIntrEnable, 1);
    sc_core::sc_start(sc_core::SC_ZERO_TIME);
  }
  std::span<std::uint8_t> page() { return flash.bytes().subspan(kPage, contract::kPageBytes); }
  void erase(std::uint32_t address) {
    bus.write(nvm::kAddr, address);
    bus.write(nvm::kCmd, kErase);
  }
  void program(std::uint32_t address, std::uint32_t source, std::uint32_t length) {
    bus.write(nvm::kAddr, address);
    bus.write(nvm::kSrcAddr, source);
    bus.write(nvm::kLenBytes, length);
    bus.write(nvm::kCmd, kProgram);
  }
  void run_us(double us) { touchstone::test::advance_us(us); }
};

TEST_F(NvmControllerTest, ErasesOnePageIn85Milliseconds) {
  std::fill(flash.bytes().begin(), flash.bytes().end(), 0x00);
  erase(kPage);
  run_us(84999);
  EXPECT_EQ(bus.read(nvm::kStatus), nvm::kStatusBusyMask);
  EXPECT_FALSE(irq.level);
  EXPECT_EQ(page()[0], 0x00);
  run_us(1);
  EXPECT_EQ(bus.read(nvm::kStatus), 0u);
  EXPECT_TRUE(irq.level);
  EXPECT_TRUE(std::all_of(page().begin(), page().end(), [](std::uint8_t b) { return b == 0xFF; }));
  EXPECT_EQ(flash.bytes()[kPage - 1], 0x00);
  EXPECT_EQ(flash.bytes()[kPage + contract::kPageBytes], 0x00);
  ASSERT_EQ(events.records().size(), 1u);
  EXPECT_EQ(events.records()[0].name, "nvm.erase");
  EXPECT_EQ(events.records()[0].time_ns, 85'000'000);
  EXPECT_EQ(events.records()[0].number("offset"), kPage);
  bus.write(nvm::kIntrState, 1);
  EXPECT_FALSE(irq.level);
}

TEST_F(NvmControllerTest, ProgrammingOnlyClearsBits) {
  store_le32(&memory.bytes[16], 0x12345678);
  store_le32(&memory.bytes[20], 0x0F0F0F0F);
  program(kPage + 8, test::DmaMemory::kBase + 16, 8);
  store_le32(&memory.bytes[16], 0xFFFFFFFF);  // the source was taken when the command was given
  run_us(81.999);
  EXPECT_EQ(load_le32(&page()[8]), 0xFFFFFFFFu);
  run_us(0.001);
  EXPECT_EQ(load_le32(&page()[8]), 0x12345678u);
  EXPECT_EQ(load_le32(&page()[12]), 0x0F0F0F0Fu);
  store_le32(&memory.bytes[16], 0xFFFF0000);
  program(kPage + 8, test::DmaMemory::kBase + 16, 4);
  run_us(41);
  EXPECT_EQ(load_le32(&page()[8]), 0x12340000u);
  EXPECT_EQ(events.named("nvm.program").size(), 2u);
  EXPECT_EQ(flash_bus.read(kPage + 8), 0x12340000u);
}

TEST_F(NvmControllerTest, RefusesWhatItMayNotTouch) {
  std::fill(flash.bytes().begin(), flash.bytes().end(), 0x5A);
  const auto expect_refused = [&](const char* why) {
    EXPECT_EQ(bus.read(nvm::kIntrState), 1u) << why;
    EXPECT_EQ(bus.read(nvm::kStatus) & ~nvm::kStatusLockedMask, nvm::kStatusErrorMask) << why;
    bus.write(nvm::kIntrState, 1);
    run_us(200'000);
  };
  const auto expect_no_erase = [&](std::uint32_t address, const char* why) {
    erase(address);
    expect_refused(why);
  };
  const auto expect_no_program = [&](std::uint32_t address, std::uint32_t source, std::uint32_t length, const char* why) {
    program(address, source, length);
    expect_refused(why);
  };
  const std::uint32_t ram = test::DmaMemory::kBase;
  bus.write(nvm::kLock, 1);
  expect_no_erase(0, "firmware");
  expect_no_erase(contract::kFlashFirmwareOffset + contract::kFlashFirmwareSizeBytes - contract::kPageBytes, "firmware's last page");
  expect_no_erase(kPage + 4, "not a page's address");
  expect_no_erase(contract::kFlashSizeBytes, "outside");
  expect_no_program(0x1000, ram, 4, "firmware");
  expect_no_program(kPage + contract::kPageBytes - 4, ram, 8, "crosses a page");
  expect_no_program(kPage, ram, 0xFFFFFFFC, "crosses a page");
  expect_no_program(kPage + 2, ram, 4, "not a word's address");
  expect_no_program(kPage, ram, 6, "not whole words");
  expect_no_program(kPage, ram, 0, "nothing");
  expect_no_program(kPage, 0x1000, 4, "no memory there");
  bus.write(nvm::kCmd, 3);
  expect_refused("no such command");
  EXPECT_TRUE(std::all_of(flash.bytes().begin(), flash.bytes().end(), [](std::uint8_t b) { return b == 0x5A; }));
  EXPECT_TRUE(events.records().empty());
  program(kPage, ram, 4);
  EXPECT_EQ(bus.read(nvm::kStatus), nvm::kStatusBusyMask | nvm::kStatusLockedMask);
}

TEST_F(NvmControllerTest, TheFirmwareIsLockedUntilTheNextReset) {
  erase(0);
  run_us(85000);
  EXPECT_EQ(bus.read(nvm::kStatus), 0u);
  EXPECT_EQ(events.named("nvm.erase").size(), 1u);
  bus.write(nvm::kLock, 1);
  bus.write(nvm::kLock, 0);  // nothing but a reset opens it
  erase(0);
  EXPECT_EQ(bus.read(nvm::kStatus), nvm::kStatusErrorMask | nvm::kStatusLockedMask);
  controller.power_off();
  controller.power_on();
  erase(0);
  run_us(85000);
  EXPECT_EQ(bus.read(nvm::kStatus), 0u);
  EXPECT_EQ(events.named("nvm.erase").size(), 2u);
}

TEST_F(NvmControllerTest, CommandsWhileBusyAreIgnored) {
  program(kPage, test::DmaMemory::kBase, 4);
  erase(kPage + contract::kPageBytes);
  run_us(41);
  EXPECT_EQ(bus.read(nvm::kStatus), 0u);
  EXPECT_EQ(bus.read(nvm::kAddr), kPage);
  run_us(100'000);
  EXPECT_TRUE(events.named("nvm.erase").empty());
}

int ones(std::span<const std::uint8_t> bytes) {
  int n = 0;
  for (std::uint8_t b : bytes) n += std::popcount(b);
  return n;
}

TEST_F(NvmControllerTest, PowerCutTearsAnErase) {
  std::fill(page().begin(), page().end(), 0x0F);
  erase(kPage);
  run_us(21250);  // a quarter
  controller.power_off();
  // Old ones stay; a quarter of the zeros has become one. 16,384 zeros: standard deviation 55.
  for (std::uint8_t b : page()) ASSERT_EQ(b & 0x0F, 0x0F);
  EXPECT_NEAR(ones(page()) - 16384, 4096, 5 * 55);
  controller.power_on();
  EXPECT_EQ(bus.read(nvm::kStatus), 0u);
  EXPECT_TRUE(events.records().empty());
  erase(kPage);
  run_us(85000);
  EXPECT_EQ(ones(page()), 32768);
}

TEST_F(NvmControllerTest, PowerCutTearsAProgram) {
  program(kPage, test::DmaMemory::kBase, 16);  // zeros
  run_us(2 * 41 + 20);
  controller.power_off();
  EXPECT_EQ(load_le32(&page()[0]), 0u);
  EXPECT_EQ(load_le32(&page()[4]), 0u);
  const std::uint32_t torn = load_le32(&page()[8]);
  EXPECT_NE(torn, 0u);
  EXPECT_NE(torn, 0xFFFFFFFFu);
  EXPECT_EQ(load_le32(&page()[12]), 0xFFFFFFFFu);
  run_us(1000);
  EXPECT_EQ(load_le32(&page()[8]), torn);
  // The same seed tears the same bits.
  Random again = SeedTree(1).stream("flash");
  EXPECT_EQ(torn, static_cast<std::uint32_t>(again.next_u64()));
}

TEST_F(NvmControllerTest, WornPagesHoldNoNewData) {
  controller.wear_out(kPage, contract::kPageBytes);
  std::fill(flash.bytes().begin() + kPage, flash.bytes().begin() + kPage + 2 * contract::kPageBytes, std::uint8_t{0});
  erase(kPage);
  run_us(85000);
  EXPECT_EQ(bus.read(nvm::kStatus), 0u) << "the controller does not know";
  // One in 16 of 32,768 bits sticks: standard deviation 44.
  EXPECT_NEAR(32768 - ones(page()), 2048, 5 * 44);
  erase(kPage + contract::kPageBytes);
  run_us(85000);
  EXPECT_EQ(ones(flash.bytes().subspan(kPage + contract::kPageBytes, contract::kPageBytes)), 32768) << "the next page is not worn";
  std::fill(page().begin(), page().end(), std::uint8_t{0xFF});
  program(kPage, test::DmaMemory::kBase, 1024);  // zeros
  run_us(256 * 41);
  EXPECT_NEAR(ones(page().first(1024)), 512, 5 * 22);
}

}  // namespace
}  // namespace touchstone::models
