#include "mcu/mcu_run.h"

#include <boost/program_options.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "mcu/bare_mcu.h"
#include "mcu/profiler.h"

namespace touchstone::models {

namespace {

namespace po = boost::program_options;

constexpr int kWrongUse = 2, kNoEnd = 1;
constexpr unsigned kMostCycles = 64;
constexpr std::size_t kProfileRows = 20;
constexpr std::uint64_t kDefaultMaxInstructions = 10'000'000'000;

bool write_json(const std::string& path, const McuRunOptions& run, const McuRunResult& result) {
  static constexpr const char* kEnds[] = {"exit", "double_fault", "instruction_limit", "asleep_forever", "killed"};
  nlohmann::ordered_json json;
  json["version"] = 1;
  json["program"] = run.elf_path;
  json["end"] = kEnds[static_cast<int>(result.end)];
  json["exit_code"] = result.end == BareMcu::End::kExit ? nlohmann::ordered_json(result.exit_code) : nlohmann::ordered_json(nullptr);
  json["multiply_cycles"] = run.cycle_model.multiply;
  json["flash_wait_cycles"] = run.cycle_model.flash_wait;
  json["instructions"] = result.instructions;
  json["cycles"] = result.cycles;
  json["simulated_time_ns"] = result.simulated_time_ns;
  json["wall_time_s"] = result.wall_time_s;
  json["mips"] = result.wall_time_s > 0 ? static_cast<double>(result.instructions) / result.wall_time_s / 1e6 : 0.0;
  std::ofstream stream(path);
  stream << json.dump(2) << '\n';
  return static_cast<bool>(stream.flush());
}

}  // namespace

int mcu_run_main(int argc, char** argv) {
  McuRunOptions run;
  std::string json_path, profile_path;
  std::uint16_t gdb_port = 0;
  po::options_description visible("Runs an RV32IMC program on the bare MCU model. Options");
  visible.add_options()
      ("help", "show this text")
      ("max-instructions", po::value(&run.max_instructions)->default_value(kDefaultMaxInstructions)->value_name("N"), "give up after so many; 0: never")
      ("multiply-cycles", po::value(&run.cycle_model.multiply)->default_value(run.cycle_model.multiply)->value_name("N"), "of MUL, 1 to 64; MULH takes one more")
      ("flash-wait", po::value(&run.cycle_model.flash_wait)->default_value(run.cycle_model.flash_wait)->value_name("N"), "cycles beyond the usual of a load from flash and of a taken jump of code there, 0 to 64")
      ("with-accelerator", po::bool_switch(&run.with_accelerator), "the card's accelerator on the bus and its interrupt line")
      ("gdb", po::value(&gdb_port)->value_name("PORT"), "wait for GDB on 127.0.0.1:PORT before the first instruction; 0: any free port")
      ("profile", po::value(&profile_path)->value_name("FILE"), "cycles, instructions and energy by source line and function; ten times slower")
      ("json", po::value(&json_path)->value_name("FILE"), "write counters and times");
  po::options_description all;
  all.add(visible).add_options()("elf", po::value(&run.elf_path));
  po::positional_options_description positions;
  positions.add("elf", 1);
  const std::string usage = std::string("usage: ") + argv[0] + " ELF [--max-instructions N] [--multiply-cycles N] [--flash-wait N] [--with-accelerator] [--gdb PORT] [--profile FILE] [--json FILE]\n";
  try {
    po::variables_map values;
    po::store(po::command_line_parser(argc, argv).options(all).positional(positions).run(), values);
    if (values.count("help")) {
      std::cout << usage << visible;
      return 0;
    }
    po::notify(values);
    if (values.count("gdb")) run.gdb_port = gdb_port;
  } catch (const po::error& error) {
    std::cerr << error.what() << '\n' << usage;
    return kWrongUse;
  }
  if (run.elf_path.empty()) {
    std::cerr << "a program is missing\n" << usage;
    return kWrongUse;
  }

  if (run.cycle_model.multiply < 1 || run.cycle_model.multiply > kMostCycles || run.cycle_model.flash_wait > kMostCycles) {
    std::cerr << "--multiply-cycles is 1 to " << kMostCycles << ", --flash-wait 0 to " << kMostCycles << '\n';
    return kWrongUse;
  }

  run.on_character = [](char character) { std::putchar(character); };
  run.on_gdb = [](const std::string& news) { std::cerr << "gdb: " << news << std::endl; };
  Profiler profiler;
  if (!profile_path.empty()) run.profiler = &profiler;
  const McuRunResult result = run_bare_mcu(run);
  std::fflush(stdout);
  if (!result.error.empty()) {
    std::cerr << result.error << '\n';
    return kWrongUse;
  }
  if (!json_path.empty() && !write_json(json_path, run, result)) {
    std::cerr << json_path << ": cannot be written\n";
    return kWrongUse;
  }
  if (!profile_path.empty()) {
    std::cout << profiler.table(kProfileRows);
    std::ofstream profile(profile_path);
    profile << profiler.json();
    if (!profile.flush()) {
      std::cerr << profile_path << ": cannot be written\n";
      return kWrongUse;
    }
  }
  if (result.end != BareMcu::End::kExit) {
    std::cerr << run.elf_path << ": " << result.where << '\n';
    return kNoEnd;
  }
  return static_cast<int>(result.exit_code);
}

}  // namespace touchstone::models
