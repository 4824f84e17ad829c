// Signed images: one good one, and everything that must not pass for one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "curve_host/host_curve.h"
#include "identity/development_vendor.h"
#include "image_builder/image_builder.h"
#include "signed_image/image_header.h"
#include "support/elf_file.h"
#include "support/hex.h"

namespace touchstone::firmware {
namespace {

using ::testing::HasSubstr;

/// An ELF file with one segment.
std::vector<std::uint8_t> elf_file(std::uint32_t address, std::uint32_t size_bytes, std::uint16_t machine = 243) {
  std::vector<std::uint8_t> program(size_bytes);
  for (std::uint32_t i = 0; i < size_bytes; ++i) program[i] = static_cast<std::uint8_t>(i * 7);
  return test::elf_file(address, program, machine);
}

std::variant<ImageBytes, std::string> build(std::uint32_t address, std::uint32_t size_bytes, std::uint32_t version = 3) {
  return build_image(std::get<ElfImage>(ElfImage::parse(elf_file(address, size_bytes))), version, identity::development_vendor_secret());
}

ImageBytes good_image() { return std::get<ImageBytes>(build(kLoadAddress, 1001)); }

Result<ImageHeader> verify(Bytes image) {
  crypto::HostCurve curve;
  return verify_image(image, identity::development_vendor_key(), curve);
}

TEST(SignedImage, ReadsBack) {
  const ImageBytes image = good_image();
  EXPECT_EQ(image.size(), 256u + 1004u);
  const auto header = verify(image);
  ASSERT_TRUE(header) << header.error().what;
  EXPECT_EQ(header->version, 3u);
  EXPECT_EQ(header->entry, kLoadAddress);
  EXPECT_EQ(header->program_bytes, 1004u);
  EXPECT_EQ(image, good_image());  // the same input gives the same bytes
  EXPECT_EQ(check_image(image, identity::development_vendor_key()), "");
}

TEST(SignedImage, AFlippedBitAnywhereIsRefused) {
  const ImageBytes image = good_image();
  for (std::size_t byte = 0; byte < image.size(); byte += byte < ImageHeader::kBytes ? 1 : 97)
    for (int bit : {0, 3, 7}) {
      ImageBytes changed = image;
      changed[byte] = static_cast<std::uint8_t>(changed[byte] ^ 1 << bit);
      EXPECT_FALSE(verify(changed)) << "byte " << byte << " bit " << bit;
    }
}

TEST(SignedImage, SaysWhatIsWrong) {
  ImageBytes image = good_image();
  EXPECT_EQ(verify(Bytes(image).first(255)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(verify(Bytes(image).first(image.size() - 1)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(verify(ImageBytes(2000, 0xFF)).error().code, ErrorCode::kState);
  image.back() ^= 1;
  EXPECT_EQ(verify(image).error().code, ErrorCode::kMismatch);
  image = good_image();
  image[20] = 4;  // a newer version than was signed
  EXPECT_EQ(verify(image).error().code, ErrorCode::kBadSignature);
  EXPECT_THAT(check_image(image, identity::development_vendor_key()), HasSubstr("--key"));
  image = good_image();
  EXPECT_THAT(check_image(image, identity::x_only_key(crypto::Scalar::from_u32(9))), HasSubstr("not signed by the vendor"));
  image.push_back(0);
  EXPECT_THAT(check_image(image, identity::development_vendor_key()), HasSubstr("1 bytes follow"));
}

// A header that is signed and yet makes no sense must not lead anywhere either.
TEST(SignedImage, RefusesSignedNonsense) {
  const auto header_with = [](auto change) {
    ImageBytes image = good_image();
    ImageHeader header = ImageHeader::parse(image).value();
    change(header);
    header.write_signed_part(MutableBytes(image).first(ImageHeader::kSignedBytes));
    const auto signature = *crypto::schnorr_sign(identity::development_vendor_secret(),
                                                 ImageHeader::digest(Bytes(image).first(ImageHeader::kSignedBytes)), ByteArray<32>{});
    std::copy(signature.begin(), signature.end(), image.begin() + ImageHeader::kSignedBytes);
    return verify(image);
  };
  EXPECT_TRUE(header_with([](ImageHeader&) {}));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.version = 0; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.version = kMaxFirmwareVersion + 1; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.entry = kLoadAddress - 2; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.entry = kLoadAddress + h.program_bytes; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.entry += 1; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.program_bytes = 0; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.program_bytes = 1000; }));
  EXPECT_FALSE(header_with([](ImageHeader& h) { h.program_bytes = 0xFFFFFFFC; }));
}

TEST(ImageBuilder, RefusesWhatDoesNotFit) {
  EXPECT_THAT(std::get<std::string>(build(contract::kFlashBase, 16)), HasSubstr("not in the program slot"));
  EXPECT_THAT(std::get<std::string>(build(contract::kRamBase, 16)), HasSubstr("not in the program slot"));
  EXPECT_THAT(std::get<std::string>(build(kLoadAddress, kMaxProgramBytes + 1)), HasSubstr("not in the program slot"));
  EXPECT_TRUE(std::holds_alternative<ImageBytes>(build(kLoadAddress, kMaxProgramBytes)));
  EXPECT_THAT(std::get<std::string>(build(kLoadAddress, 16, 0)), HasSubstr("version 0"));
  EXPECT_THAT(std::get<std::string>(build(kLoadAddress, 16, 129)), HasSubstr("version 129"));
  EXPECT_THAT(std::get<std::string>(ElfImage::parse(elf_file(kLoadAddress, 16, 62))), HasSubstr("not for RISC-V: machine 62"));
}

}  // namespace
}  // namespace touchstone::firmware
