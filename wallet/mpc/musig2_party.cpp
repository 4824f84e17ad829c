#include "mpc/musig2_party.h"

#include <algorithm>

#include "contract/musig2.h"
#include "mpc/musig2_internal.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::musig2 {

namespace wire = contract::musig2;

PartySession::PartySession(crypto::Curve& curve, SignatureVerifier verify, const Parties& parties, std::size_t own,
                           const KeyPair& key_pair, const KeyAggContext& keys, const ByteArray<32>& message)
    : curve_(&curve), verify_(verify), parties_(parties), own_(own), key_pair_(key_pair), keys_(keys), message_(message) {}

Result<PartySession> PartySession::create(crypto::Curve& curve, SignatureVerifier verify, const Parties& parties, PartyId own,
                                          const crypto::Scalar& secret_share, const KeyAggContext& keys,
                                          const ByteArray<32>& message, Bytes agreed, Bytes random32) {
  const auto index = parties.index_of(own);
  if (parties.size() != keys.parties() || !index) return Error{ErrorCode::kMismatch, "one key a party"};
  const auto key_pair = KeyPair::create(curve, secret_share);
  if (!key_pair) return key_pair.error();
  if (key_pair->public_key() != keys.key(*index)) return Error{ErrorCode::kMismatch, "secret share is not this party's"};

  PartySession out(curve, verify, parties, *index, *key_pair, keys, message);
  Transcript transcript("touchstone/musig2/session");
  transcript.add(parties);
  for (std::size_t i = 0; i < keys.parties(); ++i) transcript.add(keys.key(i));
  out.id_ = transcript.add(keys.x_only_key()).add(message).add(agreed).digest();
  auto nonce = generate_nonce(curve, {.random32 = random32,
                                      .public_key = keys.key(*index),
                                      .secret_key = &secret_share,
                                      .aggregate_key = keys.x_only_key(),
                                      .message = Bytes(message),
                                      .extra = Bytes(out.id_)});
  if (!nonce) return nonce.error();
  out.nonce_ = std::move(*nonce);
  out.nonces_[*index] = out.nonce_.points;
  return out;
}

Error PartySession::fail(Error error, std::optional<std::size_t> culprit) {
  failure_ = Failure{error, culprit ? std::optional(parties_[*culprit]) : std::nullopt};
  abort();
  return error;
}

void PartySession::abort() {
  key_pair_.wipe_now();
  nonce_.secret_nonce.wipe_now();
  if (!over()) failure_ = Failure{{ErrorCode::kAborted, "ended by the caller"}, std::nullopt};
}

Status PartySession::start(Transport& transport) {
  if (started_ || over()) return Error{ErrorCode::kState, "the session has begun"};
  started_ = true;
  wire::Nonce message{id_, nonce_.public_nonce};
  ByteArray<wire::Nonce::kMaxBytes> buffer;
  const auto bytes = message.encode(buffer);
  if (!bytes) return fail(bytes.error());
  if (const Status sent = transport.send(kEverybody, *bytes); !sent) return fail(sent.error());
  if (parties_.size() > 1) return {};
  return sign_and_send(transport);
}

Result<Delivery> PartySession::receive(PartyId from, Bytes untrusted_message, Transport& transport) {
  if (over()) return Error{ErrorCode::kState, "the session is over"};
  const auto index = parties_.index_of(from);
  if (!index || *index == own_) return Delivery::kForeign;
  if (!started_) return Delivery::kEarly;
  // A message of another session is not this one's business, whatever else is wrong with it.
  if (untrusted_message.size() < 33 || !std::equal(id_.begin(), id_.end(), untrusted_message.begin() + 1)) return Delivery::kForeign;
  switch (untrusted_message[0]) {
    case wire::Nonce::kId: return take_nonce(*index, untrusted_message, transport);
    case wire::Part::kId: return take_part(*index, untrusted_message);
    default: return Delivery::kForeign;
  }
}

