#include "signed_image/image_header.h"

#include <algorithm>

#include "base/secret.h"
#include "crypto/bip340.h"
#include "crypto/sha256.h"

namespace touchstone::firmware {
namespace {

constexpr crypto::HashTag kImageTag("touchstone/firmware image");
constexpr std::uint16_t kHeaderVersion = 1;

}  // namespace

void ImageHeader::write_signed_part(MutableBytes out188) const {
  ByteWriter w(out188);
  w.le32(kMagic);
  w.le16(kHeaderVersion);
  w.le16(kBytes);
  w.le32(program_bytes);
  w.le32(kLoadAddress);
  w.le32(entry);
  w.le32(version);
  w.put(program_sha256);
  while (w.size() < kSignedBytes) w.u8(0);
  TS_CHECK(!w.failed() && out188.size() == kSignedBytes, "the signed part has 188 bytes");
}

ByteArray<32> ImageHeader::digest(Bytes signed_part188) { return crypto::tagged_hash(kImageTag, signed_part188); }

Result<ImageHeader> ImageHeader::parse(Bytes untrusted_image) {
  if (untrusted_image.size() < kBytes) return Error{ErrorCode::kTooLarge, "shorter than an image header"};
  if (load_le32(&untrusted_image[kValidWordOffset]) != kValidWord)
    return Error{ErrorCode::kState, "no valid word: not a whole image"};
  ByteReader r(untrusted_image.first(kBytes));
  if (r.le32() != kMagic) return Error{ErrorCode::kBadFormat, "no image magic"};
  if (r.le16() != kHeaderVersion || r.le16() != kBytes)
    return Error{ErrorCode::kBadFormat, "unknown version of the image header"};
  ImageHeader out;
  out.program_bytes = r.le32();
  if (r.le32() != kLoadAddress) return Error{ErrorCode::kBadFormat, "made for another load address"};
  out.entry = r.le32();
  out.version = r.le32();
  r.copy(out.program_sha256);
  for (std::uint8_t zero : r.take(kSignedBytes - r.position()))
    if (zero != 0) return Error{ErrorCode::kBadFormat, "the reserved bytes are not zero"};
  r.copy(out.signature);
  if (out.program_bytes == 0 || out.program_bytes % 4 != 0)
    return Error{ErrorCode::kBadFormat, "the program is not a number of words"};
  if (out.program_bytes > kMaxProgramBytes) return Error{ErrorCode::kTooLarge, "the program does not fit its slot"};
  if (out.entry % 2 != 0 || out.entry - kLoadAddress >= out.program_bytes)
    return Error{ErrorCode::kBadFormat, "the entry point is not in the program"};
  if (out.version == 0 || out.version > kMaxFirmwareVersion)
    return Error{ErrorCode::kOutOfRange, "the firmware version is not in 1..128"};
  return out;
}

Status verify_program(Bytes untrusted_slot, const ImageHeader& header) {
  if (untrusted_slot.size() < header.image_bytes()) return Error{ErrorCode::kTooLarge, "the program is cut off"};
  const auto hash = crypto::sha256(untrusted_slot.subspan(ImageHeader::kBytes, header.program_bytes));
  if (hash != header.program_sha256) return Error{ErrorCode::kMismatch, "the program is not what was signed"};
  return {};
}

Result<ImageHeader> verify_image(Bytes untrusted_slot, const crypto::XOnlyPoint& vendor_key, crypto::Curve& curve) {
  const Result<ImageHeader> header = ImageHeader::parse(untrusted_slot);
  TS_RETURN_IF_ERROR(header);
  const auto digest = ImageHeader::digest(untrusted_slot.first(ImageHeader::kSignedBytes));
  const Status authentic = crypto::bip340_verify(curve, vendor_key, digest, header->signature);
  if (!authentic) {
    if (authentic.error().code == ErrorCode::kDevice) return authentic.error();
    return Error{ErrorCode::kBadSignature, "not signed by the vendor"};
  }
  TS_RETURN_IF_ERROR(verify_program(untrusted_slot, *header));
  return header;
}

}  // namespace touchstone::firmware
