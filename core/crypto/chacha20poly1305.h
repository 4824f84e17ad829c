// ChaCha20, Poly1305 and their AEAD (RFC 8439). Freestanding; time depends on the lengths alone.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::crypto {

inline constexpr std::size_t kAeadKeyBytes = 32;
inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;

/// Encrypts `plaintext` and appends the tag: out.size() == plaintext.size() + 16. A nonce must never repeat under one
/// key. `out` may start where `plaintext` starts.
void chacha20poly1305_seal(Bytes key, Bytes nonce, Bytes aad, Bytes plaintext, MutableBytes out);

/// Checks the tag (constant time) and decrypts: out.size() + 16 == sealed.size(); shorter input is kBadFormat. On
/// kMismatch nothing is written to `out`. `out` may start where `sealed` starts.
Status chacha20poly1305_open(Bytes key, Bytes nonce, Bytes aad, Bytes untrusted_sealed, MutableBytes out);

/// XORs the key stream that starts at block `counter` over `in` into `out` (same size, may be the same memory).
void chacha20_xor(Bytes key, Bytes nonce, std::uint32_t counter, Bytes in, MutableBytes out);

/// One-time authenticator; the 32-byte key must serve one message only.
ByteArray<16> poly1305(Bytes one_time_key, Bytes message);

}  // namespace touchstone::crypto
