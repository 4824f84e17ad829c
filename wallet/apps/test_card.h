// A Confirmation Device in a few lines, for tests: the card's role in the protocol without the card.
#pragma once

#include <array>

#include "chain/review.h"
#include "contract/messages.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_session.h"
#include "mpc_session/roots.h"
#include "wallet/wallet.h"

namespace touchstone::wallet::test {

inline Secret<32> root_of(std::uint8_t fill) {
  Secret<32> root;
  for (std::uint8_t& b : root.expose()) b = fill;
  return root;
}

class TestCard {
 public:
  explicit TestCard(std::uint8_t root_fill = 0xb0, chain::Network network = chain::Network::kRegtest)
      : root_(root_of(root_fill)), network_(network) {}

  /// Answers a PairRequest or a SignRequest; agrees with everything that passes the review.
  ByteVector answer(Bytes request) { return request[0] == contract::PairRequest::kId ? pair(request) : sign(request); }
  const chain::PaymentReview& shown() const { return shown_; }
  const crypto::CompressedPoint& public_key() const { return public_key_; }

 private:
  template <typename Message>
  static ByteVector encode(const Message& message) {
    ByteVector buffer(Message::kMaxBytes);
    buffer.resize(message.encode(buffer).value().size());
    return buffer;
  }

  ByteVector pair(Bytes untrusted_request) {
    const auto request = contract::PairRequest::decode(untrusted_request).value();
    TS_CHECK(request.network == static_cast<std::uint8_t>(network_) + 1, "the wallet names another network");
    share_ = mpc::derive_share(root_, {mpc::Scheme::kMusig2, chain::coin_type(network_), request.account, request.epoch}).value();
    public_key_ = crypto::compress(curve_.multiply_base(share_).value());
    keys_ = {public_key_, request.wallet_public_key};
    mpc::musig2::sort_keys(keys_);
    contract::PairResponse response;
    response.card_public_key = public_key_;
    return encode(response);
  }

  ByteVector sign(Bytes untrusted_request) {
    const auto request = contract::SignRequest::decode(untrusted_request).value();
    const auto aggregate = mpc::musig2::aggregate_keys(curve_, keys_, {}).value();
    const auto review = chain::review(request.psbt, {aggregate.aggregate_point(), network_}, curve_);
    if (!review) {
      contract::Refusal refusal;
      refusal.session = request.session;
      refusal.reason = static_cast<std::uint8_t>(contract::Refusal::Reason::kBadRequest);
      return encode(refusal);
    }
    shown_ = *review;
    std::array<mpc::musig2::Tweak, 3> tweaks{};
    for (std::size_t i = 0; i < 3; ++i)
      tweaks[i] = {review->input_key.tweaks[i].value, review->input_key.tweaks[i].x_only};
    const auto keys = mpc::musig2::aggregate_keys(curve_, keys_, tweaks).value();
    const ByteArray<32> random{};
    const auto partial =
        mpc::musig2::respond(curve_, share_, keys, review->message_hash, request.wallet_nonce, random).value();
    contract::SignResponse response;
    response.session = request.session;
    response.card_nonce = partial.public_nonce;
    response.partial_signature = partial.partial_signature;
    return encode(response);
  }

  crypto::HostCurve curve_;
  Secret<32> root_;
  chain::Network network_;
  crypto::Scalar share_;
  crypto::CompressedPoint public_key_{};
  std::array<mpc::musig2::PublicKey, 2> keys_{};
  chain::PaymentReview shown_;
};

}  // namespace touchstone::wallet::test
