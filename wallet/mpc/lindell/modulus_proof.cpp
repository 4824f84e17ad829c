#include "mpc_lindell/modulus_proof.h"

#include <algorithm>

#include "base/declassify.h"
#include "bignum/prime.h"

namespace touchstone::mpc::lindell {
namespace {

constexpr std::uint8_t kMinus = 1, kTimesBase = 2;

ByteArray<32> challenge_of(const Context& context, const Natural<2048>& n, Bytes root_base) {
  return Transcript("touchstone/lindell/modulus").add(context).add(n.to_bytes()).add(root_base).digest();
}
Natural<2048> challenge_number(const ByteArray<32>& challenge, std::size_t round, const Natural<2048>& n) {
  const ByteArray<32> key =
      Transcript("touchstone/lindell/modulus/y").add(challenge).add_u32(static_cast<std::uint32_t>(round)).digest();
  return bignum::RandomStream(key).below(n);
}

}  // namespace

ModulusProver::ModulusProver(const PaillierKey& key, const ModulusBytes& root_base, const Roots& base,
                             Bytes challenge32)
    : key_(&key), root_base_(root_base), base_(base) {
  std::copy(challenge32.begin(), challenge32.end(), challenge_.begin());
}

Result<ModulusProver> ModulusProver::begin(const PaillierKey& key, const Context& context, Bytes seed32) {
  bignum::RandomStream random(seed32);
  const auto& n = key.public_key().n();
  const auto& ring = key.public_key().ring().base();
  for (int attempt = 0; attempt < 128; ++attempt) {
    const auto u = random.below(n);
    const auto roots = key.roots(ring.leave(ring.power(ring.enter(u), n)));
    if (!roots) return roots.error();
    if ((*roots)[0].is_residue == (*roots)[1].is_residue) continue;
    const ModulusBytes bytes = u.to_bytes();
    return ModulusProver(key, bytes, *roots, challenge_of(context, n, bytes));
  }
  return Error{ErrorCode::kDevice, "128 random numbers of the same Jacobi symbol"};
}

Status ModulusProver::next(RootChoices& choices, RootBytes& roots) {
  for (std::size_t i = 0; i < kRoundsPerMessage; ++i, ++round_) {
    const auto sides = key_->roots(challenge_number(challenge_, round_, key_->public_key().n()));
    if (!sides) return sides.error();
    // The symbols of y differ: times w they agree. Then their sign is the sign. All of it is public.
    const bool times_base = (*sides)[0].is_residue != (*sides)[1].is_residue;
    const bool residue = times_base ? (*sides)[0].is_residue == base_[0].is_residue : (*sides)[0].is_residue;
    choices[i] = static_cast<std::uint8_t>((residue ? 0 : kMinus) | (times_base ? kTimesBase : 0));
    std::array<bignum::Modulus<1024>::Element, 2> root;
    for (std::size_t side = 0; side < 2; ++side) {
      const auto& field = key_->side_ring(side);
      root[side] = times_base ? field.multiply((*sides)[side].root, base_[side].root) : (*sides)[side].root;
    }
    const Natural<2048> whole = key_->combine(root[0], root[1]);
    for (std::size_t side = 0; side < 2; ++side)
      if (!declassify(key_->side_ring(side).enter_wide(whole) == root[side]))
        return Error{ErrorCode::kDevice, "a fault in a root"};
    whole.write_bytes(MutableBytes(roots).subspan(256 * i, 256));
  }
  if (!declassify(key_->intact())) return Error{ErrorCode::kDevice, "the Paillier key has changed in memory"};
  return {};
}

ModulusVerifier::ModulusVerifier(const PaillierPublicKey& key, const bignum::Modulus<2048>::Element& w,
                                 Bytes challenge32)
    : key_(&key), w_(w) {
  std::copy(challenge32.begin(), challenge32.end(), challenge_.begin());
}

Result<ModulusVerifier> ModulusVerifier::begin(const PaillierPublicKey& key, const Context& context,
                                               Bytes untrusted_root_base256) {
  const auto u = Natural<2048>::from_bytes(untrusted_root_base256);
  const auto challenge = challenge_of(context, key.n(), untrusted_root_base256);
  if (!(u < key.n()) || !is_unit(u, key.n())) return Error{ErrorCode::kOutOfRange, "the base is no unit modulo N"};
  if (bignum::has_small_factor(key.n())) return Error{ErrorCode::kOutOfRange, "a small prime divides the modulus"};
  bignum::RandomStream bases(challenge);
  if (bignum::is_probable_prime(key.n(), bases, bignum::kHostileCandidateRounds))
    return Error{ErrorCode::kOutOfRange, "the modulus is prime"};
  const auto& ring = key.ring().base();
  return ModulusVerifier(key, ring.power(ring.enter(u), key.n()), challenge);
}

Status ModulusVerifier::next(const RootChoices& untrusted_choices, const RootBytes& untrusted_roots) {
  const auto& ring = key_->ring().base();
  for (std::size_t i = 0; i < kRoundsPerMessage; ++i, ++round_) {
    const auto rho = Natural<2048>::from_bytes(Bytes(untrusted_roots).subspan(256 * i, 256));
    if (untrusted_choices[i] > (kMinus | kTimesBase) || !(rho < key_->n()))
      return Error{ErrorCode::kOutOfRange, "not a root"};
    auto left = ring.power(ring.enter(rho), key_->n());
    ring.square(left, left);
    ring.square(left, left);
    auto right = ring.enter(challenge_number(challenge_, round_, key_->n()));
    if (untrusted_choices[i] & kTimesBase) ring.multiply(right, right, w_);
    if (untrusted_choices[i] & kMinus) right = ring.negate(right);
    if (!(left == right)) return Error{ErrorCode::kMismatch, "no proof that the modulus is a Paillier-Blum number"};
  }
  return {};
}

}  // namespace touchstone::mpc::lindell
