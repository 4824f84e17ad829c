#include "chain/tx.h"

#include "crypto/sha256.h"

namespace touchstone::chain {

std::uint64_t read_compact_size(ByteReader& reader, bool& bad) {
  const std::uint8_t first = reader.u8();
  std::uint64_t value = first;
  std::uint64_t smallest = 0;
  if (first == 0xfd) {
    value = reader.le16();
    smallest = 0xfd;
  } else if (first == 0xfe) {
    value = reader.le32();
    smallest = 0x10000;
  } else if (first == 0xff) {
    value = reader.le64();
    smallest = 0x1'0000'0000;
  }
  if (reader.failed() || value < smallest) {
    bad = true;
    return 0;
  }
  return value;
}

void write_compact_size(ByteWriter& writer, std::uint64_t value) {
  if (value < 0xfd) {
    writer.u8(static_cast<std::uint8_t>(value));
  } else if (value <= 0xffff) {
    writer.u8(0xfd);
    writer.le16(static_cast<std::uint16_t>(value));
  } else if (value <= 0xffff'ffff) {
    writer.u8(0xfe);
    writer.le32(static_cast<std::uint32_t>(value));
  } else {
    writer.u8(0xff);
    writer.le64(value);
  }
}

Bytes read_var_bytes(ByteReader& reader, bool& bad) {
  const std::uint64_t size = read_compact_size(reader, bad);
  if (bad || size > reader.remaining()) {
    bad = true;
    return {};
  }
  return reader.take(static_cast<std::size_t>(size));
}

void write_var_bytes(ByteWriter& writer, Bytes bytes) {
  write_compact_size(writer, bytes.size());
  writer.put(bytes);
}

TxInput read_tx_input(ByteReader& reader, bool& bad) {
  ByteReader whole = reader;
  TxInput input;
  input.txid = reader.take(32);
  input.vout = reader.le32();
  input.script_sig = read_var_bytes(reader, bad);
  input.sequence = reader.le32();
  if (reader.failed()) bad = true;
  if (!bad) input.serialised = whole.take(reader.position() - whole.position());
  return input;
}

TxOutput read_tx_output(ByteReader& reader, bool& bad) {
  ByteReader whole = reader;
  TxOutput output;
  output.amount_sat = reader.le64();
  output.script = read_var_bytes(reader, bad);
  if (reader.failed() || output.amount_sat > kMaxMoneySat) bad = true;
  if (!bad) output.serialised = whole.take(reader.position() - whole.position());
  return output;
}

namespace {

/// Reads a count and as many elements; returns the bytes of the elements and sets `count`.
template <typename T, T (*read)(ByteReader&, bool&)>
Bytes read_elements(ByteReader& reader, std::size_t& count, bool& bad) {
  const std::uint64_t announced = read_compact_size(reader, bad);
  ByteReader elements = reader;
  for (std::uint64_t i = 0; i < announced && !bad; ++i) read(reader, bad);
  if (bad || announced == 0) {
    bad = true;
    return {};
  }
  count = static_cast<std::size_t>(announced);  // every element took bytes, so it fits
  return elements.take(reader.position() - elements.position());
}

/// One witness stack; true if it holds items.
bool skip_witness_stack(ByteReader& reader, bool& bad) {
  const std::uint64_t items = read_compact_size(reader, bad);
  for (std::uint64_t i = 0; i < items && !bad; ++i) read_var_bytes(reader, bad);
  return items > 0;
}

void put_witness(ByteWriter& writer, WitnessStack items) {
  write_compact_size(writer, items.size());
  for (Bytes item : items) write_var_bytes(writer, item);
}

/// BIP144; `put` writes one element of `witnesses` as the witness of its input.
template <typename T, typename Put>
Result<Bytes> serialise_segwit(const Transaction& unsigned_tx, std::span<const T> witnesses, MutableBytes buffer,
                               Put put) {
  if (witnesses.size() != unsigned_tx.inputs().size())
    return Error{ErrorCode::kMismatch, "one witness for each input"};
  ByteWriter writer(buffer);
  writer.le32(unsigned_tx.version());
  writer.u8(0);  // marker
  writer.u8(1);  // flag
  writer.put(unsigned_tx.body());
  for (const T& witness : witnesses) put(writer, witness);
  writer.le32(unsigned_tx.lock_time());
  if (writer.failed()) return Error{ErrorCode::kTooLarge, "signed transaction: buffer"};
  return writer.written();
}

}  // namespace

Result<Transaction> Transaction::parse(Bytes untrusted_bytes, Format format) {
  if (untrusted_bytes.size() > kMaxTransactionBytes) return Error{ErrorCode::kTooLarge, "transaction: length"};
  ByteReader reader(untrusted_bytes);
  Transaction tx;
  bool bad = false;

  tx.version_ = reader.le32();
  bool segwit = false;
  if (format == Format::kAny && reader.remaining() >= 2) {
    ByteReader peek = reader;
    segwit = peek.u8() == 0;  // a count of 0 inputs is never valid: it is the marker
    if (segwit && peek.u8() != 1) return Error{ErrorCode::kBadFormat, "transaction: segwit flag"};
    if (segwit) reader = peek;
  }

  ByteReader body = reader;
  tx.inputs_ = read_elements<TxInput, read_tx_input>(reader, tx.input_count_, bad);
  if (bad) return Error{ErrorCode::kBadFormat, "transaction: inputs"};
  tx.outputs_ = read_elements<TxOutput, read_tx_output>(reader, tx.output_count_, bad);
  if (bad) return Error{ErrorCode::kBadFormat, "transaction: outputs"};
  tx.body_ = body.take(reader.position() - body.position());

  if (segwit) {
    ByteReader witnesses = reader;
    bool any = false;
    for (std::size_t i = 0; i < tx.input_count_ && !bad; ++i) any |= skip_witness_stack(reader, bad);
    if (bad) return Error{ErrorCode::kBadFormat, "transaction: witness"};
    if (!any) return Error{ErrorCode::kBadFormat, "transaction: segwit form without a witness"};
    tx.witnesses_ = witnesses.take(reader.position() - witnesses.position());
  }
  tx.lock_time_ = reader.le32();
  if (!reader.complete()) return Error{ErrorCode::kBadFormat, "transaction: length"};
  return tx;
}

Bytes Transaction::witness_item(std::size_t input, std::size_t item) const {
  if (witnesses_.empty() || input >= input_count_) return {};
  ByteReader reader(witnesses_);
  bool bad = false;
  while (input-- > 0) skip_witness_stack(reader, bad);
  const std::uint64_t items = read_compact_size(reader, bad);
  if (item >= items) return {};
  while (item-- > 0) read_var_bytes(reader, bad);
  return read_var_bytes(reader, bad);
}

ByteArray<32> Transaction::txid() const {
  ByteArray<4> number;
  crypto::Sha256 hash;
  store_le32(number.data(), version_);
  hash.update(number);
  hash.update(body_);
  store_le32(number.data(), lock_time_);
  hash.update(number);
  return crypto::sha256(hash.finish());
}

Result<std::uint64_t> Transaction::output_sum_sat() const {
  std::uint64_t sum = 0;
  for (const TxOutput& output : outputs()) {
    sum += output.amount_sat;  // both at most kMaxMoneySat: no wrap before the check
    if (sum > kMaxMoneySat) return Error{ErrorCode::kOutOfRange, "transaction: sum of outputs"};
  }
  return sum;
}

Result<Bytes> serialise_signed(const Transaction& unsigned_tx, std::span<const Bytes> signatures, MutableBytes buffer) {
  return serialise_segwit(unsigned_tx, signatures, buffer, [](ByteWriter& writer, const Bytes& signature) {
    put_witness(writer, {&signature, 1});
  });
}

Result<Bytes> serialise_witnesses(const Transaction& unsigned_tx, std::span<const WitnessStack> witnesses,
                                  MutableBytes buffer) {
  return serialise_segwit(unsigned_tx, witnesses, buffer, put_witness);
}

}  // namespace touchstone::chain
