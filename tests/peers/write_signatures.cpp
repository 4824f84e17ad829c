// peers-signatures: what our protocols and arithmetic made, one JSON object a line, for other implementations to judge. Every run
// writes the same.
#include <cstdio>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>

#include "chain/keys.h"
#include "mpc/musig2_party.h"
#include "mpc_dkls/base_ot.h"
#include "mpc_dkls/test_parties.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/sign_session.h"
#include "mpc_lindell/lindell_test_support.h"
#include "support/hex.h"

using namespace touchstone;
using crypto::Point;
using crypto::Scalar;
using nlohmann::json;
using test::hex;
using test::random_array;

namespace {

crypto::HostCurve curve;
Random stream = SeedTree(2305).stream("peers");

ByteArray<32> fresh() { return random_array<32>(stream); }
Scalar fresh_scalar() { return Scalar::from_wide_reduce(random_array<64>(stream)); }
std::string text(const Scalar& public_value) { return hex(public_value.to_bytes()); }
std::string text(const Point& point) { return hex(crypto::compress(point)); }
void write(const json& line) { std::printf("%s\n", line.dump().c_str()); }

/// A key, and that of its BIP32 child of a random index: what each is called in the output, and what is added to the secret.
struct Derived {
  Point key;
  Scalar tweak;
  json described;
};
Derived derive(const Point& parent_key, bool child) {
  if (!child) return {parent_key, Scalar(), json::object()};
  const chain::ExtendedPublicKey parent{parent_key, fresh()};
  const auto index = static_cast<std::uint32_t>(stream.below(0x80000000u));
  const chain::ChildKey out = chain::derive_child(parent, index, curve).value();
  return {out.extended.key, Scalar::from_bytes(out.tweak).value(),
          {{"parent", text(parent_key)}, {"chain_code", hex(parent.chain_code)}, {"index", index}}};
}

void write_ecdsa(const char* by, const Derived& key, const ByteArray<32>& hash, Bytes signature, std::uint8_t recovery_id) {
  write({{"kind", "ecdsa"}, {"by", by}, {"key", text(key.key)}, {"bip32", key.described}, {"hash", hex(hash)}, {"signature", hex(signature)},
         {"recovery_id", recovery_id}});
}

void write_dkls(const char* by, const std::vector<mpc::PartyId>& signers, mpc::dkls::Sharing sharing, int signatures) {
  mpc::dkls::Setups setups(signers, stream);
  for (int i = 0; i < signatures; ++i) {
    mpc::dkls::SharedKey shared(signers, sharing, stream);
    const Derived derived = derive(shared.key.public_key, i % 2 != 0);
    // A polynomial is moved by moving all its points, a sum by moving one of its parts.
    for (std::size_t s = 0; s < (sharing == mpc::dkls::Sharing::kShamir ? signers.size() : 1); ++s) {
      shared.shares[s] += derived.tweak;
      shared.key.share_points[s] = curve.multiply_base(shared.shares[s]).value();
    }
    shared.key.public_key = derived.key;
    mpc::dkls::Signing<> signing(shared, setups, stream);
    const ByteArray<32> hash = i == 0 ? ByteArray<32>{} : i == 2 ? crypto::kFieldPrime : fresh();
    TS_CHECK(signing.prepare() && signing.sign(hash), "DKLs23");
    write_ecdsa(by, derived, hash, signing[0].signature().bytes, signing[0].signature().recovery_id);
  }
}

void write_lindell(int signatures) {
  namespace support = mpc::lindell::test_support;
  for (int i = 0; i < signatures; ++i) {
    const Scalar x1 = fresh_scalar(), x2 = fresh_scalar();
    const Derived derived = derive(curve.multiply_base(x1 + x2).value(), i % 2 != 0);
    const support::Keys keys(curve, x1, x2 + derived.tweak, stream);
    mpc::MemoryFuse fuse;
    const ByteArray<32> hash = fresh();
    support::SignRun run(curve, keys, fuse, fresh(), hash, stream);
    run.network.run();
    TS_CHECK(run.owner.done() && run.evaluator.done(), "Lindell17");
    write_ecdsa("Lindell17", derived, hash, run.evaluator.signature().bytes, run.evaluator.signature().recovery_id);
  }
}

/// Tweaks of a Schnorr key: none, a BIP32 child, Taproot without and with scripts.
struct Tweaks {
  json described = json::object();
  ByteArray<32> plain{}, xonly{};
  bool has_plain = false, has_xonly = false;
};
Tweaks draw_tweaks(const Point& key, int kind) {
  Tweaks out;
  const Derived child = derive(key, kind % 2 != 0);
  out.has_plain = kind % 2 != 0;
  out.plain = child.tweak.to_bytes();
  out.described["bip32"] = child.described;
  if (kind % 4 < 2) return out;
  const ByteArray<32> root = fresh();
  const bool scripts = kind % 8 >= 4;
  out.has_xonly = true;
  out.xonly = chain::tap_tweak_hash(child.key.x, scripts ? Bytes(root) : Bytes());
  out.described["taproot_root"] = scripts ? hex(root) : "";
  return out;
}
template <typename Tweak>
std::vector<Tweak> list_of(const Tweaks& tweaks) {
  std::vector<Tweak> out;
  if (tweaks.has_plain) out.push_back({tweaks.plain, false});
  if (tweaks.has_xonly) out.push_back({tweaks.xonly, true});
  return out;
}

void write_bip340(const std::string& by, const json& group, const Tweaks& tweaks, Bytes key32, Bytes message, Bytes signature) {
  json line = {{"kind", "bip340"}, {"by", by}, {"key", hex(key32)}, {"message", hex(message)}, {"signature", hex(signature)}, {"group", group}};
  line.update(tweaks.described);
  write(line);
}

void write_musig2(std::size_t parties, int signatures) {
  namespace musig2 = mpc::musig2;
  for (int i = 0; i < signatures; ++i) {
    std::vector<Scalar> shares;
    std::vector<musig2::PublicKey> keys;
    std::vector<mpc::PartyId> ids;
    json listed = json::array();
    for (std::size_t p = 0; p < parties; ++p) {
      shares.push_back(fresh_scalar());
      keys.push_back(crypto::compress(curve.multiply_base(shares.back()).value()));
      ids.push_back(static_cast<mpc::PartyId>(p + 1));
      listed.push_back(hex(keys.back()));
    }
    const Point aggregate = musig2::aggregate_keys(curve, keys, {})->aggregate_point();
    const Tweaks tweaks = draw_tweaks(aggregate, i);
    const auto context = musig2::aggregate_keys(curve, keys, list_of<musig2::Tweak>(tweaks)).value();
    const ByteArray<32> message = fresh(), agreed = fresh();
    std::deque<musig2::PartySession> sessions;
    mpc::Network network;
    for (std::size_t p = 0; p < parties; ++p) {
      sessions.push_back(musig2::PartySession::create(curve, crypto::schnorr_verify, mpc::Parties::of(ids).value(), ids[p], shares[p], context,
                                                      message, agreed, fresh()).value());
      network.join(ids[p], sessions.back());
    }
    network.run();
    for (const auto& session : sessions) TS_CHECK(session.done(), "MuSig2");
    write_bip340("MuSig2 " + std::to_string(parties), {{"point", text(aggregate)}, {"musig2_keys", listed}}, tweaks, context.x_only_key(), message,
                 *sessions.back().signature());
  }
}

struct FrostGroup {
  mpc::frost::GroupKey key;
  std::map<mpc::PartyId, Scalar> shares;
};
FrostGroup generate_frost(std::uint8_t threshold, std::uint8_t parties) {
  std::vector<mpc::PartyId> ids;
  for (std::uint8_t id = 1; id <= parties; ++id) ids.push_back(id);
  const auto plan = mpc::frost::KeyPlan::generate(mpc::Parties::of(ids).value(), threshold, 0, fresh()).value();
  std::deque<mpc::frost::KeySession> sessions;
  mpc::Network network;
  for (const mpc::PartyId id : ids) {
    const ByteArray<32> random32 = fresh();
    sessions.emplace_back(curve, plan, id, mpc::frost::KeyInput{fresh_scalar(), {}, random32});
    network.join(id, sessions.back());
  }
  network.run();
  FrostGroup out;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    TS_CHECK(sessions[i].done(), "FROST key");
    out.shares[ids[i]] = sessions[i].share();
  }
  out.key = sessions[0].key();
  return out;
}
/// Any `threshold` of the parties.
mpc::Parties draw_signers(const FrostGroup& group) {
  std::vector<mpc::PartyId> ids(group.key.parties.begin(), group.key.parties.end());
  while (ids.size() > group.key.threshold) ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(stream.below(ids.size())));
  return mpc::Parties::of(ids).value();
}

