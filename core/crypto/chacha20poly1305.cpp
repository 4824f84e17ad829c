#include "crypto/chacha20poly1305.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/secret.h"

namespace touchstone::crypto {
namespace {

using Words = std::array<std::uint32_t, 16>;

Words initial_state(Bytes key, Bytes nonce, std::uint32_t counter) {
  TS_CHECK(key.size() == kAeadKeyBytes && nonce.size() == kAeadNonceBytes,
           "ChaCha20 takes a 32-byte key, 12-byte nonce");
  Words state = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};  // "expand 32-byte k"
  for (std::size_t i = 0; i < 8; ++i) state[4 + i] = load_le32(&key[4 * i]);
  state[12] = counter;
  for (std::size_t i = 0; i < 3; ++i) state[13 + i] = load_le32(&nonce[4 * i]);
  return state;
}

template <typename T>
inline T rotate(T x, int bits) {
  return x << bits | x >> (32 - bits);
}

// RFC 8439 section 2.1; T is a word, or four of them that go the same way.
template <typename T>
inline void quarter_round(T& a, T& b, T& c, T& d) {
  a += b;
  d = rotate(d ^ a, 16);
  c += d;
  b = rotate(b ^ c, 12);
  a += b;
  d = rotate(d ^ a, 8);
  c += d;
  b = rotate(b ^ c, 7);
}

// RFC 8439 section 2.3, one block or two.
#if defined(__SSE2__)
constexpr std::size_t kBlocksAtOnce = 2;
using Row = std::uint32_t __attribute__((vector_size(16)));

void key_stream(const Words& state, ByteArray<64 * kBlocksAtOnce>& out) {
  std::array<std::array<Row, 4>, kBlocksAtOnce> start, x;
  for (std::size_t block = 0; block < kBlocksAtOnce; ++block) {
    std::memcpy(&start[block], state.data(), 64);
    start[block][3][0] += static_cast<std::uint32_t>(block);
  }
  x = start;
  for (int i = 0; i < 10; ++i)
    for (auto& [a, b, c, d] : x) {
      quarter_round(a, b, c, d);
      b = __builtin_shufflevector(b, b, 1, 2, 3, 0);
      c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
      d = __builtin_shufflevector(d, d, 3, 0, 1, 2);
      quarter_round(a, b, c, d);
      b = __builtin_shufflevector(b, b, 3, 0, 1, 2);
      c = __builtin_shufflevector(c, c, 2, 3, 0, 1);
      d = __builtin_shufflevector(d, d, 1, 2, 3, 0);
    }
  for (std::size_t block = 0; block < kBlocksAtOnce; ++block)
    for (std::size_t r = 0; r < 4; ++r) x[block][r] += start[block][r];
  std::memcpy(out.data(), x.data(), out.size());
  wipe(x.data(), sizeof x);
  wipe(start.data(), sizeof start);
}
#else
constexpr std::size_t kBlocksAtOnce = 1;

void key_stream(const Words& state, ByteArray<64 * kBlocksAtOnce>& out) {
  Words x = state;
  for (int i = 0; i < 10; ++i) {
    for (std::size_t c = 0; c < 4; ++c) quarter_round(x[c], x[4 + c], x[8 + c], x[12 + c]);
    for (std::size_t c = 0; c < 4; ++c)
      quarter_round(x[c], x[4 + (c + 1) % 4], x[8 + (c + 2) % 4], x[12 + (c + 3) % 4]);
  }
  for (std::size_t i = 0; i < 16; ++i) store_le32(&out[4 * i], x[i] + state[i]);
  wipe(x.data(), sizeof x);
}
#endif

// RFC 8439 section 2.5, on five limbs of 26 bits.
class Poly1305 {
 public:
  explicit Poly1305(Bytes key) {
    TS_CHECK(key.size() == 32, "Poly1305 takes a 32-byte key");
    const std::uint8_t* k = key.data();
    r_ = {load_le32(k) & 0x3ffffff, (load_le32(k + 3) >> 2) & 0x3ffff03, (load_le32(k + 6) >> 4) & 0x3ffc0ff,
          (load_le32(k + 9) >> 6) & 0x3f03fff, (load_le32(k + 12) >> 8) & 0x00fffff};
    for (std::size_t i = 0; i < 4; ++i) pad_[i] = load_le32(k + 16 + 4 * i);
  }
  ~Poly1305() {
    wipe(r_.data(), sizeof r_);
    wipe(h_.data(), sizeof h_);
    wipe(pad_.data(), sizeof pad_);
  }
  Poly1305(const Poly1305&) = delete;
  Poly1305& operator=(const Poly1305&) = delete;

  /// Whole blocks; a short last one is filled with zeros, as the AEAD construction wants.
  void update_padded(Bytes bytes) {
    while (!bytes.empty()) {
      const std::size_t size = std::min<std::size_t>(bytes.size(), 16);
      ByteArray<16> block{};
      std::copy_n(bytes.begin(), size, block.begin());
      add_block(block, 1);
      bytes = bytes.subspan(size);
    }
  }

  /// A short last block of a plain message: a one byte follows it instead of bit 128.
  void update_last(Bytes bytes) {
    if (bytes.empty()) return;
    ByteArray<16> block{};
    std::copy(bytes.begin(), bytes.end(), block.begin());
    block[bytes.size()] = 1;
    add_block(block, 0);
  }

