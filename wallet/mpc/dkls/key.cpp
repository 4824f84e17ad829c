#include "mpc_dkls/key.h"

#include <algorithm>

#include "base/check.h"
#include "contract/dkls.h"
#include "crypto/point.h"

namespace touchstone::mpc::dkls {

using contract::dkls::KeyCommit;
using contract::dkls::KeyOpen;
using crypto::Point;
using crypto::Scalar;

Scalar share_weight(const SigningKey& key, std::size_t index) {
  Scalar top = Scalar::from_u32(1), bottom = top;
  if (key.sharing == Sharing::kAdditive) return top;
  const Scalar own = Scalar::from_u32(key.signers[index]);
  for (const PartyId id : key.signers) {
    if (id == key.signers[index]) continue;
    const Scalar other = Scalar::from_u32(id);
    top *= other;
    bottom *= other - own;
  }
  return top * bottom.inverse_vartime();
}

Status weigh_points(crypto::Curve& curve, const SigningKey& key, std::array<Point, kMaxParties>& out) {
  if (key.signers.size() < 2) return Error{ErrorCode::kOutOfRange, "at least two sign"};
  if (key.public_key.infinity) return Error{ErrorCode::kInfinity, "the public key is no point"};
  Point sum;
  for (std::size_t i = 0; i < key.signers.size(); ++i) {
    if (key.share_points[i].infinity) return Error{ErrorCode::kInfinity, "a share is zero"};
    out[i] = key.share_points[i];
    if (key.sharing == Sharing::kShamir)
      TS_ASSIGN_OR_RETURN(out[i], curve.multiply_vartime(share_weight(key, i), out[i]));
    TS_ASSIGN_OR_RETURN(sum, curve.add(sum, out[i]));
  }
  if (!crypto::equal(sum, key.public_key))
    return Error{ErrorCode::kMismatch, "the share points do not make the public key"};
  return {};
}

KeySession::KeySession(crypto::Curve& curve, const Config& config, const Scalar& share, Bytes random32)
    : curve_(curve), config_(config), share_(share), random_(random32, {&share}, config.session) {}

void KeySession::abort() {
  if (stage_ != Stage::kDone && stage_ != Stage::kFailed) {
    stage_ = Stage::kFailed;
    if (!failure_) failure_ = Failure{{ErrorCode::kAborted, "the session was ended"}, std::nullopt};
  }
  share_ = Scalar();
  random_.wipe_now();
}

Error KeySession::fail(Error error, bool blame) {
  abort();
  failure_ = Failure{error, blame && error.code != ErrorCode::kDevice ? std::optional(config_.peer) : std::nullopt};
  return error;
}

const SigningKey& KeySession::key() const {
  TS_CHECK(done(), "the key is not made yet");
  return key_;
}

ByteArray<32> KeySession::commitment(PartyId of, const Opening& opening) const {
  return Transcript("touchstone/dkls23/key/commit")
      .add(config_.session)
      .add_u32(of)
      .add_u32(config_.epoch)
      .add(opening.share_point)
      .add(opening.proof.nonce)
      .add(opening.proof.response)
      .add(opening.blinding)
      .digest();
}

// A role is a party's number among the two.
Transcript KeySession::proof_context(PartyId of) const {
  return Transcript("touchstone/dkls23/key/proof")
      .add(config_.session)
      .add_u32(of)
      .add_u32(std::min(config_.own, config_.peer))
      .add_u32(std::max(config_.own, config_.peer))
      .add_u32(config_.epoch);
}

Status KeySession::start(Transport& transport) {
  if (stage_ != Stage::kNew) return Error{ErrorCode::kState, "a session starts once"};
  const Status started = run_start(transport);
  if (!started) return fail(started.error(), false);
  return {};
}

Status KeySession::run_start(Transport& transport) {
  if (config_.own == config_.peer || config_.own == kEverybody || config_.peer == kEverybody)
    return Error{ErrorCode::kOutOfRange, "a key has two different parties"};
  if (share_.is_zero()) return Error{ErrorCode::kOutOfRange, "the share is zero"};
  Point own_point;
  TS_ASSIGN_OR_RETURN(own_point, curve_.multiply_base(share_));
  if (config_.pinned_public_key && config_.pinned_peer_point) {
    Point sum;
    TS_ASSIGN_OR_RETURN(sum, curve_.add(own_point, *config_.pinned_peer_point));
    if (!crypto::equal(sum, *config_.pinned_public_key))
      return Error{ErrorCode::kMismatch, "the own share is not that of the pinned points"};
  }
  // Else one random32 and session id for two epochs would answer two challenges with one nonce: that tells the share.
  Transcript fixed = proof_context(config_.own);
  for (const auto* pin : {&config_.pinned_public_key, &config_.pinned_peer_point})
    fixed.add(*pin ? crypto::compress_or_zero(**pin) : crypto::CompressedPoint{});
  const ByteArray<32> agreed = fixed.digest();
  opening_.share_point = crypto::compress(own_point);
  TS_ASSIGN_OR_RETURN(opening_.proof,
                      prove_knowledge(curve_, proof_context(config_.own), share_, own_point,
                                      random_.scalar("touchstone/dkls23/key/proof nonce", 0, agreed)));
  random_.fill(opening_.blinding, "touchstone/dkls23/key/blinding", 0, agreed);
  KeyCommit m;
  m.session = config_.session;
  m.commitment = commitment(config_.own, opening_);
  ByteArray<KeyCommit::kMaxBytes> buffer;
  stage_ = Stage::kCommitted;
  return transport.send(config_.peer, m.encode(buffer).value());
}

Result<Delivery> KeySession::receive(PartyId from, Bytes untrusted_message, Transport& transport) {
  if (stage_ == Stage::kNew || stage_ == Stage::kDone || stage_ == Stage::kFailed)
    return Error{ErrorCode::kState, "the session does not run"};
  if (from != config_.peer || untrusted_message.size() < 33 ||
      !std::equal(config_.session.begin(), config_.session.end(), untrusted_message.begin() + 1))
    return Delivery::kForeign;
  Status taken, own;  // a fault of the peer; one of ours, or of nobody who could be named
  Point their_point;
  switch (untrusted_message[0]) {
    case KeyCommit::kId:
      if (stage_ != Stage::kCommitted) return Delivery::kRepeated;
      taken = take_commit(untrusted_message);
      if (taken) own = say_open(transport);
      break;
    case KeyOpen::kId:
      if (stage_ != Stage::kOpened) return Delivery::kEarly;
      taken = take_open(untrusted_message, their_point);
      if (taken) own = make_key(their_point);
      break;
    default:
      taken = Error{ErrorCode::kBadFormat, "no message of a key generation"};
  }
  if (!taken) return fail(taken.error(), true);
  if (!own) return fail(own.error(), false);
  return Delivery::kTaken;
}

Status KeySession::take_commit(Bytes untrusted_message) {
  const auto m = KeyCommit::decode(untrusted_message);
  if (!m) return m.error();
  their_commitment_ = m->commitment;
  return {};
}

Status KeySession::say_open(Transport& transport) {
  KeyOpen open;
  open.session = config_.session;
  open.share_point = opening_.share_point;
  open.proof_point = opening_.proof.nonce;
  open.proof_response = opening_.proof.response;
  open.blinding = opening_.blinding;
  ByteArray<KeyOpen::kMaxBytes> buffer;
  stage_ = Stage::kOpened;
  return transport.send(config_.peer, open.encode(buffer).value());
}

Status KeySession::take_open(Bytes untrusted_message, Point& their_point) {
  const auto m = KeyOpen::decode(untrusted_message);
  if (!m) return m.error();
  const Opening opening{m->share_point, {m->proof_point, m->proof_response}, m->blinding};
  if (commitment(config_.peer, opening) != their_commitment_)
    return Error{ErrorCode::kMismatch, "KeyOpen does not open the commitment"};
  TS_ASSIGN_OR_RETURN(their_point, crypto::decompress(curve_, m->share_point));
  if (config_.pinned_peer_point && !crypto::equal(their_point, *config_.pinned_peer_point))
    return Error{ErrorCode::kMismatch, "the peer's share is not the pinned one"};
  return verify_knowledge(curve_, proof_context(config_.peer), their_point, opening.proof);
}

Status KeySession::make_key(const Point& their_point) {
  Point own_point;
  TS_ASSIGN_OR_RETURN(own_point, crypto::decompress(curve_, opening_.share_point));
  key_.sharing = Sharing::kAdditive;
  key_.epoch = config_.epoch;
  const std::array<PartyId, 2> ids = {std::min(config_.own, config_.peer), std::max(config_.own, config_.peer)};
  TS_ASSIGN_OR_RETURN(key_.signers, Parties::of(ids));
  key_.share_points[config_.own > config_.peer] = own_point;
  key_.share_points[config_.own < config_.peer] = their_point;
  TS_ASSIGN_OR_RETURN(key_.public_key, curve_.add(own_point, their_point));
  if (key_.public_key.infinity) return Error{ErrorCode::kInfinity, "the shares cancel each other"};
  if (config_.pinned_public_key && !crypto::equal(key_.public_key, *config_.pinned_public_key))
    return Error{ErrorCode::kMismatch, "the public key is not the pinned one"};
  stage_ = Stage::kDone;
  abort();
  return {};
}

}  // namespace touchstone::mpc::dkls
