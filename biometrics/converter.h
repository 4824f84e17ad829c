// Fingerprint to secret, scheme R1: whitened vector, seeded rotation (sign flips and Walsh-Hadamard passes), signs,
// code-offset construction (Juels and Wattenberg 1999; Dodis et al. 2008) with a BCH code and soft-decision decoding.
// No reliability mask is stored: a mask gives the template away. Freestanding, integers only.
//
// The offset is a public match oracle whatever stands beside it: who holds the record can test prints (or all 2^k
// messages) offline. The worth of the root is min(k, -log2 FMR) bits.
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "biometrics/feature.h"

namespace touchstone::biometrics {

inline constexpr int kCodeLength_bits = 63;   ///< n <= d'
inline constexpr int kMessageLength_bits = 24;  ///< k
/// Least normalised correlation of a decoded codeword with the probe: sets the false match rate.
inline constexpr int kAcceptCorrelation_percent = 67;

/// What is stored of a finger: public by assumption, no image, no minutiae, no mask, no pose.
struct HelperData {
  static constexpr std::size_t kBytes = 41;

  std::uint8_t version = 0;
  ByteArray<16> seed{};    ///< of the rotation; also the salt of the key derivation
  ByteArray<8> offset{};   ///< signs xor codeword; bit 63 is zero
  ByteArray<16> check{};   ///< HMAC keyed from the root over everything above: wrong root or changed record -> kNoMatch

  void serialize(std::span<std::uint8_t, kBytes> out) const;
  /// kBadFormat: wrong size or reserved bits set; kUnsupported: unknown version.
  static Result<HelperData> parse(Bytes untrusted);
};

/// Touches an enrolment takes: 1 to kMaxTouches, 4 recommended.
inline constexpr int kMaxTouches = 8;

/// Makes a new record of the finger and its root secret. `randomness` is at least 32 bytes, secret and never used again.
/// The touches are first brought into one reading frame; kNoMatch when they do not look like one finger,
/// kOutOfRange for a wrong number of touches or too little randomness.
Result<void> enrol(std::span<const Feature> touches, Bytes randomness, HelperData& out, Secret<32>& root);

/// Regenerates the root from one touch: kNoMatch when the record does not open. Running time depends on the probe.
Result<void> regenerate(const Feature& probe, const HelperData& helper, Secret<32>& root);

}  // namespace touchstone::biometrics
