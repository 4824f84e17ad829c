#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "base/bytes.h"
#include "mcu/elf_image.h"

namespace touchstone::sim {

/// The card's firmware as this build cross-compiled it, carried inside the program: a run needs no file beside it.
const models::ElfImage& card_firmware();
/// The ELF file it was read from, and its hash in hex.
Bytes card_firmware_elf();
std::string card_firmware_sha256();
/// address,function,file,line of those of the addresses that its line table knows, so that a run folder explains itself.
std::string card_source_lines_csv(const std::set<std::uint32_t>& addresses);

}  // namespace touchstone::sim
