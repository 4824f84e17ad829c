#include "wallet_face/face_record.h"

#include <gtest/gtest.h>

#include "base/seed.h"

namespace touchstone::wallet {
namespace {

/// `agreement` percent of each component are those of face `number`.
FaceCode face(std::uint64_t number, int agreement = 100) {
  Random own = SeedTree(number).stream("face"), other = SeedTree(number).stream("picture");
  FaceCode out;
  out.head_sha256.fill(7);
  for (int i = 0; i < 128; ++i) {
    const int a = static_cast<int>(own.below(111)) - 55, b = static_cast<int>(other.below(111)) - 55;
    out.vector.components.push_back(static_cast<std::int8_t>((a * agreement + b * (100 - agreement)) / 100));
  }
  return out;
}

Secret<32> secret(std::uint8_t value) {
  Secret<32> out;
  out.expose()[0] = value;
  return out;
}

FaceRecord made(std::uint64_t number, std::uint8_t value = 1) {
  ByteArray<32> randomness{};
  SeedTree(number).stream("randomness").fill(randomness);
  return make_face_record(face(number), secret(value), randomness).value();
}

TEST(FaceRecord, GivesTheSecretBackToItsFaceAlone) {
  const FaceRecord record = FaceRecord::parse(made(1, 99).serialize()).value();
  const auto opened = open_face_record(record, face(1, 80));
  ASSERT_TRUE(opened.ok()) << opened.error().what;
  EXPECT_TRUE(equal_constant_time(opened->expose(), secret(99).expose()));
  EXPECT_EQ(open_face_record(record, face(2)).error().code, ErrorCode::kNoMatch);
}

TEST(FaceRecord, NamesTheHeadItAsksFor) {
  const FaceRecord record = made(1);
  FaceCode other = face(1);
  other.head_sha256[31] ^= 1;
  EXPECT_EQ(open_face_record(record, other).error().code, ErrorCode::kMismatch);
  EXPECT_EQ(record.head_sha256, face(1).head_sha256);
}

TEST(FaceRecord, EveryChangedByteIsRefused) {
  const ByteVector good = made(1).serialize();
  for (std::size_t i = 0; i < good.size(); ++i)
    for (const std::uint8_t change : {0x01, 0x80}) {
      ByteVector bad = good;
      bad[i] ^= change;
      const auto record = FaceRecord::parse(bad);
      if (!record) continue;
      FaceCode own = face(1);
      own.head_sha256 = record->head_sha256;  // even one who lies about the head
      const auto opened = open_face_record(*record, own);
      ASSERT_FALSE(opened.ok()) << "byte " << i;
      EXPECT_TRUE(opened.error().code == ErrorCode::kNoMatch || opened.error().code == ErrorCode::kBadSignature) << opened.error().what;
    }
}

TEST(FaceRecord, WhatTheFaceOpensButDidNotMakeSaysSo) {
  FaceRecord record = made(1);
  record.sealed = made(2).sealed;
  EXPECT_EQ(open_face_record(record, face(1)).error().code, ErrorCode::kBadSignature);
}

TEST(FaceRecord, OnlyWholeRecordsOfFacesAreRead) {
  const ByteVector good = made(1).serialize();
  EXPECT_LE(good.size(), FaceRecord::kMaxBytes);
  for (std::size_t size = 0; size < good.size(); ++size) EXPECT_FALSE(FaceRecord::parse(Bytes(good).first(size)).ok()) << size;
  ByteVector longer = good;
  longer.push_back(0);
  EXPECT_FALSE(FaceRecord::parse(longer).ok());
  ByteVector version = good;
  version[0] = 2;
  EXPECT_EQ(FaceRecord::parse(version).error().code, ErrorCode::kUnsupported);
  FaceRecord any_order = made(1);
  any_order.helper.any_order = true;
  EXPECT_FALSE(FaceRecord::parse(any_order.serialize()).ok());
  FaceRecord fewer_bits = made(1);
  fewer_bits.helper.code = codes::CodeChoice::make(codes::CodeFamily::kPolar, 128, 24).value();
  EXPECT_EQ(FaceRecord::parse(fewer_bits.serialize()).error().code, ErrorCode::kUnsupported);
}

TEST(FaceRecord, TwoRecordsOfOneFaceAreNotAlike) {
  ByteArray<32> other{};
  other[0] = 1;
  const FaceRecord a = made(1), b = make_face_record(face(1), secret(1), other).value();
  EXPECT_NE(a.helper.offset, b.helper.offset);
  EXPECT_NE(a.sealed, b.sealed);
}

}  // namespace
}  // namespace touchstone::wallet
