#include "app/vault_calls.h"

#include <algorithm>

#include "app/vault_blocks.h"

namespace touchstone::firmware {

using namespace vault_blocks;

namespace {

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
    case VaultCall::kPinWallet:
    case VaultCall::kForget: return size_of<Nothing>();
    case VaultCall::kTouched:
    case VaultCall::kFingerPresent:
    case VaultCall::kDisplayPresent:
    case VaultCall::kAdvice:
    case VaultCall::kHasSetup:
    case VaultCall::kKeyState:
    case VaultCall::kRunPercent:
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
    case VaultCall::kChannelAnswer: return size_of<ChannelAnswerBlock>();
    case VaultCall::kChannelOpen: return size_of<ChannelOpenBlock>();
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
                                  static_cast<mpc::Scheme>(in.scheme), in.fingers, in.any_order != 0});
      });
    case VaultCall::kSign:
      return with<SignBlock>(block, [&](SignBlock& both) -> Status {
        const auto signature = vault.sign(both.order);
        TS_RETURN_IF_ERROR(signature);
        both.result = *signature;
        return {};
      });
    case VaultCall::kAdvice:
      return with<Flag>(block, [&](Flag& out) { return out.value = static_cast<std::uint8_t>(vault.advice()), Status{}; });
    case VaultCall::kHasSetup: return flag(block, [&] { return Result<bool>(vault.has_setup()); });
    case VaultCall::kKeyState:
      return with<Flag>(block, [&](Flag& out) { return out.value = static_cast<std::uint8_t>(vault.key_state()), Status{}; });
    case VaultCall::kRunPercent: return with<Flag>(block, [&](Flag& out) { return out.value = vault.run_percent(), Status{}; });
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
    case VaultCall::kChannelAnswer:
      return with<ChannelAnswerBlock>(block, [&](ChannelAnswerBlock& both) -> Status {
        TS_ASSIGN_OR_RETURN(both.answer, vault.channel_answer(both.hello));
        return {};
      });
    // In place: no copy of the keys stays on the stack.
    case VaultCall::kChannelOpen: {
      auto& both = *reinterpret_cast<ChannelOpenBlock*>(block.data());
      const auto channel = vault.channel_open(both.closing);
      if (!channel) return code_of(channel.error());
      std::copy(channel->send.expose().begin(), channel->send.expose().end(), both.send.begin());
      std::copy(channel->receive.expose().begin(), channel->receive.expose().end(), both.receive.begin());
      both.wallet = channel->wallet;
      return 0;
    }
    case VaultCall::kPinWallet: return plain(block, [&] { return vault.pin_wallet(); });
    case VaultCall::kAttest:
      return with<AttestBlock>(block, [&](AttestBlock& both) -> Status {
        const auto response = vault.attest(both.challenge);
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

}  // namespace touchstone::firmware
