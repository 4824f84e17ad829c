// touchstone rtl area: what the protected core costs on an FPGA and in generic gates, by yosys, against its limits.
#include <sys/wait.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "options.h"
#include "sources.h"
#include "verbs.h"
#include "yosys_stat.h"

namespace touchstone::rtl_tools {

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Figure {
  const char* name;
  std::uint64_t limit;  // 0: none
  std::uint64_t (*of)(const YosysStat&);
};
constexpr Figure kLc = {"lc", 12'000, [](const YosysStat& s) { return s.lc.value_or(0); }};
constexpr Figure kDsp = {"dsp48e1", 64, [](const YosysStat& s) { return s.count("DSP48E1"); }};
constexpr Figure kFlipFlops = {"flip_flops", 0, [](const YosysStat& s) { return s.count("FD"); }};
constexpr Figure kBlockRam = {"bram", 0, [](const YosysStat& s) { return s.count("RAMB"); }};
constexpr Figure kLutRam = {"lut_ram", 0, [](const YosysStat& s) { return s.count("RAM32") + s.count("RAM64") + s.count("RAM128"); }};
constexpr Figure kGenericFlipFlops = {"flip_flops", 0, [](const YosysStat& s) { return s.count("$_DFF") + s.count("$_SDFF"); }};
std::uint64_t all_cells(const YosysStat& s) { return s.cells; }

struct Target {
  const char* name;
  int digit_bits;
  bool tree;  ///< multiplier of full adders (parameter Tree); else yosys maps products to what the target has
  const char* synthesis;
  const char* stat;
  std::vector<Figure> figures;
};

std::vector<Target> targets() {
  const char *xilinx = "synth_xilinx -family xc7 -top secp_accel", *generic = "synth -top secp_accel";
  return {{"xc7", 64, false, xilinx, "stat -tech xilinx", {kLc, kDsp, kFlipFlops, kBlockRam, kLutRam}},
          {"xc7", 32, false, xilinx, "stat -tech xilinx", {{"lc", 0, kLc.of}, {"dsp48e1", 0, kDsp.of}, kFlipFlops, kBlockRam, kLutRam}},
          {"generic", 64, true, generic, "stat", {{"cells", 180'000, all_cells}, kGenericFlipFlops}},
          {"generic", 32, true, generic, "stat", {{"cells", 110'000, all_cells}, kGenericFlipFlops}}};
}

/// A folder of its own under the temporary folder, removed at the end.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "touchstone-area-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error(name + ": cannot be made");
    path_ = name;
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(path_, error);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

YosysStat synthesise(const Target& target, const fs::path& folder) {
  const fs::path script = folder / "area.ys", stat = folder / "stat.txt", log = folder / "log.txt";
  std::string sources;
  for (const char* source : kCoreSources) sources += std::string(" ") + source;
  write_file(script, "read_verilog -sv" + sources + "\nchparam -set DigitBits " + std::to_string(target.digit_bits) + " -set Tree " + (target.tree ? "1" : "0") + " secp_accel\n" + target.synthesis +
                         "\ntee -o " + stat.string() + " " + target.stat + "\n");
  const std::string command = "yosys -q '" + script.string() + "' > '" + log.string() + "' 2>&1";
  const int status = std::system(command.c_str());
  std::ifstream file(stat);
  const auto out = parse_stat(std::string((std::istreambuf_iterator<char>(file)), {}));
  if (status != 0 || !out) {
    std::ifstream said(log);
    throw std::runtime_error("yosys failed:\n" + std::string((std::istreambuf_iterator<char>(said)), {}));
  }
  return *out;
}

}  // namespace

int area_main(const std::vector<std::string>& arguments) {
  Options options(arguments);
  const auto json = options.output("--json"), only = options.value("--only");
  const auto digit = options.number("--digit", 32, 64);
  options.finish();
  if (only && *only != "xc7" && *only != "generic") throw UsageError("--only: xc7 or generic, not '" + *only + "'");
  if (digit && *digit != 32 && *digit != 64) throw UsageError("--digit: 64 or 32");
  if (std::system("yosys -V > /dev/null 2>&1") != 0) throw std::runtime_error("yosys is missing: install the package yosys");

  const Scratch scratch;
  Json syntheses = Json::array();
  bool good = true;
  for (const Target& target : targets()) {
    if ((only && *only != target.name) || (digit && *digit != static_cast<std::uint64_t>(target.digit_bits))) continue;
    std::fprintf(stderr, "touchstone rtl area: %s, digit of %d bits: minutes\n", target.name, target.digit_bits);
    const auto begin = std::chrono::steady_clock::now();
    const YosysStat stat = synthesise(target, scratch.path());
    Json entry = {{"target", target.name}, {"mode", "protected"}, {"digit_bits", target.digit_bits}, {"tree", target.tree}, {"figures", Json::object()}, {"limits", Json::object()}, {"cells", stat.by_type}};
    std::printf("%s, digit of %d bits (%.0f s):\n", target.name, target.digit_bits, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    for (const Figure& figure : target.figures) {
      const std::uint64_t value = figure.of(stat);
      // Of a limited figure there is always some: 0 means that yosys said it otherwise than we read it.
      const bool within = figure.limit == 0 || (value != 0 && value <= figure.limit);
      good = good && within;
      entry["figures"][figure.name] = value;
      if (figure.limit != 0) entry["limits"][figure.name] = figure.limit;
      std::printf("  %-11s %8llu", figure.name, static_cast<unsigned long long>(value));
      if (figure.limit != 0) std::printf("  of %llu allowed%s", static_cast<unsigned long long>(figure.limit), within ? "" : value == 0 ? ": NOT FOUND" : ": TOO LARGE");
      std::printf("\n");
    }
    std::fflush(stdout);
    syntheses.push_back(entry);
  }
  if (json) write_file(*json, Json{{"version", 1}, {"pass", good}, {"syntheses", syntheses}}.dump(2) + "\n");
  return good ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
