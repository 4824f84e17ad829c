// Threshold ECDSA (Doerner, Kondi, Lee, shelat: "Threshold ECDSA in Three Rounds", ePrint 2023/765, protocol 3.6),
// split at the share: everything large runs before any share exists. Freestanding.
//
//   prepare   1  SignPrepare                 nonce commitment, OT extension as receiver
//             2  Multiply x 13, MultiplyCheck  products of (nonce share, a random pad) with each peer's random factor
//   online    3  SignOpen                    share - pad; the points that prove the products; opens the nonce
//             4  SignShare                   shares of numerator and denominator of s
//
// A party that is set back to an earlier state - power cut, snapshot of its storage - and draws the same again must not
// use a nonce with two different ones of the peer: two signatures of one message then tell the whole key. So one
// signer, the one that can be set back (the card), answers: it draws everything only from what it has heard of all
// others. These, and all if nobody answers, have committed to their nonces before they hear anything: they must not be
// set back. Two who speak first cannot both be safe.
//
// No order of messages helps where a party says the same up to its commitment and then hears something else: another
// message, or another psi of the peer, tells the nonce. So a session is never copied or stored, and what never repeats
// (a counter that cannot be set back) belongs in the hedge if the generator may repeat itself.
#pragma once

#include <span>

#include "crypto/ecdsa.h"
#include "crypto/point.h"
#include "mpc_dkls/extension.h"
#include "mpc_dkls/key.h"
#include "mpc_dkls/multiply.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {

struct Signature {
  crypto::EcdsaSignature bytes;  ///< r, s; s is low
  std::uint8_t recovery_id;      ///< bit 0: y of the nonce point is odd; bit 1: its x is not below the order
};

/// What a session needs for each other signer to multiply with it: large, and wiped when it is prepared. From then on the
/// memory may serve something else.
struct MultiplyMemory {
  // We are OT receiver.
  ByteArray<32> context_in{};
  Choices choices;
  Wiped<Rows> t;
  MultiplyReceiver receiver;
  // We are OT sender.
  ByteArray<32> context_out{};
  Wiped<Rows> q;
  std::optional<MultiplySender> sender;

  void clear();
};

/// What a session holds for each other signer to the end.
struct SignPeer {
  enum class Heard : std::uint8_t { kNothing, kPrepare, kMultiply, kOpen, kShare };
  PartyId id = 0;
  std::size_t index = 0;  ///< in the key's signers
  Heard heard = Heard::kNothing;
  OtSetup* setup = nullptr;
  ByteArray<32> commitment{};
  MultiplyMemory* multiply = nullptr;  ///< nothing once it is prepared
  // The product of the peer's inputs with our factor chi: we are OT receiver.
  crypto::Scalar chi;
  Products d;
  // The product of our inputs with the peer's factor: we are OT sender.
  crypto::Scalar pad;
  Products c;
  crypto::CompressedPoint gamma_u{};

  /// Wipes it, in place.
  void clear();
};

/// For the message in hand: nothing stays in it between two calls.
struct SignScratch {
  ByteArray<kPieceBytes> payload;
  ByteArray<kPieceBytes + 64> message;
};
/// Memory of a session, given by the caller; not to be moved while the session lives. A place for each other signer in both spans.
struct SignMemory {
  std::span<SignPeer> peers;
  std::span<MultiplyMemory> multiply;  ///< 57 KB a peer, until prepared()
  SignScratch& scratch;
};
template <std::size_t kPeers>
struct SignWorkspace {
  std::array<SignPeer, kPeers> peers;
  std::array<MultiplyMemory, kPeers> multiply;
  SignScratch scratch;
  SignMemory memory() { return {peers, multiply, scratch}; }
};

class SignSession : public Session {
 public:
  struct Config {
    SessionId session;  ///< the same for all signers, fresh: a digest of nonces of all of them
    PartyId own;
    const SigningKey* key;  ///< outlives the session
    /// With every other signer, in the order of the signers. Any number of sessions may use one at the same time.
    std::span<OtSetup* const> setups;
    /// Anything else that is known and makes a repeated random32 harmless: message hash, boot counter. May be empty.
    Bytes hedge;
    /// Says nothing before it has the SignPrepare of all others. At most one signer, or all wait for ever.
    bool answers = false;
    /// The multiplications are not made at once but by work(): for who has one processor and other things to do.
    bool paced = false;
  };

  /// `random32`: fresh and uniform; hedged by what the peers do not know of the set-ups. All references outlive the
  /// session, but for MultiplyMemory.
  SignSession(crypto::Curve& curve, crypto::EcdsaVerifier verify, const Config& config, Bytes random32,
              const SignMemory& memory);
  ~SignSession() override { abort(); }
  SignSession(const SignSession&) = delete;
  SignSession& operator=(const SignSession&) = delete;

