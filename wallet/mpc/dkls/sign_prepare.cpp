// The session itself, and what it does before the share is known.
#include <algorithm>

#include "base/check.h"
#include "base/declassify.h"
#include "contract/dkls.h"
#include "crypto/point.h"
#include "mpc_dkls/sign.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {

using contract::dkls::Multiply;
using contract::dkls::MultiplyCheck;
using contract::dkls::SignPrepare;
using crypto::Point;
using crypto::Scalar;
using Heard = SignPeer::Heard;

namespace {

SessionId wire_session(const SignSession::Config& config) {
  const SigningKey& key = *config.key;
  Transcript t("touchstone/dkls23/sign");
  t.add(config.session).add(key.signers).add(crypto::compress_or_zero(key.public_key)).add_u32(key.epoch);
  t.add_u32(static_cast<std::uint32_t>(key.sharing));
  for (std::size_t i = 0; i < key.signers.size(); ++i) t.add(crypto::compress_or_zero(key.share_points[i]));
  return t.digest();
}

/// For the OTs of which `receiver` is the receiver.
ByteArray<32> pair_context(const SessionId& session, const OtSetup& setup, PartyId receiver) {
  return Transcript("touchstone/dkls23/sign/pair").add(session).add(setup.id()).add_u32(receiver).digest();
}

/// For the pads of these OTs. Bound to the commitments, so that no pad serves two nonces.
ByteArray<32> multiply_context(const ByteArray<32>& pair, const ByteArray<32>& view) {
  return Transcript("touchstone/dkls23/sign/multiply").add(pair).add(view).digest();
}

}  // namespace

SignSession::SignSession(crypto::Curve& curve, crypto::EcdsaVerifier verify, const Config& config, Bytes random32,
                         const SignMemory& memory)
    : curve_(curve),
      verify_(verify),
      config_(config),
      peers_(memory.peers),
      multiply_(memory.multiply),
      scratch_(memory.scratch),
      session_(wire_session(config)),
      random_(random32,
              Transcript("touchstone/dkls23/sign/random").add(session_).add_u32(config.own).add(config.hedge).digest(),
              label("prepare")),
      heard_("touchstone/dkls23/sign/heard") {
  TS_CHECK(random32.size() == 32, "32 random bytes");
}

Error SignSession::fail(Error error) {
  stage_ = Stage::kFailed;
  failure_ = Failure{error, error.code == ErrorCode::kDevice ? std::nullopt : culprit_};
  clear();
  return error;
}

Error SignSession::blame(const SignPeer& peer, Error error) {
  culprit_ = peer.id;
  return error;
}

Error SignSession::blame_nobody(Error error) {
  culprit_.reset();
  return error;
}

Error SignSession::blame_if_two(const SignPeer& peer, Error error) {
  return peers_.size() == 1 ? blame(peer, error) : blame_nobody(error);
}

void SignPeer::clear() {
  id = kEverybody;
  heard = Heard::kNothing;
  setup = nullptr;
  if (multiply != nullptr) multiply->clear();
  multiply = nullptr;
  chi = pad = Scalar();
  c = d = {};
}

void MultiplyMemory::clear() {
  wipe(&choices, sizeof choices);
  wipe(&t, sizeof t);
  wipe(&q, sizeof q);
  receiver.clear();
  sender.reset();
}

void SignSession::abort() {
  if (stage_ == Stage::kDone || stage_ == Stage::kFailed) return;
  stage_ = Stage::kFailed;
  failure_ = Failure{{ErrorCode::kAborted, "the session was ended"}, std::nullopt};
  clear();
}

void SignSession::clear() {
  for (SignPeer& peer : peers_) peer.clear();
  wipe(scratch_.payload.data(), scratch_.payload.size());
  wipe(scratch_.message.data(), scratch_.message.size());
  wipe(&random_, sizeof random_);
  online_secret_ = Seed();
  blinding_ = Seed();
  for (Scalar* secret : {&nonce_, &zero_, &share_, &phi_, &psi_sum_, &u_, &v_}) *secret = Scalar();
}

bool SignSession::all_heard(Heard at_least) const {
  return std::all_of(peers_.begin(), peers_.end(), [&](const SignPeer& peer) { return peer.heard >= at_least; });
}

