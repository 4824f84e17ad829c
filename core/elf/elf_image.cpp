#include "elf/elf_image.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "elf/read_file.h"

namespace touchstone {

namespace {

// ELF32 (System V ABI, chapter 4) and the RISC-V psABI.
constexpr std::size_t kHeaderBytes = 52, kProgramHeaderBytes = 32;
constexpr std::uint16_t kTypeExecutable = 2, kMachineRiscv = 243;
constexpr std::uint32_t kLoad = 1;
constexpr std::uint32_t kFlagsFloat = 0x6, kFlagsRve = 0x8;

[[gnu::format(printf, 1, 2)]] std::string sentence(const char* format, ...) {
  char text[300];
  std::va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

std::string check_header(Bytes file) {
  const std::uint8_t* p = file.data();
  if (file.size() < 4 || p[0] != 0x7F || p[1] != 'E' || p[2] != 'L' || p[3] != 'F') return "not an ELF file (no ELF magic at byte 0)";
  if (file.size() < kHeaderBytes) return sentence("truncated: %zu bytes, the ELF header alone has %zu", file.size(), kHeaderBytes);
  if (p[4] != 1) return "not a 32-bit ELF file (class at byte 4)";
  if (p[5] != 1) return "not little-endian (data encoding at byte 5)";
  if (p[6] != 1) return sentence("unknown ELF version %u at byte 6", p[6]);
  if (const unsigned type = load_le16(p + 16); type != kTypeExecutable)
    return sentence("not an executable: type %u at byte 16 (link it fully, not position independent)", type);
  if (const unsigned machine = load_le16(p + 18); machine != kMachineRiscv)
    return sentence("not for RISC-V: machine %u at byte 18", machine);
  if (const std::uint32_t flags = load_le32(p + 36); flags & (kFlagsFloat | kFlagsRve))
    return sentence("needs an ABI the core has not (flags 0x%x at byte 36): build for -march=rv32imc -mabi=ilp32", static_cast<unsigned>(flags));
  if (load_le16(p + 44) != 0 && load_le16(p + 42) != kProgramHeaderBytes)
    return sentence("program headers of %u bytes at byte 42, expected %zu", load_le16(p + 42), kProgramHeaderBytes);
  return {};
}

}  // namespace

std::variant<ElfImage, std::string> ElfImage::parse(Bytes untrusted_file) {
  if (std::string defect = check_header(untrusted_file); !defect.empty()) return defect;
  const std::uint8_t* header = untrusted_file.data();
  const std::uint32_t table = load_le32(header + 28);
  const unsigned count = load_le16(header + 44);
  if (count == 0) return std::string("has no program headers (byte 44): an object file or a stripped debug file?");
  if (table + std::uint64_t{count} * kProgramHeaderBytes > untrusted_file.size())
    return sentence("truncated: %u program headers at byte %u go beyond the end at %zu", count, static_cast<unsigned>(table), untrusted_file.size());

  ElfImage image;
  image.entry_ = load_le32(header + 24);
  for (unsigned i = 0; i < count; ++i) {
    const std::size_t at = table + i * kProgramHeaderBytes;
    const std::uint8_t* p = untrusted_file.data() + at;
    if (load_le32(p) != kLoad) continue;
    const std::uint32_t offset = load_le32(p + 4), address = load_le32(p + 12), size = load_le32(p + 16), memory_size = load_le32(p + 20);
    if (size > memory_size)
      return sentence("segment %u (program header at byte %zu): file size %u is larger than memory size %u", i, at,
                      static_cast<unsigned>(size), static_cast<unsigned>(memory_size));
    if (std::uint64_t{offset} + size > untrusted_file.size())
      return sentence("truncated: segment %u (program header at byte %zu) needs bytes %u..%llu of %zu", i, at, static_cast<unsigned>(offset),
                      static_cast<unsigned long long>(offset) + size, untrusted_file.size());
    if (std::uint64_t{address} + size > 0x100000000ULL)
      return sentence("segment %u (program header at byte %zu) wraps around the end of the address space", i, at);
    if (size == 0) continue;
    const Bytes bytes = untrusted_file.subspan(offset, size);
    image.segments_.push_back({address, {bytes.begin(), bytes.end()}});
  }
  if (image.segments_.empty()) return std::string("has nothing to load (no PT_LOAD segment with contents)");
  const bool entry_loaded = std::any_of(image.segments_.begin(), image.segments_.end(), [&](const Segment& s) {
    return image.entry_ - s.address < s.bytes.size();
  });
  if (!entry_loaded || image.entry_ % 2 != 0)
    return sentence("entry point 0x%08x (byte 24) is not at an even address in a loaded segment", static_cast<unsigned>(image.entry_));
  return image;
}

std::variant<ElfImage, std::string> ElfImage::read(const std::filesystem::path& path) {
  const auto file = read_file(path);
  if (const std::string* defect = std::get_if<std::string>(&file)) return *defect;
  auto parsed = parse(std::get<std::vector<std::uint8_t>>(file));
  if (const std::string* defect = std::get_if<std::string>(&parsed)) return path.string() + ": " + *defect;
  return parsed;
}

std::string ElfImage::load(const std::vector<Region>& regions) const {
  const auto region_of = [&](const Segment& segment) -> const Region* {
    for (const Region& r : regions)
      if (segment.address >= r.base && std::uint64_t{segment.address} - r.base + segment.bytes.size() <= r.bytes.size()) return &r;
    return nullptr;
  };
  for (const Segment& segment : segments_) {
    if (region_of(segment) != nullptr) continue;
    std::string defect = sentence("segment 0x%08x..0x%08llx does not fit into", static_cast<unsigned>(segment.address),
                                  static_cast<unsigned long long>(segment.address) + segment.bytes.size() - 1);
    for (const Region& r : regions)
      defect += sentence("%s %s 0x%08x..0x%08llx", &r == &regions.front() ? "" : " or", r.name.c_str(), static_cast<unsigned>(r.base),
                         static_cast<unsigned long long>(r.base) + r.bytes.size() - 1);
    return defect;
  }
  for (const Segment& segment : segments_) {
    const Region& r = *region_of(segment);
    std::copy(segment.bytes.begin(), segment.bytes.end(), r.bytes.begin() + (segment.address - r.base));
  }
  return {};
}

}  // namespace touchstone
