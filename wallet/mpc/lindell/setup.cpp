#include "mpc_lindell/setup.h"

#include <algorithm>

namespace touchstone::mpc::lindell {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
namespace wire = contract::lindell;

namespace {

constexpr Expected kOfEvaluator[] = {{wire::SetupHello::kId}, {wire::SetupOpen::kId}};
constexpr Expected kOfOwner[] = {{wire::SetupShare::kId},
                                 {wire::SetupFactors::kId},
                                 {wire::SetupRoots::kId, kRoundMessages},
                                 {wire::SetupRange::kId, kRoundMessages},
                                 {wire::SetupConfirm::kId}};
// Their places.
constexpr std::size_t kShare = 0, kFactors = 1, kRoots = 2, kRange = kRoots + kRoundMessages,
                      kConfirm = kRange + kRoundMessages;

Context context_of(const SetupConfig& config, PartyId owner, PartyId evaluator) {
  return Transcript("touchstone/lindell/setup")
      .add(config.session)
      .add_u32(owner)
      .add_u32(evaluator)
      .add_u32(config.epoch)
      .add(config.pinned_key ? crypto::compress_or_zero(*config.pinned_key) : crypto::CompressedPoint{})
      .digest();
}
Context agreed_after(const Context& context, const wire::SetupHello& m) {
  return Transcript("touchstone/lindell/setup/agreed")
      .add(context)
      .add(m.fresh)
      .add(m.commitment)
      .add(m.modulus)
      .add(m.s)
      .add(m.t)
      .add(m.s_inverse)
      .add(m.challenge)
      .add(m.responses)
      .digest();
}

// An error is nobody's fault that could be seen from here: the own share may be the wrong one.
Result<Point> sum(Curve& curve, const Point& own, const Point& peer, const std::optional<Point>& pinned) {
  Point key;
  TS_ASSIGN_OR_RETURN(key, curve.add(own, peer));
  if (key.infinity) return Error{ErrorCode::kInfinity, "the shares cancel out"};
  if (pinned && !crypto::equal(key, *pinned)) return Error{ErrorCode::kMismatch, "another key than the pinned one"};
  return key;
}

}  // namespace

OwnerSetup::OwnerSetup(Curve& curve, const PaillierKey& paillier, const Scalar& share, const SetupConfig& config,
                       const std::optional<FormerKey>& former)
    : TwoPartySession(config, share, kOfEvaluator),
      curve_(curve),
      paillier_(paillier),
      share_(share),
      epoch_(config.epoch),
      pinned_(config.pinned_key),
      former_(former),
      context_(context_of(config, config.own, config.peer)) {}

Status OwnerSetup::begin(Transport&) {
  TS_ASSIGN_OR_RETURN(own_point_, curve_.multiply_base(share_));
  if (own_point_.infinity) return Error{ErrorCode::kState, "the share is zero"};
  if (!former_) return {};
  if (former_->burns >= kMaxBurns)
    return Error{ErrorCode::kState, "the account is retired: too many of its keys have burnt"};
  if (former_->burnt && (epoch_ <= former_->epoch || crypto::equal(own_point_, former_->own_point)))
    return Error{ErrorCode::kState, "the share of a burnt key must be refreshed"};
  return {};
}

Status OwnerSetup::take(std::size_t place, Bytes untrusted_message, Transport& transport) {
  return place == 0 ? prove(untrusted_message, transport) : complete(untrusted_message, transport);
}

Status OwnerSetup::prove(Bytes untrusted_message, Transport& transport) {
  const auto hello = wire::SetupHello::decode(untrusted_message);
  if (!hello) return hello.error();
  const auto group = verify_pedersen(*hello, context_);
  if (!group) return group.error();
  commitment_ = hello->commitment;
  const Context agreed = agreed_after(context_, *hello);

  const auto seed = [&](const crypto::HashTag& purpose) { return random_.bytes(purpose, 0, agreed); };
  const Scalar proof_nonce = random_.scalar("touchstone/lindell/setup/owner proof", 0, agreed);
  const auto known = prove_knowledge(curve_, share_, proof_nonce, agreed, own_);
  if (!known) return blame_nobody(known.error());

  // c_key by public arithmetic alone: a fault in it tells nothing of the factors.
  const auto& public_key = paillier_.public_key();
  const Natural<2048> r =
      bignum::RandomStream(seed("touchstone/lindell/setup/ciphertext").expose()).below(public_key.n());
  const Plaintext x = Plaintext::resized(Natural<256>::from_bytes(share_.to_secret().expose()));
  Plaintext negated, r_inverse;
  bignum::subtract(negated, public_key.n(), x);
  if (!bignum::invert(r_inverse, r, public_key.n()))
    return Error{ErrorCode::kDevice, "a random number divides the modulus"};
  EncryptedShare statement;
  statement.ciphertext = public_key.to_bytes(public_key.encrypt(x, r));
  statement.inverse = public_key.to_bytes(public_key.encrypt(negated, r_inverse));
  statement.point = known->point;

  auto modulus = ModulusProver::begin(paillier_, agreed, seed("touchstone/lindell/setup/modulus").expose());
  if (!modulus) return modulus.error();
  auto range = RangeProver::begin(curve_, paillier_, share_, r, statement, agreed,
                                  seed("touchstone/lindell/setup/range").expose());
  if (!range) return range.error();
  TS_RETURN_IF_ERROR(send(
      transport, wire::SetupShare{session_, known->point, known->proof, public_key.n().to_bytes(), statement.ciphertext,
                                  statement.inverse, modulus->root_base(), range->challenge()}));
  {
    wire::SetupFactors message{.session = session_};
    prove_factors(message, paillier_, *group, agreed, seed("touchstone/lindell/setup/factors").expose());
    TS_RETURN_IF_ERROR(send(transport, message));
  }
  for (std::uint8_t i = 0; i < kRoundMessages; ++i) {
    wire::SetupRoots message{.session = session_, .index = i};
    TS_RETURN_IF_ERROR(modulus->next(message.choices, message.roots));
    TS_RETURN_IF_ERROR(send(transport, message));
  }
  for (std::uint8_t i = 0; i < kRoundMessages; ++i) {
    wire::SetupRange message{.session = session_, .index = i};
    range->next(message.responses);
    TS_RETURN_IF_ERROR(send(transport, message));
  }
  return {};
}

Status OwnerSetup::complete(Bytes untrusted_message, Transport& transport) {
  const auto message = wire::SetupOpen::decode(untrusted_message);
  if (!message) return message.error();
  const auto opened = commit(message->blind, message->point, message->proof, context_, peer_);
  if (!equal_constant_time(opened, commitment_)) return Error{ErrorCode::kMismatch, "not what was committed to"};
  Point peer_point;
  TS_ASSIGN_OR_RETURN(peer_point, check_knowledge(curve_, message->point, message->proof, context_, peer_));
  const auto key = sum(curve_, own_point_, peer_point, pinned_);
  if (!key) return blame_nobody(key.error());
  key_ = *key;
  if (former_ && !former_->burnt && former_->fuse->blown())
    return Error{ErrorCode::kState, "the former key has burnt meanwhile"};
  TS_RETURN_IF_ERROR(send(transport, wire::SetupConfirm{session_, crypto::compress(key_)}));
  finish();
  return {};
}

EvaluatorSetup::EvaluatorSetup(Curve& curve, const PedersenKey& pedersen, const Scalar& share,
                               const SetupConfig& config)
    : TwoPartySession(config, share, kOfOwner),
      curve_(curve),
      pedersen_(pedersen),
      share_(share),
      epoch_(config.epoch),
      pinned_(config.pinned_key),
      context_(context_of(config, config.peer, config.own)) {}

void EvaluatorSetup::wipe_secrets() {
  share_ = Scalar();
  known_ = KnownPoint{};
}

Status EvaluatorSetup::begin(Transport& transport) {
  if (share_.is_zero()) return Error{ErrorCode::kState, "the share is zero"};
  const Scalar proof_nonce = random_.scalar("touchstone/lindell/setup/evaluator proof", 0, context_);
  TS_ASSIGN_OR_RETURN(known_, prove_knowledge(curve_, share_, proof_nonce, context_, own_));
  TS_ASSIGN_OR_RETURN(own_point_, curve_.multiply_base(share_));
  random_.fill(blind_, "touchstone/lindell/setup/blind", 0, context_);
  wire::SetupHello hello{.session = session_};
  random_.fill(hello.fresh, "touchstone/lindell/setup/fresh", 0, context_);
  hello.commitment = commit(blind_, known_.point, known_.proof, context_, own_);
  pedersen_.prove(hello, context_, random_.bytes("touchstone/lindell/setup/group", 0, context_).expose());
  agreed_ = agreed_after(context_, hello);
  return send(transport, hello);
}

Status EvaluatorSetup::take(std::size_t place, Bytes untrusted_message, Transport& transport) {
  if (place == kShare) return take_share(untrusted_message);
  if (place == kFactors) {
    const auto message = wire::SetupFactors::decode(untrusted_message);
    if (!message) return message.error();
    return verify_factors(*message, *paillier_, pedersen_.group(), agreed_);
  }
  if (place < kRange) {
    const auto message = wire::SetupRoots::decode(untrusted_message);
    if (!message) return message.error();
    return modulus_->next(message->choices, message->roots);
  }
  if (place < kConfirm) {
    const auto message = wire::SetupRange::decode(untrusted_message);
    if (!message) return message.error();
    TS_RETURN_IF_ERROR(range_->next(message->responses));
    return range_->complete() ? open(transport) : Status{};
  }
  const auto message = wire::SetupConfirm::decode(untrusted_message);
  if (!message) return message.error();
  if (message->key != crypto::compress(key_)) return Error{ErrorCode::kMismatch, "the card has another key"};
  finish();
  return {};
}

Status EvaluatorSetup::take_share(Bytes untrusted_message) {
  const auto message = wire::SetupShare::decode(untrusted_message);
  if (!message) return message.error();
  Point peer_point;
  TS_ASSIGN_OR_RETURN(peer_point, check_knowledge(curve_, message->point, message->proof, agreed_, peer_));
  const auto key = sum(curve_, own_point_, peer_point, pinned_);
  if (!key) return blame_nobody(key.error());
  key_ = *key;
  const auto paillier = PaillierPublicKey::parse(message->modulus);
  if (!paillier) return paillier.error();
  paillier_.emplace(*paillier);
  const auto modulus = ModulusVerifier::begin(*paillier_, agreed_, message->root_base);
  if (!modulus) return modulus.error();
  modulus_.emplace(*modulus);
  const auto range =
      RangeVerifier::begin(curve_, *paillier_, {message->ciphertext, message->ciphertext_inverse, message->point},
                           agreed_, message->challenge);
  if (!range) return range.error();
  range_.emplace(*range);
  return {};
}

Status EvaluatorSetup::open(Transport& transport) {
  TS_CHECK(modulus_->complete() && range_->complete(), "all proofs are in before the point is shown");
  return send(transport, wire::SetupOpen{session_, blind_, known_.point, known_.proof});
}

}  // namespace touchstone::mpc::lindell