ByteArray<32> SignSession::commit(PartyId of, Bytes nonce_point, Bytes blinding) const {
  return Transcript("touchstone/dkls23/sign/commit").add(session_).add_u32(of).add(nonce_point).add(blinding).digest();
}

Status SignSession::start(Transport& transport) {
  if (stage_ != Stage::kNew) return Error{ErrorCode::kState, "a session starts once"};
  const Status started = run_start(transport);
  if (!started) return fail(started.error());
  return {};
}

Status SignSession::run_start(Transport& transport) {
  const SigningKey& key = *config_.key;
  const auto own_index = key.signers.index_of(config_.own);
  if (!own_index || peers_.size() + 1 != key.signers.size() || config_.setups.size() != peers_.size() || multiply_.size() != peers_.size())
    return Error{ErrorCode::kMismatch, "one of the signers, with a set-up and a place for each other one"};
  own_index_ = *own_index;
  TS_RETURN_IF_ERROR(weigh_points(curve_, key, expected_points_));
  weight_ = share_weight(key, own_index_);
  for (std::size_t i = 0; i < peers_.size(); ++i) {
    SignPeer& peer = peers_[i];
    peer.index = i + (i >= own_index_ ? 1 : 0);
    peer.id = key.signers[peer.index];
    peer.heard = Heard::kNothing;
    peer.setup = config_.setups[i];
    if (!peer.setup->ready()) return Error{ErrorCode::kState, "a set-up is burned or was never made"};
    if (peer.setup->own() != config_.own || peer.setup->peer() != peer.id)
      return Error{ErrorCode::kMismatch, "a set-up of other parties"};
    random_.stir(peer.setup->own_secret());
    peer.multiply = &multiply_[i];
    peer.multiply->context_in = pair_context(session_, *peer.setup, config_.own);
    peer.multiply->context_out = pair_context(session_, *peer.setup, peer.id);
  }
  stage_ = Stage::kPreparing;
  return config_.answers ? Status() : prepare_all(transport);
}

void SignSession::hear(const SignPeer& from, Bytes message) { heard_.add_u32(from.id).add(message); }

Status SignSession::prepare_all(Transport& transport) {
  random_.stir(heard_.digest());
  nonce_ = random_.scalar();
  random_.fill(blinding_);
  Point nonce_point;
  TS_ASSIGN_OR_RETURN(nonce_point, curve_.multiply_base(nonce_));
  nonce_points_[own_index_] = nonce_point;
  if (nonce_point.infinity) return Error{ErrorCode::kInfinity, "the nonce is zero"};
  commitment_ = declassify(commit(config_.own, crypto::compress(nonce_point), blinding_));
  for (SignPeer& peer : peers_) TS_RETURN_IF_ERROR(say_prepare(peer, transport));
  return {};
}

Status SignSession::say_prepare(SignPeer& peer, Transport& transport) {
  MultiplyMemory& memory = *peer.multiply;
  Secret<kColumnBytes> bits;
  random_.fill(bits.expose());
  for (std::size_t i = 0; i < kColumnWords; ++i) memory.choices[i] = load_le32(&bits.expose()[4 * i]);
  SignPrepare m;
  random_.fill(m.nonce);
  const MutableBytes corrections = MutableBytes(scratch_.payload).first(kCorrectionBytes);
  extension_choose(peer.setup->full_trees(), m.nonce, memory.choices, memory.t, corrections);
  const ExtensionCheck check = extension_check(memory.context_in, m.nonce, corrections, memory.choices, memory.t);
  peer.chi = multiply_factor(memory.choices);
  m.session = session_;
  m.setup = peer.setup->id();
  m.commitment = commitment_;
  m.corrections = corrections;
  m.choice_hash = check.choice_hash;
  m.row_hash = check.row_hash;
  return transport.send(peer.id, m.encode(scratch_.message).value());
}

