// What the card shows before it signs, computed from the very bytes it signs. Freestanding.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "chain/address.h"
#include "chain/keys.h"
#include "chain/psbt.h"

namespace touchstone::chain {

/// Outputs shown one by one; more are refused, so that nothing is paid unseen.
inline constexpr std::size_t kMaxRecipients = 8;
/// Payments spend exactly one output: a signing message carries one nonce.
inline constexpr std::size_t kMaxReviewInputs = 1;
/// Change above this index is shown like any recipient: nobody finds coins again at an absurd index.
inline constexpr std::uint32_t kMaxHiddenChangeIndex = 999'999;
/// A fee is high above both: a tenth of what the recipients get, and this many satoshi.
inline constexpr std::uint64_t kHighFeeFloorSat = 10'000;
inline constexpr std::uint64_t kHighFeeDivisor = 10;

/// What the party knows of its account without asking anybody: from its own enrolment record.
struct AccountKeys {
  /// kTaproot: BIP327 KeyAgg of the sorted keys, plain point. kSegwitV0: the plain sum of the shares' points.
  crypto::Point aggregate_key;
  Network network = Network::kRegtest;
  /// An account has one kind of addresses: coins and change of the other are not its own.
  AddressKind kind = AddressKind::kTaproot;
};

bool is_high_fee(std::uint64_t fee_sat, std::uint64_t total_sat);
/// Bitcoin Core's default dust limit: below what spending the output costs at 3 sat a virtual byte. For scripts with an
/// address, whose length takes one byte.
bool is_dust(std::uint64_t amount_sat, Bytes script);

struct Recipient {
  enum class Kind : std::uint8_t {
    kAddress,  ///< `text` is the address
    kData,     ///< OP_RETURN; `text` is the pushed data: its ASCII characters in quotes, else hexadecimal digits
  };
  Kind kind = Kind::kAddress;
  FixedText<166> text;  ///< 80 bytes of data as hexadecimal digits fit
  std::uint64_t amount_sat = 0;
  bool dust = false;  ///< below the default relay policy's limit for its script: the payment would not be relayed
};

struct PaymentReview {
  Network network = Network::kRegtest;
  std::array<Recipient, kMaxRecipients> recipients{};
  std::size_t recipient_count = 0;
  std::size_t hidden_change_count = 0;
  std::uint64_t input_sat = 0;
  std::uint64_t total_sat = 0;   ///< to the shown recipients
  std::uint64_t change_sat = 0;  ///< to the hidden outputs
  std::uint64_t fee_sat = 0;
  bool high_fee = false;
  std::uint32_t lock_time = 0;  ///< shown when not 0

  // What is signed once the user agrees.
  AddressKey input_key;           ///< of the spent output: its tweaks make the key that signs
  ByteArray<32> message_hash{};   ///< sighash of input 0: BIP341's, for kSegwitV0 BIP143's
  std::uint8_t sighash_type = 0;  ///< DEFAULT or ALL; ALL for kSegwitV0
};

/// Parses and judges a payment. An output is hidden as change only if this function derives its script itself from
/// `account` on chain 1. On the card: about 8 KB of stack, and three base-point multiplications (kSegwitV0: two) for the
/// input and for each output that claims to be change. Errors: those of Psbt::parse; kUnsupported (more than one input,
/// no recipient or more than can be shown, a script without an address, sighash DEFAULT under kSegwitV0); kTooLarge
/// (data too long to show); kMismatch (an input that is not ours); kBadFormat (fields missing); kOutOfRange (outputs
/// above inputs, sums above 21 million bitcoin); kDevice.
Result<PaymentReview> review(Bytes untrusted_psbt, const AccountKeys& account, crypto::Curve& curve);

}  // namespace touchstone::chain
