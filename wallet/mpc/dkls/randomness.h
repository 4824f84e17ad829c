// Randomness of a session: one stream for each purpose. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "crypto/scalar.h"
#include "mpc_dkls/parameters.h"

namespace touchstone::mpc::dkls {

/// ChaCha20 under HKDF-SHA256(secret, salt = what it is bound to, info = purpose): hedged, for whoever repeats the
/// secret in another session has another stream.
class Randomness {
 public:
  Randomness(Bytes secret, Bytes bound_to, Bytes purpose);
  /// From here on another stream, that also depends on `more` (HKDF under the key so far). Unknown to whoever does not
  /// know the stream so far, or does not know `more`.
  void stir(Bytes more);
  void fill(MutableBytes out);
  /// Uniform up to 2^-256.
  crypto::Scalar scalar();

 private:
  Seed key_;
  std::uint32_t block_ = 0;
};

/// A string as bytes, for labels.
inline Bytes label(const char* literal) {
  std::size_t size = 0;
  while (literal[size] != 0) ++size;
  return Bytes(reinterpret_cast<const std::uint8_t*>(literal), size);
}

/// What a seed is stretched for; part of the cipher's nonce, so that no two uses of a seed meet.
enum class Stretch : std::uint8_t { kChildren = 0, kCheck = 1, kColumn = 2, kStream = 3, kPad = 4, kGadget = 5 };

/// ChaCha20 key stream of `seed` into `out`. `nonce` has up to 11 bytes.
void stretch(const Seed& seed, Stretch purpose, Bytes nonce, std::uint32_t block, MutableBytes out);

}  // namespace touchstone::mpc::dkls
