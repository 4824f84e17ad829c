// CardVault: the Vault of the card. Portable: the port gives it the drivers in machine mode, tests give it fakes.
// Freestanding.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "app/lindell_runs.h"
#include "app/paillier_store.h"
#include "app/phase.h"
#include "app/record.h"
#include "app/vault.h"
#include "app/wallet_runs.h"
#include "biometrics/converter.h"
#include "crypto/scalar.h"

namespace touchstone::firmware {

struct VaultBoard {
  Clock& clock;
  FingerSensor& sensor;
  FlashPages& flash;
  Entropy& entropy;
  crypto::Curve& curve;
  DisplayLine& display;
  PhasePort& phase;
  MutableBytes arena;  ///< aligned to 16; at least CardVault::arena_bytes(sensor geometry)
  Attester& attester;
  UpdateStore& updates;
  Bytes hedge;  ///< a secret of the card that outlives the vault: Attestation::derive
  Fiber& fiber;
  void (*scrub_stack)() = nullptr;  ///< overwrites the dead part of the stack; called by forget()
};

struct VaultLimits {
  int free_tries = 3;  ///< fingers that may fail to match in a row before the card makes wait
  std::uint64_t first_delay_cycles = 30'000 * kCyclesPerMs;  ///< after the last free try; doubles with each further one
  std::uint64_t longest_delay_cycles = 3600'000 * kCyclesPerMs;
  std::uint64_t touch_life_cycles = 10'000 * kCyclesPerMs;  ///< a signature needs images not older than this for each finger
};

class CardVault : public Vault {
 public:
  /// Loads the record.
  CardVault(const VaultBoard& board, const VaultLimits& limits = {});

  /// RAM for the images of a card with this sensor.
  static std::size_t arena_bytes(FingerSensor::Geometry geometry);

  TouchSensor& touch_sensor() override { return board_.sensor; }
  UpdateStore& updates() override { return board_.updates; }
  Result<contract::AttestResponse> attest(const ByteArray<32>& challenge) override { return board_.attester.attest(challenge, channel_.binding()); }
  Result<ChannelAnswer> channel_answer(const ChannelHello& untrusted_hello) override { return channel_.answer(untrusted_hello); }
  Result<OpenChannel> channel_open(const ChannelClosing& untrusted_closing) override { return channel_.open(untrusted_closing); }
  Result<EnrolmentRecord::Body> record() override;
  std::uint64_t next_try_cycles() override { return next_try_cycles_; }
  bool display_present() override { return board_.display.display_present(); }
  Status capture() override;
  Result<biometrics::Quality> extract() override;
  biometrics::Advice advice() override { return advice_; }
  Status enrol_begin(const EnrolOrder& order) override;
  Status enrol_make() override;
  Result<bool> enrol_check() override;
  Result<EnrolmentRecord::Body> enrol_store() override;
  Status pin_wallet() override;
  Result<PartialSignature> sign(const SignOrder& order) override;
  bool has_setup() override { return runs_.has_setup(); }
  Result<ByteArray<32>> run_offer() override;
  Status run_begin(Run run, const ByteArray<32>& wallet_nonce, const EcdsaOrder& order) override;
  KeyState key_state() override;
  std::uint8_t run_percent() override { return lindell_.percent(); }
  Status run_take(Bytes untrusted_message) override { return by_lindell() ? lindell_.take(untrusted_message) : runs_.take(untrusted_message); }
  Result<RunState> run_step() override { return by_lindell() ? lindell_.step() : runs_.step(); }
  Result<std::size_t> run_give(MutableBytes out) override { return by_lindell() ? lindell_.give(out) : runs_.give(out); }
  Status sign_ecdsa() override;
  void run_forget() override;
  Status accept_guest(const EnrolmentRecord::Body& untrusted_record) override;
  void dismiss_guest() override;
  crypto::Curve& public_curve() override { return curve_; }
  void forget() override;

