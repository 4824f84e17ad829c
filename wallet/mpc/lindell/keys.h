// What either side keeps between set-up and signing. Freestanding.
#pragma once

#include "crypto/curve.h"
#include "crypto/point.h"
#include "mpc_lindell/paillier.h"
#include "mpc_session/fuse.h"

namespace touchstone::mpc::lindell {

/// Of the owner (card). The share x1 is not in it, yet it stands for it: with c_key it tells x1. So it lies sealed.
///
/// What is sealed and its fuse must both lie where nobody can set them back: an older fuse lets a burnt key answer
/// again, and an older key brings back an older count of what has burnt.
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
  std::uint32_t burns = 0;  ///< keys of this account that have burnt before it
};

/// What a set-up must know of the key before it.
struct FormerKey {
  crypto::Point own_point;
  std::uint32_t epoch = 0;
  std::uint32_t burns = 0;  ///< with this one
  bool burnt = false;
  const Fuse* fuse = nullptr;  ///< asked once more at the end: a session that goes on beside the set-up may blow it
};
/// `fuse`: that of the key; it must outlive what is returned.
FormerKey former(const OwnerKey& key, const Fuse& fuse);

/// When so many keys have burnt, the account is retired: no set-up for it begins, whatever the X. New shares of an X
/// differ from the burnt ones by what the evaluator knows, and another X may have the same share x1, so what leaks adds
/// up over all of them. Who has the owner decrypt S times and burns B keys has seen one of (e*S/B)^B things at the most,
/// whatever it asks: 4 burns in 65,536 decryptions over the life of an account are 62 bits (8 on average for who guesses
/// bit by bit, as CVE-2023-33242 has it); nothing counts them, the owner's touches do. That leaves 194 of x, 2^97 steps
/// by Pollard's kangaroo; 8 burns would leave 2^70. Nor does anything tell a cheat from a loss of power between blow and
/// mend: four of those retire the account as well. To move what X holds the same shares sign by DKLs23, which decrypts
/// nothing.
inline constexpr std::uint32_t kMaxBurns = 4;

/// Of the evaluator (wallet), who has proof of all of it. Nothing is secret; its share comes from its root.
struct EvaluatorKey {
  PaillierPublicKey paillier;
  PaillierPublicKey::Ciphertext share_ciphertext;  ///< c_key = Enc(x1)
  crypto::Point own_point;                         ///< P2 = x2*G
  crypto::Point key;                               ///< X
  std::uint32_t epoch = 0;
};

/// Salt, then p, q, P1 and the number of burns encrypted, and a tag.
inline constexpr std::size_t kSealedKeyBytes = 32 + 256 + 33 + 4 + 16;
using SealedKey = ByteArray<kSealedKeyBytes>;

/// Encrypts under HKDF(sealing key, salt, epoch, X). `sealing_key32`: derive_sealing_key (mpc_session/roots.h) of the
/// root, for this scheme and epoch. `salt32` is fresh: no key stream serves two Paillier keys.
SealedKey seal(const OwnerKey& key, Bytes sealing_key32, Bytes salt32);
/// Errors: kBadFormat (size), kMismatch (another root, epoch or X, or a changed byte), kNotOnCurve, kDevice.
Result<OwnerKey> open(crypto::Curve& curve, Bytes untrusted_sealed, Bytes sealing_key32, std::uint32_t epoch,
                      const crypto::Point& key);

}  // namespace touchstone::mpc::lindell
