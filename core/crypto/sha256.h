// SHA-256 (FIPS 180-4) and the tagged hash of BIP340. Freestanding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "crypto/sha256_compress.h"

namespace touchstone::crypto {

/// A tag of BIP340 as the state of SHA-256 after SHA256(tag) || SHA256(tag), which is one block. The compiler computes
/// it from the literal: the program holds 32 bytes a use and saves two blocks.
class HashTag {
 public:
  consteval HashTag(const char* literal) {  // NOLINT: implicit by design
    const std::string_view text = literal;
    ByteArray<64> block{};
    TS_CHECK(text.size() <= 55, "tag is longer than one padded block");  // a compile error here
    for (std::size_t i = 0; i < text.size(); ++i) block[i] = static_cast<std::uint8_t>(text[i]);
    block[text.size()] = 0x80;
    store_be64(&block[56], 8 * text.size());
    sha256_detail::State digest = sha256_detail::kInitialState;
    sha256_detail::compress(digest, block.data());
    for (std::size_t i = 0; i < 16; ++i) store_be32(&block[4 * i], digest[i % 8]);
    state_ = sha256_detail::kInitialState;
    sha256_detail::compress(state_, block.data());
  }

 private:
  friend class Sha256;
  sha256_detail::State state_;
};

/// Streaming SHA-256. Time depends on the lengths alone. All state is wiped when the object ends or finishes; a copy
/// forks the stream.
class Sha256 {
 public:
  static constexpr std::size_t kDigestBytes = 32;
  static constexpr std::size_t kBlockBytes = 64;

  Sha256() = default;
  ~Sha256();
  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = default;

  /// A stream that has already taken SHA256(tag) || SHA256(tag): BIP340, "Design", tagged hashes.
  static Sha256 tagged(const HashTag& tag);

  Sha256& update(Bytes bytes);
  Sha256& update_u8(std::uint8_t v) { return update(Bytes(&v, 1)); }
  Sha256& update_be32(std::uint32_t v);
  Sha256& update_be64(std::uint64_t v);
  /// The digest of everything taken so far; the object then is a fresh stream.
  ByteArray<32> finish();

 private:
  void compress(const std::uint8_t* block);

  sha256_detail::State state_ = sha256_detail::kInitialState;
  ByteArray<kBlockBytes> buffer_;
  std::uint64_t size_bytes_ = 0;
};

ByteArray<32> sha256(Bytes bytes);
/// BIP340: SHA256(SHA256(tag) || SHA256(tag) || bytes).
ByteArray<32> tagged_hash(const HashTag& tag, Bytes bytes);

}  // namespace touchstone::crypto
