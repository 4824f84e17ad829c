#include "port/arena.h"

namespace touchstone::firmware {

alignas(8) static std::uint8_t arena_storage[kArenaBytes];

MutableBytes arena() { return arena_storage; }

}  // namespace touchstone::firmware
