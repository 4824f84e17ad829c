// Signed firmware images: a header of 256 bytes in front of the program. What boots is verified with this; what makes images
// is image_builder.h. Freestanding.
//
// Little-endian; offsets in the header:
//   0 magic "TSI1"            4 header version u16 (1)     6 header bytes u16 (256)
//   8 program bytes u32      12 load address u32          16 entry u32
//  20 firmware version u32   24 SHA-256 of the program    56 zeros
// 188 BIP340 signature of the vendor over the tagged hash of bytes 0..188
// 252 valid word: programmed by itself, after everything else, so that a torn write leaves no image
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "contract/registers.h"
#include "crypto/curve.h"
#include "crypto/point.h"

namespace touchstone::firmware {

/// Versions count from 1; more than OTP can remember (otp.MIN_VERSION) are refused.
inline constexpr std::uint32_t kMaxFirmwareVersion = 128;
inline constexpr std::uint32_t kLoadAddress = contract::kFlashBase + contract::kFlashFirmwareOffset + contract::kImageHeaderBytes;
inline constexpr std::uint32_t kMaxProgramBytes = contract::kFlashFirmwareSizeBytes - contract::kImageHeaderBytes;
static_assert(contract::kFlashUpdateSizeBytes == contract::kFlashFirmwareSizeBytes, "an image must fit both slots");

struct ImageHeader {
  static constexpr std::size_t kBytes = contract::kImageHeaderBytes;
  static constexpr std::size_t kSignedBytes = 188;
  static constexpr std::size_t kValidWordOffset = 252;
  static constexpr std::uint32_t kMagic = 0x31495354;
  static constexpr std::uint32_t kValidWord = 0x444C4156;  // far from all ones and from all zeros

  std::uint32_t program_bytes = 0;  ///< multiple of 4
  std::uint32_t entry = 0;
  std::uint32_t version = 0;
  ByteArray<32> program_sha256{};
  ByteArray<64> signature{};

  std::uint32_t image_bytes() const { return static_cast<std::uint32_t>(kBytes) + program_bytes; }
  /// Bytes 0..188, what is signed.
  void write_signed_part(MutableBytes out188) const;
  /// The BIP340 message of the vendor's signature over a header's first 188 bytes.
  static ByteArray<32> digest(Bytes signed_part188);

  /// Reads the first 256 of `untrusted_image`; what follows is not looked at. Errors: kTooLarge (shorter than a header, or
  /// its program is larger than a slot), kState (no valid word: nothing there, or torn), kBadFormat,
  /// kOutOfRange (version).
  static Result<ImageHeader> parse(Bytes untrusted_image);
};

/// A whole image at the beginning of `untrusted_slot`: header, vendor's signature, then the program's hash. Whether its
/// version may run is the caller's business. Errors: those of parse(), kBadSignature, kTooLarge (the program is cut off),
/// kMismatch (hash), kDevice.
Result<ImageHeader> verify_image(Bytes untrusted_slot, const crypto::XOnlyPoint& vendor_key, crypto::Curve& curve);
/// The last step alone. Errors: kTooLarge, kMismatch.
Status verify_program(Bytes untrusted_slot, const ImageHeader& header);

}  // namespace touchstone::firmware
