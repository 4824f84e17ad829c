// touchstone rtl ct: proof of constant time with yosys and yosys-abc, a static taint check, and mutants that must be refuted.
// Method: two copies with different secrets (rtl/formal/constant_time.sv); signal correspondence (van Eijk, "Sequential equivalence
// checking based on structural similarities", 2000) shows without bound that what an observer sees is equal in both.
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <stdexcept>

#include <nlohmann/json.hpp>

#include "mutants.h"
#include "sources.h"
#include "verbs.h"

namespace touchstone::rtl_tools {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct Operation {
  const char* name;
  int code;  // of register OP
};
constexpr Operation kOperations[] = {{"k_p", 0},       {"k_g", 1},           {"mul_add", 4},   {"add_mod_n", 6},
                                     {"mul_mod_n", 7}, {"inverse_mod_n", 8}, {"sign_mod_n", 9}};
// The miter's outputs.
struct Signal {
  const char* output;
  const char* name;
};
constexpr Signal kSignals[] = {{"differ_pc_o", "program counter"}, {"differ_count_o", "loop counter"}, {"differ_busy_o", "busy"},
                               {"differ_done_o", "done"}, {"differ_irq_o", "interrupt"}, {"differ_entropy_req_o", "entropy request"},
                               {"differ_read_o", "bus read"}, {"differ_addr_o", "register address"}};
// A problem with fewer registers has lost the control part of a core: its proof would be empty. Of a core we do not know it is a guess.
constexpr int kFewestLatches = 120, kFewestLatchesOfAnyCore = 16;
constexpr int kToolLimit_s = 900, kSearchFrames = 600;

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + " cannot be read");
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_text(const fs::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error(path.string() + " cannot be written");
}

