// Two parties and what they do in DKLs23 under fuzz, the same in the target and in its first inputs.
#pragma once

#include <array>
#include <vector>

#include "curve_host/host_curve.h"
#include "mpc_dkls/sign.h"
#include "mpc_session/network.h"

namespace touchstone::fuzz {

class DklsFixture {
 public:
  /// What a party holds for one input. Not to be moved.
  struct Party {
    mpc::MemoryFuse fuse;  // blows in memory only: every input starts with a set-up that is whole
    mpc::dkls::OtSetup setup{&fuse};
    std::array<mpc::dkls::OtSetup*, 1> setups = {&setup};
  };

  DklsFixture() {
    mpc::dkls::OtSetup first(&fuses_[0]), second(&fuses_[1]);
    mpc::dkls::SetupSession a = set_up(1, first), b = set_up(2, second);
    mpc::Network network;
    network.join(1, a);
    network.join(2, b);
    network.run();
    TS_CHECK(first.store(stored_[0]).ok() && second.store(stored_[1]).ok(), "set-up");
    const std::array<mpc::PartyId, 2> ids = {1, 2};
    key_.signers = mpc::Parties::of(ids).value();
    for (std::uint8_t i = 0; i < 2; ++i) key_.share_points[i] = curve_.multiply_base(share(static_cast<mpc::PartyId>(i + 1))).value();
    key_.public_key = curve_.multiply_base(share(1) + share(2)).value();
  }
  mpc::dkls::SetupSession set_up(mpc::PartyId own, mpc::dkls::OtSetup& out) {
    return {curve_, session(), own, peer(own), random32(own), random32(static_cast<mpc::PartyId>(own + 8)), out};
  }
  mpc::dkls::KeySession agree(mpc::PartyId own) { return {curve_, {session(), own, peer(own), 0, {}, {}}, share(own), random32(own)}; }
  void load(mpc::PartyId own, Party& party) const { TS_CHECK(party.setup.load(stored_[own - 1u]).ok(), "a stored set-up"); }
  mpc::dkls::SignSession signer(mpc::PartyId own, Party& party, mpc::dkls::SignWorkspace<1>& workspace) {
    return {curve_, crypto::ecdsa_verify, {session(), own, &key_, party.setups, {}}, random32(own), workspace.memory()};
  }
  /// The share and the message, as soon as they are wanted.
  static void tell_share(mpc::dkls::SignSession& session, mpc::PartyId own, mpc::Transport& transport) {
    if (session.prepared()) (void)session.set_share(share(own), {6}, transport);
  }
  static mpc::SessionId session() { return {4}; }

 private:
  static mpc::PartyId peer(mpc::PartyId own) { return static_cast<mpc::PartyId>(3 - own); }
  static crypto::Scalar share(mpc::PartyId own) { return crypto::Scalar::from_u32(6u + own); }
  static ByteArray<32> random32(mpc::PartyId own) { return {own}; }

  crypto::HostCurve curve_;
  std::array<mpc::MemoryFuse, 2> fuses_;
  std::array<std::array<std::uint8_t, mpc::dkls::OtSetup::kBytes>, 2> stored_;
  mpc::dkls::SigningKey key_;
};

}  // namespace touchstone::fuzz
