#include "sim/firmware_image.h"

#include "base/check.h"

extern "C" const std::uint8_t touchstone_card_elf[], touchstone_card_elf_end[];

namespace touchstone::sim {

const models::ElfImage& card_firmware() {
  static const models::ElfImage image = [] {
    auto parsed = models::ElfImage::parse(Bytes(touchstone_card_elf, static_cast<std::size_t>(touchstone_card_elf_end - touchstone_card_elf)));
    TS_CHECK(std::holds_alternative<models::ElfImage>(parsed), "the built-in firmware is no ELF image");
    return std::get<models::ElfImage>(std::move(parsed));
  }();
  return image;
}

}  // namespace touchstone::sim
