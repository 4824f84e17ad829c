// A Wallet Device: it holds Secret A's share, makes payments, and signs them together with one Confirmation Device.
//
// A state machine without threads, clocks or transport: requests come out as bytes, what arrives goes in as bytes, and
// whoever drives it turns outcomes into a screen or into events.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "chain/address.h"
#include "chain/psbt_writer.h"
#include "chain/review.h"
#include "contract/messages.h"
#include "crypto/curve.h"
#include "crypto/point.h"
#include "crypto/scalar.h"
#include "mpc/musig2_session.h"
#include "mpc_session/roots.h"
#include "wallet/card_runs.h"
#include "wallet/lindell_runs.h"

namespace touchstone::wallet {

using chain::ByteVector;

struct WalletConfig {
  chain::Network network = chain::Network::kRegtest;
  std::uint32_t account = 0;
  std::uint32_t epoch = 0;
  /// kMusig2: the account owns Taproot outputs; kDkls23, kLindell17: P2WPKH outputs.
  mpc::Scheme scheme = mpc::Scheme::kMusig2;

  mpc::KeyName key_name() const { return {scheme, chain::coin_type(network), account, epoch}; }
};

/// "musig2", "dkls23", "lindell17"; nothing for any other text.
std::optional<mpc::Scheme> account_scheme_from_string(std::string_view name);

struct PayTo {
  std::string address;
  std::uint64_t amount_sat = 0;
};

/// Spends one coin: recipients and fee, the rest to the account's change address 1/`change_index`.
struct Payment {
  chain::Coin coin;
  std::vector<PayTo> recipients;
  std::uint64_t fee_sat = 0;
  std::uint32_t change_index = 0;
  std::uint32_t lock_time = 0;
};

struct SigningRequest {
  std::uint32_t session = 0;
  ByteVector message;           ///< a contract::SignRequest or EcdsaRequest, encoded
  chain::PaymentReview review;  ///< what the card should show of it
};

/// The Confirmation Device is enrolled; its key is pinned.
struct Paired {
  crypto::CompressedPoint card_key{};
  ByteVector public_key;            ///< of the first receiving address, 0/0: chain::verification_key
  ByteVector record;                ///< the enrolment record, to bring to a borrowed card; opaque here
};
/// The signature verifies (libsecp256k1) and the transaction is complete.
struct Signed {
  std::uint32_t session = 0;
  ByteArray<64> signature{};        ///< BIP340; of ECDSA r and s
  ByteVector public_key;            ///< of the spent output: chain::verification_key
  ByteArray<32> message_hash{};     ///< sighash of BIP341 or BIP143
  std::string txid;                 ///< as explorers print it
  ByteVector raw_transaction;
};
/// The signing key of a Lindell17 account is another one now: LindellRuns::evaluator_key(). Addresses stay.
struct Refreshed {
  std::uint32_t epoch = 0;
};
/// The Confirmation Device said no. The session is over.
struct Refused {
  std::uint32_t session = 0;  ///< 0: pairing, or a refresh
  std::string reason;         ///< "user_refused", ... of contract::Refusal
};
/// Something was wrong with an answer. The session is over; a retry makes a new one.
struct Failed {
  std::uint32_t session = 0;
  Error error{};
};
/// An answer to a session that is over, or to none. Nothing changed.
struct Ignored {
  Error error{};
};
/// The protocol goes on: to be sent, in this order; there may be none.
struct Answers {
  std::vector<ByteVector> messages;
};
using Outcome = std::variant<Paired, Signed, Refreshed, Refused, Failed, Ignored, Answers>;

/// Name of a refusal's reason, "unknown" where the byte means none.
std::string refusal_reason(std::uint8_t reason);

class Wallet {
 public:
  /// Derives the share from Secret A, which is not kept. `curve` must outlive the wallet, and so must `runs`, of the connection
  /// at hand: pairing and signing by DKLs23 need it; and `lindell`, which they need by Lindell17.
  static Result<std::unique_ptr<Wallet>> create(const WalletConfig& config, const Secret<32>& secret_a,
                                                crypto::Curve& curve, EntropySource entropy, CardRuns* runs = nullptr,
                                                LindellRuns* lindell = nullptr);
  ~Wallet() { close_session(); }
  Wallet(const Wallet&) = delete;
  Wallet& operator=(const Wallet&) = delete;

