// Where a run's folder comes to stand. It is written beside its place and moved there whole, or not at all.
#pragma once

#include <filesystem>
#include <string>

namespace touchstone::sim {

class RunPlace {
 public:
  /// The place may be absent, empty, or an earlier run's folder that holds nothing else. Throws InputError otherwise, where it
  /// cannot be written, and while another run is being written there.
  explicit RunPlace(const std::string& folder);
  /// What was not moved to its place is removed.
  ~RunPlace();
  RunPlace(const RunPlace&) = delete;
  RunPlace& operator=(const RunPlace&) = delete;

  const std::filesystem::path& draft() const { return draft_; }
  /// The draft takes its place; the earlier run is gone.
  void commit();

 private:
  std::filesystem::path folder_, draft_;
  int lock_ = -1;  // of the draft: a run that was killed holds none
};

}  // namespace touchstone::sim