class WorkFolder {
 public:
  WorkFolder() {
    std::string name = (fs::temp_directory_path() / "touchstone-ct-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder: " + name);
    path_ = name;
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

struct Ran {
  int code;
  std::string text;
};
/// In `folder`, with both outputs in `text`. Tools that outlive the limit are ended and have not succeeded.
Ran run_tool(const fs::path& folder, const std::string& command) {
  const fs::path log = folder / "log.txt";
  const int status = std::system(("cd " + quoted(folder.string()) + " && timeout " + std::to_string(kToolLimit_s) + " " + command +
                                  " > log.txt 2>&1").c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_text(log)};
}

std::string tail(const std::string& text) { return text.size() > 1500 ? "... " + text.substr(text.size() - 1500) : text; }

void yosys(const fs::path& folder, const std::string& script) {
  write_text(folder / "script.ys", script);
  const Ran ran = run_tool(folder, "yosys -q script.ys");
  if (ran.code != 0) throw std::runtime_error("yosys failed (" + std::to_string(ran.code) + "):\n" + tail(ran.text));
}

std::string abc(const fs::path& folder, const std::string& commands) {
  return run_tool(folder, "yosys-abc -c " + quoted(commands)).text;  // 0 whatever happens: the text decides
}

/// Copies the sources into `folder` under their own names (which need no quoting there) and returns the command that reads them.
std::string copy_sources(const std::vector<std::string>& sources, const fs::path& folder) {
  std::string command = "read_verilog -sv";
  std::map<std::string, int> seen;
  for (const std::string& source : sources) {
    const std::string name = fs::path(source).filename().string();
    if (!std::regex_match(name, std::regex("[A-Za-z0-9_.]+"))) throw std::runtime_error(source + ": letters, digits, _ and . only");
    if (seen[name]++ != 0) throw std::runtime_error("two sources are named " + name);
    write_text(folder / name, read_text(source));
    command += " " + name;
  }
  return command + "\n";
}

void apply(std::span<const Edit> edits, const fs::path& folder) {
  for (const Edit& edit : edits) {
    std::string text = read_text(folder / edit.file);
    const std::size_t at = text.find(edit.before);
    if (at == std::string::npos || text.find(edit.before, at + 1) != std::string::npos)
      throw std::runtime_error(std::string("mutant: this text does not stand once in ") + edit.file + ":\n" + edit.before);
    write_text(folder / edit.file, text.replace(at, std::string(edit.before).size(), edit.after));
  }
}

std::string elaborate(bool compare_reads) {
  return std::string("hierarchy -check -chparam CompareReads ") + (compare_reads ? "1" : "0") + " -top constant_time\nproc\nflatten\n";
}
/// Drops what no output depends on, the datapath, before anything expensive.
constexpr const char* kToGates =
    "memory_collect\nopt_clean -purge\nopt -full\nopt_clean -purge\nmemory_map\nopt -full\nopt_clean -purge\nasync2sync\ndffunmap\n"
    "techmap\nabc -g AND -fast\nopt_clean\ndesign -save gates\n";
/// Results, and the error bits that STATUS shows, in both copies from one free input.
std::string declassify() {
  std::string out;
  for (const char* copy : {"u_a", "u_b"}) {
    const std::string set = std::string("connect -set ") + copy + ".";
    out += set + "result_word declassified_i[31:0]\n";
    int bit = 32;
    for (const char* flag : {"infinity_q", "not_on_curve_q", "bad_scalar_q", "random_fault_q", "result_fault_q"})
      out += set + flag + " declassified_i[" + std::to_string(bit++) + "]\n";
  }
  return out;
}
/// Writes NAME.aig: one operation, or any (-1). Without bus reads and register addresses, which take most of the ROM, it is three
/// times smaller.
std::string restricted(const std::string& name, int operation, bool script, bool all_signals) {
  std::string out = "design -load gates\n";
  if (!all_signals) out += "delete -port constant_time/differ_read_o constant_time/differ_addr_o\n";
  for (const char* port : {"restrict_i", "operation_i", "script_i"}) out += std::string("delete -port constant_time/") + port + "\n";
  out += std::string("connect -set restrict_i 1'b") + (operation >= 0 ? "1" : "0") + "\n";
  out += "connect -set operation_i 4'd" + std::to_string(operation >= 0 ? operation : 0) + "\n";
  out += std::string("connect -set script_i 1'b") + (script ? "1" : "0") + "\n";
  return out + "opt_clean -purge\nwrite_aiger -zinit -symbols " + name + ".aig\n";
}

struct Proof {
  bool proved;
  int latches;
};
Proof prove(const fs::path& folder, const std::string& name, int fewest_latches) {
  const std::string text = abc(folder, "read_aiger " + name + ".aig; print_stats; orpos; scorr; sat");
  std::smatch match;
  const int latches = std::regex_search(text, match, std::regex("lat = *([0-9]+)")) ? std::stoi(match[1]) : 0;
  return {latches >= fewest_latches && text.find("UNSATISFIABLE") != std::string::npos, latches};
}

struct Counterexample {
  bool found = false;
  int cycle = 0;
  std::string signal, scalar_a, scalar_b;
};
/// Bounded search with the scripted bus. The scalars are what the script's 16 writes carry.
Counterexample refute(const fs::path& folder, const std::string& name) {
  fs::remove(folder / "cex.txt");
  const std::string text = abc(folder, "read_aiger " + name + ".aig; bmc3 -F " + std::to_string(kSearchFrames) + " -T 60; write_cex -n cex.txt");
  Counterexample out;
  std::smatch match;
  if (!std::regex_search(text, match, std::regex("was asserted in frame ([0-9]+)")) || !fs::exists(folder / "cex.txt")) return out;
  out.cycle = std::stoi(match[1]);
  const std::string cex = read_text(folder / "cex.txt");
  const std::string outputs = cex.substr(0, cex.find('\n'));  // "# FALSIFYING OUTPUTS: ..."
  for (const Signal& signal : kSignals)
    if (out.signal.empty() && outputs.find(signal.output) != std::string::npos) out.signal = signal.name;
  out.found = !out.signal.empty();
  // name@frame=bit; the script takes the scalars in frame 0.
  std::string words[2] = {std::string(512, '0'), std::string(512, '0')};
  const std::regex scalar_bit("scalars_([ab])_i\\[([0-9]+)\\]@0=([01])");
  for (std::sregex_iterator it(cex.begin(), cex.end(), scalar_bit), end; it != end; ++it)
    words[(*it)[1] == "b"].at(std::stoul((*it)[2])) = (*it)[3].str()[0];
  // The scalar in slot 0 unless it is the other that tells the copies apart.
  const std::size_t first = words[0].compare(0, 256, words[1], 0, 256) != 0 ? 0 : 256;
  for (int copy = 0; copy < 2; ++copy) {
    std::string& hex = copy == 0 ? out.scalar_a : out.scalar_b;
    for (int digit = 63; digit >= 0; --digit) {
      int value = 0;
      for (int bit = 3; bit >= 0; --bit) value = 2 * value + (words[copy][first + 4 * digit + bit] - '0');
      hex += "0123456789abcdef"[value];
    }
  }
  return out;
}

/// Not secret: control, and what the bus shows of it. Secret or declassified: the register file with the scalars, outcomes. Known to
/// be data: halves, table, accumulator.
Json taint(const fs::path& folder, const std::string& read) {
  const std::string core = "secp_accel/w:u_core.";
  const auto all = [&](std::initializer_list<const char*> names) {
    std::string out;
    for (const char* name : names) out += " " + core + name;
    return out;
  };
  yosys(folder, read + "hierarchy -check -top secp_accel\nproc\nflatten\nmemory\nopt_clean\n"
        "select -set source" + all({"u_regs.regs_q*", "infinity_q", "not_on_curve_q", "bad_scalar_q", "result_fault_q"}) + "\n"
        "select -assert-min 32 " + all({"u_regs.regs_q*"}) + "\n"  // the slots among them
        "select -assert-min 36 @source\n"
        "select -set cone @source %co*\n"
        "select -set control" + all({"u_sequencer.pc_q", "u_sequencer.count_q", "u_sequencer.busy_q", "u_sequencer.idle_q", "u_sequencer.word", "u_sequencer.valid_q",
                                     "u_modmul.busy_q", "u_modmul.left_q", "u_modmul.valid_q", "gen_random.u_random.seeding_q", "gen_random.u_random.left_q", "u_regs.a_address_i",
                                     "u_regs.b_address_i", "u_regs.write_address_i", "u_table.push_i", "u_table.read_i", "u_table.coordinate_i", "u_scalar.set_i"}) +
        " secp_accel/w:irq_o secp_accel/w:busy_o secp_accel/w:done_o secp_accel/w:entropy_req_o secp_accel/w:pc_o"
        " secp_accel/w:count_o secp_accel/w:addr_o secp_accel/w:cycles_q\n"
        "select -assert-min 26 @control\n"
        "tee -q -o tainted.txt select -list @cone @control %i\n"
        "tee -q -o halves.txt select -list @cone" + all({"u_scalar.half_q*"}) + " %i\n"
        "tee -q -o table.txt select -list @cone" + all({"u_table.x_q*"}) + " %i\n"
        "tee -q -o accumulator.txt select -list @cone" + all({"u_modmul.acc_q"}) + " %i\n");
  Json tainted = Json::array();
  std::istringstream lines(read_text(folder / "tainted.txt"));
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) tainted.push_back(line);
  bool reached = true;
  Json cone = Json::object();
  for (const char* data : {"halves", "table", "accumulator"}) reached &= (cone[data] = !read_text(folder / (std::string(data) + ".txt")).empty()).get<bool>();
  return {{"checked", true}, {"clean", tainted.empty() && reached}, {"tainted_control", tainted}, {"data_in_cone", cone}};
}

struct Clock {
  std::chrono::steady_clock::time_point begin = std::chrono::steady_clock::now();
  void say(const std::string& text) const {
    const double s = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::fprintf(stderr, "[%4.0f s] %s\n", s, text.c_str());
  }
};

Json as_json(const Counterexample& c) {
  return {{"cycle", c.cycle}, {"signal", c.signal}, {"scalar_a", c.scalar_a}, {"scalar_b", c.scalar_b}};
}

void print(const Counterexample& c) {
  std::printf("    cycle %d: %s differs\n      scalar A %s\n      scalar B %s\n", c.cycle, c.signal.c_str(), c.scalar_a.c_str(), c.scalar_b.c_str());
}

Json prove_all(const fs::path& folder, const std::string& read, bool own, const Clock& clock, bool& good) {
  const int fewest_latches = own ? kFewestLatches : kFewestLatchesOfAnyCore;
  clock.say("elaborating two copies");
  std::string script = read + elaborate(own) + (own ? declassify() : "") + kToGates + restricted("any", -1, false, true);
  for (const Operation& op : kOperations) script += restricted(op.name, op.code, false, false) + restricted(std::string(op.name) + "_script", op.code, true, true);
  yosys(folder, script);
  Json proofs = Json::array();
  const auto one = [&](const std::string& name) {
    const Proof proof = prove(folder, name, fewest_latches);
    Json entry = {{"operation", name}, {"proved", proof.proved}, {"latches", proof.latches}};
    std::printf("%-16s %s (%d registers)\n", name.c_str(), proof.proved ? "proved, without bound" : "NOT PROVED", proof.latches);
    if (proof.latches < fewest_latches) std::printf("    the control registers of both copies are not in the problem\n");
    if (!proof.proved && name != "any") {
      clock.say("searching a counterexample");
      const Counterexample c = refute(folder, name + "_script");
      if (c.found) {
        print(c);
        entry["counterexample"] = as_json(c);
      }
    }
    std::fflush(stdout);
    good = good && proof.proved;
    proofs.push_back(entry);
  };
  for (const Operation& op : kOperations) one(op.name);
  // For each alone that program and time are the same; together, also what the bus reads and which registers are used.
  one("any");
  return proofs;
}

/// The core's other shapes: any operation, with bus reads and register addresses.
Json prove_shapes(const fs::path& work, const std::vector<std::string>& sources, const Clock& clock, bool& good) {
  struct Shape {
    const char* name;
    Edit edit;
  };
  const Shape shapes[] = {
      {"digit_32", {"constant_time.sv", "DigitBits = 64", "DigitBits = 32"}},
      {"tree", {"secp_accel.sv", "parameter bit          Tree = 1'b0", "parameter bit          Tree = 1'b1"}},
  };
  Json out = Json::array();
  for (const Shape& shape : shapes) {
    clock.say(std::string("shape ") + shape.name);
    const fs::path folder = work / shape.name;
    fs::create_directory(folder);
    const std::string read = copy_sources(sources, folder);
    apply({&shape.edit, 1}, folder);
    yosys(folder, read + elaborate(true) + declassify() + kToGates + restricted("any", -1, false, true));
    const Proof proof = prove(folder, "any", kFewestLatches);
    out.push_back({{"name", shape.name}, {"operation", "any"}, {"proved", proof.proved}, {"latches", proof.latches}});
    std::printf("any, %-11s %s (%d registers)\n", shape.name, proof.proved ? "proved, without bound" : "NOT PROVED", proof.latches);
    std::fflush(stdout);
    good = good && proof.proved;
    fs::remove_all(folder);
  }
  return out;
}

Json refute_mutants(const fs::path& work, const std::vector<std::string>& sources, const Clock& clock, bool& good) {
  Json out = Json::array();
  for (const Mutant& mutant : mutants()) {
    clock.say(std::string("mutant ") + mutant.name);
    const fs::path folder = work / mutant.name;
    fs::create_directory(folder);
    const std::string read = copy_sources(sources, folder);
    apply(tap(), folder);
    apply(mutant.edits, folder);
    int code = -1;
    for (const Operation& op : kOperations)
      if (std::string(op.name) == mutant.operation) code = op.code;
    yosys(folder, read + elaborate(false) + kToGates + restricted("script", code, true, mutant.by_address));
    const Counterexample c = refute(folder, "script");
    // What refutes it is the search; the prover must not say otherwise.
    const bool refuted = c.found && c.scalar_a != c.scalar_b && !prove(folder, "script", 0).proved;
    Json entry = {{"name", mutant.name}, {"operation", mutant.operation}, {"refuted", refuted}};
    entry.update(as_json(c));
    out.push_back(entry);
    std::printf("mutant %-32s %s in %s\n", mutant.name, refuted ? "refuted" : "NOT REFUTED", mutant.operation);
    if (c.found) print(c);
    std::fflush(stdout);
    good = good && refuted;
    fs::remove_all(folder);
  }
  return out;
}

}  // namespace

