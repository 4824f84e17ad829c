#include "mpc_lindell/sign.h"

#include <algorithm>

#include "base/declassify.h"

namespace touchstone::mpc::lindell {

using crypto::Curve;
using crypto::Point;
using crypto::Scalar;
namespace wire = contract::lindell;

namespace {

constexpr Expected kOfEvaluator[] = {{wire::SignCommit::kId}, {wire::SignCipher::kId}};
constexpr Expected kOfOwner[] = {{wire::SignNonce::kId}, {wire::SignResult::kId}};

// The group order n, big-endian (SEC 2, 2.4.1).
constexpr ByteArray<32> kOrder = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xfe, 0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48,
                                  0xa0, 0x3b, 0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};

Context context_of(const SignConfig& config, PartyId owner, PartyId evaluator, const PaillierPublicKey& paillier,
                   const Point& key, std::uint32_t epoch) {
  return Transcript("touchstone/lindell/sign")
      .add(config.session)
      .add_u32(owner)
      .add_u32(evaluator)
      .add_u32(epoch)
      .add(paillier.n().to_bytes())
      .add(crypto::compress(key))
      .add(config.message_hash)
      .digest();
}
// What the owner's nonce and proof are bound to.
Context bound(const Context& context, const ByteArray<32>& commitment) {
  return Transcript("touchstone/lindell/sign/committed").add(context).add(commitment).digest();
}

// The secret that hedges the owner's randomness is the low end of p: as good as any part of the key.
Scalar part_of(const PaillierKey& key) {
  Secret<128> prime;
  key.p().write_bytes(prime.expose());
  return Scalar::from_bytes_reduce(prime.expose().last(32));
}

Natural<256> natural(const Scalar& x) {
  const Secret<32> bytes = x.to_secret();
  return Natural<256>::from_bytes(bytes.expose());
}
// Modulo the group order.
Scalar reduced(const Plaintext& x) {
  Secret<256> bytes;
  x.write_bytes(bytes.expose());
  Secret<64> wide;
  for (std::size_t i = 0; i < 256; i += 32) {
    std::copy_n(bytes.expose().begin() + static_cast<std::ptrdiff_t>(i), 32, wide.expose().begin() + 32);
    Scalar::from_wide_reduce(wide.expose()).write_bytes(wide.expose().first(32));
  }
  return Scalar::from_bytes_reduce(wide.expose().first(32));
}

Scalar x_coordinate(const Point& nonce) { return Scalar::from_bytes_reduce(nonce.x); }

Signature signature_of(const Point& nonce, const Scalar& s) {
  Signature out;
  x_coordinate(nonce).write_bytes(MutableBytes(out.bytes).first(32));
  s.negate_if(s.is_high()).write_bytes(MutableBytes(out.bytes).last(32));
  const bool wrapped = !std::lexicographical_compare(nonce.x.begin(), nonce.x.end(), kOrder.begin(), kOrder.end());
  out.recovery_id = static_cast<std::uint8_t>((nonce.has_even_y() == s.is_high() ? 1 : 0) | (wrapped ? 2 : 0));
  return out;
}

}  // namespace

OwnerSigner::OwnerSigner(Curve& curve, const OwnerKey& key, Fuse& fuse, const SignConfig& config)
    : Signer(curve, config, part_of(key.paillier), kOfEvaluator,
             context_of(config, config.own, config.peer, key.paillier.public_key(), key.key, key.epoch)),
      key_(key),
      fuse_(fuse) {}

Status OwnerSigner::begin(Transport&) {
  if (fuse_.blown()) return Error{ErrorCode::kState, "the Paillier key is burnt: set up a new one"};
  return {};
}

Status OwnerSigner::take(std::size_t place, Bytes untrusted_message, Transport& transport) {
  return place == 0 ? answer(untrusted_message, transport) : complete(untrusted_message, transport);
}

Status OwnerSigner::answer(Bytes untrusted_message, Transport& transport) {
  const auto message = wire::SignCommit::decode(untrusted_message);
  if (!message) return message.error();
  commitment_ = message->commitment;
  const Context context = bound(context_, commitment_);
  const Scalar k = random_.scalar("touchstone/lindell/owner nonce", 0, context),
               proof_nonce = random_.scalar("touchstone/lindell/owner proof", 0, context);
  random_.wipe_now();
  const auto nonce = prove_knowledge(curve_, k, proof_nonce, context, own_);
  if (!nonce) return blame_nobody(nonce.error());
  nonce_ = *nonce;
  return send(transport, wire::SignNonce{session_, nonce_.point, nonce_.proof});
}

Status OwnerSigner::complete(Bytes untrusted_message, Transport& transport) {
  const auto message = wire::SignCipher::decode(untrusted_message);
  if (!message) return message.error();
  const auto opened = commit(message->blind, message->nonce, message->proof, context_, peer_);
  if (!equal_constant_time(opened, commitment_)) return Error{ErrorCode::kMismatch, "not what was committed to"};
  Point nonce_point;
  TS_ASSIGN_OR_RETURN(nonce_point, check_knowledge(curve_, message->nonce, message->proof, context_, peer_));
  const auto c3 = key_.paillier.public_key().parse_ciphertext(message->ciphertext);
  if (!c3) return c3.error();
  TS_ASSIGN_OR_RETURN(nonce_point, curve_.multiply(nonce_.secret, nonce_point));
  if (nonce_point.infinity) return Error{ErrorCode::kInfinity, "the nonce is infinity"};

  // Another session may have blown it since begin().
  if (fuse_.blown()) return Error{ErrorCode::kState, "the Paillier key is burnt: set up a new one"};
  TS_RETURN_IF_ERROR(fuse_.blow());
  TS_ASSIGN_OR_RETURN(signature_, decrypt(*c3, nonce_point));
  TS_RETURN_IF_ERROR(fuse_.mend());
  TS_RETURN_IF_ERROR(send(transport, wire::SignResult{session_, signature_.bytes}));
  finish();
  return {};
}

