// SHA-256 (FIPS 180-4) and the tagged hash of BIP340. Freestanding.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace touchstone::crypto {

/// Streaming SHA-256. Time depends on the lengths alone. All state is wiped when the object ends or finishes; a copy
/// forks the stream.
class Sha256 {
 public:
  static constexpr std::size_t kDigestBytes = 32;
  static constexpr std::size_t kBlockBytes = 64;

  Sha256() { reset(); }
  ~Sha256();
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;

  /// A stream that has already taken SHA256(tag) || SHA256(tag): BIP340, "Design", tagged hashes.
  static Sha256 tagged(std::string_view tag);

  Sha256& update(Bytes bytes);
  Sha256& update_u8(std::uint8_t v) { return update(Bytes(&v, 1)); }
  Sha256& update_be32(std::uint32_t v);
  Sha256& update_be64(std::uint64_t v);
  /// The digest of everything taken so far; the object then is a fresh stream.
  ByteArray<32> finish();

 private:
  void reset();
  void compress(const std::uint8_t* block);

  std::array<std::uint32_t, 8> state_;
  ByteArray<kBlockBytes> buffer_;
  std::uint64_t size_bytes_;
};

ByteArray<32> sha256(Bytes bytes);
/// BIP340: SHA256(SHA256(tag) || SHA256(tag) || bytes).
ByteArray<32> tagged_hash(std::string_view tag, Bytes bytes);

}  // namespace touchstone::crypto
