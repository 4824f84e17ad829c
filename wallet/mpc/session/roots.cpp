#include "mpc_session/roots.h"

#include <string_view>

#include "crypto/hkdf.h"

namespace touchstone::mpc {

namespace {

std::string_view name_of(Scheme scheme) {
  switch (scheme) {
    case Scheme::kMusig2: return "musig2";
    case Scheme::kFrost: return "frost";
    case Scheme::kDkls23: return "dkls23";
    case Scheme::kLindell17: return "lindell17";
  }
  TS_CHECK(false, "a scheme");
}

void derive(const Secret<32>& root, std::string_view purpose, const KeyName& key, MutableBytes out) {
  ByteArray<64> info;
  ByteWriter writer(info);
  for (const std::string_view part : {std::string_view("touchstone/v1/"), purpose, name_of(key.scheme)})
    for (const char c : part) writer.u8(static_cast<std::uint8_t>(c));
  writer.le32(key.coin);
  writer.le32(key.account);
  writer.le32(key.epoch);
  TS_CHECK(!writer.failed(), "a name fits");
  crypto::hkdf_sha512(root.expose(), {}, writer.written(), out);
}

}  // namespace

Result<crypto::Scalar> derive_share(const Secret<32>& root, const KeyName& key) {
  Secret<64> wide;
  derive(root, "", key, wide.expose());
  crypto::Scalar share = crypto::Scalar::from_wide_reduce(wide.expose());
  if (share.is_zero()) return Error{ErrorCode::kOutOfRange, "share is zero"};
  return share;
}

void derive_sealing_key(const Secret<32>& root, const KeyName& key, Secret<32>& out) { derive(root, "seal/", key, out.expose()); }

}  // namespace touchstone::mpc
