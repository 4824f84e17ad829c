// Makes unsigned transactions and their PSBTs, and signed transactions of witness version 0. Host only: the card writes
// none.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/keys.h"
#include "chain/psbt.h"
#include "crypto/ecdsa.h"

namespace touchstone::chain {

using ByteVector = std::vector<std::uint8_t>;

/// Key-value maps of a PSBT, written in the order they are put. Checks nothing: tests write bad ones with it.
class PsbtWriter {
 public:
  PsbtWriter(Bytes unsigned_tx, std::size_t input_count, std::size_t output_count);
  void put_global(std::uint8_t type, Bytes key_data, Bytes value) { put(global_, type, key_data, value); }
  void put_input(std::size_t input, std::uint8_t type, Bytes key_data, Bytes value);
  void put_output(std::size_t output, std::uint8_t type, Bytes key_data, Bytes value);
  ByteVector finish() const;

 private:
  static void put(ByteVector& map, std::uint8_t type, Bytes key_data, Bytes value);
  ByteVector global_;
  std::vector<ByteVector> inputs_;
  std::vector<ByteVector> outputs_;
};

/// An output of ours to spend.
struct Coin {
  ByteArray<32> txid{};  ///< serialised order
  std::uint32_t vout = 0;
  std::uint64_t amount_sat = 0;
  AddressPath path;
};

struct PlannedOutput {
  ByteVector script;
  std::uint64_t amount_sat = 0;
  std::optional<AddressPath> own_path;  ///< set for change: its derivation is written for the other party
};

/// Version 2, sequence 0xfffffffd (replaceable, BIP125).
ByteVector write_unsigned_transaction(const Coin& coin, const std::vector<PlannedOutput>& outputs,
                                      std::uint32_t lock_time);

/// WITNESS_UTXO serialisation of an output.
ByteVector write_output(std::uint64_t amount_sat, Bytes script);
/// TAP_BIP32_DERIVATION value: no leaf hashes, fingerprint, chain and index; of kSegwitV0 BIP32_DERIVATION's, which has
/// no place for leaf hashes.
ByteVector write_origin(const ByteArray<4>& fingerprint, AddressPath path, AddressKind kind = AddressKind::kTaproot);

/// PSBT that spends `coin` of the account under `aggregate_key`. Errors: those of derive_address.
Result<ByteVector> write_payment(const crypto::Point& aggregate_key, const Coin& coin,
                                 const std::vector<PlannedOutput>& outputs, std::uint32_t lock_time,
                                 crypto::Curve& curve, AddressKind kind = AddressKind::kTaproot);

/// PARTIAL_SIG value and first item of a P2WPKH witness: DER, then the hash type. Errors: those of der_encode.
Result<ByteVector> write_signature(const crypto::EcdsaSignature& signature, std::uint8_t hash_type);

struct SignedTransaction {
  ByteVector raw;        ///< BIP144, what nodes take
  ByteArray<32> txid{};  ///< serialised order
};
/// The transaction of a payment whose one input spends a P2WPKH output: the witness is signature with hash type ALL and
/// key. Whether the signature verifies is for the caller to know. Errors: kUnsupported (not one input); those of
/// der_encode.
Result<SignedTransaction> finalise_p2wpkh(const Transaction& unsigned_tx, const crypto::EcdsaSignature& signature,
                                          const crypto::CompressedPoint& public_key);

}  // namespace touchstone::chain
