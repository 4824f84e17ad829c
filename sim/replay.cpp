#include "sim/replay.h"

#include <unistd.h>

#include <boost/program_options.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/sha256.h"
#include "sim/build_info.h"
#include "sim/firmware_image.h"
#include "sim/input_files.h"
#include "sim/run.h"
#include "sim/verb_options.h"
#include "sim/yaml_table.h"
#include "wallet/encoding.h"

namespace touchstone::sim {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw InputError(file.string(), "is missing or cannot be read; the run folder is not whole, run the scenario again");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string sha256_of(const std::string& text) {
  return wallet::to_hex(crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size())));
}

/// The recorded results; refuses what this program cannot replay exactly.
nlohmann::json recorded(const fs::path& folder, bool any_revision) {
  if (!fs::is_directory(folder)) throw InputError(folder.string(), "there is no such run folder");
  const fs::path file = folder / "results.json";
  const nlohmann::json r = nlohmann::json::parse(text_of(file), nullptr, false);
  if (!r.is_object()) throw InputError(file.string(), "is damaged (no JSON); run the scenario again");
  if (const int version = r.value("version", 0); version != kRunFolderVersion)
    throw InputError(file.string(), "is a run folder of version " + std::to_string(version) + ", this program reads version " + std::to_string(kRunFolderVersion) + "; run the scenario again");
  const std::string revision = r.value("git_revision", "unknown");
  // A firmware of --firmware lies in the folder like the other inputs.
  const bool same_firmware = !r.value("firmware_file", "").empty() || r.value("firmware_sha256", "") == card_firmware_sha256();
  if (!any_revision && (revision != kGitRevision || !same_firmware))
    throw InputError(file.string(), "was made by revision " + revision + " with firmware " + r.value("firmware_sha256", "").substr(0, 12) + ", this program is " + kGitRevision + " with " +
                                        card_firmware_sha256().substr(0, 12) + "; build that revision, or compare across revisions with --any-revision");
  return r;
}

/// The first line in which two logs differ; counts from 1, 0 when they are the same.
std::size_t first_difference(const std::string& a, const std::string& b, std::string& line_a, std::string& line_b) {
  std::istringstream in_a(a), in_b(b);
  for (std::size_t n = 1;; ++n) {
    const bool has_a = static_cast<bool>(std::getline(in_a, line_a)), has_b = static_cast<bool>(std::getline(in_b, line_b));
    if (!has_a && !has_b) return 0;
    if (!has_a) line_a = "(no more events)";
    if (!has_b) line_b = "(no more events)";
    if (line_a != line_b) return n;
  }
}

}  // namespace

int replay_main(const std::vector<std::string>& arguments) {
  std::string run, out;
  po::options_description visible("usage: touchstone replay RUN [options]\nThe wallet is linked in, also where RUN was made with --process: touchstone-wallet gives the same events. Another\n"
      "--wallet-program is not kept in RUN. The accelerator is the Verilated one, whatever --accelerator was.");
  visible.add_options()("out", po::value(&out), "keep the new run there; by default it is kept beside RUN as RUN.replay, only when it differs")(
      "any-revision", "replay although another revision made the run")("help", "this text");
  po::variables_map vm;
  if (!parse_verb(arguments, visible, {{"run", &run}}, vm)) return 0;
  if (run.empty()) throw po::error("replay needs a run folder");
  fs::path folder = fs::path(run).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  const nlohmann::json r = recorded(folder, vm.count("any-revision") != 0);
  const std::string events = text_of(folder / "events.jsonl");
  if (sha256_of(events) != r.value("events_sha256", ""))
    throw InputError((folder / "events.jsonl").string(), "is not the log results.json speaks of (cut off or changed); run the scenario again");

  RunOptions options;
  try {
    for (const auto& input : r.at("inputs")) {
      const fs::path copy = folder / input.at("file").get<std::string>();
      if (sha256_of(text_of(copy)) != input.at("sha256")) throw InputError(copy.string(), "was changed since the run; run the scenario again");
      InputFiles::instance().replace(input.at("path"), copy.string());
    }
    options.scenario_file = r.at("scenario_file");
    options.finger_png = r.at("finger_png");
    options.firmware_file = r.value("firmware_file", "");
    options.seed = r.at("seed").get<std::uint64_t>();
    if (const std::string data = r.at("touchstone_data"); !data.empty()) setenv("TOUCHSTONE_DATA", data.c_str(), 1);
  } catch (const nlohmann::json::exception& error) {
    throw InputError((folder / "results.json").string(), std::string("is damaged: ") + error.what());
  }
  options.out_dir = out.empty() ? (fs::temp_directory_path() / ("touchstone-replay-" + std::to_string(getpid()))).string() : out;
  const RunResult again = run_scenario(options);
  std::string line_a, line_b;
  const std::size_t line = again.events_sha256 == r.at("events_sha256") ? 0 : first_difference(events, text_of(fs::path(again.folder) / "events.jsonl"), line_a, line_b);
  if (line == 0) {
    if (out.empty()) fs::remove_all(again.folder);
    std::printf("same  %s  %zu events, events_sha256 %s\n", folder.c_str(), static_cast<std::size_t>(std::count(events.begin(), events.end(), '\n')), again.events_sha256.c_str());
    return 0;
  }
  fs::path kept = again.folder;
  if (out.empty()) {  // the evidence stays, beside the run
    kept = folder.string() + ".replay";
    fs::remove_all(kept);
    fs::copy(again.folder, kept, fs::copy_options::recursive);
    fs::remove_all(again.folder);
  }
  std::printf("DIFFERENT  %s\n  line %zu then: %s\n  line %zu now:  %s\n  causes: touchstone diff %s %s\n", folder.c_str(), line, line_a.c_str(), line, line_b.c_str(), folder.c_str(), kept.c_str());
  return 1;
}

}  // namespace touchstone::sim
