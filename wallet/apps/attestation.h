// The wallet's side of a card's identity: is this a card of the vendor, with firmware the wallet trusts? And sending such a
// card a new firmware. Pure logic, no transport, no clock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "contract/messages.h"
#include "crypto/point.h"

namespace touchstone::wallet {

/// What the wallet asks of a card beyond the vendor's signature.
struct AttestationPolicy {
  std::uint32_t min_version = 1;  ///< of the firmware
  bool allow_debug = false;       ///< cards whose debug port is open
};

struct AttestedCard {
  crypto::XOnlyPoint device_key{};  ///< this very card
  std::uint32_t version = 0;
  ByteArray<32> firmware_sha256{};
  contract::AttestResponse::Lifecycle lifecycle = contract::AttestResponse::Lifecycle::kDebug;
};

/// Judges the answer to `challenge`, asked on the channel of that binding (zeros: on none). Errors, in this order: kBadFormat (no such lifecycle), kBadSignature (the device
/// certificate is not the vendor's; the alias certificate is not the device's; the challenge is not signed by the alias key:
/// the sentence says which), kUnsupported (debug port open), kOutOfRange (firmware too old).
Result<AttestedCard> verify_attestation(const contract::AttestResponse& untrusted_response, const ByteArray<32>& challenge,
                                        const ByteArray<32>& channel_binding, const crypto::XOnlyPoint& vendor_key, const AttestationPolicy& policy = {});

/// Sends one signed image to a card, piece by piece. begin() first; every UpdateStatus or Refusal of the card goes to
/// on_message(), which gives the next message to send.
class UpdateSender {
 public:
  /// Errors: kBadFormat, kTooLarge: this is no whole signed image (the card judges the signature).
  static Result<UpdateSender> create(std::vector<std::uint8_t> image);

  enum class State {
    kReady,    ///< nothing was sent
    kSending,  ///< a message is to be sent, or an answer awaited
    kStaged,   ///< the card has the image and restarts
    kRefused,  ///< by the card or its owner: why()
    kFailed,   ///< the card's answer makes no sense: why()
  };
  State state() const { return state_; }
  std::string why() const { return why_; }
  std::uint32_t version() const { return version_; }
  std::uint32_t sent_bytes() const { return sent_bytes_; }
  std::uint32_t image_bytes() const { return static_cast<std::uint32_t>(image_.size()); }

  /// An UpdateBegin; starts over.
  std::vector<std::uint8_t> begin();
  /// The card's answer. Returns the next UpdateData, or nothing when state() says the end.
  std::vector<std::uint8_t> on_message(Bytes untrusted_message);

 private:
  UpdateSender(std::vector<std::uint8_t> image, std::uint32_t version) : image_(std::move(image)), version_(version) {}
  std::vector<std::uint8_t> end(State state, std::string why);

  std::vector<std::uint8_t> image_;
  std::uint32_t version_ = 0;
  std::uint32_t sent_bytes_ = 0;  // also the offset the card must ask for
  State state_ = State::kReady;
  std::string why_;
};

}  // namespace touchstone::wallet
