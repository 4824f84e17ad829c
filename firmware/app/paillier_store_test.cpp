// The sealed Paillier key and its fuse in flash that loses power.
#include <gtest/gtest.h>

#include "app/paillier_store.h"
#include "app/testing/fakes.h"

namespace touchstone::firmware::testing {
namespace {

StoredPaillierKey key_of(std::uint8_t fill, std::uint32_t epoch, std::uint32_t burns = 0) {
  StoredPaillierKey out;
  out.key.fill(fill);
  out.epoch = epoch;
  out.burns = burns;
  out.sealed.fill(static_cast<std::uint8_t>(fill + 1));
  return out;
}
bool same(const StoredPaillierKey& a, const StoredPaillierKey& b) {
  return a.key == b.key && a.epoch == b.epoch && a.burns == b.burns && a.sealed == b.sealed;
}

TEST(PaillierStore, KeepsTheNewestKeyAlone) {
  FakeFlash flash;
  EXPECT_FALSE(PaillierStore(flash).has_key());
  EXPECT_TRUE(PaillierStore(flash).fuse().blown()) << "no key, nothing to decrypt with";
  for (std::uint32_t i = 1; i <= 5; ++i) {
    const auto key = key_of(static_cast<std::uint8_t>(i), i);
    PaillierStore store(flash);
    ASSERT_TRUE(store.store(key).ok());
    EXPECT_TRUE(same(store.load().value(), key));
    EXPECT_TRUE(same(PaillierStore(flash).load().value(), key));
    const auto old = key_of(static_cast<std::uint8_t>(i - 1), i - 1);
    EXPECT_EQ(std::search(flash.bytes.begin(), flash.bytes.end(), old.sealed.begin(), old.sealed.end()), flash.bytes.end());
  }
}

TEST(PaillierStore, APowerCutLeavesOneKeyOrTheOtherAndNeverAYoungerFuse) {
  FakeFlash first;
  const auto old_key = key_of(1, 1), new_key = key_of(7, 2, 1);
  {
    PaillierStore store(first);
    ASSERT_TRUE(store.store(old_key).ok());
    ASSERT_TRUE(store.fuse().blow().ok());
  }
  bool stored = false;
  for (int words = 0; !stored; ++words) {
    FakeFlash flash = first;
    flash.words_until_cut = words;
    const bool told = PaillierStore(flash).store(new_key).ok();
    flash.words_until_cut.reset();
    PaillierStore after(flash);
    ASSERT_TRUE(after.has_key()) << words;
    const auto key = after.load().value();
    stored = same(key, new_key);
    ASSERT_TRUE(stored || same(key, old_key)) << words;
    EXPECT_EQ(after.fuse().blown(), !stored) << words;
    EXPECT_EQ(told, stored);
    EXPECT_EQ(after.burns(), 1u) << "by the fuse, then by the count";
  }
}

TEST(PaillierStore, TheFuseOutlivesThePower) {
  FakeFlash flash;
  PaillierStore store(flash);
  ASSERT_TRUE(store.store(key_of(1, 1)).ok());
  EXPECT_FALSE(store.fuse().blown());
  ASSERT_TRUE(store.fuse().blow().ok());
  EXPECT_TRUE(PaillierStore(flash).fuse().blown());
  ASSERT_TRUE(store.fuse().mend().ok());
  EXPECT_FALSE(PaillierStore(flash).fuse().blown());
  EXPECT_EQ(store.burns(), 0u);
  ASSERT_TRUE(store.fuse().blow().ok());
  EXPECT_EQ(store.burns(), 1u);
  PaillierStore later(flash);
  EXPECT_FALSE(later.fuse().mend().ok()) << "who has not blown it cannot mend it";
  EXPECT_FALSE(later.fuse().blow().ok());
  EXPECT_FALSE(later.fuse().mend().ok());
  EXPECT_TRUE(PaillierStore(flash).fuse().blown());
}

TEST(PaillierStore, ARowOfWordsThatIsFullBeginsAnew) {
  FakeFlash flash;
  PaillierStore store(flash);
  ASSERT_TRUE(store.store(key_of(1, 1)).ok());
  int erased = 0;
  flash.on_erase = [&] {
    ++erased;
    EXPECT_FALSE(PaillierStore(flash).fuse().blown()) << "only the fuse of a key that is whole is erased";
  };
  for (std::uint32_t i = 0; i < 2 * contract::kPageBytes / 4 + 10; ++i) {
    ASSERT_TRUE(store.fuse().blow().ok());
    ASSERT_TRUE(store.fuse().mend().ok());
    ASSERT_FALSE(store.fuse().blown());
  }
  EXPECT_EQ(erased, 2);
  ASSERT_TRUE(store.fuse().blow().ok());
  EXPECT_TRUE(PaillierStore(flash).fuse().blown());
}

TEST(PaillierStore, ATornWordIsABlownFuse) {
  for (const std::uint32_t torn : {0x5A0FF05Au, 0x00000001u, 0xFFFFFFFEu, 0x40000000u, 0x5A0F0000u}) {
    FakeFlash flash;
    PaillierStore store(flash);
    ASSERT_TRUE(store.store(key_of(1, 1)).ok());
    ASSERT_TRUE(store.fuse().blow().ok() && store.fuse().mend().ok());
    const std::uint32_t at = contract::kFlashPaillierOffset + 2 * contract::kPageBytes + 4;
    alignas(4) ByteArray<4> word;
    store_le32(word.data(), torn);
    ASSERT_TRUE(flash.program(at, word).ok());
    EXPECT_TRUE(PaillierStore(flash).fuse().blown()) << torn;
  }
}

TEST(PaillierStore, AFuseThatTheFlashDoesNotKeepIsNotBlownForShow) {
  FakeFlash flash;
  PaillierStore store(flash);
  ASSERT_TRUE(store.store(key_of(1, 1)).ok());
  flash.words_until_cut = 0;
  EXPECT_EQ(store.fuse().blow().error().code, ErrorCode::kStorage);
  flash.words_until_cut.reset();
  flash.worn_page = contract::kFlashPaillierOffset + 2 * contract::kPageBytes;
  EXPECT_EQ(store.fuse().blow().error().code, ErrorCode::kStorage);
}

TEST(PaillierStore, AWornPageLeavesTheKeyThereIs) {
  for (const std::uint32_t page : {1u, 3u}) {
    FakeFlash flash;
    PaillierStore store(flash);
    ASSERT_TRUE(store.store(key_of(1, 1)).ok());
    flash.worn_page = contract::kFlashPaillierOffset + page * contract::kPageBytes;
    const bool stored = store.store(key_of(2, 2)).ok();
    EXPECT_EQ(stored, page == 3) << "an erased fuse is whole until it is written";
    EXPECT_EQ(PaillierStore(flash).load().value().epoch, stored ? 2u : 1u);
  }
}

TEST(PaillierStore, AChangedByteIsNoKey) {
  for (const std::uint32_t at : {0u, 8u, 20u, 60u, 200u, 390u, 410u, 429u}) {
    FakeFlash flash;
    ASSERT_TRUE(PaillierStore(flash).store(key_of(1, 1)).ok());
    flash.bytes[contract::kFlashPaillierOffset + at] ^= 0x10;
    EXPECT_FALSE(PaillierStore(flash).has_key()) << at;
  }
}

}  // namespace
}  // namespace touchstone::firmware::testing
