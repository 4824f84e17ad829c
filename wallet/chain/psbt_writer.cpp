#include "chain/psbt_writer.h"

#include "chain/der.h"
#include "chain/sighash.h"

namespace touchstone::chain {
namespace {

/// Appends what `write` puts into a buffer of `max_bytes`.
template <typename Write>
void append(ByteVector& out, std::size_t max_bytes, Write write) {
  const std::size_t start = out.size();
  out.resize(start + max_bytes);
  ByteWriter writer(MutableBytes(out).subspan(start));
  write(writer);
  TS_CHECK(!writer.failed(), "the size was computed");
  out.resize(start + writer.size());
}

constexpr std::size_t kMaxCompactSize = 9;

void put_output(ByteWriter& writer, std::uint64_t amount_sat, Bytes script) {
  writer.le64(amount_sat);
  write_var_bytes(writer, script);
}

}  // namespace

PsbtWriter::PsbtWriter(Bytes unsigned_tx, std::size_t input_count, std::size_t output_count)
    : inputs_(input_count), outputs_(output_count) {
  put(global_, psbt_field::kGlobalUnsignedTx, {}, unsigned_tx);
}

void PsbtWriter::put_input(std::size_t input, std::uint8_t type, Bytes key_data, Bytes value) {
  put(inputs_.at(input), type, key_data, value);
}

void PsbtWriter::put_output(std::size_t output, std::uint8_t type, Bytes key_data, Bytes value) {
  put(outputs_.at(output), type, key_data, value);
}

void PsbtWriter::put(ByteVector& map, std::uint8_t type, Bytes key_data, Bytes value) {
  append(map, 2 * kMaxCompactSize + 1 + key_data.size() + value.size(), [&](ByteWriter& w) {
    write_compact_size(w, 1 + key_data.size());
    w.u8(type);
    w.put(key_data);
    write_var_bytes(w, value);
  });
}

ByteVector PsbtWriter::finish() const {
  ByteVector out;
  append(out, kPsbtMagic.size(), [](ByteWriter& w) { w.put(kPsbtMagic); });
  const auto add = [&](const ByteVector& map) {
    append(out, map.size() + 1, [&](ByteWriter& w) {
      w.put(map);
      w.u8(0);
    });
  };
  add(global_);
  for (const ByteVector& map : inputs_) add(map);
  for (const ByteVector& map : outputs_) add(map);
  return out;
}

ByteVector write_output(std::uint64_t amount_sat, Bytes script) {
  ByteVector out;
  append(out, 8 + kMaxCompactSize + script.size(), [&](ByteWriter& w) { put_output(w, amount_sat, script); });
  return out;
}

ByteVector write_origin(const ByteArray<4>& fingerprint, AddressPath path, AddressKind kind) {
  ByteVector out;
  append(out, 13, [&](ByteWriter& w) {
    if (kind == AddressKind::kTaproot) write_compact_size(w, 0);
    w.put(fingerprint);
    w.le32(path.chain);
    w.le32(path.index);
  });
  return out;
}

ByteVector write_unsigned_transaction(const Coin& coin, const std::vector<PlannedOutput>& outputs,
                                      std::uint32_t lock_time) {
  constexpr std::uint32_t kReplaceable = 0xffff'fffd;
  ByteVector out;
  append(out, 60, [&](ByteWriter& w) {
    w.le32(2);
    write_compact_size(w, 1);
    w.put(coin.txid);
    w.le32(coin.vout);
    write_var_bytes(w, {});
    w.le32(kReplaceable);
  });
  append(out, kMaxCompactSize, [&](ByteWriter& w) { write_compact_size(w, outputs.size()); });
  for (const PlannedOutput& output : outputs) {
    append(out, 8 + kMaxCompactSize + output.script.size(),
           [&](ByteWriter& w) { put_output(w, output.amount_sat, output.script); });
  }
  append(out, 4, [&](ByteWriter& w) { w.le32(lock_time); });
  return out;
}

Result<ByteVector> write_payment(const crypto::Point& aggregate_key, const Coin& coin,
                                 const std::vector<PlannedOutput>& outputs, std::uint32_t lock_time,
                                 crypto::Curve& curve, AddressKind kind) {
  const ByteArray<4> fingerprint = synthetic_extended_key(aggregate_key).fingerprint();
  const auto spent = derive_address(aggregate_key, coin.path, curve, kind);
  if (!spent) return spent.error();

  PsbtWriter psbt(write_unsigned_transaction(coin, outputs, lock_time), 1, outputs.size());
  psbt.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(coin.amount_sat, spent->script));
  const ByteVector spent_origin = write_origin(fingerprint, coin.path, kind);
  if (kind == AddressKind::kSegwitV0) {
    psbt.put_input(0, psbt_field::kInBip32Derivation, spent->public_key, spent_origin);
  } else {
    psbt.put_input(0, psbt_field::kInTapBip32Derivation, spent->internal_key, spent_origin);
    psbt.put_input(0, psbt_field::kInTapInternalKey, {}, spent->internal_key);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].own_path) continue;
    const auto own = derive_address(aggregate_key, *outputs[i].own_path, curve, kind);
    if (!own) return own.error();
    const ByteVector origin = write_origin(fingerprint, *outputs[i].own_path, kind);
    if (kind == AddressKind::kSegwitV0) {
      psbt.put_output(i, psbt_field::kOutBip32Derivation, own->public_key, origin);
    } else {
      psbt.put_output(i, psbt_field::kOutTapInternalKey, {}, own->internal_key);
      psbt.put_output(i, psbt_field::kOutTapBip32Derivation, own->internal_key, origin);
    }
  }
  return psbt.finish();
}

Result<ByteVector> write_signature(const crypto::EcdsaSignature& signature, std::uint8_t hash_type) {
  const auto der = der_encode(signature);
  if (!der) return der.error();
  ByteVector out(der->view().begin(), der->view().end());
  out.push_back(hash_type);
  return out;
}

Result<SignedTransaction> finalise_p2wpkh(const Transaction& unsigned_tx, const crypto::EcdsaSignature& signature,
                                          const crypto::CompressedPoint& public_key) {
  if (unsigned_tx.inputs().size() != 1) return Error{ErrorCode::kUnsupported, "signed transaction: not one input"};
  const auto item = write_signature(signature, kSighashAll);
  if (!item) return item.error();
  const Bytes items[] = {*item, public_key};
  const WitnessStack witness[] = {items};
  constexpr std::size_t kNumbers = 4 + 2 + 4, kWitness = 1 + (1 + DerSignature::kMaxBytes + 1) + (1 + 33);
  SignedTransaction out;
  out.raw.resize(kNumbers + unsigned_tx.body().size() + kWitness);
  const auto used = serialise_witnesses(unsigned_tx, witness, out.raw);
  TS_CHECK(used.ok(), "the size was computed");
  out.raw.resize(used->size());
  out.txid = unsigned_tx.txid();
  return out;
}

}  // namespace touchstone::chain