void write_frost(std::uint8_t threshold, std::uint8_t parties, int signatures) {
  FrostGroup group;
  for (int i = 0; i < signatures; ++i) {
    if (i % 4 == 0) group = generate_frost(threshold, parties);
    const Tweaks tweaks = draw_tweaks(group.key.point, i);
    const auto key =
        mpc::frost::SigningKey::create(curve, mpc::frost::Suite::kBip340, group.key, list_of<mpc::frost::Tweak>(tweaks)).value();
    const mpc::frost::SignPlan plan{draw_signers(group), fresh(), fresh()};
    std::deque<mpc::frost::SignSession> sessions;
    mpc::Network network;
    for (const mpc::PartyId id : plan.signers) {
      const ByteArray<32> random32 = fresh();
      sessions.emplace_back(curve, crypto::schnorr_verify, key, plan, id, group.shares[id], random32);
      network.join(id, sessions.back());
    }
    network.run();
    for (const auto& session : sessions) TS_CHECK(session.done(), "FROST signature");
    write_bip340("FROST " + std::to_string(threshold) + " of " + std::to_string(parties), {{"point", text(group.key.point)}}, tweaks, key.point().x,
                 plan.message, sessions.back().signature());
  }
}

void write_rfc9591(int signatures) {
  namespace frost = mpc::frost;
  const FrostGroup group = generate_frost(3, 5);
  const auto key = frost::SigningKey::create(curve, frost::Suite::kRfc9591, group.key, {}).value();
  for (int i = 0; i < signatures; ++i) {
    const mpc::Parties signers = draw_signers(group);
    const auto message = test::random_bytes(stream, stream.below(100));
    std::vector<frost::SecretNonces> nonces;
    std::vector<frost::NonceCommitment> commitments;
    for (const mpc::PartyId id : signers) {
      nonces.push_back(frost::generate_nonces(curve, frost::Suite::kRfc9591, fresh(), fresh(), group.shares.at(id)).value());
      commitments.push_back(nonces.back().commitment());
    }
    const auto package = frost::SigningPackage::create(curve, key, signers, commitments, message).value();
    std::vector<Scalar> shares;
    for (std::size_t s = 0; s < signers.size(); ++s)
      shares.push_back(package.sign(std::move(nonces[s]), signers[s], group.shares.at(signers[s])).value());
    write({{"kind", "rfc9591"}, {"by", "FROST RFC 9591"}, {"key", text(group.key.point)}, {"message", hex(message)},
           {"signature", hex(package.aggregate(shares).rfc9591())}});
  }
}

