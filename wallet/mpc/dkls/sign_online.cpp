// What a session does once the share is known.
#include <algorithm>

#include "base/check.h"
#include "base/declassify.h"
#include "contract/dkls.h"
#include "crypto/point.h"
#include "mpc_dkls/sign.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {

using contract::dkls::SignOpen;
using contract::dkls::SignShare;
using crypto::Point;
using crypto::Scalar;
using Heard = SignPeer::Heard;

const Signature& SignSession::signature() const {
  TS_CHECK(done(), "there is no signature yet");
  return signature_;
}

Status SignSession::set_share(const Scalar& share, const ByteArray<32>& message_hash, Transport& transport) {
  if (stage_ != Stage::kPrepared)
    return Error{ErrorCode::kState, "a presignature serves one message, once, when it is prepared"};
  stage_ = Stage::kOpening;
  message_hash_ = message_hash;
  culprit_.reset();
  const Status sent = run_set_share(share, transport);
  if (!sent) return fail(sent.error());
  return {};
}

Status SignSession::run_set_share(const Scalar& share, Transport& transport) {
  if (share.is_zero()) return Error{ErrorCode::kOutOfRange, "the share is zero"};
  for (const SignPeer& peer : peers_)
    if (!peer.setup->ready()) return Error{ErrorCode::kState, "a set-up was burned"};
  share_ = weight_ * share + zero_;
  Point share_point;
  TS_ASSIGN_OR_RETURN(share_point, curve_.multiply_base(share_));
  if (share_point.infinity || !crypto::equal(share_point, expected_points_[own_index_]))
    return Error{ErrorCode::kMismatch, "the share does not belong to the key"};
  request_ = Transcript("touchstone/dkls23/sign/request").add(session_).add(message_hash_).digest();

  Secret<64> secret;
  std::copy(online_secret_.begin(), online_secret_.end(), secret.expose().begin());
  share.write_bytes(secret.expose().last(32));
  Randomness random(secret.expose(), Transcript("touchstone/dkls23/sign/online").add(request_).add(view_).add(heard_.digest()).digest(),
                    label("online"));
  phi_ = random.scalar();

  SignOpen m;
  m.session = session_;
  m.request = request_;
  m.share_point = crypto::compress(share_point);
  m.nonce_point = crypto::compress(nonce_points_[own_index_]);
  m.blinding = blinding_;
  for (SignPeer& peer : peers_) {
    (share_ - peer.pad).write_bytes(m.gamma);
    (phi_ - peer.chi).write_bytes(m.psi);
    Point gamma_v;
    TS_ASSIGN_OR_RETURN(gamma_v, curve_.multiply_base(peer.c[1]));
    m.gamma_u = peer.gamma_u;
    m.gamma_v = crypto::compress_or_zero(gamma_v);
    TS_RETURN_IF_ERROR(transport.send(peer.id, m.encode(scratch_.message).value()));
  }
  return {};
}

Result<bool> SignSession::product_holds(const SignPeer& peer, const Scalar& d, const Point& theirs,
                                        const Point& gamma) {
  Point left, right;
  TS_ASSIGN_OR_RETURN(left, curve_.multiply(peer.chi, theirs));
  TS_ASSIGN_OR_RETURN(right, curve_.multiply_base(d));
  TS_ASSIGN_OR_RETURN(right, curve_.add(right, gamma));
  return crypto::equal(left, right);
}

Result<Delivery> SignSession::take_open(SignPeer& peer, Bytes untrusted_message, Transport& transport) {
  if (peer.heard >= Heard::kOpen) return Delivery::kRepeated;
  if (stage_ != Stage::kOpening) return Delivery::kEarly;
  const auto m = SignOpen::decode(untrusted_message);
  if (!m) return m.error();
  if (m->request != request_) return Error{ErrorCode::kMismatch, "the peer signs another message"};
  if (commit(peer.id, m->nonce_point, m->blinding) != peer.commitment)
    return Error{ErrorCode::kMismatch, "SignOpen does not open the commitment"};
  Point share_point, gamma_u, gamma_v;
  Scalar gamma, psi;
  TS_ASSIGN_OR_RETURN(nonce_points_[peer.index], crypto::decompress(curve_, m->nonce_point));
  TS_ASSIGN_OR_RETURN(share_point, crypto::decompress(curve_, m->share_point));
  TS_ASSIGN_OR_RETURN(gamma_u, crypto::decompress(curve_, m->gamma_u));
  TS_ASSIGN_OR_RETURN(gamma_v, crypto::decompress(curve_, m->gamma_v));
  TS_ASSIGN_OR_RETURN(gamma, Scalar::from_bytes(m->gamma));
  TS_ASSIGN_OR_RETURN(psi, Scalar::from_bytes(m->psi));
  if (!crypto::equal(share_point, expected_points_[peer.index]))
    return Error{ErrorCode::kMismatch, "the peer's share is not that of the key"};
  peer.d[1] += gamma * peer.chi;  // the product was made with the pad
  bool nonce_holds = false, share_holds = false;
  TS_ASSIGN_OR_RETURN(nonce_holds, product_holds(peer, peer.d[0], nonce_points_[peer.index], gamma_u));
  TS_ASSIGN_OR_RETURN(share_holds, product_holds(peer, peer.d[1], share_point, gamma_v));
  if (!nonce_holds) return Error{ErrorCode::kMismatch, "the peer has not multiplied its nonce"};
  if (!share_holds) return Error{ErrorCode::kMismatch, "the peer has not multiplied its share"};
  psi_sum_ += psi;
  u_ += peer.c[0] + peer.d[0];
  v_ += peer.c[1] + peer.d[1];
  peer.heard = Heard::kOpen;
  if (all_heard(Heard::kOpen)) TS_RETURN_IF_ERROR(say_share(transport));
  return Delivery::kTaken;
}

