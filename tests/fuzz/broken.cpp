// The control: a parser that believes a length it was told. The fuzzer must find it.
#include <cstdint>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3) return 0;
  volatile std::uint8_t last = 0;
  for (std::size_t i = 0; i < touchstone::load_le16(data); ++i) last = data[2 + i];
  return 0;
}