Result<Signature> OwnerSigner::decrypt(const PaillierPublicKey::Ciphertext& c3, const Point& nonce_point) {
  const auto plaintext = key_.paillier.decrypt(c3);
  if (!plaintext) return plaintext.error();
  if (!declassify(bignum::is_zero(plaintext->limbs().subspan(kPlaintextBits / bignum::kLimbBits))))
    return Error{ErrorCode::kBadSignature, "the plaintext is out of range; the key is burnt"};
  const Signature out = declassify(signature_of(nonce_point, nonce_.secret.inverse() * reduced(*plaintext)));
  if (const Status verified = verify_(curve_, key_.key, message_hash_, out.bytes); !verified) {
    if (verified.error().code == ErrorCode::kDevice) return verified.error();
    return Error{ErrorCode::kBadSignature, "the ciphertext holds no signature; the key is burnt"};
  }
  return out;
}

EvaluatorSigner::EvaluatorSigner(Curve& curve, const EvaluatorKey& key, const Scalar& share, const SignConfig& config)
    : Signer(curve, config, share, kOfOwner,
             context_of(config, config.peer, config.own, key.paillier, key.key, key.epoch)),
      key_(key),
      share_(share) {}

void EvaluatorSigner::wipe_secrets() {
  Signer::wipe_secrets();
  share_ = Scalar();
}

Status EvaluatorSigner::begin(Transport& transport) {
  // A wrong share would burn the owner's key.
  Point own_point;
  TS_ASSIGN_OR_RETURN(own_point, curve_.multiply_base(share_));
  if (!crypto::equal(own_point, key_.own_point)) return Error{ErrorCode::kState, "the share is not that of the key"};
  const Scalar k = random_.scalar("touchstone/lindell/evaluator nonce", 0, context_),
               proof_nonce = random_.scalar("touchstone/lindell/evaluator proof", 0, context_);
  random_.fill(blind_, "touchstone/lindell/evaluator blind", 0, context_);
  TS_ASSIGN_OR_RETURN(nonce_, prove_knowledge(curve_, k, proof_nonce, context_, own_));
  return send(transport, wire::SignCommit{session_, commit(blind_, nonce_.point, nonce_.proof, context_, own_)});
}

Status EvaluatorSigner::take(std::size_t place, Bytes untrusted_message, Transport& transport) {
  return place == 0 ? evaluate(untrusted_message, transport) : check(untrusted_message);
}

Status EvaluatorSigner::check(Bytes untrusted_message) {
  const auto message = wire::SignResult::decode(untrusted_message);
  if (!message) return message.error();
  TS_RETURN_IF_ERROR(verify_(curve_, key_.key, message_hash_, message->signature));
  // r fits R and -R; s tells which: s^-1 (m G + r X).
  const Scalar s = Scalar::from_bytes_reduce(Bytes(message->signature).last(32)), inverse = s.inverse_vartime();
  Point point, second;
  TS_ASSIGN_OR_RETURN(point, curve_.multiply_base(Scalar::from_bytes_reduce(message_hash_) * inverse));
  TS_ASSIGN_OR_RETURN(second, curve_.multiply_vartime(x_coordinate(nonce_point_) * inverse, key_.key));
  TS_ASSIGN_OR_RETURN(point, curve_.add(point, second));
  signature_ = signature_of(point, s);
  if (signature_.bytes != message->signature) return Error{ErrorCode::kMismatch, "a signature with another nonce"};
  finish();
  return {};
}

Status EvaluatorSigner::evaluate(Bytes untrusted_message, Transport& transport) {
  const auto message = wire::SignNonce::decode(untrusted_message);
  if (!message) return message.error();
  const ByteArray<32> commitment = declassify(commit(blind_, nonce_.point, nonce_.proof, context_, own_));  // was sent
  const Context context = bound(context_, commitment);
  TS_ASSIGN_OR_RETURN(nonce_point_, check_knowledge(curve_, message->nonce, message->proof, context, peer_));
  TS_ASSIGN_OR_RETURN(nonce_point_, curve_.multiply(nonce_.secret, nonce_point_));
  const Scalar r = x_coordinate(nonce_point_);
  if (nonce_point_.infinity || r.is_zero()) return Error{ErrorCode::kInfinity, "the nonce is of no use"};

  // s * k1 = k2^-1 (m + r x2) + k2^-1 r * x1: the first part and a multiple of q that hides what is above it,
  // encrypted, and the second computed on c_key.
  const Context agreed = Transcript("touchstone/lindell/sign/nonce").add(context).add(message->nonce).digest();
  bignum::RandomStream random(random_.bytes("touchstone/lindell/evaluator mask", 0, agreed).expose());
  const Scalar k_inverse = nonce_.secret.inverse();
  const Natural<256> known = natural(k_inverse * (Scalar::from_bytes_reduce(message_hash_) + r * share_));
  Plaintext plaintext = Plaintext::resized(random.bits<kMaskBits>() * Natural<256>::from_bytes(kOrder));
  bignum::add(plaintext, plaintext, Plaintext::resized(known));
  const auto c3 =
      key_.paillier.evaluate(plaintext, random.below(key_.paillier.n()), key_.share_ciphertext, natural(k_inverse * r));
  const wire::SignCipher out{session_, blind_, nonce_.point, nonce_.proof, key_.paillier.to_bytes(c3)};
  wipe_all();
  return send(transport, out);
}

}  // namespace touchstone::mpc::lindell
