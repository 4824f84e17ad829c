#include "kill/world.h"

#include <algorithm>

#include "mpc_session/roots.h"

namespace touchstone::kill_test {

using mpc::PartyId;

Outcome World::run(Order order, const Kill& kill, PartyId dies_by_itself, DieAt die_at) {
  order_ = order;
  ++runs_;
  Outcome out;
  std::deque<Message> waiting;
  std::optional<PartyId> dead;
  const auto lost = [&](PartyId id, bool loses_messages) {
    dead = id;
    out.killed = true;
    out.reports.erase(id);
    if (loses_messages) std::erase_if(waiting, [&](const Message& m) { return m.from == id; });
    kill_and_restart(id);
  };
  const auto hear = [&](PartyId id) {
    if (const auto report = listen(id, waiting)) out.reports[id] = *report;
    else lost(id, false);
  };
  for (const PartyId id : order.parties) {
    order.die_at = id == dies_by_itself ? die_at : DieAt::kNowhere;
    send_frame(processes_.at(id).socket, {Kind::kJob, 0, to_text(order)});
    hear(id);
  }
  for (;;) {
    if (kill.victim != 0 && out.delivered == kill.after && !dead) lost(kill.victim, kill.loses_messages);
    if (waiting.empty()) break;
    const Message message = std::move(waiting.front());
    waiting.pop_front();
    if (dead == message.to) continue;
    ++out.delivered;
    send_frame(processes_.at(message.to).socket, {Kind::kMessage, message.from, message.bytes});
    hear(message.to);
  }
  // Whoever still waits learns that the others are gone.
  for (const PartyId id : order.parties) {
    std::deque<Message> nothing;
    send_frame(processes_.at(id).socket, {Kind::kAbort, 0, {}});
    (void)listen(id, nothing);
    EXPECT_TRUE(nothing.empty());
  }
  return out;
}

void World::watch(PartyId from, const Text& bytes) {
  if (bytes[0] != static_cast<std::uint8_t>(Phase::kSession)) return;
  const Bytes message = Bytes(bytes).subspan(1);
  std::vector<Text> nonces;
  const auto collect = [&]<typename M, typename... Field>(M, Field M::*... fields) {
    if (message[0] != M::kId) return;
    const M decoded = M::decode(message).value();
    (nonces.push_back(text_of(decoded.*fields)), ...);
  };
  namespace wire = contract;
  if (order_.job == Job::kSignFrost) collect(wire::frost::Nonces{}, &wire::frost::Nonces::hiding, &wire::frost::Nonces::binding);
  if (order_.job == Job::kSignMusig2) collect(wire::musig2::Nonce{}, &wire::musig2::Nonce::nonce);
  if (order_.job == Job::kSignDkls) {
    collect(wire::dkls::SignPrepare{}, &wire::dkls::SignPrepare::commitment, &wire::dkls::SignPrepare::nonce);
    collect(wire::dkls::SignOpen{}, &wire::dkls::SignOpen::nonce_point);
  }
  if (order_.job == Job::kSignLindell) {
    collect(wire::lindell::SignCommit{}, &wire::lindell::SignCommit::commitment);
    collect(wire::lindell::SignNonce{}, &wire::lindell::SignNonce::nonce);
    collect(wire::lindell::SignCipher{}, &wire::lindell::SignCipher::nonce);
  }
  for (const Text& nonce : nonces) {
    const auto [at, is_new] = nonces_.try_emplace(nonce, from, runs_);
    if (at->second != std::pair(from, runs_)) ++repeated_nonces_;
  }
}

std::string World::secrets_stored() const {
  std::string out;
  for (const auto& [id, process] : processes_) {
    const Files files = files_of(id);
    std::vector<std::pair<std::string, Text>> secrets;
    const auto add = [&](const std::string& what, Bytes bytes) {
      const Text text = text_of(bytes);
      secrets.emplace_back(what, text);
      secrets.emplace_back(what + ", reversed", Text(text.rbegin(), text.rend()));
    };
    const auto add_scalar = [&](const std::string& what, const crypto::Scalar& scalar) { add(what, scalar.to_secret().expose()); };
    const Secret<32> root = root_of(id);
    add("root", root.expose());
    add_scalar("share of MuSig2", musig2_share_of(id));
    for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
      add_scalar("pad", pad_of(id, epoch));
      for (const mpc::Scheme scheme : {mpc::Scheme::kDkls23, mpc::Scheme::kLindell17}) {
        Secret<32> seal;
        mpc::derive_sealing_key(root, {scheme, 1, 0, epoch}, seal);
        add("sealing key", seal.expose());
      }
    }
    for (const char* name : {"key.current", "key.next"}) {
      if (!files.contains(name)) continue;
      const StoredKey key = stored_key_of(files.at(name));
      if (key.offset) add_scalar("share", mpc::frost::open_offset(pad_of(id, key.group.epoch), *key.offset, key.group, id).value());
    }
    // The randomness of every session so far.
    const Store store = store_of(id);
    const std::uint64_t drawn = files.contains("generator") ? load_le64(files.at("generator").data()) : 0;
    for (std::uint64_t i = drawn > 12 ? drawn - 12 : 0; i <= drawn; ++i) {
      ByteArray<32> random32;
      SeedTree(generator_seed_of(id)).child(i).stream("generator").fill(random32);
      add("randomness", random32);
    }
    for (const auto& [name, text] : files) {
      // What may be there at all.
      const bool is_fuse = text.empty() && name.size() == 8;
      static const std::set<std::string> known = {"key.current", "key.next",         "ot.current",    "ot.next",
                                                  "generator",   "paillier.current", "paillier.next"};
      if (!is_fuse && !known.contains(name)) out += "a file " + name + " of party " + std::to_string(id) + "; ";
      for (const auto& [what, secret] : secrets)
        if (std::search(text.begin(), text.end(), secret.begin(), secret.end()) != text.end())
          out += what + " of party " + std::to_string(id) + " in " + name + "; ";
    }
  }
  return out;
}

}  // namespace touchstone::kill_test
