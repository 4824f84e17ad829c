// A hash over everything that has been agreed on, every part with its length in front: no two transcripts have the same
// bytes (TSSHOCK's ambiguous encodings; Fiat-Shamir without the statement). Freestanding.
#pragma once

#include "base/bytes.h"
#include "crypto/scalar.h"
#include "crypto/sha256.h"
#include "mpc_session/parties.h"

namespace touchstone::mpc {

class Transcript {
 public:
  /// `domain` names protocol and step: "touchstone/dkls23/commit".
  explicit Transcript(const crypto::HashTag& domain) : hash_(crypto::Sha256::tagged(domain)) {}

  Transcript& add(Bytes part) {
    hash_.update_be32(static_cast<std::uint32_t>(part.size())).update(part);
    return *this;
  }
  Transcript& add_u32(std::uint32_t number) {
    ByteArray<4> bytes;
    store_be32(bytes.data(), number);
    return add(bytes);
  }
  Transcript& add(const Parties& parties) { return add(Bytes(parties.begin(), parties.size())); }

  /// Of everything so far. The object goes on.
  ByteArray<32> digest() const {
    crypto::Sha256 fork = hash_;
    return fork.update_u8(kDigest).finish();
  }
  /// A scalar from it, `number` telling several apart; uniform up to 2^-255.
  crypto::Scalar scalar(std::uint32_t number = 0) const {
    ByteArray<64> wide;
    for (std::uint8_t half = 0; half < 2; ++half) {
      crypto::Sha256 fork = hash_;
      const ByteArray<32> part = fork.update_be32(number).update_u8(half).update_u8(kScalar).finish();
      std::copy(part.begin(), part.end(), wide.begin() + 32 * half);
    }
    const crypto::Scalar out = crypto::Scalar::from_wide_reduce(wide);
    wipe(wide.data(), wide.size());
    return out;
  }

 private:
  // The last byte says what is made: no transcript goes on where another ends.
  enum End : std::uint8_t { kDigest = 1, kScalar = 2 };
  crypto::Sha256 hash_;
};

}  // namespace touchstone::mpc
