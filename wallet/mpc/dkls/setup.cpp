#include "mpc_dkls/setup.h"

#include <algorithm>

#include "base/check.h"
#include "contract/dkls.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc::dkls {

using contract::dkls::SetupAnswer;
using contract::dkls::SetupConfirm;
using contract::dkls::SetupPoints;

void OtSetup::burn() {
  state_ = State::kBurned;
  clear();
  if (fuse_ != nullptr) (void)fuse_->blow();  // an error: it is blown since before_check(), where a check has failed
}

Status OtSetup::before_check() { return fuse_ != nullptr ? fuse_->blow() : Status(); }

Status OtSetup::after_check() { return fuse_ != nullptr ? fuse_->mend() : Status(); }

void OtSetup::clear() {
  zero_seed_ = Seed();
  delta_ = Wiped<Row>();
  full_ = {};
  punctured_ = {};
}

Seed OtSetup::own_secret() const {
  crypto::Sha256 hash = crypto::Sha256::tagged("touchstone/dkls23/setup/own-secret");
  for (const std::uint32_t word : delta_) hash.update_be32(word);
  for (const FullTree& tree : full_)
    for (const Seed& seed : tree.nodes) hash.update(seed);
  Seed out;
  static_cast<ByteArray<32>&>(out) = hash.finish();
  return out;
}

