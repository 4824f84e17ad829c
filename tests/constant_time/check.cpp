// constant-time-check OPERATION: runs one operation with its secrets marked as undefined memory, for valgrind: it reports every branch
// and every address that depends on one (Langley's ctgrind). What becomes public on the way is declassified where it does
// (base/declassify.h). Points are computed by libsecp256k1, which has a check of its own: at its border scalars are declassified.
#include <valgrind/memcheck.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <string>

#include "base/declassify.h"
#include "crypto/bip340.h"
#include "crypto/chacha20poly1305.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_session.h"
#include "mpc_channel/noise.h"
#include "mpc_dkls/sign.h"
#include "mpc_frost/key_session.h"
#include "mpc_frost/sign_session.h"
#include "mpc_lindell/modulus_proof.h"
#include "mpc_lindell/sign.h"
#include "mpc_session/network.h"
#include "mpc_session/roots.h"

using namespace touchstone;
using crypto::Point;
using crypto::Scalar;

namespace {

/// libsecp256k1 behind a border at which a scalar's copy is made public; but not where its time may depend on the scalar.
class BorderCurve final : public crypto::Curve {
 public:
  Result<Point> multiply(const Scalar& k, const Point& p) override { return host_.multiply(declassify(Scalar(k)), declassify(p)); }
  Result<Point> multiply_vartime(const Scalar& k, const Point& p) override {
    VALGRIND_CHECK_MEM_IS_DEFINED(&k, sizeof k);
    VALGRIND_CHECK_MEM_IS_DEFINED(&p, sizeof p);
    return multiply(k, p);
  }
  Result<Point> multiply_base(const Scalar& k) override { return host_.multiply_base(declassify(Scalar(k))); }
  Result<Point> add(const Point& p, const Point& q) override { return host_.add(declassify(p), declassify(q)); }
  Result<Point> lift_x(const ByteArray<32>& x) override { return host_.lift_x(declassify(x)); }