 private:
  /// What the arena holds, while no run does; each step needs the one before.
  enum class Stage : std::uint8_t {
    kEmpty,      ///< nothing, or touches that are not complete yet
    kImage,      ///< an image, and those
    kTouched,    ///< a touch of each finger, for a signature
    kMade,       ///< all touches, root and helper data of a new record
    kOpened,     ///< root and helper data, and the touches have opened them
  };
  static constexpr Error kNotNow{ErrorCode::kState, "not now"};
  const EnrolmentRecord* current() const;
  Status check_display();
  /// Whether the other end of the channel may have signatures: a guest's is who brought its record.
  bool serves_this_wallet() const;
  Status take_image();
  /// `for_any_wallet`: to let another one take the place of the record's.
  Result<crypto::Scalar> use_touch(mpc::Scheme scheme, bool for_any_wallet, Secret<32>& root);
  Result<crypto::Scalar> use_touch(mpc::Scheme scheme, bool for_any_wallet = false);
  /// How the account at hand signs: the one that is being made, or else the current one.
  std::optional<mpc::Scheme> scheme() const;
  bool by_lindell() const { return scheme() == mpc::Scheme::kLindell17; }
  bool run_occupies_arena() const { return runs_.occupies_arena() || lindell_.occupies_arena(); }
  void end_runs();
  Status lindell_key(const ByteArray<32>& wallet_nonce);
  Status lindell_sign(const ByteArray<32>& wallet_nonce, const EcdsaOrder& order);
  /// What a Lindell17 key is made and used for.
  Result<LindellRuns::Account> lindell_account(const EnrolmentRecord& record);
  /// Whether both have shown that they know their shares of the record that is being made, where its scheme asks for it.
  Status check_agreed(const EnrolmentRecord& record, const crypto::Point& own_point);
  /// Of the enrolment that goes on, without the card's key.
  EnrolmentRecord new_record() const;
  Result<mpc::dkls::SigningKey> ecdsa_key(const EcdsaOrder& order);
  Result<crypto::Scalar> regenerate_share(const EnrolmentRecord& record, Secret<32>& root);
  Result<PartialSignature> co_sign(const SignOrder& order, const EnrolmentRecord& record, const crypto::Scalar& share);
  void count_try(bool matched);
  void forget_touches();
  void drop_features();

  /// Touches that complete an enrolment or a signature.
  int touches_wanted() const;
  /// Those of an enrolment that goes on.
  biometrics::EnrolmentTouches enrolment() const;

  // The arena: features first, behind them the work area, with the image at its beginning.
  biometrics::Feature& new_feature(int index);
  std::span<const biometrics::Feature> features() const;
  MutableBytes image_area();
  MutableBytes work_area();

  VaultBoard board_;
  VaultLimits limits_;
  PhaseTracker phase_;
  PhasedCurve curve_;
  RecordStore store_;
  WalletRuns runs_;
  PaillierStore paillier_;
  LindellRuns lindell_;
  VaultChannel channel_;
  std::optional<EnrolmentRecord> own_, guest_;
  Stage stage_ = Stage::kEmpty;
  int touches_ = 0;  // in the arena
  std::uint64_t captured_cycles_ = 0;  // the first of them
  biometrics::Advice advice_ = biometrics::Advice::kNone;  // on the last one
  bool opened_by_touch_ = false;  // the record, since the last forget()
  int failed_tries_ = 0;  // in a row; in RAM, so a reset forgets them
  std::uint64_t next_try_cycles_ = 0;

  // An enrolment that goes on.
  bool enrolling_ = false;
  EnrolOrder order_;
  crypto::CompressedPoint enrolling_wallet_{};
  int rehearsed_ = 0, rehearsed_well_ = 0;  // touches that were left out
  Secret<32> root_;
  biometrics::HelperData helper_;
};

}  // namespace touchstone::firmware