ByteArray<16> OtSetup::digest(Bytes body) const {
  const ByteArray<32> whole = crypto::tagged_hash("touchstone/dkls23/setup/stored", body);
  ByteArray<16> out;
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

Status OtSetup::store(MutableBytes out) const {
  if (!ready() || fuse_ == nullptr) return Error{ErrorCode::kState, "this set-up is not ready, or has no fuse"};
  if (out.size() != kBytes) return Error{ErrorCode::kTooLarge, "a stored set-up has another size"};
  ByteWriter w(out);
  w.u8(own_);
  w.u8(peer_);
  w.put(id_);
  w.put(zero_seed_);
  for (const std::uint32_t word : delta_) w.le32(word);
  for (const FullTree& tree : full_)
    for (const Seed& seed : tree.nodes) w.put(seed);
  for (const PuncturedTree& tree : punctured_)
    for (const Seed& seed : tree.siblings) w.put(seed);
  w.put(digest(w.written()));
  TS_CHECK(!w.failed() && w.size() == kBytes, "size of a stored set-up");
  return {};
}

Status OtSetup::load(Bytes stored) {
  if (state_ != State::kEmpty) return Error{ErrorCode::kState, "this set-up is in use"};
  if (fuse_ == nullptr || fuse_->blown()) return Error{ErrorCode::kState, "the fuse of the set-up is blown"};
  if (stored.size() != kBytes) return Error{ErrorCode::kBadFormat, "a stored set-up has another size"};
  if (!equal_constant_time(digest(stored.first(kBytes - 16)), stored.last(16)))
    return Error{ErrorCode::kMismatch, "the stored set-up was changed"};
  ByteReader r(stored);
  own_ = r.u8();
  peer_ = r.u8();
  r.copy(id_);
  r.copy(zero_seed_);
  for (std::uint32_t& word : delta_) word = r.le32();
  for (FullTree& tree : full_)
    for (Seed& seed : tree.nodes) r.copy(seed);
  for (PuncturedTree& tree : punctured_)
    for (Seed& seed : tree.siblings) r.copy(seed);
  state_ = State::kReady;
  return {};
}

SetupSession::SetupSession(crypto::Curve& curve, const SessionId& session, PartyId own, PartyId peer, Bytes random32,
                           Bytes hedge, OtSetup& out)
    : curve_(curve),
      session_(session),
      own_(own),
      peer_(peer),
      random_(random32, Transcript("touchstone/dkls23/setup/random").add(session).add_u32(own).add_u32(peer).digest(),
              label("dkls23/setup")),
      out_(out) {
  TS_CHECK(random32.size() == 32 && hedge.size() >= 32, "32 random bytes, and a secret of the party");
  random_.stir(hedge);
  for (const Direction direction : {kOwn, kTheirs})
    context_[direction] = Transcript("touchstone/dkls23/setup")
                              .add(session)
                              .add_u32(std::min(own, peer))
                              .add_u32(std::max(own, peer))
                              .add_u32(direction == kOwn ? own : peer)
                              .digest();
}

Error SetupSession::fail(Error error, bool blame) {
  abort();
  failure_ = Failure{error, blame && error.code != ErrorCode::kDevice ? std::optional(peer_) : std::nullopt};
  return error;
}

void SetupSession::abort() {
  if (stage_ == Stage::kDone || stage_ == Stage::kFailed) return;
  if (stage_ != Stage::kNew) {
    out_.clear();
  }
  stage_ = Stage::kFailed;
  failure_ = Failure{{ErrorCode::kAborted, "the session was ended"}, std::nullopt};
  clear();
}

void SetupSession::clear() {
  exponents_ = {};
  seed_ = Seed();
  wipe(&random_, sizeof random_);
}

ByteArray<32> SetupSession::key_context(Direction direction, std::size_t block, Bytes points) const {
  return Transcript("touchstone/dkls23/setup/keys")
      .add(context_[direction])
      .add_u32(static_cast<std::uint32_t>(block))
      .add(points)
      .digest();
}

Status SetupSession::start(Transport& transport) {
  if (stage_ != Stage::kNew) return Error{ErrorCode::kState, "a session starts once"};
  if (own_ == peer_ || own_ == kEverybody || peer_ == kEverybody || out_.state_ != OtSetup::State::kEmpty ||
      (out_.fuse_ != nullptr && out_.fuse_->blown()))
    return fail({ErrorCode::kOutOfRange, "a set-up has two parties and an empty place"}, false);
  stage_ = Stage::kRunning;
  Secret<kLambda / 8> choices;
  random_.fill(choices.expose());
  for (std::size_t i = 0; i < out_.delta_.size(); ++i) out_.delta_[i] = load_le32(&choices.expose()[4 * i]);
  random_.fill(seed_);
  for (std::size_t block = 0; block < kBlocks; ++block) {
    const MutableBytes points = MutableBytes(payload_).first(kOtsPerBlock * kChoiceBytes);
    for (std::size_t i = 0; i < kOtsPerBlock; ++i) {
      const std::size_t ot = block * kOtsPerBlock + i;
      // The key of a tree's level is that of the sibling: the choice is the other bit. Highest bit of the index first.
      const bool choice = (out_.missing(ot / kTreeDepth) >> (kTreeDepth - 1 - ot % kTreeDepth) & 1) == 0;
      const Status chosen = base_ot_choose(curve_, context_[kOwn], static_cast<std::uint32_t>(ot), choice, random_,
                                           exponents_[ot], points.subspan(i * kChoiceBytes, kChoiceBytes));
      if (!chosen) return fail(chosen.error(), false);
    }
    own_key_context_[block] = key_context(kOwn, block, points);
    points_hash_[kOwn].update(points);
    SetupPoints m;
    m.session = session_;
    m.block = static_cast<std::uint8_t>(block);
    m.points = points;
    const Status sent = transport.send(peer_, m.encode(message_).value());
    if (!sent) return fail(sent.error(), false);
  }
  return {};
}

Result<Delivery> SetupSession::receive(PartyId from, Bytes untrusted_message, Transport& transport) {
  if (stage_ == Stage::kNew || stage_ == Stage::kDone || stage_ == Stage::kFailed)
    return Error{ErrorCode::kState, "the session does not run"};
  if (from != peer_ || untrusted_message.size() < 33 ||
      !std::equal(session_.begin(), session_.end(), untrusted_message.begin() + 1))
    return Delivery::kForeign;
  switch (untrusted_message[0]) {
    case SetupPoints::kId:
      return take_points(untrusted_message, transport);
    case SetupAnswer::kId:
      return take_answer(untrusted_message, transport);
    case SetupConfirm::kId:
      return take_confirm(untrusted_message);
    default:
      return fail({ErrorCode::kBadFormat, "no message of a set-up"}, true);
  }
}

Result<Delivery> SetupSession::take_points(Bytes untrusted_message, Transport& transport) {
  const auto m = SetupPoints::decode(untrusted_message);
  if (!m) return fail(m.error(), true);
  if (m->block >= kBlocks || m->points.size() != kOtsPerBlock * kChoiceBytes)
    return fail({ErrorCode::kBadFormat, "SetupPoints: block or size"}, true);
  if (m->block != points_taken_) return m->block < points_taken_ ? Delivery::kRepeated : Delivery::kEarly;
  const ByteArray<32> keys_bound_to = key_context(kTheirs, m->block, m->points);
  points_hash_[kTheirs].update(m->points);
  const MutableBytes answers = MutableBytes(payload_).first(kOtsPerBlock * kAnswerBytes);
  const MutableBytes trees = MutableBytes(payload_).subspan(answers.size());
  for (std::size_t tree = 0; tree < kTreesPerBlock; ++tree) {
    std::array<std::array<Seed, 2>, kTreeDepth> keys;
    for (std::size_t level = 0; level < kTreeDepth; ++level) {
      const std::size_t i = tree * kTreeDepth + level;
      const Status answered = base_ot_answer(curve_, context_[kTheirs], keys_bound_to,
                                             static_cast<std::uint32_t>(m->block * kOtsPerBlock + i),
                                             m->points.subspan(i * kChoiceBytes, kChoiceBytes), random_,
                                             answers.subspan(i * kAnswerBytes, kAnswerBytes), keys[level]);
      if (!answered) return fail(answered.error(), true);
    }
    make_tree(keys, keys_bound_to, out_.full_[m->block * kTreesPerBlock + tree],
              trees.subspan(tree * kTreeBytes, kTreeBytes));
  }
  answers_hash_[kTheirs].update(payload_);
  SetupAnswer answer;
  answer.session = session_;
  answer.block = m->block;
  answer.points = answers;
  answer.trees = trees;
  const Status sent = transport.send(peer_, answer.encode(message_).value());
  if (!sent) return fail(sent.error(), false);
  ++points_taken_;
  TS_RETURN_IF_ERROR(confirm_if_complete(transport));
  return Delivery::kTaken;
}

Result<Delivery> SetupSession::take_answer(Bytes untrusted_message, Transport& transport) {
  const auto m = SetupAnswer::decode(untrusted_message);
  if (!m) return fail(m.error(), true);
  if (m->block >= kBlocks || m->points.size() != kOtsPerBlock * kAnswerBytes ||
      m->trees.size() != kTreesPerBlock * kTreeBytes)
    return fail({ErrorCode::kBadFormat, "SetupAnswer: block or size"}, true);
  if (m->block != answers_taken_) return m->block < answers_taken_ ? Delivery::kRepeated : Delivery::kEarly;
  answers_hash_[kOwn].update(m->points).update(m->trees);
  for (std::size_t tree = 0; tree < kTreesPerBlock; ++tree) {
    const std::uint32_t missing = out_.missing(m->block * kTreesPerBlock + tree);
    std::array<Seed, kTreeDepth> keys;
    for (std::size_t level = 0; level < kTreeDepth; ++level) {
      const std::size_t i = tree * kTreeDepth + level, ot = m->block * kOtsPerBlock + i;
      const bool choice = (missing >> (kTreeDepth - 1 - level) & 1) == 0;
      const Status finished =
          base_ot_finish(curve_, own_key_context_[m->block], static_cast<std::uint32_t>(ot), choice, exponents_[ot],
                         m->points.subspan(i * kAnswerBytes, kAnswerBytes), keys[level]);
      if (!finished) return fail(finished.error(), true);
    }
    const Status opened =
        open_tree(keys, missing, own_key_context_[m->block], m->trees.subspan(tree * kTreeBytes, kTreeBytes),
                  out_.punctured_[m->block * kTreesPerBlock + tree]);
    if (!opened) return fail(opened.error(), true);
  }
  ++answers_taken_;
  TS_RETURN_IF_ERROR(confirm_if_complete(transport));
  return Delivery::kTaken;
}

ByteArray<32> SetupSession::transcript() const {
  // In an order that is the same on both sides.
  const Direction first = own_ < peer_ ? kOwn : kTheirs, second = own_ < peer_ ? kTheirs : kOwn;
  Transcript t("touchstone/dkls23/setup/transcript");
  for (const Direction direction : {first, second}) {
    crypto::Sha256 points = points_hash_[direction], answers = answers_hash_[direction];
    t.add(context_[direction]).add(points.finish()).add(answers.finish());
  }
  return t.digest();
}

Status SetupSession::confirm_if_complete(Transport& transport) {
  if (points_taken_ < kBlocks || answers_taken_ < kBlocks) return {};
  stage_ = Stage::kConfirming;
  SetupConfirm m;
  m.session = session_;
  m.transcript = transcript();
  std::copy(seed_.begin(), seed_.end(), m.seed.begin());
  const Status sent = transport.send(peer_, m.encode(message_).value());
  wipe(m.seed.data(), m.seed.size());
  wipe(message_.data(), message_.size());
  if (!sent) return fail(sent.error(), false);
  return {};
}

Result<Delivery> SetupSession::take_confirm(Bytes untrusted_message) {
  auto m = SetupConfirm::decode(untrusted_message);
  if (!m) return fail(m.error(), true);
  if (stage_ != Stage::kConfirming) return Delivery::kEarly;
  out_.id_ = transcript();
  if (m->transcript != out_.id_) return fail({ErrorCode::kMismatch, "the peer has seen another set-up"}, true);
  const bool low = own_ < peer_;
  static_cast<ByteArray<32>&>(out_.zero_seed_) = Transcript("touchstone/dkls23/setup/zero")
                                                     .add(out_.id_)
                                                     .add(low ? Bytes(seed_) : Bytes(m->seed))
                                                     .add(low ? Bytes(m->seed) : Bytes(seed_))
                                                     .digest();
  wipe(m->seed.data(), m->seed.size());
  out_.own_ = own_;
  out_.peer_ = peer_;
  out_.state_ = OtSetup::State::kReady;
  stage_ = Stage::kDone;
  clear();
  return Delivery::kTaken;
}

}  // namespace touchstone::mpc::dkls
