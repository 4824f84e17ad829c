// The caller's side of the border.
#include <algorithm>

#include "app/vault_blocks.h"
#include "app/vault_calls.h"

namespace touchstone::firmware {

using namespace vault_blocks;

namespace {

constexpr const char* kFromVault = "refused by the vault";

/// Only what dispatch() returned arrives here: the vault is trusted by its callers.
Status status_of(std::uint32_t code) {
  if (code == 0) return {};
  return Error{static_cast<ErrorCode>(code), kFromVault};
}

template <typename Block>
Status call(VaultGate& gate, VaultCall number, Block& block) {
  alignas(8) ByteArray<sizeof(Block)> bytes{};
  const MutableBytes used = MutableBytes(bytes).first(size_of<Block>());
  store(used, block);
  const Status done = status_of(gate.call(number, used));
  load(block, used);
  return done;
}

template <typename Block>
MutableBytes bytes_of(Block& block) {
  return {reinterpret_cast<std::uint8_t*>(&block), sizeof block};
}

Status call(VaultGate& gate, VaultCall number) {
  Nothing nothing;
  return call(gate, number, nothing);
}

Result<bool> ask(VaultGate& gate, VaultCall number) {
  Flag flag{};
  TS_RETURN_IF_ERROR(call(gate, number, flag));
  return flag.value != 0;
}

Result<EnrolmentRecord::Body> fetch_record(VaultGate& gate, VaultCall number) {
  RecordBlock block{};
  TS_RETURN_IF_ERROR(call(gate, number, block));
  return block.body;
}

Result<crypto::Point> compute(VaultGate& gate, CurveBlock block) {
  TS_RETURN_IF_ERROR(call(gate, VaultCall::kCurve, block));
  return from_block(block.p);
}

}  // namespace

Status VaultStub::start() { return call(gate_, VaultCall::kStart); }
Status VaultStub::arm_touch() { return call(gate_, VaultCall::kArmTouch); }
Result<bool> VaultStub::touched() { return ask(gate_, VaultCall::kTouched); }
Result<bool> VaultStub::finger_present() { return ask(gate_, VaultCall::kFingerPresent); }
Status VaultStub::sleep() { return call(gate_, VaultCall::kSleep); }

Result<ChannelAnswer> VaultStub::channel_answer(const ChannelHello& untrusted_hello) {
  ChannelAnswerBlock block{untrusted_hello, {}};
  TS_RETURN_IF_ERROR(call(gate_, VaultCall::kChannelAnswer, block));
  return block.answer;
}

Result<OpenChannel> VaultStub::channel_open(const ChannelClosing& untrusted_closing) {
  // In place, so that no copy of the keys stays behind.
  alignas(4) ChannelOpenBlock block{untrusted_closing, {}, {}, {}};
  TS_RETURN_IF_ERROR(status_of(gate_.call(VaultCall::kChannelOpen, bytes_of(block))));
  OpenChannel out;
  std::copy(block.send.begin(), block.send.end(), out.send.expose().begin());
  std::copy(block.receive.begin(), block.receive.end(), out.receive.expose().begin());
  out.wallet = block.wallet;
  wipe(&block, sizeof block);
  return out;
}

Status VaultStub::pin_wallet() { return call(gate_, VaultCall::kPinWallet); }

Result<EnrolmentRecord::Body> VaultStub::record() { return fetch_record(gate_, VaultCall::kRecord); }

std::uint64_t VaultStub::next_try_cycles() {
  Cycles cycles{};
  static_cast<void>(call(gate_, VaultCall::kNextTry, cycles));  // cannot fail
  return cycles.value;
}

bool VaultStub::display_present() {
  const auto present = ask(gate_, VaultCall::kDisplayPresent);
  return present && *present;
}

Status VaultStub::capture() { return call(gate_, VaultCall::kCapture); }

Result<biometrics::Quality> VaultStub::extract() {
  QualityBlock block{};
  TS_RETURN_IF_ERROR(call(gate_, VaultCall::kExtract, block));
  return biometrics::Quality{block.contact_percent, block.ridge_percent};
}

biometrics::Advice VaultStub::advice() {
  Flag advice{};
  static_cast<void>(call(gate_, VaultCall::kAdvice, advice));  // cannot fail
  return static_cast<biometrics::Advice>(advice.value);
}

Status VaultStub::enrol_begin(const EnrolOrder& order) {
  EnrolBlock block{order.wallet_public_key, static_cast<std::uint8_t>(order.network), order.touches, static_cast<std::uint8_t>(order.scheme),
                   order.fingers, static_cast<std::uint8_t>(order.any_order ? 1 : 0), order.account, order.epoch};
  return call(gate_, VaultCall::kEnrolBegin, block);
}

Status VaultStub::enrol_make() { return call(gate_, VaultCall::kEnrolMake); }
Result<bool> VaultStub::enrol_check() { return ask(gate_, VaultCall::kEnrolCheck); }
Result<EnrolmentRecord::Body> VaultStub::enrol_store() { return fetch_record(gate_, VaultCall::kEnrolStore); }

Result<PartialSignature> VaultStub::sign(const SignOrder& order) {
  SignBlock block{order, {}};
  TS_RETURN_IF_ERROR(call(gate_, VaultCall::kSign, block));
  return block.result;
}

bool VaultStub::has_setup() {
  const auto has = ask(gate_, VaultCall::kHasSetup);
  return has && *has;
}

KeyState VaultStub::key_state() {
  Flag state{};
  static_cast<void>(call(gate_, VaultCall::kKeyState, state));  // cannot fail
  return static_cast<KeyState>(state.value);
}

std::uint8_t VaultStub::run_percent() {
  Flag percent{};
  static_cast<void>(call(gate_, VaultCall::kRunPercent, percent));  // cannot fail
  return percent.value;
}

Result<ByteArray<32>> VaultStub::run_offer() {
  NonceBlock block{};
  TS_RETURN_IF_ERROR(call(gate_, VaultCall::kRunOffer, block));
  return block.nonce;
}

Status VaultStub::run_begin(Run run, const ByteArray<32>& wallet_nonce, const EcdsaOrder& order) {
  RunBeginBlock block{static_cast<std::uint8_t>(run), wallet_nonce, order};
  return call(gate_, VaultCall::kRunBegin, block);
}

Status VaultStub::run_take(Bytes untrusted_message) {
  alignas(8) RunMessageBlock block;
  if (untrusted_message.size() > block.data.size()) return Error{ErrorCode::kTooLarge, "no message of a run"};
  block.bytes = static_cast<std::uint32_t>(untrusted_message.size());
  std::copy(untrusted_message.begin(), untrusted_message.end(), block.data.begin());
  return status_of(gate_.call(VaultCall::kRunTake, bytes_of(block)));
}

Result<RunState> VaultStub::run_step() {
  Flag state{};
  TS_RETURN_IF_ERROR(call(gate_, VaultCall::kRunStep, state));
  return static_cast<RunState>(state.value);
}

Result<std::size_t> VaultStub::run_give(MutableBytes out) {
  alignas(8) RunMessageBlock block;
  block.bytes = 0;
  TS_RETURN_IF_ERROR(status_of(gate_.call(VaultCall::kRunGive, bytes_of(block))));
  if (block.bytes > out.size()) return Error{ErrorCode::kTooLarge, "a message of a run"};
  std::copy_n(block.data.begin(), block.bytes, out.begin());
  return block.bytes;
}

Status VaultStub::sign_ecdsa() { return call(gate_, VaultCall::kSignEcdsa); }
void VaultStub::run_forget() { static_cast<void>(call(gate_, VaultCall::kRunForget)); }

Status VaultStub::accept_guest(const EnrolmentRecord::Body& untrusted_record) {
  RecordBlock block{untrusted_record};
  return call(gate_, VaultCall::kAcceptGuest, block);
}

void VaultStub::dismiss_guest() { static_cast<void>(call(gate_, VaultCall::kDismissGuest)); }
void VaultStub::forget() { static_cast<void>(call(gate_, VaultCall::kForget)); }

Result<contract::AttestResponse> VaultStub::attest(const ByteArray<32>& challenge) {
  AttestBlock block{challenge, {}};
  TS_RETURN_IF_ERROR(call(gate_, VaultCall::kAttest, block));
  return contract::AttestResponse::decode(block.response);
}

Status VaultStub::update_begin(std::uint32_t image_bytes, std::uint32_t agreed_version) {
  UpdateBeginBlock block{image_bytes, agreed_version};
  return call(gate_, VaultCall::kUpdateBegin, block);
}

Status VaultStub::update_write(std::uint32_t offset, Bytes untrusted_piece) {
  do {
    UpdateBlock block{offset, 0, {}};
    const Bytes part = untrusted_piece.first(std::min(untrusted_piece.size(), block.data.size()));
    block.bytes = static_cast<std::uint32_t>(part.size());
    std::copy(part.begin(), part.end(), block.data.begin());
    TS_RETURN_IF_ERROR(call(gate_, VaultCall::kUpdateWrite, block));
    offset += block.bytes;
    untrusted_piece = untrusted_piece.subspan(part.size());
  } while (!untrusted_piece.empty());
  return {};
}

Status VaultStub::update_commit() { return call(gate_, VaultCall::kUpdateCommit); }
void VaultStub::restart() { static_cast<void>(call(gate_, VaultCall::kRestart)); }

Result<crypto::Point> VaultStub::PublicCurve::multiply(const crypto::Scalar& k, const crypto::Point& p) {
  return compute(gate, {CurveBlock::kMultiply, k.to_bytes(), to_block(p), {}});
}

Result<crypto::Point> VaultStub::PublicCurve::multiply_base(const crypto::Scalar& k) {
  return compute(gate, {CurveBlock::kMultiplyBase, k.to_bytes(), {}, {}});
}

Result<crypto::Point> VaultStub::PublicCurve::add(const crypto::Point& p, const crypto::Point& q) {
  return compute(gate, {CurveBlock::kAdd, {}, to_block(p), to_block(q)});
}

Result<crypto::Point> VaultStub::PublicCurve::lift_x(const ByteArray<32>& x) {
  return compute(gate, {CurveBlock::kLiftX, x, {}, {}});
}

}  // namespace touchstone::firmware