Result<Delivery> SignSession::receive(PartyId from, Bytes untrusted_message, Transport& transport) {
  if (stage_ == Stage::kNew || stage_ == Stage::kDone || stage_ == Stage::kFailed)
    return Error{ErrorCode::kState, "the session does not run"};
  const auto peer = std::find_if(peers_.begin(), peers_.end(), [&](const SignPeer& p) { return p.id == from; });
  if (peer == peers_.end() || untrusted_message.size() < 33 ||
      !std::equal(session_.begin(), session_.end(), untrusted_message.begin() + 1))
    return Delivery::kForeign;
  culprit_ = from;
  Result<Delivery> taken = Delivery::kTaken;
  // Another session may have burned a set-up meanwhile.
  if (std::any_of(peers_.begin(), peers_.end(), [](const SignPeer& p) { return !p.setup->ready(); })) {
    taken = blame_nobody({ErrorCode::kState, "a set-up was burned"});
  } else {
    switch (untrusted_message[0]) {
      case SignPrepare::kId:
        taken = take_prepare(*peer, untrusted_message, transport);
        break;
      case Multiply::kId:
        taken = take_multiply(*peer, untrusted_message);
        break;
      case MultiplyCheck::kId:
        taken = take_multiply_check(*peer, untrusted_message);
        break;
      case contract::dkls::SignOpen::kId:
        taken = take_open(*peer, untrusted_message, transport);
        break;
      case contract::dkls::SignShare::kId:
        taken = take_share(*peer, untrusted_message);
        break;
      default:
        taken = Error{ErrorCode::kBadFormat, "no message of a signature"};
    }
  }
  if (!taken) return fail(taken.error());
  return taken;
}

Result<Delivery> SignSession::take_prepare(SignPeer& peer, Bytes untrusted_message, Transport& transport) {
  if (peer.heard != Heard::kNothing) return Delivery::kRepeated;
  const auto m = SignPrepare::decode(untrusted_message);
  if (!m) return m.error();
  if (m->corrections.size() != kCorrectionBytes) return Error{ErrorCode::kBadFormat, "SignPrepare: size"};
  if (m->setup != peer.setup->id()) return blame_nobody({ErrorCode::kState, "the two sides hold different set-ups"});
  const Status fused = peer.setup->before_check();
  if (!fused) return blame_nobody(fused.error());
  const Status answered =
      extension_answer(*peer.setup, peer.multiply->context_out, m->nonce, m->corrections, {m->choice_hash, m->row_hash}, peer.multiply->q);
  if (!answered) {
    peer.setup->burn();
    return answered.error();
  }
  const Status mended = peer.setup->after_check();
  if (!mended) return blame_nobody(mended.error());
  peer.commitment = m->commitment;
  peer.heard = Heard::kPrepare;
  hear(peer, untrusted_message);
  if (!all_heard(Heard::kPrepare)) return Delivery::kTaken;
  culprit_.reset();
  if (config_.answers) TS_RETURN_IF_ERROR(prepare_all(transport));
  TS_RETURN_IF_ERROR(begin_to_multiply());
  while (!config_.paced && multiplied_ < peers_.size()) TS_RETURN_IF_ERROR(multiply_with(peers_[multiplied_], transport));
  return Delivery::kTaken;
}

Status SignSession::begin_to_multiply() {
  random_.stir(heard_.digest());
  random_.fill(online_secret_);
  Transcript view("touchstone/dkls23/sign/view");
  view.add(session_);
  std::size_t next = 0;
  for (const PartyId id : config_.key->signers) view.add(id == config_.own ? commitment_ : peers_[next++].commitment);
  view_ = view.digest();
  for (SignPeer& peer : peers_) {
    MultiplyMemory& memory = *peer.multiply;
    memory.context_in = multiply_context(memory.context_in, view_);
    memory.context_out = multiply_context(memory.context_out, view_);
    memory.receiver.begin(memory.context_in);
  }
  for (const SignPeer& peer : peers_) {
    const Scalar part = Transcript("touchstone/dkls23/sign/zero").add(peer.setup->zero_seed()).add(view_).scalar();
    zero_ += part.negate_if(config_.own > peer.id);
  }
  Point zero_point;
  TS_ASSIGN_OR_RETURN(zero_point, curve_.multiply_base(zero_));
  zero_point_ = crypto::compress_or_zero(zero_point);
  zero_sum_ = zero_point;
  TS_ASSIGN_OR_RETURN(expected_points_[own_index_], curve_.add(expected_points_[own_index_], zero_point));
  return {};
}

