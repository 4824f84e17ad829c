#include "base/system_entropy.h"

#include <sys/random.h>

#include <cerrno>

#include "base/check.h"

namespace touchstone {

void fill_from_system(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    TS_CHECK(got > 0, "getrandom: the system gives no random bytes");
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace touchstone
