// SHA-512 (FIPS 180-4). Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace touchstone::crypto {

/// Streaming SHA-512. Time depends on the lengths alone. All state is wiped when the object ends or finishes; a copy
/// forks the stream. Messages up to 2^61 bytes.
class Sha512 {
 public:
  static constexpr std::size_t kDigestBytes = 64;
  static constexpr std::size_t kBlockBytes = 128;

  Sha512() { reset(); }
  ~Sha512();
  Sha512(const Sha512&) = default;
  Sha512& operator=(const Sha512&) = default;

  Sha512& update(Bytes bytes);
  /// The digest of everything taken so far; the object then is a fresh stream.
  ByteArray<64> finish();

 private:
  void reset();
  void compress(const std::uint8_t* block);

  std::array<std::uint64_t, 8> state_;
  ByteArray<kBlockBytes> buffer_;
  std::uint64_t size_bytes_;
};

ByteArray<64> sha512(Bytes bytes);

}  // namespace touchstone::crypto
