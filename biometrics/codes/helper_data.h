// The record of one finger or of several under one lock. Freestanding.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codes/code_choice.h"

namespace touchstone::codes {

inline constexpr int kMaxFingers = 4;
inline constexpr int kMaxDimensions = 2048;  ///< of all fingers together

/// What is stored: public by assumption. No image, no minutiae, no mask, no pose, nothing that tells one finger alone.
struct HelperData {
  static constexpr std::uint8_t kVersion = 4;
  static constexpr std::size_t kHeaderBytes = 10;
  static constexpr std::size_t kMaxBytes = kHeaderBytes + 16 + 128 + 16;

  CodeChoice code;
  std::uint16_t dimensions = 0;  ///< d' of one finger's vector: 64, 128, 256, 512 or 1024
  std::uint8_t fingers = 0;      ///< 1 .. kMaxFingers
  bool any_order = false;        ///< a set of fingers, not a sequence
  bool weak = false;             ///< bits_left_q8() is negative: for experiments
  ByteArray<16> seed{};          ///< of the rotation; also the salt of the key derivation
  ByteArray<128> offset{};       ///< signs xor codeword, the first n bits; the rest is 0
  ByteArray<16> check{};         ///< keyed by the codeword, over everything above: wrong codeword or changed record -> kNoMatch

  std::size_t offset_bytes() const { return (std::size_t{code.n} + 7) / 8; }
  std::size_t bytes() const { return kHeaderBytes + seed.size() + offset_bytes() + check.size(); }
  /// What the code leaves open in the dimensions of all fingers, in 1/256 bit.
  int bits_left_q8() const { return code.bits_left_q8(dimensions * fingers); }

  /// Everything but seed, offset and check is allowed and canonical; `weak` must say the truth.
  Status validate() const;

  /// version, family, n, k, dimensions (16 bits each, little endian), fingers, flags (bit 0: any order, bit 1: weak).
  ByteArray<kHeaderBytes> header() const;
  /// header, seed, offset, check. Returns what was written; `buffer` holds at least bytes().
  Bytes serialize(MutableBytes buffer) const;
  /// kUnsupported: another version or a code that does not exist; kBadFormat: wrong length, numbers out of range, reserved bits set, or
  /// a negative bits_left_q8() not marked as weak.
  static Result<HelperData> parse(Bytes untrusted);
};

}  // namespace touchstone::codes
