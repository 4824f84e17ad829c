// From an account's joint key to addresses: BIP32 public derivation, BIP328 synthetic extended keys, BIP341 tweaks,
// witness programs of versions 0 and 1. Freestanding. Everything here is public data.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/script.h"
#include "crypto/curve.h"
#include "crypto/point.h"

namespace touchstone::chain {

/// RIPEMD-160(SHA-256(data)).
ByteArray<20> hash160(Bytes data);

struct ExtendedPublicKey {
  crypto::Point key;
  ByteArray<32> chain_code{};
  /// First four bytes of hash160 of the compressed key (BIP32, "Key identifiers").
  ByteArray<4> fingerprint() const;
};

/// BIP328: the synthetic extended key of a MuSig2 aggregate key; chain code SHA-256("MuSig2MuSig2MuSig2"). The BIP speaks
/// of MuSig2 keys alone. That the additive ECDSA key of a kSegwitV0 account takes the same chain code is a convention of
/// ours: no standard gives such keys one.
ExtendedPublicKey synthetic_extended_key(const crypto::Point& aggregate_key);

struct ChildKey {
  ExtendedPublicKey extended;
  ByteArray<32> tweak{};  ///< I_L of CKDpub: child = tweak*G + parent
};
/// BIP32 CKDpub. Errors: kUnsupported (hardened index), kOutOfRange and kInfinity (chance 2^-127), kDevice.
Result<ChildKey> derive_child(const ExtendedPublicKey& parent, std::uint32_t index, crypto::Curve& curve);

/// TapTweak hash of BIP341; `merkle_root` is empty (key path only, as BIP86) or 32 bytes.
ByteArray<32> tap_tweak_hash(const ByteArray<32>& internal_key, Bytes merkle_root = {});
ByteArray<32> tap_leaf_hash(std::uint8_t leaf_version, Bytes script);
/// The two children in either order: they are sorted as BIP341 demands.
ByteArray<32> tap_branch_hash(const ByteArray<32>& a, const ByteArray<32>& b);

struct TaprootOutputKey {
  ByteArray<32> x_only{};
  bool odd_y = false;  ///< parity bit of control blocks
};
/// Q = lift_x(internal_key) + tweak*G. Errors: kNotOnCurve, kOutOfRange, kInfinity, kDevice.
Result<TaprootOutputKey> tweak_internal_key(const ByteArray<32>& internal_key, const ByteArray<32>& tweak,
                                            crypto::Curve& curve);

/// OP_1 and the 32-byte output key.
ByteArray<34> p2tr_script(const ByteArray<32>& output_key);
/// OP_0 and hash160 of the compressed key (BIP141, P2WPKH).
ByteArray<22> p2wpkh_script(const crypto::CompressedPoint& public_key);

/// What an account's coins are locked to, and with it how they are signed for.
enum class AddressKind : std::uint8_t {
  kTaproot = 0,   ///< P2TR: one BIP340 signature under the output key, made by MuSig2 or FROST
  kSegwitV0 = 1,  ///< P2WPKH: one ECDSA signature and the child key
};

/// chain 0 receives, chain 1 takes change; both steps unhardened, from the joint key's synthetic extended key.
struct AddressPath {
  std::uint32_t chain = 0;
  std::uint32_t index = 0;
  bool operator==(const AddressPath&) const = default;
};

/// A tweak in the form MuSig2's ApplyTweak takes (BIP327): plain for BIP32 steps, x-only for TapTweak.
struct KeyTweak {
  ByteArray<32> value{};
  bool x_only = false;
};

/// One address of an account and how its key comes from the joint key.
struct AddressKey {
  AddressKind kind = AddressKind::kTaproot;
  /// chain (plain), index (plain), TapTweak without scripts (x-only). The last is zero and unused for kSegwitV0: there
  /// the secret of public_key is the joint secret plus the first two.
  std::array<KeyTweak, 3> tweaks{};
  crypto::CompressedPoint public_key{};  ///< the child key; of kSegwitV0 the one that signs
  ByteArray<32> internal_key{};          ///< x of public_key; zero for kSegwitV0
  ByteArray<32> output_key{};            ///< the one that signs for kTaproot; zero for kSegwitV0
  AddressScript script;                  ///< scriptPubKey: P2TR of output_key or P2WPKH of public_key
};
/// What the two BIP32 steps add to the joint secret. Errors: kOutOfRange (chance 2^-127: derive_address() gives no such address).
Result<crypto::Scalar> sum_of_steps(const AddressKey& address);
/// The key that a signature for the address verifies under: 32 bytes, x-only, of kTaproot; 33, compressed, of kSegwitV0.
inline Bytes verification_key(const AddressKey& address) {
  return address.kind == AddressKind::kTaproot ? Bytes(address.output_key) : Bytes(address.public_key);
}

/// `aggregate_key`: BIP327 aggregate for kTaproot; for kSegwitV0 the sum of the shares' points. Errors: those of
/// derive_child and tweak_internal_key. Three base-point multiplications, two for kSegwitV0.
Result<AddressKey> derive_address(const crypto::Point& aggregate_key, AddressPath path, crypto::Curve& curve,
                                  AddressKind kind = AddressKind::kTaproot);

}  // namespace touchstone::chain
