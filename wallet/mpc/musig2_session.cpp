#include "mpc/musig2_session.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "crypto/point.h"
#include "mpc/musig2_internal.h"

namespace touchstone::mpc::musig2 {

using crypto::Curve;
using crypto::Scalar;

namespace {

constexpr Error kNotTwoParties{ErrorCode::kMismatch, "a session has exactly two different public keys"};

bool is_pair(const KeyAggContext& keys) { return keys.parties() == 2 && keys.key(0) != keys.key(1); }

}  // namespace

Result<PublicNonce> Initiator::start(const Scalar& secret_share, const KeyAggContext& keys,
                                     const ByteArray<32>& message, Bytes random32) {
  abort();
  if (!is_pair(keys)) return kNotTwoParties;
  const auto key_pair = KeyPair::create(curve_, secret_share);
  if (!key_pair) return key_pair.error();
  const auto own_index = keys.find(key_pair->public_key());
  if (!own_index) return Error{ErrorCode::kMismatch, "secret share belongs to none of the public keys"};
  auto nonce = generate_nonce(curve_, {.random32 = random32,
                                       .public_key = key_pair->public_key(),
                                       .secret_key = &secret_share,
                                       .aggregate_key = keys.x_only_key(),
                                       .message = Bytes(message)});
  if (!nonce) return nonce.error();
  const PublicNonce public_nonce = nonce->public_nonce;
  open_.emplace(Open{*key_pair, keys, *own_index, message, std::move(*nonce)});
  return public_nonce;
}

Result<Signature> Initiator::finish(Bytes untrusted_card_nonce66, Bytes untrusted_card_partial32, Blame* blame) {
  if (!open_) return Error{ErrorCode::kState, "no session is open"};
  auto signature = complete(*open_, untrusted_card_nonce66, untrusted_card_partial32, blame);
  abort();
  return signature;
}

Result<Signature> Initiator::complete(Open& open, Bytes untrusted_card_nonce66, Bytes untrusted_card_partial32,
                                      Blame* blame) {
  const std::size_t card = 1 - open.own_index;
  const auto card_nonce =
      blame_on_error(parse_public_nonce(curve_, untrusted_card_nonce66), blame, Contribution::kPublicNonce, card);
  if (!card_nonce) return card_nonce.error();
  const auto aggregate = add(curve_, open.nonce.points, *card_nonce);
  if (!aggregate) return aggregate.error();
  const auto session = Session::create(curve_, open.keys, *aggregate, open.message);
  if (!session) return session.error();

  TS_RETURN_IF_ERROR(verify_partial(curve_, untrusted_card_partial32, *card_nonce, card, open.keys, *session, blame));
  const auto own_partial = sign(std::move(open.nonce.secret_nonce), open.key_pair, open.keys, *session);
  if (!own_partial) return own_partial.error();

  std::array<PartialSignature, 2> partials;
  partials[open.own_index] = *own_partial;
  std::copy(untrusted_card_partial32.begin(), untrusted_card_partial32.end(), partials[card].begin());
  const auto signature = aggregate_partials(open.keys, *session, partials, blame);
  if (!signature) return signature.error();
  TS_RETURN_IF_ERROR(verify_(open.keys.x_only_key(), open.message, *signature));
  return *signature;
}

Result<DeterministicSignature> respond(Curve& curve, const Scalar& secret_share, const KeyAggContext& keys,
                                       const ByteArray<32>& message, Bytes untrusted_wallet_nonce66, Bytes random32,
                                       Blame* blame) {
  if (!is_pair(keys)) return kNotTwoParties;
  return deterministic_sign(curve, secret_share, untrusted_wallet_nonce66, keys, message, random32, blame);
}

}  // namespace touchstone::mpc::musig2
