#include "chain/sighash.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace touchstone::chain {
namespace {

using crypto::Sha256;

void update_le32(Sha256& hash, std::uint32_t value) {
  ByteArray<4> bytes;
  store_le32(bytes.data(), value);
  hash.update(bytes);
}

void update_le64(Sha256& hash, std::uint64_t value) {
  ByteArray<8> bytes;
  store_le64(bytes.data(), value);
  hash.update(bytes);
}

void update_var_bytes(Sha256& hash, Bytes bytes) {
  ByteArray<9> size;
  ByteWriter writer(size);
  write_compact_size(writer, bytes.size());
  hash.update(writer.written()).update(bytes);
}

ByteArray<32> finish_twice(Sha256& hash) { return crypto::sha256(hash.finish()); }

void put_outpoint(ByteWriter& writer, const TxInput& input) {
  writer.put(input.txid);
  writer.le32(input.vout);
}

/// The four hashes over all inputs: what makes amounts and scripts of every spent output part of the signature.
void put_input_hashes(ByteWriter& writer, const Transaction& tx, std::span<const TxOutput> spent) {
  Sha256 prevouts, amounts, scripts, sequences;
  for (const TxInput& input : tx.inputs()) {
    prevouts.update(input.txid);
    update_le32(prevouts, input.vout);
    update_le32(sequences, input.sequence);
  }
  for (const TxOutput& output : spent) {
    update_le64(amounts, output.amount_sat);
    update_var_bytes(scripts, output.script);
  }
  writer.put(prevouts.finish());
  writer.put(amounts.finish());
  writer.put(scripts.finish());
  writer.put(sequences.finish());
}

constexpr bool is_defined(std::uint8_t hash_type) {
  const std::uint8_t base = hash_type & 0x7f;
  return hash_type == kSighashDefault || (base >= kSighashAll && base <= kSighashSingle);
}

}  // namespace

Result<SignatureMessage> taproot_signature_message(const Transaction& tx, std::span<const TxOutput> spent,
                                                   std::size_t index, std::uint8_t hash_type) {
  if (!is_defined(hash_type)) return Error{ErrorCode::kUnsupported, "sighash: hash type"};
  if (spent.size() != tx.inputs().size())
    return Error{ErrorCode::kMismatch, "sighash: one spent output for each input"};
  if (index >= spent.size()) return Error{ErrorCode::kOutOfRange, "sighash: input index"};
  const bool anyone_can_pay = (hash_type & kSighashAnyoneCanPay) != 0;
  const std::uint8_t output_type = hash_type & 0x03;
  if (output_type == kSighashSingle && index >= tx.outputs().size()) {
    return Error{ErrorCode::kOutOfRange, "sighash: SINGLE without an output of that index"};
  }

  SignatureMessage message;
  ByteWriter writer(message.bytes);
  writer.u8(0);  // epoch
  writer.u8(hash_type);
  writer.le32(tx.version());
  writer.le32(tx.lock_time());
  if (!anyone_can_pay) put_input_hashes(writer, tx, spent);
  if (output_type != kSighashNone && output_type != kSighashSingle) {
    Sha256 outputs;
    for (const TxOutput& output : tx.outputs()) outputs.update(output.serialised);
    writer.put(outputs.finish());
  }
  writer.u8(0);  // spend type: key path, no annex
  if (anyone_can_pay) {
    const TxInput input = tx.inputs()[index];
    put_outpoint(writer, input);
    writer.le64(spent[index].amount_sat);
    // BIP341 hashes nothing here: the script itself, at most 35 bytes for any Taproot output, stands in the message.
    if (spent[index].script.size() != 34) return Error{ErrorCode::kUnsupported, "sighash: spent script is not P2TR"};
    write_var_bytes(writer, spent[index].script);
    writer.le32(input.sequence);
  } else {
    writer.le32(static_cast<std::uint32_t>(index));
  }
  if (output_type == kSighashSingle) writer.put(crypto::sha256(tx.outputs()[index].serialised));
  TS_CHECK(!writer.failed(), "the longest signature message fits");
  message.size = writer.size();
  return message;
}

Result<ByteArray<32>> taproot_sighash(const Transaction& tx, std::span<const TxOutput> spent, std::size_t index,
                                      std::uint8_t hash_type) {
  const auto message = taproot_signature_message(tx, spent, index, hash_type);
  if (!message) return message.error();
  return crypto::tagged_hash("TapSighash", message->view());
}

ByteArray<25> p2wpkh_script_code(const ByteArray<20>& public_key_hash) {
  ByteArray<25> script = {0x76, 0xa9, 20};  // OP_DUP OP_HASH160 push20
  std::copy(public_key_hash.begin(), public_key_hash.end(), script.begin() + 3);
  script[23] = 0x88;  // OP_EQUALVERIFY
  script[24] = 0xac;  // OP_CHECKSIG
  return script;
}

Result<ByteArray<32>> segwit_v0_sighash(const Transaction& tx, Bytes script_code, std::uint64_t amount_sat,
                                        std::size_t index, std::uint8_t hash_type) {
  if (hash_type == kSighashDefault || !is_defined(hash_type)) return Error{ErrorCode::kUnsupported, "sighash: hash type"};
  if (index >= tx.inputs().size()) return Error{ErrorCode::kOutOfRange, "sighash: input index"};
  const bool anyone_can_pay = (hash_type & kSighashAnyoneCanPay) != 0;
  const std::uint8_t output_type = hash_type & 0x03;

  // Zeros stand for what the hash type leaves open.
  ByteArray<32> prevouts_hash{}, sequences_hash{}, outputs_hash{};
  Sha256 prevouts, sequences, outputs;
  for (const TxInput& input : tx.inputs()) {
    prevouts.update(input.txid);
    update_le32(prevouts, input.vout);
    update_le32(sequences, input.sequence);
  }
  if (!anyone_can_pay) prevouts_hash = finish_twice(prevouts);
  if (!anyone_can_pay && output_type == kSighashAll) sequences_hash = finish_twice(sequences);
  if (output_type == kSighashAll) {
    for (const TxOutput& output : tx.outputs()) outputs.update(output.serialised);
    outputs_hash = finish_twice(outputs);
  } else if (output_type == kSighashSingle && index < tx.outputs().size()) {
    outputs.update(tx.outputs()[index].serialised);
    outputs_hash = finish_twice(outputs);
  }

  const TxInput input = tx.inputs()[index];
  Sha256 hash;
  update_le32(hash, tx.version());
  hash.update(prevouts_hash).update(sequences_hash).update(input.txid);
  update_le32(hash, input.vout);
  update_var_bytes(hash, script_code);
  update_le64(hash, amount_sat);
  update_le32(hash, input.sequence);
  hash.update(outputs_hash);
  update_le32(hash, tx.lock_time());
  update_le32(hash, hash_type);
  return finish_twice(hash);
}

}  // namespace touchstone::chain
