// The driver: starts parties, carries their messages one at a time, kills them, and looks at everything that passes or is stored.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "contract/dkls.h"
#include "contract/frost.h"
#include "contract/lindell.h"
#include "contract/musig2.h"
#include "kill/party.h"

namespace touchstone::kill_test {

inline constexpr std::size_t kNever = ~std::size_t{0};

/// kill -9 of one party when so many messages have been delivered. What it said last is lost with it, or arrives all the same.
struct Kill {
  mpc::PartyId victim = 0;
  std::size_t after = kNever;
  bool loses_messages = false;
};
struct Outcome {
  std::map<mpc::PartyId, Report> reports;  ///< of the living
  std::size_t delivered = 0;
  bool killed = false;
  bool all_done() const {
    return !killed && std::all_of(reports.begin(), reports.end(), [](const auto& r) { return r.second.state == Report::State::kDone; });
  }
  bool apart() const {
    return std::any_of(reports.begin(), reports.end(), [](const auto& r) { return r.second.apart != 0; });
  }
  const Text& result() const { return reports.begin()->second.result; }
};
using Files = std::map<std::string, Text>;

class World {
 public:
  explicit World(const std::vector<mpc::PartyId>& ids) {
    std::string pattern = testing::TempDir() + "touchstone_kill_XXXXXX";
    root_ = mkdtemp(pattern.data());
    for (const mpc::PartyId id : ids) start(id);
  }
  ~World() {
    for (auto& [id, process] : processes_) stop(process);
    fs::remove_all(root_);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Outcome run(Order order, const Kill& kill = {}, mpc::PartyId dies_by_itself = 0, DieAt die_at = DieAt::kNowhere);

  /// Everything on a party's disk.
  Files files_of(mpc::PartyId id) const {
    Files out;
    for (const auto& entry : fs::directory_iterator(folder_of(id))) out[entry.path().filename()] = read_file(entry.path());
    return out;
  }
  /// Puts back all, or all but the generator's state.
  void set_back(mpc::PartyId id, const Files& files, bool with_generator) const {
    for (const auto& [name, text] : files_of(id))
      if (with_generator || name != "generator") fs::remove(folder_of(id) / name);
    for (const auto& [name, text] : files)
      if (with_generator || name != "generator") write_file(folder_of(id) / name, text);
  }
  Store store_of(mpc::PartyId id) const { return Store(folder_of(id)); }
  std::vector<mpc::PartyId> ids() const {
    std::vector<mpc::PartyId> out;
    for (const auto& [id, process] : processes_) out.push_back(id);
    return out;
  }
  /// What is on a disk and should not be: secrets, and files of no known name; empty if nothing is.
  std::string secrets_stored() const;
  std::size_t nonces_seen() const { return nonces_.size(); }
  /// Nonces, or commitments to one, that were said in two runs.
  std::size_t repeated_nonces() const { return repeated_nonces_; }
  std::size_t kills() const { return kills_; }

 private:
  struct Process {
    pid_t pid = -1;
    int socket = -1;
  };
  struct Message {
    mpc::PartyId from, to;
    Text bytes;
  };
  fs::path folder_of(mpc::PartyId id) const { return root_ / std::to_string(id); }
  void start(mpc::PartyId id) {
    fs::create_directories(folder_of(id));
    int sockets[2];
    TS_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0, "socketpair");
    std::fflush(nullptr);
    const pid_t pid = fork();
    TS_CHECK(pid >= 0, "fork");
    if (pid == 0) {
      for (const auto& [other, process] : processes_) close(process.socket);
      close(sockets[0]);
      serve(id, folder_of(id), sockets[1]);
    }
    close(sockets[1]);
    processes_[id] = {pid, sockets[0]};
  }
  int stop(Process& process) {
    ::kill(process.pid, SIGKILL);
    int status = 0;
    waitpid(process.pid, &status, 0);
    close(process.socket);
    return status;
  }
  void kill_and_restart(mpc::PartyId id) {
    const int status = stop(processes_.at(id));
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    ++kills_;
    start(id);
  }
  /// What a party says until it is idle; nothing if it has died.
  std::optional<Report> listen(mpc::PartyId id, std::deque<Message>& waiting) {
    while (auto frame = receive_frame(processes_.at(id).socket)) {
      if (frame->kind == Kind::kIdle) {
        const Text& b = frame->bytes;
        return Report{static_cast<Report::State>(b[0]), static_cast<ErrorCode>(b[1]), b[2], {b.begin() + 3, b.end()}};
      }
      watch(id, frame->bytes);
      waiting.push_back({id, frame->party, frame->bytes});
    }
    return std::nullopt;
  }
  /// Every nonce, and every commitment to one, belongs to one run and one party.
  void watch(mpc::PartyId from, const Text& bytes);
  Order order_{};
  fs::path root_;
  std::map<mpc::PartyId, Process> processes_;
  std::map<Text, std::pair<mpc::PartyId, std::size_t>> nonces_;  // to its party and run
  std::size_t runs_ = 0, kills_ = 0, repeated_nonces_ = 0;
};

}  // namespace touchstone::kill_test
