// The second half of a key session: shares, complaints and the new key.
#include <algorithm>

#include "contract/frost.h"
#include "mpc_frost/key_session.h"

namespace touchstone::mpc::frost {

using crypto::Point;
using crypto::Scalar;
using Purpose = KeyPlan::Purpose;
namespace wire = contract::frost;

Status KeySession::send_shares(Transport& transport) {
  for (const PartyId receiver : plan_.receivers) {
    const Scalar share = evaluate(receiver);
    if (receiver == own_) {
      shares_[own_index()] = share;
      mark_heard(own_index());
      continue;
    }
    wire::Share message;
    share.write_bytes(message.share);
    const Status sent = say(transport, receiver, message);
    wipe(message.share.data(), message.share.size());
    TS_RETURN_IF_ERROR(sent);
  }
  return {};
}

// One check of the sum instead of one a dealer; who is wrong matters only when it fails.
Status KeySession::judge(Transport& transport) {
  const auto fits = sum_shares();
  if (!fits) return fits.error();
  for (std::size_t dealer = 0; !*fits && dealer < participants_.size(); ++dealer) {
    if ((dealers_ & bit(dealer)) == 0) continue;
    const auto right = share_fits(dealer, own_, shares_[dealer]);
    if (!right) return right.error();
    if (!*right) misfits_ |= bit(dealer);
  }
  accusations_[own_index()] = misfits_;
  mark_heard(own_index());
  wire::Verdict verdict;
  verdict.echo = digest_of_commits();
  verdict.accused = static_cast<std::uint16_t>(misfits_);
  return say(transport, kEverybody, verdict);
}

Result<Delivery> KeySession::take_verdict(std::size_t receiver, Bytes untrusted_message) {
  const auto verdict = parse<wire::Verdict>(receiver, untrusted_message);
  if (!verdict) return verdict.error();
  if (verdict->echo != digest_of_commits()) {
    return Error{ErrorCode::kMismatch, "somebody has committed differently to different parties"};
  }
  if ((verdict->accused & ~dealers_) != 0 || (verdict->accused & bit(receiver)) != 0) {
    return blame(receiver, {ErrorCode::kOutOfRange, "accuses itself, or who has dealt nothing"});
  }
  accusations_[receiver] = verdict->accused;
  mark_heard(receiver);
  return Delivery::kTaken;
}

// A dealer that has not heard of an accusation would never answer it, and who has heard would wait.
Status KeySession::repeat_verdicts(Transport& transport) {
  mark_heard(own_index());
  wire::Echo message;
  message.verdicts = digest_of_verdicts();
  return say(transport, kEverybody, message);
}

Result<Delivery> KeySession::take_echo(std::size_t sender, Bytes untrusted_message) {
  const auto message = parse<wire::Echo>(sender, untrusted_message);
  if (!message) return message.error();
  if (message->verdicts != digest_of_verdicts()) {
    return Error{ErrorCode::kMismatch, "somebody has accused differently to different parties"};
  }
  mark_heard(sender);
  return Delivery::kTaken;
}

Status KeySession::answer(Transport& transport) {
  for (std::size_t accuser = 0; accuser < participants_.size(); ++accuser) {
    if ((accusations_[accuser] & bit(own_index())) == 0) continue;
    wire::Answer message;
    message.accuser = participants_[accuser];
    evaluate(participants_[accuser]).write_bytes(message.share);
    TS_RETURN_IF_ERROR(say(transport, kEverybody, message));
    accusations_[accuser] &= ~bit(own_index());
  }
  return {};
}

Result<Delivery> KeySession::take_answer(std::size_t dealer, Bytes untrusted_message) {
  const auto message = parse<wire::Answer>(dealer, untrusted_message);
  if (!message) return message.error();
  const auto accuser = participants_.index_of(message->accuser);
  // Answered before, or never asked for: it changes nothing.
  if (!accuser || (accusations_[*accuser] & bit(dealer)) == 0) return Delivery::kRepeated;
  const auto share = Scalar::from_bytes(message->share);
  const auto fits = share ? share_fits(dealer, message->accuser, *share) : Result<bool>(false);
  if (!fits) return fits.error();
  if (!*fits) return blame(dealer, {ErrorCode::kOutOfRange, "share does not fit the dealer's commitments"});
  if (message->accuser == own_) shares_[dealer] = *share;
  accusations_[*accuser] &= ~bit(dealer);
  return Delivery::kTaken;
}

Status KeySession::confirm(Transport& transport) {
  const auto fits = sum_shares();
  if (!fits) return fits.error();
  if (!*fits) return Error{ErrorCode::kDevice, "own share does not fit the key"};
  const Point& point = key_.verification_shares[*plan_.receivers.index_of(own_)];
  const Scalar nonce = random_.scalar("touchstone/frost/proof nonce", kConfirm, key_.digest());
  const auto proof = prove_knowledge(curve_, proof_context(own_index(), kConfirm), share_, point, nonce);
  if (!proof) return proof.error();
  offset_ = make_offset(pad_, share_, key_, own_);
  mark_heard(own_index());
  wire::Confirm message;
  message.proof_nonce = proof->nonce;
  message.proof = proof->response;
  return say(transport, kEverybody, message);
}

// Session, prover, role and epoch; to confirm, also the key.
Transcript KeySession::proof_context(std::size_t prover, Round round) const {
  Transcript out("touchstone/frost/proof of possession");
  out.add(id_).add_u32(participants_[prover]).add_u32(round).add_u32(plan_.epoch);
  if (round == kConfirm) out.add(key_.digest());
  return out;
}

ByteArray<32> KeySession::open_digest(std::size_t dealer, Bytes commitments, const KnowledgeProof& proof) const {
  Transcript out("touchstone/frost/commit");
  return out.add(id_).add_u32(participants_[dealer]).add(commitments).add(proof.nonce).add(proof.response).digest();
}

ByteArray<32> KeySession::digest_of_commits() const {
  Transcript out("touchstone/frost/commits");
  out.add(id_);
  for (const auto& digest : digests_) out.add(digest);
  return out.digest();
}

ByteArray<32> KeySession::digest_of_verdicts() const {
  Transcript out("touchstone/frost/verdicts");
  out.add(id_);
  for (const std::uint32_t accused : accusations_) out.add_u32(accused);
  return out.digest();
}

Scalar KeySession::evaluate(PartyId at) const {
  const Scalar x = Scalar::from_u32(at);
  Scalar out;
  for (std::size_t m = plan_.threshold; m-- > 0;) out = out * x + polynomial_[m];
  return out;
}

Result<Point> KeySession::evaluate(const std::array<Point, kMaxParties>& commitments, PartyId at) {
  const Scalar x = Scalar::from_u32(at);
  Point out;
  for (std::size_t m = plan_.threshold; m-- > 0;) {
    TS_ASSIGN_OR_RETURN(out, curve_.multiply_vartime(x, out));
    TS_ASSIGN_OR_RETURN(out, curve_.add(out, commitments[m]));
  }
  return out;
}

Result<bool> KeySession::share_fits(std::size_t dealer, PartyId receiver, const Scalar& share) {
  Point left, right;
  TS_ASSIGN_OR_RETURN(left, curve_.multiply_base(share));
  TS_ASSIGN_OR_RETURN(right, evaluate(commitments_[dealer], receiver));
  return crypto::equal(left, right);
}

// The sum of all polynomials, in the exponent: its value at 0 is the key, at i the share of party i.
Status KeySession::compute_key() {
  std::array<Point, kMaxParties> sum;
  for (std::size_t m = 0; m < plan_.threshold; ++m) {
    for (std::size_t dealer = 0; dealer < participants_.size(); ++dealer) {
      TS_ASSIGN_OR_RETURN(sum[m], curve_.add(sum[m], commitments_[dealer][m]));
    }
  }
  const bool refreshes = plan_.purpose == Purpose::kRefresh;
  key_.parties = plan_.receivers;
  key_.threshold = plan_.threshold;
  key_.epoch = plan_.epoch;
  key_.point = refreshes ? plan_.old_key.point : sum[0];
  for (std::size_t i = 0; i < key_.parties.size(); ++i) {
    Point& share = key_.verification_shares[i];
    TS_ASSIGN_OR_RETURN(share, evaluate(sum, key_.parties[i]));
    if (refreshes) TS_ASSIGN_OR_RETURN(share, curve_.add(share, plan_.old_key.verification_shares[i]));
    if (share.infinity) return Error{ErrorCode::kInfinity, "a share is zero"};
  }
  if (key_.point.infinity) return Error{ErrorCode::kInfinity, "the key is infinity"};
  // Each dealer's constant was compared with its old share; that the old shares make the old key was up to the caller.
  if (plan_.purpose == Purpose::kReshare && !crypto::equal(key_.point, plan_.old_key.point)) {
    return Error{ErrorCode::kMismatch, "the old key's shares are not of the old key"};
  }
  return {};
}

Result<bool> KeySession::sum_shares() {
  share_ = plan_.purpose == Purpose::kRefresh ? old_share_ : Scalar();
  for (const Scalar& share : shares_) share_ += share;
  Point point;
  TS_ASSIGN_OR_RETURN(point, curve_.multiply_base(share_));
  return crypto::equal(point, key_.verification_shares[*plan_.receivers.index_of(own_)]);
}

}  // namespace touchstone::mpc::frost
