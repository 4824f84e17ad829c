// Signing: review, pages, hold, capture, secret, share, MuSig2.
#include "app/card_app.h"
#include "biometrics/converter.h"
#include "chain/share.h"
#include "crypto/point.h"
#include "mpc/musig2_keys.h"
#include "mpc/musig2_nonce.h"
#include "mpc/musig2_session.h"

namespace touchstone::firmware {
namespace musig2 = mpc::musig2;

namespace {

/// The account's keys in the order both sides use.
std::array<musig2::PublicKey, 2> sorted_keys(const EnrolmentRecord& record) {
  std::array<musig2::PublicKey, 2> keys{record.card_public_key, record.wallet_public_key};
  musig2::sort_keys(keys);
  return keys;
}

}  // namespace

Result<chain::AccountKeys> CardApp::account_keys() {
  const auto aggregate = musig2::KeyAggContext::create(curve_, sorted_keys(*record_));
  if (!aggregate) return aggregate.error();
  return chain::AccountKeys{aggregate->aggregate_point(), record_->network};
}

Result<contract::SignResponse> CardApp::sign(const contract::SignRequest& request) {
  phase_.enter(Phase::kDisplay);
  TS_RETURN_IF_ERROR(musig2::parse_public_nonce(curve_, request.wallet_nonce));
  const auto account = account_keys();
  TS_RETURN_IF_ERROR(account);
  const auto review = chain::review(request.psbt, *account, curve_);
  if (!review) return review.error();
  // The image overwrites the request's bytes. What goes on from here are copies: the review, session and nonce.
  const std::uint32_t session = request.session;
  const ByteArray<66> wallet_nonce = request.wallet_nonce;
  TS_RETURN_IF_ERROR(board_.sensor.start());
  biometrics::Feature& feature = feature_at(0);
  TS_RETURN_IF_ERROR(confirm(*review, feature));

  phase_.enter(Phase::kSecret);
  const auto share = regenerate_share(feature);
  wipe(&feature, sizeof(feature));
  if (share || share.error().code == ErrorCode::kNoMatch) count_try(share.ok());
  TS_RETURN_IF_ERROR(share);
  return co_sign(session, wallet_nonce, *review, *share);
}

Result<contract::SignResponse> CardApp::co_sign(std::uint32_t session, const ByteArray<66>& wallet_nonce,
                                                const chain::PaymentReview& review, const crypto::Scalar& share) {
  std::array<musig2::Tweak, 3> tweaks;
  for (std::size_t i = 0; i < tweaks.size(); ++i)
    tweaks[i] = {review.input_key.tweaks[i].value, review.input_key.tweaks[i].x_only};
  const auto keys = musig2::aggregate_keys(curve_, sorted_keys(*record_), tweaks);
  if (!keys) return keys.error();
  // Nothing checks the aggregate later: a fault in it would let the share answer for another key. The review made its x
  // on another way; a second aggregation covers y and what follows from it.
  const auto again = musig2::aggregate_keys(curve_, sorted_keys(*record_), tweaks);
  if (!again) return again.error();
  const bool same = crypto::equal(keys->aggregate_point(), again->aggregate_point()) &&
                    keys->negates_keys() == again->negates_keys() && keys->signed_tweak().to_bytes() == again->signed_tweak().to_bytes();
  if (!same || keys->x_only_key() != review.input_key.output_key)
    return Error{ErrorCode::kDevice, "the aggregate key is not the reviewed one"};
  Secret<32> random;
  TS_RETURN_IF_ERROR(board_.entropy.fill(random.expose()));
  const auto signature = musig2::respond(curve_, share, *keys, review.message_hash, wallet_nonce, random.expose());
  TS_RETURN_IF_ERROR(signature);
  TS_RETURN_IF_ERROR(check_link());
  return contract::SignResponse{session, signature->public_nonce, signature->partial_signature};
}

Status CardApp::confirm(const chain::PaymentReview& review, biometrics::Feature& feature) {
  const std::size_t pages = payment_page_count(review);
  std::size_t page = 0;
  HoldAdvice advice = HoldAdvice::kNone;
  std::uint64_t ready_cycles = 0;  // when the page may have been read
  const auto show_page = [&]() -> Status {
    show([&](Canvas& canvas) { draw_payment_page(canvas, review, page, advice); });
    ready_cycles = board_.clock.now_cycles() + limits_.page_cycles;
    return check_link();
  };
  TS_RETURN_IF_ERROR(show_page());
  for (int holds = 0;;) {
    phase_.enter(Phase::kUser);
    // Only a touch that begins on this page is an answer to it.
    TS_RETURN_IF_ERROR(touch_.wait_new_touch(ready_cycles, limits_.user_timeout_cycles));
    const auto gesture = touch_.read_gesture();
    TS_RETURN_IF_ERROR(gesture);
    if (*gesture == Gesture::kTap) {
      page = (page + 1) % pages;
      advice = HoldAdvice::kNone;
      TS_RETURN_IF_ERROR(show_page());
      continue;
    }
    const bool all_seen = page + 1 == pages;  // pages come in order, so on the last one all were shown
    if (!all_seen) continue;
    Status captured = Error{ErrorCode::kPoorQuality, "not held"};
    if (*gesture == Gesture::kHold) captured = capture(feature);
    if (captured || captured.error().code != ErrorCode::kPoorQuality) return captured;
    if (++holds == limits_.holds) return captured;
    TS_RETURN_IF_ERROR(board_.sensor.start());
    advice = *gesture == Gesture::kHold ? HoldAdvice::kClearer : HoldAdvice::kLonger;
    TS_RETURN_IF_ERROR(show_page());
  }
}

Result<crypto::Scalar> CardApp::regenerate_share(const biometrics::Feature& feature) {
  Secret<32> root;
  TS_RETURN_IF_ERROR(biometrics::regenerate(feature, record_->helper, root));
  auto share = chain::derive_share(root, chain::coin_type(record_->network), record_->account, record_->epoch);
  TS_RETURN_IF_ERROR(share);
  const auto public_key = curve_.multiply_base(*share);
  TS_RETURN_IF_ERROR(public_key);
  if (crypto::compress(*public_key) != record_->card_public_key)
    return Error{ErrorCode::kNoMatch, "the share is not the enrolled one"};
  TS_RETURN_IF_ERROR(check_link());
  return share;
}

}  // namespace touchstone::firmware
