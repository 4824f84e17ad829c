// What breaks the signers of schnorr.h. An attack sees what the other party of the protocol sees, and succeeds or says that it
// did not. Each is the control of a test that the protocols of this project resist it.
#pragma once

#include <optional>
#include <span>

#include "mpc_weak/schnorr.h"

namespace touchstone::mpc::weak {

/// Rogue key: the attacker, who speaks last, names a key under which the plain sum is its own.
struct RogueKey {
  crypto::Point claimed;
  crypto::Point group;  ///< sum of both, whose secret is the attacker's
};
RogueKey rogue_key(crypto::Curve& curve, const crypto::Point& victim, const crypto::Scalar& own);

/// Same message twice, another nonce of the attacker each time: the victim's key.
crypto::Scalar key_from_reused_nonce(crypto::Curve& curve, const DeterministicSigner& victim, Bytes message, Random random);

/// ROS: 256 sessions at once give a signature of a 257th message (Benhamouda, Lepoint, Loss, Orru, Raykova, ePrint 2020/945).
/// The group is the victim and the attacker, who holds `own`.
SchnorrSignature forge_by_ros(crypto::Curve& curve, OneNonceSigner& victim, const crypto::Scalar& own, Bytes message, Random random);

/// Wagner's sum of four lists (CRYPTO 2002; Drijvers et al., IEEE S&P 2019) on a challenge cut to `bits`: what few sessions at once
/// suffice for, in about 2^(bits / 3) work. Returns four indices, one a list, whose values add up to `target` modulo 2^bits.
std::optional<std::array<std::size_t, 4>> four_list_sum(std::span<const std::vector<std::uint64_t>, 4> lists, std::uint64_t target, unsigned bits);

/// Hidden number problem: the key from signatures whose nonces are below 2^(256 - zero_bits) (Howgrave-Graham, Smart 2001).
std::optional<crypto::Scalar> key_from_biased_nonces(crypto::Curve& curve, const crypto::Point& key, std::span<const EcdsaSignature> signatures,
                                                     std::span<const ByteArray<32>> digests, unsigned zero_bits);

}  // namespace touchstone::mpc::weak
