#include "sim/campaign.h"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "biometrics/converter.h"
#include "biometrics/feature.h"
#include "crypto/sha256.h"
#include "sim/build_info.h"
#include "sim/child.h"
#include "sim/world.h"
#include "sim/verb_options.h"
#include "sim/yaml_table.h"
#include "wallet/encoding.h"

namespace touchstone::sim {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

constexpr FieldRow kCampaignFields[] = {
    {"touchstone", FieldType::kInteger, true, "format version", 1, 1},
    {"name", FieldType::kName, true, "names the result folder"},
    {"title", FieldType::kText, true, "what is measured"},
    {"scenario", FieldType::kText, true, "played for every try; all its touches are made by the tested finger and impression"},
    {"sensor", FieldType::kMap, true, "replaces the scenario's sensor"},
    {"sensor.width_px", FieldType::kInteger, true, "", 160, 320},
    {"sensor.height_px", FieldType::kInteger, true, "", 160, 320},
    {"prints", FieldType::kMap, true, "the set"},
    {"prints.image", FieldType::kText, true, "path with {finger} and {impression}, under $TOUCHSTONE_DATA"},
    {"prints.first_finger", FieldType::kInteger, true, "", 0, 1'000'000},
    {"prints.last_finger", FieldType::kInteger, true, "", 0, 1'000'000},
    {"prints.impressions", FieldType::kInteger, true, "of each finger, numbered from 1", 2, 1000},
    {"prints.enrolled", FieldType::kInteger, true, "the first so many are enrolled", 1, 8},
};

struct Case {
  int enrolled, finger, impression;
  bool genuine() const { return enrolled == finger; }
  std::string key() const { return std::to_string(enrolled) + "/" + std::to_string(finger) + "_" + std::to_string(impression); }
};

std::string finger_name(int finger) { return "set.finger_" + std::to_string(finger); }

std::vector<Case> cases_of(const Campaign& c, int enrolled) {
  std::vector<Case> out;
  for (int finger = c.first_finger; finger <= c.last_finger; ++finger)
    for (int impression = finger == enrolled ? c.enrolled_impressions + 1 : 1; impression <= c.impressions; ++impression) out.push_back({enrolled, finger, impression});
  return out;
}

/// One try in a forked copy of the enrolled world: how it ended, as one JSON line.
std::string play_case(World& world, Scenario& scenario, const Case& c) {
  for (Step& step : scenario.steps)
    if (step.action.kind == Action::Kind::kTouch) {
      step.action.contact.finger = finger_name(c.finger);
      step.action.contact.impression = c.impression;
    }
  // The scenario's own verdict does not matter here: stop as soon as the wallet knows.
  world.play();
  const bool released = world.wallet().signature().has_value();
  const auto usage = world.usage();
  std::int64_t time_ns = 0;
  std::uint64_t instructions = 0;
  for (const auto& u : usage) {
    time_ns += u.time_ns;
    instructions += u.instructions;
  }
  return nlohmann::ordered_json{{"case", c.key()}, {"genuine", c.genuine()}, {"signed", released},
                                {"refusal", world.wallet().last_refusal()}, {"time_ns", time_ns}, {"instructions", instructions}}.dump() + "\n";
}

/// Enrols one finger and plays its cases in forks, as many at a time as there are cores. Called in a process of its own.
int run_finger(const Campaign& campaign, int enrolled, const std::string& cases_file, const std::vector<Case>& todo) {
  Scenario scenario = campaign.scenario;
  scenario.enrolment.fingers = {finger_name(enrolled)};
  scenario.enrolment.touches = campaign.enrolled_impressions;
  scenario.enrolment.first_impression = 1;
  EventLog log;
  World world("world", scenario, log, linked_in_wallet(), Faces(scenario, {wallet::default_bio_program()}));
  for (const Case& c : todo) world.people().prepare({finger_name(c.finger), c.impression}, campaign.file);
  try {
    world.enrol();
  } catch (const std::runtime_error& error) {
    // A finger the card does not take cannot be tried: its cases count as failures to enrol, not as refusals.
    std::ofstream out(cases_file, std::ios::app);
    for (const Case& c : todo)
      out << nlohmann::ordered_json{{"case", c.key()}, {"genuine", c.genuine()}, {"signed", false}, {"enrolled", false}, {"refusal", error.what()}}.dump() + "\n";
    return 0;
  }
  const std::size_t workers = std::max(1u, std::thread::hardware_concurrency());
  std::size_t running = 0, failed = 0;
  const auto reap = [&] {
    int status = 0;
    if (wait(&status) > 0) --running;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) ++failed;
  };
  for (const Case& c : todo) {
    while (running >= workers) reap();
    std::fflush(nullptr);
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("fork failed");
    if (pid == 0) {
      const std::string line = play_case(world, scenario, c);
      // One write() of one line with O_APPEND: whole or not there, whatever kills us.
      std::FILE* out = std::fopen(cases_file.c_str(), "a");
      const bool written = out != nullptr && std::fwrite(line.data(), 1, line.size(), out) == line.size() && std::fclose(out) == 0;
      _exit(written ? 0 : 1);
    }
    ++running;
  }
  while (running > 0) reap();
  if (failed > 0) throw std::runtime_error(std::to_string(failed) + " tries died; run the campaign again to repeat them");
  return 0;
}

