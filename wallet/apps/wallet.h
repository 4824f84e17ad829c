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

namespace touchstone::wallet {

using chain::ByteVector;

/// Fills its argument with uniform bytes: fill_from_system in a real program, a seeded stream in the simulator.
using EntropySource = std::function<void(MutableBytes)>;

struct WalletConfig {
  chain::Network network = chain::Network::kRegtest;
  std::uint32_t account = 0;
  std::uint32_t epoch = 0;
};

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
  ByteVector message;           ///< a contract::SignRequest, encoded
  chain::PaymentReview review;  ///< what the card should show of it
};

/// The Confirmation Device is enrolled; its key is pinned.
struct Paired {
  crypto::CompressedPoint card_key{};
  crypto::XOnlyPoint output_key{};  ///< of the first receiving address, 0/0
  ByteVector record;                ///< the enrolment record, to bring to a borrowed card; opaque here
};
/// The signature verifies (BIP340, libsecp256k1) and the transaction is complete.
struct Signed {
  std::uint32_t session = 0;
  ByteArray<64> signature{};
  crypto::XOnlyPoint output_key{};  ///< BIP340 public key of the spent output
  ByteArray<32> message_hash{};     ///< BIP341 sighash
  std::string txid;                 ///< as explorers print it
  ByteVector raw_transaction;
};
/// The Confirmation Device said no. The session is over.
struct Refused {
  std::uint32_t session = 0;  ///< 0: pairing
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
using Outcome = std::variant<Paired, Signed, Refused, Failed, Ignored>;

/// Name of a refusal's reason, "unknown" where the byte means none.
std::string refusal_reason(std::uint8_t reason);

class Wallet {
 public:
  /// Derives the share from Secret A, which is not kept. `curve` must outlive the wallet.
  static Result<std::unique_ptr<Wallet>> create(const WalletConfig& config, const Secret<32>& secret_a,
                                                crypto::Curve& curve, EntropySource entropy);
  Wallet(const Wallet&) = delete;
  Wallet& operator=(const Wallet&) = delete;

  const crypto::CompressedPoint& public_key() const { return public_key_; }
  bool is_paired() const { return account_.has_value(); }
  bool is_signing() const { return open_.has_value(); }

  /// A contract::PairRequest. The next PairResponse is accepted.
  ByteVector pair_request(std::uint8_t touches);
  /// Pins a key known from before instead of pairing. Errors: kBadFormat and kNotOnCurve, kMismatch (another key is
  /// pinned; or it is the wallet's own), kDevice.
  Status restore_pairing(const crypto::CompressedPoint& untrusted_card_key);

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
         crypto::Curve& curve, EntropySource entropy);
  Result<std::vector<chain::PlannedOutput>> plan_outputs(const Payment& payment) const;
  Result<mpc::musig2::KeyAggContext> signing_keys(const chain::AddressKey& address) const;
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
  bool pairing_ = false;
  std::optional<crypto::CompressedPoint> card_key_;
  std::optional<chain::AccountKeys> account_;
  std::uint32_t last_session_ = 0;
  std::optional<Open> open_;
};

}  // namespace touchstone::wallet
