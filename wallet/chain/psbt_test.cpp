#include "chain/psbt.h"

#include <gtest/gtest.h>

#include "chain/sighash.h"
#include "chain/test_support.h"

namespace touchstone::chain {
namespace {

const ByteArray<32> kKey = [] {
  ByteArray<32> key;
  key.fill(0x11);
  return key;
}();

/// One input, two outputs, and whatever a test adds.
PsbtWriter writer() {
  return PsbtWriter(write_unsigned_transaction(
                        test::coin(), {{test::foreign_script(), 1000, {}}, {test::foreign_script(), 2000, {}}}, 0),
                    1, 2);
}

ErrorCode code_of(const PsbtWriter& psbt) {
  const ByteVector bytes = psbt.finish();
  const auto parsed = Psbt::parse(bytes);
  return parsed ? ErrorCode{} : parsed.error().code;
}
constexpr ErrorCode kAccepted{};

TEST(Psbt, ReadsWhatTheWriterWrote) {
  PsbtWriter w = writer();
  const ByteVector origin = write_origin({1, 2, 3, 4}, {1, 9});
  w.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(5000, test::foreign_script()));
  w.put_input(0, psbt_field::kInTapInternalKey, {}, kKey);
  w.put_input(0, psbt_field::kInTapBip32Derivation, kKey, origin);
  w.put_input(0, psbt_field::kInSighashType, {}, ByteVector{1, 0, 0, 0});
  w.put_output(1, psbt_field::kOutTapInternalKey, {}, kKey);
  w.put_output(1, psbt_field::kOutTapBip32Derivation, kKey, origin);
  const ByteVector bytes = w.finish();
  const auto psbt = Psbt::parse(bytes);
  ASSERT_TRUE(psbt.ok());
  EXPECT_EQ(psbt->input_count(), 1u);
  EXPECT_EQ(psbt->output_count(), 2u);
  EXPECT_EQ(psbt->witness_utxo(0)->amount_sat, 5000u);
  EXPECT_EQ(psbt->sighash_type(0), kSighashAll);
  EXPECT_EQ(psbt->input_internal_key(0), kKey);
  EXPECT_EQ(psbt->output_internal_key(0), std::nullopt);
  EXPECT_EQ(psbt->output_internal_key(1), kKey);
  const auto found = psbt->input_origin(0, kKey);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->fingerprint, (ByteArray<4>{1, 2, 3, 4}));
  EXPECT_EQ(found->depth, 2u);
  EXPECT_EQ(found->steps[0], 1u);
  EXPECT_EQ(found->steps[1], 9u);
  EXPECT_TRUE(psbt->output_origin(1, kKey).has_value());
  EXPECT_FALSE(psbt->output_origin(1, {}).has_value());
  EXPECT_FALSE(psbt->output_origin(0, kKey).has_value());
}

TEST(Psbt, ReadsTheFieldsOfVersionZero) {
  PsbtWriter w = writer();
  const crypto::CompressedPoint ours = {0x02, 0x11}, other = {0x03, 0x22};
  const ByteVector uncompressed = test::filled(ByteArray<1>{0x04}, 65, 1), der(71, 0x30);
  const ByteVector origin = write_origin({1, 2, 3, 4}, {1, 9}, AddressKind::kSegwitV0);
  w.put_input(0, psbt_field::kInBip32Derivation, uncompressed, origin);
  w.put_input(0, psbt_field::kInBip32Derivation, other, write_origin({9, 9, 9, 9}, {0, 0}, AddressKind::kSegwitV0));
  w.put_input(0, psbt_field::kInBip32Derivation, ours, origin);
  w.put_input(0, psbt_field::kInPartialSig, ours, der);
  w.put_output(1, psbt_field::kOutBip32Derivation, other, origin);
  const ByteVector bytes = w.finish();
  const auto psbt = Psbt::parse(bytes);
  ASSERT_TRUE(psbt.ok());
  const auto claim = psbt->input_claim(0, {1, 2, 3, 4});
  ASSERT_TRUE(claim.has_value());
  EXPECT_EQ(claim->public_key, ours);
  EXPECT_EQ(claim->origin.depth, 2u);
  EXPECT_EQ(claim->origin.steps[0], 1u);
  EXPECT_EQ(claim->origin.steps[1], 9u);
  EXPECT_EQ(psbt->input_claim(0, {9, 9, 9, 9})->public_key, other);
  EXPECT_FALSE(psbt->input_claim(0, {1, 2, 3, 5}).has_value());
  EXPECT_EQ(psbt->output_claim(1, {1, 2, 3, 4})->public_key, other);
  EXPECT_FALSE(psbt->output_claim(0, {1, 2, 3, 4}).has_value());
  EXPECT_EQ(test::bytes_of(*psbt->partial_signature(0, ours)), der);
  EXPECT_FALSE(psbt->partial_signature(0, other).has_value());
}