std::map<std::string, nlohmann::json> read_cases(const fs::path& file) {
  std::map<std::string, nlohmann::json> out;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    const nlohmann::json json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_discarded()) continue;  // a torn last line: its case runs again
    out[json.at("case")] = json;
  }
  return out;
}

std::string text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What must be the same for old tries to count: the program and everything it read.
std::string campaign_identity(const Campaign& c) {
  const std::string read = text_of(c.file) + text_of(c.scenario.file) + (c.scenario.base_file.empty() ? "" : text_of(c.scenario.base_file));
  const auto hash = crypto::sha256(Bytes(reinterpret_cast<const std::uint8_t*>(read.data()), read.size()));
  return nlohmann::ordered_json{{"campaign", c.name}, {"seed", c.scenario.seed}, {"git_revision", kGitRevision}, {"input_sha256", wallet::to_hex(hash)}}.dump() + "\n";
}

/// Resumes only what this program began on this input.
void claim_folder(const fs::path& folder, const Campaign& campaign) {
  const fs::path identity = folder / "campaign.json";
  if (fs::exists(folder / "cases.jsonl") && text_of(identity.string()) != campaign_identity(campaign))
    throw InputError(folder.string(), "holds tries of another revision, seed or input; name another --out or delete it");
  std::ofstream out(identity, std::ios::binary);
  out << campaign_identity(campaign);
  if (!out.flush()) throw InputError(folder.string(), "cannot be written");
}

/// A kill can leave half a line at the end: it goes, and its case runs again.
void drop_torn_line(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  const std::size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  if (whole < text.size()) fs::resize_file(file, whole);
}

std::string show(const char* name, const Rate& rate) {
  const auto [low, high] = interval95(rate);
  char text[160];
  std::snprintf(text, sizeof text, "%-10s %llu of %llu signed: %.1f %% [%.1f, %.1f]\n", name, static_cast<unsigned long long>(rate.hits),
                static_cast<unsigned long long>(rate.tries), 100 * rate.value(), 100 * low, 100 * high);
  return text;
}

int run_campaign(const Campaign& campaign, const fs::path& folder, const std::string& json_file) {
  fs::create_directories(folder);
  claim_folder(folder, campaign);
  const fs::path cases_file = folder / "cases.jsonl";
  if (fs::exists(cases_file)) drop_torn_line(cases_file);
  std::size_t total = 0;
  for (int f = campaign.first_finger; f <= campaign.last_finger; ++f) total += cases_of(campaign, f).size();
  for (int f = campaign.first_finger; f <= campaign.last_finger; ++f) {
    if (isatty(2)) std::fprintf(stderr, "\r%zu of %zu tries", read_cases(cases_file).size(), total);
    if (const int code = run_self({"campaign", "finger", campaign.file, std::to_string(f), cases_file.string(), std::to_string(campaign.scenario.seed)}); code != 0) return code;
  }
  if (isatty(2)) std::fprintf(stderr, "\r%zu of %zu tries\n", total, total);

  Rate genuine, impostor;
  std::uint64_t not_enrolled = 0;
  for (const auto& [key, c] : read_cases(cases_file)) {
    if (!c.value("enrolled", true)) {
      ++not_enrolled;
      continue;
    }
    Rate& rate = c.at("genuine").get<bool>() ? genuine : impostor;
    ++rate.tries;
    if (c.at("signed").get<bool>()) ++rate.hits;
  }
  const int dimensions = biometrics::finger_network().architecture().dimensions;
  const codes::CodeChoice code = biometrics::code_for(1, dimensions);
  std::printf("%s\nsensor %dx%d px, %d impressions enrolled; polar code n=%d k=%d bits, embedding d'=%d\n", campaign.title.c_str(), campaign.scenario.card.sensor_width_px,
              campaign.scenario.card.sensor_height_px, campaign.enrolled_impressions, code.n, code.k, dimensions);
  std::fputs(show("genuine", genuine).c_str(), stdout);
  std::fputs(show("impostor", impostor).c_str(), stdout);
  if (not_enrolled > 0) std::printf("failure to enrol: %llu tries could not be made and are in neither rate\n", static_cast<unsigned long long>(not_enrolled));
  std::printf("FNMR = 100 %% - genuine, FMR = impostor; 95 %% Clopper-Pearson, tries of one finger are not independent\n");
  const auto rate_json = [](const Rate& r) {
    const auto [low, high] = interval95(r);
    return nlohmann::ordered_json{{"signed", r.hits}, {"tries", r.tries}, {"rate", r.value()}, {"low95", low}, {"high95", high}};
  };
  const nlohmann::ordered_json out{{"version", 1}, {"campaign", campaign.name}, {"seed", campaign.scenario.seed},
                                   {"sensor_width_px", campaign.scenario.card.sensor_width_px}, {"sensor_height_px", campaign.scenario.card.sensor_height_px},
                                   {"enrolled_impressions", campaign.enrolled_impressions}, {"code_n_bits", code.n}, {"code_k_bits", code.k},
                                   {"embedding_dimensions", dimensions}, {"genuine", rate_json(genuine)}, {"impostor", rate_json(impostor)}, {"tries_not_enrolled", not_enrolled},
                                   {"git_revision", kGitRevision}, {"machine", machine_name()}};
  for (const fs::path& path : {folder / "results.json", fs::path(json_file)}) {
    if (path.empty()) continue;
    std::ofstream file(path);
    file << out.dump(2) << "\n";
    if (!file.flush()) throw std::runtime_error(path.string() + ": cannot be written");
  }
  return 0;
}

}  // namespace

