// The card's part of every protocol on the card's processor, with its accelerator: it is given what the wallet has said in a recording,
// and must answer as it did there.
#include <algorithm>

#include "guest/replay.h"

#include "crypto/bip340.h"

namespace {

using namespace touchstone;
using namespace touchstone::card_signing;
namespace dkls = mpc::dkls;
namespace lindell = mpc::lindell;

Status verify_schnorr(Bytes key32, Bytes message, Bytes signature64) {
  crypto::XOnlyPoint key;
  ByteArray<64> signature;
  std::copy(key32.begin(), key32.end(), key.begin());
  std::copy(signature64.begin(), signature64.end(), signature.begin());
  return crypto::bip340_verify(curve, key, message, signature);
}

// One at a time: they share this memory.
union Arena {
  Arena() {}
  ~Arena() {}
  dkls::SignWorkspace<1> sign;
} arena;
mpc::MemoryFuse setup_fuse;
dkls::OtSetup setup(&setup_fuse);

void musig2() {
  // With the share: all of it comes after the touch.
  const std::uint64_t begin = hal.now_cycles();
  const auto keys = musig2_keys(curve);
  auto session = mpc::musig2::PartySession::create(curve, verify_schnorr, parties(), kCard, share_of(kCard), keys, message(), bytes_of("agreed"), random_of(kCard));
  if (!session) fail(session.error().what);
  const std::uint64_t creation = hal.now_cycles() - begin;
  replay("musig2", *session, kMusig2, sizeof *session, kNoShare);
  say("musig2_keys_and_nonce", creation);
}

void dkls_setup() {
  dkls::OtSetup made;
  dkls::SetupSession session(curve, bytes_of("set-up"), kCard, kWallet, random_of(kCard), bytes_of("root of the card"), made);
  replay("dkls23_setup", session, kDklsSetup, sizeof session + sizeof made, kNoShare);
}

void dkls_sign() {
  if (!setup.load(kStoredSetup)) fail("the set-up does not load");
  const dkls::SigningKey key = dkls_key(curve);
  dkls::OtSetup* const setups[] = {&setup};
  new (&arena.sign) dkls::SignWorkspace<1>;
  dkls::SignSession session(curve, crypto::ecdsa_verify, {bytes_of("dkls session"), kCard, &key, setups, {}, true}, random_of(kCard), arena.sign.memory());
  replay("dkls23", session, kDkls, sizeof session + sizeof arena.sign + sizeof setup,
         [&](mpc::Transport& t) { return session.set_share(share_of(kCard), message(), t); });
}

void lindell_sign() {
  const auto public_key = curve.add(curve.multiply_base(share_of(kCard)).value(), curve.multiply_base(share_of(kWallet)).value()).value();
  const std::uint64_t begin = hal.now_cycles();
  const auto key = lindell::open(curve, kSealedPaillier, bytes_of("root"), 1, public_key);
  const std::uint64_t opening = hal.now_cycles() - begin;
  if (!key) fail(key.error().what);
  mpc::MemoryFuse fuse;
  lindell::OwnerSigner session(curve, *key, fuse, lindell_config(kCard));
  replay("lindell17", session, kLindell, sizeof session + sizeof *key, kNoShare);
  say("lindell17_key_opened", opening);
}

}  // namespace

int main() {
  start();
  musig2();
  dkls_setup();
  dkls_sign();
  lindell_sign();
  return 0;
}