int ct_main(const std::vector<std::string>& arguments) {
  std::string json_path;
  std::vector<std::string> own_sources;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& a = arguments[i];
    if (a == "--help") {
      std::puts("usage: touchstone rtl ct [--json FILE] [--top FILE.sv]...\n"
                "Proves with yosys that the accelerator's time depends on no secret, and that mutants of it are found out.\n"
                "--top: your own core instead, module secp_accel with the ports of rtl/secp_accel/secp_accel.sv; all its files, packages\n"
                "first (secp_reg_pkg.sv and secp_pkg.sv are taken from here unless you name yours). Taint check and mutants are of our core.\n"
                "Exit code: 0 all proved and refuted, 1 not, 2 a tool or a file is missing or cannot be read.");
      return 0;
    }
    if ((a == "--json" || a == "--top") && i + 1 < arguments.size()) (a == "--json" ? json_path : own_sources.emplace_back()) = arguments[++i];
    else throw std::runtime_error("unknown argument '" + a + "' (see --help)");
  }
  for (const char* tool : {"yosys", "yosys-abc"})
    if (std::system((std::string("command -v ") + tool + " > /dev/null 2>&1").c_str()) != 0)
      throw std::runtime_error(std::string(tool) + " is not installed: Debian package yosys");

  const bool own = own_sources.empty();  // this project's core
  std::vector<std::string> sources;
  for (const std::string source : kCoreSources) {
    const std::string name = fs::path(source).filename().string();
    bool take = own || name == "secp_reg_pkg.sv" || name == "secp_pkg.sv";
    for (const std::string& theirs : own_sources) take = take && fs::path(theirs).filename() != name;
    if (take) sources.push_back(source);
  }
  sources.insert(sources.end(), own_sources.begin(), own_sources.end());
  sources.push_back(kMiterSource);

  const Clock clock;
  const WorkFolder work;
  bool good = true;
  const std::string read = copy_sources(sources, work.path());
  Json result;
  result["proofs"] = prove_all(work.path(), read, own, clock, good);
  result["taint"] = {{"checked", false}};
  result["shapes"] = Json::array();
  result["mutants"] = Json::array();
  if (own) {
    result["shapes"] = prove_shapes(work.path(), sources, clock, good);
    clock.say("taint check");
    result["taint"] = taint(work.path(), read);
    const bool clean = result["taint"]["clean"];
    std::printf("taint            %s\n", clean ? "no control signal depends on scalars or outcomes; data registers do" : "FAILED");
    for (const Json& name : result["taint"]["tainted_control"]) std::printf("    %s\n", name.get<std::string>().c_str());
    good = good && clean;
    result["mutants"] = refute_mutants(work.path(), sources, clock, good);
  }
  if (!json_path.empty()) write_text(json_path, result.dump(2) + "\n");
  std::printf("%s\n", good ? "constant time: proved" : "constant time: NOT shown");
  return good ? 0 : 1;
}

}  // namespace touchstone::rtl_tools
