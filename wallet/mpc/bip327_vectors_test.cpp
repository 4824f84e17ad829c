// All cases of the eight vector files of BIP327, error cases with their blame.
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_sign.h"
#include "mpc/secret_nonce_test_access.h"
#include "support/data.h"
#include "support/hex.h"

namespace touchstone::mpc::musig2 {
namespace {

using crypto::HostCurve;
using crypto::Scalar;
using nlohmann::json;
using test::array_from_hex;
using test::from_hex;
using test::hex;

class Bip327Vectors : public ::testing::Test {
 protected:
  static json load(const std::filesystem::path& path) { return json::parse(std::ifstream(path)); }

  /// The named list of cases, of which the file has `count`.
  static const json& cases(const json& vectors, const char* name, std::size_t count) {
    EXPECT_EQ(vectors.at(name).size(), count);
    return vectors.at(name);
  }

  template <std::size_t N>
  static std::vector<ByteArray<N>> arrays(const json& texts) {
    std::vector<ByteArray<N>> out;
    for (const json& text : texts) out.push_back(array_from_hex<N>(text.get<std::string>()));
    return out;
  }

  /// all[i] for every i in `indices`.
  template <std::size_t N>
  static std::vector<ByteArray<N>> pick(const json& all, const json& indices) {
    std::vector<ByteArray<N>> out;
    for (std::size_t i : indices) out.push_back(array_from_hex<N>(all.at(i).get<std::string>()));
    return out;
  }

  static std::vector<Tweak> tweaks(const std::vector<ByteArray<32>>& values, const json& is_xonly) {
    std::vector<Tweak> out;
    for (std::size_t i = 0; i < values.size(); ++i) out.push_back({values[i], is_xonly.at(i).get<bool>()});
    return out;
  }

  /// The failure is what the vector says: a blamed contribution, or a "value" error that blames nobody.
  static void expect_error(const json& error, bool failed, const Blame& blame) {
    EXPECT_TRUE(failed);
    if (error.at("type") == "value") {
      EXPECT_EQ(blame.contribution, Contribution::kNone);
      return;
    }
    ASSERT_EQ(error.at("type"), "invalid_contribution");
    static const std::map<std::string, Contribution> kNames = {{"pubkey", Contribution::kPublicKey},
                                                               {"pubnonce", Contribution::kPublicNonce},
                                                               {"aggnonce", Contribution::kAggregateNonce},
                                                               {"aggothernonce", Contribution::kAggregateOtherNonce},
                                                               {"psig", Contribution::kPartialSignature}};
    EXPECT_EQ(blame.contribution, kNames.at(error.at("contrib").get<std::string>()));
    if (error.at("signer").is_null()) {
      EXPECT_FALSE(blame.signer.has_value());
    } else {
      EXPECT_EQ(blame.signer, error.at("signer").get<std::size_t>());
    }
  }

  HostCurve curve_;
};

TEST_F(Bip327Vectors, KeySort) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/key_sort_vectors.json");
  const json vectors = load(path);
  auto keys = arrays<33>(vectors.at("pubkeys"));
  sort_keys(keys);
  EXPECT_EQ(keys, arrays<33>(vectors.at("sorted_pubkeys")));
}

TEST_F(Bip327Vectors, KeyAgg) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/key_agg_vectors.json");
  const json vectors = load(path);
  for (const json& c : cases(vectors, "valid_test_cases", 4)) {
    SCOPED_TRACE(c.dump());
    const auto context = KeyAggContext::create(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")));
    ASSERT_TRUE(context.ok());
    EXPECT_EQ(context->x_only_key(), array_from_hex<32>(c.at("expected").get<std::string>()));
  }
  for (const json& c : cases(vectors, "error_test_cases", 5)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto context =
        aggregate_keys(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")),
                       tweaks(pick<32>(vectors.at("tweaks"), c.at("tweak_indices")), c.at("is_xonly")), &blame);
    expect_error(c.at("error"), !context.ok(), blame);
  }
}

TEST_F(Bip327Vectors, NonceGen) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/nonce_gen_vectors.json");
  const json vectors = load(path);
  for (const json& c : cases(vectors, "test_cases", 4)) {
    SCOPED_TRACE(c.dump());
    const auto bytes = [&](const char* field) {
      return c.at(field).is_null() ? std::vector<std::uint8_t>() : from_hex(c.at(field).get<std::string>());
    };
    const auto random = bytes("rand_"), message = bytes("msg"), extra = bytes("extra_in");
    NonceGenInput input{.random32 = random, .public_key = array_from_hex<33>(c.at("pk").get<std::string>())};
    Scalar secret_key;
    if (!c.at("sk").is_null()) {
      secret_key = *Scalar::from_bytes(bytes("sk"));
      input.secret_key = &secret_key;
    }
    if (!c.at("aggpk").is_null()) input.aggregate_key = array_from_hex<32>(c.at("aggpk").get<std::string>());
    if (!c.at("msg").is_null()) input.message = message;
    if (!c.at("extra_in").is_null()) input.extra = extra;
    const auto nonce = generate_nonce(curve_, input);
    ASSERT_TRUE(nonce.ok());
    EXPECT_EQ(hex(SecretNonceTestAccess::to_bytes(nonce->secret_nonce)), hex(bytes("expected_secnonce")));
    EXPECT_EQ(hex(nonce->public_nonce), hex(bytes("expected_pubnonce")));
  }
}

