// SourceLines against binutils' objdump and nm, on a program for the card; and against files that are none.
#include "source_lines/source_lines.h"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "support/command.h"

namespace touchstone {
namespace {

std::string output_of(const std::string& command) {
  const test::Outcome outcome = test::run_command(command);
  EXPECT_EQ(outcome.exit_code, 0) << command;
  return outcome.output;
}

const SourceLines& hello() {
  static const auto lines = SourceLines::load(std::filesystem::path(HELLO_ELF));
  return *lines;
}

TEST(SourceLines, AgreesWithObjdumpAtEveryRow) {
  std::istringstream theirs(output_of("riscv64-unknown-elf-objdump --dwarf=decodedline " HELLO_ELF));
  std::map<std::uint32_t, std::string> rows;  // the last row of an address holds
  for (std::string text; std::getline(theirs, text);) {
    std::istringstream fields(text);
    std::string file, line, address;
    if (!(fields >> file >> line >> address) || !address.starts_with("0x2") || address.size() != 10 || line == "-") continue;
    rows[static_cast<std::uint32_t>(std::stoul(address, nullptr, 16))] = file + ":" + line;
  }
  ASSERT_GT(rows.size(), 100u);
  for (const auto& [pc, expected] : rows) {
    const auto place = hello().at(pc);
    ASSERT_TRUE(place) << std::hex << pc;
    EXPECT_EQ(std::filesystem::path(place->file).filename().string() + ":" + std::to_string(place->line), expected) << std::hex << pc;
    EXPECT_EQ(hello().at(pc + 1)->line, place->line) << "inside an instruction";
  }
}

TEST(SourceLines, KnowsTheFunctionOfEverySymbol) {
  std::istringstream theirs(output_of("riscv64-unknown-elf-nm " HELLO_ELF));
  std::string address, type, name;
  unsigned functions = 0;
  while (theirs >> address >> type >> name) {
    // Mangled names are shown otherwise; the tables at the end lie in the text section, too.
    if ((type != "T" && type != "t") || name.starts_with("_Z") || name.starts_with("__init")) continue;
    const auto place = hello().at(static_cast<std::uint32_t>(std::stoul(address, nullptr, 16)));
    ASSERT_TRUE(place) << name;
    EXPECT_EQ(place->function, name);
    ++functions;
  }
  EXPECT_GE(functions, 5u);
}

TEST(SourceLines, DemanglesNamesAndDropsTheirArguments) {
  std::set<std::string> names;
  for (std::uint32_t pc = 0x20000000; pc < 0x20000800; pc += 2)
    if (const auto place = hello().at(pc)) names.insert(place->function);
  EXPECT_TRUE(names.contains("(anonymous namespace)::find"));
  EXPECT_TRUE(names.contains("void std::__insertion_sort<int*, __gnu_cxx::__ops::_Iter_less_iter>"));
}

TEST(SourceLines, NamesFilesRelativeToTheSourceTree) {
  bool found = false;
  for (std::uint32_t pc = 0x20000000; pc < 0x20000800 && !found; pc += 2)
    if (const auto place = hello().at(pc)) found = place->function == "main" && place->file == "models/mcu/programs/hello.cpp" && place->line > 0;
  EXPECT_TRUE(found);
  EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(TS_SOURCES) / "models/mcu/programs/hello.cpp"));
}

TEST(SourceLines, KnowsNothingOutsideTheCode) {
  EXPECT_FALSE(hello().at(0));
  EXPECT_FALSE(hello().at(0x1FFFFFFE));
  EXPECT_FALSE(hello().at(0x80000000));
  EXPECT_FALSE(hello().at(0xFFFFFFFE));
}

TEST(SourceLines, RefusesWhatIsNoElfFileAndSurvivesDamage) {
  EXPECT_EQ(SourceLines::load(Bytes()).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(SourceLines::load(std::filesystem::path("/etc/hostname")).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(SourceLines::load(std::filesystem::path("/no/such.elf")).error().code, ErrorCode::kDevice);

  std::ifstream stream(HELLO_ELF, std::ios::binary);
  const std::vector<std::uint8_t> whole{std::istreambuf_iterator<char>(stream), {}};
  for (std::size_t size : {std::size_t{4}, std::size_t{52}, whole.size() / 2, whole.size() - 100}) {
    const auto lines = SourceLines::load(Bytes(whole).first(size));
    if (lines.ok()) (void)lines->at(0x20000000);
  }
  for (std::size_t at = 0; at < whole.size(); at += 997) {
    std::vector<std::uint8_t> damaged = whole;
    damaged[at] ^= 0xFF;
    const auto lines = SourceLines::load(Bytes(damaged));
    if (lines.ok()) (void)lines->at(0x20000010);
  }
}

}  // namespace
}  // namespace touchstone
