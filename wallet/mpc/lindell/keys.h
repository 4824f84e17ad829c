// What either side keeps between set-up and signing. Freestanding.
#pragma once

#include "crypto/curve.h"
#include "crypto/point.h"
#include "mpc_lindell/paillier.h"

namespace touchstone::mpc::lindell {

/// Of the owner (card). The share x1 is not in it, yet it stands for it: with c_key it tells x1. So it lies sealed.
///
/// One Fuse (mpc_session/fuse.h) goes with each: every decryption of a ciphertext that does not lead to a signature
/// tells its sender a bit of x1 (CVE-2023-33242). So the fuse is blown before a decryption and mended once the
/// signature has been verified. Where it stays blown the key is of no use, and the pair sets up a new one with new
/// shares.
struct OwnerKey {
  PaillierKey paillier;
  crypto::Point own_point;  ///< P1 = x1*G
  crypto::Point key;        ///< X = P1 + P2
  std::uint32_t epoch = 0;
};

/// Of the evaluator (wallet), who has proof of all of it. Nothing is secret; its share comes from its root.
struct EvaluatorKey {
  PaillierPublicKey paillier;
  PaillierPublicKey::Ciphertext share_ciphertext;  ///< c_key = Enc(x1)
  crypto::Point own_point;                         ///< P2 = x2*G
  crypto::Point key;                               ///< X
  std::uint32_t epoch = 0;
};

/// Salt, then p, q and P1 encrypted, and a tag.
inline constexpr std::size_t kSealedKeyBytes = 32 + 256 + 33 + 16;
using SealedKey = ByteArray<kSealedKeyBytes>;

/// Encrypts under HKDF(sealing key, salt, epoch, X). `sealing_key32`: derive_sealing_key (mpc_session/roots.h) of the
/// root, for this scheme and epoch. `salt32` is fresh: no key stream serves two Paillier keys.
SealedKey seal(const OwnerKey& key, Bytes sealing_key32, Bytes salt32);
/// Errors: kBadFormat (size), kMismatch (another root, epoch or X, or a changed byte), kNotOnCurve, kDevice.
Result<OwnerKey> open(crypto::Curve& curve, Bytes untrusted_sealed, Bytes sealing_key32, std::uint32_t epoch,
                      const crypto::Point& key);

}  // namespace touchstone::mpc::lindell
