// ElfImage: what an ELF32 RISC-V executable wants in memory. The file is untrusted: every defect is an error that says what
// is wrong and where (byte offset), never a crash.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace touchstone {

class ElfImage {
 public:
  struct Segment {
    std::uint32_t address;                ///< physical (p_paddr): where the bytes lie before start-up code moves them
    std::vector<std::uint8_t> bytes;      ///< p_filesz bytes; the rest up to p_memsz is left to start-up code
  };

  /// The image, or a sentence about the defect.
  static std::variant<ElfImage, std::string> parse(Bytes untrusted_file);
  /// As parse(); the sentence begins with the path. Files above 64 MB are refused.
  static std::variant<ElfImage, std::string> read(const std::filesystem::path& path);

  std::uint32_t entry() const { return entry_; }
  const std::vector<Segment>& segments() const { return segments_; }

  struct Region {
    std::string name;
    std::uint32_t base;
    MutableBytes bytes;
  };
  /// Copies every segment into the region that holds it whole; else an error sentence (empty: all well, nothing is copied
  /// before everything fits).
  std::string load(const std::vector<Region>& regions) const;

 private:
  std::uint32_t entry_ = 0;
  std::vector<Segment> segments_;
};

}  // namespace touchstone