Result<bool> SignSession::work(Transport& transport) {
  if (stage_ != Stage::kPreparing || !all_heard(Heard::kPrepare) || multiplied_ == peers_.size()) return false;
  const Status done = multiply_with(peers_[multiplied_], transport);
  if (!done) return fail(done.error());
  return true;
}

/// The next piece.
Status SignSession::multiply_with(SignPeer& peer, Transport& transport) {
  std::optional<MultiplySender>& sender = peer.multiply->sender;
  if (!sender) {
    peer.pad = random_.scalar();
    sender.emplace(peer.multiply->context_out, peer.multiply->q, peer.setup->delta(), Products{nonce_, peer.pad}, random_.scalar());
  }
  if (sender->pieces_made() < kPieces) {
    Multiply m;
    m.session = session_;
    m.piece = static_cast<std::uint8_t>(sender->pieces_made());
    sender->next_piece(scratch_.payload);
    m.rows = scratch_.payload;
    return transport.send(peer.id, m.encode(scratch_.message).value());
  }
  MultiplyCheck check;
  sender->finish(check.eta, check.mu, peer.c);
  check.session = session_;
  check.view = view_;
  check.zero_point = zero_point_;
  Point gamma_u;
  TS_ASSIGN_OR_RETURN(gamma_u, curve_.multiply_base(peer.c[0]));
  peer.gamma_u = crypto::compress_or_zero(gamma_u);
  TS_RETURN_IF_ERROR(transport.send(peer.id, check.encode(scratch_.message).value()));
  ++multiplied_;
  end_prepare_if_complete();
  return {};
}

Result<Delivery> SignSession::take_multiply(SignPeer& peer, Bytes untrusted_message) {
  const auto m = Multiply::decode(untrusted_message);
  if (!m) return m.error();
  if (m->rows.size() != kPieceBytes || m->piece >= kPieces)
    return Error{ErrorCode::kBadFormat, "Multiply: piece or size"};
  if (peer.heard >= Heard::kMultiply) return Delivery::kRepeated;
  const std::size_t expected = peer.multiply->receiver.pieces_taken();
  if (m->piece < expected) return Delivery::kRepeated;
  if (m->piece > expected || !all_heard(Heard::kPrepare)) return Delivery::kEarly;
  TS_RETURN_IF_ERROR(peer.multiply->receiver.take_piece(peer.multiply->context_in, peer.multiply->t, peer.multiply->choices, m->rows));
  hear(peer, untrusted_message);
  return Delivery::kTaken;
}

Result<Delivery> SignSession::take_multiply_check(SignPeer& peer, Bytes untrusted_message) {
  if (peer.heard >= Heard::kMultiply) return Delivery::kRepeated;
  if (peer.multiply->receiver.pieces_taken() < kPieces || !all_heard(Heard::kPrepare)) return Delivery::kEarly;
  const auto m = MultiplyCheck::decode(untrusted_message);
  if (!m) return m.error();
  if (m->view != view_)
    return blame_if_two(peer, {ErrorCode::kMismatch, "the signers have received different commitments"});
  TS_RETURN_IF_ERROR(peer.multiply->receiver.finish(peer.multiply->context_in, peer.multiply->choices, m->eta, m->mu, peer.d));
  Point zero_point;
  TS_ASSIGN_OR_RETURN(zero_point, crypto::decompress(curve_, m->zero_point));
  TS_ASSIGN_OR_RETURN(zero_sum_, curve_.add(zero_sum_, zero_point));
  TS_ASSIGN_OR_RETURN(expected_points_[peer.index], curve_.add(expected_points_[peer.index], zero_point));
  peer.heard = Heard::kMultiply;
  hear(peer, untrusted_message);
  if (!all_heard(Heard::kMultiply)) return Delivery::kTaken;
  if (!zero_sum_.infinity) return blame_if_two(peer, {ErrorCode::kMismatch, "the shares of zero do not cancel"});
  end_prepare_if_complete();
  return Delivery::kTaken;
}

void SignSession::end_prepare_if_complete() {
  if (multiplied_ < peers_.size() || !all_heard(Heard::kMultiply)) return;
  stage_ = Stage::kPrepared;
  for (SignPeer& peer : peers_) {
    peer.multiply->clear();
    peer.multiply = nullptr;
  }
}

}  // namespace touchstone::mpc::dkls
