#include "sim/firmware_image.h"

#include <fstream>
#include <iterator>
#include <vector>

#include "base/check.h"
#include "crypto/sha256.h"
#include "identity/development_vendor.h"
#include "sim/input_files.h"
#include "sim/yaml_table.h"
#include "source_lines/source_lines.h"
#include "wallet/encoding.h"

extern "C" const std::uint8_t touchstone_card_elf[], touchstone_card_elf_end[];

namespace touchstone::sim {

Bytes card_firmware_elf() { return Bytes(touchstone_card_elf, static_cast<std::size_t>(touchstone_card_elf_end - touchstone_card_elf)); }

namespace {

firmware::ImageBytes signed_image(std::uint32_t version, const std::string& file, const crypto::Scalar& vendor) {
  if (!file.empty()) {
    auto image = firmware::read_firmware(InputFiles::instance().at(file), version, vendor);
    if (const auto* defect = std::get_if<std::string>(&image)) throw InputError("--firmware", *defect);
    return std::get<firmware::ImageBytes>(std::move(image));
  }
  const auto elf = ElfImage::parse(card_firmware_elf());
  TS_CHECK(std::holds_alternative<ElfImage>(elf), "the built-in firmware is no ELF image");
  auto image = firmware::build_image(std::get<ElfImage>(elf), version, vendor);
  TS_CHECK(std::holds_alternative<firmware::ImageBytes>(image), "the built-in firmware does not fit its slot");
  return std::get<firmware::ImageBytes>(std::move(image));
}

}  // namespace

firmware::ImageBytes card_firmware(std::uint32_t version, const std::string& file) {
  return signed_image(version, file, identity::development_vendor_secret());
}

firmware::ImageBytes forged_firmware(std::uint32_t version, const std::string& file) { return signed_image(version, file, crypto::Scalar::from_u32(7)); }

std::string card_source_lines_csv(const std::set<std::uint32_t>& addresses, const std::string& file) {
  std::string out = "address,function,file,line\n";
  if (addresses.empty()) return out;
  std::vector<std::uint8_t> other;
  if (!file.empty()) {
    std::ifstream in(InputFiles::instance().at(file), std::ios::binary);
    other.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto lines = SourceLines::load(file.empty() ? card_firmware_elf() : Bytes(other));
  if (!lines) return out;
  for (const std::uint32_t address : addresses)
    if (const auto place = lines->at(address); place && !place->file.empty())
      out += std::to_string(address) + "," + place->function + "," + place->file + "," + std::to_string(place->line) + "\n";
  return out;
}

std::string card_firmware_sha256() { return wallet::to_hex(crypto::sha256(card_firmware_elf())); }

}  // namespace touchstone::sim
