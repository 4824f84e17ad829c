// Base oblivious transfer: endemic OT (Masny, Rindal, ePrint 2019/706) with Diffie-Hellman over secp256k1. One OT gives
// the sender two random keys and the receiver the one of its choice. Freestanding.
//
// Receiver with bit b: r_{1-b} a random point, r_b = t*G - H(1-b, r_{1-b}). Sender: M_i = r_i + H(1-i, r_{1-i}),
// answers a*G with a fresh `a` for every OT, keys a*M_0 and a*M_1. The receiver knows t = log M_b and so t*(a*G);
// nobody knows a logarithm of the other. H is a hash to the field and Shallue and van de Woestijne's map to the curve
// (crypto/map_to_curve.h). It reaches half of all points, which is enough: the security proof programs H with points of
// its own, and can draw them until they are spread as the map's.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/curve.h"
#include "crypto/scalar.h"
#include "mpc_dkls/randomness.h"

namespace touchstone::mpc::dkls {

inline constexpr std::size_t kChoiceBytes = 66;
inline constexpr std::size_t kAnswerBytes = 33;

/// Receiver's message of OT `index` of `context`: r_0, r_1. `secret` is t. The choice stays secret: no branch, index or
/// order of steps depends on it, nor on the point that is hashed; how many draws of r_{1-b} it takes depends on numbers
/// that are never sent. Errors: kDevice.
Status base_ot_choose(crypto::Curve& curve, const ByteArray<32>& context, std::uint32_t index, bool choice,
                      Randomness& random, crypto::Scalar& secret, MutableBytes points66);

/// Sender's answer and both keys. `key_context` binds the keys to all that was sent. Errors: kBadFormat, kNotOnCurve,
/// kInfinity (the points are wrong), kDevice.
Status base_ot_answer(crypto::Curve& curve, const ByteArray<32>& context, const ByteArray<32>& key_context,
                      std::uint32_t index, Bytes untrusted_points66, Randomness& random, MutableBytes answer33,
                      std::array<Seed, 2>& keys);

/// Receiver's key. Errors: kBadFormat, kNotOnCurve (the answer is wrong), kDevice.
Status base_ot_finish(crypto::Curve& curve, const ByteArray<32>& key_context, std::uint32_t index, bool choice,
                      const crypto::Scalar& secret, Bytes untrusted_answer33, Seed& key);

}  // namespace touchstone::mpc::dkls
