#include "base/declassify.h"
#include "base/secret.h"

namespace touchstone {

// Volatile keeps every store. By words, since each scalar and hash block wipes its intermediates; and not by memset,
// which in the card's library goes byte by byte.
void wipe(void* data, std::size_t size_bytes) {
  using Word [[gnu::may_alias]] = std::uintptr_t;
  auto* bytes = static_cast<volatile std::uint8_t*>(data);
  while (size_bytes > 0 && reinterpret_cast<std::uintptr_t>(bytes) % sizeof(Word) != 0) {
    *bytes++ = 0;
    --size_bytes;
  }
  auto* words = reinterpret_cast<volatile Word*>(bytes);
  for (; size_bytes >= sizeof(Word); size_bytes -= sizeof(Word)) *words++ = 0;
  bytes = reinterpret_cast<volatile std::uint8_t*>(words);
  for (; size_bytes > 0; --size_bytes) *bytes++ = 0;
}

bool equal_constant_time(Bytes a, Bytes b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
  return declassify(difference == 0);
}

}  // namespace touchstone
