// MuSig2 between n parties, as a session over messages (mpc_session): two rounds, everybody to everybody, and everybody ends with the
// signature. Freestanding.
//
//   round 1   Nonce   drawn hedged: from fresh bytes, the share, the aggregate key and the message
//   round 2   Part    and the digest of all nonces, so that two stories told by one party are found out
//
// One object is one session and uses its nonce once, whatever happens; any number may run at the same time (two nonces a party make
// ROS and Wagner's attack worthless: Nick, Ruffing, Seurin, ePrint 2020/1261).
#pragma once

#include <array>
#include <optional>

#include "mpc/musig2_session.h"
#include "mpc_session/session.h"

namespace touchstone::mpc::musig2 {

class PartySession final : public mpc::Session {
 public:
  /// `parties[i]` holds key i of `keys`. `agreed`: what makes this run different from all others, the same for all, and
  /// with something fresh of a peer in it (the channels' bindings): a party that was rolled back repeats its own randomness. Against a peer
  /// that repeats itself on purpose nothing helps who says its nonce first; a side that may be rolled back should be last, by
  /// deterministic_sign. `random32`: fresh. `curve` must outlive the object. Errors: kMismatch (number of parties; the share is not
  /// that of `own`), kOutOfRange (share), kDevice.
  static Result<PartySession> create(crypto::Curve& curve, SignatureVerifier verify, const Parties& parties, PartyId own,
                                     const crypto::Scalar& secret_share, const KeyAggContext& keys, const ByteArray<32>& message,
                                     Bytes agreed, Bytes random32);

  Status start(Transport& transport) override;
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) override;
  bool done() const override { return signature_.has_value(); }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override;

  /// When done: verified.
  const std::optional<Signature>& signature() const { return signature_; }
  const SessionId& id() const { return id_; }

 private:
  PartySession(crypto::Curve& curve, SignatureVerifier verify, const Parties& parties, std::size_t own, const KeyPair& key_pair,
               const KeyAggContext& keys, const ByteArray<32>& message);
  Result<Delivery> take_nonce(std::size_t from, Bytes untrusted, Transport& transport);
  Result<Delivery> take_part(std::size_t from, Bytes untrusted);
  Status sign_and_send(Transport& transport);
  Status finish();
  Error fail(Error error, std::optional<std::size_t> culprit = std::nullopt);
  bool over() const { return signature_ || failure_; }

  crypto::Curve* curve_;
  SignatureVerifier verify_;
  Parties parties_;
  std::size_t own_;
  KeyPair key_pair_;
  KeyAggContext keys_;
  ByteArray<32> message_;
  SessionId id_{};
  NoncePair nonce_;
  bool started_ = false;
  std::array<std::optional<NoncePoints>, kMaxParties> nonces_;
  std::array<std::optional<PartialSignature>, kMaxParties> parts_;
  ByteArray<32> nonces_digest_{};
  std::optional<musig2::Session> values_;  // of BIP327, once all nonces are there
  std::optional<Signature> signature_;
  std::optional<Failure> failure_;
};

}  // namespace touchstone::mpc::musig2