TEST(Psbt, MissingFieldsAreMissing) {
  const ByteVector bytes = writer().finish();
  EXPECT_EQ(Psbt::parse(bytes)->sighash_type(0), std::nullopt);
  EXPECT_EQ(Psbt::parse(bytes)->witness_utxo(0), std::nullopt);
}

TEST(Psbt, UnknownKeysAreSkipped) {
  PsbtWriter w = writer();
  w.put_global(0xfc, ByteVector{5, 'h', 'e', 'l', 'l', 'o'}, ByteVector{1});
  w.put_input(0, 0x1a, ByteVector(33, 2), ByteVector(66, 2));  // MUSIG2_PARTICIPANT_PUBKEYS
  w.put_input(0, 0x77, {}, {});
  w.put_output(0, 0x77, ByteVector{1}, {});
  w.put_output(0, 0x77, ByteVector{2}, {});
  EXPECT_EQ(code_of(w), kAccepted);
}

TEST(Psbt, DuplicateKeysAreRefusedInEveryMap) {
  PsbtWriter global = writer();
  global.put_global(0x77, {}, ByteVector{1});
  global.put_global(0x77, {}, ByteVector{2});
  EXPECT_EQ(code_of(global), ErrorCode::kBadFormat);
  PsbtWriter input = writer();
  input.put_input(0, psbt_field::kInTapInternalKey, {}, kKey);
  input.put_input(0, 0x77, {}, {});
  input.put_input(0, psbt_field::kInTapInternalKey, {}, kKey);
  EXPECT_EQ(code_of(input), ErrorCode::kBadFormat);
  PsbtWriter output = writer();
  output.put_output(1, 0x77, kKey, {});
  output.put_output(1, 0x77, kKey, {});
  EXPECT_EQ(code_of(output), ErrorCode::kBadFormat);
}

TEST(Psbt, SighashTypesThatLeaveThePaymentOpenAreRefused) {
  for (std::uint8_t type : {0, 1, 2, 3, 0x81, 0x82, 0x83, 0xff}) {
    PsbtWriter w = writer();
    w.put_input(0, psbt_field::kInSighashType, {}, ByteVector{type, 0, 0, 0});
    EXPECT_EQ(code_of(w), type <= 1 ? kAccepted : ErrorCode::kUnsupported) << int{type};
  }
  PsbtWriter high = writer();
  high.put_input(0, psbt_field::kInSighashType, {}, ByteVector{1, 0, 0, 1});
  EXPECT_EQ(code_of(high), ErrorCode::kUnsupported);
  PsbtWriter brief = writer();
  brief.put_input(0, psbt_field::kInSighashType, {}, ByteVector{1});
  EXPECT_EQ(code_of(brief), ErrorCode::kBadFormat);
}

TEST(Psbt, MalformedKnownFieldsAreRefused) {
  const ByteVector origin = write_origin({}, {0, 0});
  const ByteVector utxo = write_output(5000, test::foreign_script());
  const auto input = [&](std::uint8_t type, Bytes key_data, ByteVector value) {
    PsbtWriter w = writer();
    w.put_input(0, type, key_data, value);
    return code_of(w);
  };
  EXPECT_EQ(input(psbt_field::kInTapInternalKey, {}, ByteVector(31)), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInTapInternalKey, kKey, ByteVector(32)), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInWitnessUtxo, {}, ByteVector(utxo.begin(), utxo.end() - 1)), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInWitnessUtxo, kKey, utxo), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInWitnessUtxo, {}, write_output(kMaxMoneySat + 1, test::foreign_script())),
            ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInTapBip32Derivation, {}, origin), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInTapBip32Derivation, kKey, ByteVector(origin.begin(), origin.end() - 1)),
            ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInTapBip32Derivation, kKey, ByteVector{1, 2, 3}), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInTapBip32Derivation, kKey, ByteVector(9, 0xff)), ErrorCode::kBadFormat);

  const ByteVector key = test::filled(ByteArray<1>{0x02}, 33, 1), odd = test::filled(ByteArray<1>{0x05}, 33, 1),
                   brief(key.begin(), key.end() - 1), hybrid = test::filled(ByteArray<1>{0x06}, 65, 1);
  const ByteVector path = write_origin({}, {0, 0}, AddressKind::kSegwitV0), signature(71, 0x30);
  EXPECT_EQ(input(psbt_field::kInBip32Derivation, key, path), kAccepted);
  EXPECT_EQ(input(psbt_field::kInBip32Derivation, key, ByteVector(4)), kAccepted);  // the master key itself
  EXPECT_EQ(input(psbt_field::kInPartialSig, key, signature), kAccepted);
  for (const ByteVector& bad : {odd, brief, hybrid, ByteVector{}}) {
    EXPECT_EQ(input(psbt_field::kInBip32Derivation, bad, path), ErrorCode::kBadFormat);
    EXPECT_EQ(input(psbt_field::kInPartialSig, bad, signature), ErrorCode::kBadFormat);
  }
  EXPECT_EQ(input(psbt_field::kInBip32Derivation, key, ByteVector(3)), ErrorCode::kBadFormat);
  EXPECT_EQ(input(psbt_field::kInBip32Derivation, key, ByteVector(13)), ErrorCode::kBadFormat);
  for (std::size_t size : {0, 8, 74})
    EXPECT_EQ(input(psbt_field::kInPartialSig, key, ByteVector(size)), ErrorCode::kBadFormat) << size;
  PsbtWriter output = writer();
  output.put_output(0, psbt_field::kOutBip32Derivation, odd, path);
  EXPECT_EQ(code_of(output), ErrorCode::kBadFormat);
}

