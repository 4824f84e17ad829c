// A wallet's program that is good until it is not: TS_BAD_WALLET="WHEN WHAT [once]", WHEN being start or sign. "once": in its
// later lives it is the real program. Writes its process number to the file TS_BAD_WALLET_PID, a line for every life.
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "contract/lockstep.h"
#include "curve_host/host_curve.h"
#include "wallet/lockstep.h"

namespace touchstone {
namespace {

namespace lockstep = wallet::lockstep;
namespace wire = contract::lockstep;

bool read_all(MutableBytes out) {
  while (!out.empty()) {
    const ssize_t n = read(STDIN_FILENO, out.data(), out.size());
    if (n <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(n));
  }
  return true;
}

void write_all(Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(STDIN_FILENO, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) _exit(0);
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

void answer(const wallet::Actions& actions) { write_all(lockstep::encode(actions)); }

[[noreturn]] void hang() {
  for (;;) pause();
}

void misbehave(const std::string& what) {
  const wallet::ByteVector connect = {1, 0, 0, 0, wire::Connect::kId};
  if (what == "exit0") _exit(0);
  if (what == "exit3") _exit(3);
  if (what == "signal") raise(SIGSEGV);
  if (what == "hang") hang();
  if (what == "close") close(STDIN_FILENO), hang();
  if (what == "half_frame") write_all(wallet::ByteVector{9, 0, 0, 0, wire::Send::kId}), _exit(0);
  if (what == "half_header") write_all(wallet::ByteVector{9, 0}), _exit(0);
  if (what == "half_and_hang") write_all(wallet::ByteVector{9, 0}), hang();
  if (what == "empty_frame") write_all(wallet::ByteVector{0, 0, 0, 0});
  if (what == "huge_frame") write_all(wallet::ByteVector{0xFF, 0xFF, 0xFF, 0x7F, 1});
  if (what == "noise") write_all(wallet::ByteVector(4096, 0x5A));
  if (what == "wrong_id") write_all(wallet::ByteVector{1, 0, 0, 0, wire::Guest::kId});
  if (what == "flood")
    for (;;) write_all(connect);
  if (what == "unknown_event") answer({wallet::Event{"wallet.rich", {}}});
  if (what == "foreign_event") answer({wallet::Event{"power.off", {}}});
  if (what == "own_state") answer({wallet::Event{"wallet.program", {{"state", std::string("started")}, {"why", std::string("twice")}}}});
  if (what == "wrong_field") answer({wallet::Event{"wallet.link_lost", {{"session", std::string("one")}}}});
  if (what == "forged_payment") answer({wallet::Publish{{1}, {2}, {3}, {4}}});
  hang();
}

int run() {
  std::istringstream order(std::getenv("TS_BAD_WALLET"));
  std::string when, what, once;
  order >> when >> what >> once;
  const char* const lives = std::getenv("TS_BAD_WALLET_PID");
  const bool first_life = !std::ifstream(lives).good();
  std::ofstream(lives, std::ios::app) << getpid() << "\n";
  if (!once.empty() && !first_life) execl(TS_WALLET_PROGRAM, TS_WALLET_PROGRAM, "simulate", nullptr);
  crypto::HostCurve curve;
  wallet::Agent agent(curve, wallet::seeded_entropy);
  lockstep::InputDecoder decoder;
  for (;;) {
    ByteArray<lockstep::kHeaderBytes> header{};
    if (!read_all(header)) return 0;
    wallet::ByteVector frame(lockstep::frame_bytes(header).value());
    if (!read_all(frame)) return 0;
    auto input = decoder.take(frame).value();
    wipe(frame.data(), frame.size());  // a Pair or a Sign holds Secret A; the memory scan after the run looks here too
    if (!input) continue;
    const bool now = when == "start" ? std::holds_alternative<wallet::Start>(*input) : std::holds_alternative<wallet::Sign>(*input);
    if (now) misbehave(what);
    answer(agent.handle(std::move(*input)));
  }
}

}  // namespace
}  // namespace touchstone

int main() { return touchstone::run(); }
