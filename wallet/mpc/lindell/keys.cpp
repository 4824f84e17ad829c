#include "mpc_lindell/keys.h"

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "crypto/chacha20poly1305.h"
#include "crypto/hkdf.h"

namespace touchstone::mpc::lindell {
namespace {

constexpr std::size_t kPointAt = 256, kBurnsAt = kPointAt + 33, kPlainBytes = kBurnsAt + 4;
constexpr std::string_view kLabel = "touchstone/lindell/seal";

struct Info {
  ByteArray<kLabel.size() + 4 + 33> bytes{};
  Info(std::uint32_t epoch, const crypto::Point& key) {
    std::copy(kLabel.begin(), kLabel.end(), bytes.begin());
    store_be32(&bytes[kLabel.size()], epoch);
    const auto point = crypto::compress(key);
    std::copy(point.begin(), point.end(), bytes.begin() + kLabel.size() + 4);
  }
};
// Each key of the cipher serves one message.
constexpr ByteArray<crypto::kAeadNonceBytes> kNonce{};

}  // namespace

FormerKey former(const OwnerKey& key, const Fuse& fuse) {
  const bool burnt = fuse.blown();
  return {key.own_point, key.epoch, key.burns + (burnt ? 1 : 0), burnt, &fuse};
}

SealedKey seal(const OwnerKey& key, Bytes sealing_key32, Bytes salt32) {
  TS_CHECK(sealing_key32.size() == 32 && salt32.size() == 32, "32 bytes of each");
  Secret<kPlainBytes> plain;
  key.paillier.p().write_bytes(plain.expose().first(128));
  key.paillier.q().write_bytes(plain.expose().subspan(128, 128));
  const auto point = crypto::compress(key.own_point);
  std::copy(point.begin(), point.end(), plain.expose().begin() + kPointAt);
  store_be32(&plain.expose()[kBurnsAt], key.burns);
  const Info info(key.epoch, key.key);
  Secret<32> cipher_key;
  crypto::hkdf_sha512(sealing_key32, salt32, info.bytes, cipher_key.expose());
  SealedKey out;
  std::copy(salt32.begin(), salt32.end(), out.begin());
  crypto::chacha20poly1305_seal(cipher_key.expose(), kNonce, info.bytes, plain.expose(), MutableBytes(out).subspan(32));
  return out;
}

Result<OwnerKey> open(crypto::Curve& curve, Bytes untrusted_sealed, Bytes sealing_key32, std::uint32_t epoch,
                      const crypto::Point& key) {
  if (untrusted_sealed.size() != kSealedKeyBytes) return Error{ErrorCode::kBadFormat, "a sealed key of another size"};
  const Info info(epoch, key);
  Secret<32> cipher_key;
  crypto::hkdf_sha512(sealing_key32, untrusted_sealed.first(32), info.bytes, cipher_key.expose());
  Secret<kPlainBytes> plain;
  TS_RETURN_IF_ERROR(crypto::chacha20poly1305_open(cipher_key.expose(), kNonce, info.bytes,
                                                   untrusted_sealed.subspan(32), plain.expose()));
  crypto::Point own_point;
  TS_ASSIGN_OR_RETURN(own_point, crypto::decompress(curve, plain.expose().subspan(kPointAt, 33)));
  return OwnerKey{PaillierKey::from_primes(Natural<1024>::from_bytes(plain.expose().first(128)),
                                           Natural<1024>::from_bytes(plain.expose().subspan(128, 128))),
                  own_point, key, epoch, load_be32(&plain.expose()[kBurnsAt])};
}

}  // namespace touchstone::mpc::lindell