Result<Delivery> PartySession::take_nonce(std::size_t from, Bytes untrusted, Transport& transport) {
  if (nonces_[from]) return Delivery::kRepeated;
  const auto message = wire::Nonce::decode(untrusted);
  if (!message) return fail(message.error(), from);
  // Looked at now, so that it is laid on who sent it and not on who added it up.
  const auto points = parse_public_nonce(*curve_, message->nonce);
  if (!points) return fail(points.error(), points.error().code == ErrorCode::kDevice ? std::nullopt : std::optional(from));
  nonces_[from] = *points;
  for (std::size_t i = 0; i < parties_.size(); ++i)
    if (!nonces_[i]) return Delivery::kTaken;
  if (const Status sent = sign_and_send(transport); !sent) return sent.error();
  return Delivery::kTaken;
}

Status PartySession::sign_and_send(Transport& transport) {
  Result<NoncePoints> aggregate = *nonces_[0];
  Transcript transcript("touchstone/musig2/nonces");
  transcript.add(to_bytes(*aggregate));
  for (std::size_t i = 1; i < parties_.size(); ++i) {
    transcript.add(to_bytes(*nonces_[i]));
    aggregate = add(*curve_, *aggregate, *nonces_[i]);
    if (!aggregate) return fail(aggregate.error());
  }
  nonces_digest_ = transcript.add(id_).digest();
  auto values = musig2::Session::create(*curve_, keys_, *aggregate, message_);
  if (!values) return fail(values.error());
  values_ = *values;
  const auto part = sign(std::move(nonce_.secret_nonce), key_pair_, keys_, *values_);
  if (!part) return fail(part.error());
  // What another's eyes see is checked first: one wrong point of the curve's would give the share away.
  if (const Status right = verify_partial(*curve_, *part, nonce_.points, own_, keys_, *values_); !right) return fail(right.error());
  parts_[own_] = *part;
  wire::Part message{id_, nonces_digest_, *part};
  ByteArray<wire::Part::kMaxBytes> buffer;
  const auto bytes = message.encode(buffer);
  if (!bytes) return fail(bytes.error());
  if (const Status sent = transport.send(kEverybody, *bytes); !sent) return fail(sent.error());
  return parties_.size() > 1 ? Status{} : finish();
}

Result<Delivery> PartySession::take_part(std::size_t from, Bytes untrusted) {
  if (parts_[from]) return Delivery::kRepeated;
  if (!values_) return Delivery::kEarly;
  const auto message = wire::Part::decode(untrusted);
  if (!message) return fail(message.error(), from);
  // Either the sender lies, or a third party told the two of us different nonces: that cannot be told from here.
  if (message->nonces != nonces_digest_)
    return fail({ErrorCode::kMismatch, "not everybody has heard the same nonces"},
                parties_.size() == 2 ? std::optional(from) : std::nullopt);
  if (const Status right = verify_partial(*curve_, message->partial_signature, *nonces_[from], from, keys_, *values_); !right)
    return fail(right.error(), right.error().code == ErrorCode::kDevice ? std::nullopt : std::optional(from));
  parts_[from] = message->partial_signature;
  for (std::size_t i = 0; i < parties_.size(); ++i)
    if (!parts_[i]) return Delivery::kTaken;
  if (const Status end = finish(); !end) return end.error();
  return Delivery::kTaken;
}

Status PartySession::finish() {
  std::array<PartialSignature, kMaxParties> all;
  for (std::size_t i = 0; i < parties_.size(); ++i) all[i] = *parts_[i];
  const auto signature = aggregate_partials(keys_, *values_, std::span(all).first(parties_.size()));
  if (!signature) return fail(signature.error());
  if (const Status right = verify_(keys_.x_only_key(), message_, *signature); !right) return fail(right.error());
  signature_ = *signature;
  abort();
  return {};
}

}  // namespace touchstone::mpc::musig2
