// The hash family against OpenSSL at every length, and a known answer of each standard.
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <vector>

#include "base/seed.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "crypto/sha256_x86.h"
#include "crypto/sha512.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::hex;
using test::from_hex;
using test::random_bytes;
using test::to_vector;

constexpr std::size_t kMaxLength = 300;

std::vector<std::uint8_t> openssl_digest(const EVP_MD* md, Bytes bytes) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(EVP_MD_get_size(md)));
  EXPECT_EQ(EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, md, nullptr), 1);
  return out;
}

std::vector<std::uint8_t> openssl_hmac(const EVP_MD* md, Bytes key, Bytes bytes) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(EVP_MD_get_size(md)));
  EXPECT_NE(HMAC(md, key.data(), static_cast<int>(key.size()), bytes.data(), bytes.size(), out.data(), nullptr),
            nullptr);
  return out;
}

std::vector<std::uint8_t> openssl_hkdf(const char* digest, std::vector<std::uint8_t> ikm,
                                       std::vector<std::uint8_t> salt, std::vector<std::uint8_t> info,
                                       std::size_t size) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  EVP_KDF_free(kdf);
  // OpenSSL takes null as "not given": reserved memory makes empty values not null.
  for (auto* value : {&salt, &info}) value->reserve(1);
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, const_cast<char*>(digest), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, ikm.data(), ikm.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt.data(), salt.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()), OSSL_PARAM_construct_end()};
  std::vector<std::uint8_t> out(size);
  EXPECT_EQ(EVP_KDF_derive(context, out.data(), out.size(), parameters), 1);
  EVP_KDF_CTX_free(context);
  return out;
}

TEST(Sha256, MatchesOpenSslAtEveryLength) {
  Random random = SeedTree(1).stream("sha256");
  for (std::size_t size = 0; size <= kMaxLength; ++size) {
    const auto bytes = random_bytes(random, size);
    EXPECT_EQ(to_vector(sha256(bytes)), openssl_digest(EVP_sha256(), bytes)) << size;
  }
}

TEST(Sha512, MatchesOpenSslAtEveryLength) {
  Random random = SeedTree(1).stream("sha512");
  for (std::size_t size = 0; size <= kMaxLength; ++size) {
    const auto bytes = random_bytes(random, size);
    EXPECT_EQ(to_vector(sha512(bytes)), openssl_digest(EVP_sha512(), bytes)) << size;
  }
}

TEST(Sha256, AnySplitOfTheInputGivesTheSameDigest) {
  Random random = SeedTree(2).stream("split");
  const auto bytes = random_bytes(random, 1000);
  const auto expected256 = sha256(bytes);
  const auto expected512 = sha512(bytes);
  for (int round = 0; round < 200; ++round) {
    Sha256 stream256;
    Sha512 stream512;
    for (Bytes rest = bytes; !rest.empty();) {
      const std::size_t size = std::min<std::size_t>(rest.size(), random.below(200));
      stream256.update(rest.first(size));
      stream512.update(rest.first(size));
      rest = rest.subspan(size);
    }
    const Sha256 fork = stream256;
    EXPECT_EQ(stream256.finish(), expected256);
    EXPECT_EQ(Sha256(fork).finish(), expected256);
    EXPECT_EQ(stream256.update(bytes).finish(), expected256) << "a finished stream starts anew";
    EXPECT_EQ(stream512.finish(), expected512);
  }
}

#if defined(__x86_64__)
TEST(Sha256, TheProcessorsInstructionsGiveTheSame) {
  if (!sha256_detail::kHasShaInstructions) GTEST_SKIP() << "needs a processor with SHA instructions";
  Random random = SeedTree(3).stream("sha256 instructions");
  sha256_detail::State portable = sha256_detail::kInitialState, fast = portable;
  for (int i = 0; i < 1000; ++i) {
    ByteArray<65> bytes;
    random.fill(bytes);
    sha256_detail::compress(portable, &bytes[static_cast<std::size_t>(i % 2)]);
    sha256_detail::compress_x86(fast, &bytes[static_cast<std::size_t>(i % 2)]);
    ASSERT_EQ(portable, fast);
  }
}
#endif

