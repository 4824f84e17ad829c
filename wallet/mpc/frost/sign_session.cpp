#include "mpc_frost/sign_session.h"

#include "base/check.h"
#include "contract/frost.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::frost {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
namespace wire = contract::frost;

SessionId SignPlan::session_id(const SigningKey& key) const {
  Transcript transcript("touchstone/frost/sign session");
  transcript.add_u32(static_cast<std::uint32_t>(key.suite())).add(key.group().digest());
  transcript.add(crypto::compress_or_zero(key.point())).add(signers);
  return transcript.add(message).add(run).digest();
}

SignSession::SignSession(Curve& curve, SignatureVerifier verify, const SigningKey& key, const SignPlan& plan,
                         PartyId own, const Scalar& share, Bytes random32)
    : Rounds(plan.session_id(key), plan.signers, own),
      curve_(curve),
      verify_(verify),
      key_(key),
      plan_(plan),
      share_(share),
      random_(random32, {&share}, id_) {}

const ByteArray<64>& SignSession::signature() const {
  TS_CHECK(done(), "the signature of a session that is not done");
  return signature_;
}

void SignSession::wipe_secrets() {
  share_ = Scalar();
  random_.wipe_now();
  nonces_ = SecretNonces();
}

unsigned SignSession::round_of(std::uint8_t message_id) const {
  switch (message_id) {
    case wire::Nonces::kId: return kNonces;
    case wire::SignatureShare::kId: return kShares;
    default: return 0;
  }
}

Status SignSession::check_input() {
  if (key_.suite() != Suite::kBip340) return Error{ErrorCode::kUnsupported, "a session makes BIP340 signatures"};
  if (!is_participant()) return Error{ErrorCode::kMismatch, "own party does not sign"};
  const Parties& parties = key_.group().parties;
  if (plan_.signers.size() < key_.group().threshold)
    return Error{ErrorCode::kMismatch, "fewer signers than the threshold"};
  for (const PartyId id : plan_.signers)
    if (!parties.contains(id)) return Error{ErrorCode::kMismatch, "a signer is not of the group"};
  Point point;
  TS_ASSIGN_OR_RETURN(point, curve_.multiply_base(share_));
  if (!crypto::equal(point, key_.group().verification_shares[*parties.index_of(own_)])) {
    return Error{ErrorCode::kMismatch, "share is not of this key and epoch"};
  }
  return {};
}

Status SignSession::begin(Transport& transport) {
  TS_RETURN_IF_ERROR(check_input());
  const Secret<32> hiding = random_.bytes("touchstone/frost/hiding nonce"),
                   binding = random_.bytes("touchstone/frost/binding nonce");
  auto nonces = generate_nonces(curve_, key_.suite(), hiding.expose(), binding.expose(), share_);
  if (!nonces) return nonces.error();
  nonces_ = std::move(*nonces);
  commitments_[own_index()] = nonces_.commitment();
  mark_heard(own_index());
  wire::Nonces message;
  message.hiding = crypto::compress(nonces_.commitment().hiding);
  message.binding = crypto::compress(nonces_.commitment().binding);
  return say(transport, kEverybody, message);
}

Result<Delivery> SignSession::take(std::size_t sender, Bytes untrusted_message) {
  if (round() == kNonces) {
    const auto message = parse<wire::Nonces>(sender, untrusted_message);
    if (!message) return message.error();
    const auto hiding = crypto::decompress(curve_, message->hiding),
               binding = crypto::decompress(curve_, message->binding);
    if (!hiding) return blame(sender, hiding.error());
    if (!binding) return blame(sender, binding.error());
    commitments_[sender] = {*hiding, *binding};
  } else {
    const auto message = parse<wire::SignatureShare>(sender, untrusted_message);
    if (!message) return message.error();
    if (message->echo != echo_)
      return Error{ErrorCode::kMismatch, "somebody has sent different nonces to different signers"};
    const auto share = Scalar::from_bytes(message->share);
    if (!share) return blame(sender, share.error());
    signature_shares_[sender] = *share;
  }
  mark_heard(sender);
  return Delivery::kTaken;
}

Status SignSession::enter(unsigned round, Transport& transport) {
  if (round == kShares) return sign(transport);
  TS_RETURN_IF_ERROR(release());
  finish();
  return {};
}

ByteArray<32> SignSession::echo() const {
  Transcript transcript("touchstone/frost/nonces");
  transcript.add(id_);
  for (std::size_t i = 0; i < participants_.size(); ++i) {
    transcript.add(crypto::compress(commitments_[i].hiding)).add(crypto::compress(commitments_[i].binding));
  }
  return transcript.digest();
}

Status SignSession::sign(Transport& transport) {
  auto package = SigningPackage::create(curve_, key_, plan_.signers,
                                        std::span(commitments_).first(participants_.size()), plan_.message);
  if (!package) return package.error();
  package_.emplace(*package);
  const auto share = package_->sign(std::move(nonces_), own_, share_);
  if (!share) return share.error();
  signature_shares_[own_index()] = *share;
  mark_heard(own_index());
  echo_ = echo();
  wire::SignatureShare message;
  message.echo = echo_;
  share->write_bytes(message.share);
  return say(transport, kEverybody, message);
}

Status SignSession::release() {
  signature_ = package_->aggregate(std::span(signature_shares_).first(participants_.size())).bip340();
  const Status verified = verify_(key_.point().x, plan_.message, signature_);
  if (verified) return {};
  signature_ = {};
  for (std::size_t i = 0; i < participants_.size(); ++i) {
    const Status share = package_->verify_share(curve_, participants_[i], signature_shares_[i]);
    if (share) continue;
    if (i == own_index()) return Error{ErrorCode::kDevice, "own signature share does not verify"};
    return blame(i, share.error());
  }
  return verified.error();
}

}  // namespace touchstone::mpc::frost
