#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/bytes.h"
#include "image_builder/image_builder.h"

namespace touchstone::sim {

/// A signed image of the card's firmware, by the development vendor: of `file` (an ELF file, signed here, or an image, taken as
/// it is), or, where that is empty, of the firmware as this build cross-compiled it and carries it inside. Throws InputError.
firmware::ImageBytes card_firmware(std::uint32_t version, const std::string& file = {});
/// The same, signed with a key the boot ROM does not know.
firmware::ImageBytes forged_firmware(std::uint32_t version, const std::string& file = {});
/// The ELF file that is carried inside, and its hash in hex.
Bytes card_firmware_elf();
std::string card_firmware_sha256();
/// address,function,file,line of those of the addresses that its line table knows, so that a run folder explains itself.
/// Of `file`, or where that is empty of the built-in one; a firmware without debug information, such as an image, has no lines.
std::string card_source_lines_csv(const std::set<std::uint32_t>& addresses, const std::string& file = {});

}  // namespace touchstone::sim
