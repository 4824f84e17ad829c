// RFC 9591, appendix E.5: FROST(secp256k1, SHA-256).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "curve_host/host_curve.h"
#include "mpc_frost/sign.h"
#include "mpc_frost/secret_nonces_test_access.h"
#include "support/data.h"
#include "support/hex.h"

namespace touchstone::mpc::frost {

namespace {

using crypto::Scalar;
using nlohmann::json;
using test::from_hex;
using test::hex;

Scalar scalar(const json& text) { return Scalar::from_bytes(from_hex(text.get<std::string>())).value(); }

TEST(FrostVectors, Rfc9591) {
  TS_DATA_OR_SKIP(path, "vectors/frost-rfc9591/frost-secp256k1-sha256.json");
  const json vectors = json::parse(std::ifstream(path));
  const json& inputs = vectors.at("inputs");
  crypto::HostCurve curve;

  GroupKey group;
  group.threshold =
      static_cast<std::uint8_t>(std::stoi(vectors.at("config").at("MIN_PARTICIPANTS").get<std::string>()));
  group.point = *crypto::decompress(curve, from_hex(inputs.at("group_public_key").get<std::string>()));
  const Scalar secret = scalar(inputs.at("group_secret_key")),
               slope = scalar(inputs.at("share_polynomial_coefficients").at(0));
  EXPECT_TRUE(crypto::equal(group.point, *curve.multiply_base(secret)));
  std::vector<PartyId> ids;
  std::vector<Scalar> shares;
  for (const json& participant : inputs.at("participant_shares")) {
    ids.push_back(participant.at("identifier").get<PartyId>());
    shares.push_back(scalar(participant.at("participant_share")));
    EXPECT_EQ(hex(shares.back().to_bytes()), hex((secret + slope * Scalar::from_u32(ids.back())).to_bytes()));
    group.verification_shares[ids.size() - 1] = *curve.multiply_base(shares.back());
  }
  group.parties = *Parties::of(ids);
  const auto signers = Parties::of(inputs.at("participant_list").get<std::vector<PartyId>>()).value();
  const auto message = from_hex(inputs.at("message").get<std::string>());

  std::vector<SecretNonces> nonces;
  std::vector<NonceCommitment> commitments;
  const json& round_one = vectors.at("round_one_outputs").at("outputs");
  ASSERT_EQ(round_one.size(), 2u);
  for (const json& output : round_one) {
    const auto text = [&](const char* field) { return output.at(field).get<std::string>(); };
    const Scalar& share = shares[*group.parties.index_of(output.at("identifier").get<PartyId>())];
    auto made = generate_nonces(curve, Suite::kRfc9591, from_hex(text("hiding_nonce_randomness")),
                                from_hex(text("binding_nonce_randomness")), share);
    ASSERT_TRUE(made.ok());
    EXPECT_EQ(hex(SecretNoncesTestAccess::hiding(*made)), text("hiding_nonce"));
    EXPECT_EQ(hex(SecretNoncesTestAccess::binding(*made)), text("binding_nonce"));
    EXPECT_EQ(hex(crypto::compress(made->commitment().hiding)), text("hiding_nonce_commitment"));
    EXPECT_EQ(hex(crypto::compress(made->commitment().binding)), text("binding_nonce_commitment"));
    commitments.push_back(made->commitment());
    nonces.push_back(std::move(*made));
  }

  const auto key = SigningKey::create(curve, Suite::kRfc9591, group, {});
  ASSERT_TRUE(key.ok());
  const auto package = SigningPackage::create(curve, *key, signers, commitments, message);
  ASSERT_TRUE(package.ok());
  std::vector<Scalar> signature_shares;
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(hex(package->binding_factor(i).to_bytes()), round_one[i].at("binding_factor").get<std::string>());
    const json& output = vectors.at("round_two_outputs").at("outputs").at(i);
    EXPECT_EQ(output.at("identifier").get<PartyId>(), signers[i]);
    const auto share = package->sign(std::move(nonces[i]), signers[i], shares[*group.parties.index_of(signers[i])]);
    ASSERT_TRUE(share.ok());
    EXPECT_EQ(hex(share->to_bytes()), output.at("sig_share").get<std::string>());
    EXPECT_TRUE(package->verify_share(curve, signers[i], *share).ok());
    EXPECT_FALSE(package->verify_share(curve, signers[i], *share + Scalar::from_u32(1)).ok());
    signature_shares.push_back(*share);
  }
  const Signature signature = package->aggregate(signature_shares);
  EXPECT_EQ(hex(signature.rfc9591()), vectors.at("final_output").at("sig").get<std::string>());
  // z*G == R + c*Y
  const auto right = curve.add(signature.nonce, *curve.multiply(package->challenge(), group.point));
  EXPECT_TRUE(crypto::equal(*curve.multiply_base(signature.s), *right));

  const Tweak tweak{{1}, false};
  EXPECT_EQ(SigningKey::create(curve, Suite::kRfc9591, group, {&tweak, 1}).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace touchstone::mpc::frost
