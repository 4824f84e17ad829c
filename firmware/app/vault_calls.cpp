#include "app/vault_calls.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

namespace touchstone::firmware {
namespace {

// The blocks. Plain numbers alone: any bytes are a value, so nothing of a caller can be more than wrong.
struct Nothing {};
struct Flag {
  std::uint8_t value;
};
struct Cycles {
  std::uint64_t value;
};
struct QualityBlock {
  std::uint8_t contact_percent, ridge_percent;
};
struct RecordBlock {
  EnrolmentRecord::Body body;
};
struct EnrolBlock {
  ByteArray<33> wallet_public_key;
  std::uint8_t network, touches, scheme;
  std::uint32_t account, epoch;
};
struct SignBlock {
  SignOrder order;
  PartialSignature result;
};
struct NonceBlock {
  ByteArray<32> nonce;
};
struct RunBeginBlock {
  std::uint8_t run;
  ByteArray<32> wallet_nonce;
  EcdsaOrder order;
};
struct RunMessageBlock {
  std::uint32_t bytes;
  ByteArray<kMaxRunMessageBytes> data;
};
struct PointBlock {
  ByteArray<32> x, y;
  std::uint8_t infinity;
};
struct AttestBlock {
  ByteArray<32> challenge;
  ByteArray<contract::AttestResponse::kMaxBytes> response;  // encoded
};
struct UpdateBeginBlock {
  std::uint32_t bytes, agreed_version;
};
/// A piece of an image goes over in several blocks.
struct UpdateBlock {
  std::uint32_t offset, bytes;
  ByteArray<256> data;
};
struct CurveBlock {
  enum Operation : std::uint8_t { kMultiply, kMultiplyBase, kAdd, kLiftX };
  std::uint8_t operation;
  ByteArray<32> k;  // the scalar, or the x to lift
  PointBlock p, q;  // the result comes back in p
};

PointBlock to_block(const crypto::Point& point) {
  return {point.x, point.y, static_cast<std::uint8_t>(point.infinity ? 1 : 0)};
}

crypto::Point from_block(const PointBlock& block) {
  return block.infinity != 0 ? crypto::Point{} : crypto::Point{block.x, block.y, false};
}

template <typename Block>
constexpr std::size_t size_of() {
  static_assert(std::is_trivially_copyable_v<Block> && sizeof(Block) <= kMaxVaultBlockBytes);
  return std::is_empty_v<Block> ? 0 : sizeof(Block);
}

/// From and to bytes; an empty block has none.
template <typename Block>
void load(Block& block, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(static_cast<void*>(&block), bytes.data(), bytes.size());
}
template <typename Block>
void store(MutableBytes bytes, const Block& block) {
  if (!bytes.empty()) std::memcpy(bytes.data(), &block, bytes.size());
}

std::uint32_t code_of(const Error& error) { return static_cast<std::uint32_t>(error.code); }

/// Reads the block into its type, runs `body` on it and, if that succeeds, writes it back.
template <typename Block, typename Body>
std::uint32_t with(MutableBytes block, Body body) {
  TS_CHECK(block.size() == size_of<Block>(), "the block has not the call's size");
  Block value;
  load(value, block);
  const Status done = body(value);
  if (!done) return code_of(done.error());
  store(block, value);
  return 0;
}

template <typename Body>
std::uint32_t plain(MutableBytes block, Body body) {
  return with<Nothing>(block, [&](Nothing&) { return body(); });
}

template <typename Body>
std::uint32_t flag(MutableBytes block, Body body) {
  return with<Flag>(block, [&](Flag& out) -> Status {
    const Result<bool> result = body();
    TS_RETURN_IF_ERROR(result);
    out.value = *result ? 1 : 0;
    return {};
  });
}

Status curve_operation(crypto::Curve& curve, CurveBlock& block) {
  const auto run = [&]() -> Result<crypto::Point> {
    const crypto::Point p = from_block(block.p);
    if (block.operation == CurveBlock::kAdd) return curve.add(p, from_block(block.q));
    if (block.operation == CurveBlock::kLiftX) return curve.lift_x(block.k);
    if (block.operation > CurveBlock::kLiftX) return Error{ErrorCode::kUnsupported, "no such operation"};
    const auto k = crypto::Scalar::from_bytes(block.k);
    TS_RETURN_IF_ERROR(k);
    return block.operation == CurveBlock::kMultiply ? curve.multiply(*k, p) : curve.multiply_base(*k);
  };
  const auto result = run();
  TS_RETURN_IF_ERROR(result);
  block.p = to_block(*result);
  return {};
}

}  // namespace

std::optional<std::size_t> vault_block_bytes(std::uint32_t untrusted_call) {
  switch (static_cast<VaultCall>(untrusted_call)) {
    case VaultCall::kStart:
    case VaultCall::kArmTouch:
    case VaultCall::kSleep:
    case VaultCall::kCapture:
    case VaultCall::kEnrolMake:
    case VaultCall::kDismissGuest:
    case VaultCall::kUpdateCommit:
    case VaultCall::kRestart:
    case VaultCall::kSignEcdsa:
    case VaultCall::kRunForget:
    case VaultCall::kForget: return size_of<Nothing>();
    case VaultCall::kTouched:
    case VaultCall::kFingerPresent:
    case VaultCall::kDisplayPresent:
    case VaultCall::kHasSetup:
    case VaultCall::kRunStep:
    case VaultCall::kEnrolCheck: return size_of<Flag>();
    case VaultCall::kRunOffer: return size_of<NonceBlock>();
    case VaultCall::kRunBegin: return size_of<RunBeginBlock>();
    case VaultCall::kRunTake:
    case VaultCall::kRunGive: return size_of<RunMessageBlock>();
    case VaultCall::kNextTry: return size_of<Cycles>();
    case VaultCall::kExtract: return size_of<QualityBlock>();
    case VaultCall::kEnrolBegin: return size_of<EnrolBlock>();
    case VaultCall::kRecord:
    case VaultCall::kEnrolStore:
    case VaultCall::kAcceptGuest: return size_of<RecordBlock>();
    case VaultCall::kSign: return size_of<SignBlock>();
    case VaultCall::kCurve: return size_of<CurveBlock>();
    case VaultCall::kAttest: return size_of<AttestBlock>();
    case VaultCall::kUpdateBegin: return size_of<UpdateBeginBlock>();
    case VaultCall::kUpdateWrite: return size_of<UpdateBlock>();
    case VaultCall::kCount: break;
  }
  return std::nullopt;
}

std::uint32_t dispatch(Vault& vault, std::uint32_t untrusted_call, MutableBytes block) {
  switch (static_cast<VaultCall>(untrusted_call)) {
    case VaultCall::kStart: return plain(block, [&] { return vault.touch_sensor().start(); });
    case VaultCall::kArmTouch: return plain(block, [&] { return vault.touch_sensor().arm_touch(); });
    case VaultCall::kSleep: return plain(block, [&] { return vault.touch_sensor().sleep(); });
    case VaultCall::kCapture: return plain(block, [&] { return vault.capture(); });
    case VaultCall::kEnrolMake: return plain(block, [&] { return vault.enrol_make(); });
    case VaultCall::kDismissGuest: return plain(block, [&] { return vault.dismiss_guest(), Status{}; });
    case VaultCall::kForget: return plain(block, [&] { return vault.forget(), Status{}; });
    case VaultCall::kTouched: return flag(block, [&] { return vault.touch_sensor().touched(); });
    case VaultCall::kFingerPresent: return flag(block, [&] { return vault.touch_sensor().finger_present(); });
    case VaultCall::kDisplayPresent: return flag(block, [&] { return Result<bool>(vault.display_present()); });
    case VaultCall::kEnrolCheck: return flag(block, [&] { return vault.enrol_check(); });
    case VaultCall::kNextTry:
      return with<Cycles>(block, [&](Cycles& out) { return out.value = vault.next_try_cycles(), Status{}; });
    case VaultCall::kExtract:
      return with<QualityBlock>(block, [&](QualityBlock& out) -> Status {
        const auto quality = vault.extract();
        TS_RETURN_IF_ERROR(quality);
        out = {quality->contact_percent, quality->ridge_percent};
        return {};
      });
    case VaultCall::kRecord:
    case VaultCall::kEnrolStore:
      return with<RecordBlock>(block, [&](RecordBlock& out) -> Status {
        const auto record = static_cast<VaultCall>(untrusted_call) == VaultCall::kRecord ? vault.record() : vault.enrol_store();
        TS_RETURN_IF_ERROR(record);
        out.body = *record;
        return {};
      });
    case VaultCall::kAcceptGuest:
      return with<RecordBlock>(block, [&](RecordBlock& in) { return vault.accept_guest(in.body); });
    case VaultCall::kEnrolBegin:
      return with<EnrolBlock>(block, [&](EnrolBlock& in) {
        return vault.enrol_begin({in.wallet_public_key, static_cast<chain::Network>(in.network), in.touches, in.account, in.epoch,
                                  static_cast<mpc::Scheme>(in.scheme)});
      });
    case VaultCall::kSign:
      return with<SignBlock>(block, [&](SignBlock& both) -> Status {
        const auto signature = vault.sign(both.order);
        TS_RETURN_IF_ERROR(signature);
        both.result = *signature;
        return {};
      });
    case VaultCall::kHasSetup: return flag(block, [&] { return Result<bool>(vault.has_setup()); });
    case VaultCall::kRunForget: return plain(block, [&] { return vault.run_forget(), Status{}; });
    case VaultCall::kSignEcdsa: return plain(block, [&] { return vault.sign_ecdsa(); });
    case VaultCall::kRunOffer:
      return with<NonceBlock>(block, [&](NonceBlock& out) -> Status {
        TS_ASSIGN_OR_RETURN(out.nonce, vault.run_offer());
        return {};
      });
    case VaultCall::kRunBegin:
      return with<RunBeginBlock>(block, [&](RunBeginBlock& in) { return vault.run_begin(static_cast<Run>(in.run), in.wallet_nonce, in.order); });
    case VaultCall::kRunStep:
      return with<Flag>(block, [&](Flag& out) -> Status {
        RunState state{};
        TS_ASSIGN_OR_RETURN(state, vault.run_step());
        out.value = static_cast<std::uint8_t>(state);
        return {};
      });
    // In place: a copy of such a message would be a quarter of the stack.
    case VaultCall::kRunTake: {
      auto& message = *reinterpret_cast<RunMessageBlock*>(block.data());
      if (message.bytes > message.data.size()) return code_of({ErrorCode::kOutOfRange, "larger than its block"});
      const Status taken = vault.run_take(Bytes(message.data).first(message.bytes));
      return taken ? 0 : code_of(taken.error());
    }
    case VaultCall::kRunGive: {
      auto& message = *reinterpret_cast<RunMessageBlock*>(block.data());
      const auto given = vault.run_give(message.data);
      if (!given) return code_of(given.error());
      message.bytes = static_cast<std::uint32_t>(*given);
      return 0;
    }
    case VaultCall::kCurve:
      return with<CurveBlock>(block, [&](CurveBlock& both) { return curve_operation(vault.public_curve(), both); });
    case VaultCall::kAttest:
      return with<AttestBlock>(block, [&](AttestBlock& both) -> Status {
        const auto response = vault.attester().attest(both.challenge);
        TS_RETURN_IF_ERROR(response);
        return response->encode(both.response).ok() ? Status{} : Error{ErrorCode::kTooLarge, "the response"};
      });
    case VaultCall::kUpdateBegin:
      return with<UpdateBeginBlock>(block, [&](UpdateBeginBlock& in) { return vault.updates().update_begin(in.bytes, in.agreed_version); });
    case VaultCall::kUpdateWrite:
      return with<UpdateBlock>(block, [&](UpdateBlock& piece) -> Status {
        if (piece.bytes > piece.data.size()) return Error{ErrorCode::kOutOfRange, "larger than its block"};
        return vault.updates().update_write(piece.offset, Bytes(piece.data).first(piece.bytes));
      });
    case VaultCall::kUpdateCommit: return plain(block, [&] { return vault.updates().update_commit(); });
    case VaultCall::kRestart: return plain(block, [&] { return vault.updates().restart(), Status{}; });
    case VaultCall::kCount: break;
  }
  return code_of({ErrorCode::kUnsupported, "no such call"});
}

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

MutableBytes bytes_of(RunMessageBlock& block) { return {reinterpret_cast<std::uint8_t*>(&block), sizeof block}; }

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

Status VaultStub::enrol_begin(const EnrolOrder& order) {
  EnrolBlock block{order.wallet_public_key, static_cast<std::uint8_t>(order.network), order.touches, static_cast<std::uint8_t>(order.scheme),
                   order.account, order.epoch};
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
