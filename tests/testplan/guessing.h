// What a guesser does who has the stored record of a finger and no print: all messages of the code, one after the other.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "base/seed.h"
#include "codes/bch.h"
#include "biometrics/converter.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

namespace touchstone::test {

using Code = codes::Bch<6, 7>;
static_assert(Code::n == biometrics::kCodeLength_bits && Code::k == biometrics::kMessageLength_bits);

inline Bytes text(std::string_view literal) { return Bytes(reinterpret_cast<const std::uint8_t*>(literal.data()), literal.size()); }

/// What the message of a record enrolled with this randomness is: for a test that has no time for all of them.
inline std::uint32_t message_from(Bytes randomness) {
  ByteArray<4> bytes;
  crypto::hkdf_sha256(randomness, {}, text("touchstone/biometric message/1"), bytes);
  return load_le32(bytes.data()) & ((std::uint32_t{1} << Code::k) - 1);
}
inline void enrol_any_finger(Bytes randomness, biometrics::HelperData& record, Secret<32>& root) {
  Random random(7);
  std::vector<biometrics::Feature> touches(4);
  std::vector<double> finger(biometrics::kDimensions);
  for (double& component : finger) component = random.normal();
  for (biometrics::Feature& touch : touches) {
    touch.pose_count = 1;
    for (std::size_t i = 0; i < finger.size(); ++i)
      touch.poses[0][i] = static_cast<std::int8_t>(std::clamp(31 * finger[i] + 8 * random.normal(), -127.0, 127.0));
  }
  TS_CHECK(biometrics::enrol(touches, randomness, record, root).ok(), "enrolment");
}

struct Found {
  ByteArray<32> root;
  std::uint32_t guesses;
};
/// The root of a record by its message, of which so many bits are not known. Written from the format alone.
inline std::optional<Found> guess_root(const biometrics::HelperData& record, int unknown_bits) {
  ByteArray<biometrics::HelperData::kBytes> bytes;
  record.serialize(bytes);
  for (std::uint32_t guess = 0; guess < std::uint32_t{1} << unknown_bits; ++guess) {
    Code::Message message;
    message.limbs[0] = guess;
    const Code::Word word = Code::encode(message);
    ByteArray<8> codeword;
    store_le64(codeword.data(), word.limbs[0] | std::uint64_t{word.limbs[1]} << 32);
    ByteArray<32> root, key;
    crypto::hkdf_sha256(codeword, record.seed, text("touchstone/biometric root/1"), root);
    crypto::hkdf_sha256(root, record.seed, text("touchstone/biometric check/1"), key);
    const ByteArray<32> mac = crypto::hmac_sha256(key, Bytes(bytes).first(bytes.size() - record.check.size()));
    if (std::equal(record.check.begin(), record.check.end(), mac.begin())) return Found{root, guess + 1};
  }
  return std::nullopt;
}

}  // namespace touchstone::test
