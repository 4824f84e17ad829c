#include "base/secret.h"

#include <cstring>

namespace touchstone {

void wipe(void* data, std::size_t size_bytes) {
  std::memset(data, 0, size_bytes);
  // The compiler must believe that somebody reads the zeros. A byte loop over volatile says the same at several times the
  // cost, which scalar arithmetic on the card would feel.
  asm volatile("" : : "r"(data) : "memory");
}

bool equal_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return difference == 0;
}

}  // namespace touchstone
