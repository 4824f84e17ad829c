// ELF files: what is loaded, and one case for each defect; then random damage, which must never do worse than an error.
#include "elf/elf_image.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "base/seed.h"
#include "support/elf_file.h"

namespace touchstone {
namespace {

using testing::HasSubstr;
using Image = std::vector<std::uint8_t>;

// One segment of four bytes at 0x20000000, virtual address elsewhere.
Image valid_file() {
  Image f = test::elf_file(0x20000000, ByteArray<4>{1, 2, 3, 4});
  store_le32(&f[36], 1);           // flags that mean nothing here
  store_le32(&f[60], 0x12340000);  // the virtual address
  store_le32(&f[72], 8);           // larger in memory than in the file
  return f;
}

TEST(ElfImage, LoadsByPhysicalAddress) {
  const auto parsed = ElfImage::parse(valid_file());
  ASSERT_TRUE(std::holds_alternative<ElfImage>(parsed)) << std::get<std::string>(parsed);
  const auto& image = std::get<ElfImage>(parsed);
  EXPECT_EQ(image.entry(), 0x20000000u);
  Image flash(16, 0xFF), ram(16, 0xEE);
  EXPECT_EQ(image.load({{"flash", 0x20000000, flash}, {"ram", 0x80000000, ram}}), "");
  EXPECT_EQ(flash, (Image{1, 2, 3, 4, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}));
}

TEST(ElfImage, ASegmentThatFitsNowhereIsNamed) {
  const auto parsed = ElfImage::parse(valid_file());
  Image flash(3), ram(16);
  EXPECT_EQ(std::get<ElfImage>(parsed).load({{"flash", 0x20000000, flash}, {"ram", 0x80000000, ram}}),
            "segment 0x20000000..0x20000003 does not fit into flash 0x20000000..0x20000002 or ram 0x80000000..0x8000000f");
  EXPECT_EQ(flash, Image(3));
}

struct Defect {
  const char* name;
  std::size_t at;
  unsigned width_bytes;
  std::uint32_t value;
  const char* message;
};
class ElfDefect : public testing::TestWithParam<Defect> {};

TEST_P(ElfDefect, IsSaid) {
  Image f = valid_file();
  const Defect& d = GetParam();
  if (d.width_bytes == 0) f.resize(d.at);
  if (d.width_bytes == 1) f[d.at] = static_cast<std::uint8_t>(d.value);
  if (d.width_bytes == 2) store_le16(&f[d.at], static_cast<std::uint16_t>(d.value));
  if (d.width_bytes == 4) store_le32(&f[d.at], d.value);
  const auto parsed = ElfImage::parse(f);
  ASSERT_TRUE(std::holds_alternative<std::string>(parsed));
  EXPECT_THAT(std::get<std::string>(parsed), HasSubstr(d.message));
}

INSTANTIATE_TEST_SUITE_P(
    Every, ElfDefect,
    testing::Values(Defect{"Empty", 0, 0, 0, "not an ELF file"}, Defect{"Magic", 1, 1, 'X', "not an ELF file"},
                    Defect{"HeaderCut", 51, 0, 0, "truncated: 51 bytes"}, Defect{"Class64", 4, 1, 2, "not a 32-bit ELF"},
                    Defect{"BigEndian", 5, 1, 2, "not little-endian"}, Defect{"Version", 6, 1, 9, "unknown ELF version 9"},
                    Defect{"Object", 16, 2, 1, "not an executable: type 1 at byte 16"}, Defect{"Machine", 18, 2, 62, "not for RISC-V: machine 62"},
                    Defect{"FloatAbi", 36, 4, 3, "needs an ABI"}, Defect{"HeaderSize", 42, 2, 31, "program headers of 31 bytes"},
                    Defect{"NoHeaders", 44, 2, 0, "no program headers"}, Defect{"ManyHeaders", 44, 2, 60000, "60000 program headers"},
                    Defect{"HeadersFarAway", 28, 4, 0xFFFFFFF0, "go beyond the end"}, Defect{"DataCut", 87, 0, 0, "truncated: segment 0"},
                    Defect{"DataFarAway", 56, 4, 0xFFFFFFFF, "truncated: segment 0"}, Defect{"FileLargerThanMemory", 72, 4, 3, "larger than memory size 3"},
                    Defect{"WrapsAround", 64, 4, 0xFFFFFFFE, "wraps around"}, Defect{"NothingToLoad", 52, 4, 6, "nothing to load"},
                    Defect{"EntryElsewhere", 24, 4, 0x20000004, "entry point 0x20000004"}, Defect{"EntryOdd", 24, 4, 0x20000001, "entry point"}),
    [](const testing::TestParamInfo<Defect>& tested) { return tested.param.name; });

TEST(ElfImage, SurvivesRandomDamage) {
  Random random = SeedTree(2).stream("mcu/elf");
  int refused = 0;
  for (int i = 0; i < 100'000; ++i) {
    Image f = valid_file();
    const std::uint64_t changes = 1 + random.below(4);
    for (std::uint64_t c = 0; c < changes; ++c) {
      const std::size_t at = random.below(f.size() - 3);
      switch (random.below(3)) {
        case 0: f[at] = static_cast<std::uint8_t>(random.next_u64()); break;
        case 1: store_le32(&f[at], random.below(2) ? 0xFFFFFFFF : static_cast<std::uint32_t>(random.next_u64())); break;
        default: f[at] ^= static_cast<std::uint8_t>(1u << random.below(8)); break;
      }
    }
    if (random.below(4) == 0) f.resize(random.below(f.size() + 1));
    // An exact copy on the heap: the sanitizers see every read beyond it.
    const Image exact(f.begin(), f.end());
    const auto parsed = ElfImage::parse(exact);
    if (const auto* image = std::get_if<ElfImage>(&parsed)) {
      Image flash(64), ram(64);
      (void)image->load({{"flash", 0x20000000, flash}, {"ram", 0x80000000, ram}});
    } else {
      ++refused;
      EXPECT_FALSE(std::get<std::string>(parsed).empty());
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(ElfImage, FilesThatCannotBeReadAreSaid) {
  EXPECT_EQ(std::get<std::string>(ElfImage::read("no/such/file.elf")), "no/such/file.elf: no such file");
  EXPECT_EQ(std::get<std::string>(ElfImage::read("/")), "/: not a regular file");
  const std::string path = testing::TempDir() + "touchstone_elf_test.txt";
  std::ofstream(path) << "hello";
  EXPECT_THAT(std::get<std::string>(ElfImage::read(path)), HasSubstr(path + ": not an ELF file"));
  std::remove(path.c_str());
}

}  // namespace
}  // namespace touchstone
