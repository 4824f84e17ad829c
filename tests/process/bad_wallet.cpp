// A wallet's program that is good until it is not: TS_BAD_WALLET="WHEN WHAT [once]", WHEN being start or sign. "once": in its
// later lives it is the real program. Writes its process number to the file TS_BAD_WALLET_PID, a line for every life.
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "chain/psbt_writer.h"
#include "chain/sighash.h"
#include "contract/lockstep.h"
#include "curve_host/host_curve.h"
#include "wallet/encoding.h"
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

const auto kOwnSecret = crypto::Scalar::from_u32(5);

/// A payment of `coin` as if it stood under `key`, signed with a key of this program's own.
wallet::Publish self_made_payment(const chain::Coin& coin, const ByteArray<32>& key) {
  const auto script = chain::p2tr_script(key);
  const wallet::ByteVector raw = chain::write_unsigned_transaction(coin, {{{script.begin(), script.end()}, coin.amount_sat - 300, {}}}, 0);
  const auto tx = chain::Transaction::parse(raw).value();
  const chain::TxOutput spent[] = {{coin.amount_sat, script, {}}};
  wallet::Publish p;
  p.public_key.assign(key.begin(), key.end());
  p.message_hash = chain::taproot_sighash(tx, spent, 0, chain::kSighashDefault).value();
  p.signature = crypto::schnorr_sign(kOwnSecret, p.message_hash, ByteArray<32>{}).value();
  p.transaction.resize(raw.size() + 100);
  const Bytes witness[] = {p.signature};
  p.transaction.resize(chain::serialise_signed(tx, witness, p.transaction)->size());
  return p;
}

/// Instead of having the payment of `coin` signed, which stands under `account_key`.
void misbehave_signing(const std::string& what, chain::Coin coin, const ByteArray<32>& account_key) {
  crypto::HostCurve curve;
  const ByteArray<32> own_key = curve.multiply_base(kOwnSecret).value().x;
  const wallet::Event verified{"wallet.signature_verified", {{"session", std::int64_t{1}}, {"signature", std::string(128, '0')}, {"txid", std::string(64, '0')}}};
  if (what == "verified_alone") answer({verified});
  if (what == "own_key") answer({self_made_payment(coin, own_key)});
  if (what == "account_key") answer({self_made_payment(coin, account_key)});
  if (what == "other_coin") coin.vout ^= 1, answer({self_made_payment(coin, account_key)});
  if (what == "other_amount") coin.amount_sat += 1, answer({self_made_payment(coin, account_key)});
}

/// A child that escapes from the group, the session and the socket.
void leave_daemon() {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  std::ofstream(std::getenv("TS_BAD_WALLET_PID"), std::ios::app) << getpid() << "\n";
  close(STDIN_FILENO);
  hang();
}

/// What an honest wallet would not do, and goes on; false where `what` is nothing of that kind.
bool hide(const std::string& what) {
  constexpr std::size_t kPage_bytes = 4096, kMuch_bytes = std::size_t{1} << 30;
  if (what == "wakes") return true;
  if (what == "daemon") leave_daemon();
  else if (what == "huge_memory") static_cast<void>(mmap(nullptr, kMuch_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  else if (what == "unreadable_memory") {
    std::FILE* const file = std::tmpfile();  // empty: a page behind its end cannot be read
    static_cast<void>(mmap(nullptr, kPage_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0));
  } else return false;
  return true;
}

void misbehave(const std::string& what) {
  const wallet::ByteVector connect = {1, 0, 0, 0, wire::Connect::kId};
  if (what == "exit0") _exit(0);
  if (what == "exit3") _exit(3);
  if (what == "signal") raise(SIGSEGV);
  if (what == "hang") hang();
  if (what == "daemon_and_hang") leave_daemon(), hang();
  if (what == "daemon_and_exit") leave_daemon(), _exit(3);
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
  if (what == "own_channel") answer({wallet::Event{"wallet.channel", {{"state", std::string("open")}, {"why", std::string()}}}});
  if (what == "wrong_field") answer({wallet::Event{"wallet.link_lost", {{"session", std::string("one")}}}});
  if (what == "paired_alone") answer({wallet::Event{"wallet.paired", {{"public_key", std::string(64, '1')}}}});
  if (what == "forged_payment") answer({wallet::Publish{{1}, wallet::ByteVector(32, 2), {3}, {4}}});
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
  ByteArray<32> account_key{};  // of the coin: the first address
  for (;;) {
    ByteArray<lockstep::kHeaderBytes> header{};
    if (!read_all(header)) return 0;
    wallet::ByteVector frame(lockstep::frame_bytes(header).value());
    if (!read_all(frame)) return 0;
    auto input = decoder.take(frame).value();
    wipe(frame.data(), frame.size());  // a Pair or a Sign holds Secret A; the memory scan after the run looks here too
    if (!input) continue;
    const bool now = when == "start" ? std::holds_alternative<wallet::Start>(*input) : std::holds_alternative<wallet::Sign>(*input);
    if (const auto* sign = std::get_if<wallet::Sign>(&*input); now && sign != nullptr) misbehave_signing(what, sign->payment.coin, account_key);
    if (now && !hide(what)) misbehave(what);
    wallet::Actions actions = agent.handle(std::move(*input));
    for (const wallet::Action& action : actions)
      if (const auto* event = std::get_if<wallet::Event>(&action); event != nullptr && event->name == "wallet.paired")
        (void)wallet::from_hex(std::get<std::string>(event->fields[0].second), account_key);
    if (what == "wakes" && now) actions.emplace_back(wallet::WakeAfter{7}), actions.emplace_back(wallet::WakeAfter{20});
    if (what == "wakes" && std::holds_alternative<wallet::Woke>(*input)) actions.emplace_back(wallet::Event{"wallet.ignored", {{"why", std::string("woke")}}});
    answer(actions);
  }
}

}  // namespace
}  // namespace touchstone

int main() { return touchstone::run(); }
