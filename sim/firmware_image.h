#pragma once

#include <string>

#include "base/bytes.h"
#include "mcu/elf_image.h"

namespace touchstone::sim {

/// The card's firmware as this build cross-compiled it, carried inside the program: a run needs no file beside it.
const models::ElfImage& card_firmware();
/// The ELF file it was read from, and its hash in hex.
Bytes card_firmware_elf();
std::string card_firmware_sha256();

}  // namespace touchstone::sim
