#include "sim/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace touchstone::sim {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[2J", kLeave = "\x1b[0m\x1b[?25h\x1b[?1049l";
constexpr int kEnding[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT}, kCrashing[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

termios original;
volatile std::sig_atomic_t taken = 0, asked = 0;

/// The rest of a sequence that the terminal did not take at once must follow, or it stays in the middle of it.
void put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(STDOUT_FILENO, text.data(), text.size());
    if (n > 0) text.remove_prefix(static_cast<std::size_t>(n));
    else if (errno != EINTR && errno != EAGAIN) return;  // the terminal is gone
  }
}

void take() {
  termios raw = original;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  tcsetattr(STDIN_FILENO, TCSANOW, &raw);
  put(kEnter);
  taken = 1;
}

/// Calls nothing that a signal handler may not.
void give_back() {
  if (!taken) return;
  taken = 0;
  put(kLeave);
  tcsetattr(STDIN_FILENO, TCSANOW, &original);
}

void on_end(int signal) { asked = signal; }

void on_crash(int signal) {
  give_back();
  std::signal(signal, SIG_DFL);
  raise(signal);
}

/// Ctrl-Z: the shell gets its screen; on return the card is drawn again.
void on_stop(int) {
  give_back();
  raise(SIGSTOP);
  take();
}

}  // namespace

bool Terminal::available() { return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO); }

Terminal::Terminal() {
  if (tcgetattr(STDIN_FILENO, &original) != 0) throw std::runtime_error("the terminal cannot be set up");
  struct sigaction action {};
  action.sa_handler = on_end;  // no SA_RESTART: waiting for a key ends at once
  for (const int s : kEnding) sigaction(s, &action, nullptr);
  action.sa_handler = on_stop;
  sigaction(SIGTSTP, &action, nullptr);
  for (const int s : kCrashing) std::signal(s, on_crash);
  static const bool at_exit = std::atexit(give_back) == 0;
  (void)at_exit;
  take();
}

Terminal::~Terminal() { give_back(); }

Terminal::Size Terminal::size() const {
  winsize w{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0) return {};
  return {w.ws_col, w.ws_row};
}

std::optional<int> Terminal::key(int timeout_ms) {
  pollfd in{STDIN_FILENO, POLLIN, 0};
  if (poll(&in, 1, timeout_ms) <= 0) return std::nullopt;
  unsigned char c = 0;
  if (read(STDIN_FILENO, &c, 1) != 1) {
    if (in.revents & (POLLHUP | POLLERR)) asked = SIGHUP;
    return std::nullopt;
  }
  if (c != 0x1b) return c;
  unsigned char rest[2] = {};  // an arrow: ESC [ A
  if (poll(&in, 1, 5) <= 0 || read(STDIN_FILENO, rest, 2) != 2) return c;
  return rest[0] == '[' ? 0x100 + rest[1] : c;
}

void Terminal::show(const std::string& frame) {
  std::string out = "\x1b[?2026h\x1b[H";  // drawn in one go where the terminal can
  std::size_t from = 0;
  while (from < frame.size()) {
    const std::size_t end = std::min(frame.find('\n', from), frame.size());
    out.append(frame, from, end - from).append("\x1b[0m\x1b[K");
    if (end < frame.size() && end + 1 < frame.size()) out += "\r\n";
    from = end + 1;
  }
  put(out + "\x1b[J\x1b[?2026l");
}

int Terminal::asked_to_end() { return asked; }

}  // namespace touchstone::sim
