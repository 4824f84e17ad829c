#include "chain/review.h"

#include <gtest/gtest.h>

#include "base/seed.h"
#include "chain/sighash.h"
#include "chain/test_support.h"

namespace touchstone::chain {
namespace {

constexpr std::uint64_t kCoinSat = 1'000'000;
constexpr std::uint64_t kPaySat = 600'000;
constexpr std::uint64_t kFeeSat = 500;
constexpr std::uint64_t kChangeSat = kCoinSat - kPaySat - kFeeSat;
constexpr AddressPath kChangePath{1, 3};

class ReviewTest : public ::testing::TestWithParam<AddressKind> {
 protected:
  PlannedOutput pay(std::uint64_t amount_sat = kPaySat) { return {test::foreign_script(), amount_sat, {}}; }
  PlannedOutput change(std::uint64_t amount_sat = kChangeSat, AddressPath path = kChangePath) {
    return {test::bytes_of(account.address(path).script), amount_sat, path};
  }
  ByteVector psbt(const std::vector<PlannedOutput>& outputs, std::uint64_t coin_sat = kCoinSat) {
    return account.payment(test::coin(coin_sat), outputs);
  }
  Result<PaymentReview> review_of(const std::vector<PlannedOutput>& outputs, std::uint64_t coin_sat = kCoinSat) {
    return account.review(psbt(outputs, coin_sat));
  }
  ErrorCode error_of(const std::vector<PlannedOutput>& outputs, std::uint64_t coin_sat = kCoinSat) {
    const auto result = review_of(outputs, coin_sat);
    return result ? ErrorCode{} : result.error().code;
  }
  /// Names `key` as the one of the account's path 0/5.
  void put_derivation(PsbtWriter& w, const AddressKey& key) {
    const ByteVector origin = write_origin(account.fingerprint(), {0, 5}, GetParam());
    if (is_v0()) w.put_input(0, psbt_field::kInBip32Derivation, key.public_key, origin);
    else w.put_input(0, psbt_field::kInTapBip32Derivation, key.internal_key, origin);
  }
  bool is_v0() const { return GetParam() == AddressKind::kSegwitV0; }
  test::Account account{12345, Network::kRegtest, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(Kinds, ReviewTest, ::testing::Values(AddressKind::kTaproot, AddressKind::kSegwitV0),
                         [](const auto& kind) { return kind.param == AddressKind::kTaproot ? "Taproot" : "SegwitV0"; });

TEST_P(ReviewTest, ShowsRecipientAmountAndFeeAndHidesOwnChange) {
  const auto r = review_of({pay(), change()});
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->recipient_count, 1u);
  EXPECT_EQ(r->recipients[0].text.view(), address_of_script(test::foreign_script(), Network::kRegtest)->view());
  EXPECT_EQ(r->recipients[0].amount_sat, kPaySat);
  EXPECT_FALSE(r->recipients[0].dust);
  EXPECT_EQ(r->total_sat, kPaySat);
  EXPECT_EQ(r->hidden_change_count, 1u);
  EXPECT_EQ(r->change_sat, kChangeSat);
  EXPECT_EQ(r->fee_sat, kFeeSat);
  EXPECT_EQ(r->input_sat, kCoinSat);
  EXPECT_FALSE(r->high_fee);
  EXPECT_EQ(r->network, Network::kRegtest);
}

TEST_P(ReviewTest, GivesTheMessageAndTweaksThatAreSigned) {
  const ByteVector bytes = psbt({pay(), change()});
  const auto r = account.review(bytes);
  ASSERT_TRUE(r.ok());
  const AddressKey own = account.address(test::coin().path);
  EXPECT_EQ(r->input_key.kind, GetParam());
  EXPECT_EQ(r->input_key.output_key, own.output_key);
  EXPECT_EQ(r->input_key.public_key, own.public_key);
  for (std::size_t i = 0; i < own.tweaks.size(); ++i) EXPECT_EQ(r->input_key.tweaks[i].value, own.tweaks[i].value);

  const auto parsed = Psbt::parse(bytes);
  const TxOutput spent = *parsed->witness_utxo(0);
  const auto script_code = p2wpkh_script_code(hash160(own.public_key));
  EXPECT_EQ(r->message_hash,
            is_v0() ? segwit_v0_sighash(parsed->transaction(), script_code, kCoinSat, 0, kSighashAll).value()
                    : taproot_sighash(parsed->transaction(), {&spent, 1}, 0, kSighashDefault).value());
}

// BIP68: the lock is in force when version >= 2 and bit 31 of the sequence is clear.
TEST_P(ReviewTest, RelativeLockTimeIsRefused) {
  constexpr std::size_t kVersion = 5 + 3, kSequenceHighByte = kVersion + 4 + 1 + 36 + 1 + 3;
  ByteVector bytes = psbt({pay(), change()});
  ASSERT_EQ(bytes[kVersion], 2);
  ASSERT_EQ(bytes[kSequenceHighByte], 0xFF);
  bytes[kSequenceHighByte] = 0x7F;
  const auto locked = account.review(bytes);
  ASSERT_FALSE(locked.ok());
  EXPECT_EQ(locked.error().code, ErrorCode::kUnsupported);
  bytes[kVersion] = 1;
  EXPECT_TRUE(account.review(bytes).ok());
  bytes[kVersion + 3] = 0x80;  // versions compare unsigned
  EXPECT_FALSE(account.review(bytes).ok());
  bytes[kSequenceHighByte] = 0x80;
  EXPECT_TRUE(account.review(bytes).ok());
}

// The wallet names our key and path on an output that pays somewhere else: only deriving the script tells.
TEST_P(ReviewTest, SpoofedChangeIsShownAsARecipient) {
  PlannedOutput thief = {test::foreign_script(0x66), kChangeSat, kChangePath};
  const auto r = review_of({pay(), thief});
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->hidden_change_count, 0u);
  ASSERT_EQ(r->recipient_count, 2u);
  EXPECT_EQ(r->recipients[1].amount_sat, kChangeSat);
  EXPECT_EQ(r->recipients[1].text.view(), address_of_script(test::foreign_script(0x66), Network::kRegtest)->view());
}

TEST_P(ReviewTest, ChangeWithTheWrongIndexIsShown) {
  PlannedOutput wrong = change();
  wrong.own_path = AddressPath{1, 4};
  EXPECT_EQ(review_of({pay(), wrong})->recipient_count, 2u);
}

TEST_P(ReviewTest, ChangeWithoutItsDerivationIsShown) {
  PlannedOutput silent = change();
  silent.own_path.reset();
  EXPECT_EQ(review_of({pay(), silent})->recipient_count, 2u);
}

TEST_P(ReviewTest, OnlyTheChangeChainIsHiddenAndOnlyWhereItIsFoundAgain) {
  EXPECT_EQ(review_of({pay(), change(kChangeSat, {0, 3})})->recipient_count, 2u);
  EXPECT_EQ(review_of({pay(), change(kChangeSat, {1, kMaxHiddenChangeIndex})})->recipient_count, 1u);
  EXPECT_EQ(review_of({pay(), change(kChangeSat, {1, kMaxHiddenChangeIndex + 1})})->recipient_count, 2u);
  EXPECT_EQ(review_of({pay(), change(kChangeSat, {2, 0})})->recipient_count, 2u);
}

TEST_P(ReviewTest, ChangeOfAnotherAccountIsShown) {
  test::Account other(999, Network::kRegtest, GetParam());
  const PlannedOutput foreign = {test::bytes_of(other.address(kChangePath).script), kChangeSat, kChangePath};
  EXPECT_EQ(review_of({pay(), foreign})->recipient_count, 2u);
}

TEST_P(ReviewTest, ForeignInputIsRefused) {
  const ByteVector bytes = psbt({pay(), change()});
  test::Account other(999, Network::kRegtest, GetParam());
  EXPECT_EQ(other.review(bytes).error().code, ErrorCode::kMismatch);

  // Our key and path, another script in the spent output.
  const AddressKey own = account.address(test::coin().path);
  PsbtWriter forged(write_unsigned_transaction(test::coin(), {pay()}, 0), 1, 1);
  forged.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(kCoinSat, other.address({0, 5}).script));
  forged.put_input(0, psbt_field::kInTapInternalKey, {}, own.internal_key);
  put_derivation(forged, own);
  EXPECT_EQ(account.review(forged.finish()).error().code, ErrorCode::kMismatch);
}

TEST_P(ReviewTest, MissingInputFieldsAreRefused) {
  const AddressKey own = account.address(test::coin().path);
  for (int missing = 0; missing < (is_v0() ? 2 : 3); ++missing) {
    PsbtWriter w(write_unsigned_transaction(test::coin(), {pay()}, 0), 1, 1);
    if (missing != 0) w.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(kCoinSat, own.script));
    if (missing != 1) put_derivation(w, own);
    if (missing != 2) w.put_input(0, psbt_field::kInTapInternalKey, {}, own.internal_key);
    EXPECT_FALSE(account.review(w.finish()).ok()) << missing;
  }
}

