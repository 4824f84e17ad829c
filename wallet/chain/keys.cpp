#include "chain/keys.h"

#include <algorithm>

#include "chain/ripemd160.h"
#include "chain/tx.h"
#include "crypto/hmac.h"
#include "crypto/point.h"
#include "crypto/sha256.h"

namespace touchstone::chain {

using crypto::Point;
using crypto::Scalar;

ByteArray<20> hash160(Bytes data) { return ripemd160(crypto::sha256(data)); }

ByteArray<4> ExtendedPublicKey::fingerprint() const {
  const ByteArray<20> id = hash160(crypto::compress(key));
  return {id[0], id[1], id[2], id[3]};
}

ExtendedPublicKey synthetic_extended_key(const Point& aggregate_key) {
  constexpr ByteArray<18> kText = {'M', 'u', 'S', 'i', 'g', '2', 'M', 'u', 'S',
                                   'i', 'g', '2', 'M', 'u', 'S', 'i', 'g', '2'};
  return {aggregate_key, crypto::sha256(kText)};
}

Result<ChildKey> derive_child(const ExtendedPublicKey& parent, std::uint32_t index, crypto::Curve& curve) {
  if ((index & 0x8000'0000U) != 0) return Error{ErrorCode::kUnsupported, "bip32: hardened step from a public key"};
  if (parent.key.infinity) return Error{ErrorCode::kInfinity, "bip32: parent key"};
  ByteArray<37> message;
  ByteWriter writer(message);
  writer.put(crypto::compress(parent.key));
  ByteArray<4> index_bytes;
  store_be32(index_bytes.data(), index);
  writer.put(index_bytes);
  const ByteArray<64> left_right = crypto::hmac_sha512(parent.chain_code, message);

  ChildKey child;
  std::copy_n(left_right.begin(), 32, child.tweak.begin());
  std::copy_n(left_right.begin() + 32, 32, child.extended.chain_code.begin());
  const auto scalar = Scalar::from_bytes(child.tweak);
  if (!scalar) return Error{ErrorCode::kOutOfRange, "bip32: this index has no key"};
  const auto offset = curve.multiply_base(*scalar);
  if (!offset) return offset.error();
  const auto key = curve.add(*offset, parent.key);
  if (!key) return key.error();
  if (key->infinity) return Error{ErrorCode::kInfinity, "bip32: this index has no key"};
  child.extended.key = *key;
  return child;
}

ByteArray<32> tap_tweak_hash(const ByteArray<32>& internal_key, Bytes merkle_root) {
  return crypto::Sha256::tagged("TapTweak").update(internal_key).update(merkle_root).finish();
}

ByteArray<32> tap_leaf_hash(std::uint8_t leaf_version, Bytes script) {
  ByteArray<10> head;
  ByteWriter writer(head);
  writer.u8(leaf_version);
  write_compact_size(writer, script.size());
  return crypto::Sha256::tagged("TapLeaf").update(writer.written()).update(script).finish();
}

ByteArray<32> tap_branch_hash(const ByteArray<32>& a, const ByteArray<32>& b) {
  const bool in_order = std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
  return crypto::Sha256::tagged("TapBranch").update(in_order ? a : b).update(in_order ? b : a).finish();
}

Result<TaprootOutputKey> tweak_internal_key(const ByteArray<32>& internal_key, const ByteArray<32>& tweak,
                                            crypto::Curve& curve) {
  const auto scalar = Scalar::from_bytes(tweak);
  if (!scalar) return Error{ErrorCode::kOutOfRange, "taproot: tweak"};
  const auto internal = curve.lift_x(internal_key);
  if (!internal) return internal.error();
  const auto offset = curve.multiply_base(*scalar);
  if (!offset) return offset.error();
  const auto output = curve.add(*internal, *offset);
  if (!output) return output.error();
  if (output->infinity) return Error{ErrorCode::kInfinity, "taproot: output key"};
  return TaprootOutputKey{output->x, !output->has_even_y()};
}

ByteArray<34> p2tr_script(const ByteArray<32>& output_key) {
  ByteArray<34> script;
  script[0] = 0x51;  // OP_1
  script[1] = 32;
  std::copy(output_key.begin(), output_key.end(), script.begin() + 2);
  return script;
}

ByteArray<22> p2wpkh_script(const crypto::CompressedPoint& public_key) {
  ByteArray<22> script;
  const ByteArray<20> hash = hash160(public_key);
  script[0] = 0x00;  // OP_0
  script[1] = 20;
  std::copy(hash.begin(), hash.end(), script.begin() + 2);
  return script;
}

Result<AddressKey> derive_address(const Point& aggregate_key, AddressPath path, crypto::Curve& curve,
                                  AddressKind kind) {
  const auto chain = derive_child(synthetic_extended_key(aggregate_key), path.chain, curve);
  if (!chain) return chain.error();
  const auto index = derive_child(chain->extended, path.index, curve);
  if (!index) return index.error();

  AddressKey address;
  address.kind = kind;
  address.public_key = crypto::compress(index->extended.key);
  address.tweaks = {KeyTweak{chain->tweak, false}, KeyTweak{index->tweak, false}, KeyTweak{}};
  if (kind == AddressKind::kSegwitV0) {
    address.script = AddressScript(p2wpkh_script(address.public_key));
    return address;
  }
  address.internal_key = index->extended.key.x;
  const ByteArray<32> tap_tweak = tap_tweak_hash(address.internal_key);
  const auto output = tweak_internal_key(address.internal_key, tap_tweak, curve);
  if (!output) return output.error();
  address.output_key = output->x_only;
  address.script = AddressScript(p2tr_script(address.output_key));
  address.tweaks[2] = {tap_tweak, true};
  return address;
}

Result<crypto::Scalar> sum_of_steps(const AddressKey& address) {
  crypto::Scalar chain, index;
  TS_ASSIGN_OR_RETURN(chain, crypto::Scalar::from_bytes(address.tweaks[0].value));
  TS_ASSIGN_OR_RETURN(index, crypto::Scalar::from_bytes(address.tweaks[1].value));
  return chain + index;
}

}  // namespace touchstone::chain
