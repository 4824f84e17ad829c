#include "kill/tasks.h"

#include <algorithm>

#include "crypto/point.h"
#include "crypto/sha256.h"
#include "curve_host/host_curve.h"
#include "curve_host/host_ecdsa.h"
#include "mpc/musig2_party.h"
#include "mpc_dkls/sign.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/sign_session.h"
#include "mpc_lindell/pedersen_test_access.h"
#include "mpc_lindell/setup.h"
#include "mpc_lindell/sign.h"
#include "mpc_session/roots.h"
#include "support/hex.h"

namespace touchstone::kill_test {

using crypto::Scalar;
using mpc::PartyId;
namespace frost = mpc::frost;
namespace dkls = mpc::dkls;
namespace lindell = mpc::lindell;
namespace musig2 = mpc::musig2;

namespace {

crypto::HostCurve& curve() {
  static crypto::HostCurve out;
  return out;
}
constexpr Error kNothingStored{ErrorCode::kState, "what the job needs is not stored"};

PartyId peer_of(const TaskInput& in) { return in.order.parties[in.order.parties[0] == in.own ? 1 : 0]; }

/// The key in use with the share, from offset and root.
struct HeldKey {
  frost::GroupKey group;
  Scalar share;
  /// Shares of all that sign, weighted so that their sum is the key.
  Scalar weight(const mpc::Parties& signers, PartyId id) const { return frost::lagrange_coefficient(signers, id); }
};
Result<HeldKey> load_key(const TaskInput& in) {
  const std::string file = in.store.in_use("key");
  if (!in.store.has(file)) return kNothingStored;
  const StoredKey stored = stored_key_of(in.store.read(file));
  if (!stored.offset) return kNothingStored;
  const auto share = frost::open_offset(pad_of(in.own, stored.group.epoch), *stored.offset, stored.group, in.own);
  if (!share) return share.error();
  return HeldKey{stored.group, *share};
}
void derive_seal(PartyId own, mpc::Scheme scheme, std::uint32_t epoch, Secret<32>& out) {
  mpc::derive_sealing_key(root_of(own), {scheme, 1, 0, epoch}, out);
}

Result<Task> make_key_task(const TaskInput& in) {
  using frost::KeyPlan;
  Result<KeyPlan> plan = Error{ErrorCode::kState, "no plan"};
  frost::KeyInput input{.pad = {}, .old_share = {}, .random32 = in.random32};
  if (in.order.job == Job::kGenerate || in.order.job == Job::kGenerateAnew) {
    plan = KeyPlan::generate(mpc::Parties::of(in.order.parties).value(), 2, 0, in.run);
  } else {
    if (in.key.empty()) return kNothingStored;
    const frost::GroupKey old_key = stored_key_of(in.key).group;
    const auto sorted = [](std::span<const PartyId> ids) {
      std::vector<PartyId> out(ids.begin(), ids.end());
      std::sort(out.begin(), out.end());
      return mpc::Parties::of(out).value();
    };
    const std::span<const PartyId> all(in.order.parties);
    if (in.order.job == Job::kRefresh)
      plan = KeyPlan::refresh(old_key, in.run);
    else
      plan = KeyPlan::reshare(old_key, sorted(all.first(2)), sorted(in.order.job == Job::kReshare ? all.subspan(1) : all), 2, in.run);
    if (plan && plan->dealers.contains(in.own)) {
      const auto held = load_key(in);
      if (!held) return held.error();
      input.old_share = held->share;
    }
  }
  if (!plan) return plan.error();
  input.pad = pad_of(in.own, plan->epoch);
  Task out;
  auto session = std::make_unique<frost::KeySession>(curve(), *plan, in.own, input);
  out.makes_next = true;
  out.finish = [&made = *session, &store = in.store, receives = plan->receivers.contains(in.own)] {
    StoredKey key{made.key(), {}};
    if (receives) key.offset = made.offset();
    store.store_next("key", to_text(key));
    return text_of(crypto::compress(key.group.point));
  };
  out.session = std::move(session);
  return out;
}

Result<Task> make_frost_task(const TaskInput& in) {
  const auto held = load_key(in);
  if (!held) return held.error();
  const auto key = std::make_shared<frost::SigningKey>(
      frost::SigningKey::create(curve(), frost::Suite::kBip340, held->group, {}).value());
  Task out;
  const frost::SignPlan plan{mpc::Parties::of(in.order.parties).value(), in.order.message, in.run};
  auto session = std::make_unique<frost::SignSession>(curve(), crypto::schnorr_verify, *key, plan, in.own, held->share, in.random32);
  out.finish = [&made = *session, key] { return text_of(made.signature()); };
  out.session = std::move(session);
  return out;
}

Result<Task> make_musig2_task(const TaskInput& in) {
  std::vector<musig2::PublicKey> keys;
  for (const PartyId id : in.order.parties) keys.push_back(crypto::compress(curve().multiply_base(musig2_share_of(id)).value()));
  const auto context = musig2::aggregate_keys(curve(), keys, {}).value();
  auto made = musig2::PartySession::create(curve(), crypto::schnorr_verify, mpc::Parties::of(in.order.parties).value(), in.own,
                                                musig2_share_of(in.own), context, in.order.message, in.run, in.random32);
  if (!made) return made.error();
  Task out;
  auto session = std::make_unique<musig2::PartySession>(std::move(*made));
  out.finish = [&signer = *session] { return text_of(*signer.signature()); };
  out.session = std::move(session);
  return out;
}

// A stored set-up: digest, name of its fuse, and the rest.
constexpr std::size_t kNameBytes = 8;
std::string fuse_name(const ByteArray<32>& random32) { return test::hex(crypto::sha256(random32)).substr(0, kNameBytes); }
std::string fuse_name(const Text& stored) { return {stored.begin() + 32, stored.begin() + 32 + kNameBytes}; }
Bytes as_bytes(const std::string& name) { return {reinterpret_cast<const std::uint8_t*>(name.data()), name.size()}; }
Text stored_thing(Bytes digest, const std::string& fuse, std::initializer_list<Bytes> rest) {
  Text out = text_of(digest);
  const auto put = [&](Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  put(as_bytes(fuse));
  for (const Bytes part : rest) put(part);
  return out;
}

struct OtMemory {
  OtMemory(const Store& store, std::string name) : fuse(store, std::move(name)) {}
  FileFuse fuse;
  dkls::OtSetup setup{&fuse};
  std::array<dkls::OtSetup*, 1> setups = {&setup};
  dkls::SigningKey key;
  dkls::SignWorkspace<1> workspace;
};

Result<Task> make_dkls_key_task(const TaskInput& in) {
  const auto held = load_key(in);
  if (!held) return held.error();
  const Scalar share = held->weight(mpc::Parties::of(in.order.parties).value(), in.own) * held->share;
  const dkls::KeySession::Config config{in.run, in.own, peer_of(in), held->group.epoch, held->group.point, {}};
  Task out;
  auto session = std::make_unique<dkls::KeySession>(curve(), config, share, in.random32);
  out.finish = [&made = *session] { return text_of(crypto::compress(made.key().public_key)); };
  out.session = std::move(session);
  return out;
}

Result<Task> make_dkls_setup_task(const TaskInput& in) {
  const std::string name = fuse_name(in.random32);
  const auto memory = std::make_shared<OtMemory>(in.store, name);
  Secret<32> hedge;
  derive_seal(in.own, mpc::Scheme::kDkls23, 0, hedge);
  Task out;
  out.makes_next = true;
  out.finish = [memory, name, &store = in.store] {
    std::array<std::uint8_t, dkls::OtSetup::kBytes> bytes;
    TS_CHECK(memory->setup.store(bytes).ok(), "set-up");
    store.store_next("ot", stored_thing(memory->setup.id(), name, {bytes}));
    return Text();
  };
  out.session = std::make_unique<dkls::SetupSession>(curve(), in.run, in.own, peer_of(in), in.random32, hedge.expose(), memory->setup);
  return out;
}

Result<Task> make_dkls_task(const TaskInput& in) {
  const auto held = load_key(in);
  if (!held) return held.error();
  const std::string file = in.store.in_use("ot");
  if (!in.store.has(file)) return kNothingStored;
  const Text stored = in.store.read(file);
  const auto memory = std::make_shared<OtMemory>(in.store, fuse_name(stored));
  if (const Status loaded = memory->setup.load(Bytes(stored).subspan(32 + kNameBytes)); !loaded) return loaded.error();
  const auto signers = mpc::Parties::of(in.order.parties).value();
  memory->key.public_key = held->group.point;
  memory->key.sharing = dkls::Sharing::kShamir;
  memory->key.signers = signers;
  memory->key.epoch = held->group.epoch;
  for (std::size_t i = 0; i < signers.size(); ++i)
    memory->key.share_points[i] = held->group.verification_shares[*held->group.parties.index_of(signers[i])];
  Task out;
  const bool answers = in.own == in.order.parties[1];  // as the card does
  const dkls::SignSession::Config config{in.run, in.own, &memory->key, memory->setups, {}, answers};
  auto session = std::make_unique<dkls::SignSession>(curve(), crypto::host_ecdsa_verify, config, in.random32, memory->workspace.memory());
  out.after = [&made = *session, share = held->share, message = in.order.message](mpc::Transport& transport) {
    if (made.prepared()) (void)made.set_share(share, message, transport);
  };
  out.finish = [&made = *session, memory] { return text_of(made.signature().bytes); };
  out.session = std::move(session);
  return out;
}

constexpr PartyId kOwner = 1;

ByteArray<32> paillier_digest(const lindell::PaillierPublicKey& paillier, const crypto::Point& key, std::uint32_t epoch) {
  return mpc::Transcript("touchstone/test/kill/paillier").add(paillier.n().to_bytes()).add(crypto::compress(key)).add_u32(epoch).digest();
}
ByteArray<4> le32(std::uint32_t number) {
  ByteArray<4> out;
  store_le32(out.data(), number);
  return out;
}
/// What both keep of the points: own, joint, epoch, at the end of the file.
struct Points {
  crypto::Point own, key;
  std::uint32_t epoch;
};
Points points_of(const Text& stored) {
  const Bytes tail = Bytes(stored).last(33 + 33 + 4);
  const auto point = [&](std::size_t at) { return crypto::decompress(curve(), tail.subspan(at, 33)).value(); };
  return {point(0), point(33), load_le32(&tail[66])};
}

Result<lindell::OwnerKey> open_owner_key(const TaskInput& in, const Text& stored) {
  const Points points = points_of(stored);
  Secret<32> seal_key;
  derive_seal(in.own, mpc::Scheme::kLindell17, points.epoch, seal_key);
  const Bytes sealed = Bytes(stored).subspan(32 + kNameBytes, lindell::kSealedKeyBytes);
  return lindell::open(curve(), sealed, seal_key.expose(), points.epoch, points.key);
}

Result<Task> make_lindell_setup_task(const TaskInput& in) {
  const auto held = load_key(in);
  if (!held) return held.error();
  const auto parties = mpc::Parties::of(in.order.parties).value();
  const Scalar share = held->weight(parties, in.own) * held->share;
  const std::uint32_t epoch = held->group.epoch;
  const lindell::SetupConfig config{in.run, in.own, peer_of(in), epoch, held->group.point, in.random32};
  Task out;
  out.makes_next = true;
  if (in.own == kOwner) {
    std::optional<lindell::FormerKey> former;
    std::shared_ptr<FileFuse> former_fuse;
    if (in.store.has("paillier.current")) {
      const Text stored = in.store.read("paillier.current");
      const auto opened = open_owner_key(in, stored);
      if (!opened) return opened.error();
      former_fuse = std::make_shared<FileFuse>(in.store, fuse_name(stored));
      former = lindell::former(*opened, *former_fuse);
    }
    const auto paillier = std::make_shared<lindell::PaillierKey>(lindell::PaillierKey::generate(in.store.draw(generator_seed_of(in.own))).value());
    auto session = std::make_unique<lindell::OwnerSetup>(curve(), *paillier, share, config, former);
    out.finish = [&made = *session, paillier, former_fuse, epoch, own = in.own, random32 = in.random32, &store = in.store] {
      const lindell::OwnerKey key = made.key();
      Secret<32> seal_key;
      derive_seal(own, mpc::Scheme::kLindell17, epoch, seal_key);
      const auto sealed = lindell::seal(key, seal_key.expose(), crypto::sha256(store.draw(generator_seed_of(own))));  // stored openly
      const ByteArray<32> digest = paillier_digest(key.paillier.public_key(), key.key, epoch);
      const auto own_point = crypto::compress(key.own_point), joint = crypto::compress(key.key);
      store.store_next("paillier", stored_thing(digest, fuse_name(random32), {sealed, own_point, joint, le32(epoch)}));
      return text_of(crypto::compress(key.key));
    };
    out.session = std::move(session);
    return out;
  }
  auto session = std::make_unique<lindell::EvaluatorSetup>(curve(), wallet_group(), share, config);
  out.finish = [&made = *session, epoch, random32 = in.random32, &store = in.store] {
    const lindell::EvaluatorKey key = made.key();
    const ByteArray<32> digest = paillier_digest(key.paillier, key.key, epoch);
    const auto n = key.paillier.n().to_bytes();
    const auto ciphertext = key.paillier.to_bytes(key.share_ciphertext);
    const auto own_point = crypto::compress(key.own_point), joint = crypto::compress(key.key);
    store.store_next("paillier", stored_thing(digest, fuse_name(random32), {n, ciphertext, own_point, joint, le32(epoch)}));
    return text_of(crypto::compress(key.key));
  };
  out.session = std::move(session);
  return out;
}

Result<Task> make_lindell_task(const TaskInput& in) {
  const auto held = load_key(in);
  if (!held) return held.error();
  const std::string file = in.store.in_use("paillier");
  // While a next one lies there, a burn of the current one would not be in its count.
  if (!in.store.has(file) || (in.own == kOwner && in.store.has("paillier.next"))) return kNothingStored;
  const Text stored = in.store.read(file);
  const Points points = points_of(stored);
  const Bytes body = Bytes(stored).subspan(32 + kNameBytes);
  const lindell::SignConfig config{in.run, in.own, peer_of(in), in.order.message, in.random32, crypto::host_ecdsa_verify};
  Task out;
  if (in.own == kOwner) {
    const auto opened = open_owner_key(in, stored);
    if (!opened) return opened.error();
    const auto key = std::make_shared<lindell::OwnerKey>(*opened);
    const auto fuse = std::make_shared<FileFuse>(in.store, fuse_name(stored));
    auto session = std::make_unique<lindell::OwnerSigner>(curve(), *key, *fuse, config);
    out.finish = [&made = *session, key, fuse] { return text_of(made.signature().bytes); };
    out.session = std::move(session);
    return out;
  }
  const auto paillier = lindell::PaillierPublicKey::parse(body.first(256)).value();
  const auto ciphertext = paillier.parse_ciphertext(body.subspan(256, 512)).value();
  const auto key = std::make_shared<lindell::EvaluatorKey>(
      lindell::EvaluatorKey{paillier, ciphertext, points.own, points.key, points.epoch});
  const Scalar share = held->weight(mpc::Parties::of(in.order.parties).value(), in.own) * held->share;
  auto session = std::make_unique<lindell::EvaluatorSigner>(curve(), *key, share, config);
  out.finish = [&made = *session, key] { return text_of(made.signature().bytes); };
  out.session = std::move(session);
  return out;
}

}  // namespace

const lindell::PedersenKey& wallet_group() {
  static const lindell::PedersenKey out =
      lindell::PedersenTestAccess::of_modulus(lindell::PaillierKey::generate(ByteArray<32>{9}).value().public_key().n());
  return out;
}

Result<Task> make_task(const TaskInput& in) {
  switch (in.order.job) {
    case Job::kMeet: break;
    case Job::kGenerate:
    case Job::kGenerateAnew:
    case Job::kRefresh:
    case Job::kReshare:
    case Job::kReshareToAll: return make_key_task(in);
    case Job::kSignFrost: return make_frost_task(in);
    case Job::kSignMusig2: return make_musig2_task(in);
    case Job::kKeyDkls: return make_dkls_key_task(in);
    case Job::kSetupDkls: return make_dkls_setup_task(in);
    case Job::kSignDkls: return make_dkls_task(in);
    case Job::kSetupLindell: return make_lindell_setup_task(in);
    case Job::kSignLindell: return make_lindell_task(in);
  }
  return Error{ErrorCode::kState, "no such job"};
}

}  // namespace touchstone::kill_test
