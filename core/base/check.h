// TS_CHECK: our own mistakes. Stays on in release builds; never for bad input, peers or guests.
#pragma once

namespace touchstone {

/// Reports and never returns. The host prints and aborts (check.cpp); the card's port stops with an exit code.
[[noreturn]] void check_failed(const char* condition, const char* message, const char* file, int line);

}  // namespace touchstone

#define TS_CHECK(condition, message) \
  ((condition) ? static_cast<void>(0) : ::touchstone::check_failed(#condition, message, __FILE_NAME__, __LINE__))
