// fuzz-corpus FOLDER: the first inputs of every fuzz target - what honest parties send - as FOLDER/TARGET/NAME. What fuzzing adds is
// merged in by the target itself (-merge=1).
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "chain/psbt_writer.h"
#include "codes/code_offset.h"
#include "contract/accelerator.h"
#include "contract/dkls.h"
#include "contract/frost.h"
#include "contract/lindell.h"
#include "contract/lockstep.h"
#include "contract/messages.h"
#include "contract/musig2.h"
#include "curve_host/host_curve.h"
#include "dkls_fixture.h"
#include "frost_fixture.h"
#include "lindell_fixture.h"
#include "mpc_channel/noise.h"
#include "mpc_session/network.h"
#include "musig2_fixture.h"

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

/// What a party hears in an honest run, without the last messages: with these it would come to a result. `kind`: the target's first
/// byte, if it has one. `between`, called after each delivery: what is told to the sessions from inside.
struct HonestRun {
  std::vector<std::pair<mpc::PartyId, mpc::Session*>> sessions;
  std::optional<std::uint8_t> kind{};
  std::function<void(mpc::Network&)> between = [](mpc::Network&) {};
};
Input heard_in(const HonestRun& run, mpc::PartyId own, std::size_t without_last = 1) {
  mpc::Network network;
  std::vector<mpc::Network::Message> heard;
  for (const auto& [id, session] : run.sessions) network.join(id, *session);
  network.tamper = [&](const mpc::Network::Message& m) {
    if (m.to == own) heard.push_back(m);
    return true;
  };
  for (const auto& [id, session] : run.sessions) (void)session->start(network.port(id));
  do run.between(network);
  while (network.step());
  for (const auto& [id, session] : run.sessions) TS_CHECK(session->done(), "an honest run");
  // By rounds: the target delivers nothing twice.
  std::stable_sort(heard.begin(), heard.end(), [](const auto& a, const auto& b) { return a.bytes[0] < b.bytes[0]; });
  heard.resize(heard.size() - without_last);
  Input input;
  if (run.kind) input.push_back(*run.kind);
  for (const auto& m : heard) {
    Input one = delivered(m.bytes);
    one[0] = static_cast<std::uint8_t>(0x80 | m.from);
    input.insert(input.end(), one.begin(), one.end());
  }
  return input;
}

void save_frost(const Folder& folder) {
  fuzz::FrostFixture fixture;
  const auto save = [&](const std::string& name, std::uint8_t kind, auto&& make) {
    auto first = make(1), second = make(2), third = make(3);
    folder.save(name, heard_in({{{1, &first}, {2, &second}, {3, &third}}, kind}, 1));
  };
  for (std::uint8_t kind = 0; kind < 3; ++kind) save("keys-" + std::to_string(kind), kind, [&](mpc::PartyId id) { return fixture.receiver(kind, id); });
  save("signature", 3, [&](mpc::PartyId id) { return fixture.signer(id); });
}

void save_musig2(const fs::path& root) {
  fuzz::Musig2Fixture fixture;
  auto first = fixture.signer(1), second = fixture.signer(2), third = fixture.signer(3);
  Folder(root, "musig2_session").save("signature", heard_in({{{1, &first}, {2, &second}, {3, &third}}}, 1));
  auto wallet = fixture.wallet();
  const mpc::musig2::PublicNonce nonce = fixture.start(wallet);
  const auto answer = fixture.respond(nonce).value();
  const Folder pair(root, "musig2_pair");
  pair.save("card", prefixed(0)(Input(nonce.begin(), nonce.end())));
  Input heard(answer.public_nonce.begin(), answer.public_nonce.end());
  heard.insert(heard.end(), answer.partial_signature.begin(), answer.partial_signature.end());
  heard.back() ^= 1;
  pair.save("wallet", prefixed(1)(heard));
}

