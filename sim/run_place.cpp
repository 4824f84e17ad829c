#include "sim/run_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "sim/yaml_table.h"

namespace touchstone::sim {

namespace fs = std::filesystem;

namespace {

/// What a run folder holds, the page of `touchstone report` included.
constexpr std::string_view kOwn[] = {"results.json", "events.jsonl", "source_lines.csv", "trace.json", "air.pcap",    "energy.csv", "accelerator.fst",
                                     "scenario.yaml", "base.yaml",    "inputs",           "display",    "report.html"};
constexpr const char* kLock = ".lock";

void refuse(const fs::path& folder, const std::string& why) { throw InputError("--out " + folder.string(), why); }

}  // namespace

RunPlace::RunPlace(const std::string& name) : folder_(fs::path(name).lexically_normal()) {
  if (!folder_.has_filename()) folder_ = folder_.parent_path();  // "dir/"
  const bool replaceable = !fs::exists(folder_) || (fs::is_directory(folder_) && (fs::is_empty(folder_) || fs::exists(folder_ / "events.jsonl")));
  if (folder_.empty() || folder_ == "." || folder_ == ".." || !replaceable) refuse(name, "is not the folder of an earlier run and will not be replaced; name a new one");
  if (fs::exists(folder_))
    for (const auto& entry : fs::directory_iterator(folder_)) {
      const std::string file = entry.path().filename().string();
      if (std::find(std::begin(kOwn), std::end(kOwn), file) == std::end(kOwn)) refuse(name, "holds '" + file + "', which no run wrote and which would be lost; move it away or name another folder");
    }
  draft_ = folder_.string() + ".partial";
  if (fs::exists(draft_) && !fs::exists(draft_ / kLock) && !fs::exists(draft_ / "display") && !fs::is_empty(draft_))
    refuse(name, "needs " + draft_.string() + " beside it, which holds something else");
  // Better now than after the run.
  std::error_code error;
  fs::create_directories(draft_, error);
  lock_ = open((draft_ / kLock).c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (error || lock_ < 0) refuse(name, "cannot be written: " + (error ? error.message() : std::string(std::strerror(errno))));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    close(lock_);
    lock_ = -1;
    refuse(name, "is being written by another run; wait for it or name another folder");
  }
  for (const auto& entry : fs::directory_iterator(draft_))  // of a run that was killed
    if (entry.path().filename() != kLock) fs::remove_all(entry.path());
  fs::create_directories(draft_ / "display");
}

RunPlace::~RunPlace() {
  if (lock_ < 0) return;
  std::error_code ignored;
  fs::remove_all(draft_, ignored);
  close(lock_);
}

void RunPlace::commit() {
  fs::remove(draft_ / kLock);
  fs::remove_all(folder_);
  fs::rename(draft_, folder_);
  close(lock_);
  lock_ = -1;
}

}  // namespace touchstone::sim
