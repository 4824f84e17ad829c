// Owner and evaluator in Lindell17 under fuzz, the same in the targets and in their first inputs.
#pragma once

#include "curve_host/host_curve.h"
#include "mpc_lindell/pedersen_test_access.h"
#include "mpc_lindell/setup.h"
#include "mpc_lindell/sign.h"

namespace touchstone::fuzz {

inline constexpr mpc::PartyId kOwner = 1, kEvaluator = 2;

class LindellFixture {
 public:
  LindellFixture()
      : paillier_(mpc::lindell::PaillierKey::generate(ByteArray<32>{7}).value()),
        pedersen_(mpc::lindell::PedersenTestAccess::of_modulus(paillier_.public_key().n())),
        owner_{paillier_, curve_.multiply_base(share(kOwner)).value(), curve_.multiply_base(share(kOwner) + share(kEvaluator)).value(), 1},
        evaluator_{paillier_.public_key(), paillier_.public_key().encrypt(mpc::lindell::Plaintext(kOwner), mpc::lindell::Natural<2048>(5)),
                   curve_.multiply_base(share(kEvaluator)).value(), owner_.key, 1} {}
  mpc::lindell::OwnerSigner owner_signer(mpc::Fuse& fuse) { return {curve_, owner_, fuse, sign_config(kOwner)}; }
  mpc::lindell::EvaluatorSigner evaluator_signer() { return {curve_, evaluator_, share(kEvaluator), sign_config(kEvaluator)}; }
  mpc::lindell::OwnerSetup owner_setup() { return {curve_, paillier_, share(kOwner), setup_config(kOwner)}; }
  mpc::lindell::EvaluatorSetup evaluator_setup() { return {curve_, pedersen_, share(kEvaluator), setup_config(kEvaluator)}; }
  static mpc::SessionId session() { return {4}; }

 private:
  static mpc::PartyId peer(mpc::PartyId own) { return static_cast<mpc::PartyId>(kOwner + kEvaluator - own); }
  static crypto::Scalar share(mpc::PartyId own) { return crypto::Scalar::from_u32(own); }
  static mpc::lindell::SignConfig sign_config(mpc::PartyId own) { return {session(), own, peer(own), {6}, {own}}; }
  static mpc::lindell::SetupConfig setup_config(mpc::PartyId own) { return {session(), own, peer(own), 1, std::nullopt, {own}}; }

  crypto::HostCurve curve_;
  mpc::lindell::PaillierKey paillier_;
  mpc::lindell::PedersenKey pedersen_;
  mpc::lindell::OwnerKey owner_;
  mpc::lindell::EvaluatorKey evaluator_;
};

}  // namespace touchstone::fuzz