Campaign load_campaign(const std::string& file) {
  const YAML::Node root = load_checked(file, kCampaignFields);
  Campaign c;
  c.file = file;
  c.name = root["name"].Scalar();
  c.title = root["title"].Scalar();
  c.scenario = load_scenario((fs::path(file).parent_path() / root["scenario"].Scalar()).lexically_normal().string());
  c.scenario.card.sensor_width_px = root["sensor"]["width_px"].as<int>();
  c.scenario.card.sensor_height_px = root["sensor"]["height_px"].as<int>();
  c.scenario.card.sensor_drawn = false;  // the set's pictures are captures already and hold their own sensor's tolerances
  c.scenario.card.sensor_noise = 0;
  const YAML::Node prints = root["prints"];
  c.image = resolve_data_path(file, prints["image"]);
  c.first_finger = prints["first_finger"].as<int>();
  c.last_finger = prints["last_finger"].as<int>();
  c.impressions = prints["impressions"].as<int>();
  c.enrolled_impressions = prints["enrolled"].as<int>();
  if (c.last_finger <= c.first_finger) throw InputError(file, line_of(prints["last_finger"]), "prints.last_finger must be larger than prints.first_finger");
  if (c.enrolled_impressions >= c.impressions) throw InputError(file, line_of(prints["enrolled"]), "prints.enrolled must leave impressions to try");
  for (int finger = c.first_finger; finger <= c.last_finger; ++finger) {
    std::string image = c.image;
    if (const std::size_t at = image.find("{finger}"); at != std::string::npos) image.replace(at, 8, std::to_string(finger));
    else throw InputError(file, line_of(prints["image"]), "prints.image must contain {finger}");
    c.scenario.fingers[finger_name(finger)] = FingerSpec{.image = image, .place = file + ":" + std::to_string(line_of(prints["image"]))};
  }
  return c;
}

int campaign_main(const std::vector<std::string>& arguments) {
  // The inner call of run_campaign: one enrolled finger in a process of its own.
  if (arguments.size() == 5 && arguments[0] == "finger") {
    Campaign campaign = load_campaign(arguments[1]);
    const int enrolled = std::stoi(arguments[2]);
    campaign.scenario.seed = std::stoull(arguments[4]);
    const auto done = read_cases(arguments[3]);
    std::vector<Case> todo;
    for (const Case& c : cases_of(campaign, enrolled))
      if (!done.contains(c.key())) todo.push_back(c);
    return todo.empty() ? 0 : run_finger(campaign, enrolled, arguments[3], todo);
  }
  std::string verb, file, out, json;
  std::uint64_t seed = 0;
  po::options_description visible("usage: touchstone campaign run FILE [options]");
  visible.add_options()("seed", po::value(&seed), "replaces the scenario's seed: other records of the same fingers")("out", po::value(&out), "result folder; default runs/<campaign>-<seed>; what stands there is resumed")("json", po::value(&json), "also write the results there")("help", "this text");
  po::variables_map vm;
  if (!parse_verb(arguments, visible, {{"verb", &verb}, {"file", &file}}, vm)) return 0;
  if (verb != "run" || file.empty()) throw po::error("use: campaign run FILE");
  Campaign campaign = load_campaign(file);
  if (vm.count("seed")) campaign.scenario.seed = seed;
  return run_campaign(campaign, out.empty() ? fs::path("runs") / (campaign.name + "-" + std::to_string(campaign.scenario.seed)) : fs::path(out), json);
}

}  // namespace touchstone::sim
