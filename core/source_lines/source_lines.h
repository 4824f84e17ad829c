// SourceLines: from a program counter to file, line and function, by the ELF file's DWARF line table and symbols (elfutils'
// libdw). Everything is read at once; look-ups touch no file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone {

class SourceLines {
 public:
  struct Place {
    std::string file;      ///< as the compiler was told, relative to the source tree for our firmware; empty: no debug information
    int line = 0;          ///< of inlined code its own line; 0: unknown
    std::string function;  ///< the symbol that holds the instruction, demangled, without arguments; empty: none
  };

  /// Errors: kBadFormat (not ELF, or damaged), kUnsupported (no symbols and no line table: stripped).
  static Result<SourceLines> load(Bytes untrusted_elf);
  /// Also kDevice: the file cannot be read.
  static Result<SourceLines> load(const std::filesystem::path& elf);

  /// Nothing when neither the line table nor the symbols know the address.
  std::optional<Place> at(std::uint32_t pc) const;

 private:
  struct Row {
    std::uint32_t address;
    std::uint32_t file;  // index; kEnd: a sequence ends here
    int line;
  };
  struct Function {
    std::uint32_t first, end;
    std::string name;
  };
  static constexpr std::uint32_t kEnd = ~0u;
  friend class SourceLinesReader;

  std::vector<std::string> files_;
  std::vector<Row> rows_;            // ascending by address; of rows at one address the last one holds
  std::vector<Function> functions_;  // ascending, apart
};

}  // namespace touchstone
