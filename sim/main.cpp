// touchstone-sim: runs scenarios, campaigns and bare programs. SystemC's library brings main() and calls sc_main().
#include <boost/program_options.hpp>
#include <systemc.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "mcu/mcu_run.h"
#include "sim/campaign.h"
#include "sim/catalogue.h"
#include "sim/child.h"
#include "sim/core_tools.h"
#include "sim/play.h"
#include "sim/replay.h"
#include "sim/run.h"
#include "sim/verb_options.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

namespace po = boost::program_options;
namespace fs = std::filesystem;

// Before SystemC's main() prints its banner; the README names SystemC and its licence.
const int kNoBanner = setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);

constexpr int kAsExpected = 0, kFailed = 1, kBadInput = 2;

int run_file(const RunOptions& options, const std::string& json, bool with_story) {
  if (!json.empty() && !std::ofstream(json, std::ios::app)) throw InputError("--json " + json, "cannot be written");
  const RunResult result = run_scenario(options);
  if (!json.empty()) {
    std::ofstream out(json);
    out << results_json(result);
    if (!out.flush()) throw std::runtime_error(json + ": cannot be written");
  }
  if (with_story) std::fputs(story(result).c_str(), stdout);
  else
    std::printf("%s  %s (seed %llu)  %s  simulated %.3f s, wall %.2f s  %s%s\n", result.verdict.pass ? "pass" : "FAIL", result.scenario.c_str(),
                static_cast<unsigned long long>(result.seed), result.verdict.reason.c_str(), static_cast<double>(result.simulated_time_ns) / 1e9, result.wall_time_s,
                result.folder.c_str(), result.forensics.unsearched.empty() ? "" : "  (accelerator not searched for secrets)");
  return result.verdict.pass ? kAsExpected : kFailed;
}

/// SystemC allows one run a process: each file of a folder gets its own.
int run_folder(const fs::path& folder, std::vector<std::string> arguments) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  if (files.empty()) throw InputError(folder.string(), "no scenario (*.yaml) in this folder");
  std::sort(files.begin(), files.end());
  int worst = kAsExpected;
  std::vector<std::string> failed;
  for (const fs::path& file : files) {
    std::vector<std::string> child{"run", file.string()};
    child.insert(child.end(), arguments.begin(), arguments.end());
    const int code = run_self(child);
    if (code != kAsExpected) failed.push_back(file.string());
    worst = std::max(worst, code);
  }
  std::printf("%zu of %zu passed", files.size() - failed.size(), files.size());
  for (std::size_t i = 0; i < failed.size(); ++i) std::printf("%s%s", i == 0 ? "; failed: " : ", ", failed[i].c_str());
  std::printf("\n");
  return worst;
}

