// Three parties and what they do in FROST under fuzz, the same in the target and in its first inputs.
#pragma once

#include <array>
#include <optional>

#include "curve_host/host_curve.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/sign_session.h"

namespace touchstone::fuzz {

/// 2 of 3; the shares lie on the line 5 + 7x.
class FrostFixture {
 public:
  FrostFixture() {
    const std::array<mpc::PartyId, 3> ids = {1, 2, 3};
    group_.parties = mpc::Parties::of(ids).value();
    group_.threshold = 2;
    group_.point = curve_.multiply_base(crypto::Scalar::from_u32(5)).value();
    for (std::size_t i = 0; i < 3; ++i) group_.verification_shares[i] = curve_.multiply_base(share(ids[i])).value();
    key_.emplace(mpc::frost::SigningKey::create(curve_, mpc::frost::Suite::kBip340, group_, {}).value());
  }
  /// `purpose`: 0 generates, 1 refreshes, 2 reshares from 1 and 2 to all.
  mpc::frost::KeySession receiver(std::uint8_t purpose, mpc::PartyId id) {
    return {curve_, plan(purpose), id, {crypto::Scalar::from_u32(90u + id), share(id), random32(id)}};
  }
  mpc::frost::SignSession signer(mpc::PartyId id) {
    return {curve_, crypto::schnorr_verify, *key_, {group_.parties, {1}, {}}, id, share(id), random32(id)};
  }

 private:
  static crypto::Scalar share(mpc::PartyId id) { return crypto::Scalar::from_u32(5u + 7u * id); }
  static ByteArray<32> random32(mpc::PartyId id) { return {id}; }
  mpc::frost::KeyPlan plan(std::uint8_t purpose) const {
    using mpc::frost::KeyPlan;
    const std::array<mpc::PartyId, 2> dealers = {1, 2};
    if (purpose == 0) return KeyPlan::generate(group_.parties, 2, 0, {}).value();
    if (purpose == 1) return KeyPlan::refresh(group_, {}).value();
    return KeyPlan::reshare(group_, mpc::Parties::of(dealers).value(), group_.parties, 2, {}).value();
  }

  crypto::HostCurve curve_;
  mpc::frost::GroupKey group_;
  std::optional<mpc::frost::SigningKey> key_;
};

}  // namespace touchstone::fuzz
