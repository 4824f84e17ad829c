// Strict reader of partially signed transactions (BIP174 version 0, Taproot fields of BIP371). Freestanding: views only.
//
// Accepted: what a payment from a Taproot key path or a P2WPKH output needs. Duplicate keys are refused, unknown ones
// skipped (BIP174), fields of version 2 and sighash types other than DEFAULT and ALL refused.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/tx.h"
#include "crypto/point.h"

namespace touchstone::chain {

/// Limits that bound the card's time and memory.
inline constexpr std::size_t kMaxPsbtInputs = 16;
inline constexpr std::size_t kMaxPsbtOutputs = 16;
inline constexpr std::size_t kMaxPsbtPairsPerMap = 32;
inline constexpr std::size_t kMaxPathSteps = 8;

/// Origin of a key (BIP32_DERIVATION; TAP_BIP32_DERIVATION without leaf hashes): master fingerprint and path from it.
struct KeyOrigin {
  ByteArray<4> fingerprint{};
  std::array<std::uint32_t, kMaxPathSteps> steps{};
  std::size_t depth = 0;
};

/// What a BIP32_DERIVATION says: that this key comes from there.
struct KeyClaim {
  crypto::CompressedPoint public_key{};
  KeyOrigin origin;
};

/// One key-value map whose form parse() has checked.
class PsbtMap {
 public:
  PsbtMap() = default;
  explicit PsbtMap(Bytes pairs) : pairs_(pairs) {}
  /// Value under (type, key data).
  std::optional<Bytes> find(std::uint8_t type, Bytes key_data = {}) const;
  Bytes pairs() const { return pairs_; }

 private:
  Bytes pairs_;
};

/// It views the bytes given to parse(): they must outlive it.
class Psbt {
 public:
  /// Errors: kBadFormat (also duplicate keys and malformed known fields), kTooLarge (limits above), kOutOfRange (amounts),
  /// kUnsupported (version 2, sighash types, an unsigned transaction that carries signatures).
  static Result<Psbt> parse(Bytes untrusted_bytes);

  const Transaction& transaction() const { return transaction_; }
  std::size_t input_count() const { return input_count_; }
  std::size_t output_count() const { return output_count_; }

  /// PSBT_IN_WITNESS_UTXO: the output that input i spends.
  std::optional<TxOutput> witness_utxo(std::size_t input) const;
  /// PSBT_IN_SIGHASH_TYPE: 0 or 1 where it stands.
  std::optional<std::uint8_t> sighash_type(std::size_t input) const;
  /// PSBT_IN_TAP_INTERNAL_KEY, PSBT_OUT_TAP_INTERNAL_KEY.
  std::optional<ByteArray<32>> input_internal_key(std::size_t input) const;
  std::optional<ByteArray<32>> output_internal_key(std::size_t output) const;
  /// TAP_BIP32_DERIVATION of `key`; nothing for a key that is used in script leaves or lies deeper than kMaxPathSteps.
  std::optional<KeyOrigin> input_origin(std::size_t input, const ByteArray<32>& key) const;
  std::optional<KeyOrigin> output_origin(std::size_t output, const ByteArray<32>& key) const;

  /// The first BIP32_DERIVATION under that master fingerprint; nothing of uncompressed keys and of paths deeper than
  /// kMaxPathSteps.
  std::optional<KeyClaim> input_claim(std::size_t input, const ByteArray<4>& fingerprint) const;
  std::optional<KeyClaim> output_claim(std::size_t output, const ByteArray<4>& fingerprint) const;
  /// PSBT_IN_PARTIAL_SIG of that key: 9..73 bytes, DER and the hash type (der.h reads it).
  std::optional<Bytes> partial_signature(std::size_t input, const crypto::CompressedPoint& key) const;

  const PsbtMap& input_map(std::size_t input) const { return inputs_[input]; }
  const PsbtMap& output_map(std::size_t output) const { return outputs_[output]; }

 private:
  Transaction transaction_;
  std::size_t input_count_ = 0;
  std::size_t output_count_ = 0;
  std::array<PsbtMap, kMaxPsbtInputs> inputs_{};
  std::array<PsbtMap, kMaxPsbtOutputs> outputs_{};
};

/// Field numbers (BIP174, BIP371) that reader and writer share.
namespace psbt_field {
inline constexpr std::uint8_t kGlobalUnsignedTx = 0x00;
inline constexpr std::uint8_t kGlobalVersion = 0xfb;
inline constexpr std::uint8_t kInWitnessUtxo = 0x01;
inline constexpr std::uint8_t kInPartialSig = 0x02;
inline constexpr std::uint8_t kInSighashType = 0x03;
inline constexpr std::uint8_t kInBip32Derivation = 0x06;
inline constexpr std::uint8_t kInTapKeySig = 0x13;
inline constexpr std::uint8_t kInTapBip32Derivation = 0x16;
inline constexpr std::uint8_t kInTapInternalKey = 0x17;
inline constexpr std::uint8_t kOutBip32Derivation = 0x02;
inline constexpr std::uint8_t kOutTapInternalKey = 0x05;
inline constexpr std::uint8_t kOutTapBip32Derivation = 0x07;
}  // namespace psbt_field
inline constexpr ByteArray<5> kPsbtMagic = {'p', 's', 'b', 't', 0xff};

}  // namespace touchstone::chain
