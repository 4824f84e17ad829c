// Programs of the card, run alone on its processor model by touchstone-sim, and the numbers that they print.
#pragma once

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace touchstone::tools {

struct NotBuilt : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What build/PRESET/firmware/`elf` prints. `options` of `touchstone mcu run`. Throws NotBuilt.
inline std::string output_of_mcu_program(const std::string& elf, const std::string& options) {
  namespace fs = std::filesystem;
  const fs::path bin = fs::read_symlink("/proc/self/exe").parent_path(), simulator = bin / "touchstone-sim",
                 program = bin.parent_path() / "firmware" / elf;
  for (const fs::path& file : {simulator, program})
    if (!fs::exists(file)) throw NotBuilt(file.string() + " is not built (./quickstart build)");
  const std::string command = "'" + simulator.string() + "' mcu run '" + program.string() + "' " + options;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe) throw NotBuilt(simulator.string() + " cannot be started");
  std::string out;
  char text[4096];
  while (const std::size_t size = std::fread(text, 1, sizeof text, pipe.get())) out.append(text, size);
  return out;
}

/// A line of a name and numbers in hex; numbers end at the first word that is none.
struct McuLine {
  std::string text, name;
  std::vector<std::uint64_t> numbers;
};
inline std::vector<McuLine> mcu_lines(const std::string& output) {
  std::vector<McuLine> lines;
  std::istringstream in(output);
  for (std::string text; std::getline(in, text);) {
    McuLine line{text, {}, {}};
    std::istringstream words(text);
    words >> line.name;
    for (std::string word; words >> word;) {
      std::uint64_t value = 0;
      if (std::from_chars(word.data(), word.data() + word.size(), value, 16).ptr != word.data() + word.size()) break;
      line.numbers.push_back(value);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace touchstone::tools
