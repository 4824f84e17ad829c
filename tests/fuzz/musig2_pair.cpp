// MuSig2 between wallet and card: the card before a hostile nonce, or the wallet before a hostile answer. The first byte chooses.
#include <algorithm>
#include <cstdlib>

#include "musig2_fixture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace touchstone;
  if (size == 0) return 0;
  static fuzz::Musig2Fixture fixture;
  const Bytes input(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    (void)fixture.respond(input);  // whoever names a nonce may have this answer to it
    return 0;
  }
  auto wallet = fixture.wallet();
  const auto honest = fixture.respond(fixture.start(wallet)).value();
  const std::size_t nonce = std::min<std::size_t>(66, input.size());
  const Bytes heard_nonce = input.first(nonce);
  const Bytes heard_signature = input.subspan(nonce);
  // One changed bit of the first inputs is all that parts them from the honest answer: a fuzzer finds it.
  const bool right = std::ranges::equal(heard_nonce, honest.public_nonce) && std::ranges::equal(heard_signature, honest.partial_signature);
  if (wallet.finish(heard_nonce, heard_signature).ok() != right || wallet.is_open()) std::abort();
  return 0;
}
