// The wallet's program as a child over a socket. The simulation waits for every answer, so the order of things is the
// same as with the linked-in wallet; the host's clock only bounds the waiting.
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>  // Boost 1.74 forgets it

#include <boost/asio.hpp>

#include "sim/child.h"
#include "sim/wallet_port.h"
#include "sim/yaml_table.h"
#include "wallet/lockstep.h"

namespace touchstone::sim {
namespace {

namespace asio = boost::asio;
namespace lockstep = wallet::lockstep;
using Clock = std::chrono::steady_clock;
using IoError = boost::system::error_code;

/// What the child does between fork and exec: the socket becomes its standard input, its output goes to stderr (stdout
/// belongs to the results), and it dies with us.
[[noreturn]] void become(const char* path, int socket, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  if (dup2(socket, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) _exit(127);
  close_range(3, ~0U, 0);
  char* const arguments[] = {const_cast<char*>(path), const_cast<char*>("simulate"), nullptr};
  execv(path, arguments);
  _exit(127);
}

std::string show_end(int status) {
  if (WIFSIGNALED(status)) return std::string("ended by SIG") + sigabbrev_np(WTERMSIG(status));
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

class WalletProcess : public WalletPort {
 public:
  explicit WalletProcess(WalletProgram program) : program_(std::move(program)), io_(1), socket_(io_) {
    if (!std::filesystem::is_regular_file(program_.path) || access(program_.path.c_str(), X_OK) != 0)
      throw InputError("wallet program " + program_.path, "there is no such program");
  }
  ~WalletProcess() override { kill(); }

  std::variant<wallet::Actions, WalletFault> deliver(wallet::Input input) override {
    if (std::holds_alternative<wallet::Start>(input)) spawn();
    TS_CHECK(pid_ > 0, "a program runs");
    deadline_ = Clock::now() + program_.limit;
    auto answer = converse(input);
    kill_after(answer);
    return answer;
  }

  void kill() override {
    IoError ignored;
    socket_.close(ignored);
    if (pid_ <= 0) return;
    // Its whole group: a script's children too. SIGKILL cannot be refused, so the wait ends.
    if (::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
    end_orphans();
  }

  pid_t pid() const override { return pid_; }

  /// The child waits for its next input, so its memory stands still.
  MemoryCopy memory() const override {
    MemoryCopy out;
    if (pid_ <= 0) return out;
    if (!children_of(pid_).empty() || !orphans().empty()) out.failure = "the wallet's program has child processes, whose memory is not searched; a script should exec its program";
    const std::string folder = "/proc/" + std::to_string(pid_);
    std::ifstream maps(folder + "/maps"), memory(folder + "/mem", std::ios::binary);
    std::size_t total = 0;
    for (std::string line; std::getline(maps, line);) {
      unsigned long begin = 0, end = 0;
      char access[8] = {}, name[256] = {};
      // begin-end access offset device inode name; without a name: anonymous
      if (std::sscanf(line.c_str(), "%lx-%lx %7s %*s %*s %*s %255[^\n]", &begin, &end, access, name) >= 3 && access[1] != 'w') continue;
      const std::string place = "wallet process " + std::string(name[0] != 0 ? name : "anonymous");
      if (end - begin > kMaxProgramMemory_bytes - total) {
        out.failure = "truncated: the wallet's program has more than " + std::to_string(kMaxProgramMemory_bytes >> 20) + " MiB of writable memory";
        return out;
      }
      Memory pages{place, std::vector<std::uint8_t>(end - begin)};
      memory.seekg(static_cast<std::streamoff>(begin));
      memory.read(reinterpret_cast<char*>(pages.bytes.data()), static_cast<std::streamsize>(pages.bytes.size()));
      total += pages.bytes.size();
      if (!memory) {
        memory.clear();
        out.failure = place + ": the memory of the wallet's program cannot be read";
      } else {
        out.parts.push_back(std::move(pages));
      }
    }
    if (out.parts.empty()) out.failure = "the memory of the wallet's program cannot be read";
    return out;
  }

 private:
  using Answer = std::variant<wallet::Actions, WalletFault>;

  /// What the program left when it or its children ended, in groups of their own too: as a subreaper we are their parent.
  std::vector<pid_t> orphans() const {
    std::vector<pid_t> out = children_of(getpid());
    std::erase_if(out, [this](pid_t pid) { return pid == pid_ || others_.contains(pid); });
    return out;
  }

  void end_orphans() {
    for (auto left = orphans(); !left.empty(); left = orphans())  // each may leave others
      for (const pid_t pid : left) {
        ::kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
      }
  }

  void spawn() {
    kill();
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    const std::vector<pid_t> before = children_of(getpid());
    others_ = {before.begin(), before.end()};
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) throw std::runtime_error("socketpair failed");
    const pid_t self = getpid();
    pid_ = fork();
    if (pid_ == 0) become(program_.path.c_str(), ends[1], self);
    close(ends[1]);
    if (pid_ < 0) {
      close(ends[0]);
      throw std::runtime_error("fork failed");
    }
    setpgid(pid_, pid_);  // both do it, so that it is done whoever comes first
    socket_.assign(asio::local::stream_protocol(), ends[0]);
  }

  void kill_after(const Answer& answer) {
    if (std::holds_alternative<WalletFault>(answer)) kill();
  }

  /// Runs one operation to its end; no value: the deadline came first.
  template <typename Begin>
  std::optional<IoError> complete(Begin begin) {
    std::optional<IoError> result;
    begin([&result](IoError error, std::size_t) { result = error; });
    io_.restart();
    io_.run_until(deadline_);
    if (result) return result;
    IoError ignored;
    socket_.cancel(ignored);
    io_.restart();
    io_.run();  // the handler refers to this frame: it must have run
    return std::nullopt;
  }

  WalletFault hung() const { return {"hung", "no answer within " + std::to_string(program_.limit.count()) + " ms"}; }

  /// The child has closed the socket. How it ended says more than that it did, so it gets a moment to end.
  WalletFault ended(bool inside_frame) {
    int status = 0;
    for (int i = 0; i < 1000; ++i) {
      if (const pid_t gone = waitpid(pid_, &status, WNOHANG); gone == pid_) {
        ::kill(-pid_, SIGKILL);  // what it may have left behind
        pid_ = -1;
        end_orphans();
        if (inside_frame && WIFEXITED(status) && WEXITSTATUS(status) == 0) return {"garbage", "half a frame"};
        return {"crashed", show_end(status)};
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return {"garbage", inside_frame ? "half a frame" : "closed the connection"};
  }

  Answer converse(const wallet::Input& input) {
    wallet::ByteVector out = lockstep::encode(input);
    const auto written = complete([&](auto handler) { asio::async_write(socket_, asio::buffer(out), handler); });
    wipe(out.data(), out.size());
    if (!written) return hung();
    if (*written) return ended(false);
    lockstep::AnswerDecoder decoder;
    wallet::ByteVector frame;
    for (;;) {
      ByteArray<lockstep::kHeaderBytes> header{};
      std::size_t got = 0;
      const auto head = complete([&](auto handler) {
        asio::async_read(socket_, asio::buffer(header), [&got, handler](IoError error, std::size_t n) mutable {
          got = n;
          handler(error, n);
        });
      });
      if (!head) return hung();
      if (*head) return ended(got > 0);
      const auto size = lockstep::frame_bytes(header);
      if (!size) return WalletFault{"garbage", size.error().what};
      frame.resize(*size);
      const auto body = complete([&](auto handler) { asio::async_read(socket_, asio::buffer(frame), handler); });
      if (!body) return hung();
      if (*body) return ended(true);
      const auto last = decoder.take(frame);
      if (!last) return WalletFault{"garbage", last.error().what};
      if (*last) return std::move(decoder.actions());
    }
  }

  WalletProgram program_;
  asio::io_context io_;
  asio::local::stream_protocol::socket socket_;
  Clock::time_point deadline_;
  pid_t pid_ = -1;
  std::set<pid_t> others_;  // children of ours from before the program
};

}  // namespace

std::unique_ptr<WalletPort> wallet_process(const WalletProgram& program) { return std::make_unique<WalletProcess>(program); }

std::string default_wallet_program() { return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "touchstone-wallet").string(); }

}  // namespace touchstone::sim
