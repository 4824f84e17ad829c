// Rate and time left on standard error, every second, only where that is a terminal.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>

namespace touchstone::nets {

class Progress {
 public:
  Progress(std::string unit, bool wanted) : unit_(std::move(unit)), shown_(wanted && isatty(2) != 0) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() {
    if (written_) std::fputs("\r\x1b[K", stderr);
  }
  /// `ready` of the `done` were there at the start and say nothing about the rate.
  void step(double done, double ready, double all, const std::string& more = "") {
    const auto now = Clock::now();
    if (!shown_ || (now - last_ < std::chrono::seconds(1))) return;
    last_ = now;
    written_ = true;
    const double rate = (done - ready) / std::max(1e-9, std::chrono::duration<double>(now - begin_).count());
    const double left_s = rate > 0 ? (all - done) / rate : 0;
    std::fprintf(stderr, "\r%.0f of %.0f %s, %.1f a second, %d min %02d s left%s\x1b[K", done, all, unit_.c_str(), rate, static_cast<int>(left_s) / 60, static_cast<int>(left_s) % 60, more.c_str());
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string unit_;
  bool shown_, written_ = false;
  Clock::time_point begin_ = Clock::now(), last_ = begin_;
};

}  // namespace touchstone::nets
