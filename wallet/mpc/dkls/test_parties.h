// Parties in one process for the tests and the benchmark: pairwise set-ups, a shared key, one signature.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/seed.h"
#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "mpc_dkls/sign.h"
#include "mpc_session/network.h"

namespace touchstone::mpc::dkls {

inline ByteArray<32> draw(Random& random) {
  ByteArray<32> out;
  random.fill(out);
  return out;
}
inline crypto::Scalar draw_scalar(Random& random) { return crypto::Scalar::from_bytes_reduce(draw(random)); }

/// Counts, and fails to blow when told so.
struct WatchedFuse final : Fuse {
  bool broken = false;
  int blows = 0;
  bool blown() const override { return memory_.blown(); }
  Status blow() override {
    if (broken) return Error{ErrorCode::kStorage, "broken fuse"};
    ++blows;
    return memory_.blow();
  }
  Status mend() override { return memory_.mend(); }

 private:
  MemoryFuse memory_;
};

/// Set-ups between all pairs.
class Setups {
 public:
  Setups(const std::vector<PartyId>& ids, Random& random) {
    for (const PartyId a : ids)
      for (const PartyId b : ids) {
        if (a >= b) continue;
        if (of_.size() < 2 * 3)
          make(a, b, random);
        else
          copy(ids[0], ids[1], a, b);
      }
  }
  void make(PartyId a, PartyId b, Random& random) {
    of_[{a, b}] = std::make_unique<Stored>();
    of_[{b, a}] = std::make_unique<Stored>();
    const SessionId session = draw(random);
    SetupSession first(curve_, session, a, b, draw(random), draw(random), at(a, b)),
        second(curve_, session, b, a, draw(random), draw(random), at(b, a));
    Network network;
    network.join(a, first);
    network.join(b, second);
    network.run();
    TS_CHECK(first.done() && second.done(), "set-up");
    sent_bytes_ = network.sent_bytes();
  }
  /// The same set-ups once more, as from storage.
  Setups(const Setups& other) {
    for (const auto& [pair, setup] : other.of_) {
      std::vector<std::uint8_t> stored(OtSetup::kBytes);
      of_[pair] = std::make_unique<Stored>();
      TS_CHECK(setup->setup.store(stored).ok() && of_[pair]->setup.load(stored).ok(), "stored set-up");
    }
  }
  /// Gives the pair c, d what a, b have. Made afresh for 16 parties it would take seconds, and be no other test.
  void copy(PartyId a, PartyId b, PartyId c, PartyId d) {
    for (const auto& [from, to] : {std::pair{std::pair{a, b}, std::pair{c, d}}, {{b, a}, {d, c}}}) {
      std::vector<std::uint8_t> stored(OtSetup::kBytes);
      TS_CHECK(of_.at(from)->setup.store(stored).ok(), "stored set-up");
      stored[0] = to.first;
      stored[1] = to.second;
      stored[2 + 32] = static_cast<std::uint8_t>(stored[2 + 32] + c);  // shares of zero of its own
      stored[2 + 33] = static_cast<std::uint8_t>(stored[2 + 33] + d);
      const ByteArray<32> digest =
          crypto::tagged_hash("touchstone/dkls23/setup/stored", Bytes(stored).first(OtSetup::kBytes - 16));
      std::copy_n(digest.begin(), 16, stored.end() - 16);
      of_[to] = std::make_unique<Stored>();
      TS_CHECK(of_[to]->setup.load(stored).ok(), "stored set-up");
    }
  }
  OtSetup& at(PartyId own, PartyId peer) { return of_.at({own, peer})->setup; }
  WatchedFuse& fuse(PartyId own, PartyId peer) { return of_.at({own, peer})->fuse; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }

 private:
  struct Stored {
    WatchedFuse fuse;
    OtSetup setup{&fuse};
  };
  crypto::HostCurve curve_;
  std::map<std::pair<PartyId, PartyId>, std::unique_ptr<Stored>> of_;
  std::uint64_t sent_bytes_ = 0;
};

/// A key, and the share of each signer.
struct SharedKey {
  SigningKey key;
  std::vector<crypto::Scalar> shares;
  crypto::Scalar secret;

