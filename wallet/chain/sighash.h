// What a signature covers: BIP341 messages of the key path, BIP143 hashes of witness version 0. Freestanding.
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/tx.h"

namespace touchstone::chain {

inline constexpr std::uint8_t kSighashDefault = 0x00;
inline constexpr std::uint8_t kSighashAll = 0x01;
inline constexpr std::uint8_t kSighashNone = 0x02;
inline constexpr std::uint8_t kSighashSingle = 0x03;
inline constexpr std::uint8_t kSighashAnyoneCanPay = 0x80;

/// Epoch byte and SigMsg(hash_type, ext_flag = 0) of BIP341, "Common signature message".
struct SignatureMessage {
  ByteArray<206> bytes{};
  std::size_t size = 0;
  Bytes view() const { return Bytes(bytes.data(), size); }
};

/// The message input `index` of `tx` signs on the key path, without annex. `spent` are the outputs all inputs spend, in
/// order of the inputs. Errors: kMismatch (sizes), kOutOfRange (index; SINGLE without its output), kUnsupported (hash type).
Result<SignatureMessage> taproot_signature_message(const Transaction& tx, std::span<const TxOutput> spent,
                                                   std::size_t index, std::uint8_t hash_type);

/// TapSighash-tagged hash of that message: the 32 bytes a BIP340 signature covers. Errors: as above.
Result<ByteArray<32>> taproot_sighash(const Transaction& tx, std::span<const TxOutput> spent, std::size_t index,
                                      std::uint8_t hash_type);

/// BIP143, "scriptCode" of a P2WPKH output: the P2PKH script of the same 20-byte hash, without its length.
ByteArray<25> p2wpkh_script_code(const ByteArray<20>& public_key_hash);

/// BIP143: the 32 bytes an ECDSA signature of input `index` covers. `script_code` without its length; `amount_sat` is what
/// the input spends. SINGLE without its output hashes zeros, as the BIP says. Errors: kOutOfRange (index), kUnsupported
/// (any hash type but ALL, NONE and SINGLE, each with or without ANYONECANPAY: those that Bitcoin Core relays).
Result<ByteArray<32>> segwit_v0_sighash(const Transaction& tx, Bytes script_code, std::uint64_t amount_sat,
                                        std::size_t index, std::uint8_t hash_type);

}  // namespace touchstone::chain
