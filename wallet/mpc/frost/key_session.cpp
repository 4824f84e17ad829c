#include "mpc_frost/key_session.h"

#include <algorithm>

#include "base/check.h"
#include "contract/frost.h"

namespace touchstone::mpc::frost {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
using Purpose = KeyPlan::Purpose;
namespace wire = contract::frost;

KeySession::KeySession(Curve& curve, const KeyPlan& plan, PartyId own, const KeyInput& input)
    : Rounds(plan.session_id(), plan.participants, own),
      curve_(curve),
      plan_(plan),
      dealers_(mask_of(plan.dealers)),
      receivers_(mask_of(plan.receivers)),
      pad_(input.pad),
      old_share_(input.old_share),
      random_(input.random32, {&input.pad, &input.old_share}, id_) {}

const GroupKey& KeySession::key() const {
  TS_CHECK(done(), "the key of a session that is not done");
  return key_;
}

const Scalar& KeySession::share() const {
  TS_CHECK(done() && plan_.receivers.contains(own_), "the share of a session that has none");
  return share_;
}

StoredOffset KeySession::offset() const {
  TS_CHECK(done() && plan_.receivers.contains(own_), "the offset of a session that has none");
  return offset_;
}

void KeySession::wipe_secrets() {
  pad_ = Scalar();
  old_share_ = Scalar();
  random_.wipe_now();
  for (Scalar& secret : shares_) secret = Scalar();
  for (Scalar& secret : polynomial_) secret = Scalar();
  if (!done()) share_ = Scalar();
}

unsigned KeySession::round_of(std::uint8_t message_id) const {
  static_assert(wire::Commit::kId == kCommit && wire::Open::kId == kOpen && wire::Share::kId == kShare &&
                wire::Verdict::kId == kVerdict && wire::Echo::kId == kEcho && wire::Answer::kId == kAnswer &&
                wire::Confirm::kId == kConfirm);
  return message_id <= kConfirm ? message_id : 0;
}

std::uint32_t KeySession::speakers() const {
  if (round() == kEcho) return dealers_ | receivers_;
  return round() == kVerdict || round() == kConfirm ? receivers_ : dealers_;
}

bool KeySession::complete() const {
  switch (round()) {
    case kShare: return !plan_.receivers.contains(own_) || all_heard(dealers_);
    case kAnswer:
      return std::all_of(accusations_.begin(), accusations_.end(), [](std::uint32_t open) { return open == 0; });
    default: return all_heard(speakers());
  }
}

Status KeySession::enter(unsigned round, Transport& transport) {
  const bool deals = plan_.dealers.contains(own_), receives = plan_.receivers.contains(own_);
  switch (round) {
    case kOpen: {
      if (!deals) return {};
      mark_heard(own_index());
      wire::Open open;
      open.commitments = Bytes(own_commitments_).first(33 * (plan_.threshold - first_coefficient()));
      open.proof_nonce = own_proof_.nonce;
      open.proof = own_proof_.response;
      return say(transport, kEverybody, open);
    }
    case kShare: return deals ? send_shares(transport) : Status();
    case kVerdict: TS_RETURN_IF_ERROR(compute_key()); return receives ? judge(transport) : Status();
    case kEcho: return repeat_verdicts(transport);
    case kAnswer: return answer(transport);
    case kConfirm: return receives ? confirm(transport) : Status();
    default: finish(); return {};
  }
}

Status KeySession::check_input() {
  const auto index = plan_.old_key.parties.index_of(own_);
  if (!is_participant()) return Error{ErrorCode::kMismatch, "own party does not take part"};
  if (plan_.receivers.contains(own_) && pad_.is_zero()) {
    return Error{ErrorCode::kOutOfRange, "a receiver needs a pad other than zero"};
  }
  if (plan_.purpose == Purpose::kGenerate || !plan_.dealers.contains(own_)) return {};
  if (old_share_.is_zero()) return Error{ErrorCode::kOutOfRange, "a dealer needs its old share"};
  Point point;
  TS_ASSIGN_OR_RETURN(point, curve_.multiply_base(old_share_));
  if (!crypto::equal(point, plan_.old_key.verification_shares[*index])) {
    return Error{ErrorCode::kMismatch, "old share is not of the old key"};
  }
  return {};
}

Status KeySession::begin(Transport& transport) {
  TS_RETURN_IF_ERROR(check_input());
  if (!plan_.dealers.contains(own_)) return {};
  TS_RETURN_IF_ERROR(deal());
  mark_heard(own_index());
  wire::Commit commit;
  commit.digest = digests_[own_index()];
  return say(transport, kEverybody, commit);
}

// The own polynomial and everything that Open will say of it.
Status KeySession::deal() {
  const std::size_t self = own_index(), first = first_coefficient();
  switch (plan_.purpose) {
    case Purpose::kGenerate: polynomial_[0] = derive_scalar(pad_, "touchstone/frost/constant term"); break;
    case Purpose::kRefresh: break;
    case Purpose::kReshare: polynomial_[0] = lagrange_coefficient(plan_.dealers, own_) * old_share_; break;
  }
  for (std::uint32_t m = 1; m < plan_.threshold; ++m)
    polynomial_[m] = random_.scalar("touchstone/frost/coefficient", m);
  for (std::size_t m = first; m < plan_.threshold; ++m) {
    Point& point = commitments_[self][m];
    TS_ASSIGN_OR_RETURN(point, curve_.multiply_base(polynomial_[m]));
    if (point.infinity) return Error{ErrorCode::kOutOfRange, "a coefficient is zero"};
    const auto bytes = crypto::compress(point);
    std::copy(bytes.begin(), bytes.end(), own_commitments_.begin() + static_cast<std::ptrdiff_t>(33 * (m - first)));
  }
  const Bytes sent = Bytes(own_commitments_).first(33 * (plan_.threshold - first));
  const Scalar nonce = random_.scalar("touchstone/frost/proof nonce", kOpen, crypto::sha256(sent));
  TS_ASSIGN_OR_RETURN(own_proof_, prove_knowledge(curve_, proof_context(self, kOpen), polynomial_[first],
                                                  commitments_[self][first], nonce));
  digests_[self] = open_digest(self, sent, own_proof_);
  return {};
}

Result<Delivery> KeySession::take(std::size_t sender, Bytes untrusted_message) {
  if ((speakers() & bit(sender)) == 0) {
    return blame(sender, {ErrorCode::kState, "a message of a role the sender does not have"});
  }
  switch (round()) {
    case kCommit: {
      const auto commit = parse<wire::Commit>(sender, untrusted_message);
      if (!commit) return commit.error();
      digests_[sender] = commit->digest;
      break;
    }
    case kOpen: return take_open(sender, untrusted_message);
    case kShare: {
      const auto message = parse<wire::Share>(sender, untrusted_message);
      if (!message) return message.error();
      if (const auto share = Scalar::from_bytes(message->share)) {
        shares_[sender] = *share;
      } else {
        misfits_ |= bit(sender);
      }
      break;
    }
    case kVerdict: return take_verdict(sender, untrusted_message);
    case kEcho: return take_echo(sender, untrusted_message);
    case kAnswer: return take_answer(sender, untrusted_message);
    default: {
      const auto message = parse<wire::Confirm>(sender, untrusted_message);
      if (!message) return message.error();
      const Point& point = key_.verification_shares[*plan_.receivers.index_of(participants_[sender])];
      const Status proven =
          verify_knowledge(curve_, proof_context(sender, kConfirm), point, {message->proof_nonce, message->proof});
      if (!proven) return blame(sender, proven.error());
    }
  }
  mark_heard(sender);
  return Delivery::kTaken;
}

Result<Delivery> KeySession::take_open(std::size_t dealer, Bytes untrusted_message) {
  const auto open = parse<wire::Open>(dealer, untrusted_message);
  if (!open) return open.error();
  const std::size_t first = first_coefficient();
  if (open->commitments.size() != 33 * (plan_.threshold - first)) {
    return blame(dealer, {ErrorCode::kBadFormat, "commitments are not of a polynomial of this threshold"});
  }
  const KnowledgeProof proof{open->proof_nonce, open->proof};
  if (open_digest(dealer, open->commitments, proof) != digests_[dealer]) {
    return blame(dealer, {ErrorCode::kMismatch, "opening is not what was committed to"});
  }
  for (std::size_t m = first; m < plan_.threshold; ++m) {
    const auto point = crypto::decompress(curve_, open->commitments.subspan(33 * (m - first), 33));
    if (!point) return blame(dealer, point.error());
    commitments_[dealer][m] = *point;
  }
  TS_RETURN_IF_ERROR(check_constant(dealer));
  const Status proven = verify_knowledge(curve_, proof_context(dealer, kOpen), commitments_[dealer][first], proof);
  if (!proven) return blame(dealer, proven.error());
  mark_heard(dealer);
  return Delivery::kTaken;
}

// In a resharing a dealer's constant must be its weighted old share.
Status KeySession::check_constant(std::size_t dealer) {
  if (plan_.purpose != Purpose::kReshare) return {};
  const PartyId id = participants_[dealer];
  const Point& old_point = plan_.old_key.verification_shares[*plan_.old_key.parties.index_of(id)];
  Point expected;
  TS_ASSIGN_OR_RETURN(expected, curve_.multiply_vartime(lagrange_coefficient(plan_.dealers, id), old_point));
  if (crypto::equal(commitments_[dealer][0], expected)) return {};
  return blame(dealer, {ErrorCode::kMismatch, "constant is not the dealer's share of the old key"});
}

}  // namespace touchstone::mpc::frost
