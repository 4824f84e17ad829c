// A recording played back to a session on the card's processor, and what that costs. A line each: name, then in hex cycles before the
// share is known and after (of those asleep while the accelerator computes too), bytes received, bytes sent, messages sent, bytes of the
// session's objects, bytes of stack. For the programs of this folder alone: they are the only ones in the memory.
#pragma once

#include "guest/fixture.h"
#include "guest/stack.h"
#include "recording.h"

#include "drivers/secp_driver.h"
#include "drivers/sim_control.h"
#include "port/riscv_hal.h"

namespace touchstone::card_signing {

inline firmware::RiscvHal hal;
inline firmware::SimControl console(hal);
inline firmware::SecpDriver curve(hal);

[[noreturn]] inline void fail(const char* what) {
  console.print(what);
  console.print("\n");
  console.exit(1);
  for (;;) {
  }
}

inline void number(std::uint64_t value) {
  console.print(" ");
  if (value >> 32 != 0) console.print_hex(static_cast<std::uint32_t>(value >> 32));
  console.print_hex(static_cast<std::uint32_t>(value));
}

/// `share`: what the touch brings.
template <typename Share>
void replay(const char* name, mpc::Session& session, Bytes recording, std::size_t object_bytes, Share share) {
  const rtl_tools::Stack stack;
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
inline constexpr auto kNoShare = [](mpc::Transport&) { return Status{}; };

/// A line of one number.
inline void say(const char* name, std::uint64_t cycles) {
  console.print(name);
  number(cycles);
  console.print("\n");
}

/// First of all in main().
inline void start() {
  asm volatile("csrs mie, %0" ::"r"(0x880));  // timer and external interrupt end WFI; neither is taken
  Sent::clock = [] { return hal.now_cycles(); };
}

}  // namespace touchstone::card_signing
