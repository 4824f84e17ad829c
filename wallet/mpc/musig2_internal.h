// Shared by the .cpp files of musig2; not for users.
#pragma once

#include <optional>

#include "base/secret.h"
#include "crypto/scalar.h"
#include "crypto/sha256.h"
#include "mpc/musig2_keys.h"

namespace touchstone::mpc::musig2 {

inline void set_blame(Blame* blame, Contribution contribution, std::optional<std::size_t> signer) {
  if (blame != nullptr) *blame = {contribution, signer};
}

/// Passes `result` on; an error that is not our device's is laid on the contributor.
template <typename T>
Result<T> blame_on_error(Result<T> result, Blame* blame, Contribution contribution, std::optional<std::size_t> signer) {
  if (!result && result.error().code != ErrorCode::kDevice) set_blame(blame, contribution, signer);
  return result;
}

/// int(hash) mod n; the digest is wiped.
inline crypto::Scalar finish_as_scalar(crypto::Sha256& hash) {
  ByteArray<32> digest = hash.finish();
  crypto::Scalar out = crypto::Scalar::from_bytes_reduce(digest);
  wipe(digest.data(), digest.size());
  return out;
}

}  // namespace touchstone::mpc::musig2
