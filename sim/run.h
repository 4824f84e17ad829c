// One run of one scenario: world, verdict, run folder.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/accelerator_choice.h"
#include "sim/director.h"
#include "sim/forensics.h"
#include "sim/input_files.h"
#include "sim/scenario.h"
#include "sim/wallet_port.h"

namespace touchstone::sim {

/// Of results.json and of everything beside it; other versions are refused by those who read run folders.
inline constexpr int kRunFolderVersion = 2;

struct RunOptions {
  std::string scenario_file;
  std::string finger_png;               ///< replaces the enrolled finger by this picture
  std::string firmware_file;            ///< ELF file or signed image in the place of the built-in firmware
  std::optional<std::uint64_t> seed;
  std::string out_dir;                  ///< default runs/<scenario>-<seed>
  std::optional<std::uint16_t> gdb_port;  ///< the card waits there for a debugger; 0: any free port
  std::string profile_file;             ///< cycles by source line, from time zero
  AcceleratorChoice accelerator;        ///< same events, except where a board takes other cycles than the card's core
  bool fst = false;                     ///< also accelerator.fst: waves of the accelerator, at a price in time
  std::int64_t quantum_ns = 100'000;    ///< temporal decoupling of the processor; changes speed, not events
  std::string bio_program;              ///< sees the faces of a scenario before time zero; empty: touchstone-bio beside this program
  std::optional<WalletProgram> wallet_program;  ///< the wallet as a process of its own; else linked in. Same events.
};

/// One line of the table of where time and work went, since time zero.
struct Usage {
  std::string phase;
  std::int64_t time_ns = 0;
  std::uint64_t instructions = 0;
  std::uint64_t accelerator_cycles = 0;
  double energy_uj = 0;
};

struct RunResult {
  std::string scenario, title, folder, scenario_file;
  std::string finger_png, firmware_file;  ///< of --finger and --firmware, else empty
  std::uint64_t seed = 0;
  Verdict verdict;
  std::vector<ExpectationOutcome> expectations;
  std::vector<InputFiles::Copied> inputs;  ///< what was read, in the order it was first read
  std::string data_root;                   ///< TOUCHSTONE_DATA, when the scenario's paths need it
  std::string accelerator, accelerator_core;  ///< of --accelerator, and what computed there
  std::string firmware_sha256;             ///< of that file, else of the built-in ELF file
  std::string signature_hex, public_key_hex, message_hash_hex, txid_hex, transaction_hex;  ///< empty without a signature
  std::string last_refusal;
  std::int64_t simulated_time_ns = 0;
  std::int64_t enrolment_time_ns = 0;  ///< before time zero
  double wall_time_s = 0;
  std::uint64_t instructions = 0, accelerator_cycles = 0;
  double energy_uj = 0;
  std::string events_sha256;
  std::vector<Usage> usage;
  std::vector<std::pair<std::string, double>> parts_uj;  ///< energy by part of the card, since time zero
  std::int64_t radio_to_card_bytes = 0, radio_to_wallet_bytes = 0, radio_lost_packets = 0;  ///< link layer, since time zero
  std::size_t frames = 0;
  std::vector<std::string> pages_text;   ///< the frames on which the card waited for the user, for a terminal
  std::vector<std::string> pages_png;    ///< their files, relative to the folder
  std::string touches;                   ///< who touched, for how long
  std::vector<std::string> faces;        ///< what became of Secret A before them, sentences
  Forensics forensics;
};

/// Runs in this process (SystemC allows one run a process) and writes the run folder. Throws InputError for bad input,
/// std::runtime_error when the folder cannot be written, Killed when a debugger ended the run (no folder is left).
RunResult run_scenario(const RunOptions& options);

/// results.json.
std::string results_json(const RunResult& result);
/// What a person likes to read after the demo.
std::string story(const RunResult& result);

}  // namespace touchstone::sim
