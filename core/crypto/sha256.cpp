#include "crypto/sha256.h"

#include <algorithm>

#include "base/secret.h"
#if defined(__x86_64__)
#include "crypto/sha256_x86.h"
#endif

namespace touchstone::crypto {

Sha256::~Sha256() {
  wipe(state_.data(), sizeof state_);
  wipe(buffer_.data(), sizeof buffer_);
}

// Out of line once, for all callers.
void Sha256::compress(const std::uint8_t* block) {
#if defined(__x86_64__)
  if (sha256_detail::kHasShaInstructions) return sha256_detail::compress_x86(state_, block);
#endif
  sha256_detail::compress(state_, block);
}

Sha256& Sha256::update(Bytes bytes) {
  while (!bytes.empty()) {
    const std::size_t filled = size_bytes_ % kBlockBytes;
    const std::size_t taken = std::min(bytes.size(), kBlockBytes - filled);
    if (taken == kBlockBytes) {
      compress(bytes.data());
    } else {
      std::copy_n(bytes.begin(), taken, buffer_.begin() + static_cast<std::ptrdiff_t>(filled));
      if (filled + taken == kBlockBytes) compress(buffer_.data());
    }
    size_bytes_ += taken;
    bytes = bytes.subspan(taken);
  }
  return *this;
}

Sha256& Sha256::update_be32(std::uint32_t v) {
  ByteArray<4> bytes;
  store_be32(bytes.data(), v);
  return update(bytes);
}

Sha256& Sha256::update_be64(std::uint64_t v) {
  ByteArray<8> bytes;
  store_be64(bytes.data(), v);
  return update(bytes);
}

ByteArray<32> Sha256::finish() {
  std::size_t filled = size_bytes_ % kBlockBytes;
  buffer_[filled++] = 0x80;
  if (filled > 56) {
    std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(filled), buffer_.end(), std::uint8_t{0});
    compress(buffer_.data());
    filled = 0;
  }
  std::fill(buffer_.begin() + static_cast<std::ptrdiff_t>(filled), buffer_.begin() + 56, std::uint8_t{0});
  store_be64(&buffer_[56], 8 * size_bytes_);
  compress(buffer_.data());
  ByteArray<32> digest;
  for (std::size_t i = 0; i < 8; i += 2) store_be64(&digest[4 * i], std::uint64_t{state_[i]} << 32 | state_[i + 1]);
  wipe(buffer_.data(), sizeof buffer_);
  state_ = sha256_detail::kInitialState;
  size_bytes_ = 0;
  return digest;
}

Sha256 Sha256::tagged(const HashTag& tag) {
  Sha256 hash;
  hash.state_ = tag.state_;
  hash.size_bytes_ = kBlockBytes;
  return hash;
}

ByteArray<32> sha256(Bytes bytes) { return Sha256().update(bytes).finish(); }

ByteArray<32> tagged_hash(const HashTag& tag, Bytes bytes) { return Sha256::tagged(tag).update(bytes).finish(); }

}  // namespace touchstone::crypto
