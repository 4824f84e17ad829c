// The record of an owner's face: opened by a later picture, it gives Secret A back. Lies in a file of the phone or under the owner's
// account in a cloud: it is an offline match oracle, worth min(k, -log2 FMR) bits to who holds it (biometrics/face_secret.h).
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "chain/psbt_writer.h"
#include "codes/helper_data.h"
#include "face_secret/face_secret.h"

namespace touchstone::wallet {

using chain::ByteVector;

/// What touchstone-bio makes of one picture of a face, or of several together.
struct FaceCode {
  ByteArray<32> head_sha256{};  ///< of what made the vector: another head's vectors open nothing
  biometrics::FaceVector vector;
};

/// Version (1 byte), digest of the head (32), helper data, Secret A under ChaCha20-Poly1305 with HKDF-SHA256 of the face's root as its
/// key and all that stands before as associated data: what was changed is refused, but only after the face has opened the record.
struct FaceRecord {
  static constexpr std::uint8_t kVersion = 1;
  static constexpr std::size_t kSealedBytes = 32 + 16;
  static constexpr std::size_t kMaxBytes = 1 + 32 + codes::HelperData::kMaxBytes + kSealedBytes;

  ByteArray<32> head_sha256{};
  codes::HelperData helper;
  ByteArray<kSealedBytes> sealed{};

  ByteVector serialize() const;
  /// kUnsupported: another version, or helper data that no face has; kBadFormat: cut off, too long, or helper data that is none.
  static Result<FaceRecord> parse(Bytes untrusted);
};

/// Locks `secret_a` under the face. `randomness` is 32 bytes, secret and never used again. Errors: as biometrics::enrol_face.
Result<FaceRecord> make_face_record(const FaceCode& face, const Secret<32>& secret_a, Bytes randomness);
/// kMismatch: the record asks for another head, nothing was tried; kNoMatch: the face does not open it; kBadSignature: it does, but the
/// record was changed since it was made; kOutOfRange: a vector of another length. Time as codes::regenerate.
Result<Secret<32>> open_face_record(const FaceRecord& untrusted_record, const FaceCode& face);

}  // namespace touchstone::wallet
