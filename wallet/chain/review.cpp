#include "chain/review.h"

#include <algorithm>
#include <optional>

#include "chain/sighash.h"

namespace touchstone::chain {
namespace {

bool equal(Bytes a, Bytes b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

/// Path of a key that claims to be derived from the account's synthetic key.
std::optional<AddressPath> claimed_path(const KeyOrigin& origin, const ByteArray<4>& fingerprint) {
  if (origin.depth != 2 || origin.fingerprint != fingerprint) return std::nullopt;
  const AddressPath path{origin.steps[0], origin.steps[1]};
  if (path.chain > 1 || path.index >= 0x8000'0000U) return std::nullopt;
  return path;
}

/// A key that the PSBT names as the account's. A claim only, judged by deriving it.
struct OwnClaim {
  AddressPath path;
  std::optional<crypto::CompressedPoint> public_key;  ///< of kSegwitV0, where the field's key must be the derived one
};

/// OP_RETURN data as text: printable ASCII in quotes where it is one plain push, else hexadecimal digits.
Result<FixedText<166>> data_text(Bytes script) {
  Bytes data = script.subspan(1);
  const bool plain_push = !data.empty() && data[0] <= 75 && data.size() == std::size_t{data[0]} + 1;
  FixedText<166> text;
  const auto printable = [](std::uint8_t b) { return b >= 32 && b < 127 && b != '"'; };
  if (plain_push && data[0] > 0 && std::all_of(data.begin() + 1, data.end(), printable)) {
    text.append('"');
    for (std::uint8_t b : data.subspan(1)) text.append(static_cast<char>(b));
    text.append('"');
  } else {
    text.append_hex(data);
  }
  if (text.truncated()) return Error{ErrorCode::kTooLarge, "review: data too long to show"};
  return text;
}

Result<Recipient> describe(const TxOutput& output, Network network) {
  Recipient recipient;
  recipient.amount_sat = output.amount_sat;
  constexpr std::uint8_t kOpReturn = 0x6a;
  if (!output.script.empty() && output.script[0] == kOpReturn) {
    recipient.kind = Recipient::Kind::kData;
    const auto text = data_text(output.script);
    if (!text) return text.error();
    recipient.text = *text;
    return recipient;
  }
  const auto address = address_of_script(output.script, network);
  if (!address) return address.error();
  recipient.text.append(address->view());
  recipient.dust = is_dust(output.amount_sat, output.script);
  return recipient;
}

class Reviewer {
 public:
  Reviewer(const Psbt& psbt, const AccountKeys& account, crypto::Curve& curve)
      : psbt_(psbt),
        account_(account),
        curve_(curve),
        fingerprint_(synthetic_extended_key(account.aggregate_key).fingerprint()) {
    review_.network = account.network;
    review_.lock_time = psbt.transaction().lock_time();
  }

  Result<PaymentReview> run() {
    TS_RETURN_IF_ERROR(take_input());
    for (std::size_t i = 0; i < psbt_.output_count(); ++i) TS_RETURN_IF_ERROR(take_output(i));
    if (review_.recipient_count == 0) return Error{ErrorCode::kUnsupported, "review: no recipient"};
    const std::uint64_t spent = review_.total_sat + review_.change_sat;
    if (spent > review_.input_sat) return Error{ErrorCode::kOutOfRange, "review: outputs exceed the input"};
    review_.fee_sat = review_.input_sat - spent;
    review_.high_fee = is_high_fee(review_.fee_sat, review_.total_sat);
    return review_;
  }

 private:
  Status take_input() {
    if (psbt_.input_count() > kMaxReviewInputs) return Error{ErrorCode::kUnsupported, "review: more than one input"};
    // BIP68: such a payment is not valid before its coin has aged. No page shows that.
    constexpr std::uint32_t kLockDisabled = 0x8000'0000U;
    const Transaction& transaction = psbt_.transaction();
    if (transaction.version() >= 2 && (transaction.inputs()[0].sequence & kLockDisabled) == 0)
      return Error{ErrorCode::kUnsupported, "review: relative lock time"};
    constexpr Error kForeign{ErrorCode::kMismatch, "review: the input is not of this account"};
    const auto utxo = psbt_.witness_utxo(0);
    if (!utxo) return Error{ErrorCode::kBadFormat, "review: input without WITNESS_UTXO"};
    std::optional<OwnClaim> claim;
    TS_ASSIGN_OR_RETURN(claim, input_claim());
    std::optional<AddressKey> own;
    TS_ASSIGN_OR_RETURN(own, judge(claim, utxo->script));
    if (!own) return kForeign;

    review_.input_key = *own;
    review_.input_sat = utxo->amount_sat;
    return hash_message(*utxo);
  }

  /// What is signed, the amount of the coin with it: a wallet that lies about that gets a signature of no use.
  Status hash_message(const TxOutput& utxo) {
    const Transaction& tx = psbt_.transaction();
    const std::uint8_t type = psbt_.sighash_type(0).value_or(is_v0() ? kSighashAll : kSighashDefault);
    review_.sighash_type = type;
    if (is_v0()) {
      const auto script_code = p2wpkh_script_code(hash160(review_.input_key.public_key));
      TS_ASSIGN_OR_RETURN(review_.message_hash, segwit_v0_sighash(tx, script_code, utxo.amount_sat, 0, type));
    } else {
      TS_ASSIGN_OR_RETURN(review_.message_hash, taproot_sighash(tx, {&utxo, 1}, 0, type));
    }
    return {};
  }

  /// True if the output pays to the account's own change chain: derived here, whatever the PSBT says.
  Result<bool> is_own_change(std::size_t index, const TxOutput& output) {
    const auto claim = output_claim(index);
    if (!claim || claim->path.chain != 1 || claim->path.index > kMaxHiddenChangeIndex) return false;
    std::optional<AddressKey> own;
    TS_ASSIGN_OR_RETURN(own, judge(claim, output.script));
    return own.has_value();
  }

  Result<std::optional<OwnClaim>> input_claim() const {
    if (is_v0()) return own_claim(psbt_.input_claim(0, fingerprint_));
    const auto internal_key = psbt_.input_internal_key(0);
    if (!internal_key) return Error{ErrorCode::kBadFormat, "review: input without TAP_INTERNAL_KEY"};
    return own_claim(psbt_.input_origin(0, *internal_key));
  }

  std::optional<OwnClaim> output_claim(std::size_t index) const {
    if (is_v0()) return own_claim(psbt_.output_claim(index, fingerprint_));
    const auto internal_key = psbt_.output_internal_key(index);
    if (!internal_key) return std::nullopt;
    return own_claim(psbt_.output_origin(index, *internal_key));
  }

  std::optional<OwnClaim> own_claim(const std::optional<KeyOrigin>& origin) const {
    const auto path = origin ? claimed_path(*origin, fingerprint_) : std::nullopt;
    if (!path) return std::nullopt;
    return OwnClaim{*path, std::nullopt};
  }

  std::optional<OwnClaim> own_claim(const std::optional<KeyClaim>& claim) const {
    const auto path = claim ? claimed_path(claim->origin, fingerprint_) : std::nullopt;
    if (!path) return std::nullopt;
    return OwnClaim{*path, claim->public_key};
  }

  /// The key of `script` if the claim is true: both are derived here. Nothing if it is not.
  Result<std::optional<AddressKey>> judge(const std::optional<OwnClaim>& claim, Bytes script) {
    if (!claim) return std::optional<AddressKey>();
    const auto own = derive_address(account_.aggregate_key, claim->path, curve_, account_.kind);
    if (!own) return own.error();
    const bool key_holds = !claim->public_key || *claim->public_key == own->public_key;
    return key_holds && equal(own->script, script) ? std::optional(*own) : std::nullopt;
  }

  bool is_v0() const { return account_.kind == AddressKind::kSegwitV0; }

  Status take_output(std::size_t index) {
    const TxOutput output = psbt_.transaction().outputs()[index];
    const auto change = is_own_change(index, output);
    if (!change) return change.error();
    if (*change) {
      review_.change_sat += output.amount_sat;
      ++review_.hidden_change_count;
      return {};
    }
    if (review_.recipient_count == kMaxRecipients)
      return Error{ErrorCode::kUnsupported, "review: too many recipients to show"};
    const auto recipient = describe(output, account_.network);
    if (!recipient) return recipient.error();
    review_.recipients[review_.recipient_count++] = *recipient;
    review_.total_sat += output.amount_sat;
    return {};
  }

  const Psbt& psbt_;
  const AccountKeys& account_;
  crypto::Curve& curve_;
  ByteArray<4> fingerprint_;
  PaymentReview review_;
};

}  // namespace

bool is_dust(std::uint64_t amount_sat, Bytes script) {
  const std::uint64_t output_bytes = 8 + 1 + script.size(), spend_bytes = witness_program(script).version >= 0 ? 67 : 148;
  return amount_sat < 3 * (output_bytes + spend_bytes);
}

bool is_high_fee(std::uint64_t fee_sat, std::uint64_t total_sat) {
  return fee_sat > kHighFeeFloorSat && fee_sat > total_sat / kHighFeeDivisor;
}

Result<PaymentReview> review(Bytes untrusted_psbt, const AccountKeys& account, crypto::Curve& curve) {
  if (account.aggregate_key.infinity) return Error{ErrorCode::kInfinity, "review: aggregate key"};
  const auto psbt = Psbt::parse(untrusted_psbt);
  if (!psbt) return psbt.error();
  return Reviewer(*psbt, account, curve).run();
}

}  // namespace touchstone::chain
