// The Vault across the border between user and machine mode: VaultStub makes each call a number and a block of plain data,
// dispatch() reads them on the other side. Freestanding.
#pragma once

#include <cstdint>

#include "app/vault.h"

namespace touchstone::firmware {

enum class VaultCall : std::uint32_t {
  kStart, kArmTouch, kTouched, kFingerPresent, kSleep,
  kRecord, kNextTry, kDisplayPresent, kCapture, kExtract, kAdvice,
  kEnrolBegin, kEnrolMake, kEnrolCheck, kEnrolStore,
  kSign, kAcceptGuest, kDismissGuest, kCurve, kForget,
  kHasSetup, kKeyState, kRunPercent, kRunOffer, kRunBegin, kRunTake, kRunStep, kRunGive, kSignEcdsa, kRunForget,
  kChannelAnswer, kChannelOpen, kPinWallet,
  kAttest, kUpdateBegin, kUpdateWrite, kUpdateCommit, kRestart,
  kCount,
};

/// The largest block of any call.
inline constexpr std::size_t kMaxVaultBlockBytes = (kMaxRunMessageBytes + 4 + 7) / 8 * 8;

/// Size of the call's block, arguments and results; nothing for a number that is no call.
std::optional<std::size_t> vault_block_bytes(std::uint32_t untrusted_call);

/// Runs a call on `block`, which holds vault_block_bytes(call) bytes and has been copied out of the caller's reach.
/// Returns 0 or the ErrorCode; the block then holds the result to be copied back.
std::uint32_t dispatch(Vault& vault, std::uint32_t untrusted_call, MutableBytes untrusted_block);

/// How a call gets to the other side: ecall on the card.
class VaultGate {
 public:
  virtual ~VaultGate() = default;
  /// `block` is vault_block_bytes(call) long and aligned to 4. Returns what dispatch() returned.
  virtual std::uint32_t call(VaultCall call, MutableBytes block) = 0;
};

class VaultStub : public Vault, private TouchSensor, private UpdateStore {
 public:
  explicit VaultStub(VaultGate& gate) : gate_(gate) {}
  TouchSensor& touch_sensor() override { return *this; }
  UpdateStore& updates() override { return *this; }
  Result<contract::AttestResponse> attest(const ByteArray<32>& challenge) override;
  Result<ChannelAnswer> channel_answer(const ChannelHello& untrusted_hello) override;
  Result<OpenChannel> channel_open(const ChannelClosing& untrusted_closing) override;
  Result<EnrolmentRecord::Body> record() override;
  std::uint64_t next_try_cycles() override;
  bool display_present() override;
  Status capture() override;
  Result<biometrics::Quality> extract() override;
  biometrics::Advice advice() override;
  Status enrol_begin(const EnrolOrder& order) override;
  Status enrol_make() override;
  Result<bool> enrol_check() override;
  Result<EnrolmentRecord::Body> enrol_store() override;
  Status pin_wallet() override;
  Result<PartialSignature> sign(const SignOrder& order) override;
  bool has_setup() override;
  Result<ByteArray<32>> run_offer() override;
  KeyState key_state() override;
  std::uint8_t run_percent() override;
  Status run_begin(Run run, const ByteArray<32>& wallet_nonce, const EcdsaOrder& order) override;
  Status run_take(Bytes untrusted_message) override;
  Result<RunState> run_step() override;
  Result<std::size_t> run_give(MutableBytes out) override;
  Status sign_ecdsa() override;
  void run_forget() override;
  Status accept_guest(const EnrolmentRecord::Body& untrusted_record) override;
  void dismiss_guest() override;
  crypto::Curve& public_curve() override { return curve_; }
  void forget() override;

 private:
  Status start() override;
  Status arm_touch() override;
  Result<bool> touched() override;
  Result<bool> finger_present() override;
  Status sleep() override;
  Status update_begin(std::uint32_t image_bytes, std::uint32_t agreed_version) override;
  Status update_write(std::uint32_t offset, Bytes untrusted_piece) override;
  Status update_commit() override;
  void restart() override;

  struct PublicCurve : crypto::Curve {
    explicit PublicCurve(VaultGate& g) : gate(g) {}
    Result<crypto::Point> multiply(const crypto::Scalar& k, const crypto::Point& p) override;
    Result<crypto::Point> multiply_base(const crypto::Scalar& k) override;
    Result<crypto::Point> add(const crypto::Point& p, const crypto::Point& q) override;
    Result<crypto::Point> lift_x(const ByteArray<32>& x) override;
    VaultGate& gate;
  };

  VaultGate& gate_;
  PublicCurve curve_{gate_};
};

}  // namespace touchstone::firmware
