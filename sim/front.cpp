// touchstone: the thin front. Each group of verbs lives in a program of its own, so that none carries what it does not use.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

struct Verb {
  const char* name;
  const char* program;
  const char* help;
};
constexpr Verb kVerbs[] = {
    {"run", "touchstone-sim", "run FILE|DIR [--finger PNG] [--seed N] [--out DIR] [--json FILE] [--process] [--accelerator WHAT]   run scenarios; 0 only if all pass"},
    {"list", "touchstone-sim", "list [DIR] [--json]                                           what there is to run"},
    {"explain", "touchstone-report", "explain RUN                                                   why a run ended so: the first unmet expectation and its causes"},
    {"replay", "touchstone-sim", "replay RUN                                                    the run again, from its folder; 0 when every event is the same"},
    {"diff", "touchstone-report", "diff RUN RUN                                                  the first event in which two runs differ, and why"},
    {"report", "touchstone-report", "report RUN [--out FILE]                                       the run as one HTML page"},
    {"play", "touchstone-sim", "play [FILE] [--seed N] [--speed X]                            the live card in this terminal"},
    {"schema", "touchstone-sim", "schema                                                        JSON Schema of a scenario"},
    {"fields", "touchstone-sim", "fields                                                        the scenario fields, as Markdown"},
    {"mcu", "touchstone-sim", "mcu run ELF [--gdb PORT] [--profile FILE] [--json FILE] ...   any RV32IMC program on the bare MCU"},
    {"campaign", "touchstone-sim", "campaign run FILE [--seed N] [--out DIR] [--json FILE]        many touches of many fingers on the card"},
    {"bio", "touchstone-bio", "bio evaluate|codes|compare-all|calibrate ...  fingerprints on the host: error rates, speed, statistics"},
    {"finger", "touchstone-bio", "finger make --out DIR [--fingers N] [--impressions M] [--seed S] [--sensor full|card|WxH@DPI] [--sheet PNG]   generated fingers with their truth"},
    {"wallet", "touchstone-wallet", "wallet new|key|address|inspect|verify ...                     the Wallet Device's program"},
    {"image", "touchstone-image", "image make ELF --version N [--key FILE] --out IMG | check IMG    signed firmware images"},
    {"rtl", "touchstone-rtl", "rtl bench|budget|check|ct|tvla|cpa|area|serve ...            the accelerator: cycles, results, proof, leakage, area"},
    {"mpc", "touchstone-mpc", "mpc card [--json FILE]                                        signing protocols on the card's processor: time, bytes, memory"},
    {"bench", "touchstone-bench", "bench [--benchmark_filter=REGEX]                              measured speeds"},
};

void usage(std::FILE* out) {
  std::fputs("touchstone: a testbed for biometric wallet cards\n\n", out);
  for (const Verb& v : kVerbs) std::fprintf(out, "  touchstone %s\n", v.help);
  std::fputs("\nExit codes: 0 as expected, 1 verdict or check failed, 2 wrong use or bad input.\n", out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    usage(stderr);
    return 2;
  }
  const std::string verb = argv[1];
  if (verb == "help" || verb == "--help" || verb == "-h") {
    usage(stdout);
    return 0;
  }
  for (const Verb& v : kVerbs) {
    if (verb != v.name) continue;
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::string program = (self.parent_path() / v.program).string();
    // These serve several verbs and want to know which; the others have one.
    const bool keep_verb = std::strcmp(v.program, "touchstone-sim") == 0 || std::strcmp(v.program, "touchstone-report") == 0 || verb == "finger";
    std::vector<char*> arguments{const_cast<char*>(program.c_str())};
    for (int i = keep_verb ? 1 : 2; i < argc; ++i) arguments.push_back(argv[i]);
    arguments.push_back(nullptr);
    execv(program.c_str(), arguments.data());
    std::fprintf(stderr, "touchstone: cannot start %s: %s (./quickstart build makes all programs)\n", program.c_str(), std::strerror(errno));
    return 2;
  }
  std::fprintf(stderr, "touchstone: unknown command '%s'\n\n", verb.c_str());
  usage(stderr);
  return 2;
}
