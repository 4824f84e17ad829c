#include "sim/memory_scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "base/seed.h"

namespace touchstone::sim {
namespace {

using Memory = std::vector<std::uint8_t>;

Memory random_bytes(std::size_t size, const char* stream) {
  Memory out(size);
  SeedTree(1).stream(stream).fill(out);
  return out;
}

/// A memory full of other things with `piece` at `offset`.
Memory memory_with(const Memory& piece, std::size_t offset) {
  Memory out = random_bytes(100'000, "other things");
  std::copy(piece.begin(), piece.end(), out.begin() + static_cast<std::ptrdiff_t>(offset));
  return out;
}

std::vector<Find> scan(const Memory& secret, const Memory& memory, MemoryScanner::Kind kind = MemoryScanner::Kind::kRandom) {
  MemoryScanner scanner;
  scanner.add("share", secret, kind);
  std::vector<Find> finds;
  scanner.scan("ram", memory, finds);
  return finds;
}

std::string hex(const Memory& bytes, const char* format) {
  std::string out;
  for (const std::uint8_t b : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, format, b);
    out += digits;
  }
  return out;
}

Memory text(const std::string& s) { return {s.begin(), s.end()}; }

// By bits, not as the scanner does it.
Memory base64(const Memory& bytes) {
  std::string out;
  unsigned bits = 0, held = 0;
  for (const std::uint8_t b : bytes) {
    bits = bits << 8 | b;
    for (held += 8; held >= 6; held -= 6) out += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[bits >> (held - 6) & 63];
  }
  return text(out);
}

Memory shifted_right(const Memory& bytes, unsigned count) {
  Memory out(bytes.size() + 1);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit)
    if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) out[(bit + count) / 8] |= static_cast<std::uint8_t>(0x80 >> (bit + count) % 8);
  return out;
}

const Memory kShare = random_bytes(32, "share");

TEST(MemoryScan, FindsAValueAtEveryAlignment) {
  for (std::size_t offset = 0; offset < 16; ++offset) {
    const auto finds = scan(kShare, memory_with(kShare, 5000 + offset));
    ASSERT_EQ(finds.size(), 1u);
    EXPECT_EQ(finds[0], (Find{"share", "ram", "exact", 5000 + offset, 32}));
  }
}

TEST(MemoryScan, FindsItAtBothEndsOfAMemory) {
  EXPECT_EQ(scan(kShare, memory_with(kShare, 0)).size(), 1u);
  EXPECT_EQ(scan(kShare, memory_with(kShare, 100'000 - 32)).size(), 1u);
  EXPECT_EQ(scan(kShare, kShare).size(), 1u);
  EXPECT_TRUE(scan(kShare, {}).empty());
  EXPECT_TRUE(scan(kShare, Memory(7)).empty());
}

TEST(MemoryScan, FindsNothingInOtherThings) { EXPECT_TRUE(scan(kShare, random_bytes(4'000'000, "other things")).empty()); }

TEST(MemoryScan, EightBytesAreEnoughAndSevenAreNot) {
  for (std::size_t first = 0; first + 8 <= 32; ++first) {
    const Memory eight(kShare.begin() + static_cast<std::ptrdiff_t>(first), kShare.begin() + static_cast<std::ptrdiff_t>(first) + 8);
    const auto finds = scan(kShare, memory_with(eight, 777));
    ASSERT_EQ(finds.size(), 1u) << first;
    EXPECT_GE(finds[0].size_bytes, 8u);
  }
  const Memory seven(kShare.begin(), kShare.begin() + 7);
  EXPECT_TRUE(scan(kShare, memory_with(seven, 777)).empty());
}

void expect_encoding(const Memory& encoded, const std::string& name) {
  const auto finds = scan(kShare, memory_with(encoded, 4321));
  ASSERT_EQ(finds.size(), 1u) << name;
  EXPECT_EQ(finds[0].encoding, name);
  EXPECT_NEAR(static_cast<double>(finds[0].offset_bytes), 4321, 4) << name;
}

TEST(MemoryScan, FindsEveryEncoding) {
  expect_encoding({kShare.rbegin(), kShare.rend()}, "reversed");
  Memory words = kShare;
  for (std::size_t i = 0; i < 32; i += 4) std::reverse(words.begin() + static_cast<std::ptrdiff_t>(i), words.begin() + static_cast<std::ptrdiff_t>(i) + 4);
  expect_encoding(words, "words swapped");
  expect_encoding(text(hex(kShare, "%02x")), "hexadecimal");
  expect_encoding(text(hex(kShare, "%02X")), "hexadecimal");
  for (std::size_t before = 0; before < 3; ++before) {  // the value stands in the middle of what was encoded
    Memory longer(before, 0x5A);
    longer.insert(longer.end(), kShare.begin(), kShare.end());
    expect_encoding(base64(longer), "Base64");
  }
  const char* names[] = {"", "shifted by 1 bit", "shifted by 2 bits", "shifted by 3 bits", "shifted by 4 bits", "shifted by 5 bits", "shifted by 6 bits", "shifted by 7 bits"};
  for (unsigned bits = 1; bits < 8; ++bits) expect_encoding(shifted_right(kShare, bits), names[bits]);
}

TEST(MemoryScan, FindsAPieceOfAnImage) {
  const Memory image = random_bytes(192 * 192, "image");
  for (std::size_t first : {0u, 1u, 15u, 777u}) {
    const Memory piece(image.begin() + static_cast<std::ptrdiff_t>(first), image.begin() + static_cast<std::ptrdiff_t>(first) + 31);
    EXPECT_EQ(scan(image, memory_with(piece, 99), MemoryScanner::Kind::kSamples).size(), 1u) << first;
  }
}

TEST(MemoryScan, DoesNotTakeBlankPixelsForASecret) {
  Memory image = random_bytes(192 * 192, "image");
  std::fill(image.begin() + 5000, image.end(), std::uint8_t{255});
  EXPECT_TRUE(scan(image, Memory(10'000, 255), MemoryScanner::Kind::kSamples).empty());
  MemoryScanner scanner;
  scanner.add("blank", Memory(100, 7));
  EXPECT_EQ(scanner.needles(), 0u);
}

TEST(MemoryScan, TellsSecretsApartAndCountsWhatItDid) {
  MemoryScanner scanner;
  const Memory root = random_bytes(32, "root");
  scanner.add("share", kShare);
  scanner.add("root", root);
  Memory memory = memory_with(kShare, 100);
  std::copy(root.begin(), root.end(), memory.begin() + 132);
  std::copy(root.begin(), root.end(), memory.begin() + 900);
  std::vector<Find> finds;
  scanner.scan("ram", memory, finds);
  scanner.scan("flash", Memory(50), finds);
  EXPECT_THAT(finds, testing::ElementsAre(Find{"share", "ram", "exact", 100, 32}, Find{"root", "ram", "exact", 132, 32}, Find{"root", "ram", "exact", 900, 32}));
  EXPECT_EQ(scanner.needles(), 2u);
  EXPECT_EQ(scanner.bytes_searched(), 100'050u);
}

}  // namespace
}  // namespace touchstone::sim