TEST(Psbt, DeepPathsAreNoClaims) {
  const ByteVector key = test::filled(ByteArray<1>{0x02}, 33, 1);
  for (std::size_t steps : {kMaxPathSteps, kMaxPathSteps + 1}) {
    PsbtWriter w = writer();
    w.put_input(0, psbt_field::kInBip32Derivation, key, ByteVector(4 + 4 * steps));
    const ByteVector bytes = w.finish();
    EXPECT_EQ(Psbt::parse(bytes)->input_claim(0, {}).has_value(), steps == kMaxPathSteps);
  }
}

TEST(Psbt, KeysInScriptLeavesAndDeepPathsAreNoOrigins) {
  const ByteVector leaf = test::filled(ByteArray<1>{1}, 1 + 32 + 4 + 8, 0);
  const ByteVector deep(1 + 4 + 4 * (kMaxPathSteps + 1));
  for (const ByteVector& value : {leaf, deep}) {
    PsbtWriter w = writer();
    w.put_input(0, psbt_field::kInTapBip32Derivation, kKey, value);
    const ByteVector bytes = w.finish();
    const auto psbt = Psbt::parse(bytes);
    ASSERT_TRUE(psbt.ok());
    EXPECT_FALSE(psbt->input_origin(0, kKey).has_value());
  }
}

TEST(Psbt, OtherVersionsAreRefused) {
  PsbtWriter zero = writer();
  zero.put_global(psbt_field::kGlobalVersion, {}, ByteVector(4));
  EXPECT_EQ(code_of(zero), kAccepted);
  PsbtWriter two = writer();
  two.put_global(psbt_field::kGlobalVersion, {}, ByteVector{2, 0, 0, 0});
  EXPECT_EQ(code_of(two), ErrorCode::kUnsupported);
  PsbtWriter field = writer();
  field.put_output(0, 0x03, {}, ByteVector(8));
  EXPECT_EQ(code_of(field), ErrorCode::kUnsupported);
}

TEST(Psbt, LimitsHold) {
  const ByteVector tx = write_unsigned_transaction(
      test::coin(), std::vector<PlannedOutput>(kMaxPsbtOutputs + 1, {test::foreign_script(), 1000, {}}), 0);
  EXPECT_EQ(code_of(PsbtWriter(tx, 1, kMaxPsbtOutputs + 1)), ErrorCode::kTooLarge);
  PsbtWriter crowded = writer();
  for (std::size_t i = 0; i < kMaxPsbtPairsPerMap; ++i)
    crowded.put_input(0, 0x77, ByteVector{static_cast<std::uint8_t>(i)}, {});
  EXPECT_EQ(code_of(crowded), kAccepted);
  crowded.put_input(0, 0x78, {}, {});
  EXPECT_EQ(code_of(crowded), ErrorCode::kTooLarge);
}

TEST(Psbt, UnsignedTransactionCarriesNoSignaturesAndExists) {
  const ByteVector tx = write_unsigned_transaction(test::coin(), {{test::foreign_script(), 1000, {}}}, 0);
  ByteVector with_script = tx;
  with_script[41] = 1;  // length of the script
  with_script.insert(with_script.begin() + 42, 0x51);
  ASSERT_TRUE(Transaction::parse(with_script).ok());
  EXPECT_EQ(code_of(PsbtWriter(with_script, 1, 1)), ErrorCode::kBadFormat);

  const auto plain = Transaction::parse(tx);
  ByteVector buffer(300);
  const ByteVector signature(64);
  const Bytes signatures[] = {signature};
  EXPECT_EQ(code_of(PsbtWriter(serialise_signed(*plain, signatures, buffer).value(), 1, 1)), ErrorCode::kBadFormat);

  EXPECT_FALSE(Psbt::parse(test::filled(kPsbtMagic, kPsbtMagic.size() + 1, 0)).ok());
}

TEST(Psbt, EveryTruncationAndEveryExtraByteIsRefused) {
  PsbtWriter w = writer();
  w.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(5000, test::foreign_script()));
  w.put_output(0, psbt_field::kOutTapInternalKey, {}, kKey);
  ByteVector bytes = w.finish();
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(Psbt::parse(Bytes(bytes).first(size)).ok()) << size;
  bytes.push_back(0);
  EXPECT_FALSE(Psbt::parse(bytes).ok());
}

}  // namespace
}  // namespace touchstone::chain
