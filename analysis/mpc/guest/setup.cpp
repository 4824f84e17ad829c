// Lindell17's set-up on the card's processor: the card makes its Paillier key and proves what it must. Minutes, so a program of its own.
#include "guest/replay.h"
#include "mpc_lindell/setup.h"

int main() {
  using namespace touchstone;
  using namespace touchstone::card_signing;
  namespace lindell = mpc::lindell;
  start();
  const std::uint64_t begin = hal.now_cycles();
  const auto paillier = lindell::PaillierKey::generate(bytes_of("paillier"));
  if (!paillier) fail(paillier.error().what);
  say("lindell17_key_made", hal.now_cycles() - begin);
  lindell::OwnerSetup session(curve, *paillier, share_of(kCard), lindell_setup_config(kCard));
  replay("lindell17_setup", session, kLindellSetup, sizeof session + sizeof *paillier, kNoShare);
  return 0;
}
