// Making and reading signed images on the host: for the build, the tool touchstone-image and the simulator. Host only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "elf/elf_image.h"
#include "signed_image/image_header.h"

namespace touchstone::firmware {

using ImageBytes = std::vector<std::uint8_t>;

/// Header and program, signed; or a sentence: what does not fit the slot, a version that is not in 1..128. Gaps between
/// segments are filled with ones, as erased flash. Same input, same bytes.
std::variant<ImageBytes, std::string> build_image(const ElfImage& program, std::uint32_t version,
                                                  const crypto::Scalar& vendor_secret);

/// What is wrong with an image and what to do about it; empty for a good one.
std::string check_image(Bytes untrusted_image, const crypto::XOnlyPoint& vendor_key);

/// Reads a file that is a signed image, or an ELF file, which is signed here with `version` and `vendor_secret`. The bytes of
/// an image are given as they are, good or bad; but one cut off is refused. Else a sentence that begins with the path.
std::variant<ImageBytes, std::string> read_firmware(const std::filesystem::path& path, std::uint32_t version,
                                                    const crypto::Scalar& vendor_secret);

}  // namespace touchstone::firmware
