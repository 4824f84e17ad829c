// What a party derives from its root secret. The root itself - regenerated from a face or a finger - is never a key: one root
// serves several schemes, coins, accounts and epochs, and no share tells anything of another. Freestanding; the same on wallet
// and card. Constant time in the root.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/scalar.h"

namespace touchstone::mpc {

/// The numbers stand in messages and records.
enum class Scheme : std::uint8_t { kMusig2 = 1, kFrost = 2, kDkls23 = 3, kLindell17 = 4 };

/// The scheme of an account of wallet and card, from a message or record. Errors: kUnsupported (none, or one they do not offer).
inline Result<Scheme> account_scheme(std::uint8_t untrusted_number) {
  const auto scheme = static_cast<Scheme>(untrusted_number);
  if (scheme != Scheme::kMusig2 && scheme != Scheme::kDkls23 && scheme != Scheme::kLindell17)
    return Error{ErrorCode::kUnsupported, "no signing scheme of an account"};
  return scheme;
}

/// Which key.
struct KeyName {
  Scheme scheme;
  std::uint32_t coin;  ///< SLIP-44
  std::uint32_t account;
  std::uint32_t epoch;  ///< counts up with every refresh of the shares
};

/// HKDF-SHA512(root, info = "touchstone/v1/" scheme | coin | account | epoch) read as 512 bits modulo n, numbers as 4 bytes
/// little-endian. Errors: kOutOfRange (the share is 0; chance 2^-256).
Result<crypto::Scalar> derive_share(const Secret<32>& root, const KeyName& key);

/// A symmetric key that belongs to that key: to seal what is stored beside it. From the same derivation with "seal/" before the scheme.
void derive_sealing_key(const Secret<32>& root, const KeyName& key, Secret<32>& out);

}  // namespace touchstone::mpc