ByteArray<32> SignSession::points_view() const {
  Transcript t("touchstone/dkls23/sign/points");
  t.add(request_);
  for (std::size_t i = 0; i < config_.key->signers.size(); ++i)
    t.add(crypto::compress(nonce_points_[i])).add(crypto::compress(expected_points_[i]));
  return t.digest();
}

Status SignSession::say_share(Transport& transport) {
  culprit_.reset();
  Point sum;
  for (std::size_t i = 0; i < config_.key->signers.size(); ++i)
    TS_ASSIGN_OR_RETURN(sum, curve_.add(sum, nonce_points_[i]));
  if (sum.infinity) return Error{ErrorCode::kInfinity, "the nonces cancel each other"};
  r_ = Scalar::from_bytes_reduce(sum.x);
  if (r_.is_zero()) return Error{ErrorCode::kOutOfRange, "r is zero"};
  recovery_id_ = static_cast<std::uint8_t>((sum.y[31] & 1) | (r_.to_bytes() == sum.x ? 0 : 2));

  const Scalar mask = phi_ + psi_sum_;
  u_ += nonce_ * mask;
  v_ += share_ * mask;
  denominator_ = u_;
  numerator_ = Scalar::from_bytes_reduce(message_hash_) * phi_ + r_ * v_;
  stage_ = Stage::kSharing;
  for (Scalar* secret : {&nonce_, &share_, &zero_, &phi_, &psi_sum_, &u_, &v_})
    *secret = Scalar();  // not needed any more
  SignShare m;
  m.session = session_;
  m.view = points_view();
  view_ = m.view;
  numerator_.write_bytes(m.numerator);
  denominator_.write_bytes(m.denominator);
  for (const SignPeer& peer : peers_) TS_RETURN_IF_ERROR(transport.send(peer.id, m.encode(scratch_.message).value()));
  return {};
}

Result<Delivery> SignSession::take_share(SignPeer& peer, Bytes untrusted_message) {
  if (peer.heard == Heard::kShare) return Delivery::kRepeated;
  if (stage_ != Stage::kSharing) return Delivery::kEarly;
  const auto m = SignShare::decode(untrusted_message);
  if (!m) return m.error();
  if (m->view != view_) return blame_if_two(peer, {ErrorCode::kMismatch, "the signers have received different points"});
  Scalar numerator, denominator;
  TS_ASSIGN_OR_RETURN(numerator, Scalar::from_bytes(m->numerator));
  TS_ASSIGN_OR_RETURN(denominator, Scalar::from_bytes(m->denominator));
  numerator_ += numerator;
  denominator_ += denominator;
  peer.heard = Heard::kShare;
  if (all_heard(Heard::kShare)) TS_RETURN_IF_ERROR(finish());
  return Delivery::kTaken;
}

Status SignSession::finish() {
  if (denominator_.is_zero() || numerator_.is_zero())
    return blame_if_two(peers_[0], {ErrorCode::kOutOfRange, "the shares add up to no signature"});
  const Scalar inverse = declassify(Scalar(denominator_)).inverse_vartime();  // a sum of what everybody has said
  const Scalar s = declassify(Scalar(numerator_ * inverse));                  // the signature is public
  const bool high = s.is_high();
  r_.write_bytes(MutableBytes(signature_.bytes).first(32));
  s.negate_if(high).write_bytes(MutableBytes(signature_.bytes).last(32));
  signature_.recovery_id = static_cast<std::uint8_t>(recovery_id_ ^ (high ? 1 : 0));
  const Status verified = verify_(curve_, config_.key->public_key, message_hash_, signature_.bytes);
  if (!verified) {
    signature_ = {};
    return blame_if_two(peers_[0], verified.error());
  }
  stage_ = Stage::kDone;
  clear();
  return {};
}

}  // namespace touchstone::mpc::dkls
