// The card's part of every protocol on the card's processor, with its accelerator: it is given what the wallet has said in a recording,
// and must answer as it did there. A line each: name, then in hex cycles before the share is known and after (of those asleep while the
// accelerator computes too), bytes received, bytes sent, messages sent, bytes of the session's objects, bytes of stack.
#include <algorithm>

#include "guest/fixture.h"
#include "recording.h"

#include "crypto/bip340.h"
#include "drivers/secp_driver.h"
#include "drivers/sim_control.h"
#include "port/riscv_hal.h"

extern "C" std::uint8_t __heap_start[];

namespace {

using namespace touchstone;
using namespace touchstone::card_signing;
namespace dkls = mpc::dkls;
namespace lindell = mpc::lindell;

firmware::RiscvHal hal;
firmware::SimControl console(hal);
firmware::SecpDriver curve(hal);

[[noreturn]] void fail(const char* what) {
  console.print(what);
  console.print("\n");
  console.exit(1);
  for (;;) {
  }
}

/// The free memory between objects and stack, painted: what a run has changed of it was stack.
class Stack {
 public:
  Stack() {
    for (volatile std::uint8_t* p = __heap_start; p < pointer() - 256; ++p) *p = kPaint;
  }
  std::size_t used() const {
    const std::uint8_t* p = __heap_start;
    while (p < pointer() && *p == kPaint) ++p;
    return static_cast<std::size_t>(pointer() - p);
  }

 private:
  static std::uint8_t* pointer() {
    std::uint8_t* out;
    asm volatile("mv %0, sp" : "=r"(out));
    return out;
  }
  static constexpr std::uint8_t kPaint = 0xA5;
};

void number(std::uint64_t value) {
  console.print(" ");
  console.print_hex(static_cast<std::uint32_t>(value));
}

/// `share`: what the touch brings.
template <typename Share>
void replay(const char* name, mpc::Session& session, Bytes recording, std::size_t object_bytes, Share share) {
  const Stack stack;
  Sent sent;
  std::uint64_t cycles[2] = {}, received = 0;
  bool after = false;
  ByteReader reader(recording);
  for (;;) {
    const auto step = static_cast<Step>(reader.u8());
    if (step == Step::kEnd) break;
    const Bytes message = step == Step::kReceive ? reader.take(reader.le16()) : Bytes();
    received += message.size();
    after = after || step == Step::kShare;
    const std::uint64_t begin = hal.now_cycles(), hashing = sent.own_cycles();
    Status status;
    if (step == Step::kStart) status = session.start(sent);
    if (step == Step::kShare) status = share(sent);
    if (step == Step::kReceive)
      if (const auto taken = session.receive(kWallet, message, sent); !taken) status = taken.error();
    cycles[after] += hal.now_cycles() - begin - (sent.own_cycles() - hashing);
    if (!status) fail(status.error().what);
  }
  ByteArray<32> digest;
  reader.copy(digest);
  if (!session.done() || sent.digest() != digest) fail("the card answers otherwise than in the recording");
  console.print(name);
  for (const std::uint64_t value : {cycles[0], cycles[1], received, std::uint64_t{sent.bytes()}, std::uint64_t{sent.messages()},
                                    std::uint64_t{object_bytes}, std::uint64_t{stack.used()}})
    number(value);
  console.print("\n");
}
constexpr auto kNoShare = [](mpc::Transport&) { return Status{}; };

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
  console.print("musig2_keys_and_nonce");
  number(creation);
  console.print("\n");
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
  console.print("lindell17_key_opened");
  number(opening);
  console.print("\n");
}

}  // namespace

int main() {
  asm volatile("csrs mie, %0" ::"r"(0x880));  // timer and external interrupt end WFI; neither is taken
  Sent::clock = [] { return hal.now_cycles(); };
  musig2();
  dkls_setup();
  dkls_sign();
  lindell_sign();
  return 0;
}
