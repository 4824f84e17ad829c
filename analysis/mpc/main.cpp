// touchstone mpc card: what the card's part of every signing protocol costs on the card's processor.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "contract/registers.h"
#include "tools/mcu_program.h"

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUsage =
    "usage: touchstone mpc card [--setup] [--json FILE]\n"
    "The card's part of every signing protocol on the card's processor with its accelerator, against a recorded wallet: milliseconds at\n"
    "the card's clock before the share is known and after, bytes on the air, memory.\n"
    "--setup: Lindell17's set-up too, for which the card makes its Paillier key; this takes minutes here as well\n"
    "Exit code: 0, 1 if the card answers otherwise than in the recording, 2 wrong use or something is not built.\n";

/// Names and numbers that a program of the card prints (guest/).
using Lines = std::map<std::string, std::vector<std::uint64_t>>;
Lines run_card(const char* elf) {
  Lines out;
  for (const auto& line : touchstone::tools::mcu_lines(touchstone::tools::output_of_mcu_program(elf, "--with-accelerator --max-instructions 0")))
    out[line.name].insert(out[line.name].end(), line.numbers.begin(), line.numbers.end());
  return out;
}

double ms(std::uint64_t cycles) { return 1e3 * static_cast<double>(cycles) / static_cast<double>(touchstone::contract::kClockHz); }

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  std::string json_path;
  bool setup = false, wrong = arguments.empty() || arguments[0] != "card";
  for (std::size_t i = 1; i < arguments.size() && !wrong; ++i) {
    if (arguments[i] == "--setup") setup = true;
    else if (arguments[i] == "--json" && i + 1 < arguments.size()) json_path = arguments[++i];
    else wrong = true;
  }
  if (wrong) {
    const bool help = std::find(arguments.begin(), arguments.end(), "--help") != arguments.end();
    std::fputs(kUsage, help ? stdout : stderr);
    return help ? 0 : 2;
  }
  try {
    Lines lines = run_card("signing.elf");
    if (setup) lines.merge(run_card("signing_setup.elf"));
    struct Protocol {
      const char *line, *name;
      bool needs_share = true;
      const char *apart = nullptr, *apart_name = nullptr;
    };
    std::vector<Protocol> rows = {{"musig2", "MuSig2 2-of-2", true, "musig2_keys_and_nonce", "key aggregation and nonce"},
                                       {"dkls23_setup", "DKLs23 set-up of a pair", /*needs_share=*/false},
                                       {"dkls23", "DKLs23 2-of-2"},
                                       {"lindell17", "Lindell17, Paillier owner", true, "lindell17_key_opened", "opening of the sealed key"}};
    if (setup) rows.push_back({"lindell17_setup", "Lindell17 set-up", true, "lindell17_key_made", "making of the Paillier key"});
    Json protocols = Json::array();
    std::printf("the card at %.0f MHz with its accelerator\n%-28s %13s %12s %9s %9s %9s %9s\n", touchstone::contract::kClockHz / 1e6, "", "before share",
                "after share", "received", "sent", "objects", "stack");
    for (const Protocol& p : rows) {
      const auto line = lines.find(p.line);
      if (line == lines.end() || line->second.size() != 7) {
        std::fprintf(stderr, "touchstone mpc: the card's program has not said what %s costs\n", p.name);
        return 1;
      }
      const std::vector<std::uint64_t>& n = line->second;
      // What needs the share from the start comes after the touch, all of it.
      const bool starts_without = n[1] != 0 || !p.needs_share;
      const std::uint64_t before = starts_without ? n[0] : 0, after = starts_without ? n[1] : n[0];
      Json row = {{"protocol", p.line}, {"before_share_ms", ms(before)}, {"after_share_ms", ms(after)}, {"received_bytes", n[2]}, {"sent_bytes", n[3]},
                  {"sent_messages", n[4]}, {"object_bytes", n[5]}, {"stack_bytes", n[6]}};
      std::printf("%-28s %10.1f ms %9.1f ms %9llu %9llu %9llu %9llu", p.name, ms(before), ms(after), static_cast<unsigned long long>(n[2]),
                  static_cast<unsigned long long>(n[3]), static_cast<unsigned long long>(n[5]), static_cast<unsigned long long>(n[6]));
      if (p.apart != nullptr) {
        const double apart = ms(lines.at(p.apart).at(0));
        row["apart_ms"] = apart;
        std::printf("  and %.1f ms of %s", apart, p.apart_name);
      }
      std::printf("\n");
      protocols.push_back(row);
    }
    if (!json_path.empty()) {
      std::ofstream file(json_path);
      file << Json{{"version", 1}, {"clock_hz", touchstone::contract::kClockHz}, {"protocols", protocols}}.dump(2) << "\n";
      if (!file.flush()) throw std::runtime_error(json_path + " cannot be written");
    }
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "touchstone mpc: %s\n", error.what());
    return 2;
  }
}
