// What a guesser does who has the stored record of a finger and no print: all messages of the code, one after the other.
#pragma once

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "base/seed.h"
#include "biometrics/converter.h"
#include "codes/bits.h"
#include "codes/polar.h"
#include "crypto/hkdf.h"

namespace touchstone::test {

inline Bytes text(std::string_view literal) { return Bytes(reinterpret_cast<const std::uint8_t*>(literal.data()), literal.size()); }

/// What the message of a record enrolled with this randomness is: for a test that has no time for all of them.
inline std::uint32_t message_from(Bytes randomness, int k) {
  ByteArray<128> bytes;
  crypto::hkdf_sha256(randomness, {}, text("touchstone/biometric message/4"), bytes);
  return load_le32(bytes.data()) & ((std::uint32_t{1} << k) - 1);
}

inline void enrol_any_finger(Bytes randomness, biometrics::HelperData& record, Secret<32>& root) {
  Random random(7);
  biometrics::Feature touch;
  touch.dimensions = biometrics::kMaxDimensions;
  for (std::int8_t& component : touch.components) component = static_cast<std::int8_t>(std::clamp(32 * random.normal(), -127.0, 127.0));
  std::vector<std::uint64_t> work(biometrics::converter_work_bytes() / 8 + 1);
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  TS_CHECK(biometrics::enrol({{&touch, 1}, 1, false}, randomness, area, record, root).ok(), "enrolment");
}

struct Found {
  ByteArray<32> root;
  std::uint32_t guesses;
};
/// The root of a record by its message, of which so many bits are not known. Written from the format alone.
inline std::optional<Found> guess_root(const biometrics::HelperData& record, int unknown_bits) {
  const codes::PolarCode code(std::countr_zero(record.code.n), record.code.k);
  const auto info = [](std::string_view label, Bytes covered) {
    std::vector<std::uint8_t> out(label.begin(), label.end());
    out.insert(out.end(), covered.begin(), covered.end());
    return out;
  };
  ByteArray<biometrics::HelperData::kMaxBytes> buffer;
  const Bytes bytes = record.serialize(buffer);
  const auto check_info = info("touchstone/biometric check/4", bytes.first(bytes.size() - record.check.size()));
  const auto root_info = info("touchstone/biometric root/4", record.header());
  for (std::uint32_t guess = 0; guess < std::uint32_t{1} << unknown_bits; ++guess) {
    codes::BitWord<1024> word;
    code.encode({&guess, 1}, std::span(word.limbs).first(codes::at(codes::words_for(record.code.n))));
    ByteArray<128> codeword{};
    for (std::size_t i = 0; i < record.offset_bytes(); ++i) codeword[i] = static_cast<std::uint8_t>(word.limbs[i / 4] >> (8 * (i % 4)));
    const auto prk = crypto::hkdf_sha256_extract(record.seed, Bytes(codeword).first(record.offset_bytes()));
    ByteArray<16> check;
    crypto::hkdf_sha256_expand(prk, check_info, check);
    if (check != record.check) continue;
    Found found{{}, guess + 1};
    crypto::hkdf_sha256_expand(prk, root_info, found.root);
    return found;
  }
  return std::nullopt;
}

}  // namespace touchstone::test