  /// Shamir with that many signers as threshold; additive.
  SharedKey(const std::vector<PartyId>& signers, Sharing sharing, Random& random) {
    crypto::HostCurve curve;
    key.signers = Parties::of(signers).value();
    key.sharing = sharing;
    std::vector<crypto::Scalar> coefficients;
    for (std::size_t i = 0; i < signers.size(); ++i) coefficients.push_back(draw_scalar(random));
    for (std::size_t i = 0; i < signers.size(); ++i) {
      crypto::Scalar share = coefficients[i];
      if (sharing == Sharing::kShamir) {
        share = crypto::Scalar();
        for (std::size_t c = coefficients.size(); c-- > 0;)
          share = share * crypto::Scalar::from_u32(signers[i]) + coefficients[c];
      }
      if (sharing == Sharing::kAdditive) secret += share;
      shares.push_back(share);
      key.share_points[i] = curve.multiply_base(share).value();
    }
    if (sharing == Sharing::kShamir) secret = coefficients[0];
    key.public_key = curve.multiply_base(secret).value();
  }
};

/// Changes a message if it is an M.
template <typename M, typename Edit>
void edit(std::vector<std::uint8_t>& bytes, const Edit& change) {
  if (bytes.empty() || bytes[0] != M::kId) return;
  const std::vector<std::uint8_t> copy = bytes;
  M m = M::decode(copy).value();
  change(m);
  (void)m.encode(bytes).value();
}

/// What of a signature is not drawn.
struct Given {
  std::optional<SessionId> session;
  std::map<PartyId, ByteArray<32>> random32;
  std::optional<PartyId> answering;
  bool paced = false;
};

/// One signature by all signers of a key. `Made`: the type of the sessions.
template <typename Made = SignSession>
class Signing {
 public:
  Signing(const SharedKey& key, Setups& setups, Random& random, const Given& given = {}) : key_(key), given_(given) {
    const Parties& ids = key.key.signers;
    const SessionId common = given.session ? *given.session : draw(random);
    for (std::size_t i = 0; i < ids.size(); ++i) {
      Party& party = *parties_.emplace_back(std::make_unique<Party>());
      for (const PartyId other : ids)
        if (other != ids[i]) party.setups.push_back(&setups.at(ids[i], other));
      party.peers = std::vector<SignPeer>(ids.size() - 1);
      party.multiply = std::vector<MultiplyMemory>(ids.size() - 1);
      const SignSession::Config config{common, ids[i], &key.key, party.setups, {}, given.answering == ids[i], given.paced};
      const auto random32 = given.random32.find(ids[i]);
      party.session = std::make_unique<Made>(curve_, crypto::host_ecdsa_verify, config,
                                             random32 == given.random32.end() ? draw(random) : random32->second,
                                             SignMemory{party.peers, party.multiply, party.scratch});
      network.join(ids[i], *party.session);
    }
  }
  /// Everybody's rounds before the share.
  bool prepare() {
    network.run();
    for (bool worked = given_.paced; worked;) {
      worked = false;
      for (std::size_t i = 0; i < parties_.size(); ++i) {
        const auto piece = parties_[i]->session->work(network.port(id(i)));
        worked = worked || (piece && *piece);
      }
      while (network.step()) {
      }
    }
    bool all = true;
    for (const auto& party : parties_) all = all && party->session->prepared();
    return all;
  }
  /// Tells everybody its share and the message, and runs to the end. True if all have a signature.
  bool sign(const ByteArray<32>& message) {
    for (std::size_t i = 0; i < parties_.size(); ++i)
      (void)parties_[i]->session->set_share(key_.shares[i], message, network.port(id(i)));
    while (network.step()) {
    }
    bool all = true;
    for (const auto& party : parties_) all = all && party->session->done();
    return all;
  }
  Made& operator[](std::size_t index) { return *parties_[index]->session; }
  /// What the session of signers[index] holds for its first peer.
  const SignPeer& memory(std::size_t index) const { return parties_[index]->peers[0]; }
  const MultiplyMemory& multiply_memory(std::size_t index) const { return parties_[index]->multiply[0]; }
  PartyId id(std::size_t index) const { return key_.key.signers[index]; }
  std::size_t size() const { return parties_.size(); }

  Network network;

 private:
  struct Party {
    std::vector<OtSetup*> setups;
    std::vector<SignPeer> peers;
    std::vector<MultiplyMemory> multiply;
    SignScratch scratch;
    std::unique_ptr<Made> session;
  };
  const SharedKey& key_;
  const Given given_;
  crypto::HostCurve curve_;
  std::vector<std::unique_ptr<Party>> parties_;
};

}  // namespace touchstone::mpc::dkls
