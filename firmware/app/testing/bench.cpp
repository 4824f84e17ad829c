#include "app/testing/bench.h"

#include <map>

#include "crypto/bip340.h"
#include "crypto/point.h"
#include "identity/development_vendor.h"
#include "print_testing/owners.h"

namespace touchstone::firmware::testing {
namespace musig2 = mpc::musig2;

const Pixels& finger(int index) {
  return biometrics::testing::owner(index).clean.pixels;
}

const Pixels& ordinary(int index, int which) { return biometrics::testing::alike(index, which).pixels; }

Bench::Bench() : arena(CardVault::arena_bytes(kGeometry), 0), user_ram(contract::kMaxMessageBytes, 0) {
  wire.before_open = [this] { use_phone(phone_); };
  clock.attention = [this] { return wire.waits() || sensor.irq(); };
  wallet_key_ = crypto::compress(curve.multiply_base(wallet_share_).value());
  boot();
}

void Bench::boot() {
  static Bench* current;
  current = this;
  std::fill(arena.begin(), arena.end(), std::uint8_t{0xA5});
  std::fill(user_ram.begin(), user_ram.end(), std::uint8_t{0xA5});
  const auto scrub = [] { ++current->scrubs; };
  attestation = std::make_unique<Attestation>(handover(), curve, entropy);
  updates = std::make_unique<UpdateSlot>(flash, curve, UpdateSlot::Rule{attestation->vendor_key(), attestation->version()}, [](void* bench) { ++static_cast<Bench*>(bench)->restarts; }, this);
  vault = std::make_unique<CardVault>(VaultBoard{clock, sensor, flash, entropy, curve, display_line, phases, arena, *attestation, *updates, hedge, fiber, scrub});
  gate.vault = vault.get();
  app = std::make_unique<CardApp>(Board{clock, stub, screen, wire, phases, user_ram, scrub});
  app->boot();
  wire.open();
}

std::optional<Handover> Bench::handover() {
  const Secret<32> device_secret;
  const auto sign = [&](const crypto::Scalar& key, const ByteArray<32>& digest) { return *crypto::bip340_sign(curve, key, digest, {}); };
  std::optional<Handover> out(std::in_place);
  out->measurement = {{0xF1}, 3, identity::Lifecycle::kProduction};
  out->vendor_key = identity::development_vendor_key();
  out->device_key = identity::x_only_key(identity::device_key(device_secret));
  out->device_certificate = identity::certify_device(out->device_key, identity::development_vendor_secret());
  out->alias_secret = identity::alias_secret(device_secret, out->measurement);
  out->alias_key = identity::x_only_key(identity::alias_key(out->alias_secret));
  out->alias_certificate = sign(identity::device_key(device_secret), identity::alias_certificate_digest(out->measurement, out->alias_key));
  return out;
}

void Bench::use_phone(std::uint32_t number) {
  namespace noise = mpc::noise;
  phone_ = number;
  const crypto::Scalar identity = crypto::Scalar::from_u32(number);
  crypto::HostCurve phone;  // its own: the card's may be made to fail
  auto shaking = noise::Handshake::start(phone, noise::kCardPattern, true, {identity, crypto::compress(phone.multiply_base(identity).value())}, std::nullopt,
                                         noise::card_prologue(), ByteArray<32>{});
  ChannelHello hello;
  TS_CHECK(shaking.ok() && shaking->write({}, hello).ok(), "the phone begins");
  const auto answer = vault->channel_answer(hello);
  if (!answer) return;  // a broken device; the card cannot be reached
  ChannelClosing closing;
  TS_CHECK(shaking->read(*answer, {}).ok() && shaking->write({}, closing).ok(), "the phone goes on");
  const auto channel = vault->channel_open(closing);
  if (!channel) return;
  wire.who = channel->wallet;
  channel_binding = shaking->finish_raw()->channel_binding;
}

void Bench::another_wallet() {
  wallet_share_ = crypto::Scalar::from_u32(777);
  wallet_key_ = crypto::compress(curve.multiply_base(wallet_share_).value());
}

void Bench::run(const std::function<bool()>& done) {
  clock.revive();
  for (int steps = 0; steps < 100'000 && !clock.dead() && !done(); ++steps) app->step();
}

void Bench::run_to_answer() {
  const std::size_t before = wire.sent.size();
  run([&] { return wire.sent.size() > before; });
}

void Bench::settle() {
  run([] { return false; });
}

bool Bench::shown(const std::string& words) const {
  for (const std::string& page : screen.pages)
    if (page.find(words) != std::string::npos) return true;
  return false;
}

bool Bench::pair(int touches) { return pair_with(std::vector<int>(static_cast<std::size_t>(touches), 1)); }

bool Bench::pair_with(const std::vector<int>& touches, int fingers, bool any_order) {
  std::map<int, int> touched;
  for (int index : touches) sensor.plan.push_back({500, 900, fingers > 1 ? &ordinary(index, touched[index]++) : &finger(index)});
  deliver(pair_request(static_cast<int>(touches.size()) / fingers, fingers, any_order));
  run_to_answer();
  return take_pair_response();
}

Pixels Bench::pair_request(int touches, int fingers, bool any_order) const {
  contract::PairRequest request;
  request.wallet_public_key = wallet_key_;
  request.network = static_cast<std::uint8_t>(contract::PairRequest::Network::kRegtest);
  request.account = kAccount;
  request.epoch = kEpoch;
  request.touches = static_cast<std::uint8_t>(touches);
  request.fingers = static_cast<std::uint8_t>(fingers);
  request.any_order = any_order ? 1 : 0;
  request.scheme = static_cast<std::uint8_t>(scheme);
  ByteArray<contract::PairRequest::kMaxBytes> buffer;
  const Bytes bytes = request.encode(buffer).value();
  return {bytes.begin(), bytes.end()};
}

bool Bench::take_pair_response() {
  if (wire.sent.empty()) return false;
  const auto response = contract::PairResponse::decode(wire.sent.back());
  if (!response) return false;
  card_key_ = response->card_public_key;
  const auto record = EnrolmentRecord::parse(response->record);
  TS_CHECK(record.ok() && record->card_public_key == card_key_, "the response carries its record");
  paired_record_ = *record;
  return true;
}

void Bench::bring_guest(const Bench& from) {
  const auto body = from.paired_record().serialize();
  card_key_ = from.card_key_;
  ByteArray<contract::GuestRequest::kMaxBytes> buffer;
  deliver(contract::GuestRequest{body}.encode(buffer).value());
  run_to_answer();
}

Pixels Bench::sign_request(std::uint32_t session) {
  std::array<musig2::PublicKey, 2> keys{card_key_, wallet_key_};
  musig2::sort_keys(keys);
  const auto aggregate = musig2::KeyAggContext::create(curve, keys).value();

  chain::Coin coin;
  coin.txid.fill(0xAB);
  coin.vout = 1;
  coin.amount_sat = kInput_sat;
  coin.path = {0, 5};
  std::vector<std::uint8_t> pay_script(34, 0x11);
  const auto recipient = crypto::generator().x;
  pay_script[0] = 0x51;
  pay_script[1] = 32;
  std::copy(recipient.begin(), recipient.end(), pay_script.begin() + 2);
  const chain::AddressPath change_path{1, 2};
  const auto change = chain::derive_address(aggregate.aggregate_point(), change_path, curve).value();
  psbt_ = chain::write_payment(aggregate.aggregate_point(), coin,
                               {{pay_script, kAmount_sat, std::nullopt},
                                {{change.script.begin(), change.script.end()}, kInput_sat - kAmount_sat - kFee_sat, change_path}},
                               0, curve)
              .value();

  ByteArray<32> random;
  random.fill(static_cast<std::uint8_t>(session));
  auto nonce = musig2::generate_nonce(curve, {.random32 = random, .public_key = wallet_key_}).value();
  nonce_ = std::move(nonce.secret_nonce);
  public_nonce_ = nonce.public_nonce;

  contract::SignRequest request;
  request.session = session;
  request.wallet_nonce = public_nonce_;
  request.psbt = psbt_;
  Pixels buffer(contract::SignRequest::kMaxBytes);
  const std::size_t size = request.encode(buffer).value().size();
  buffer.resize(size);
  return buffer;
}

SignOrder Bench::sign_order() {
  std::array<musig2::PublicKey, 2> keys{card_key_, wallet_key_};
  musig2::sort_keys(keys);
  const auto account = musig2::KeyAggContext::create(curve, keys).value();
  const auto review = chain::review(psbt_, {account.aggregate_point(), chain::Network::kRegtest}, curve).value();
  SignOrder order;
  order.message_hash = review.message_hash;
  order.wallet_nonce = public_nonce_;
  order.output_key = review.input_key.output_key;
  for (std::size_t i = 0; i < order.tweaks.size(); ++i)
    order.tweaks[i] = {review.input_key.tweaks[i].value, static_cast<std::uint8_t>(review.input_key.tweaks[i].x_only ? 1 : 0)};
  return order;
}

void Bench::plan_confirmation(int finger_index) {
  sensor.plan.push_back({900, 180, &finger(finger_index)});
  plan_hold({finger_index});
}

void Bench::plan_hold(const std::vector<int>& fingers) {
  for (int index : fingers) sensor.plan.push_back({900, 1500, &finger(index)});
}

bool Bench::last_answer_is_a_valid_signature() {
  if (wire.sent.empty()) return false;
  const auto response = contract::SignResponse::decode(wire.sent.back());
  if (!response) return false;
  std::array<musig2::PublicKey, 2> keys{card_key_, wallet_key_};
  musig2::sort_keys(keys);
  auto context = musig2::KeyAggContext::create(curve, keys).value();
  const auto review = chain::review(psbt_, {context.aggregate_point(), chain::Network::kRegtest}, curve).value();
  for (const chain::KeyTweak& tweak : review.input_key.tweaks)
    if (!context.apply_tweak(curve, {tweak.value, tweak.x_only})) return false;

  std::array<musig2::PublicNonce, 2> nonces{public_nonce_, response->card_nonce};
  const auto aggregate_nonce = musig2::aggregate_nonces(curve, nonces);
  if (!aggregate_nonce) return false;
  const auto session = musig2::Session::create(curve, context, *aggregate_nonce, review.message_hash);
  if (!session) return false;
  const auto own = musig2::sign(curve, std::move(nonce_), wallet_share_, context, *session);
  if (!own) return false;
  const std::array<musig2::PartialSignature, 2> partials{*own, response->partial_signature};
  const auto signature = musig2::aggregate_partials(context, *session, partials);
  return signature && crypto::schnorr_verify(review.input_key.output_key, review.message_hash, *signature).ok();
}

int Bench::last_refusal() const {
  if (wire.sent.empty()) return 0;
  const auto refusal = contract::Refusal::decode(wire.sent.back());
  return refusal ? refusal->reason : 0;
}

}  // namespace touchstone::firmware::testing