 private:
  crypto::HostCurve host_;
};
BorderCurve curve;

/// A signature is public.
Status verify(Bytes key32, Bytes message, Bytes signature64) {
  ByteArray<64> signature;
  std::copy(signature64.begin(), signature64.end(), signature.begin());
  return crypto::schnorr_verify(key32, message, declassify(signature));
}

Scalar secret_scalar(std::uint8_t seed) {
  ByteArray<32> bytes;
  for (std::size_t i = 0; i < 32; ++i) bytes[i] = static_cast<std::uint8_t>(seed + 37 * i);
  bytes[0] = 0x5A;
  VALGRIND_MAKE_MEM_UNDEFINED(bytes.data(), bytes.size());
  return Scalar::from_bytes(bytes).value();
}
Secret<32> secret_bytes(std::uint8_t seed) {
  Secret<32> out;
  for (std::size_t i = 0; i < 32; ++i) out.expose()[i] = static_cast<std::uint8_t>(seed + 11 * i);
  VALGRIND_MAKE_MEM_UNDEFINED(out.expose().data(), 32);
  return out;
}

void scalar_arithmetic() {
  const Scalar a = secret_scalar(1), b = secret_scalar(2);
  const Scalar c = (a + b) * (a - b) + a.inverse() + b.negate_if(declassify(false));
  (void)Scalar::select(a.is_high(), b, c).to_secret();
  (void)c.is_zero();
}
void hashes() {
  const Secret<32> key = secret_bytes(1);
  ByteArray<32> out;
  crypto::hkdf_sha256(key.expose(), {}, {}, out);
  crypto::hkdf_sha512(key.expose(), {}, {}, out);
}
void aead() {
  const Secret<32> key = secret_bytes(1), text = secret_bytes(2);
  const ByteArray<12> nonce{};
  ByteArray<48> sealed;
  ByteArray<32> opened;
  crypto::chacha20poly1305_seal(key.expose(), nonce, {}, text.expose(), sealed);
  (void)crypto::chacha20poly1305_open(key.expose(), nonce, {}, declassify(sealed), opened).ok();
}
void roots() {
  const Secret<32> root = secret_bytes(1);
  Secret<32> key;
  (void)mpc::derive_share(root, {mpc::Scheme::kDkls23, 0, 1, 2}).ok();
  mpc::derive_sealing_key(root, {mpc::Scheme::kLindell17, 0, 1, 2}, key);
}
void bip340() {
  const ByteArray<32> message{};
  (void)crypto::bip340_sign(curve, secret_scalar(1), message, secret_bytes(2)).value();
}

struct Pair {
  Scalar wallet = secret_scalar(3), card = secret_scalar(4);
  mpc::musig2::KeyAggContext keys = [this] {
    const std::array points = {crypto::compress(curve.multiply_base(wallet).value()), crypto::compress(curve.multiply_base(card).value())};
    return mpc::musig2::aggregate_keys(curve, points, {}).value();
  }();
};
void musig2() {
  Pair pair;
  const ByteArray<32> message{};
  mpc::musig2::Initiator wallet(curve, verify);
  const auto nonce = wallet.start(pair.wallet, pair.keys, message, secret_bytes(5).expose());
  const auto answer = mpc::musig2::respond(curve, pair.card, pair.keys, message, declassify(*nonce), secret_bytes(6).expose());
  (void)wallet.finish(declassify(answer->public_nonce), declassify(answer->partial_signature)).value();
}
void noise() {
  const Scalar wallet = secret_scalar(7), card = secret_scalar(8);
  const auto wallet_key = crypto::compress(curve.multiply_base(wallet).value()), card_key = crypto::compress(curve.multiply_base(card).value());
  using mpc::noise::Handshake;
  auto a = Handshake::start(curve, mpc::noise::Pattern::kKK, true, {wallet, wallet_key}, card_key, {}, secret_bytes(9).expose());
  auto b = Handshake::start(curve, mpc::noise::Pattern::kKK, false, {card, card_key}, wallet_key, {}, secret_bytes(10).expose());
  ByteArray<mpc::noise::kMaxHandshakeBytes> buffer, copy;
  for (auto [from, to] : {std::pair(&*a, &*b), std::pair(&*b, &*a)}) {
    const Bytes message = from->write({}, buffer).value();
    copy = declassify(buffer);
    (void)to->read(Bytes(copy).first(message.size()), {}).value();
  }
  (void)a->finish().value();
}

/// Receiver's side of a base OT, its choice undefined too.
void base_ot() {
  using namespace mpc::dkls;
  const ByteArray<32> context{1};
  const Secret<32> random32 = secret_bytes(15), choices = secret_bytes(16);
  Randomness random(random32.expose(), context, label("check"));
  for (std::uint32_t index = 0; index < 8; ++index) {
    Scalar secret;
    ByteArray<kChoiceBytes> points;
    const bool choice = (choices.expose()[0] >> index & 1) != 0;
    TS_CHECK(base_ot_choose(curve, context, index, choice, random, secret, points).ok(), "choosing failed");
    const auto answer = crypto::compress(curve.multiply_base(Scalar::from_u32(index + 5)).value());
    Seed key;
    TS_CHECK(base_ot_finish(curve, context, index, choice, secret, answer, key).ok(), "finishing failed");
  }
}

/// Signing from an OT set-up whose secrets are undefined like those of the session.
void dkls() {
  using namespace mpc::dkls;
  mpc::SessionId session{1};
  const ByteArray<32> random{2}, other_random{3};
  OtSetup first, second;
  {
    SetupSession a(curve, session, 1, 2, random, random, first), b(curve, session, 2, 1, other_random, other_random, second);
    mpc::Network network;
    network.join(1, a);
    network.join(2, b);
    network.run();
  }
  for (const OtSetup* setup : {&first, &second}) {
    VALGRIND_MAKE_MEM_UNDEFINED(&setup->zero_seed(), sizeof setup->zero_seed());
    VALGRIND_MAKE_MEM_UNDEFINED(&setup->delta(), sizeof setup->delta());
    VALGRIND_MAKE_MEM_UNDEFINED(&setup->full_trees(), sizeof setup->full_trees());
    VALGRIND_MAKE_MEM_UNDEFINED(&setup->punctured_trees(), sizeof setup->punctured_trees());
  }
  const std::array shares = {secret_scalar(11), secret_scalar(12)};
  SigningKey key;
  key.signers = mpc::Parties::of(std::array<mpc::PartyId, 2>{1, 2}).value();
  for (std::size_t i = 0; i < 2; ++i) key.share_points[i] = curve.multiply_base(shares[i]).value();
  key.public_key = curve.add(key.share_points[0], key.share_points[1]).value();
  static SignWorkspace<1> memory[2];
  OtSetup *const of_first = &first, *const of_second = &second;
  SignSession a(curve, crypto::ecdsa_verify, {session, 1, &key, std::span(&of_first, 1), {}}, secret_bytes(13).expose(), memory[0].memory());
  SignSession b(curve, crypto::ecdsa_verify, {session, 2, &key, std::span(&of_second, 1), {}}, secret_bytes(14).expose(), memory[1].memory());
  mpc::Network network;
  network.join(1, a);
  network.join(2, b);
  network.tamper = [](mpc::Network::Message& m) {  // what was sent is public
    VALGRIND_MAKE_MEM_DEFINED(m.bytes.data(), m.bytes.size());
    return true;
  };
  network.run();
  (void)a.set_share(shares[0], {}, network.port(1)).ok();
  (void)b.set_share(shares[1], {}, network.port(2)).ok();
  while (network.step()) {
  }
  TS_CHECK(a.done() && b.done(), "signing");
}

/// A key, a refresh of its shares and a signature by two of two; the pads come back through the stored offsets.
void frost() {
  using namespace mpc::frost;
  const std::array<mpc::PartyId, 2> ids = {1, 2};
  const mpc::Parties parties = mpc::Parties::of(ids).value();
  // What is sent is public, but for the shares (message 3), which only their receiver reads.
  const auto network = [] {
    mpc::Network out;
    out.tamper = [](mpc::Network::Message& m) {
      if (m.bytes[0] != 3) VALGRIND_MAKE_MEM_DEFINED(m.bytes.data(), m.bytes.size());
      return true;
    };
    return out;
  };
  struct Kept {
    Scalar pad;
    StoredOffset offset;
  };
  std::array<Kept, 2> kept;
  const auto run = [&](const KeyPlan& plan, std::uint8_t seed) {
    std::deque<KeySession> sessions;
    mpc::Network net = network();
    for (std::size_t i = 0; i < 2; ++i) {
      KeyInput input{secret_scalar(static_cast<std::uint8_t>(seed + i)), {}, {}};
      if (plan.purpose == KeyPlan::Purpose::kRefresh)
        input.old_share = open_offset(kept[i].pad, kept[i].offset, plan.old_key, ids[i]).value();
      const Secret<32> random = secret_bytes(static_cast<std::uint8_t>(seed + 2 + i));
      input.random32 = random.expose();
      kept[i].pad = input.pad;
      sessions.emplace_back(curve, plan, ids[i], input);
      net.join(ids[i], sessions[i]);
    }
    net.run();
    for (std::size_t i = 0; i < 2; ++i) kept[i].offset = declassify(sessions[i].offset());
    return sessions[0].key();
  };
  const GroupKey first = run(KeyPlan::generate(parties, 2, 0, {}).value(), 20);
  const GroupKey group = run(KeyPlan::refresh(first, {}).value(), 30);
  const SigningKey key = SigningKey::create(curve, Suite::kBip340, group, {}).value();
  std::deque<SignSession> signers;
  mpc::Network net = network();
  for (std::size_t i = 0; i < 2; ++i) {
    const Scalar share = open_offset(kept[i].pad, kept[i].offset, group, ids[i]).value();
    signers.emplace_back(curve, verify, key, SignPlan{parties, {}, {}}, ids[i], share, secret_bytes(static_cast<std::uint8_t>(40 + i)).expose());
    net.join(ids[i], signers[i]);
  }
  net.run();
  for (const SignSession& signer : signers) TS_CHECK(signer.done(), "signing failed");
}

using mpc::lindell::PaillierKey;
/// A key whose factors are undefined; N stays public.
PaillierKey secret_paillier_key() {
  PaillierKey key = PaillierKey::generate(ByteArray<32>{1}).value();
  VALGRIND_MAKE_MEM_UNDEFINED(reinterpret_cast<char*>(&key) + sizeof(mpc::lindell::PaillierPublicKey), sizeof key - sizeof(mpc::lindell::PaillierPublicKey));
  return key;
}
void paillier() {
  const PaillierKey key = secret_paillier_key();
  const auto& ring = key.public_key();
  const Secret<32> plain = secret_bytes(1), random = secret_bytes(2);
  using bignum::Natural;
  const auto c = ring.evaluate(Natural<2048>::from_bytes(plain.expose()), Natural<2048>::from_bytes(random.expose()), ring.ring().one(),
                               Natural<256>::from_bytes(plain.expose()));
  (void)key.decrypt(c).value();
  (void)key.randomness(Natural<2048>::from_bytes(random.expose()));
  auto proof = mpc::lindell::ModulusProver::begin(key, {}, ByteArray<32>{1});
  mpc::lindell::RootChoices choices;
  static mpc::lindell::RootBytes roots;
  (void)proof->next(choices, roots).ok();
}
void lindell() {
  mpc::MemoryFuse fuse;
  struct Port final : mpc::Transport {
    Status send(mpc::PartyId, Bytes m) override {
      std::copy(m.begin(), m.end(), bytes.begin());
      message = Bytes(bytes).first(m.size());
      VALGRIND_MAKE_MEM_DEFINED(bytes.data(), bytes.size());
      return {};
    }
    ByteArray<1024> bytes{};
    Bytes message;
  } from_owner, from_evaluator;
  using namespace mpc::lindell;
  const Scalar x1 = secret_scalar(11), x2 = secret_scalar(12);
  const Point p1 = curve.multiply_base(x1).value(), p2 = curve.multiply_base(x2).value(), key = curve.add(p1, p2).value();
  const OwnerKey owner_key{secret_paillier_key(), p1, key, 1};
  const auto& paillier_key = owner_key.paillier.public_key();
  const auto ciphertext = paillier_key.encrypt(bignum::Natural<2048>::from_bytes(x1.to_secret().expose()), bignum::Natural<2048>(7));
  const EvaluatorKey evaluator_key{paillier_key, paillier_key.parse_ciphertext(declassify(paillier_key.to_bytes(ciphertext))).value(), p2, key, 1};
  SignConfig config{{}, 1, 2, {}, {}};
  VALGRIND_MAKE_MEM_UNDEFINED(config.random32.data(), 32);
  OwnerSigner owner(curve, owner_key, fuse, config);
  std::swap(config.own, config.peer);
  EvaluatorSigner evaluator(curve, evaluator_key, x2, config);
  (void)owner.start(from_owner).ok();
  (void)evaluator.start(from_evaluator).ok();
  for (int i = 0; i < 2; ++i) {
    (void)owner.receive(2, from_evaluator.message, from_owner).value();
    (void)evaluator.receive(1, from_owner.message, from_evaluator).value();
  }
  (void)evaluator.signature();
}

// Controls: what valgrind must report.
void control_branch() {
  const Secret<32> key = secret_bytes(1);
  if (key.expose()[0] & 1) std::puts("odd");
}
void control_index() {
  static const ByteArray<256> table{};
  const Secret<32> key = secret_bytes(1);
  volatile std::uint8_t out = table[key.expose()[0]];
  (void)out;
}
void control_vartime() { (void)curve.multiply_vartime(secret_scalar(1), crypto::generator()).ok(); }
void control_early_exit() {
  const Secret<32> a = secret_bytes(1), b = secret_bytes(1);
  for (std::size_t i = 0; i < 32; ++i)
    if (a.expose()[i] != b.expose()[i]) return;
}

const std::map<std::string, std::function<void()>> kOperations = {
    {"scalar_arithmetic", scalar_arithmetic}, {"hashes", hashes}, {"aead", aead}, {"roots", roots}, {"bip340", bip340}, {"musig2", musig2},
    {"noise", noise}, {"frost", frost}, {"base_ot", base_ot}, {"dkls", dkls}, {"paillier", paillier}, {"lindell", lindell}, {"control_branch", control_branch},
    {"control_index", control_index}, {"control_early_exit", control_early_exit}, {"control_vartime", control_vartime}};

}  // namespace

int main(int argc, char** argv) {
  const auto operation = argc == 2 ? kOperations.find(argv[1]) : kOperations.end();
  if (operation == kOperations.end()) {
    std::fputs("usage: valgrind --error-exitcode=9 constant-time-check OPERATION, one of:\n", stderr);
    for (const auto& [name, run] : kOperations) std::fprintf(stderr, "  %s\n", name.c_str());
    return 2;
  }
  if (!RUNNING_ON_VALGRIND) {
    std::fputs("constant-time-check: shows nothing unless it runs under valgrind\n", stderr);
    return 2;
  }
  operation->second();
  return 0;
}
