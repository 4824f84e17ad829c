#include "chain/psbt_writer.h"

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

ByteVector write_origin(const ByteArray<4>& fingerprint, AddressPath path) {
  ByteVector out;
  append(out, 13, [&](ByteWriter& w) {
    write_compact_size(w, 0);
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
                                 crypto::Curve& curve) {
  const ByteArray<4> fingerprint = synthetic_extended_key(aggregate_key).fingerprint();
  const auto spent = derive_address(aggregate_key, coin.path, curve);
  if (!spent) return spent.error();

  PsbtWriter psbt(write_unsigned_transaction(coin, outputs, lock_time), 1, outputs.size());
  psbt.put_input(0, psbt_field::kInWitnessUtxo, {}, write_output(coin.amount_sat, spent->script));
  psbt.put_input(0, psbt_field::kInTapBip32Derivation, spent->internal_key, write_origin(fingerprint, coin.path));
  psbt.put_input(0, psbt_field::kInTapInternalKey, {}, spent->internal_key);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!outputs[i].own_path) continue;
    const auto own = derive_address(aggregate_key, *outputs[i].own_path, curve);
    if (!own) return own.error();
    psbt.put_output(i, psbt_field::kOutTapInternalKey, {}, own->internal_key);
    psbt.put_output(i, psbt_field::kOutTapBip32Derivation, own->internal_key,
                    write_origin(fingerprint, *outputs[i].own_path));
  }
  return psbt.finish();
}

}  // namespace touchstone::chain
