// record-signing OUT.h: plays wallet and card of every protocol once and writes what the card hears, for guest/card.cpp. The card's
// part there must say the same.
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "guest/fixture.h"

using namespace touchstone;
using namespace touchstone::card_signing;
namespace dkls = mpc::dkls;
namespace lindell = mpc::lindell;

namespace {

using Message = std::vector<std::uint8_t>;

/// To one side.
struct Queue final : mpc::Transport {
  Status send(mpc::PartyId, Bytes message) override {
    messages.emplace_back(message.begin(), message.end());
    if (sent) (void)sent->send(0, message);
    return {};
  }
  std::deque<Message> messages;
  Sent* sent = nullptr;
};

class Recording {
 public:
  Recording(mpc::Session& card, mpc::Session& wallet) : card_(card), wallet_(wallet) { to_wallet_.sent = &sent_; }

  void start() {
    step(Step::kStart);
    check(card_.start(to_wallet_));
    check(wallet_.start(to_card_));
    deliver();
  }
  void share(const std::function<Status(mpc::Transport&)>& card, const std::function<Status(mpc::Transport&)>& wallet) {
    step(Step::kShare);
    check(card(to_wallet_));
    check(wallet(to_card_));
    deliver();
  }
  Message finish() {
    if (!card_.done() || !wallet_.done()) throw std::runtime_error("a session has not come to its end");
    step(Step::kEnd);
    const ByteArray<32> digest = sent_.digest();
    bytes_.insert(bytes_.end(), digest.begin(), digest.end());
    return bytes_;
  }

 private:
  static void check(const Status& status) {
    if (!status) throw std::runtime_error(status.error().what);
  }
  void step(Step s) { bytes_.push_back(static_cast<std::uint8_t>(s)); }
  void deliver() {
    while (!to_card_.messages.empty() || !to_wallet_.messages.empty()) {
      const bool card = !to_card_.messages.empty();
      std::deque<Message>& waiting = card ? to_card_.messages : to_wallet_.messages;
      const Message m = std::move(waiting.front());
      waiting.pop_front();
      if (card) {
        step(Step::kReceive);
        ByteArray<2> size;
        store_le16(size.data(), static_cast<std::uint16_t>(m.size()));
        bytes_.insert(bytes_.end(), size.begin(), size.end());
        bytes_.insert(bytes_.end(), m.begin(), m.end());
      }
      const auto taken = card ? card_.receive(kWallet, m, to_wallet_) : wallet_.receive(kCard, m, to_card_);
      if (!taken) throw std::runtime_error(taken.error().what);
      if (*taken != mpc::Delivery::kTaken) throw std::runtime_error("a message was not taken");
    }
  }

