#include "app/card_vault.h"

#include <algorithm>
#include <new>

#include "base/secret.h"
#include "crypto/point.h"
#include "mpc/musig2_keys.h"
#include "mpc/musig2_session.h"
#include "mpc_session/roots.h"

namespace touchstone::firmware {
namespace musig2 = mpc::musig2;

namespace {

constexpr std::size_t align8(std::size_t size) { return (size + 7) / 8 * 8; }
constexpr int kMostFeatures = biometrics::kMaxFingers * biometrics::kMaxTouches;
constexpr std::size_t kFeaturesBytes = align8(kMostFeatures * sizeof(biometrics::Feature));

/// An enrolment is good if one of so many touches opens a record of the others.
constexpr int kTouchesForOneWell = 4;

/// The account's keys in the order both sides use.
std::array<musig2::PublicKey, 2> sorted_keys(const EnrolmentRecord& record) {
  std::array<musig2::PublicKey, 2> keys{record.card_public_key, record.wallet_public_key};
  musig2::sort_keys(keys);
  return keys;
}

}  // namespace

CardVault::CardVault(const VaultBoard& board, const VaultLimits& limits)
    : board_(board), limits_(limits), phase_(board_.phase), curve_(board_.curve, phase_), store_(board_.flash),
      runs_(curve_, board_.entropy, board_.arena, board_.hedge), paillier_(board_.flash),
      lindell_(curve_, board_.entropy, paillier_, board_.fiber, board_.arena), channel_(curve_, board_.entropy, board_.hedge) {
  TS_CHECK(board_.arena.size() >= arena_bytes(board_.sensor.geometry()), "the arena is too small for this sensor");
  TS_CHECK(reinterpret_cast<std::uintptr_t>(board_.arena.data()) % 16 == 0, "the arena is not aligned");
  own_ = store_.load();
}

std::size_t CardVault::arena_bytes(FingerSensor::Geometry geometry) {
  const std::size_t touches = kFeaturesBytes + std::max(align8(biometrics::extract_work_bytes(geometry.width_px, geometry.height_px)),
                                                        align8(biometrics::converter_work_bytes()));
  return std::max({touches, WalletRuns::kArenaBytes, LindellRuns::kArenaBytes});
}

biometrics::Feature& CardVault::new_feature(int index) {
  TS_CHECK(index >= 0 && index < kMostFeatures, "no such touch");
  return *new (board_.arena.data() + static_cast<std::size_t>(index) * sizeof(biometrics::Feature)) biometrics::Feature;
}

std::span<const biometrics::Feature> CardVault::features() const {
  return {std::launder(reinterpret_cast<const biometrics::Feature*>(board_.arena.data())), static_cast<std::size_t>(touches_)};
}

MutableBytes CardVault::image_area() { return work_area().first(board_.sensor.geometry().size_bytes()); }

MutableBytes CardVault::work_area() { return board_.arena.subspan(kFeaturesBytes); }

int CardVault::touches_wanted() const {
  if (enrolling_) return order_.fingers * order_.touches;
  return current() != nullptr ? current()->helper.fingers : 1;
}

biometrics::EnrolmentTouches CardVault::enrolment() const { return {features(), order_.fingers, order_.any_order}; }

const EnrolmentRecord* CardVault::current() const { return guest_ ? &*guest_ : own_ ? &*own_ : nullptr; }

Status CardVault::check_display() {
  if (!display_present()) return Error{ErrorCode::kNoDisplay, "the display is not connected"};
  return {};
}

Result<EnrolmentRecord::Body> CardVault::record() {
  if (!own_) return Error{ErrorCode::kState, "not enrolled"};
  return own_->serialize();
}

Status CardVault::capture() {
  if (stage_ > Stage::kTouched || run_occupies_arena()) return kNotNow;
  if (stage_ == Stage::kTouched) drop_features();
  stage_ = Stage::kEmpty;
  advice_ = biometrics::Advice::kNone;
  const Status taken = take_image();
  if (!taken) {
    wipe(image_area().data(), image_area().size());
    return taken;
  }
  if (touches_ == 0) captured_cycles_ = board_.clock.now_cycles();
  stage_ = Stage::kImage;
  return {};
}

Status CardVault::take_image() {
  TS_RETURN_IF_ERROR(board_.sensor.capture(image_area()));
  // Rows are scanned one after another: if the finger is still there, it was there for all of them.
  const auto present = board_.sensor.finger_present();
  TS_RETURN_IF_ERROR(present);
  if (!*present) return Error{ErrorCode::kPoorQuality, "the finger was lifted"};
  return board_.sensor.sleep();  // computing takes longer than everything the sensor does
}

Result<biometrics::Quality> CardVault::extract() {
  if (stage_ != Stage::kImage || run_occupies_arena()) return kNotNow;
  stage_ = Stage::kEmpty;
  if (touches_ >= touches_wanted()) {
    wipe(image_area().data(), image_area().size());
    return kNotNow;
  }
  biometrics::Feature& touch = new_feature(touches_);
  const FingerSensor::Geometry geometry = board_.sensor.geometry();
  const Status extracted = biometrics::extract({image_area(), geometry.width_px, geometry.height_px}, work_area(), touch);
  wipe(image_area().data(), image_area().size());
  advice_ = biometrics::advise(touch.quality, extracted.ok());
  const bool follows_one = enrolling_ && touches_ % order_.touches != 0;
  if (extracted && follows_one && biometrics::nearly_same(touch, features().back())) advice_ = biometrics::Advice::kMove;
  if (!extracted) wipe(&touch, sizeof(touch));
  TS_RETURN_IF_ERROR(extracted);
  ++touches_;
  if (!enrolling_ && touches_ == touches_wanted()) stage_ = Stage::kTouched;
  return touch.quality;
}

Status CardVault::enrol_begin(const EnrolOrder& order) {
  end_runs();
  forget_touches();
  // Anybody in radio range can ask: only a card without a share makes one.
  if (own_ || guest_) return Error{ErrorCode::kState, "enrolled already"};
  if (!channel_.wallet()) return Error{ErrorCode::kState, "no channel"};
  TS_RETURN_IF_ERROR(check_display());
  if (order.touches < 1 || order.touches > biometrics::kMaxTouches) return Error{ErrorCode::kOutOfRange, "number of touches"};
  if (order.fingers < 1 || order.fingers > biometrics::kMaxFingers) return Error{ErrorCode::kOutOfRange, "number of fingers"};
  if (order.any_order && order.fingers == 1) return Error{ErrorCode::kOutOfRange, "one finger has no order"};
  if (order.network > chain::Network::kRegtest) return Error{ErrorCode::kBadFormat, "unknown network"};
  TS_RETURN_IF_ERROR(mpc::account_scheme(static_cast<std::uint8_t>(order.scheme)));
  constexpr std::uint32_t kLastFirstEpoch = 0x7FFF'FFFF;  // every renewal takes the next one
  if (order.scheme == mpc::Scheme::kLindell17 && order.epoch > kLastFirstEpoch) return Error{ErrorCode::kOutOfRange, "no epochs are left"};
  TS_RETURN_IF_ERROR(crypto::decompress(curve_, order.wallet_public_key));
  order_ = order;
  enrolling_wallet_ = *channel_.wallet();
  enrolling_ = true;
  return {};
}

Status CardVault::enrol_make() {
  if (!enrolling_ || touches_ != touches_wanted() || stage_ != Stage::kEmpty) return kNotNow;
  Secret<32> randomness;
  TS_RETURN_IF_ERROR(board_.entropy.fill(randomness.expose()));
  TS_RETURN_IF_ERROR(biometrics::enrol(enrolment(), randomness.expose(), work_area(), helper_, root_));
  rehearsed_ = rehearsed_well_ = 0;
  stage_ = Stage::kMade;
  return {};
}

// A touch opens a record that it is part of, whoever's it is: only a record of the others tells how the finger will fare later, and one
// finger from several. Few touches make a worse record than all of them, and there are three tries: a quarter is enough.
Result<bool> CardVault::enrol_check() {
  if (stage_ != Stage::kMade) return kNotNow;
  if (rehearsed_ < order_.touches) {
    Secret<32> randomness;
    TS_RETURN_IF_ERROR(board_.entropy.fill(randomness.expose()));
    const Status opened = biometrics::rehearse(enrolment(), rehearsed_++, randomness.expose(), work_area());
    if (!opened && opened.error().code != ErrorCode::kNoMatch) return opened.error();
    if (opened) ++rehearsed_well_;
    return false;
  }
  if (kTouchesForOneWell * rehearsed_well_ < order_.touches) {
    forget_touches();
    return Error{ErrorCode::kNoMatch, "the touches do not open a record of each other"};
  }
  Secret<32> root;
  const Status opened = biometrics::reopen(enrolment(), helper_, work_area(), root);
  if (!opened || !equal_constant_time(root.expose(), root_.expose())) {
    forget_touches();
    return Error{ErrorCode::kDevice, "the new record does not open"};
  }
  drop_features();
  stage_ = Stage::kOpened;
  return true;
}

Result<EnrolmentRecord::Body> CardVault::enrol_store() {
  if (stage_ != Stage::kOpened) return kNotNow;
  stage_ = Stage::kEmpty;
  if (const Status display = check_display(); !display) {
    forget_touches();
    return display.error();
  }
  EnrolmentRecord record = new_record();
  const auto share = mpc::derive_share(root_, record.key_name());
  root_.wipe_now();
  TS_RETURN_IF_ERROR(share);
  const auto public_key = curve_.multiply_base(*share);
  TS_RETURN_IF_ERROR(public_key);
  // An additive key: each side must have shown that it knows its share, or one could be chosen by the other's.
  record.card_public_key = crypto::compress(*public_key);
  const Status agreed = check_agreed(record, *public_key);
  end_runs();
  if (!agreed) {
    forget_touches();
    return agreed.error();
  }
  forget_touches();
  TS_RETURN_IF_ERROR(store_.store(record));
  own_ = record;
  return record.serialize();
}

EnrolmentRecord CardVault::new_record() const {
  EnrolmentRecord record;
  record.helper = helper_;
  record.wallet_public_key = order_.wallet_public_key;
  record.wallet_channel_key = enrolling_wallet_;
  record.account = order_.account;
  record.epoch = order_.epoch;
  record.network = order_.network;
  record.scheme = order_.scheme;
  return record;
}

Status CardVault::pin_wallet() {
  if (!own_ || guest_ || !channel_.wallet()) return kNotNow;
  if (serves_this_wallet()) return {};
  if (!opened_by_touch_) TS_RETURN_IF_ERROR(use_touch(own_->scheme, true));
  opened_by_touch_ = false;
  EnrolmentRecord record = *own_;
  record.wallet_channel_key = *channel_.wallet();
  TS_RETURN_IF_ERROR(store_.store(record));
  own_ = record;
  return {};
}

bool CardVault::serves_this_wallet() const {
  return guest_ || (own_ && channel_.wallet() && *channel_.wallet() == own_->wallet_channel_key);
}

Result<PartialSignature> CardVault::sign(const SignOrder& order) {
  const auto share = use_touch(mpc::Scheme::kMusig2);
  TS_RETURN_IF_ERROR(share);
  return co_sign(order, *current(), *share);
}

Result<crypto::Scalar> CardVault::use_touch(mpc::Scheme scheme, bool for_any_wallet) {
  Secret<32> root;
  return use_touch(scheme, for_any_wallet, root);
}

/// Root and share of the current record from the touches, which are used up.
Result<crypto::Scalar> CardVault::use_touch(mpc::Scheme scheme, bool for_any_wallet, Secret<32>& root) {
  const std::uint64_t life_cycles = limits_.touch_life_cycles * static_cast<std::uint64_t>(touches_);
  const bool touched = stage_ == Stage::kTouched && board_.clock.now_cycles() - captured_cycles_ <= life_cycles;
  const EnrolmentRecord* record = current();
  const auto share = [&]() -> Result<crypto::Scalar> {
    if (!for_any_wallet && !serves_this_wallet()) return kNotNow;
    if (!touched || record == nullptr || record->scheme != scheme || board_.clock.now_cycles() < next_try_cycles_) return kNotNow;
    TS_RETURN_IF_ERROR(check_display());
    return regenerate_share(*record, root);
  }();
  forget_touches();  // one try and one signature an image
  if (share || share.error().code == ErrorCode::kNoMatch) count_try(share.ok());
  opened_by_touch_ = share.ok();
  return share;
}

Result<crypto::Scalar> CardVault::regenerate_share(const EnrolmentRecord& record, Secret<32>& root) {
  TS_RETURN_IF_ERROR(biometrics::regenerate(features(), record.helper, work_area(), root));
  auto share = mpc::derive_share(root, record.key_name());
  TS_RETURN_IF_ERROR(share);
  const auto public_key = curve_.multiply_base(*share);
  TS_RETURN_IF_ERROR(public_key);
  if (crypto::compress(*public_key) != record.card_public_key)
    return Error{ErrorCode::kNoMatch, "the share is not the enrolled one"};
  return share;
}

Result<PartialSignature> CardVault::co_sign(const SignOrder& order, const EnrolmentRecord& record, const crypto::Scalar& share) {
  std::array<musig2::Tweak, 3> tweaks;
  for (std::size_t i = 0; i < tweaks.size(); ++i) tweaks[i] = {order.tweaks[i].value, order.tweaks[i].x_only != 0};
  const auto keys = musig2::aggregate_keys(curve_, sorted_keys(record), tweaks);
  if (!keys) return keys.error();
  // Nothing checks the aggregate later: a fault in it would let the share answer for another key. The review made its x
  // on another way; a second aggregation covers y and what follows from it.
  const auto again = musig2::aggregate_keys(curve_, sorted_keys(record), tweaks);
  if (!again) return again.error();
  const auto own_coefficient = [&](const musig2::KeyAggContext& context) {
    return context.coefficient(context.find(record.card_public_key).value_or(0)).to_bytes();
  };
  const bool same = crypto::equal(keys->aggregate_point(), again->aggregate_point()) &&
                    keys->negates_keys() == again->negates_keys() && keys->signed_tweak().to_bytes() == again->signed_tweak().to_bytes() &&
                    own_coefficient(*keys) == own_coefficient(*again);
  if (!same) return Error{ErrorCode::kDevice, "the aggregate key is not the same twice"};
  if (keys->x_only_key() != order.output_key) return Error{ErrorCode::kMismatch, "the aggregate key is not the reviewed one"};
  Secret<32> random;
  TS_RETURN_IF_ERROR(board_.entropy.fill(random.expose()));
  const auto signature = musig2::respond(curve_, share, *keys, order.message_hash, order.wallet_nonce, random.expose());
  TS_RETURN_IF_ERROR(signature);
  return PartialSignature{signature->public_nonce, signature->partial_signature};
}

void CardVault::count_try(bool matched) {
  // A guest's match pardons nothing: else who has a finger and a record of his own could try on and on in between.
  if (matched) {
    if (!guest_) failed_tries_ = 0;
    return;
  }
  if (++failed_tries_ < limits_.free_tries) return;
  std::uint64_t delay = limits_.first_delay_cycles;
  for (int i = limits_.free_tries; i < failed_tries_ && delay < limits_.longest_delay_cycles; ++i) delay *= 2;
  next_try_cycles_ = board_.clock.now_cycles() + std::min(delay, limits_.longest_delay_cycles);
}

Status CardVault::accept_guest(const EnrolmentRecord::Body& untrusted_record) {
  dismiss_guest();
  const auto record = EnrolmentRecord::parse(untrusted_record);
  TS_RETURN_IF_ERROR(record);
  if (record->scheme == mpc::Scheme::kLindell17) return Error{ErrorCode::kUnsupported, "the account's Paillier key is on its own card"};
  TS_RETURN_IF_ERROR(crypto::decompress(curve_, record->card_public_key));
  TS_RETURN_IF_ERROR(crypto::decompress(curve_, record->wallet_public_key));
  // The own record in another shape would be a way around its phone.
  if (own_ && record->card_public_key == own_->card_public_key && !serves_this_wallet()) return kNotNow;
  guest_ = *record;
  return {};
}

void CardVault::dismiss_guest() {
  end_runs();  // for that record
  forget_touches();
  guest_.reset();
}

void CardVault::forget_touches() {
  if (run_occupies_arena()) end_runs();  // what is wiped here would be its
  drop_features();
  if (stage_ == Stage::kImage) wipe(image_area().data(), image_area().size());
  root_.wipe_now();
  stage_ = Stage::kEmpty;
  enrolling_ = false;
}

void CardVault::drop_features() {
  wipe(board_.arena.data(), kFeaturesBytes);
  touches_ = 0;
}

void CardVault::forget() {
  opened_by_touch_ = false;
  end_runs();
  forget_touches();
  static_cast<void>(board_.sensor.sleep());
  wipe(board_.arena.data(), board_.arena.size());
  if (board_.scrub_stack != nullptr) board_.scrub_stack();
}

}  // namespace touchstone::firmware
