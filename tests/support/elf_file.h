// ELF files made in a test: one segment of a RISC-V program, no more than a loader looks at.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "base/bytes.h"

namespace touchstone::test {

inline constexpr std::size_t kElfProgramOffset = 84;  // behind the file's header and one program header

/// `program` loaded and entered at `address`.
inline std::vector<std::uint8_t> elf_file(std::uint32_t address, Bytes program, std::uint16_t machine = 243) {
  constexpr std::uint8_t kIdent[] = {0x7F, 'E', 'L', 'F', 1, 1, 1};
  constexpr std::uint16_t kHeaderBytes = 52, kSegmentBytes = 32;
  const auto size_bytes = static_cast<std::uint32_t>(program.size());
  std::vector<std::uint8_t> file(kElfProgramOffset + program.size());
  std::copy(std::begin(kIdent), std::end(kIdent), file.begin());
  store_le16(&file[16], 2);  // an executable
  store_le16(&file[18], machine);
  store_le32(&file[20], 1);
  store_le32(&file[24], address);
  store_le32(&file[28], kHeaderBytes);  // where the program headers begin
  store_le16(&file[40], kHeaderBytes);
  store_le16(&file[42], kSegmentBytes);
  store_le16(&file[44], 1);
  std::uint8_t* segment = &file[kHeaderBytes];
  store_le32(segment, 1);  // to be loaded
  store_le32(segment + 4, kElfProgramOffset);
  store_le32(segment + 8, address);   // virtual
  store_le32(segment + 12, address);  // physical
  store_le32(segment + 16, size_bytes);
  store_le32(segment + 20, size_bytes);
  std::copy(program.begin(), program.end(), file.begin() + kElfProgramOffset);
  return file;
}

}  // namespace touchstone::test
