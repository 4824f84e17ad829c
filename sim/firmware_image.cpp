#include "sim/firmware_image.h"

#include "base/check.h"
#include "crypto/sha256.h"
#include "source_lines/source_lines.h"
#include "wallet/encoding.h"

extern "C" const std::uint8_t touchstone_card_elf[], touchstone_card_elf_end[];

namespace touchstone::sim {

Bytes card_firmware_elf() { return Bytes(touchstone_card_elf, static_cast<std::size_t>(touchstone_card_elf_end - touchstone_card_elf)); }

const models::ElfImage& card_firmware() {
  static const models::ElfImage image = [] {
    auto parsed = models::ElfImage::parse(card_firmware_elf());
    TS_CHECK(std::holds_alternative<models::ElfImage>(parsed), "the built-in firmware is no ELF image");
    return std::get<models::ElfImage>(std::move(parsed));
  }();
  return image;
}

std::string card_source_lines_csv(const std::set<std::uint32_t>& addresses) {
  std::string out = "address,function,file,line\n";
  if (addresses.empty()) return out;
  static const auto lines = SourceLines::load(card_firmware_elf());
  if (!lines) return out;  // a firmware without debug information runs as well
  for (const std::uint32_t address : addresses)
    if (const auto place = lines->at(address); place && !place->file.empty())
      out += std::to_string(address) + "," + place->function + "," + place->file + "," + std::to_string(place->line) + "\n";
  return out;
}

std::string card_firmware_sha256() { return wallet::to_hex(crypto::sha256(card_firmware_elf())); }

}  // namespace touchstone::sim
