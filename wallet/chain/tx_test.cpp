#include "chain/tx.h"

#include <gtest/gtest.h>

#include "chain/test_support.h"

namespace touchstone::chain {
namespace {

using test::from_hex;
using test::to_hex;

// The first transaction paying to a person (block 170): legacy form, known id.
constexpr std::string_view kBlock170 =
    "0100000001c997a5e56e104102fa209c6a852dd90660a20b2d9c352423edce25857fcd3704000000004847304402204e45e16932b8af514961"
    "a1"
    "d3a1a25fdf3f4f7732e9d624c6c61548ab5fb8cd410220181522ec8eca07de4860a4acdd12909d831cc56cbbac4622082221a8768d1d0901ff"
    "ff"
    "ffff0200ca9a3b00000000434104ae1a62fe09c5f51b13905f07f06b99a2f7159b2225f374cd378d71302fa28414e7aab37397f554a7df5f14"
    "2c"
    "21c1b7303b8a0626f1baded5c72a704f7e6cd84cac00286bee0000000043410411db93e1dcdb8a016b49840f8c53bc1eb68a382e97b1482eca"
    "d7"
    "b148a6909a5cb2e0eaddfb84ccf9744464f82e160bfa9b8b64f9d4c03f999b8643f656b412a3ac00000000";

ByteVector unsigned_tx() {
  return write_unsigned_transaction(test::coin(),
                                    {{test::foreign_script(), 900'000, {}}, {test::foreign_script(9), 50'000, {}}}, 17);
}

TEST(Tx, LegacyTransactionHasItsKnownId) {
  const ByteVector bytes = from_hex(kBlock170);
  const auto tx = Transaction::parse(bytes);
  ASSERT_TRUE(tx.ok());
  ByteArray<32> id = tx->txid();
  std::reverse(id.begin(), id.end());
  EXPECT_EQ(to_hex(id), "f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16");
  EXPECT_EQ(tx->inputs().size(), 1u);
  EXPECT_EQ(tx->outputs()[0].amount_sat, 1'000'000'000u);
  EXPECT_EQ(tx->outputs()[1].amount_sat, 4'000'000'000u);
  EXPECT_EQ(tx->output_sum_sat().value(), 5'000'000'000u);
  EXPECT_FALSE(tx->has_witness());
}

TEST(Tx, SignedFormKeepsTheIdAndHoldsTheWitness) {
  const ByteVector bytes = unsigned_tx();
  const auto tx = Transaction::parse(bytes, Transaction::Format::kNoWitness);
  ASSERT_TRUE(tx.ok());
  EXPECT_EQ(tx->lock_time(), 17u);
  const ByteVector signature(64, 0x5a);
  const Bytes signatures[] = {signature};
  ByteVector buffer(400);
  const auto raw = serialise_signed(*tx, signatures, buffer);
  ASSERT_TRUE(raw.ok());
  const auto signed_tx = Transaction::parse(*raw);
  ASSERT_TRUE(signed_tx.ok());
  EXPECT_EQ(signed_tx->txid(), tx->txid());
  EXPECT_EQ(test::bytes_of(signed_tx->witness_item(0, 0)), signature);
  EXPECT_TRUE(signed_tx->witness_item(0, 1).empty());
  EXPECT_TRUE(signed_tx->witness_item(1, 0).empty());
  EXPECT_EQ(signed_tx->outputs()[1].amount_sat, 50'000u);

  const WitnessStack witness[] = {signatures};
  ByteVector other_buffer(400);
  EXPECT_EQ(to_hex(serialise_witnesses(*tx, witness, other_buffer).value()), to_hex(*raw));

  EXPECT_EQ(serialise_signed(*tx, {}, buffer).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(serialise_signed(*tx, signatures, MutableBytes(buffer).first(raw->size() - 1)).error().code,
            ErrorCode::kTooLarge);
}

TEST(Tx, EveryTruncationAndEveryExtraByteIsRefused) {
  for (ByteVector bytes : {from_hex(kBlock170), unsigned_tx()}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(Transaction::parse(Bytes(bytes).first(size)).ok()) << size;
    }
    bytes.push_back(0);
    EXPECT_FALSE(Transaction::parse(bytes).ok());
  }
}

TEST(Tx, CompactSizesAreCanonical) {
  const auto read = [](ByteVector bytes) {
    ByteReader reader(bytes);
    bool bad = false;
    const std::uint64_t value = read_compact_size(reader, bad);
    return bad ? std::optional<std::uint64_t>() : value;
  };
  EXPECT_EQ(read({0xfc}), 0xfcu);
  EXPECT_EQ(read({0xfd, 0xfd, 0x00}), 0xfdu);
  EXPECT_EQ(read({0xfd, 0xfc, 0x00}), std::nullopt);
  EXPECT_EQ(read({0xfe, 0x00, 0x00, 0x01, 0x00}), 0x10000u);
  EXPECT_EQ(read({0xfe, 0xff, 0xff, 0x00, 0x00}), std::nullopt);
  EXPECT_EQ(read({0xff, 0, 0, 0, 0, 1, 0, 0, 0}), 0x1'0000'0000u);
  EXPECT_EQ(read({0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0}), std::nullopt);
  EXPECT_EQ(read({0xfd, 0xfd}), std::nullopt);
  for (std::uint64_t value : {0ull, 0xfcull, 0xfdull, 0xffffull, 0x10000ull, 0xffffffffull, 0x100000000ull}) {
    ByteVector buffer(9);
    ByteWriter writer(buffer);
    write_compact_size(writer, value);
    buffer.resize(writer.size());
    EXPECT_EQ(read(buffer), value);
  }
}

TEST(Tx, AmountsAboveAllMoneyAreRefused) {
  const auto with_amounts = [](std::uint64_t a, std::uint64_t b) {
    return write_unsigned_transaction(test::coin(), {{test::foreign_script(), a, {}}, {test::foreign_script(), b, {}}},
                                      0);
  };
  EXPECT_TRUE(Transaction::parse(with_amounts(kMaxMoneySat, 0)).ok());
  EXPECT_FALSE(Transaction::parse(with_amounts(kMaxMoneySat + 1, 0)).ok());
  EXPECT_FALSE(Transaction::parse(with_amounts(~0ull, 0)).ok());
  const ByteVector too_much = with_amounts(kMaxMoneySat, 1);
  const auto tx = Transaction::parse(too_much);
  ASSERT_TRUE(tx.ok());
  EXPECT_EQ(tx->output_sum_sat().error().code, ErrorCode::kOutOfRange);
}

TEST(Tx, SegwitFormWithoutWitnessOrWithAnotherFlagIsRefused) {
  const ByteVector plain = unsigned_tx();
  ByteVector segwit = plain;
  segwit.insert(segwit.end() - 4, 0);  // an empty stack before the lock time
  segwit.insert(segwit.begin() + 4, 1);
  segwit.insert(segwit.begin() + 4, 0);
  EXPECT_FALSE(Transaction::parse(segwit).ok());
  segwit[5] = 2;
  EXPECT_FALSE(Transaction::parse(segwit).ok());
  EXPECT_FALSE(Transaction::parse(write_unsigned_transaction(test::coin(), {}, 0)).ok());
}

TEST(Tx, AHugeCountEndsAtOnce) {
  const ByteArray<13> head = {2, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  EXPECT_FALSE(Transaction::parse(test::filled(head, 1000, 1)).ok());
}

}  // namespace
}  // namespace touchstone::chain
