// Inputs and actions of an Agent as frames between a simulation and a wallet's program (core/contract/lockstep.jsonc).
// Both sides parse strictly: the first thing wrong ends the conversation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "wallet/agent.h"

namespace touchstone::wallet::lockstep {

constexpr std::uint8_t kVersion = 3;
constexpr std::size_t kHeaderBytes = 4;
constexpr std::size_t kMaxRecipients = 64;
constexpr std::size_t kMaxImageBytes = 1 << 20;
/// More frames than any honest answer has.
constexpr std::size_t kMaxAnswerFrames = 1000;

/// Bytes of the frame after its header. Errors: kBadFormat (0), kTooLarge (longer than any message).
Result<std::size_t> frame_bytes(const ByteArray<kHeaderBytes>& untrusted_header);

/// One input as whole frames. That of a Start holds Secret A: wipe it after use.
ByteVector encode(const Input& input);
/// An answer as whole frames, Done included. TS_CHECKs that every action fits.
ByteVector encode(const Actions& actions);

/// Takes frames (without their headers) one by one.
class InputDecoder {
 public:
  /// The input when this frame completes one. Errors: kBadFormat, kTooLarge, kUnsupported (another protocol version).
  Result<std::optional<Input>> take(Bytes untrusted_frame);

 private:
  std::vector<PayTo> recipients_;
  ByteVector image_;
};

class AnswerDecoder {
 public:
  /// True when this frame was the last. Errors: kBadFormat, kTooLarge.
  Result<bool> take(Bytes untrusted_frame);
  Actions& actions() { return actions_; }

 private:
  Actions actions_;
  std::size_t frames_ = 0, fields_due_ = 0;
};

/// Whether `untrusted_event` stands in the contract's event table with these fields in this order, and is the wallet's to
/// report: wallet.*, without wallet.program, which tells about the program itself. Errors: kBadFormat.
Status check_event(const Event& untrusted_event);

}  // namespace touchstone::wallet::lockstep
