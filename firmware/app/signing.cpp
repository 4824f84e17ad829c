// Signing: review, pages, hold, capture; the vault does the rest.
#include "app/card_app.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "mpc/musig2_keys.h"
#include "mpc/musig2_nonce.h"

namespace touchstone::firmware {
namespace musig2 = mpc::musig2;

Result<contract::SignResponse> CardApp::sign(const contract::SignRequest& request, const EnrolmentRecord& record) {
  phase_.enter(Phase::kDisplay);
  if (record.scheme != mpc::Scheme::kMusig2) return Error{ErrorCode::kUnsupported, "the account signs by another scheme"};
  TS_RETURN_IF_ERROR(check_display());
  crypto::Curve& curve = board_.vault.public_curve();
  TS_RETURN_IF_ERROR(musig2::parse_public_nonce(curve, request.wallet_nonce));
  std::array<musig2::PublicKey, 2> keys{record.card_public_key, record.wallet_public_key};
  musig2::sort_keys(keys);
  const auto aggregate = musig2::KeyAggContext::create(curve, keys);
  if (!aggregate) return aggregate.error();
  const auto review = chain::review(request.psbt, {aggregate->aggregate_point(), record.network}, curve);
  if (!review) return review.error();
  TS_RETURN_IF_ERROR(board_.vault.touch_sensor().start());
  SignOrder order;
  order.message_hash = review->message_hash;
  order.wallet_nonce = request.wallet_nonce;
  order.output_key = review->input_key.output_key;
  for (std::size_t i = 0; i < order.tweaks.size(); ++i) {
    const auto& tweak = review->input_key.tweaks[i];
    order.tweaks[i] = {tweak.value, static_cast<std::uint8_t>(tweak.x_only ? 1 : 0)};
  }
  Result<PartialSignature> signature = Error{ErrorCode::kState, "not signed"};
  TS_RETURN_IF_ERROR(with_fingers([&](HoldAdvice advice) { return confirm(*review, advice); }, [&]() -> Status {
    phase_.enter(Phase::kSecret);
    signature = board_.vault.sign(order);
    return signature ? Status() : Status(signature.error());
  }));
  TS_RETURN_IF_ERROR(check_link());
  return contract::SignResponse{request.session, signature->card_nonce, signature->signature};
}

Status CardApp::sign_ecdsa(Bytes untrusted_psbt, const EnrolmentRecord& record) {
  phase_.enter(Phase::kDisplay);
  const bool by_lindell = record.scheme == mpc::Scheme::kLindell17;
  if (record.scheme != mpc::Scheme::kDkls23 && !by_lindell) return Error{ErrorCode::kUnsupported, "the account signs by another scheme"};
  TS_RETURN_IF_ERROR(check_display());
  crypto::Curve& curve = board_.vault.public_curve();
  crypto::Point wallet_point, card_point, key;
  TS_ASSIGN_OR_RETURN(wallet_point, crypto::decompress(curve, record.wallet_public_key));
  TS_ASSIGN_OR_RETURN(card_point, crypto::decompress(curve, record.card_public_key));
  TS_ASSIGN_OR_RETURN(key, curve.add(wallet_point, card_point));
  const auto review = chain::review(untrusted_psbt, {key, record.network, chain::AddressKind::kSegwitV0}, curve);
  if (!review) return review.error();
  EcdsaOrder& order = running_.order;
  crypto::Scalar tweak;
  TS_ASSIGN_OR_RETURN(tweak, chain::sum_of_steps(review->input_key));
  order = {review->message_hash, tweak.to_bytes(), review->input_key.public_key};
  TS_RETURN_IF_ERROR(board_.vault.touch_sensor().start());
  if (!by_lindell) begin_run(board_.vault.has_setup() ? Run::kSign : Run::kSetUp);  // it goes on while the owner reads
  return with_fingers([&](HoldAdvice advice) { return confirm(*review, advice); }, [&]() -> Status {
    if (by_lindell) {  // all of it needs the owner's root
      if (!running_.run) begin_run(Run::kSign);
      return await_run(RunState::kDone);
    }
    phase_.enter(Phase::kSecret);
    TS_RETURN_IF_ERROR(board_.vault.sign_ecdsa());  // what is prepared outlives fingers that are not known
    running_.state = RunState::kGoing;
    return await_run(RunState::kDone);
  });
}

Status CardApp::confirm(const chain::PaymentReview& review, HoldAdvice advice) {
  const std::size_t pages = payment_page_count(review);
  std::size_t page = advice == HoldAdvice::kUnknown ? pages - 1 : 0;
  std::uint64_t ready_cycles = 0;  // when the page may have been read
  const auto show_page = [&]() -> Status {
    show([&](Canvas& canvas) { draw_payment_page(canvas, review, page, advice, has_guest()); });
    ready_cycles = board_.clock.now_cycles() + limits_.page_cycles;
    return check_link();
  };
  TS_RETURN_IF_ERROR(show_page());
  for (int holds = 0;;) {
    phase_.enter(Phase::kUser);
    // Only a touch that begins on this page is an answer to it.
    TS_RETURN_IF_ERROR(touch_.wait_new_touch(ready_cycles, limits_.user_timeout_cycles));
    gesture_goes_on_ = true;
    const auto gesture = touch_.read_gesture();
    gesture_goes_on_ = false;
    TS_RETURN_IF_ERROR(gesture);
    if (*gesture == Gesture::kTap) {
      page = (page + 1) % pages;
      if (page + 1 == pages && running_.run && running_.state != RunState::kPrepared) {
        advice = HoldAdvice::kWait;
        TS_RETURN_IF_ERROR(show_page());
        TS_RETURN_IF_ERROR(await_run(RunState::kPrepared));
      }
      advice = HoldAdvice::kNone;
      TS_RETURN_IF_ERROR(show_page());
      continue;
    }
    const bool all_seen = page + 1 == pages;  // pages come in order, so on the last one all were shown
    if (!all_seen) continue;
    Status captured = Error{ErrorCode::kPoorQuality, "not held"};
    if (*gesture == Gesture::kHold) captured = capture();
    if (captured || captured.error().code != ErrorCode::kPoorQuality) return captured;
    if (++holds == limits_.holds) return captured;
    TS_RETURN_IF_ERROR(board_.vault.touch_sensor().start());
    advice = *gesture == Gesture::kHold ? HoldAdvice::kClearer : HoldAdvice::kLonger;
    TS_RETURN_IF_ERROR(show_page());
  }
}

}  // namespace touchstone::firmware