int run_main(const std::vector<std::string>& arguments) {
  RunOptions options;
  std::string json;
  std::uint64_t seed = 0;
  std::string wallet_program;
  std::uint16_t gdb_port = 0;
  double quantum_us = 100, timeout_s = 10, accelerator_timeout_s = 10;
  std::string accelerator;
  po::options_description visible("usage: touchstone run FILE|DIR [options]");
  visible.add_options()
      ("finger", po::value(&options.finger_png), "PNG for every touch of the enrolled finger, laid down anew each time (up to 5 px, 3 degrees)")
      ("firmware", po::value(&options.firmware_file), "the card's firmware: an ELF file, signed here by the development vendor, or a signed image, taken as it is")
      ("seed", po::value(&seed), "replaces the scenario's seed")
      ("out", po::value(&options.out_dir), "run folder; default runs/<scenario>-<seed>")
      ("json", po::value(&json), "also write the results there")
      ("gdb", po::value(&gdb_port), "the card waits for GDB on 127.0.0.1:PORT when its power comes on; 0: any free port; same events")
      ("profile", po::value(&options.profile_file), "file: the firmware's cycles, instructions and energy by source line and function; slower, same events")
      ("quantum-us", po::value(&quantum_us)->default_value(100), "temporal decoupling of the processor, 1..1000; same events, other speed")
      ("process", "the wallet as a process of its own, in lockstep; same events")
      ("process-timeout", po::value(&timeout_s)->default_value(10), "seconds to wait for an answer of that process, 1..3600")
      ("wallet-program", po::value(&wallet_program), "that program, started as PATH simulate; default: touchstone-wallet beside this one")
      ("bio-program", po::value(&options.bio_program), "sees the faces of a scenario that has them, executed as PATH face code PICTURE...; default: touchstone-bio beside this one")
      ("accelerator", po::value(&accelerator)->default_value("rtl"),
       "what computes in the card's accelerator: rtl (Verilated), model (libsecp256k1; faster), or tcp:HOST:PORT (a board, or touchstone rtl serve); same events")
      ("accelerator-timeout", po::value(&accelerator_timeout_s)->default_value(10), "seconds to wait for an answer over tcp, 1..3600")
      ("fst", po::bool_switch(&options.fst), "also write the waves of the accelerator (accelerator.fst, for GTKWave); some seconds more")
      ("story", "print pages, signature and where time went")
      ("help", "this text");
  po::variables_map vm;
  for (const std::string& a : arguments)  // boost would wrap a negative number into a huge one
    if (a.starts_with("--seed=-") || (a.starts_with("-") && a.size() > 1 && std::isdigit(static_cast<unsigned char>(a[1])))) throw po::error("'" + a + "': numbers here are not negative");
  if (!parse_verb(arguments, visible, {{"file", &options.scenario_file}}, vm)) return kAsExpected;
  if (options.scenario_file.empty()) throw po::error("run needs a scenario file or a folder of them");
  if (!(quantum_us >= 1 && quantum_us <= 1000)) throw po::error("--quantum-us must be in 1..1000");
  if (vm.count("gdb")) options.gdb_port = gdb_port;
  options.quantum_ns = static_cast<std::int64_t>(quantum_us * 1000);
  if (!(timeout_s >= 1 && timeout_s <= 3600)) throw po::error("--process-timeout must be in 1..3600");
  if (!vm.count("process") && (vm.count("wallet-program") || !vm["process-timeout"].defaulted())) throw po::error("--wallet-program and --process-timeout go with --process");
  if (vm.count("process"))
    options.wallet_program = WalletProgram{wallet_program.empty() ? default_wallet_program() : wallet_program, std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s * 1000))};
  options.accelerator = parse_accelerator(accelerator);
  if (!(accelerator_timeout_s >= 1 && accelerator_timeout_s <= 3600)) throw po::error("--accelerator-timeout must be in 1..3600");
  if (options.accelerator.host.empty() && !vm["accelerator-timeout"].defaulted()) throw po::error("--accelerator-timeout goes with --accelerator tcp:HOST:PORT");
  if (options.fst && accelerator != "rtl") throw po::error("--fst writes the waves of the Verilated core: it goes with --accelerator rtl");
  options.accelerator.limit = std::chrono::milliseconds(static_cast<std::int64_t>(accelerator_timeout_s * 1000));
  if (vm.count("seed")) options.seed = seed;
  if (fs::is_directory(options.scenario_file)) {
    if (!options.out_dir.empty() || !json.empty() || !options.finger_png.empty() || vm.count("story") || vm.count("gdb") || vm.count("profile"))
      throw po::error("--out, --json, --finger, --story, --gdb and --profile go with one scenario file, not with a folder");
    std::vector<std::string> passed_on;
    if (vm.count("seed")) passed_on = {"--seed", std::to_string(seed)};
    if (!vm["quantum-us"].defaulted()) passed_on.insert(passed_on.end(), {"--quantum-us", std::to_string(quantum_us)});
    if (accelerator != "rtl") passed_on.insert(passed_on.end(), {"--accelerator", accelerator});
    if (!vm["accelerator-timeout"].defaulted()) passed_on.insert(passed_on.end(), {"--accelerator-timeout", std::to_string(accelerator_timeout_s)});
    if (vm.count("bio-program")) passed_on.insert(passed_on.end(), {"--bio-program", options.bio_program});
    if (vm.count("process")) passed_on.insert(passed_on.end(), {"--process", "--process-timeout", std::to_string(timeout_s), "--wallet-program", options.wallet_program->path});
    return run_folder(options.scenario_file, passed_on);
  }
  return run_file(options, json, vm.count("story") != 0);
}

int dispatch(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + std::min(argc, 2), argv + argc);
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "run") return run_main(arguments);
  if (verb == "campaign") return campaign_main(arguments);
  if (verb == "replay") return replay_main(arguments);
  if (verb == "play") return play_main(arguments);
  if (verb == "list") return list_main(arguments);
  if (verb == "schema") {
    std::cout << scenario_schema();
    return kAsExpected;
  }
  if (verb == "fields") {
    std::cout << "# Scenario fields\n\nGenerated by `touchstone fields`; repair: build/release/bin/touchstone fields > scenarios/FIELDS.md\n\n" << scenario_fields_markdown();
    return kAsExpected;
  }
  if (verb == "mcu" && argc > 2 && std::string(argv[2]) == "run") return models::mcu_run_main(argc - 2, argv + 2);
  std::fputs("usage: touchstone-sim run|replay|play|list|schema|campaign|fields|mcu run ... (see touchstone help)\n", stderr);
  return kBadInput;
}

}  // namespace
}  // namespace touchstone::sim

int sc_main(int argc, char** argv) {
  using namespace touchstone::sim;
  // A SystemC report is an error of ours or of the host; its default is to print and throw, and so it stays.
  try {
    return dispatch(argc, argv);
  } catch (const InputError& error) {
    std::fprintf(stderr, "%s\n", error.what());
  } catch (const Killed& error) {
    std::fprintf(stderr, "touchstone: %s\n", error.what());
    return kFailed;
  } catch (const boost::program_options::error& error) {
    std::fprintf(stderr, "touchstone: %s (touchstone %s --help)\n", error.what(), argc > 1 ? argv[1] : "");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "touchstone: %s\n", error.what());
  }
  return kBadInput;
}
