#include "wallet_face/bio_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <tuple>

namespace touchstone::wallet {
namespace {

using Clock = std::chrono::steady_clock;

struct Pipe {
  int read = -1, write = -1;
  bool open() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    read = ends[0];
    write = ends[1];
    return true;
  }
  static void close(int& fd) {
    if (fd >= 0) ::close(fd);
    fd = -1;
  }
  ~Pipe() {
    close(read);
    close(write);
  }
};

/// Where one stream of the program goes; never grows, so there is no copy but this one, and it is wiped.
class Output {
 public:
  Output() : bytes_(kMaxBioOutputBytes) {}
  ~Output() { wipe(bytes_.data(), bytes_.size()); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  enum class Got { kSome, kEnd, kTooMuch };
  Got read_from(int fd) {
    const ssize_t n = ::read(fd, bytes_.data() + size_, bytes_.size() - size_);
    if (n < 0) return errno == EINTR || errno == EAGAIN ? Got::kSome : Got::kEnd;
    size_ += static_cast<std::size_t>(n);
    if (n == 0) return Got::kEnd;
    return size_ == bytes_.size() ? Got::kTooMuch : Got::kSome;
  }
  Bytes bytes() const { return Bytes(bytes_).first(size_); }

 private:
  ByteVector bytes_;
  std::size_t size_ = 0;
};

/// Between fork and exec. It gets a process group of its own, so that a script ends with what it started, and dies with us.
[[noreturn]] void become(const std::vector<char*>& arguments, int out, int err, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int nothing = ::open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0) _exit(127);
  close_range(3, ~0U, 0);
  execv(arguments[0], arguments.data());
  _exit(127);
}

class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) { setpgid(pid, pid); }
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Its exit status where it has ended by then.
  std::optional<int> wait_until(Clock::time_point deadline) {
    for (;;) {
      int status = 0;
      const pid_t ended = waitpid(pid_, &status, WNOHANG);
      if (ended == pid_) {
        pid_ = -1;
        return status;
      }
      if (ended < 0 || Clock::now() >= deadline) return std::nullopt;
      ::poll(nullptr, 0, 2);  // its output has ended: it is about to
    }
  }
  void end() {
    if (pid_ <= 0) return;
    if (::kill(-pid_, SIGKILL) != 0) ::kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
  }

 private:
  pid_t pid_;
};

/// For a terminal: another program's words without its control characters, those of UTF-8 (C2 80 to C2 9F) among them.
std::string sentences(Bytes untrusted) {
  std::string out;
  std::uint8_t before = 0;
  for (const std::uint8_t c : untrusted) {
    const bool control = (c < 0x20 && c != '\n') || c == 0x7F || (before == 0xC2 && c < 0xA0);
    out += control ? '?' : static_cast<char>(c);
    before = c;
  }
  while (out.ends_with('\n')) out.pop_back();
  return out;
}

}  // namespace

std::string default_bio_program() { return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "touchstone-bio").string(); }

std::variant<FaceCode, BioFailure> face_code_of(const BioProgram& program, const std::vector<std::string>& pictures) {
  const auto fail = [&](const std::string& why) { return BioFailure{program.path + " " + why}; };
  struct stat status {};
  if (::stat(program.path.c_str(), &status) != 0 || !S_ISREG(status.st_mode) || ::access(program.path.c_str(), X_OK) != 0)
    return BioFailure{"there is no program " + program.path + ", which tells faces: build it, or name it with --bio-program"};
  Pipe out, err;
  if (!out.open() || !err.open()) return fail("could not be started");
  std::vector<char*> arguments{const_cast<char*>(program.path.c_str()), const_cast<char*>("face"), const_cast<char*>("code")};
  for (const std::string& picture : pictures) arguments.push_back(const_cast<char*>(picture.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid(), pid = fork();
  if (pid < 0) return fail("could not be started");
  if (pid == 0) become(arguments, out.write, err.write, parent);
  Child child(pid);
  Pipe::close(out.write);
  Pipe::close(err.write);

  const auto deadline = Clock::now() + program.limit;
  Output answer, words;
  while (out.read >= 0 || err.read >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return fail("did not answer within " + std::to_string(program.limit.count() / 1000) + " s");
    pollfd waiting[] = {{out.read, POLLIN, 0}, {err.read, POLLIN, 0}};  // a negative one is left out
    if (::poll(waiting, 2, static_cast<int>(std::min<long>(left, 1000))) <= 0) continue;
    for (auto [polled, end, into] : {std::tuple{&waiting[0], &out.read, &answer}, {&waiting[1], &err.read, &words}}) {
      if (polled->revents == 0) continue;
      const auto got = into->read_from(*end);
      if (got == Output::Got::kTooMuch) return fail("said more than an answer has");
      if (got == Output::Got::kEnd) Pipe::close(*end);
    }
  }
  const auto ended = child.wait_until(deadline);
  if (!ended) return fail("did not end");
  if (WIFSIGNALED(*ended)) return fail(std::string("was ended by SIG") + sigabbrev_np(WTERMSIG(*ended)));
  if (WEXITSTATUS(*ended) != 0) {
    const std::string said = sentences(words.bytes());
    return said.empty() ? fail("ended with exit code " + std::to_string(WEXITSTATUS(*ended)) + " and said nothing") : BioFailure{said};
  }
  auto code = parse_face_answer(answer.bytes(), pictures.size());
  if (!code) return fail(std::string("gave ") + code.error().what);
  return std::move(code).value();
}

}  // namespace touchstone::wallet
