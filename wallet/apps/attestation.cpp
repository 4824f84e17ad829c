#include "wallet/attestation.h"

#include <algorithm>
#include <utility>

#include "curve_host/host_curve.h"
#include "identity/identity.h"
#include "signed_image/image_header.h"
#include "wallet/wallet.h"

namespace touchstone::wallet {

using contract::AttestResponse;

Result<AttestedCard> verify_attestation(const AttestResponse& untrusted_response, const ByteArray<32>& challenge,
                                        const ByteArray<32>& channel_binding, const crypto::XOnlyPoint& vendor_key, const AttestationPolicy& policy) {
  const AttestResponse& r = untrusted_response;
  const auto lifecycle = static_cast<AttestResponse::Lifecycle>(r.lifecycle);
  if (lifecycle != AttestResponse::Lifecycle::kProduction && lifecycle != AttestResponse::Lifecycle::kDebug)
    return Error{ErrorCode::kBadFormat, "the card names no known lifecycle"};
  if (!crypto::schnorr_verify(vendor_key, identity::device_certificate_digest(r.device_key), r.device_certificate))
    return Error{ErrorCode::kBadSignature, "the device certificate is not the vendor's"};
  const identity::Measurement measurement{r.firmware_sha256, r.version, lifecycle};
  if (!crypto::schnorr_verify(r.device_key, identity::alias_certificate_digest(measurement, r.alias_key), r.alias_certificate))
    return Error{ErrorCode::kBadSignature, "the alias certificate is not this device's"};
  if (!crypto::schnorr_verify(r.alias_key, identity::attestation_digest(challenge, channel_binding, r), r.signature))
    return Error{ErrorCode::kBadSignature, "challenge and channel are not signed by the attested key"};
  if (lifecycle == AttestResponse::Lifecycle::kDebug && !policy.allow_debug)
    return Error{ErrorCode::kUnsupported, "the card's debug port is open"};
  if (r.version < policy.min_version) return Error{ErrorCode::kOutOfRange, "the card's firmware is too old"};
  return AttestedCard{r.device_key, r.version, r.firmware_sha256, lifecycle};
}

Result<UpdateSender> UpdateSender::create(std::vector<std::uint8_t> image) {
  const auto header = firmware::ImageHeader::parse(image);
  TS_RETURN_IF_ERROR(header);
  if (image.size() != header->image_bytes())
    return Error{ErrorCode::kBadFormat, "the file is not as long as its header says"};
  return UpdateSender(std::move(image), header->version);
}

std::vector<std::uint8_t> UpdateSender::begin() {
  state_ = State::kSending;
  sent_bytes_ = 0;
  why_.clear();
  contract::UpdateBegin message;
  message.image_bytes = image_bytes();
  message.version = version_;
  ByteArray<contract::UpdateBegin::kMaxBytes> buffer;
  const Bytes encoded = message.encode(buffer).value();
  return {encoded.begin(), encoded.end()};
}

std::vector<std::uint8_t> UpdateSender::end(State state, std::string why) {
  state_ = state;
  why_ = std::move(why);
  return {};
}

std::vector<std::uint8_t> UpdateSender::on_message(Bytes untrusted_message) {
  if (state_ != State::kSending) return {};
  if (const auto refusal = contract::Refusal::decode(untrusted_message))
    return end(State::kRefused, refusal_reason(refusal->reason));
  const auto status = contract::UpdateStatus::decode(untrusted_message);
  if (!status) return end(State::kFailed, "the card answered with something else");
  using CardState = contract::UpdateStatus::State;
  switch (static_cast<CardState>(status->state)) {
    case CardState::kRefused: return end(State::kRefused, "the card refused the image");
    case CardState::kStaged:
      if (sent_bytes_ != image_.size()) return end(State::kFailed, "the card has staged what was not sent");
      return end(State::kStaged, {});
    case CardState::kReceiving: break;
    default: return end(State::kFailed, "the card names no known state");
  }
  if (status->next_offset != sent_bytes_ || sent_bytes_ == image_.size())
    return end(State::kFailed, "the card asks for another piece than the next");
  constexpr std::size_t kPieceBytes = 2048;  // bytes<=2048 of UpdateData
  contract::UpdateData data;
  data.offset = sent_bytes_;
  data.data = Bytes(image_).subspan(sent_bytes_, std::min(kPieceBytes, image_.size() - sent_bytes_));
  sent_bytes_ += static_cast<std::uint32_t>(data.data.size());
  ByteArray<contract::UpdateData::kMaxBytes> buffer;
  const Bytes encoded = data.encode(buffer).value();
  return {encoded.begin(), encoded.end()};
}

}  // namespace touchstone::wallet
