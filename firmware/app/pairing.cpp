// Pairing: the owner's finger is enrolled, the card's share derived and its public key handed to the wallet.
#include <algorithm>
#include <span>

#include "app/card_app.h"
#include "biometrics/converter.h"
#include "chain/share.h"
#include "crypto/point.h"

namespace touchstone::firmware {
namespace {

using Prompt = contract::simctl::Kind;

/// A finger that has just arrived is still rolling down; the image is better a little later.
constexpr std::uint64_t kSettle_cycles = 150 * kCyclesPerMs;

Result<chain::Network> network_of(std::uint8_t untrusted_value) {
  using Wire = contract::PairRequest::Network;
  switch (static_cast<Wire>(untrusted_value)) {
    case Wire::kMain: return chain::Network::kMain;
    case Wire::kTest: return chain::Network::kTest;
    case Wire::kSignet: return chain::Network::kSignet;
    case Wire::kRegtest: return chain::Network::kRegtest;
  }
  return Error{ErrorCode::kBadFormat, "unknown network"};
}

}  // namespace

Result<contract::PairResponse> CardApp::pair(const contract::PairRequest& request) {
  const auto network = network_of(request.network);
  TS_RETURN_IF_ERROR(network);
  if (request.touches < 1 || request.touches > biometrics::kMaxTouches)
    return Error{ErrorCode::kOutOfRange, "number of touches"};
  TS_RETURN_IF_ERROR(crypto::decompress(curve_, request.wallet_public_key));
  TS_RETURN_IF_ERROR(board_.sensor.start());

  const int touches = request.touches;
  biometrics::Feature* features = nullptr;
  for (int touch = 1; touch <= touches; ++touch) {
    biometrics::Feature& feature = feature_at(touch - 1);
    if (touch == 1) features = &feature;
    TS_RETURN_IF_ERROR(enrol_touch(touch, touches, feature));
  }

  EnrolmentRecord record;
  Secret<32> root, randomness;
  TS_RETURN_IF_ERROR(board_.entropy.fill(randomness.expose()));
  const std::span<biometrics::Feature> enrolled{features, request.touches};
  TS_RETURN_IF_ERROR(biometrics::enrol(enrolled, randomness.expose(), record.helper, root));
  const Status opens = check_touches(enrolled, record.helper);
  wipe(enrolled.data(), enrolled.size_bytes());
  TS_RETURN_IF_ERROR(opens);
  const auto share = chain::derive_share(root, chain::coin_type(*network), request.account, request.epoch);
  TS_RETURN_IF_ERROR(share);
  const auto public_key = curve_.multiply_base(*share);
  TS_RETURN_IF_ERROR(public_key);

  record.card_public_key = crypto::compress(*public_key);
  record.wallet_public_key = request.wallet_public_key;
  record.account = request.account;
  record.epoch = request.epoch;
  record.network = *network;
  TS_RETURN_IF_ERROR(check_link());
  TS_RETURN_IF_ERROR(store_.store(record));
  record_ = record;
  return contract::PairResponse{record.card_public_key};
}

Status CardApp::check_touches(std::span<const biometrics::Feature> touches, const biometrics::HelperData& helper) {
  for (const biometrics::Feature& touch : touches) {
    Secret<32> root;
    if (biometrics::regenerate(touch, helper, root)) return {};
    TS_RETURN_IF_ERROR(wait(board_.clock.now_cycles()));  // radio and display cannot rest as long as all touches take
  }
  return Error{ErrorCode::kNoMatch, "no touch opens the new record"};
}

Status CardApp::enrol_touch(int touch, int touches, biometrics::Feature& feature) {
  const auto page = [&](EnrolStep step) {
    show([&](Canvas& canvas) { draw_enrol(canvas, touch, touches, step); });
  };
  const auto mark = [&](Prompt prompt) {
    const auto kind = static_cast<std::uint32_t>(prompt) << contract::simctl::kMarkKindShift;
    board_.phase.mark(kind | static_cast<std::uint32_t>(touch));
  };
  EnrolStep step = EnrolStep::kTouch;
  for (int attempt = 1;; ++attempt) {
    page(step);
    phase_.enter(Phase::kEnrol);
    TS_RETURN_IF_ERROR(touch_.wait_lift(limits_.user_timeout_cycles));  // only a touch that begins on this page counts
    mark(Prompt::kEnrolTouch);
    TS_RETURN_IF_ERROR(touch_.wait_touch(limits_.user_timeout_cycles));
    TS_RETURN_IF_ERROR(touch_.pause(kSettle_cycles));
    const Status captured = capture(feature);
    const bool unusable = !captured && captured.error().code == ErrorCode::kPoorQuality;
    if (!captured && (!unusable || attempt == limits_.holds)) return captured;
    TS_RETURN_IF_ERROR(board_.sensor.start());
    page(EnrolStep::kLift);
    phase_.enter(Phase::kEnrol);
    mark(Prompt::kEnrolLift);
    TS_RETURN_IF_ERROR(touch_.wait_lift(limits_.user_timeout_cycles));
    if (captured) return {};
    step = EnrolStep::kAgain;
  }
}

}  // namespace touchstone::firmware
