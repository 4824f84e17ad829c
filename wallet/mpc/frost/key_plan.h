// What a run that makes or moves shares is to do, and what a party stores of it. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/scalar.h"
#include "crypto/sha256.h"
#include "mpc_frost/keys.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::frost {

/// What all who take part in a run must agree on; it makes the session's id, so that those who differ do not hear each
/// other. `run`, in all three: a digest over a fresh nonce of every participant.
struct KeyPlan {
  enum class Purpose : std::uint8_t { kGenerate = 1, kRefresh = 2, kReshare = 3 };

  /// A new key. Errors: kOutOfRange (threshold not within 2..n).
  static Result<KeyPlan> generate(const Parties& parties, std::uint8_t threshold, std::uint32_t epoch,
                                  const ByteArray<32>& run);
  /// New shares of the same key for the same parties, all of whom take part; the epoch goes up by one. Errors:
  /// kOutOfRange.
  static Result<KeyPlan> refresh(const GroupKey& old_key, const ByteArray<32>& run);
  /// t or more of the old parties, `dealers`, move the same key to new parties and a new threshold: to add, replace or
  /// remove somebody. The epoch goes up by one. Errors: kOutOfRange, kMismatch (dealers), kTooLarge (all together above
  /// 16).
  static Result<KeyPlan> reshare(const GroupKey& old_key, const Parties& dealers, const Parties& receivers,
                                 std::uint8_t threshold, const ByteArray<32>& run);

  SessionId session_id() const;

  Purpose purpose = Purpose::kGenerate;
  Parties dealers, receivers;
  Parties participants;  ///< both
  std::uint8_t threshold = 0;
  std::uint32_t epoch = 0;
  GroupKey old_key;  ///< kRefresh, kReshare
  ByteArray<32> run{};
};

/// A scalar from a secret one, for another purpose and, within it, for a public context; one does not tell the other.
/// Constant time.
crypto::Scalar derive_scalar(const crypto::Scalar& secret, const crypto::HashTag& purpose, Bytes context = {});

/// What a party stores beside the group's key: its share is y = mask + value. The mask is derived from the pad, which
/// comes from the party's root anew each time (HKDF(root, scheme, coin, account, epoch)), and the digest of the key: a
/// run that is done at some and repeated in the same epoch makes another key record, so another mask. The tag binds
/// value, party, key and epoch to the pad: an old offset, another party's or a changed one does not open.
struct StoredOffset {
  ByteArray<32> value{};  ///< D
  ByteArray<32> tag{};    ///< HMAC-SHA256 under a key from the pad
};
StoredOffset make_offset(const crypto::Scalar& pad, const crypto::Scalar& share, const GroupKey& key, PartyId own);
/// The share. Constant time in the pad. Errors: kMismatch (wrong pad, party, key or epoch, or a changed offset).
Result<crypto::Scalar> open_offset(const crypto::Scalar& pad, const StoredOffset& untrusted_offset, const GroupKey& key,
                                   PartyId own);

}  // namespace touchstone::mpc::frost
