#include "chain/psbt.h"

#include <algorithm>

namespace touchstone::chain {
namespace {

enum class MapKind : std::uint8_t { kGlobal, kInput, kOutput };

struct Pair {
  Bytes key;  // type and key data
  Bytes value;
};

/// False at the separator that ends a map, and when `bad` is set.
bool read_pair(ByteReader& reader, Pair& pair, bool& bad) {
  pair.key = read_var_bytes(reader, bad);
  if (bad || pair.key.empty()) return false;
  pair.value = read_var_bytes(reader, bad);
  return !bad;
}

bool equal(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

/// Fingerprint and path, to the end. Sets `usable` at an allowed depth.
bool read_path(ByteReader& reader, KeyOrigin& origin, bool& usable) {
  reader.copy(origin.fingerprint);
  if (reader.failed() || reader.remaining() % 4 != 0) return false;
  origin.depth = reader.remaining() / 4;
  usable = origin.depth <= kMaxPathSteps;
  if (usable) {
    for (std::size_t i = 0; i < origin.depth; ++i) origin.steps[i] = reader.le32();
  }
  return true;
}

/// Value of TAP_BIP32_DERIVATION: leaf hashes, fingerprint, path. Sets `usable` for a key-path key of allowed depth.
bool read_origin(Bytes value, KeyOrigin& origin, bool& usable) {
  ByteReader reader(value);
  bool bad = false;
  const std::uint64_t leaf_hashes = read_compact_size(reader, bad);
  if (bad || leaf_hashes > reader.remaining() / 32) return false;
  reader.take(static_cast<std::size_t>(leaf_hashes) * 32);
  if (!read_path(reader, origin, usable)) return false;
  usable = usable && leaf_hashes == 0;
  return true;
}

/// Key data of BIP32_DERIVATION and PARTIAL_SIG: a public key in either of SEC 1's forms. Whether it is a point is not
/// asked.
bool is_public_key(Bytes key_data) {
  if (key_data.size() == 33) return key_data[0] == 0x02 || key_data[0] == 0x03;
  return key_data.size() == 65 && key_data[0] == 0x04;
}

/// Sets `usable` for a compressed key at an allowed depth.
bool read_claim(const Pair& pair, KeyClaim& claim, bool& usable) {
  ByteReader value(pair.value);
  const Bytes key = pair.key.subspan(1);
  if (!is_public_key(key) || !read_path(value, claim.origin, usable)) return false;
  usable = usable && key.size() == claim.public_key.size();
  if (usable) std::copy(key.begin(), key.end(), claim.public_key.begin());
  return true;
}

std::optional<KeyClaim> find_claim(const PsbtMap& map, std::uint8_t type, const ByteArray<4>& fingerprint) {
  ByteReader reader(map.pairs());
  bool bad = false;
  Pair pair;
  while (reader.remaining() > 0 && read_pair(reader, pair, bad)) {
    KeyClaim claim;
    bool usable = false;
    const bool found = pair.key[0] == type && read_claim(pair, claim, usable) && usable;
    if (found && claim.origin.fingerprint == fingerprint) return claim;
  }
  return std::nullopt;
}

std::optional<KeyOrigin> find_origin(const PsbtMap& map, std::uint8_t type, const ByteArray<32>& key) {
  const auto value = map.find(type, key);
  KeyOrigin origin;
  bool usable = false;
  if (!value || !read_origin(*value, origin, usable) || !usable) return std::nullopt;
  return origin;
}

std::optional<ByteArray<32>> find_key(const PsbtMap& map, std::uint8_t type) {
  const auto value = map.find(type);
  if (!value) return std::nullopt;
  ByteArray<32> key;
  std::copy(value->begin(), value->end(), key.begin());
  return key;
}

bool read_utxo(Bytes value, TxOutput& output) {
  ByteReader reader(value);
  bool bad = false;
  output = read_tx_output(reader, bad);
  return !bad && reader.complete();
}

Status check_origin(const Pair& pair) {
  KeyOrigin origin;
  bool usable = false;
  if (pair.key.size() != 33 || !read_origin(pair.value, origin, usable)) {
    return Error{ErrorCode::kBadFormat, "psbt: TAP_BIP32_DERIVATION"};
  }
  return {};
}

Status check_claim(const Pair& pair) {
  KeyClaim claim;
  bool usable = false;
  if (!read_claim(pair, claim, usable)) return Error{ErrorCode::kBadFormat, "psbt: BIP32_DERIVATION"};
  return {};
}

/// The lengths that strict DER (BIP66) and a hash type can have.
Status check_partial_signature(const Pair& pair) {
  if (!is_public_key(pair.key.subspan(1)) || pair.value.size() < 9 || pair.value.size() > 73)
    return Error{ErrorCode::kBadFormat, "psbt: PARTIAL_SIG"};
  return {};
}

Status check_internal_key(const Pair& pair) {
  if (pair.key.size() != 1 || pair.value.size() != 32) return Error{ErrorCode::kBadFormat, "psbt: TAP_INTERNAL_KEY"};
  return {};
}

constexpr Error kVersion2{ErrorCode::kUnsupported, "psbt: field of version 2"};

Status check_global(const Pair& pair) {
  const std::uint8_t type = pair.key[0];
  if (type >= 0x02 && type <= 0x06) return kVersion2;
  if (type == psbt_field::kGlobalUnsignedTx && pair.key.size() != 1)
    return Error{ErrorCode::kBadFormat, "psbt: UNSIGNED_TX"};
  if (type == psbt_field::kGlobalVersion) {
    if (pair.key.size() != 1 || pair.value.size() != 4) return Error{ErrorCode::kBadFormat, "psbt: VERSION"};
    if (load_le32(pair.value.data()) != 0) return Error{ErrorCode::kUnsupported, "psbt: version"};
  }
  return {};
}

Status check_input(const Pair& pair) {
  const std::uint8_t type = pair.key[0];
  if (type >= 0x0e && type <= 0x12) return kVersion2;
  TxOutput utxo;
  switch (type) {
    case psbt_field::kInWitnessUtxo:
      if (pair.key.size() != 1 || !read_utxo(pair.value, utxo))
        return Error{ErrorCode::kBadFormat, "psbt: WITNESS_UTXO"};
      return {};
    case psbt_field::kInSighashType:
      if (pair.key.size() != 1 || pair.value.size() != 4) return Error{ErrorCode::kBadFormat, "psbt: SIGHASH_TYPE"};
      // Anything but DEFAULT and ALL leaves parts of the payment open to change after it was shown.
      if (load_le32(pair.value.data()) > 1) return Error{ErrorCode::kUnsupported, "psbt: sighash type"};
      return {};
    case psbt_field::kInPartialSig: return check_partial_signature(pair);
    case psbt_field::kInBip32Derivation: return check_claim(pair);
    case psbt_field::kInTapBip32Derivation: return check_origin(pair);
    case psbt_field::kInTapInternalKey: return check_internal_key(pair);
    default: return {};
  }
}

Status check_output(const Pair& pair) {
  const std::uint8_t type = pair.key[0];
  if (type == 0x03 || type == 0x04) return kVersion2;
  if (type == psbt_field::kOutBip32Derivation) return check_claim(pair);
  if (type == psbt_field::kOutTapBip32Derivation) return check_origin(pair);
  if (type == psbt_field::kOutTapInternalKey) return check_internal_key(pair);
  return {};
}

Status check_pair(MapKind kind, const Pair& pair) {
  switch (kind) {
    case MapKind::kGlobal: return check_global(pair);
    case MapKind::kInput: return check_input(pair);
    case MapKind::kOutput: return check_output(pair);
  }
  return {};
}

/// Reads one map with its separator and checks everything the accessors rely on.
Result<PsbtMap> read_map(ByteReader& reader, MapKind kind) {
  ByteReader start = reader;
  std::size_t end = start.position();
  bool bad = false;
  Pair pair;
  for (std::size_t count = 0; read_pair(reader, pair, bad); ++count) {
    if (count == kMaxPsbtPairsPerMap) return Error{ErrorCode::kTooLarge, "psbt: entries in one map"};
    ByteReader earlier = start;
    Pair other;
    for (std::size_t i = 0; i < count; ++i) {
      read_pair(earlier, other, bad);
      if (equal(other.key, pair.key)) return Error{ErrorCode::kBadFormat, "psbt: duplicate key"};
    }
    TS_RETURN_IF_ERROR(check_pair(kind, pair));
    end = reader.position();
  }
  if (bad) return Error{ErrorCode::kBadFormat, "psbt: map"};
  return PsbtMap(start.take(end - start.position()));
}

}  // namespace

std::optional<Bytes> PsbtMap::find(std::uint8_t type, Bytes key_data) const {
  ByteReader reader(pairs_);
  bool bad = false;
  Pair pair;
  while (reader.remaining() > 0 && read_pair(reader, pair, bad)) {
    if (pair.key[0] == type && equal(pair.key.subspan(1), key_data)) return pair.value;
  }
  return std::nullopt;
}

Result<Psbt> Psbt::parse(Bytes untrusted_bytes) {
  ByteReader reader(untrusted_bytes);
  if (!equal(reader.take(kPsbtMagic.size()), kPsbtMagic)) return Error{ErrorCode::kBadFormat, "psbt: magic"};
  const auto global = read_map(reader, MapKind::kGlobal);
  if (!global) return global.error();
  const auto unsigned_tx = global->find(psbt_field::kGlobalUnsignedTx);
  if (!unsigned_tx) return Error{ErrorCode::kBadFormat, "psbt: no unsigned transaction"};
  const auto transaction = Transaction::parse(*unsigned_tx, Transaction::Format::kNoWitness);
  if (!transaction) return transaction.error();
  for (const TxInput& input : transaction->inputs()) {
    if (!input.script_sig.empty())
      return Error{ErrorCode::kBadFormat, "psbt: the unsigned transaction carries a script"};
  }
  TS_RETURN_IF_ERROR(transaction->output_sum_sat());

  Psbt psbt;
  psbt.transaction_ = *transaction;
  psbt.input_count_ = transaction->inputs().size();
  psbt.output_count_ = transaction->outputs().size();
  if (psbt.input_count_ > kMaxPsbtInputs) return Error{ErrorCode::kTooLarge, "psbt: inputs"};
  if (psbt.output_count_ > kMaxPsbtOutputs) return Error{ErrorCode::kTooLarge, "psbt: outputs"};
  for (std::size_t i = 0; i < psbt.input_count_; ++i) {
    const auto map = read_map(reader, MapKind::kInput);
    if (!map) return map.error();
    psbt.inputs_[i] = *map;
  }
  for (std::size_t i = 0; i < psbt.output_count_; ++i) {
    const auto map = read_map(reader, MapKind::kOutput);
    if (!map) return map.error();
    psbt.outputs_[i] = *map;
  }
  if (!reader.complete()) return Error{ErrorCode::kBadFormat, "psbt: bytes after the last map"};
  return psbt;
}

std::optional<TxOutput> Psbt::witness_utxo(std::size_t input) const {
  const auto value = inputs_[input].find(psbt_field::kInWitnessUtxo);
  TxOutput output;
  if (!value || !read_utxo(*value, output)) return std::nullopt;
  return output;
}

std::optional<std::uint8_t> Psbt::sighash_type(std::size_t input) const {
  const auto value = inputs_[input].find(psbt_field::kInSighashType);
  if (!value) return std::nullopt;
  return (*value)[0];
}

std::optional<ByteArray<32>> Psbt::input_internal_key(std::size_t input) const {
  return find_key(inputs_[input], psbt_field::kInTapInternalKey);
}

std::optional<ByteArray<32>> Psbt::output_internal_key(std::size_t output) const {
  return find_key(outputs_[output], psbt_field::kOutTapInternalKey);
}

std::optional<KeyOrigin> Psbt::input_origin(std::size_t input, const ByteArray<32>& key) const {
  return find_origin(inputs_[input], psbt_field::kInTapBip32Derivation, key);
}

std::optional<KeyOrigin> Psbt::output_origin(std::size_t output, const ByteArray<32>& key) const {
  return find_origin(outputs_[output], psbt_field::kOutTapBip32Derivation, key);
}

std::optional<KeyClaim> Psbt::input_claim(std::size_t input, const ByteArray<4>& fingerprint) const {
  return find_claim(inputs_[input], psbt_field::kInBip32Derivation, fingerprint);
}

std::optional<KeyClaim> Psbt::output_claim(std::size_t output, const ByteArray<4>& fingerprint) const {
  return find_claim(outputs_[output], psbt_field::kOutBip32Derivation, fingerprint);
}

std::optional<Bytes> Psbt::partial_signature(std::size_t input, const crypto::CompressedPoint& key) const {
  return inputs_[input].find(psbt_field::kInPartialSig, key);
}

}  // namespace touchstone::chain
