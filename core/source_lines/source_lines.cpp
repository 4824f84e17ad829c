#include "source_lines/source_lines.h"

#include <cxxabi.h>
#include <elfutils/libdw.h>
#include <gelf.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>

namespace touchstone {

namespace {

// "f(int)" -> "f", "(anonymous namespace)::g(char)" -> "(anonymous namespace)::g".
std::string without_arguments(const std::string& name) {
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<') ++depth;
    if (name[i] == '>' && (i == 0 || name[i - 1] != '-')) --depth;
    if (name[i] != '(' || depth > 0) continue;
    if (name.compare(i, 21, "(anonymous namespace)") == 0) i += 20;
    else if (i >= 8 && name.compare(i - 8, 10, "operator()") == 0) ++i;
    else return name.substr(0, i);
  }
  return name;
}

std::string demangled(const char* symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(abi::__cxa_demangle(symbol, nullptr, nullptr, &status), &std::free);
  return status == 0 && text ? without_arguments(text.get()) : symbol;
}

// A compiler cache may have made the path relative to the build folder; leading ".." then lead to the source tree.
std::string tidy(const char* file) {
  const std::filesystem::path path = std::filesystem::path(file).lexically_normal();
  std::filesystem::path result;
  for (const auto& part : path)
    if (part != "..") result /= part;
  return result.string();
}

}  // namespace

class SourceLinesReader {
 public:
  explicit SourceLinesReader(Elf* elf) : elf_(elf) {}

  bool read() {
    read_sections();
    read_lines();
    return !lines_.rows_.empty() || !lines_.functions_.empty();
  }
  SourceLines take() { return std::move(lines_); }

 private:
  using Row = SourceLines::Row;

  // What the linker dropped keeps its debug information, at addresses near 0: only code that is loaded counts.
  bool is_code(std::uint64_t address) const {
    return std::any_of(code_.begin(), code_.end(), [&](const auto& range) { return address >= range.first && address < range.second; });
  }

  void read_sections() {
    std::vector<Elf_Scn*> symbol_sections;
    for (Elf_Scn* section = elf_nextscn(elf_, nullptr); section != nullptr; section = elf_nextscn(elf_, section)) {
      GElf_Shdr header;
      if (gelf_getshdr(section, &header) == nullptr) continue;
      if ((header.sh_flags & SHF_EXECINSTR) && (header.sh_flags & SHF_ALLOC)) code_.emplace_back(header.sh_addr, header.sh_addr + header.sh_size);
      if (header.sh_type == SHT_SYMTAB) symbol_sections.push_back(section);
    }
    for (Elf_Scn* section : symbol_sections) read_symbols(section);
    finish_functions();
  }

  void read_symbols(Elf_Scn* section) {
    GElf_Shdr header;
    Elf_Data* data = elf_getdata(section, nullptr);
    if (data == nullptr || gelf_getshdr(section, &header) == nullptr || header.sh_entsize == 0) return;
    const auto count = static_cast<int>(header.sh_size / header.sh_entsize);
    for (int i = 0; i < count; ++i) {
      GElf_Sym symbol;
      if (gelf_getsym(data, i, &symbol) == nullptr || !is_code(symbol.st_value)) continue;
      const int type = GELF_ST_TYPE(symbol.st_info);
      const char* name = elf_strptr(elf_, header.sh_link, symbol.st_name);
      // Labels of assembly have no type; '$' and '.' begin those that mark code and data or are the assembler's own.
      if (name == nullptr || *name == 0 || *name == '$' || *name == '.' || (type != STT_FUNC && type != STT_NOTYPE)) continue;
      const auto first = static_cast<std::uint32_t>(symbol.st_value);
      SourceLines::Function& known = functions_[first];
      const std::uint32_t end = first + static_cast<std::uint32_t>(symbol.st_size);
      // Of several names of one address a function's wins over a label's, then the first.
      if (known.name.empty() || (known.end == known.first && end != first)) known = {first, end, demangled(name)};
    }
  }

  // A symbol without size reaches to the next one, and at most to the end of its section.
  void finish_functions() {
    for (auto at = functions_.begin(); at != functions_.end(); ++at) {
      SourceLines::Function& f = at->second;
      const auto next = std::next(at);
      if (f.end == f.first) {
        for (const auto& [first, end] : code_)
          if (f.first >= first && f.first < end) f.end = static_cast<std::uint32_t>(end);
      }
      if (next != functions_.end()) f.end = std::min(f.end, next->first);
      lines_.functions_.push_back(f);
    }
  }