  const crypto::CompressedPoint& public_key() const { return public_key_; }
  bool is_paired() const { return account_.has_value(); }
  bool is_signing() const { return open_.has_value(); }
  /// By Lindell17, in a pairing or a refresh: minutes go by between two messages of the card.
  bool is_making_key() const { return is_lindell() && (pairing_ || refreshing_); }

  /// A contract::PairRequest, for so many touches of each of so many fingers. The next PairResponse is accepted.
  ByteVector pair_request(std::uint8_t touches, std::uint8_t fingers = 1, bool any_order = false);
  /// Pins a key known from before instead of pairing. Errors: kBadFormat and kNotOnCurve, kMismatch (another key is
  /// pinned; or it is the wallet's own), kDevice.
  Status restore_pairing(const crypto::CompressedPoint& untrusted_card_key);

  /// A contract::RefreshRequest: the key of a Lindell17 account is to be renewed. Errors: kState (not paired).
  Result<ByteVector> refresh_request();
  /// Whether that must come before the next payment: there is no Paillier key to sign with.
  bool needs_refresh() const { return is_lindell() && is_paired() && !lindell_->has_key(); }

  /// Session numbers go on above this one, of an earlier life of the wallet.
  void continue_after(std::uint32_t last_session) { last_session_ = last_session; }

  /// Builds the payment, judges it as the card will, and opens a session with a fresh nonce; one still open is dropped.
  /// Errors: kState (not paired), kBadFormat and kMismatch (addresses), kOutOfRange (amounts; change that would be dust),
  /// kTooLarge (does not fit a message), those of chain::review.
  Result<SigningRequest> sign_request(const Payment& payment);

  /// Takes one whole message from the Confirmation Device.
  Outcome on_message(Bytes untrusted_message);

  /// The link broke: destroys the nonce of the open session. Returns that session, 0 where there was none.
  std::uint32_t on_link_lost();

  /// The account both parties know. Errors: kState (not paired).
  Result<chain::AccountKeys> account_keys() const;
  /// Errors: kState (not paired), those of chain::derive_address.
  Result<chain::AddressKey> address_key(chain::AddressPath path) const;
  Result<chain::AddressText> address(chain::AddressPath path) const;

 private:
  struct Open {
    std::uint32_t session;
    ByteVector psbt;
    chain::PaymentReview review;
  };

  Wallet(const WalletConfig& config, const crypto::Scalar& share, const crypto::CompressedPoint& public_key,
         crypto::Curve& curve, EntropySource entropy, CardRuns* runs, LindellRuns* lindell);
  bool is_ecdsa() const { return config_.scheme != mpc::Scheme::kMusig2; }
  bool is_lindell() const { return config_.scheme == mpc::Scheme::kLindell17; }
  void end_runs();
  Result<std::vector<chain::PlannedOutput>> plan_outputs(const Payment& payment) const;
  Result<crypto::Point> joint_key(const crypto::CompressedPoint& untrusted_card_key) const;
  Result<mpc::dkls::SigningKey> ecdsa_key(const crypto::CompressedPoint& untrusted_card_key, const crypto::Scalar& tweak) const;
  Result<mpc::musig2::KeyAggContext> signing_keys(const chain::AddressKey& address) const;
  Result<ByteVector> begin_musig2(std::uint32_t session, const ByteVector& psbt, const chain::PaymentReview& review);
  Result<ByteVector> begin_ecdsa(std::uint32_t session, const ByteVector& psbt, const chain::PaymentReview& review);
  Outcome on_run_message(Bytes untrusted_message);
  /// Whether the run that went with the pairing has shown that the card knows the share of that key.
  bool has_proven(const crypto::CompressedPoint& untrusted_card_key) const;
  Outcome on_pair_response(Bytes untrusted_message);
  Outcome on_sign_response(Bytes untrusted_message);
  Outcome on_refusal(Bytes untrusted_message);
  Outcome fail(Error error);
  void close_session();

  WalletConfig config_;
  crypto::Scalar share_;
  crypto::CompressedPoint public_key_;
  crypto::Curve& curve_;
  EntropySource entropy_;
  mpc::musig2::Initiator initiator_;
  CardRuns* runs_;
  LindellRuns* lindell_;
  Secret<32> hedge_;  // for what the runs draw
  bool pairing_ = false, refreshing_ = false;
  std::optional<crypto::CompressedPoint> card_key_;
  std::optional<chain::AccountKeys> account_;
  std::uint32_t last_session_ = 0;
  std::optional<Open> open_;
};

}  // namespace touchstone::wallet