TEST_F(Bip327Vectors, NonceAgg) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/nonce_agg_vectors.json");
  const json vectors = load(path);
  for (const json& c : cases(vectors, "valid_test_cases", 2)) {
    SCOPED_TRACE(c.dump());
    const auto sum = aggregate_nonces(curve_, pick<66>(vectors.at("pnonces"), c.at("pnonce_indices")));
    ASSERT_TRUE(sum.ok());
    EXPECT_EQ(*sum, array_from_hex<66>(c.at("expected").get<std::string>()));
  }
  for (const json& c : cases(vectors, "error_test_cases", 3)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto sum = aggregate_nonces(curve_, pick<66>(vectors.at("pnonces"), c.at("pnonce_indices")), &blame);
    expect_error(c.at("error"), !sum.ok(), blame);
  }
}

TEST_F(Bip327Vectors, SignAndVerify) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/sign_verify_vectors.json");
  const json vectors = load(path);
  const Scalar secret_key = *Scalar::from_bytes(from_hex(vectors.at("sk").get<std::string>()));
  const auto text = [&](const char* list, const json& index) {
    return vectors.at(list).at(index.get<std::size_t>()).get<std::string>();
  };

  for (const json& c : cases(vectors, "valid_test_cases", 6)) {
    SCOPED_TRACE(c.dump());
    const auto nonces = pick<66>(vectors.at("pnonces"), c.at("nonce_indices"));
    const auto message = from_hex(text("msgs", c.at("msg_index")));
    const auto aggregate = aggregate_nonces(curve_, nonces);
    ASSERT_TRUE(aggregate.ok());
    EXPECT_EQ(hex(*aggregate), hex(from_hex(text("aggnonces", c.at("aggnonce_index")))));
    const auto keys = KeyAggContext::create(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")));
    const auto session = Session::create(curve_, *keys, *aggregate, message);
    auto nonce = SecretNonceTestAccess::from_bytes(from_hex(vectors.at("secnonces").at(0).get<std::string>()));
    const auto partial = sign(curve_, std::move(*nonce), secret_key, *keys, *session);
    ASSERT_TRUE(partial.ok());
    EXPECT_EQ(*partial, array_from_hex<32>(c.at("expected").get<std::string>()));
    const auto signer = c.at("signer_index").get<std::size_t>();
    EXPECT_TRUE(verify_partial(curve_, *partial, nonces[signer], signer, *keys, *session).ok());
  }

  for (const json& c : cases(vectors, "sign_error_test_cases", 6)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto attempt = [&]() -> Status {
      const auto keys = KeyAggContext::create(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")), &blame);
      if (!keys) return keys.error();
      const auto session = Session::create(curve_, *keys, from_hex(text("aggnonces", c.at("aggnonce_index"))),
                                           from_hex(text("msgs", c.at("msg_index"))), &blame);
      if (!session) return session.error();
      auto nonce = SecretNonceTestAccess::from_bytes(from_hex(text("secnonces", c.at("secnonce_index"))));
      if (!nonce) return nonce.error();
      const auto partial = sign(curve_, std::move(*nonce), secret_key, *keys, *session);
      return partial ? Status() : partial.error();
    };
    const Status status = attempt();
    expect_error(c.at("error"), !status.ok(), blame);
  }

  // The verification cases give a partial signature, all nonces, and who signed.
  const auto verify = [&](const json& c, Blame& blame) -> Status {
    const auto nonces = pick<66>(vectors.at("pnonces"), c.at("nonce_indices"));
    const auto aggregate = aggregate_nonces(curve_, nonces, &blame);
    if (!aggregate) return aggregate.error();
    const auto keys = KeyAggContext::create(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")), &blame);
    if (!keys) return keys.error();
    const auto session = Session::create(curve_, *keys, *aggregate, from_hex(text("msgs", c.at("msg_index"))), &blame);
    if (!session) return session.error();
    const auto signer = c.at("signer_index").get<std::size_t>();
    return verify_partial(curve_, from_hex(c.at("sig").get<std::string>()), nonces[signer], signer, *keys, *session,
                          &blame);
  };
  for (const json& c : cases(vectors, "verify_fail_test_cases", 3)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const Status status = verify(c, blame);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::kBadSignature);
    EXPECT_EQ(blame.signer, c.at("signer_index").get<std::size_t>());
  }
  for (const json& c : cases(vectors, "verify_error_test_cases", 2)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const Status status = verify(c, blame);
    expect_error(c.at("error"), !status.ok(), blame);
  }
}

TEST_F(Bip327Vectors, Tweak) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/tweak_vectors.json");
  const json vectors = load(path);
  const Scalar secret_key = *Scalar::from_bytes(from_hex(vectors.at("sk").get<std::string>()));
  const auto message = from_hex(vectors.at("msg").get<std::string>());
  const auto aggregate = from_hex(vectors.at("aggnonce").get<std::string>());
  const auto context = [&](const json& c, Blame& blame) {
    return aggregate_keys(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")),
                          tweaks(pick<32>(vectors.at("tweaks"), c.at("tweak_indices")), c.at("is_xonly")), &blame);
  };
  for (const json& c : cases(vectors, "valid_test_cases", 5)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto keys = context(c, blame);
    ASSERT_TRUE(keys.ok());
    const auto nonces = pick<66>(vectors.at("pnonces"), c.at("nonce_indices"));
    EXPECT_EQ(hex(*aggregate_nonces(curve_, nonces)), hex(aggregate));
    const auto session = Session::create(curve_, *keys, aggregate, message);
    auto nonce = SecretNonceTestAccess::from_bytes(from_hex(vectors.at("secnonce").get<std::string>()));
    const auto partial = sign(curve_, std::move(*nonce), secret_key, *keys, *session);
    ASSERT_TRUE(partial.ok());
    EXPECT_EQ(*partial, array_from_hex<32>(c.at("expected").get<std::string>()));
    const auto signer = c.at("signer_index").get<std::size_t>();
    EXPECT_TRUE(verify_partial(curve_, *partial, nonces[signer], signer, *keys, *session).ok());
  }
  for (const json& c : cases(vectors, "error_test_cases", 1)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto keys = context(c, blame);
    expect_error(c.at("error"), !keys.ok(), blame);
  }
}

