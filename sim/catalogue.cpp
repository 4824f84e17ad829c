#include "sim/catalogue.h"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "sim/director.h"
#include "sim/scenario.h"
#include "sim/verb_options.h"
#include "sim/yaml_table.h"

namespace touchstone::sim {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

struct Entry {
  std::string file, tag;
  Scenario scenario;
};

/// Scenarios below `folder`; what is no scenario (campaigns) or must not be read (bad/) is not listed.
std::vector<Entry> entries(const fs::path& folder, std::vector<std::string>& refused) {
  std::vector<fs::path> files;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator(); ++it) {
    const std::string name = it->path().filename().string();
    if (it->is_directory() && (name == "bad" || name == "campaigns")) it.disable_recursion_pending();
    else if (it->path().extension() == ".yaml") files.push_back(it->path());
  }
  std::sort(files.begin(), files.end());
  std::vector<Entry> out;
  for (const fs::path& file : files) {
    try {
      out.push_back({file.string(), file.parent_path().filename().string(), load_scenario(file.string())});
    } catch (const InputError& error) {
      refused.emplace_back(error.what());
    }
  }
  return out;
}

std::string expected(const Expectation& e) {
  std::string out = (e.never ? "never " : "") + e.pattern.to_string();
  if (e.count > 1) out += " x" + std::to_string(e.count);
  if (e.within_ns) out += " within " + show_time(*e.within_ns);
  return out;
}

}  // namespace

int list_main(const std::vector<std::string>& arguments) {
  std::string folder = "scenarios";
  po::options_description visible("usage: touchstone list [DIR] [options]");
  visible.add_options()("json", "as JSON")("help", "this text");
  po::variables_map vm;
  if (!parse_verb(arguments, visible, {{"folder", &folder}}, vm)) return 0;
  if (!fs::is_directory(folder)) throw InputError(folder, "there is no such folder; name one that holds scenarios (in a clone: scenarios)");
  std::vector<std::string> refused;
  const std::vector<Entry> all_entries = entries(folder, refused);
  if (all_entries.empty() && refused.empty()) throw InputError(folder, "no scenario (*.yaml) in this folder");
  if (vm.count("json")) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Entry& e : all_entries) {
      std::vector<std::string> expectations;
      for (const Expectation& x : e.scenario.expectations) expectations.push_back(expected(x));
      list.push_back({{"file", e.file}, {"name", e.scenario.name}, {"tag", e.tag}, {"title", e.scenario.title}, {"base", e.scenario.base_file}, {"seed", e.scenario.seed},
                      {"timeout_ns", e.scenario.timeout_ns}, {"steps", e.scenario.steps.size()}, {"expect", expectations}});
    }
    std::cout << nlohmann::ordered_json{{"version", 1}, {"scenarios", list}, {"unreadable", refused}}.dump(2) << "\n";
  } else {
    std::string tag;
    for (const Entry& e : all_entries) {
      if (e.tag != tag) std::printf("%s%s\n", tag.empty() ? "" : "\n", (tag = e.tag).c_str());
      std::printf("  %-28s %s\n", e.scenario.name.c_str(), e.scenario.title.c_str());
      std::string line;
      for (const Expectation& x : e.scenario.expectations) line += (line.empty() ? "" : ", ") + expected(x);
      std::printf("  %-28s expects: %s\n", "", line.c_str());
    }
    std::printf("\n%zu scenarios; run one: touchstone run FILE (%s/<folder>/<name>.yaml)\n", all_entries.size(), folder.c_str());
  }
  for (const std::string& why : refused) std::fprintf(stderr, "not listed: %s\n", why.c_str());
  return 0;
}

}  // namespace touchstone::sim