  mpc::Session &card_, &wallet_;
  Queue to_card_, to_wallet_;
  Sent sent_;
  Message bytes_;
};

void write(std::ofstream& out, const char* name, Bytes bytes) {
  out << "inline constexpr std::uint8_t " << name << "[] = {";
  for (std::size_t i = 0; i < bytes.size(); ++i) out << (i % 32 == 0 ? "\n" : "") << int{bytes[i]} << ",";
  out << "};\n";
}

Message record_musig2(crypto::Curve& curve) {
  const auto make = [&](mpc::PartyId id) {
    return mpc::musig2::PartySession::create(curve, crypto::schnorr_verify, parties(), id, share_of(id), musig2_keys(curve), message(),
                                             bytes_of("agreed"), random_of(id)).value();
  };
  auto card = make(kCard), wallet = make(kWallet);
  Recording recording(card, wallet);
  recording.start();
  return recording.finish();
}

Message record_setup(crypto::Curve& curve, dkls::OtSetup& of_card, dkls::OtSetup& of_wallet) {
  dkls::SetupSession card(curve, bytes_of("set-up"), kCard, kWallet, random_of(kCard), bytes_of("root of the card"), of_card),
      wallet(curve, bytes_of("set-up"), kWallet, kCard, random_of(kWallet), bytes_of("root of the wallet"), of_wallet);
  Recording recording(card, wallet);
  recording.start();
  return recording.finish();
}

Message record_dkls(crypto::Curve& curve, dkls::OtSetup& of_card, dkls::OtSetup& of_wallet) {
  const dkls::SigningKey key = dkls_key(curve);
  dkls::OtSetup* const card_setups[] = {&of_card};
  dkls::OtSetup* const wallet_setups[] = {&of_wallet};
  const auto card_space = std::make_unique<dkls::SignWorkspace<1>>(), wallet_space = std::make_unique<dkls::SignWorkspace<1>>();
  dkls::SignSession card(curve, crypto::ecdsa_verify, {bytes_of("dkls session"), kCard, &key, card_setups, {}, true}, random_of(kCard), card_space->memory()),
      wallet(curve, crypto::host_ecdsa_verify, {bytes_of("dkls session"), kWallet, &key, wallet_setups, {}}, random_of(kWallet), wallet_space->memory());
  Recording recording(card, wallet);
  recording.start();
  recording.share([&](mpc::Transport& t) { return card.set_share(share_of(kCard), message(), t); },
                  [&](mpc::Transport& t) { return wallet.set_share(share_of(kWallet), message(), t); });
  return recording.finish();
}

Message record_lindell(crypto::Curve& curve, const lindell::OwnerKey& owner) {
  const lindell::PaillierPublicKey& paillier = owner.paillier.public_key();
  const auto x1 = lindell::Plaintext::from_bytes(share_of(kCard).to_bytes());
  const lindell::EvaluatorKey evaluator{paillier, paillier.encrypt(x1, lindell::Plaintext::from_bytes(bytes_of("r"))),
                                        curve.multiply_base(share_of(kWallet)).value(), owner.key, owner.epoch};
  mpc::MemoryFuse fuse;
  lindell::OwnerSigner card(curve, owner, fuse, lindell_config(kCard));
  lindell::EvaluatorSigner wallet(curve, evaluator, share_of(kWallet), lindell_config(kWallet));
  Recording recording(card, wallet);
  recording.start();
  return recording.finish();
}

Message record_lindell_setup(crypto::Curve& curve, const lindell::PaillierKey& paillier) {
  const lindell::PedersenKey pedersen = lindell::PedersenKey::generate(bytes_of("group of the wallet")).value();
  lindell::OwnerSetup card(curve, paillier, share_of(kCard), lindell_setup_config(kCard));
  lindell::EvaluatorSetup wallet(curve, pedersen, share_of(kWallet), lindell_setup_config(kWallet));
  Recording recording(card, wallet);
  recording.start();
  return recording.finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: record-signing OUT.h\n", stderr);
    return 2;
  }
  try {
    crypto::HostCurve curve;
    std::ofstream out(argv[1]);
    out << "// Generated by record-signing.\n#pragma once\n#include <cstdint>\nnamespace touchstone::card_signing {\n";
    write(out, "kMusig2", record_musig2(curve));
    mpc::MemoryFuse card_fuse, wallet_fuse;
    dkls::OtSetup of_card(&card_fuse), of_wallet(&wallet_fuse);
    write(out, "kDklsSetup", record_setup(curve, of_card, of_wallet));
    ByteArray<dkls::OtSetup::kBytes> stored;
    if (!of_card.store(stored)) return 1;
    write(out, "kStoredSetup", stored);
    write(out, "kDkls", record_dkls(curve, of_card, of_wallet));
    const lindell::OwnerKey owner{lindell::PaillierKey::generate(bytes_of("paillier")).value(), curve.multiply_base(share_of(kCard)).value(),
                                  curve.multiply_base(share_of(kCard) + share_of(kWallet)).value(), 1};
    write(out, "kSealedPaillier", lindell::seal(owner, bytes_of("root"), bytes_of("salt")));
    write(out, "kLindell", record_lindell(curve, owner));
    write(out, "kLindellSetup", record_lindell_setup(curve, owner.paillier));
    out << "}  // namespace touchstone::card_signing\n";
    return out.flush() ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "record-signing: %s\n", error.what());
    return 1;
  }
}