TEST_F(Bip327Vectors, SigAgg) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/sig_agg_vectors.json");
  const json vectors = load(path);
  const auto message = from_hex(vectors.at("msg").get<std::string>());
  const auto aggregate = [&](const json& c, Blame& blame, crypto::XOnlyPoint& public_key) {
    const auto keys =
        aggregate_keys(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")),
                       tweaks(pick<32>(vectors.at("tweaks"), c.at("tweak_indices")), c.at("is_xonly")), &blame);
    const auto nonce = from_hex(c.at("aggnonce").get<std::string>());
    EXPECT_EQ(hex(*aggregate_nonces(curve_, pick<66>(vectors.at("pnonces"), c.at("nonce_indices")))), hex(nonce));
    const auto session = Session::create(curve_, *keys, nonce, message, &blame);
    public_key = keys->x_only_key();
    return aggregate_partials(*keys, *session, pick<32>(vectors.at("psigs"), c.at("psig_indices")), &blame);
  };
  for (const json& c : cases(vectors, "valid_test_cases", 4)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    crypto::XOnlyPoint public_key;
    const auto signature = aggregate(c, blame, public_key);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(*signature, array_from_hex<64>(c.at("expected").get<std::string>()));
    EXPECT_TRUE(crypto::schnorr_verify(public_key, message, *signature).ok());
  }
  for (const json& c : cases(vectors, "error_test_cases", 1)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    crypto::XOnlyPoint public_key;
    const auto signature = aggregate(c, blame, public_key);
    expect_error(c.at("error"), !signature.ok(), blame);
  }
}

TEST_F(Bip327Vectors, DeterministicSign) {
  TS_DATA_OR_SKIP(path, "vectors/bip327/det_sign_vectors.json");
  const json vectors = load(path);
  const Scalar secret_key = *Scalar::from_bytes(from_hex(vectors.at("sk").get<std::string>()));
  const auto run = [&](const json& c, Blame& blame) -> Result<DeterministicSignature> {
    const auto keys = aggregate_keys(curve_, pick<33>(vectors.at("pubkeys"), c.at("key_indices")),
                                     tweaks(arrays<32>(c.at("tweaks")), c.at("is_xonly")), &blame);
    if (!keys) return keys.error();
    const auto message = from_hex(vectors.at("msgs").at(c.at("msg_index").get<std::size_t>()).get<std::string>());
    std::vector<std::uint8_t> random;
    std::optional<Bytes> random32;
    if (!c.at("rand").is_null()) {
      random = from_hex(c.at("rand").get<std::string>());
      random32 = random;
    }
    return deterministic_sign(curve_, secret_key, from_hex(c.at("aggothernonce").get<std::string>()), *keys, message,
                              random32, &blame);
  };
  for (const json& c : cases(vectors, "valid_test_cases", 4)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto result = run(c, blame);
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->public_nonce, array_from_hex<66>(c.at("expected").at(0).get<std::string>()));
    EXPECT_EQ(result->partial_signature, array_from_hex<32>(c.at("expected").at(1).get<std::string>()));
  }
  for (const json& c : cases(vectors, "error_test_cases", 5)) {
    SCOPED_TRACE(c.dump());
    Blame blame;
    const auto result = run(c, blame);
    expect_error(c.at("error"), !result.ok(), blame);
  }
}

}  // namespace
}  // namespace touchstone::mpc::musig2
