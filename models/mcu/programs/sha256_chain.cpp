// Compute load for tests and the speed measurement: prints the chain value after 200 hashes, then goes on without end.
#include "bare.h"
#include "sha256_chain.h"

int main() {
  bare::put_hex(load::sha256_chain(200));
  bare::put('\n');
  for (;;) load::sha256_chain(1000000);
}
