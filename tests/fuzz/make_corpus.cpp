// fuzz-corpus FOLDER: the first inputs of every fuzz target - what honest parties send - as FOLDER/TARGET/NAME. What fuzzing adds is
// merged in by the target itself (-merge=1).
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "chain/psbt_writer.h"
#include "contract/accelerator.h"
#include "contract/dkls.h"
#include "contract/frost.h"
#include "contract/lindell.h"
#include "contract/lockstep.h"
#include "contract/messages.h"
#include "contract/musig2.h"
#include "curve_host/host_curve.h"
#include "frost_fixture.h"
#include "mpc_channel/noise.h"
#include "mpc_session/network.h"

using namespace touchstone;
namespace fs = std::filesystem;
using Input = std::vector<std::uint8_t>;

namespace {

class Folder {
 public:
  Folder(const fs::path& root, const char* target) : path_(root / target) { fs::create_directories(path_); }
  void save(const std::string& name, const Input& input) const {
    std::ofstream(path_ / name, std::ios::binary).write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
  }

 private:
  fs::path path_;
};

/// Every message of a protocol, its fields zero; what `wrap` makes of it.
template <typename Each>
void save_messages(const Folder& folder, const std::string& protocol, Each for_each, auto wrap) {
  for_each([&]<typename Message>(const Message& message) {
    Input buffer(Message::kMaxBytes);
    const Bytes bytes = message.encode(buffer).value();
    folder.save(protocol + "-" + std::to_string(Message::kId), wrap(Input(bytes.begin(), bytes.end())));
  });
}

auto prefixed(std::uint8_t number) {
  return [number](Input m) {
    m.insert(m.begin(), number);
    return m;
  };
}

/// As tests/fuzz/session.h reads it: from party 2, with the true session id.
Input delivered(Input m) {
  const auto size = static_cast<std::uint16_t>(m.size());
  Input head = {0x82, 0, 0};
  store_le16(&head[1], size);
  m.insert(m.begin(), head.begin(), head.end());
  return m;
}

void save_handshakes(const Folder& folder) {
  namespace noise = mpc::noise;
  crypto::HostCurve curve;
  const crypto::Scalar own = crypto::Scalar::from_u32(11), other = crypto::Scalar::from_u32(12);
  const crypto::CompressedPoint own_key = crypto::compress(curve.multiply_base(own).value()),
                                other_key = crypto::compress(curve.multiply_base(other).value());
  const ByteArray<32> random32 = {5};
  for (std::uint8_t pattern = 0; pattern < 3; ++pattern) {
    const auto p = static_cast<noise::Pattern>(pattern);
    auto a = noise::Handshake::start(curve, p, true, {own, own_key}, p == noise::Pattern::kXX ? std::nullopt : std::optional(other_key), {}, random32);
    auto b = noise::Handshake::start(curve, p, false, {other, other_key}, p == noise::Pattern::kKK ? std::optional(own_key) : std::nullopt, {}, random32);
    Input to_a = {static_cast<std::uint8_t>(pattern | 0x80)}, to_b = {pattern};
    ByteArray<512> buffer, payload;
    while (!a->done()) {
      auto& from = a->writes_next() ? a : b;
      auto& to = a->writes_next() ? b : a;
      Input& heard = a->writes_next() ? to_b : to_a;
      const Bytes m = from->write({}, buffer).value();
      heard.push_back(static_cast<std::uint8_t>(m.size()));
      heard.insert(heard.end(), m.begin(), m.end());
      (void)to->read(m, payload).value();
    }
    folder.save("initiator-" + std::to_string(pattern), to_a);
    folder.save("responder-" + std::to_string(pattern), to_b);
  }
}

/// What party 1 hears in honest runs, up to the last message: with that one it would come to a result.
template <typename MakeSession>
void save_run(const Folder& folder, const std::string& name, std::uint8_t kind, MakeSession&& make) {
  auto first = make(1), second = make(2), third = make(3);
  mpc::Network network;
  std::vector<mpc::Network::Message> heard;
  network.join(1, first);
  network.join(2, second);
  network.join(3, third);
  network.tamper = [&](const mpc::Network::Message& m) {
    if (m.to == 1) heard.push_back(m);
    return true;
  };
  network.run();
  // By rounds: the target delivers nothing twice.
  std::stable_sort(heard.begin(), heard.end(), [](const auto& a, const auto& b) { return a.bytes[0] < b.bytes[0]; });
  heard.pop_back();
  Input input = {kind};
  for (const auto& m : heard) {
    Input one = delivered(m.bytes);
    one[0] = static_cast<std::uint8_t>(0x80 | m.from);
    input.insert(input.end(), one.begin(), one.end());
  }
  folder.save(name, input);
}

void save_frost(const Folder& folder) {
  fuzz::FrostFixture fixture;
  for (std::uint8_t kind = 0; kind < 3; ++kind)
    save_run(folder, "keys-" + std::to_string(kind), kind, [&](mpc::PartyId id) { return fixture.receiver(kind, id); });
  save_run(folder, "signature", 3, [&](mpc::PartyId id) { return fixture.signer(id); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: fuzz-corpus FOLDER\n", stderr);
    return 2;
  }
  const fs::path root = argv[1];
  const Folder messages(root, "messages");
  save_messages(messages, "wallet", [](auto use) { contract::for_each_message(use); }, prefixed(0));
  save_messages(messages, "lockstep", [](auto use) { contract::lockstep::for_each_message(use); }, prefixed(1));
  save_messages(messages, "accelerator", [](auto use) { contract::accelerator::for_each_message(use); }, prefixed(2));
  save_messages(messages, "musig2", [](auto use) { contract::musig2::for_each_message(use); }, prefixed(3));
  save_messages(messages, "frost", [](auto use) { contract::frost::for_each_message(use); }, prefixed(4));
  save_messages(messages, "dkls", [](auto use) { contract::dkls::for_each_message(use); }, prefixed(5));
  save_messages(messages, "lindell", [](auto use) { contract::lindell::for_each_message(use); }, prefixed(6));
  for (std::uint8_t kind = 0; kind < 3; ++kind)
    save_messages(Folder(root, "dkls_session"), "dkls-" + std::to_string(kind), [](auto use) { contract::dkls::for_each_message(use); },
                  [kind](Input m) { return prefixed(kind)(delivered(std::move(m))); });
  save_messages(Folder(root, "musig2_session"), "musig2", [](auto use) { contract::musig2::for_each_message(use); }, delivered);
  save_frost(Folder(root, "frost_session"));
  save_handshakes(Folder(root, "noise"));

  crypto::HostCurve curve;
  const auto key = curve.multiply_base(crypto::Scalar::from_u32(5)).value();
  const ByteArray<22> recipient = {0, 20, 1};
  const chain::Coin coin{.txid = {1}, .vout = 0, .amount_sat = 100'000, .path = {0, 0}};
  const chain::PlannedOutput payment{Input(recipient.begin(), recipient.end()), 9'000, {}};
  const Folder payments(root, "psbt");
  const auto taproot = chain::write_payment(key, coin, {payment}, 0, curve);
  const auto change = chain::derive_address(key, {1, 0}, curve, chain::AddressKind::kSegwitV0);
  if (!taproot || !change) return 1;
  payments.save("payment", *taproot);
  const chain::PlannedOutput back{Input(change->script.begin(), change->script.end()), 90'000, chain::AddressPath{1, 0}};
  const auto segwit = chain::write_payment(key, coin, {payment, back}, 0, curve, chain::AddressKind::kSegwitV0);
  if (!segwit) return 1;
  payments.save("payment-segwit-v0", *segwit);
  return 0;
}
