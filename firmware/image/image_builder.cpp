#include "image_builder/image_builder.h"

#include <algorithm>
#include <cstdio>

#include "crypto/sha256.h"
#include "curve_host/host_curve.h"
#include "elf/read_file.h"

namespace touchstone::firmware {
namespace {

std::string hex32(std::uint32_t value) {
  char text[16];
  std::snprintf(text, sizeof text, "0x%08x", static_cast<unsigned>(value));
  return text;
}

std::string advice(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadSignature: return "make it with the key that belongs to this build's boot ROM (touchstone image make ... --key FILE)";
    case ErrorCode::kOutOfRange: return "give --version 1..128";
    default: return "make it again (touchstone image make)";
  }
}

}  // namespace

std::variant<ImageBytes, std::string> build_image(const ElfImage& program, std::uint32_t version,
                                                  const crypto::Scalar& vendor_secret) {
  if (version == 0 || version > kMaxFirmwareVersion)
    return "version " + std::to_string(version) + " is not in 1.." + std::to_string(kMaxFirmwareVersion);
  std::uint32_t end = kLoadAddress;
  for (const ElfImage::Segment& s : program.segments()) {
    const std::uint64_t segment_end = std::uint64_t{s.address} + s.bytes.size();
    if (s.address < kLoadAddress || segment_end > std::uint64_t{kLoadAddress} + kMaxProgramBytes)
      return "segment " + hex32(s.address) + ".." + hex32(static_cast<std::uint32_t>(segment_end - 1)) + " is not in the program slot " +
             hex32(kLoadAddress) + ".." + hex32(kLoadAddress + kMaxProgramBytes - 1) + ": link it with firmware/port/card.ld";
    end = std::max(end, static_cast<std::uint32_t>(segment_end));
  }
  ImageHeader header;
  header.program_bytes = (end - kLoadAddress + 3) / 4 * 4;
  header.entry = program.entry();
  header.version = version;
  ImageBytes image(header.image_bytes(), 0xFF);
  for (const ElfImage::Segment& s : program.segments())
    std::copy(s.bytes.begin(), s.bytes.end(), image.begin() + ImageHeader::kBytes + (s.address - kLoadAddress));
  header.program_sha256 = crypto::sha256(Bytes(image).subspan(ImageHeader::kBytes));
  header.write_signed_part(MutableBytes(image).first(ImageHeader::kSignedBytes));
  const auto digest = ImageHeader::digest(Bytes(image).first(ImageHeader::kSignedBytes));
  // Builds must be repeatable: no auxiliary randomness (BIP340 allows it).
  const auto signature = crypto::schnorr_sign(vendor_secret, digest, ByteArray<32>{});
  if (!signature) return std::string("the vendor's key is zero");
  std::copy(signature->begin(), signature->end(), image.begin() + ImageHeader::kSignedBytes);
  store_le32(&image[ImageHeader::kValidWordOffset], ImageHeader::kValidWord);
  return image;
}

std::string check_image(Bytes untrusted_image, const crypto::XOnlyPoint& vendor_key) {
  crypto::HostCurve curve;
  const auto header = verify_image(untrusted_image, vendor_key, curve);
  if (!header) return std::string(header.error().what) + "; " + advice(header.error().code);
  if (untrusted_image.size() != header->image_bytes())
    return std::to_string(untrusted_image.size() - header->image_bytes()) + " bytes follow the image; " + advice(ErrorCode::kBadFormat);
  return {};
}

std::variant<ImageBytes, std::string> read_firmware(const std::filesystem::path& path, std::uint32_t version,
                                                    const crypto::Scalar& vendor_secret) {
  auto file = read_file(path);
  if (const auto* defect = std::get_if<std::string>(&file)) return *defect;
  ImageBytes& bytes = std::get<ImageBytes>(file);
  const std::string prefix = path.string() + ": ";
  if (bytes.size() >= 4 && load_le32(bytes.data()) == ImageHeader::kMagic) {
    if (bytes.size() < ImageHeader::kBytes || bytes.size() < ImageHeader::kBytes + std::uint64_t{load_le32(&bytes[8])})
      return prefix + "truncated image: " + std::to_string(bytes.size()) + " bytes, its header says more; copy it again";
    if (bytes.size() > contract::kFlashFirmwareSizeBytes) return prefix + "larger than the image slot";
    return std::move(bytes);
  }
  const auto elf = ElfImage::parse(bytes);
  if (const auto* defect = std::get_if<std::string>(&elf)) return prefix + "no signed image, and as ELF " + *defect;
  auto image = build_image(std::get<ElfImage>(elf), version, vendor_secret);
  if (const auto* defect = std::get_if<std::string>(&image)) return prefix + *defect;
  return image;
}

}  // namespace touchstone::firmware
