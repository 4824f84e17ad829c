// touchstone-report: explains, compares and shows runs. It reads run folders only.
#include <cstdio>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "verbs.h"

namespace {

namespace fs = std::filesystem;
using namespace touchstone::report;

constexpr const char* kUsage =
    "usage: touchstone explain RUN                 why the run ended so; 0 when every expectation holds, 1 when not\n"
    "       touchstone diff RUN RUN                the first event in which two runs differ, with its causes; 0 when equal\n"
    "       touchstone report RUN [--out FILE]     one HTML page; default RUN/report.html\n"
    "RUN is a folder that `touchstone run` made. Exit code 2: wrong use, or a folder that cannot be read.\n";

int usage(const std::string& problem) {
  std::fprintf(stderr, "touchstone: %s\n%s", problem.c_str(), kUsage);
  return 2;
}

int write_page(const fs::path& folder, std::string out) {
  const RunFolder run = RunFolder::read(folder);
  if (out.empty()) out = (folder / "report.html").string();
  // Beside its place first: a full disk leaves the old page whole.
  const std::string draft = out + ".partial";
  std::error_code error;
  fs::remove(draft, error);  // a run folder may come from somebody else: never write through a link in it
  std::ofstream file(draft, std::ios::binary);
  file << page(run);
  file.close();
  if (file) fs::rename(draft, out, error);
  if (!file || error) {
    fs::remove(draft, error);
    throw FolderError(out, "cannot be written; name another file with --out");
  }
  std::printf("%s\n", out.c_str());
  return 0;
}

int dispatch(const std::vector<std::string>& arguments) {
  if (arguments.empty()) return usage("which verb?");
  const std::string verb = arguments[0];
  std::vector<std::string> runs;
  std::string out;
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i] == "--help") {
      std::fputs(kUsage, stdout);
      return 0;
    }
    if (verb == "report" && arguments[i] == "--out" && i + 1 < arguments.size()) out = arguments[++i];
    else if (verb == "report" && arguments[i].starts_with("--out=")) out = arguments[i].substr(6);
    else if (arguments[i].starts_with("-")) return usage("unknown option '" + arguments[i] + "'");
    else runs.push_back(arguments[i]);
  }
  const std::size_t wanted = verb == "diff" ? 2 : 1;
  if (verb != "explain" && verb != "diff" && verb != "report") return usage("unknown verb '" + verb + "'");
  if (runs.size() != wanted) return usage(verb + " needs " + (wanted == 2 ? "two run folders" : "a run folder"));
  if (verb == "explain") return explain(RunFolder::read(runs[0]));
  if (verb == "diff") return diff(RunFolder::read(runs[0]), RunFolder::read(runs[1]));
  return write_page(runs[0], out);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch({argv + 1, argv + argc});
  } catch (const FolderError& error) {
    std::fprintf(stderr, "touchstone: %s\n", error.what());
  } catch (const nlohmann::json::exception& error) {
    std::fprintf(stderr, "touchstone: results.json is damaged: %s; run the scenario again\n", error.what());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "touchstone: %s\n", error.what());
  }
  return 2;
}
