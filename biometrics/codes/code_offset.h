// Fingers to secret, scheme R1: the whitened vectors of all fingers side by side, seeded rotation, signs, code-offset construction
// (Juels and Wattenberg 1999; Dodis et al. 2008), soft decisions of the probe in the decoder. No reliability mask is stored: a mask
// gives the template away. One codeword stands over all fingers, so that no finger can be tried alone. Freestanding, integers only.
//
// The offset is a public match oracle whatever stands beside it: who holds the record can test vectors, or all 2^k messages, offline.
// The worth of the root is min(k, -log2 FMR) bits; a set of f fingers is log2(f!) bits worth less than their sequence.
// k must grow with the fingers: f - 1 right ones of f still give (f - 1) / f of the correlation, which can be enough for a message
// that one finger would open (README: what opens at which correlation).
#pragma once

#include <bit>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "codes/helper_data.h"
#include "codes/polar.h"

namespace touchstone::codes {

/// A finger: d' components, over the population each with mean 0 and a standard deviation of about 32. Several touches may have been
/// added up to it.
using Vector = std::span<const std::int8_t>;

struct EnrolOptions {
  CodeChoice code;
  bool any_order = false;   ///< a set: the fingers may come in any order later
  bool allow_weak = false;  ///< make a record that has fewer sign patterns than check bits, marked as weak
};

struct RegenerateOptions {
  int list_size = 8;   ///< of the polar decoder, 1 .. 32: the longer, the fewer fingers are refused, and the more strangers accepted
  /// Of several fingers: the least correlation of each with the signs that were enrolled of it, percent; 0 asks for nothing. Asked
  /// after all of them have opened the record, and a refusal is that of a record that did not open: it keeps fingers that agree well
  /// from making up for a wrong one on the card. Whoever holds the record alone is not bound by it.
  int least_agreement_percent = 0;
  Vector reliability{};  ///< d' factors of the probe's components, 127 = 1: how far a touch predicts the enrolled value. Empty: all 1
};

/// Bytes of work area, aligned to 4, for fingers * dimensions components. All of it is wiped before return.
constexpr std::size_t enrol_work_bytes(int dimensions, int fingers) {
  return 128 + 4 * std::size_t{std::bit_ceil(static_cast<unsigned>(dimensions * fingers))};
}
constexpr std::size_t regenerate_work_bytes(const CodeChoice& code, int dimensions, int fingers, int list_size) {
  const std::size_t rotation = enrol_work_bytes(dimensions, fingers);
  if (code.family == CodeFamily::kBch) return rotation;
  const std::size_t decoder = 128 + PolarListDecoder::work_bytes(std::countr_zero(code.n), list_size);
  return 2 * std::size_t{code.n} + (rotation > decoder ? rotation : decoder);
}

/// Makes a new record of the fingers and its root secret. `randomness` is at least 32 bytes, secret and never used again. All vectors have
/// one length. kOutOfRange: wrong number or lengths of vectors, too little randomness; kUnsupported: no such code; kTooLarge: the
/// work area is too small; kBadFormat: the record would be weak and that is not allowed.
Status enrol(std::span<const Vector> fingers, const EnrolOptions& options, Bytes randomness, MutableBytes work_area, HelperData& out,
             Secret<32>& root);

/// Regenerates the root from one vector for each finger: kNoMatch when the record does not open, and the root is wiped; other errors as
/// enrol(). At most fingers! (24) decodings of a set, else one, each with at most list_size candidates. Every candidate of a decoding is
/// tested, without a branch on the result: with a polar code the time tells which order of a set opened and nothing else about the fingers
/// (addresses do: PolarListDecoder); with a BCH code it follows the errors.
Status regenerate(std::span<const Vector> fingers, const HelperData& helper, const RegenerateOptions& options, MutableBytes work_area,
                  Secret<32>& root);

/// The soft values of a codeword's bits: the rotated probe, its sign turned where the offset has a 1, scaled so that the mean magnitude
/// is a quarter of `limit`, and cut at +- limit. `out` is as long as `rotated`; bit i of the offset is bit i % 8 of byte i / 8.
void soft_values(std::span<const std::int32_t> rotated, Bytes offset, int limit, std::span<std::int16_t> out);

}  // namespace touchstone::codes