  /// Errors: kMismatch (the key's points, the set-ups), kState (a set-up is burned), kOutOfRange, kInfinity, kDevice.
  Status start(Transport& transport) override;
  Result<Delivery> receive(PartyId from, Bytes untrusted_message, Transport& transport) override;
  bool done() const override { return stage_ == Stage::kDone; }
  const std::optional<Failure>& failure() const override { return failure_; }
  void abort() override;

  /// What every message of it begins with: the caller's id, bound to parties, key and epoch.
  const SessionId& id() const { return session_; }
  /// With Config::paced, again and again until it is false: makes and sends the next piece of the multiplications, of 14
  /// for each other signer; nothing before these can begin. Errors: as receive().
  Result<bool> work(Transport& transport);
  /// True when all is there that can be before the share: set_share() may be called.
  bool prepared() const { return stage_ == Stage::kPrepared; }
  /// Once: the own share (not weighted) and what is to be signed. Errors: kState (not prepared, or used already: the
  /// session goes on as it was); all others end it: kMismatch (the share is not that of the key), kOutOfRange (zero),
  /// kDevice.
  Status set_share(const crypto::Scalar& share, const ByteArray<32>& message_hash, Transport& transport);
  /// Once done. It was verified.
  const Signature& signature() const;

 protected:
  /// chi * theirs - gamma == d * G: what `theirs` is the point of was really multiplied (the paper's checks of Gamma^u
  /// and Gamma^v). Virtual for the tests that show what happens without.
  virtual Result<bool> product_holds(const SignPeer& peer, const crypto::Scalar& d, const crypto::Point& theirs,
                                     const crypto::Point& gamma);

 private:
  enum class Stage : std::uint8_t { kNew, kPreparing, kPrepared, kOpening, kSharing, kDone, kFailed };

  Status run_start(Transport& transport);
  Status prepare_all(Transport& transport);
  Status say_prepare(SignPeer& peer, Transport& transport);
  Result<Delivery> take_prepare(SignPeer& peer, Bytes untrusted_message, Transport& transport);
  Status begin_to_multiply();
  Status multiply_with(SignPeer& peer, Transport& transport);
  void end_prepare_if_complete();
  Result<Delivery> take_multiply(SignPeer& peer, Bytes untrusted_message);
  Result<Delivery> take_multiply_check(SignPeer& peer, Bytes untrusted_message);
  Status run_set_share(const crypto::Scalar& share, Transport& transport);
  Result<Delivery> take_open(SignPeer& peer, Bytes untrusted_message, Transport& transport);
  Status say_share(Transport& transport);
  Result<Delivery> take_share(SignPeer& peer, Bytes untrusted_message);
  Status finish();

  ByteArray<32> commit(PartyId of, Bytes nonce_point, Bytes blinding) const;
  ByteArray<32> points_view() const;
  /// Adds a message that was taken to what the randomness depends on.
  void hear(const SignPeer& from, Bytes message);
  bool all_heard(SignPeer::Heard at_least) const;
  /// An error that the sender of the message in hand is to blame for, or (for n > 2) nobody can be.
  Error blame(const SignPeer& peer, Error error);
  Error blame_nobody(Error error);
  Error blame_if_two(const SignPeer& peer, Error error);
  Error fail(Error error);
  void clear();

  crypto::Curve& curve_;
  const crypto::EcdsaVerifier verify_;
  const Config config_;
  const std::span<SignPeer> peers_;
  const std::span<MultiplyMemory> multiply_;
  SignScratch& scratch_;
  SessionId session_;
  Randomness random_;
  Transcript heard_;  ///< every SignPrepare, Multiply and MultiplyCheck so far
  Seed online_secret_;
  Stage stage_ = Stage::kNew;
  std::optional<Failure> failure_;
  std::optional<PartyId> culprit_;
  std::size_t own_index_ = 0;
  std::size_t multiplied_ = 0;  ///< how many peers have all pieces

  crypto::Scalar weight_, nonce_, zero_, share_, phi_, psi_sum_, u_, v_;
  Seed blinding_;
  ByteArray<32> commitment_{}, view_{}, message_hash_{}, request_{};
  crypto::CompressedPoint zero_point_{};
  crypto::Point zero_sum_;
  std::array<crypto::Point, kMaxParties> nonce_points_;
  /// Of the weighted shares; with the points of the shares of zero, once these are known: what every SignOpen must say.
  std::array<crypto::Point, kMaxParties> expected_points_;
  crypto::Scalar r_, numerator_, denominator_;
  std::uint8_t recovery_id_ = 0;
  Signature signature_{};
};

}  // namespace touchstone::mpc::dkls
