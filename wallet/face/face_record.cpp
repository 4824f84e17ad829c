#include "wallet_face/face_record.h"

#include <algorithm>
#include <string_view>

#include "crypto/chacha20poly1305.h"
#include "crypto/hkdf.h"

namespace touchstone::wallet {
namespace {

constexpr std::size_t kBeforeHelper = 1 + sizeof(FaceRecord::head_sha256);
constexpr std::string_view kInfo = "touchstone face record 1";
/// One message under each root, and each record has a root of its own.
constexpr ByteArray<crypto::kAeadNonceBytes> kNonce{};

Secret<crypto::kAeadKeyBytes> sealing_key(const Secret<32>& root) {
  Secret<crypto::kAeadKeyBytes> key;
  crypto::hkdf_sha256(root.expose(), {}, Bytes(reinterpret_cast<const std::uint8_t*>(kInfo.data()), kInfo.size()), key.expose());
  return key;
}

/// Everything before the seal.
ByteVector head_of(const FaceRecord& record) {
  ByteArray<codes::HelperData::kMaxBytes> buffer;
  const Bytes helper = record.helper.serialize(buffer);
  ByteVector out(kBeforeHelper + helper.size());
  out[0] = FaceRecord::kVersion;
  std::copy(record.head_sha256.begin(), record.head_sha256.end(), out.begin() + 1);
  std::copy(helper.begin(), helper.end(), out.begin() + kBeforeHelper);
  return out;
}

}  // namespace

ByteVector FaceRecord::serialize() const {
  ByteVector out = head_of(*this);
  out.insert(out.end(), sealed.begin(), sealed.end());
  return out;
}

Result<FaceRecord> FaceRecord::parse(Bytes untrusted) {
  FaceRecord out;
  if (untrusted.size() < kBeforeHelper + kSealedBytes) return Error{ErrorCode::kBadFormat, "face record: cut off"};
  if (untrusted[0] != kVersion) return Error{ErrorCode::kUnsupported, "face record: unknown version"};
  std::copy_n(untrusted.begin() + 1, out.head_sha256.size(), out.head_sha256.begin());
  const auto helper = codes::HelperData::parse(untrusted.subspan(kBeforeHelper, untrusted.size() - kBeforeHelper - kSealedBytes));
  if (!helper) return helper.error();
  out.helper = *helper;
  const auto code = biometrics::face_code(out.helper.dimensions);
  const auto& given = out.helper.code;
  if (!code || given.family != code->family || given.n != code->n || given.k != code->k || out.helper.fingers != 1 || out.helper.any_order)
    return Error{ErrorCode::kUnsupported, "face record: helper data of no face"};
  const Bytes sealed = untrusted.last(kSealedBytes);
  std::copy(sealed.begin(), sealed.end(), out.sealed.begin());
  return out;
}

Result<FaceRecord> make_face_record(const FaceCode& face, const Secret<32>& secret_a, Bytes randomness) {
  FaceRecord out;
  out.head_sha256 = face.head_sha256;
  Secret<32> root;
  TS_RETURN_IF_ERROR(biometrics::enrol_face(face.vector, randomness, out.helper, root));
  crypto::chacha20poly1305_seal(sealing_key(root).expose(), kNonce, head_of(out), secret_a.expose(), out.sealed);
  return out;
}

Result<Secret<32>> open_face_record(const FaceRecord& untrusted_record, const FaceCode& face) {
  if (face.head_sha256 != untrusted_record.head_sha256) return Error{ErrorCode::kMismatch, "the record was made with another head"};
  Secret<32> root, secret_a;
  TS_RETURN_IF_ERROR(biometrics::open_face(face.vector, untrusted_record.helper, root));
  if (!crypto::chacha20poly1305_open(sealing_key(root).expose(), kNonce, head_of(untrusted_record), untrusted_record.sealed, secret_a.expose()))
    return Error{ErrorCode::kBadSignature, "the record was changed since this face made it"};
  return secret_a;
}

}  // namespace touchstone::wallet
