// The boot ROM's decisions on a flash that loses power: before, inside and after every operation of an update. Whatever
// happens, the next start runs a whole signed image, and in the end it is the new one.
#include "rom/boot.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <optional>

#include "base/seed.h"
#include "crypto/bip340.h"
#include "curve_host/host_curve.h"
#include "identity/development_vendor.h"
#include "image_builder/image_builder.h"
#include "support/elf_file.h"

namespace touchstone::firmware {
namespace {

using contract::kPageBytes;

struct PowerCut {};

/// Where the power goes: at operation number `operation` (flash and fuses count together), after `share` of 256 of its time;
/// 256: right after it.
struct Cut {
  int operation;
  int share;
};

class Machine : public FlashPages, public Fuses, public BootReport, public Entropy {
 public:
  Machine() : flash(contract::kFlashSizeBytes, 0xFF) { secret.expose()[0] = 42; }

  // FlashPages, torn as models/io/nvm_controller.h says.
  Status erase_page(std::uint32_t offset) override {
    EXPECT_FALSE(locked_flash_range(offset));
    const int share = begin();
    for (std::size_t i = 0; i < kPageBytes; ++i)
      for (int bit = 0; bit < 8; ++bit)
        if (static_cast<int>(tearing_.next_u64() & 0xFF) < share) flash[offset + i] = static_cast<std::uint8_t>(flash[offset + i] | 1 << bit);
    end(share);
    return {};
  }
  Status program(std::uint32_t offset, Bytes data) override {
    EXPECT_EQ(offset % 4, 0u);
    EXPECT_EQ(data.size() % 4, 0u);
    EXPECT_LE(offset % kPageBytes + data.size(), kPageBytes);
    const int share = begin();
    const std::size_t words = data.size() / 4 * static_cast<std::size_t>(share) / 256;
    for (std::size_t i = 0; i < 4 * words; ++i) flash[offset + i] &= data[i];
    for (std::size_t i = 4 * words; share < 256 && i < 4 * words + 4; ++i)
      flash[offset + i] = static_cast<std::uint8_t>(flash[offset + i] & (data[i] | tearing_.next_u64()));
    end(share);
    if (broken_page && offset / kPageBytes == *broken_page) flash[offset] ^= 1;
    return {};
  }
  void read(std::uint32_t offset, MutableBytes out) override { std::memcpy(out.data(), &flash[offset], out.size()); }

  // Fuses.
  void read_device_secret(Secret<32>& out) override {
    if (locked) return;
    std::copy(secret.expose().begin(), secret.expose().end(), out.expose().begin());
  }
  ByteArray<64> device_certificate() override { return certificate; }
  std::uint32_t min_version() override { return min_version_; }
  void raise_min_version(std::uint32_t version) override {
    EXPECT_FALSE(locked);
    EXPECT_GT(version, min_version_);
    const int share = begin();
    if (share >= 128) min_version_ = version;  // one bit: torn, it is set or not
    end(share);
  }
  bool debug_locked() override { return production; }
  void lock() override { locked = true; }

  void report(BootState state, std::uint32_t version) override { reports.push_back({state, version}); }
  Status fill(MutableBytes out) override {
    for (std::uint8_t& byte : out) byte = 0x5C;
    return {};
  }

  /// One start of the card; nothing if the power went or nothing may run.
  std::optional<ImageHeader> start(std::optional<Cut> cut = {}) {
    cut_ = cut;
    operations = 0;
    locked = false;
    reports.clear();
    try {
      BootRom rom(board());
      const auto image = rom.choose_image();
      if (!image) return std::nullopt;
      return *image;
    } catch (const PowerCut&) {
      return std::nullopt;
    }
  }
  BootBoard board() { return {flash, *this, *this, curve, *this, *this, identity::development_vendor_key(), page_}; }
  void put(std::uint32_t offset, const ImageBytes& image) { std::copy(image.begin(), image.end(), flash.begin() + offset); }
  bool reported(BootState state) const {
    for (const auto& r : reports)
      if (r.first == state) return true;
    return false;
  }

  std::vector<std::uint8_t> flash;
  crypto::HostCurve curve;
  Secret<32> secret;
  ByteArray<64> certificate{};
  bool locked = false, production = true;
  int operations = 0;
  std::optional<std::uint32_t> broken_page;
  std::vector<std::pair<BootState, std::uint32_t>> reports;
  std::uint32_t min_version_ = 0;

