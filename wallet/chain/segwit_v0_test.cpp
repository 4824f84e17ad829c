// Payments of P2WPKH accounts, as far as they differ from those of Taproot accounts; what is the same for both stands in
// review_test.cpp.
#include <gtest/gtest.h>

#include "chain/der.h"
#include "chain/sighash.h"
#include "chain/test_ecdsa.h"
#include "chain/test_support.h"
#include "curve_host/host_ecdsa.h"

namespace touchstone::chain {
namespace {

using crypto::Scalar;
using test::from_hex;
using test::to_hex;

constexpr std::uint64_t kCoinSat = 1'000'000;
constexpr std::uint64_t kPaySat = 600'000;
constexpr std::uint64_t kChangeSat = 399'500;
constexpr AddressPath kChangePath{1, 3};

TEST(SegwitV0, ScriptsOfKnownKeys) {
  crypto::HostCurve curve;
  const auto address = [&](std::string_view key) {
    return std::string(address_of_script(p2wpkh_script(test::array_from_hex<33>(key)), Network::kMain)->view());
  };
  // BIP173's key, the generator; BIP84's first receiving key.
  EXPECT_EQ(address("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
  EXPECT_EQ(address("0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c"),
            "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu");
}

// The two plain tweaks turn the joint secret - the sum of the shares - into the secret of the key that signs.
TEST(SegwitV0, TweaksLeadToThePublicKey) {
  crypto::HostCurve curve;
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    const Scalar wallet_share = Scalar::from_u32(seed * 1001), card_share = -Scalar::from_u32(seed * 77);
    const auto joint = curve.add(curve.multiply_base(wallet_share).value(), curve.multiply_base(card_share).value());
    const auto address = derive_address(*joint, {seed % 2, seed}, curve, AddressKind::kSegwitV0);
    ASSERT_TRUE(address.ok());
    Scalar secret = wallet_share + card_share;
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_FALSE(address->tweaks[i].x_only);
      secret += Scalar::from_bytes(address->tweaks[i].value).value();
    }
    EXPECT_EQ(crypto::compress(curve.multiply_base(secret).value()), address->public_key);
    EXPECT_EQ(to_hex(address->script), "0014" + to_hex(hash160(address->public_key)));
    EXPECT_EQ(address->tweaks[2].value, ByteArray<32>{});
    EXPECT_EQ(address->internal_key, ByteArray<32>{});
    EXPECT_EQ(address->output_key, ByteArray<32>{});
    // Both kinds take the same steps.
    const auto taproot = derive_address(*joint, {seed % 2, seed}, curve);
    EXPECT_EQ(taproot->public_key, address->public_key);
    EXPECT_EQ(to_hex(taproot->internal_key), to_hex(address->public_key).substr(2));
  }
}

// BIP143, example "Native P2WPKH": hash, its published signature, and that signature made again by RFC6979.
TEST(SegwitV0, PublishedExample) {
  const ByteVector bytes = from_hex(
      "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffffef51e1b804cc89d182d279"
      "655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a78"
      "3a76ac7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac11000000");
  const auto tx = Transaction::parse(bytes);
  ASSERT_TRUE(tx.ok());
  crypto::HostCurve curve;
  const Scalar secret =
      Scalar::from_bytes(from_hex("619c335025c7f4012e556c2a58b2506e30b8511b53ade95ea316fd8c3286feb9")).value();
  const auto key = curve.multiply_base(secret).value();
  const auto script = p2wpkh_script(crypto::compress(key));
  EXPECT_EQ(to_hex(script), "00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1");
  const auto script_code = p2wpkh_script_code(hash160(crypto::compress(key)));
  const auto hash = segwit_v0_sighash(*tx, script_code, 600'000'000, 1, kSighashAll);
  ASSERT_TRUE(hash.ok());
  EXPECT_EQ(to_hex(*hash), "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670");
  const auto signature = test::ecdsa_sign(secret, *hash);
  EXPECT_EQ(to_hex(*write_signature(signature, kSighashAll)),
            "304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f3358"
            "f51928d43c212a8caed02de67eebee01");
  EXPECT_TRUE(crypto::host_ecdsa_verify(curve, key, *hash, signature).ok());

  for (std::uint8_t bad : {0x00, 0x04, 0x41, 0x80, 0x84, 0xff})
    EXPECT_EQ(segwit_v0_sighash(*tx, script_code, 1, 1, bad).error().code, ErrorCode::kUnsupported) << int{bad};
  EXPECT_EQ(segwit_v0_sighash(*tx, script_code, 1, 2, kSighashAll).error().code, ErrorCode::kOutOfRange);
}

class SegwitV0Test : public ::testing::Test {
 protected:
  PlannedOutput pay() { return {test::foreign_script(), kPaySat, {}}; }
  PlannedOutput change() { return {test::bytes_of(account.address(kChangePath).script), kChangeSat, kChangePath}; }
  ByteVector psbt(std::uint64_t coin_sat = kCoinSat) { return account.payment(test::coin(coin_sat), {pay(), change()}); }
  /// A payment of our coin whose maps a test writes: nothing in them yet but the coin.
  PsbtWriter writer(const std::vector<PlannedOutput>& outputs) {
    PsbtWriter w(write_unsigned_transaction(test::coin(), outputs, 0), 1, outputs.size());
    w.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(kCoinSat, own.script));
    return w;
  }
  ByteVector origin(AddressPath path) { return write_origin(account.fingerprint(), path, AddressKind::kSegwitV0); }
  /// The secret of an address, out of two shares' sum.
  Scalar secret_of(const AddressKey& key) {
    return kWalletShare + kCardShare + Scalar::from_bytes(key.tweaks[0].value).value() +
           Scalar::from_bytes(key.tweaks[1].value).value();
  }

