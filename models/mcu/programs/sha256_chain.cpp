// Compute load for tests and the speed measurement: prints the chain value after 200 hashes, then goes on without end.
#include "bare.h"
#include "sha256_chain.h"

int main() {
  bare::put_hex(load::sha256_chain(200));
  bare::put('\n');
  // Every value goes somewhere, else the compiler drops the work.
  for (volatile std::uint32_t value = 0;;) value = value + load::sha256_chain(1000);
}