TEST_P(ReviewTest, OutputsAboveTheInputAreRefused) {
  EXPECT_EQ(review_of({pay(kCoinSat)})->fee_sat, 0u);
  EXPECT_EQ(error_of({pay(kCoinSat + 1)}), ErrorCode::kOutOfRange);
  EXPECT_EQ(error_of({pay(kMaxMoneySat), pay(kMaxMoneySat)}, kMaxMoneySat), ErrorCode::kOutOfRange);
  // Amounts that wrap 64 bits to a small sum.
  EXPECT_FALSE(review_of({pay(0x8000'0000'0000'0000), pay(0x8000'0000'0000'0000)}).ok());
}

TEST_P(ReviewTest, HighFeesAreFlagged) {
  EXPECT_FALSE(review_of({pay(kCoinSat - 10'000)})->high_fee);  // at the floor
  EXPECT_FALSE(review_of({pay(kCoinSat - 90'000)})->high_fee);  // 9.9 % of what is paid
  EXPECT_TRUE(review_of({pay(kCoinSat - 100'000)})->high_fee);  // 11.1 %
  EXPECT_FALSE(review_of({pay(10'000)}, 15'000)->high_fee);     // half, but small change
  EXPECT_TRUE(
      review_of({pay(50'000), change(kCoinSat - 70'000)})->high_fee);  // measured on the payment, not on the coin
}

TEST_P(ReviewTest, MoreRecipientsThanCanBeShownAreRefused) {
  EXPECT_TRUE(review_of(std::vector<PlannedOutput>(kMaxRecipients, pay(1000))).ok());
  EXPECT_EQ(error_of(std::vector<PlannedOutput>(kMaxRecipients + 1, pay(1000))), ErrorCode::kUnsupported);
  EXPECT_EQ(error_of({change()}), ErrorCode::kUnsupported);
}

TEST_P(ReviewTest, MoreThanOneInputIsRefused) {
  ByteVector tx = write_unsigned_transaction(test::coin(), {pay()}, 0);
  tx[4] = 2;
  const ByteVector input(tx.begin() + 5, tx.begin() + 46);
  tx.insert(tx.begin() + 46, input.begin(), input.end());
  const PsbtWriter w(tx, 2, 1);
  EXPECT_EQ(account.review(w.finish()).error().code, ErrorCode::kUnsupported);
}

/// A card whose accelerator fails at one of its operations.
class FailingCurve : public crypto::HostCurve {
 public:
  explicit FailingCurve(int good_operations) : left_(good_operations) {}
  Result<crypto::Point> multiply_base(const crypto::Scalar& k) override {
    if (left_-- == 0) return Error{ErrorCode::kDevice, "accelerator"};
    return HostCurve::multiply_base(k);
  }

 private:
  int left_;
};

// Nothing is shown or signed on half a review: not even a change output that could not be judged.
TEST_P(ReviewTest, AFailingDeviceEndsTheReview) {
  const ByteVector bytes = psbt({pay(), change()});
  const int operations = is_v0() ? 4 : 6;  // half for the input's address, half for the change
  for (int good = 0; good <= operations; ++good) {
    FailingCurve curve(good);
    const auto r = review(bytes, account.keys, curve);
    EXPECT_EQ(r.ok(), good == operations) << good;
    if (!r) {
      EXPECT_EQ(r.error().code, ErrorCode::kDevice) << good;
    }
  }
}

TEST_P(ReviewTest, ScriptsNobodyCanReadAreRefused) {
  EXPECT_EQ(error_of({{test::from_hex("51"), 1000, {}}}), ErrorCode::kUnsupported);
  EXPECT_EQ(error_of({{{}, 1000, {}}}), ErrorCode::kUnsupported);
}

TEST_P(ReviewTest, DataIsShownAsData) {
  const auto r = review_of({pay(), {test::from_hex("6a0568656c6c6f"), 0, {}}, {test::from_hex("6a02ff00"), 0, {}}});
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->recipients[1].kind, Recipient::Kind::kData);
  EXPECT_EQ(r->recipients[1].text.view(), "\"hello\"");
  EXPECT_EQ(r->recipients[2].text.view(), "02ff00");
  const ByteArray<3> head = {0x6a, 0x4c, 80};
  EXPECT_TRUE(review_of({pay(), {test::filled(head, 83, 0xee), 0, {}}}).ok());
  EXPECT_EQ(error_of({pay(), {test::filled(head, 85, 0xee), 0, {}}}), ErrorCode::kTooLarge);
}

TEST_P(ReviewTest, DustIsMarked) {
  const auto dust = [&](ByteVector script, std::uint64_t amount_sat) {
    return review_of({{std::move(script), amount_sat, {}}})->recipients[0].dust;
  };
  // Bitcoin Core's well-known limits: P2WPKH 294, P2TR 330, P2PKH 546.
  EXPECT_TRUE(dust(test::foreign_script(), 293));
  EXPECT_FALSE(dust(test::foreign_script(), 294));
  const ByteVector p2tr = test::bytes_of(p2tr_script({}));
  EXPECT_TRUE(dust(p2tr, 329));
  EXPECT_FALSE(dust(p2tr, 330));
  const ByteVector p2pkh = test::from_hex("76a914000000000000000000000000000000000000000088ac");
  EXPECT_TRUE(dust(p2pkh, 545));
  EXPECT_FALSE(dust(p2pkh, 546));
}

// A payment made by this project and read by another implementation: @scure/btc-signer 2.4.1 and noble-curves 2.4.0 parse
// the PSBT, derive the same addresses from the aggregate key and compute the same hash and fee.
TEST(ReviewPeer, AgreesWithBtcSigner) {
  const ByteVector psbt = test::from_hex(
    "70736274ff01009d0200000001000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0100000000fdffffff03c0"
    "27090000000000160014751e76e8199196d454941c45d1b3a323f1433bd6102700000000000017a9146349a418fc4578d10a372b54b45c28"
    "0cc8c4382f877cf1050000000000225120909c21995c247c590105a4b66c43f7c6bf8cd32500efa488f121bc559a972ba300000000000101"
    "2b40420f000000000022512004e293dd98d9c1a76e181bcdfafc9b5e25d5f6261974cd1912e39cf2ed1298c02116636612ea554bd03f26eb"
    "e72dbab62f8fe557a020f45f8f864ade966971375f340d006af871d30000000005000000011720636612ea554bd03f26ebe72dbab62f8fe5"
    "57a020f45f8f864ade966971375f34000000010520f0e7dd32337c22e3af8418912fecf14595b24f460e94fc30efb76ec6740f8f702107f0"
    "e7dd32337c22e3af8418912fecf14595b24f460e94fc30efb76ec6740f8f700d006af871d3010000000300000000");
  crypto::HostCurve curve;
  const auto aggregate =
      crypto::decompress(curve, test::from_hex("03b0a9da03c65c6d03dce07db79af316ed88365f16369aaa469e52fca6943f0a1f"));
  const auto r = review(psbt, {*aggregate, Network::kRegtest}, curve);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(test::to_hex(r->message_hash), "a369cc6eb1943b6ca8e4dd609e7dcafeb933d7fcb737f22a4fcbdd912a4a7efe");
  EXPECT_EQ(address_of_script(r->input_key.script, Network::kRegtest)->view(),
            "bcrt1pqn3f8hvcm8q6wmscr0xl4lymtcjata3xr96v6xgjuww09mgjnrqqn8naqg");
  ASSERT_EQ(r->recipient_count, 2u);
  EXPECT_EQ(r->recipients[0].text.view(), "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
  EXPECT_EQ(r->recipients[0].amount_sat, 600'000u);
  EXPECT_EQ(r->recipients[1].text.view(), "2N2JD6wb56AfK4tfmM6PwdVmoYk2dCKf4Br");
  EXPECT_EQ(r->recipients[1].amount_sat, 10'000u);
  EXPECT_EQ(r->hidden_change_count, 1u);
  EXPECT_EQ(r->fee_sat, 500u);
  const auto change = derive_address(*aggregate, {1, 3}, curve);
  EXPECT_EQ(address_of_script(change->script, Network::kRegtest)->view(),
            "bcrt1pjzwzrx2uy379jqg95jmxcslhc6lce5e9qrh6fz83yx79tx5h9w3srz4ujd");
}

/// Everything the user sees or that is spent, as one text.
std::string shown(const PaymentReview& r) {
  std::string out = std::to_string(r.input_sat) + "/" + std::to_string(r.fee_sat) + "/" + std::to_string(r.lock_time);
  for (std::size_t i = 0; i < r.recipient_count; ++i) {
    out += "|" + std::string(r.recipients[i].text.view()) + "=" + std::to_string(r.recipients[i].amount_sat);
  }
  return out;
}

// Whatever is changed in the bytes: refused, or the sums still agree, and the same message never shows less than before.
TEST_P(ReviewTest, FlippedBitsNeverHideAnything) {
  const ByteVector good = psbt({pay(), change()});
  const auto original = account.review(good);
  ASSERT_TRUE(original.ok());
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    ByteVector bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto r = account.review(bytes);
    if (!r) continue;
    ++accepted;
    EXPECT_EQ(r->total_sat + r->change_sat + r->fee_sat, r->input_sat) << bit;
    if (r->message_hash == original->message_hash) {
      EXPECT_GE(r->recipient_count, original->recipient_count) << bit;
      EXPECT_EQ(r->fee_sat, original->fee_sat) << bit;
      EXPECT_EQ(shown(*r).substr(0, shown(*original).size()), shown(*original)) << bit;
    } else {
      // The signed transaction differs. Either it can be seen, or it lies in the coin, version or sequence.
      const std::size_t tx_start = 5 + 3;
      const std::size_t offset = bit / 8 - tx_start;
      const bool unseen_field = offset < 4 || (offset >= 5 && offset < 41) || (offset >= 42 && offset < 46);
      EXPECT_TRUE(unseen_field || shown(*r) != shown(*original)) << bit;
    }
  }
  EXPECT_GT(accepted,
            100u);  // the test does reach accepted variants: coin, version, sequence, derivation of the change
}

TEST_P(ReviewTest, RandomDamageNeverBreaksTheSums) {
  const ByteVector good = psbt({pay(), change()});
  Random random = SeedTree(1).stream("review/damage");
  for (int round = 0; round < 20'000; ++round) {
    ByteVector bytes = good;
    for (std::uint64_t edits = 1 + random.below(4); edits > 0; --edits) {
      const auto at = static_cast<std::ptrdiff_t>(random.below(bytes.size()));
      switch (random.below(3)) {
        case 0: bytes[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random.next_u64()); break;
        case 1: bytes.erase(bytes.begin() + at); break;
        default: bytes.insert(bytes.begin() + at, static_cast<std::uint8_t>(random.next_u64()));
      }
    }
    const auto r = account.review(bytes);
    if (r) {
      ASSERT_EQ(r->total_sat + r->change_sat + r->fee_sat, r->input_sat);
    }
  }
}

TEST_P(ReviewTest, EveryTruncationIsRefused) {
  const ByteVector good = psbt({pay(), change()});
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(account.review(Bytes(good).first(size)).ok()) << size;
}

}  // namespace
}  // namespace touchstone::chain