  const Scalar kWalletShare = Scalar::from_u32(5000), kCardShare = Scalar::from_u32(7345);
  test::Account account{12345, Network::kRegtest, AddressKind::kSegwitV0};
  test::Account other{999, Network::kRegtest, AddressKind::kSegwitV0};
  AddressKey own = account.address(test::coin().path);
};

TEST_F(SegwitV0Test, SignedPaymentHoldsUnderTheKeyOfItsCoin) {
  const ByteVector bytes = psbt();
  const auto r = account.review(bytes);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(r->sighash_type, kSighashAll);
  EXPECT_EQ(r->input_key.public_key, own.public_key);
  const auto signature = test::ecdsa_sign(secret_of(r->input_key), r->message_hash);
  const auto parsed = Psbt::parse(bytes);
  const Transaction& unsigned_tx = parsed->transaction();
  const auto done = finalise_p2wpkh(unsigned_tx, signature, r->input_key.public_key);
  ASSERT_TRUE(done.ok());
  EXPECT_EQ(done->txid, unsigned_tx.txid());

  // As a node judges it: witness against script, then the signature.
  const auto tx = Transaction::parse(done->raw);
  ASSERT_TRUE(tx.ok());
  EXPECT_EQ(tx->txid(), done->txid);
  const Bytes item = tx->witness_item(0, 0), key = tx->witness_item(0, 1);
  EXPECT_TRUE(tx->witness_item(0, 2).empty());
  EXPECT_EQ(to_hex(hash160(key)), to_hex(own.script).substr(4));
  EXPECT_EQ(item.back(), kSighashAll);
  const auto hash = segwit_v0_sighash(*tx, p2wpkh_script_code(hash160(key)), kCoinSat, 0, item.back());
  const auto point = crypto::decompress(account.curve, key);
  const auto read_back = der_decode(item.first(item.size() - 1));
  EXPECT_TRUE(crypto::host_ecdsa_verify(account.curve, *point, *hash, read_back.value()).ok());
}

TEST_F(SegwitV0Test, OnlySignaturesThatNodesRelayAreFinalised) {
  const ByteVector bytes = psbt();
  const auto parsed = Psbt::parse(bytes);
  const Transaction& tx = parsed->transaction();
  crypto::EcdsaSignature signature{};
  EXPECT_EQ(finalise_p2wpkh(tx, signature, own.public_key).error().code, ErrorCode::kOutOfRange);
  signature = test::ecdsa_sign(secret_of(own), {});
  ASSERT_TRUE(finalise_p2wpkh(tx, signature, own.public_key).ok());
  const Scalar s = Scalar::from_bytes(Bytes(signature).last(32)).value();
  (-s).write_bytes(MutableBytes(signature).last(32));
  EXPECT_EQ(finalise_p2wpkh(tx, signature, own.public_key).error().code, ErrorCode::kOutOfRange);
}

// BIP143 signs the amount of the coin: a wallet that shows another fee than will be paid has a signature of no use.
TEST_F(SegwitV0Test, LieAboutTheAmountGivesAnInvalidSignature) {
  for (std::uint64_t lied_sat : {kCoinSat - 400, kCoinSat + 1, 2 * kCoinSat}) {
    const ByteVector lie = psbt(lied_sat);
    const auto r = account.review(lie);
    ASSERT_TRUE(r.ok());
    EXPECT_EQ(r->fee_sat, lied_sat - kPaySat - kChangeSat);
    const auto signature = test::ecdsa_sign(secret_of(r->input_key), r->message_hash);
    const auto parsed = Psbt::parse(lie);
    const auto script_code = p2wpkh_script_code(hash160(own.public_key));
    const auto judged = [&](std::uint64_t amount_sat) {
      const auto hash = segwit_v0_sighash(parsed->transaction(), script_code, amount_sat, 0, kSighashAll);
      return crypto::host_ecdsa_verify(account.curve, crypto::decompress(account.curve, own.public_key).value(), *hash,
                                       signature);
    };
    EXPECT_TRUE(judged(lied_sat).ok());
    EXPECT_FALSE(judged(kCoinSat).ok());  // what the coin holds: what nodes put into the hash
  }
}

// With two inputs the lie would work: each signature covers the amount of its own input alone, so that two rounds of lies
// give two good signatures and the difference goes to the miner. Such payments are refused whatever they say.
TEST_F(SegwitV0Test, TwoInputsOfOursAreRefused) {
  ByteVector tx = write_unsigned_transaction(test::coin(), {pay()}, 0);
  tx[4] = 2;
  ByteVector second(tx.begin() + 5, tx.begin() + 46);
  second[0] ^= 1;
  tx.insert(tx.begin() + 46, second.begin(), second.end());
  PsbtWriter w(tx, 2, 1);
  for (std::size_t input = 0; input < 2; ++input) {
    w.put_input(input, psbt_field::kInWitnessUtxo, {}, write_output(kCoinSat, own.script));
    w.put_input(input, psbt_field::kInBip32Derivation, own.public_key, origin({0, 5}));
  }
  const ByteVector bytes = w.finish();
  EXPECT_EQ(account.review(bytes).error().code, ErrorCode::kUnsupported);
  const auto parsed = Psbt::parse(bytes);
  const auto signature = test::ecdsa_sign(secret_of(own), {});
  EXPECT_EQ(finalise_p2wpkh(parsed->transaction(), signature, own.public_key).error().code, ErrorCode::kUnsupported);
}

TEST_F(SegwitV0Test, OnlySighashAllIsSigned) {
  for (std::uint8_t type : {kSighashDefault, kSighashAll, kSighashNone, kSighashSingle, std::uint8_t{0x81}}) {
    PsbtWriter w = writer({pay()});
    w.put_input(0, psbt_field::kInBip32Derivation, own.public_key, origin({0, 5}));
    w.put_input(0, psbt_field::kInSighashType, {}, ByteVector{type, 0, 0, 0});
    const auto r = account.review(w.finish());
    EXPECT_EQ(r.ok(), type == kSighashAll) << int{type};
    if (!r) {
      EXPECT_EQ(r.error().code, ErrorCode::kUnsupported) << int{type};
    }
  }
}

TEST_F(SegwitV0Test, InputIsOursOnlyByItsOwnKeyAndFingerprint) {
  const auto error = [&](const crypto::CompressedPoint& key, const ByteVector& value) {
    PsbtWriter w = writer({pay()});
    w.put_input(0, psbt_field::kInBip32Derivation, key, value);
    const auto r = account.review(w.finish());
    return r ? ErrorCode{} : r.error().code;
  };
  EXPECT_EQ(error(own.public_key, origin({0, 5})), ErrorCode{});
  EXPECT_EQ(error(own.public_key, origin({0, 6})), ErrorCode::kMismatch);
  EXPECT_EQ(error(other.address({0, 5}).public_key, origin({0, 5})), ErrorCode::kMismatch);
  EXPECT_EQ(error(own.public_key, write_origin(other.fingerprint(), {0, 5}, AddressKind::kSegwitV0)),
            ErrorCode::kMismatch);
  ByteVector deep = origin({0, 5});
  deep.insert(deep.end(), 4, 0);
  EXPECT_EQ(error(own.public_key, deep), ErrorCode::kMismatch);
}

// Other signers' entries may stand before ours.
TEST_F(SegwitV0Test, OwnEntryIsFoundAmongOthers) {
  PsbtWriter w = writer({pay()});
  w.put_input(0, psbt_field::kInBip32Derivation, other.address({0, 5}).public_key,
              write_origin(other.fingerprint(), {0, 5}, AddressKind::kSegwitV0));
  w.put_input(0, psbt_field::kInBip32Derivation, own.public_key, origin({0, 5}));
  EXPECT_TRUE(account.review(w.finish()).ok());
}

TEST_F(SegwitV0Test, ChangeIsHiddenOnlyIfItsKeyIsDerived) {
  const AddressKey key = account.address(kChangePath);
  const auto shown = [&](Bytes script, const crypto::CompressedPoint& public_key, const ByteVector& value) {
    PsbtWriter w = writer({pay(), {test::bytes_of(script), kChangeSat, {}}});
    w.put_input(0, psbt_field::kInBip32Derivation, own.public_key, origin({0, 5}));
    w.put_output(1, psbt_field::kOutBip32Derivation, public_key, value);
    return account.review(w.finish()).value().recipient_count == 2;
  };
  EXPECT_FALSE(shown(key.script, key.public_key, origin(kChangePath)));
  const AddressKey foreign = other.address(kChangePath);
  EXPECT_TRUE(shown(foreign.script, foreign.public_key, origin(kChangePath)));
  EXPECT_TRUE(shown(foreign.script, key.public_key, origin(kChangePath)));
  EXPECT_TRUE(shown(key.script, foreign.public_key, origin(kChangePath)));
  EXPECT_TRUE(shown(key.script, key.public_key, origin({1, 4})));
  EXPECT_TRUE(shown(key.script, key.public_key, write_origin(other.fingerprint(), kChangePath, AddressKind::kSegwitV0)));
}

TEST_F(SegwitV0Test, KindsOfAccountsDoNotMix) {
  test::Account taproot(12345);  // the same point
  EXPECT_EQ(taproot.review(psbt()).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(account.review(taproot.payment(test::coin(), {pay()})).error().code, ErrorCode::kMismatch);
  // A payment that carries the fields of both kinds.
  const auto both = [&](Bytes script) {
    const AddressKey tap = taproot.address({0, 5});
    PsbtWriter w(write_unsigned_transaction(test::coin(), {pay()}, 0), 1, 1);
    w.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(kCoinSat, script));
    w.put_input(0, psbt_field::kInBip32Derivation, own.public_key, origin({0, 5}));
    w.put_input(0, psbt_field::kInTapInternalKey, {}, tap.internal_key);
    w.put_input(0, psbt_field::kInTapBip32Derivation, tap.internal_key, write_origin(account.fingerprint(), {0, 5}));
    return w.finish();
  };
  EXPECT_TRUE(account.review(both(own.script)).ok());
  EXPECT_EQ(taproot.review(both(own.script)).error().code, ErrorCode::kMismatch);
  EXPECT_TRUE(taproot.review(both(taproot.address({0, 5}).script)).ok());
  EXPECT_EQ(account.review(both(taproot.address({0, 5}).script)).error().code, ErrorCode::kMismatch);
  // Change of the other kind is a recipient like any.
  const auto recipients = [&](test::Account& payer, test::Account& owner) {
    const PlannedOutput back = {test::bytes_of(owner.address(kChangePath).script), kChangeSat, kChangePath};
    return payer.review(payer.payment(test::coin(), {pay(), back}))->recipient_count;
  };
  EXPECT_EQ(recipients(account, account), 1u);
  EXPECT_EQ(recipients(account, taproot), 2u);
  EXPECT_EQ(recipients(taproot, account), 2u);
}

// A payment made by this project and read by another implementation: @scure/btc-signer 2.4.1 and noble-curves 2.4.0
// parse the PSBT, derive the same addresses and the same secret from the joint key, compute the same hash and fee, and
// sign to the same transaction, byte for byte (both sign by RFC6979).
TEST_F(SegwitV0Test, AgreesWithBtcSigner) {
  Coin coin = test::coin();
  for (std::size_t i = 0; i < coin.txid.size(); ++i) coin.txid[i] = static_cast<std::uint8_t>(i);
  const PlannedOutput outputs[] = {
      {from_hex("0014751e76e8199196d454941c45d1b3a323f1433bd6"), kPaySat, {}},
      {test::bytes_of(p2tr_script(crypto::generator().x)), 10'000, {}},
      {test::bytes_of(account.address(kChangePath).script), kChangeSat - 10'000, kChangePath}};
  const ByteVector bytes = account.payment(coin, {std::begin(outputs), std::end(outputs)});
  EXPECT_EQ(to_hex(bytes),
            "70736274ff01009c0200000001000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0100000000fdff"
            "ffff03c027090000000000160014751e76e8199196d454941c45d1b3a323f1433bd6102700000000000022512079be667ef9dcbb"
            "ac55a06295ce870b07029bfcdb2dce28d959f2815b16f817987cf1050000000000160014b641db0fc9acfbee71a34e4b6ad4186c"
            "1046464e000000000001011f40420f00000000001600147ac4a742b70f3b415f31a1f89228d4ffac51f90f220602b13acd18b887"
            "d2db103d40727431b6f3a4f6783bf3fe8796cb22c799cec195030c1520f0870000000005000000000000220203f97244d420e242"
            "77a2b1efd70829c641f42af998c2aaf464672b0947fb67b2440c1520f087010000000300000000");
  const auto r = account.review(bytes);
  ASSERT_TRUE(r.ok());
  EXPECT_EQ(to_hex(r->message_hash), "9d514b204d180448c12beaafab325a19065a5f59e10a729d989a5487a069ea9b");
  EXPECT_EQ(address_of_script(own.script, Network::kRegtest)->view(), "bcrt1q0tz2ws4hpua5zhe358ufy2x5l7k9r7g0me4lsy");
  EXPECT_EQ(address_of_script(outputs[2].script, Network::kRegtest)->view(),
            "bcrt1qkeqakr7f4na7uudrfe9k44qcdsgyv3jwg3e9ef");
  EXPECT_EQ(r->recipients[0].text.view(), "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
  EXPECT_EQ(r->recipients[1].text.view(), "bcrt1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqc8gma6");
  EXPECT_EQ(r->recipient_count, 2u);
  EXPECT_EQ(r->fee_sat, 500u);
  EXPECT_EQ(to_hex(secret_of(own).to_bytes()), "80024be4fb9a4c096726ff310449b7cf5869dde2eff34cab7069eacea0ebe90a");

  const auto parsed = Psbt::parse(bytes);
  const auto done =
      finalise_p2wpkh(parsed->transaction(), test::ecdsa_sign(secret_of(own), r->message_hash), own.public_key);
  EXPECT_EQ(to_hex(done->raw),
            "02000000000101000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f0100000000fdffffff03c02709"
            "0000000000160014751e76e8199196d454941c45d1b3a323f1433bd6102700000000000022512079be667ef9dcbbac55a06295ce"
            "870b07029bfcdb2dce28d959f2815b16f817987cf1050000000000160014b641db0fc9acfbee71a34e4b6ad4186c1046464e0248"
            "3045022100dd5900a9eda2b61334de2906d9c0fdf0495e28f495164b869c8261bd1b5f5c8d022055c25102294b13fc76eaf8598e"
            "f62acbc3faffb71c7223ed86f0864d30b9ff20012102b13acd18b887d2db103d40727431b6f3a4f6783bf3fe8796cb22c799cec1"
            "950300000000");
  EXPECT_EQ(to_hex(done->txid), "4562b92f122237a6744bbb9d9abbae486e9de3ed4a3e3bd034527a9e20ff0434");
}

TEST_F(SegwitV0Test, DustLimitOfOwnScripts) {
  EXPECT_TRUE(is_dust(293, own.script));
  EXPECT_FALSE(is_dust(294, own.script));
}

}  // namespace
}  // namespace touchstone::chain
