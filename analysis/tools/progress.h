// Rate and time left, on standard error: every second where somebody watches, else every half minute or never.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>

namespace touchstone::tools {

class Progress {
 public:
  enum class Unwatched { kEveryHalfMinute, kSilent };

  Progress(std::string name, std::uint64_t done, std::uint64_t all, const char* unit = "traces", Unwatched unwatched = Unwatched::kEveryHalfMinute)
      : name_(std::move(name)), unit_(unit), first_(done), all_(all), silent_(unwatched == Unwatched::kSilent) {}
  void step(std::uint64_t done) {
    if (silent_ && !watched_) return;
    const double now = std::chrono::duration<double>(Clock::now() - begin_).count();
    if (now - shown_ < (watched_ ? 1 : 30)) return;
    shown_ = now;
    const double rate = static_cast<double>(done - first_) / now;
    std::fprintf(stderr, "%s%s: %llu of %llu %s, %.0f a second, %.0f s left%s", watched_ ? "\r" : "", name_.c_str(), static_cast<unsigned long long>(done),
                 static_cast<unsigned long long>(all_), unit_, rate, static_cast<double>(all_ - done) / rate, watched_ ? "\x1b[K" : "\n");
  }
  ~Progress() {
    if (watched_ && shown_ > 0) std::fputs("\r\x1b[K", stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  std::string name_;
  const char* unit_;
  std::uint64_t first_, all_;
  Clock::time_point begin_ = Clock::now();
  double shown_ = 0;
  bool silent_;
  bool watched_ = isatty(2) != 0;
};

}  // namespace touchstone::tools
