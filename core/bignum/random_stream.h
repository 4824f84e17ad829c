// Many bytes from 32: the key stream of ChaCha20. Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/declassify.h"
#include "base/secret.h"
#include "bignum/natural.h"

namespace touchstone::bignum {

/// As unpredictable as its key; the same key gives the same bytes. Also expands a public digest into public numbers.
class RandomStream {
 public:
  explicit RandomStream(Bytes key32);
  RandomStream(const RandomStream&) = delete;
  RandomStream& operator=(const RandomStream&) = delete;

  void fill(MutableBytes out);
  /// Uniform with kBits bits.
  template <std::size_t kBits>
  Natural<kBits> bits() {
    Secret<kBits / 8> bytes;
    fill(bytes.expose());
    return Natural<kBits>::from_bytes(bytes.expose());
  }
  /// Uniform in [1, bound), by rejection: how often tells nothing of the result. bound > 1; its length in bits is
  /// revealed.
  template <std::size_t kBits>
  Natural<kBits> below(const Natural<kBits>& bound) {
    std::size_t size_bits = kBits;
    while (!bound.bit(size_bits - 1)) --size_bits;
    for (;;) {
      Natural<kBits> out = bits<kBits>();
      for (std::size_t bit = size_bits; bit < kBits; ++bit) out.clear_bit(bit);
      if (declassify(out < bound) && !declassify(out == Natural<kBits>())) return out;
    }
  }

 private:
  Secret<32> key_;
  std::uint64_t messages_ = 0;
};

}  // namespace touchstone::bignum
