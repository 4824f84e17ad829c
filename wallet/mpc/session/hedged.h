// A session's own randomness. Freestanding.
#pragma once

#include <initializer_list>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/scalar.h"
#include "crypto/sha256.h"

namespace touchstone::mpc {

/// From HKDF-SHA256 over 32 fresh bytes, the party's secrets and what is fixed from the start: while one of the inputs
/// is secret or fresh, so is what comes out, and no two purposes tell of each other. Constant time.
class HedgedRandom {
 public:
  /// `bound_to`: the session's id, or a digest of all that is fixed from the start.
  HedgedRandom(Bytes random32, std::initializer_list<const crypto::Scalar*> secrets, const ByteArray<32>& bound_to);

  /// Bytes for one purpose, up to 8,160; `agreed`: what the session has agreed on since.
  void fill(MutableBytes out, const crypto::HashTag& purpose, std::uint32_t number = 0, Bytes agreed = {}) const;
  Secret<32> bytes(const crypto::HashTag& purpose, std::uint32_t number = 0, Bytes agreed = {}) const;
  /// Uniform up to 2^-256.
  crypto::Scalar scalar(const crypto::HashTag& purpose, std::uint32_t number = 0, Bytes agreed = {}) const;
  void wipe_now() { key_.wipe_now(); }

 private:
  Secret<32> key_;
};

}  // namespace touchstone::mpc