TEST(Sha256, KnownAnswers) {  // FIPS 180-4 examples: "abc"
  const auto abc = from_hex("616263");
  EXPECT_EQ(hex(sha256(abc)), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha512(abc)),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(TaggedHash, IsTheConstructionOfBip340) {
  Random random = SeedTree(3).stream("tagged");
  const auto message = random_bytes(random, 77);
  static constexpr char kTag[] = "BIP0340/challenge";
  const std::string tag = kTag;
  const auto tag_digest =
      openssl_digest(EVP_sha256(), Bytes(reinterpret_cast<const std::uint8_t*>(tag.data()), tag.size()));
  std::vector<std::uint8_t> all = tag_digest;
  all.insert(all.end(), tag_digest.begin(), tag_digest.end());
  all.insert(all.end(), message.begin(), message.end());
  EXPECT_EQ(to_vector(tagged_hash(kTag, message)), openssl_digest(EVP_sha256(), all));
  EXPECT_EQ(Sha256::tagged(kTag).update(message).finish(), tagged_hash(kTag, message));
}

TEST(Sha256, IntegersAreBigEndian) {
  const auto bytes = from_hex("0102030405060708090a0b0c");
  EXPECT_EQ(Sha256().update_be32(0x01020304).update_be64(0x05060708090a0b0c).finish(), sha256(bytes));
}

TEST(Hmac, MatchesOpenSslForKeysAndMessagesOfEveryLength) {
  Random random = SeedTree(4).stream("hmac");
  for (std::size_t size = 0; size <= kMaxLength; ++size) {
    auto key = random_bytes(random, size);
    key.reserve(1);  // OpenSSL takes a null key as "the key before"
    const auto message = random_bytes(random, random.below(kMaxLength));
    EXPECT_EQ(to_vector(hmac_sha256(key, message)), openssl_hmac(EVP_sha256(), key, message)) << size;
    EXPECT_EQ(to_vector(hmac_sha512(key, message)), openssl_hmac(EVP_sha512(), key, message)) << size;
  }
}

TEST(Hkdf, MatchesOpenSslForOutputsOfEveryLength) {
  Random random = SeedTree(5).stream("hkdf");
  for (std::size_t size = 1; size <= kMaxLength; ++size) {
    const auto ikm = random_bytes(random, 1 + random.below(80));
    const auto salt = random_bytes(random, random.below(150));
    const auto info = random_bytes(random, random.below(80));
    std::vector<std::uint8_t> out(size);
    hkdf_sha256(ikm, salt, info, out);
    EXPECT_EQ(out, openssl_hkdf("SHA256", ikm, salt, info, size)) << size;
    hkdf_sha512(ikm, salt, info, out);
    EXPECT_EQ(out, openssl_hkdf("SHA512", ikm, salt, info, size)) << size;
  }
}

TEST(Hkdf, KnownAnswer) {  // RFC 5869 A.1
  std::vector<std::uint8_t> out(42);
  hkdf_sha256(std::vector<std::uint8_t>(22, 0x0b), from_hex("000102030405060708090a0b0c"),
              from_hex("f0f1f2f3f4f5f6f7f8f9"), out);
  EXPECT_EQ(hex(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

TEST(Hkdf, LongestOutputIsExactAndOneMoreByteIsRefused) {
  const auto ikm = from_hex("01");
  std::vector<std::uint8_t> out(255 * 32);
  hkdf_sha256(ikm, {}, {}, out);
  EXPECT_EQ(out, openssl_hkdf("SHA256", ikm, {}, {}, out.size()));
  out.resize(out.size() + 1);
  EXPECT_DEATH(hkdf_sha256(ikm, {}, {}, out), "too long");
}

}  // namespace
}  // namespace touchstone::crypto