  ByteArray<16> finish() {
    // Bring every limb below 2^26 and the sum below 2p, then subtract p where that does not borrow.
    carry();
    carry();
    std::array<std::uint32_t, 5> g;
    std::uint32_t c = 5;
    for (std::size_t i = 0; i < 5; ++i) {
      g[i] = h_[i] + c;
      c = g[i] >> 26;
      g[i] &= kMask;
    }
    const std::uint32_t take_g = 0u - c;  // c = 1: h + 5 reached 2^130, so h >= p
    for (std::size_t i = 0; i < 5; ++i) h_[i] = (h_[i] & ~take_g) | (g[i] & take_g);
    wipe(g.data(), sizeof g);
    const std::array<std::uint32_t, 4> words = {h_[0] | h_[1] << 26, h_[1] >> 6 | h_[2] << 20,
                                                h_[2] >> 12 | h_[3] << 14, h_[3] >> 18 | h_[4] << 8};
    ByteArray<16> tag;
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      sum = (sum >> 32) + words[i] + pad_[i];
      store_le32(&tag[4 * i], static_cast<std::uint32_t>(sum));
    }
    return tag;
  }

 private:
  static constexpr std::uint32_t kMask = 0x3ffffff;

  void carry() {
    std::uint32_t c = 0;
    for (std::uint32_t& limb : h_) {
      limb += c;
      c = limb >> 26;
      limb &= kMask;
    }
    h_[0] += 5 * c;
  }

  void add_block(const ByteArray<16>& block, std::uint32_t bit_128) {
    const std::uint8_t* b = block.data();
    h_[0] += load_le32(b) & kMask;
    h_[1] += (load_le32(b + 3) >> 2) & kMask;
    h_[2] += (load_le32(b + 6) >> 4) & kMask;
    h_[3] += (load_le32(b + 9) >> 6) & kMask;
    h_[4] += load_le32(b + 12) >> 8 | bit_128 << 24;
    // h * r mod 2^130 - 5: a product that lands at limb 5 + k counts five times at limb k.
    std::array<std::uint64_t, 5> product{};
    for (std::size_t i = 0; i < 5; ++i) {
      for (std::size_t j = 0; j < 5; ++j) {
        const std::uint32_t factor = i + j < 5 ? r_[j] : 5 * r_[j];
        product[(i + j) % 5] += std::uint64_t{h_[i]} * factor;
      }
    }
    std::uint64_t c = 0;
    for (std::size_t i = 0; i < 5; ++i) {
      product[i] += c;
      c = product[i] >> 26;
      h_[i] = static_cast<std::uint32_t>(product[i]) & kMask;
    }
    c = h_[0] + 5 * c;
    h_[0] = static_cast<std::uint32_t>(c) & kMask;
    h_[1] += static_cast<std::uint32_t>(c >> 26);
  }

  std::array<std::uint32_t, 5> r_{};
  std::array<std::uint32_t, 5> h_{};
  std::array<std::uint32_t, 4> pad_{};
};

// RFC 8439 section 2.8.
ByteArray<16> aead_tag(Bytes key, Bytes nonce, Bytes aad, Bytes ciphertext) {
  Secret<32> one_time_key;
  chacha20_xor(key, nonce, 0, one_time_key.expose(), one_time_key.expose());
  Poly1305 poly(one_time_key.expose());
  poly.update_padded(aad);
  poly.update_padded(ciphertext);
  ByteArray<16> lengths;
  store_le64(&lengths[0], aad.size());
  store_le64(&lengths[8], ciphertext.size());
  poly.update_padded(lengths);
  return poly.finish();
}

}  // namespace

void chacha20_xor(Bytes key, Bytes nonce, std::uint32_t counter, Bytes in, MutableBytes out) {
  TS_CHECK(in.size() == out.size(), "ChaCha20 keeps the size");
  Words state = initial_state(key, nonce, counter);
  ByteArray<64 * kBlocksAtOnce> block;
  for (std::size_t offset = 0; offset < in.size(); offset += block.size()) {
    key_stream(state, block);
    const std::size_t size = std::min(block.size(), in.size() - offset);
    for (std::size_t i = 0; i < size; ++i) out[offset + i] = in[offset + i] ^ block[i];
    state[12] += static_cast<std::uint32_t>(kBlocksAtOnce);
  }
  wipe(block.data(), sizeof block);
  wipe(state.data(), sizeof state);
}

ByteArray<16> poly1305(Bytes one_time_key, Bytes message) {
  Poly1305 poly(one_time_key);
  const std::size_t whole = message.size() - message.size() % 16;
  poly.update_padded(message.first(whole));
  poly.update_last(message.subspan(whole));
  return poly.finish();
}

void chacha20poly1305_seal(Bytes key, Bytes nonce, Bytes aad, Bytes plaintext, MutableBytes out) {
  TS_CHECK(out.size() == plaintext.size() + kAeadTagBytes, "the sealed text has 16 bytes more");
  const MutableBytes ciphertext = out.first(plaintext.size());
  chacha20_xor(key, nonce, 1, plaintext, ciphertext);
  const ByteArray<16> tag = aead_tag(key, nonce, aad, ciphertext);
  std::copy(tag.begin(), tag.end(), out.last(kAeadTagBytes).begin());
}

Status chacha20poly1305_open(Bytes key, Bytes nonce, Bytes aad, Bytes untrusted_sealed, MutableBytes out) {
  if (untrusted_sealed.size() < kAeadTagBytes)
    return Error{ErrorCode::kBadFormat, "sealed text is shorter than its tag"};
  TS_CHECK(out.size() + kAeadTagBytes == untrusted_sealed.size(), "the sealed text has 16 bytes more");
  const Bytes ciphertext = untrusted_sealed.first(out.size());
  const ByteArray<16> tag = aead_tag(key, nonce, aad, ciphertext);
  if (!equal_constant_time(tag, untrusted_sealed.last(kAeadTagBytes))) {
    return Error{ErrorCode::kMismatch, "authentication tag is wrong"};
  }
  chacha20_xor(key, nonce, 1, ciphertext, out);
  return {};
}

}  // namespace touchstone::crypto
