#include "crypto/sha256.h"

#include <bit>

#include "base/secret.h"

namespace touchstone::crypto {
namespace {

// FIPS 180-4 section 4.2.2.
constexpr std::array<std::uint32_t, 64> kRoundConstants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

inline std::uint32_t big_sigma0(std::uint32_t x) { return std::rotr(x, 2) ^ std::rotr(x, 13) ^ std::rotr(x, 22); }
inline std::uint32_t big_sigma1(std::uint32_t x) { return std::rotr(x, 6) ^ std::rotr(x, 11) ^ std::rotr(x, 25); }
inline std::uint32_t small_sigma0(std::uint32_t x) { return std::rotr(x, 7) ^ std::rotr(x, 18) ^ (x >> 3); }
inline std::uint32_t small_sigma1(std::uint32_t x) { return std::rotr(x, 17) ^ std::rotr(x, 19) ^ (x >> 10); }

// One round; the caller rotates the names of the eight variables instead of moving their values.
inline void round(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t& d, std::uint32_t e, std::uint32_t f,
                  std::uint32_t g, std::uint32_t& h, std::uint32_t k_plus_w) {
  const std::uint32_t t = h + big_sigma1(e) + (g ^ (e & (f ^ g))) + k_plus_w;
  d += t;
  h = t + big_sigma0(a) + ((a & b) | (c & (a | b)));
}

}  // namespace

Sha256::~Sha256() {
  wipe(state_.data(), sizeof state_);
  wipe(buffer_.data(), sizeof buffer_);
}

void Sha256::reset() {
  state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  size_bytes_ = 0;
}

// Eight rounds a turn: the loop body fits the card's flash fetches and needs no moves between the variables.
void Sha256::compress(const std::uint8_t* block) {
  std::array<std::uint32_t, 16> w;
  for (std::size_t i = 0; i < 16; ++i) w[i] = load_be32(block + 4 * i);
  auto [a, b, c, d, e, f, g, h] = state_;
  for (std::size_t t = 0; t < 64; t += 8) {
    if (t >= 16) {
      for (std::size_t i = t; i < t + 8; ++i) {
        w[i % 16] += small_sigma1(w[(i + 14) % 16]) + w[(i + 9) % 16] + small_sigma0(w[(i + 1) % 16]);
      }
    }
    const std::uint32_t* k = &kRoundConstants[t];
    const std::uint32_t* x = &w[t % 16];
    round(a, b, c, d, e, f, g, h, k[0] + x[0]);
    round(h, a, b, c, d, e, f, g, k[1] + x[1]);
    round(g, h, a, b, c, d, e, f, k[2] + x[2]);
    round(f, g, h, a, b, c, d, e, k[3] + x[3]);
    round(e, f, g, h, a, b, c, d, k[4] + x[4]);
    round(d, e, f, g, h, a, b, c, k[5] + x[5]);
    round(c, d, e, f, g, h, a, b, k[6] + x[6]);
    round(b, c, d, e, f, g, h, a, k[7] + x[7]);
  }
  const std::array<std::uint32_t, 8> out = {a, b, c, d, e, f, g, h};
  for (std::size_t i = 0; i < 8; ++i) state_[i] += out[i];
  wipe(w.data(), sizeof w);
}

Sha256& Sha256::update(Bytes bytes) {
  std::size_t filled = size_bytes_ % kBlockBytes;
  size_bytes_ += bytes.size();
  while (!bytes.empty()) {
    if (filled == 0 && bytes.size() >= kBlockBytes) {
      compress(bytes.data());
      bytes = bytes.subspan(kBlockBytes);
      continue;
    }
    buffer_[filled++] = bytes[0];
    bytes = bytes.subspan(1);
    if (filled == kBlockBytes) {
      compress(buffer_.data());
      filled = 0;
    }
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
  static constexpr ByteArray<kBlockBytes> kPadding = {0x80};
  const std::uint64_t size_bits = 8 * size_bytes_;
  const std::size_t filled = size_bytes_ % kBlockBytes;
  update(Bytes(kPadding).first((filled < 56 ? 56 : 120) - filled));
  update_be64(size_bits);
  ByteArray<32> digest;
  for (std::size_t i = 0; i < 8; ++i) store_be32(&digest[4 * i], state_[i]);
  wipe(buffer_.data(), sizeof buffer_);
  reset();
  return digest;
}

Sha256 Sha256::tagged(std::string_view tag) {
  Sha256 hash;
  for (char c : tag) hash.update_u8(static_cast<std::uint8_t>(c));
  const ByteArray<32> tag_digest = hash.finish();
  hash.update(tag_digest).update(tag_digest);
  return hash;
}

ByteArray<32> sha256(Bytes bytes) { return Sha256().update(bytes).finish(); }

ByteArray<32> tagged_hash(std::string_view tag, Bytes bytes) { return Sha256::tagged(tag).update(bytes).finish(); }

}  // namespace touchstone::crypto