void save_dkls(const Folder& folder) {
  using Party = fuzz::DklsFixture::Party;
  fuzz::DklsFixture fixture;
  {
    Party a, b;
    auto first = fixture.set_up(1, a.setup), second = fixture.set_up(2, b.setup);
    folder.save("setup", heard_in({{{1, &first}, {2, &second}}, 0}, 1));
  }
  auto first = fixture.agree(1), second = fixture.agree(2);
  folder.save("key", heard_in({{{1, &first}, {2, &second}}, 1}, 1));
  Party a, b;
  fixture.load(1, a);
  fixture.load(2, b);
  static std::array<mpc::dkls::SignWorkspace<1>, 2> workspaces;
  auto one = fixture.signer(1, a, workspaces[0]), two = fixture.signer(2, b, workspaces[1]);
  folder.save("signature", heard_in({{{1, &one}, {2, &two}}, 2, [&](mpc::Network& network) {
                                       fixture.tell_share(one, 1, network.port(1));
                                       fixture.tell_share(two, 2, network.port(2));
                                     }},
                                    1));
}

void save_lindell(const fs::path& root) {
  fuzz::LindellFixture fixture;
  mpc::MemoryFuse fuse;
  const Folder sign(root, "lindell_sign"), setup(root, "lindell_setup");
  for (const bool owner : {true, false}) {
    const std::uint8_t kind = owner ? 0 : 1;
    const mpc::PartyId own = owner ? fuzz::kOwner : fuzz::kEvaluator;
    const std::string name = owner ? "owner" : "evaluator";
    {
      auto a = fixture.owner_signer(fuse);
      auto b = fixture.evaluator_signer();
      Input whole = heard_in({{{fuzz::kOwner, &a}, {fuzz::kEvaluator, &b}}, kind}, own, 0);
      whole.back() ^= 1;  // of the ciphertext, or of s
      sign.save(name, whole);
    }
    auto a = fixture.owner_setup();
    auto b = fixture.evaluator_setup();
    // Of the evaluator's ten messages of range proofs one is enough for its parser; and what follows them everybody could compute.
    setup.save(name, heard_in({{{fuzz::kOwner, &a}, {fuzz::kEvaluator, &b}}, kind}, own, owner ? 1 : 10));
  }
}

void save_records(const Folder& folder) {
  const std::vector<std::int8_t> values(1024, 3);
  std::vector<std::uint32_t> work(4096);
  for (const auto& [code, dimensions, fingers, any_order] :
       {std::tuple("polar-512-24", 256U, 2U, true), {"polar-256-20", 256U, 1U, false}, {"bch-511-31", 512U, 1U, false}, {"bch-511-130", 64U, 1U, false},
        {"polar-1024-40", 512U, 2U, false}}) {
    const std::vector<codes::Vector> vectors(fingers, codes::Vector(values).first(dimensions));
    codes::HelperData helper;
    Secret<32> root;
    TS_CHECK(codes::enrol(vectors, {codes::CodeChoice::parse(code).value(), any_order, true}, ByteArray<32>{5},
                          MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 4), helper, root).ok(), "an enrolment");
    ByteArray<codes::HelperData::kMaxBytes> buffer;
    const Bytes bytes = helper.serialize(buffer);
    folder.save(code, Input(bytes.begin(), bytes.end()));
  }
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
  for (std::uint8_t kind = 0; kind < 2; ++kind)
    for (const char* target : {"lindell_sign", "lindell_setup"})
      save_messages(Folder(root, target), "lindell-" + std::to_string(kind), [](auto use) { contract::lindell::for_each_message(use); },
                    [kind](Input m) {
                      m = delivered(std::move(m));
                      m[0] = static_cast<std::uint8_t>(0x80 | (kind == 0 ? fuzz::kEvaluator : fuzz::kOwner));
                      return prefixed(kind)(m);
                    });
  save_frost(Folder(root, "frost_session"));
  save_musig2(root);
  save_dkls(Folder(root, "dkls_session"));
  save_lindell(root);
  save_handshakes(Folder(root, "noise"));
  save_records(Folder(root, "helper_data"));

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
