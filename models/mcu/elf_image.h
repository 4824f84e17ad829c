// ElfImage under the name by which the models know it (core/elf).
#pragma once

#include "elf/elf_image.h"

namespace touchstone::models {

using touchstone::ElfImage;

}  // namespace touchstone::models