  void read_lines() {
    Dwarf* dwarf = dwarf_begin_elf(elf_, DWARF_C_READ, nullptr);
    if (dwarf == nullptr) return;
    Dwarf_Off offset = 0, next = 0;
    std::size_t header_bytes = 0;
    while (dwarf_nextcu(dwarf, offset, &next, &header_bytes, nullptr, nullptr, nullptr) == 0) {
      Dwarf_Die unit;
      Dwarf_Lines* lines = nullptr;
      std::size_t count = 0;
      if (dwarf_offdie(dwarf, offset + header_bytes, &unit) != nullptr && dwarf_getsrclines(&unit, &lines, &count) == 0)
        for (std::size_t i = 0; i < count; ++i) read_line(dwarf_onesrcline(lines, i));
      offset = next;
    }
    dwarf_end(dwarf);
    // Where one sequence ends and the next begins, the beginning holds.
    std::stable_sort(lines_.rows_.begin(), lines_.rows_.end(), [](const Row& a, const Row& b) {
      return a.address != b.address ? a.address < b.address : a.file == SourceLines::kEnd && b.file != SourceLines::kEnd;
    });
  }

  void read_line(Dwarf_Line* line) {
    Dwarf_Addr address = 0;
    bool end = false;
    int number = 0;
    if (line == nullptr || dwarf_lineaddr(line, &address) != 0 || dwarf_lineendsequence(line, &end) != 0) return;
    if (!is_code(end ? address - 1 : address)) return;
    const char* file = dwarf_linesrc(line, nullptr, nullptr);
    if (!end && (file == nullptr || dwarf_lineno(line, &number) != 0)) return;
    lines_.rows_.push_back({static_cast<std::uint32_t>(address), end ? SourceLines::kEnd : file_index(file), number});
  }

  std::uint32_t file_index(const char* file) {
    const auto [at, is_new] = file_numbers_.try_emplace(file, static_cast<std::uint32_t>(lines_.files_.size()));
    if (is_new) lines_.files_.push_back(tidy(file));
    return at->second;
  }

  Elf* elf_;
  SourceLines lines_;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> code_;
  std::map<std::uint32_t, SourceLines::Function> functions_;
  std::map<std::string, std::uint32_t> file_numbers_;
};

Result<SourceLines> SourceLines::load(Bytes untrusted_elf) {
  if (elf_version(EV_CURRENT) == EV_NONE) return Error{ErrorCode::kUnsupported, "libelf is too old"};
  // libelf wants memory it may write to.
  std::vector<char> copy(untrusted_elf.begin(), untrusted_elf.end());
  const std::unique_ptr<Elf, decltype(&elf_end)> elf(elf_memory(copy.data(), copy.size()), &elf_end);
  if (elf == nullptr || elf_kind(elf.get()) != ELF_K_ELF) return Error{ErrorCode::kBadFormat, "not an ELF file"};
  SourceLinesReader reader(elf.get());
  if (!reader.read()) return Error{ErrorCode::kUnsupported, "no symbols and no line table: the file was stripped"};
  return reader.take();
}

Result<SourceLines> SourceLines::load(const std::filesystem::path& elf) {
  std::ifstream stream(elf, std::ios::binary);
  const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
  if (!stream) return Error{ErrorCode::kDevice, "the file cannot be read"};
  return load(Bytes(bytes));
}

std::optional<SourceLines::Place> SourceLines::at(std::uint32_t pc) const {
  Place place;
  const auto row = std::upper_bound(rows_.begin(), rows_.end(), pc, [](std::uint32_t address, const Row& r) { return address < r.address; });
  if (row != rows_.begin() && std::prev(row)->file != kEnd) {
    place.file = files_[std::prev(row)->file];
    place.line = std::prev(row)->line;
  }
  const auto f = std::upper_bound(functions_.begin(), functions_.end(), pc, [](std::uint32_t address, const Function& g) { return address < g.first; });
  if (f != functions_.begin() && pc < std::prev(f)->end) place.function = std::prev(f)->name;
  if (place.file.empty() && place.function.empty()) return std::nullopt;
  return place;
}

}  // namespace touchstone
