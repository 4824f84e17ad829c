#include "chain/share.h"

#include <string_view>

#include "crypto/hkdf.h"

namespace touchstone::chain {

Result<crypto::Scalar> derive_share(const Secret<32>& root, std::uint32_t coin, std::uint32_t account,
                                    std::uint32_t epoch) {
  constexpr std::string_view kScheme = "touchstone/v1/musig2";
  ByteArray<kScheme.size() + 12> info{};
  ByteWriter writer(info);
  for (char c : kScheme) writer.u8(static_cast<std::uint8_t>(c));
  writer.le32(coin);
  writer.le32(account);
  writer.le32(epoch);

  Secret<64> wide;
  crypto::hkdf_sha512(root.expose(), {}, info, wide.expose());
  crypto::Scalar share = crypto::Scalar::from_wide_reduce(wide.expose());
  if (share.is_zero()) return Error{ErrorCode::kOutOfRange, "share is zero"};
  return share;
}

}  // namespace touchstone::chain
