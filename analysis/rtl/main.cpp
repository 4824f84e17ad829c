// touchstone-rtl: measures the accelerator, proves its timing, assesses its leakage, sizes it and serves it to others. Works on the core alone, without the card.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "options.h"
#include "verbs.h"

namespace {

using namespace touchstone::rtl_tools;

struct Verb {
  const char* name;
  int (*run)(const std::vector<std::string>&);
  const char* help;
};
constexpr Verb kVerbs[] = {
    {"bench", bench_main,
     "bench [--clock MHZ] [--scalars N] [--json FILE]\n"
     "      cycles, time and energy of every operation; equal over edge scalars and N random ones, results against libsecp256k1"},
    {"budget", budget_main,
     "budget [--operation NAME] [--variant NAME] [--fst FILE] [--json FILE]\n"
     "      where an operation's cycles go, by block of the microcode; and its waves"},
    {"check", check_main,
     "check [--operations N] [--seed S] [--shard I/N] [--only INDEX] [--digit 64|32 | --variant NAME] [--json FILE]\n"
     "      random operations, good and bad, against libsecp256k1 and a textbook model"},
    {"ct", ct_main,
     "ct [--json FILE] [--top FILE.sv]...\n"
     "      proof that time does not depend on secrets, and mutants that must be refuted"},
    {"tvla", tvla_main,
     "tvla [--variant NAME] [--operation NAME] [--what scalar|point] [--random-off] [--traces N] [--seed N]\n"
     "     [--weight-registers|halves|table|multiplier|microcode 0..3]\n"
     "     [--shard I/N] [--out DIR] [--checkpoint-s S] [--json FILE]\n"
     "tvla --merge DIR... [--out DIR] [--json FILE]\n"
     "      Welch's t-test, fixed against random; without options the protected core's operations and the\n"
     "      controls that must fail.\n"
     "      With --out it goes on where it stopped; shards are added up by --merge"},
    {"cpa", cpa_main,
     "cpa [--variant NAME] [--random-off] [--windows N|all] [--traces N] [--noise BITS] [--seed N] [--out DIR] [--json FILE]\n"
     "      correlation attack on the digits of k, by known base points: the unprotected core must give them, and so\n"
     "      must the protected one whose masks stand still; with fresh masks it must not"},
    {"serve", serve_main,
     "serve [--port N] [--variant NAME] [--once]\n"
     "      the Verilated core on 127.0.0.1 for touchstone run --accelerator tcp:127.0.0.1:N, one bench at a time"},
    {"area", area_main,
     "area [--only xc7|generic] [--digit 64|32] [--json FILE]\n"
     "      yosys figures of the protected core against their limits; minutes each"},
};

void usage(std::FILE* out) {
  std::fputs("usage:\n", out);
  for (const Verb& v : kVerbs) {
    std::string text = "  touchstone rtl " + std::string(v.help) + "\n";
    for (std::size_t at = 0; (at = text.find("\ntvla", at)) != std::string::npos;) text.insert(++at, "  touchstone rtl ");
    std::fputs(text.c_str(), out);
  }
  std::fputs("Exit codes: 0 as expected, 1 a check failed, 2 wrong use, bad input or a missing tool.\n", out);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "--help" || verb == "-h" || verb == "help") {
    usage(stdout);
    return 0;
  }
  for (const Verb& v : kVerbs) {
    if (verb != v.name) continue;
    try {
      return v.run({argv + 2, argv + argc});
    } catch (const UsageError& error) {
      std::fprintf(stderr, "touchstone rtl %s: %s\n", v.name, error.what());
      usage(stderr);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "touchstone rtl %s: %s\n", v.name, error.what());
    }
    return 2;
  }
  std::fprintf(stderr, verb.empty() ? "touchstone rtl: which verb?%s\n" : "touchstone rtl: unknown verb '%s'\n", verb.c_str());
  usage(stderr);
  return 2;
}
