#pragma once

#include "mcu/elf_image.h"

namespace touchstone::sim {

/// The card's firmware as this build cross-compiled it, carried inside the program: a run needs no file beside it.
const models::ElfImage& card_firmware();

}  // namespace touchstone::sim