 private:
  /// How much of 256 of this operation happens.
  int begin() {
    const int share = cut_ && operations == cut_->operation ? cut_->share : 256;
    if (share == 0) throw PowerCut();
    return share;
  }
  void end(int share) {
    const bool cut_now = cut_ && operations == cut_->operation;
    ++operations;
    if (share < 256 || cut_now) throw PowerCut();
  }
  static bool locked_flash_range(std::uint32_t offset) { return offset >= contract::kFlashRecordOffset; }

  std::optional<Cut> cut_;
  Random tearing_ = SeedTree(3).stream("tearing");
  alignas(4) std::array<std::uint8_t, kPageBytes> page_{};
};

/// An image of `program_bytes` bytes whose contents depend on its version.
ImageBytes image(std::uint32_t version, std::uint32_t program_bytes = 2 * kPageBytes + 400, crypto::Scalar key = identity::development_vendor_secret()) {
  std::vector<std::uint8_t> program(program_bytes);
  Random random = SeedTree(version).stream("program");
  random.fill(program);
  return std::get<ImageBytes>(build_image(std::get<ElfImage>(ElfImage::parse(test::elf_file(kLoadAddress, program))), version, key));
}

/// A card that runs version 2 and has version 3 staged.
void prepare(Machine& m) {
  m.put(contract::kFlashFirmwareOffset, image(2, 3 * kPageBytes));
  m.put(contract::kFlashUpdateOffset, image(3));
  m.min_version_ = 2;
}

void expect_updated_for_good(Machine& m) {
  const auto done = m.start();
  ASSERT_TRUE(done);
  EXPECT_EQ(done->version, 3u);
  EXPECT_EQ(m.min_version_, 3u);
  EXPECT_TRUE(std::equal(m.flash.begin(), m.flash.begin() + done->image_bytes(), image(3).begin()));
  const auto again = m.start();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->version, 3u);
  EXPECT_EQ(m.operations, 0) << "a settled card writes nothing";
}

TEST(BootRom, RunsAGoodImageAndRemembersItsVersion) {
  Machine m;
  m.put(0, image(2));
  const auto running = m.start();
  ASSERT_TRUE(running);
  EXPECT_EQ(running->version, 2u);
  EXPECT_EQ(m.min_version_, 2u);
  EXPECT_FALSE(m.locked);  // that is for hand_over()
}

TEST(BootRom, InstallsANewerImage) {
  Machine m;
  prepare(m);
  const auto running = m.start();
  ASSERT_TRUE(running);
  EXPECT_EQ(running->version, 3u);
  EXPECT_TRUE(m.reported(BootState::kUpdating));
  EXPECT_TRUE(m.reported(BootState::kUpdated));
  EXPECT_EQ(m.operations, 10);
  expect_updated_for_good(m);
}

TEST(BootRom, SurvivesAPowerCutAnywhereInAnUpdate) {
  constexpr int kOperations = 10;  // as counted above
  for (int operation = 0; operation < kOperations; ++operation)
    for (int share : {0, 1, 2, 5, 13, 40, 100, 127, 128, 200, 240, 250, 254, 255, 256}) {
      SCOPED_TRACE(testing::Message() << "operation " << operation << ", " << share << "/256");
      Machine m;
      prepare(m);
      EXPECT_FALSE(m.start(Cut{operation, share}));
      expect_updated_for_good(m);
    }
}

// The recovery is an update like any other: it may be interrupted too.
TEST(BootRom, SurvivesASecondPowerCut) {
  for (int first = 0; first < 10; ++first)
    for (int second = 0; second < 10; ++second)
      for (int share : {0, 60, 180, 255}) {
        SCOPED_TRACE(testing::Message() << "operations " << first << " and " << second << ", " << share << "/256");
        Machine m;
        prepare(m);
        EXPECT_FALSE(m.start(Cut{first, 120}));
        static_cast<void>(m.start(Cut{second, share}));
        expect_updated_for_good(m);
      }
}

// Every word of the page with the header may be the last one written.
TEST(BootRom, SurvivesAPowerCutAtEveryWordOfTheHeader) {
  for (int share = 0; share <= 256; share += 4) {
    Machine m;
    prepare(m);
    EXPECT_FALSE(m.start(Cut{6, share}));
    expect_updated_for_good(m);
  }
}

TEST(BootRom, FinishesEvenWhenOnlyTheStagedImageIsLeft) {
  Machine m;
  prepare(m);
  std::fill_n(m.flash.begin(), kPageBytes, 0x00);
  expect_updated_for_good(m);
}

TEST(BootRom, RefusesAStagedImageThatMayNotRun) {
  const auto staged = [](const ImageBytes& bytes) {
    Machine m;
    m.put(0, image(2));
    m.put(contract::kFlashUpdateOffset, bytes);
    const auto running = m.start();
    ASSERT_TRUE(running);
    EXPECT_EQ(running->version, 2u);
    EXPECT_TRUE(m.reported(BootState::kUpdateRefused));
    EXPECT_FALSE(m.reported(BootState::kUpdating));
    static_cast<void>(m.start());
    EXPECT_EQ(m.operations, 0) << "it was thrown away";
  };
  staged(image(1));
  staged(image(9, 2000, crypto::Scalar::from_u32(77)));
  ImageBytes changed = image(9);
  changed.back() ^= 1;
  staged(changed);
}

// Whoever can write flash from outside cannot bring an old image back.
TEST(BootRom, RefusesARollback) {
  Machine m;
  m.put(0, image(3));
  ASSERT_TRUE(m.start());
  std::fill(m.flash.begin(), m.flash.end(), 0xFF);
  m.put(0, image(2));
  m.put(contract::kFlashUpdateOffset, image(1));
  EXPECT_FALSE(m.start());
  EXPECT_TRUE(m.reported(BootState::kNoImage));
  EXPECT_EQ(m.operations, 0);
  EXPECT_TRUE(m.locked) << "the device secret stays out of reach of whatever comes";
}

TEST(BootRom, StopsWithoutAnImage) {
  Machine m;
  EXPECT_FALSE(m.start());
  EXPECT_TRUE(m.reported(BootState::kNoImage));
  ImageBytes wrong = image(2, 2000, crypto::Scalar::from_u32(77));
  m.put(0, wrong);
  EXPECT_FALSE(m.start());
  // A good staged image repairs it.
  m.put(contract::kFlashUpdateOffset, image(3));
  expect_updated_for_good(m);
}

TEST(BootRom, AFlashThatForgetsEndsTheUpdateAndNotTheCard) {
  Machine m;
  prepare(m);
  m.broken_page = 1;
  EXPECT_FALSE(m.start());
  EXPECT_TRUE(m.reported(BootState::kUpdateFailed));
  EXPECT_TRUE(m.reported(BootState::kNoImage));
  m.broken_page.reset();
  expect_updated_for_good(m);
}

TEST(BootRom, HandsOverAnIdentityThatDependsOnTheImage) {
  Machine m;
  m.put(0, image(2));
  const crypto::XOnlyPoint device_key = identity::x_only_key(identity::device_key(m.secret));
  m.certificate = identity::certify_device(device_key, identity::development_vendor_secret());
  const auto hand_over = [&](std::uint32_t version) {
    std::fill(m.flash.begin(), m.flash.end(), 0xFF);
    m.put(0, image(version));
    m.locked = false;
    BootRom rom(m.board());
    Handover out;
    const auto chosen = rom.choose_image();
    EXPECT_TRUE(rom.hand_over(chosen.value(), out));
    EXPECT_TRUE(m.locked);
    EXPECT_EQ(out.device_key, device_key);
    EXPECT_EQ(out.measurement.version, version);
    EXPECT_EQ(out.measurement.firmware_sha256, chosen->program_sha256);
    EXPECT_TRUE(crypto::bip340_verify(m.curve, identity::development_vendor_key(), identity::device_certificate_digest(out.device_key), out.device_certificate));
    EXPECT_TRUE(crypto::bip340_verify(m.curve, device_key, identity::alias_certificate_digest(out.measurement, out.alias_key), out.alias_certificate));
    EXPECT_EQ(identity::x_only_key(identity::alias_key(out.alias_secret)), out.alias_key);
    return out.alias_key;
  };
  const auto two = hand_over(2), three = hand_over(3);
  EXPECT_NE(two, three);
  m.production = false;
  EXPECT_NE(hand_over(3), three) << "an open card is another card";
}

TEST(Handover, IsTakenOnce) {
  alignas(Handover) std::array<std::uint8_t, kHandoverBytes> place;
  place.fill(0xA5);
  EXPECT_FALSE(take_handover(place.data()));
  auto& written = *new (place.data()) Handover;
  written.measurement.version = 4;
  written.alias_secret.expose()[0] = 9;
  const auto taken = take_handover(place.data());
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->measurement.version, 4u);
  EXPECT_EQ(taken->alias_secret.expose()[0], 9);
  EXPECT_EQ(std::count(place.begin(), place.end(), 0), static_cast<std::ptrdiff_t>(kHandoverBytes));
  EXPECT_FALSE(take_handover(place.data()));
}

}  // namespace
}  // namespace touchstone::firmware