void write_arithmetic(int cases) {
  const std::array<Scalar, 5> corners = {Scalar::from_u32(1), Scalar::from_u32(2), -Scalar::from_u32(1), -Scalar::from_u32(2),
                                         Scalar::from_u32(2).inverse()};
  for (int i = 0; i < cases; ++i) {
    const auto corner = static_cast<std::size_t>(i);
    const Scalar a = corner < corners.size() ? corners[corner] : fresh_scalar();
    const Scalar b = corner % 5 == 4 ? -a + Scalar::from_u32(3) : fresh_scalar();
    const Point p = curve.multiply_base(a).value(), q = curve.multiply_base(b).value();
    ByteArray<64> wide = random_array<64>(stream);
    if (i % 8 == 0) std::fill_n(wide.begin(), 48, std::uint8_t{0xff});
    write({{"kind", "arithmetic"}, {"a", text(a)}, {"b", text(b)}, {"sum", text(a + b)}, {"difference", text(a - b)}, {"product", text(a * b)},
           {"inverse", text(a.inverse())}, {"inverse_vartime", text(a.inverse_vartime())}, {"negative", text(-a)}, {"high", a.is_high()},
           {"wide", hex(wide)}, {"reduced", text(Scalar::from_wide_reduce(wide))}, {"base", text(p)}, {"multiple", text(curve.multiply(b, p).value())},
           {"point_sum", text(curve.add(p, q).value())}, {"even", text(curve.lift_x(p.x).value())}});
    const auto message = test::random_bytes(stream, stream.below(80));
    for (const auto& [suite, context] : {std::pair{mpc::frost::Suite::kRfc9591, "FROST-secp256k1-SHA256-v1"}, {mpc::frost::Suite::kBip340, "FROST-secp256k1-SHA256-TR-v1"}}) {
      mpc::frost::FieldHash hash(suite, "rho");
      write({{"kind", "hash_to_field"}, {"dst", std::string(context) + "rho"}, {"message", hex(message)}, {"scalar", text(hash.update(message).finish())}});
    }
    // t*G = r_b + H(1-b, r_{1-b}): the hash to the curve is in it.
    const bool choice = i % 2 != 0;
    const ByteArray<32> context = fresh(), seed = fresh();
    mpc::dkls::Randomness random(seed, context, mpc::dkls::label("peers"));
    Scalar secret;
    ByteArray<mpc::dkls::kChoiceBytes> points;
    TS_CHECK(mpc::dkls::base_ot_choose(curve, context, static_cast<std::uint32_t>(i), choice, random, secret, points).ok(), "base OT");
    write({{"kind", "base_ot"}, {"context", hex(context)}, {"index", i}, {"choice", choice ? 1 : 0}, {"points", hex(points)}, {"secret", text(secret)}});
  }
}

}  // namespace

int main() {
  using mpc::dkls::Sharing;
  write_dkls("DKLs23 2 of 2", {1, 2}, Sharing::kAdditive, 32);
  write_dkls("DKLs23 2 of n", {3, 200}, Sharing::kShamir, 16);
  write_dkls("DKLs23 3 of n", {1, 4, 5}, Sharing::kShamir, 16);
  write_lindell(32);
  write_musig2(2, 32);
  write_musig2(5, 16);
  write_frost(2, 3, 32);
  write_frost(4, 7, 16);
  write_rfc9591(16);
  write_arithmetic(48);
  return 0;
}
