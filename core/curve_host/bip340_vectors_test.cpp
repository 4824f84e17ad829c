// All cases of BIP340's test-vectors.csv, for libsecp256k1 and for our own code on the Curve border.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "crypto/bip340.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "support/data.h"
#include "support/hex.h"

namespace touchstone::crypto {
namespace {

using test::from_hex;
using test::hex;

TEST(Bip340Vectors, AllCases) {
  TS_DATA_OR_SKIP(path, "vectors/bip340/test-vectors.csv");
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  ASSERT_EQ(line.rfind("index,secret key,public key,aux_rand,message,signature,verification result", 0), 0u);
  int cases = 0, signed_cases = 0, refused_cases = 0;
  HostCurve curve;
  while (std::getline(file, line)) {
    SCOPED_TRACE(line);
    std::array<std::string, 7> field;  // index, secret key, public key, aux_rand, message, signature, result
    std::istringstream stream(line);
    for (std::string& f : field) std::getline(stream, f, ',');
    const auto public_key = from_hex(field[2]), message = from_hex(field[4]), signature = from_hex(field[5]);
    const bool expected = field[6] == "TRUE";
    EXPECT_EQ(schnorr_verify(public_key, message, signature).ok(), expected);
    XOnlyPoint key;
    ByteArray<64> sig;
    std::copy_n(public_key.begin(), 32, key.begin());
    std::copy_n(signature.begin(), 64, sig.begin());
    EXPECT_EQ(bip340_verify(curve, key, message, sig).ok(), expected);
    if (!field[1].empty()) {
      const Scalar secret = *Scalar::from_bytes(from_hex(field[1]));
      EXPECT_EQ(hex(curve.multiply_base(secret)->x), hex(public_key));
      EXPECT_EQ(hex(*schnorr_sign(secret, message, from_hex(field[3]))), hex(signature));
      Secret<32> aux;
      const auto aux_bytes = from_hex(field[3]);
      std::copy_n(aux_bytes.begin(), 32, aux.expose().begin());
      EXPECT_EQ(hex(*bip340_public_key(curve, secret)), hex(public_key));
      EXPECT_EQ(hex(*bip340_sign(curve, secret, message, aux)), hex(signature));
      ++signed_cases;
    }
    ++cases;
    refused_cases += expected ? 0 : 1;
  }
  EXPECT_EQ(cases, 19);
  EXPECT_EQ(signed_cases, 8);
  EXPECT_EQ(refused_cases, 10);
}

}  // namespace
}  // namespace touchstone::crypto
