// Bench: CardApp and the vault on fakes, with the border of the card in between; a wallet that speaks BIP327 with it, and two generated fingers.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/testing/fakes.h"
#include "app/testing/host_fiber.h"
#include "chain/psbt_writer.h"
#include "curve_host/host_curve.h"
#include "mpc/musig2_sign.h"

namespace touchstone::firmware::testing {

inline constexpr FingerSensor::Geometry kGeometry{192, 192};

/// A clean touch of the generated finger `index`, as the fake sensor sees it.
const Pixels& finger(int index);
/// An ordinary one, which is less like it.
const Pixels& ordinary(int index, int which);

class Bench {
 public:
  Bench();

  /// Forgets everything but flash, time and the world outside: a reset of the card. Opens the connection.
  void boot();
  /// Steps the card until `done`, or until nothing more can happen.
  void run(const std::function<bool()>& done);
  /// Until the card has answered once more than now, or sleeps for good.
  void run_to_answer();
  /// Until it is idle and every notice is over.
  void settle();
  /// Until that page has been shown again.
  bool shown(const std::string& words) const;

  /// Pairs with `touches` touches of finger 1; true if the card answered with its public key.
  bool pair(int touches = 4);
  /// The same with those touches, for a record of so many fingers; of several they are ordinary ones, for with clean ones some fingers would do
  /// for all.
  bool pair_with(const std::vector<int>& touches, int fingers = 1, bool any_order = false);
  /// What pair() sends, and whether the last answer is what it waits for.
  Pixels pair_request(int touches, int fingers = 1, bool any_order = false) const;
  bool take_pair_response();
  /// The record that the last PairResponse carried.
  const EnrolmentRecord& paired_record() const { return paired_record_; }
  /// From now on this phone speaks with the card: another channel, whose messages the wire carries in the clear.
  void use_phone(std::uint32_t number);
  /// Makes the wallet another one, with keys of its own.
  void another_wallet();
  /// Brings that record of another card to this one; the wallet goes on with its keys.
  void bring_guest(const Bench& from);
  /// A request to pay, the account's own change included. Returns its bytes.
  Pixels sign_request(std::uint32_t session);
  /// What the vault is to sign for the last sign_request().
  SignOrder sign_order();
  void deliver(Bytes message) { wire.deliver(message); }
  /// Taps through all pages but the last and holds there.
  void plan_confirmation(int finger_index = 1);
  /// A hold of each of these, one after the other.
  void plan_hold(const std::vector<int>& fingers);
  /// The card's last answer completes a valid BIP340 signature of the reviewed payment.
  bool last_answer_is_a_valid_signature();
  /// Reason of the last answer if it is a refusal, else 0.
  int last_refusal() const;

  FakeClock clock;
  FakeSensor sensor{clock, kGeometry};
  RecordingScreen screen;
  FakeFlash flash;
  FakeEntropy entropy;
  FakeWire wire;
  FakePhases phases;
  FaultyCurve curve;
  FakeDisplayLine display_line;
  HostFiber fiber;
  alignas(8) std::vector<std::uint8_t> arena;  ///< of the vault
  Pixels user_ram;                             ///< the request area of the application
  std::unique_ptr<Attestation> attestation;
  std::unique_ptr<UpdateSlot> updates;
  int restarts = 0;
  const ByteArray<32> hedge{0x6e};
  std::unique_ptr<CardVault> vault;
  CopyingGate gate;
  VaultStub stub{gate};
  std::unique_ptr<CardApp> app;
  ByteArray<32> channel_binding{};  ///< of use_phone()
  int scrubs = 0;  ///< of both stacks

  static constexpr std::uint64_t kAmount_sat = 1'250'000, kFee_sat = 420, kInput_sat = 5'000'000;
  static constexpr std::uint32_t kAccount = 3, kEpoch = 7;
  contract::PairRequest::Scheme scheme = contract::PairRequest::Scheme::kMusig2;  ///< that pair() asks for

 private:
  /// As the boot ROM leaves it.
  std::optional<Handover> handover();

  std::uint32_t phone_ = 1;
  crypto::Scalar wallet_share_ = crypto::Scalar::from_u32(424242);
  mpc::musig2::PublicKey wallet_key_{}, card_key_{};
  EnrolmentRecord paired_record_;
  mpc::musig2::SecretNonce nonce_;
  mpc::musig2::PublicNonce public_nonce_{};
  std::vector<std::uint8_t> psbt_;
};

}  // namespace touchstone::firmware::testing
