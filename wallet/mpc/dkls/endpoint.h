// One end of DKLs23 between a wallet and a card: the runs it consists of, one at a time, over an ordered link.
// Freestanding; the same on both sides.
//
//   set-up   once a connection, in memory only     needs no share
//   key      once, when the two are paired         needs the share
//   sign     for each signature                    prepares without the share; open() with it
//
// A run begins when both have said a nonce for it. The card can be set back to an earlier state, so it answers: the
// wallet is the first to speak in every run, and the card the first to open a signature, because its owner decides.
#pragma once

#include <optional>

#include "mpc_dkls/sign.h"

namespace touchstone::mpc::dkls {

enum class Role : PartyId { kWallet = 1, kCard = 2 };

/// What makes a run another one: fresh from both.
struct RunNonces {
  ByteArray<32> wallet, card;
};

/// The key of an address: X = wallet_point + tweak * G + card_point. The tweak, the sum of the BIP32 steps, counts as the
/// wallet's, so the card's share is the same for all addresses. Errors: kInfinity, kDevice.
Result<SigningKey> address_signing_key(crypto::Curve& curve, const crypto::Point& wallet_point, const crypto::Point& card_point,
                                       const crypto::Scalar& tweak, std::uint32_t epoch);

class Endpoint {
 public:
  /// What a run needs while it goes on (occupies_memory()). Once a signature is prepared, only during a call: in between the
  /// place may hold something else. After the end not at all.
  struct Memory {
    std::array<MultiplyMemory, 1> multiply;
    SignScratch scratch;
    std::optional<SetupSession> setup;
    std::optional<KeySession> key;
  };

  /// `memory`: sizeof(Memory), aligned to 8. All outlive the object.
  Endpoint(Role role, crypto::Curve& curve, crypto::EcdsaVerifier verify, MutableBytes memory);
  ~Endpoint() { forget(); }
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;

  /// Whether objects live in the memory, so that nobody else may write there.
  bool occupies_memory() const { return memory_ != nullptr; }
  bool has_setup() const { return setup_ && setup_->ready(); }

  // To begin a run ends the one before. `random32`: fresh and uniform. Errors: those of the session's start.
  /// `hedge`: as SetupSession.
  Status begin_setup(const RunNonces& nonces, Bytes random32, Bytes hedge, Transport& transport);
  /// `peer_point`: of the share, if the peer has named it before; another one is kMismatch.
  Status begin_key(const RunNonces& nonces, const crypto::Scalar& share, const std::optional<crypto::Point>& peer_point, std::uint32_t epoch, Bytes random32,
                   Transport& transport);
  /// Errors: kState (no set-up).
  Status begin_sign(const RunNonces& nonces, const SigningKey& key, Bytes random32, Transport& transport);

  /// A message of the run. kEarly in a signature that is prepared: the peer has opened it. Errors: as Session::receive().
  Result<Delivery> take(Bytes untrusted_message, Transport& transport);
  /// The card multiplies in pieces, so that it can do other things in between: again and again until it is false.
  Result<bool> work(Transport& transport);
  bool prepared() const { return sign_ && sign_->prepared(); }
  /// As SignSession::set_share().
  Status open(const crypto::Scalar& share, const ByteArray<32>& message_hash, Transport& transport);
  /// Whether the run has come to its result.
  bool done() const { return made_ != Made::kNothing || signature() != nullptr; }
  /// The result of a run that is done; null for any other.
  const Signature* signature() const { return sign_ && sign_->done() ? &sign_->signature() : nullptr; }
  const SigningKey* key() const { return made_ == Made::kKey ? &key_ : nullptr; }

  /// Ends the run and wipes what it had; the set-up stays.
  void end();
  /// The set-up too.
  void forget();

 private:
  enum class Made : std::uint8_t { kNothing, kSetup, kKey };
  Memory& occupy();
  void vacate();
  /// Takes the result of a run that has come to it, and leaves the memory as soon as nothing in it is needed.
  void settle();
  PartyId own() const { return static_cast<PartyId>(role_); }
  PartyId peer() const { return static_cast<PartyId>(role_ == Role::kWallet ? Role::kCard : Role::kWallet); }
  Session* session();

  const Role role_;
  crypto::Curve& curve_;
  const crypto::EcdsaVerifier verify_;
  const MutableBytes place_;
  Memory* memory_ = nullptr;  // while a run needs it
  std::optional<OtSetup> setup_;
  OtSetup* setups_[1] = {};
  Made made_ = Made::kNothing;
  SigningKey key_;  // that was made, or is signed with
  std::array<SignPeer, 1> peers_;
  std::optional<SignSession> sign_;
};

}  // namespace touchstone::mpc::dkls
