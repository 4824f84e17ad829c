// ChaCha20-Poly1305 against OpenSSL at every length, known answers of RFC 8439, and every flipped bit refused.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <vector>

#include "base/seed.h"
#include "crypto/chacha20poly1305.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::from_hex;
using test::hex;
using test::random_bytes;

std::vector<std::uint8_t> openssl_seal(Bytes key, Bytes nonce, Bytes aad, Bytes plaintext) {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  std::vector<std::uint8_t> out(plaintext.size() + kAeadTagBytes);
  int size = 0;
  bool good = EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), nullptr, key.data(), nonce.data()) == 1;
  if (!aad.empty()) good &= EVP_EncryptUpdate(context, nullptr, &size, aad.data(), static_cast<int>(aad.size())) == 1;
  if (!plaintext.empty()) {
    good &= EVP_EncryptUpdate(context, out.data(), &size, plaintext.data(), static_cast<int>(plaintext.size())) == 1;
  }
  good &= EVP_EncryptFinal_ex(context, out.data() + plaintext.size(), &size) == 1;
  good &= EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes, out.data() + plaintext.size()) == 1;
  EVP_CIPHER_CTX_free(context);
  EXPECT_TRUE(good);
  return out;
}

struct Case {
  std::vector<std::uint8_t> key, nonce, aad, plaintext, sealed;
};

Case make_case(Random& random, std::size_t plaintext_size, std::size_t aad_size) {
  Case c{random_bytes(random, 32),
         random_bytes(random, 12),
         random_bytes(random, aad_size),
         random_bytes(random, plaintext_size),
         {}};
  c.sealed.resize(plaintext_size + kAeadTagBytes);
  chacha20poly1305_seal(c.key, c.nonce, c.aad, c.plaintext, c.sealed);
  return c;
}

TEST(ChaCha20Poly1305, MatchesOpenSslAtEveryLengthAndOpensAgain) {
  Random random = SeedTree(1).stream("aead");
  for (std::size_t size = 0; size <= 300; ++size) {
    Case c = make_case(random, size, random.below(70));
    EXPECT_EQ(c.sealed, openssl_seal(c.key, c.nonce, c.aad, c.plaintext)) << size;
    std::vector<std::uint8_t> opened(size);
    ASSERT_TRUE(chacha20poly1305_open(c.key, c.nonce, c.aad, c.sealed, opened).ok()) << size;
    EXPECT_EQ(opened, c.plaintext);
    // In place, both ways.
    std::vector<std::uint8_t> buffer = c.plaintext;
    buffer.resize(size + kAeadTagBytes);
    chacha20poly1305_seal(c.key, c.nonce, c.aad, Bytes(buffer).first(size), buffer);
    EXPECT_EQ(buffer, c.sealed);
    ASSERT_TRUE(chacha20poly1305_open(c.key, c.nonce, c.aad, buffer, MutableBytes(buffer).first(size)).ok());
    EXPECT_TRUE(std::equal(c.plaintext.begin(), c.plaintext.end(), buffer.begin()));
  }
}

TEST(ChaCha20Poly1305, RefusesEveryFlippedBitAndWritesNothing) {
  Random random = SeedTree(2).stream("flip");
  Case c = make_case(random, 45, 19);
  const std::vector<std::uint8_t> untouched(c.plaintext.size(), 0xa5);
  const auto expect_refused = [&](std::vector<std::uint8_t>& field) {
    for (std::size_t bit = 0; bit < 8 * field.size(); ++bit) {
      field[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
      std::vector<std::uint8_t> out = untouched;
      const Status status = chacha20poly1305_open(c.key, c.nonce, c.aad, c.sealed, out);
      ASSERT_FALSE(status.ok()) << bit;
      EXPECT_EQ(status.error().code, ErrorCode::kMismatch);
      EXPECT_EQ(out, untouched);
      field[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    }
  };
  expect_refused(c.sealed);
  expect_refused(c.aad);
  expect_refused(c.nonce);
  expect_refused(c.key);
}

TEST(ChaCha20Poly1305, RefusesShortenedText) {
  Random random = SeedTree(3).stream("short");
  const Case c = make_case(random, 40, 5);
  for (std::size_t size = 0; size < c.sealed.size(); ++size) {
    std::vector<std::uint8_t> out(size < kAeadTagBytes ? 0 : size - kAeadTagBytes);
    const Status status = chacha20poly1305_open(c.key, c.nonce, c.aad, Bytes(c.sealed).first(size), out);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, size < kAeadTagBytes ? ErrorCode::kBadFormat : ErrorCode::kMismatch);
  }
}

TEST(ChaCha20Poly1305, RefusesDataMovedBetweenAadAndText) {
  Random random = SeedTree(4).stream("move");
  Case c = make_case(random, 32, 16);
  std::vector<std::uint8_t> aad = c.aad;
  aad.insert(aad.end(), c.sealed.begin(), c.sealed.begin() + 16);
  const std::vector<std::uint8_t> sealed(c.sealed.begin() + 16, c.sealed.end());
  std::vector<std::uint8_t> out(16);
  EXPECT_FALSE(chacha20poly1305_open(c.key, c.nonce, aad, sealed, out).ok());
}

TEST(ChaCha20, KnownAnswer) {  // RFC 8439 section 2.3.2
  std::vector<std::uint8_t> key(32);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  std::vector<std::uint8_t> stream(64);
  chacha20_xor(key, from_hex("000000090000004a00000000"), 1, stream, stream);
  EXPECT_EQ(hex(stream),
            "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
            "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e");
}

TEST(Poly1305, KnownAnswers) {  // RFC 8439 section 2.5.2 and appendix A.3, vectors 7 to 11: carries at the edge of p
  const std::string text = "Cryptographic Forum Research Group";
  EXPECT_EQ(hex(poly1305(from_hex("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b"),
                         Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()))),
            "a8061dc1305136c6c22b8baf0c0127a9");
  const std::string r1 = "0100000000000000", r2 = "0200000000000000", zero = "0000000000000000",
                    ones = "ffffffffffffffff";
  EXPECT_EQ(hex(poly1305(from_hex(r2 + zero + zero + zero), from_hex(ones + ones))),
            "03000000000000000000000000000000");
  EXPECT_EQ(hex(poly1305(from_hex(r2 + zero + ones + ones), from_hex(r2 + zero))), "03000000000000000000000000000000");
  EXPECT_EQ(hex(poly1305(from_hex(r1 + zero + zero + zero),
                         from_hex(ones + ones + "f0" + ones + "ffffffffffffff" + "11" + zero + "00000000000000"))),
            "05000000000000000000000000000000");
  EXPECT_EQ(
      hex(poly1305(from_hex(r1 + zero + zero + zero), from_hex(ones + ones + "fbfefefefefefefe" + "fefefefefefefefe" +
                                                               "0101010101010101" + "0101010101010101"))),
      "00000000000000000000000000000000");
  EXPECT_EQ(hex(poly1305(from_hex(r2 + zero + zero + zero), from_hex("fdffffffffffffff" + ones))),
            "faffffffffffffffffffffffffffffff");
}

}  // namespace
}  // namespace touchstone::crypto
