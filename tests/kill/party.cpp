#include "kill/party.h"

#include <deque>
#include <map>

#include "contract/frost.h"
#include "crypto/point.h"
#include "curve_host/host_curve.h"
#include "kill/tasks.h"
#include "mpc_session/roots.h"
#include "mpc_session/transcript.h"

namespace touchstone::kill_test {

using crypto::Scalar;
using mpc::PartyId;

Text to_text(const Order& order) {
  Text out = {static_cast<std::uint8_t>(order.job), static_cast<std::uint8_t>(order.die_at), static_cast<std::uint8_t>(order.everybody),
              static_cast<std::uint8_t>(order.weakness)};
  out.insert(out.end(), order.message.begin(), order.message.end());
  out.insert(out.end(), order.parties.begin(), order.parties.end());
  return out;
}
Order order_of(Bytes text) {
  Order out{static_cast<Job>(text[0]),   {text.begin() + 36, text.end()}, {},
            static_cast<DieAt>(text[1]), text[2] != 0,                    static_cast<Weakness>(text[3])};
  std::copy_n(text.begin() + 4, 32, out.message.begin());
  return out;
}

std::uint64_t generator_seed_of(PartyId id) { return 1000u + id; }
Secret<32> root_of(PartyId id) {
  Secret<32> out;
  SeedTree(id).stream("root").fill(out.expose());
  return out;
}
Scalar pad_of(PartyId id, std::uint32_t epoch) { return mpc::derive_share(root_of(id), {mpc::Scheme::kFrost, 1, 0, epoch}).value(); }
Scalar musig2_share_of(PartyId id) { return mpc::derive_share(root_of(id), {mpc::Scheme::kMusig2, 1, 0, 0}).value(); }

Text to_text(const StoredKey& key) {
  const mpc::frost::GroupKey& group = key.group;
  Text out = text_of(group.digest());
  const auto put = [&](Bytes bytes) { out.insert(out.end(), bytes.begin(), bytes.end()); };
  out.insert(out.end(), {static_cast<std::uint8_t>(group.parties.size()), group.threshold});
  put(Bytes(group.parties.begin(), group.parties.size()));
  ByteArray<4> epoch;
  store_le32(epoch.data(), group.epoch);
  put(epoch);
  put(crypto::compress(group.point));
  for (std::size_t i = 0; i < group.parties.size(); ++i) put(crypto::compress(group.verification_shares[i]));
  if (key.offset) {
    put(key.offset->value);
    put(key.offset->tag);
  }
  return out;
}
StoredKey stored_key_of(Bytes text) {
  crypto::HostCurve curve;
  StoredKey out;
  ByteReader r(text.subspan(32));
  const std::size_t parties = r.u8();
  out.group.threshold = r.u8();
  out.group.parties = mpc::Parties::of(r.take(parties)).value();
  out.group.epoch = r.le32();
  out.group.point = crypto::decompress(curve, r.take(33)).value();
  for (std::size_t i = 0; i < parties; ++i) out.group.verification_shares[i] = crypto::decompress(curve, r.take(33)).value();
  if (r.remaining() > 0) {
    out.offset.emplace();
    r.copy(out.offset->value);
    r.copy(out.offset->tag);
  }
  TS_CHECK(r.complete(), "a stored key");
  return out;
}

namespace {

constexpr std::array kSlots = {"key", "ot", "paillier"};

/// What is said at a meeting: fresh bytes for the run that follows, what is held, and the public part of the key.
struct Announcement {
  ByteArray<32> fresh{};
  std::array<mpc::Held, kSlots.size()> held;
  Text key;
};
Text to_text(const Announcement& announcement) {
  Text out = text_of(announcement.fresh);
  for (const mpc::Held& held : announcement.held)
    for (const auto& thing : {held.current, held.next}) {
      out.push_back(thing ? 1 : 0);
      const Text bytes = text_of(thing.value_or(ByteArray<32>{}));
      out.insert(out.end(), bytes.begin(), bytes.end());
    }
  out.insert(out.end(), announcement.key.begin(), announcement.key.end());
  return out;
}
Announcement announcement_of(Bytes text) {
  Announcement out;
  ByteReader r(text);
  r.copy(out.fresh);
  for (mpc::Held& held : out.held)
    for (auto* thing : {&held.current, &held.next}) {
      if (r.u8() != 0) r.copy(thing->emplace());
      else (void)r.take(32);
    }
  out.key = text_of(r.take(r.remaining()));
  return out;
}

class Party final : public mpc::Transport {
 public:
  Party(PartyId own, const fs::path& folder, int socket) : own_(own), store_(folder), socket_(socket) {}

  void serve() {
    while (const auto frame = receive_frame(socket_)) {
      if (frame->kind == Kind::kJob) begin(order_of(frame->bytes));
      if (frame->kind == Kind::kAbort) end();
      if (frame->kind == Kind::kMessage) {
        waiting_.push_back({frame->party, frame->bytes});
        while (take_one()) {
        }
      }
      Text report = {static_cast<std::uint8_t>(report_.state), static_cast<std::uint8_t>(report_.error), report_.apart};
      report.insert(report.end(), report_.result.begin(), report_.result.end());
      send_frame(socket_, {Kind::kIdle, 0, report});
    }
  }

  Status send(PartyId to, Bytes message) override {
    say(to, Phase::kSession, message);
    return {};
  }

 private:
  void say(PartyId to, Phase phase, Bytes message) {
    for (const PartyId id : order_.parties) {
      if (id == own_ || (to != mpc::kEverybody && id != to)) continue;
      Text bytes = {static_cast<std::uint8_t>(phase)};
      bytes.insert(bytes.end(), message.begin(), message.end());
      send_frame(socket_, {Kind::kMessage, id, bytes});
    }
  }
  void begin(const Order& order) {
    end();
    order_ = order;
    report_ = {};
    store_.die_at = order.die_at;
    if (order.job == Job::kGenerateAnew)
      for (const char* file : {"key.current", "key.next"}) store_.erase(file);
    meet(Phase::kMeeting);
  }
  void end() {
    task_.reset();
    waiting_.clear();
    phase_ = Phase::kMeeting;
  }
  void meet(Phase phase) {
    phase_ = phase;
    heard_.clear();
    echoes_.clear();
    Announcement& said = heard_[own_];
    said.fresh = store_.draw(generator_seed_of(own_));
    for (std::size_t i = 0; i < kSlots.size(); ++i) said.held[i] = store_.held(kSlots[i]);
    if (said.held[0].current) {
      StoredKey key = stored_key_of(store_.read("key.current"));
      key.offset.reset();
      said.key = to_text(key);
    }
    say(mpc::kEverybody, phase, to_text(said));
  }

  bool take_one() {
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      const Message message = waiting_[i];
      if (message.bytes[0] > static_cast<std::uint8_t>(phase_) || !take(message)) continue;
      if (i < waiting_.size()) waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
      return true;
    }
    return false;
  }
  struct Message {
    PartyId from;
    Text bytes;
  };
  /// False: it must wait.
  bool take(const Message& message) {
    const Bytes body = Bytes(message.bytes).subspan(1);
    if (message.bytes[0] != static_cast<std::uint8_t>(phase_) || report_.state != Report::State::kRunning) return true;  // of a phase that is over
    if (phase_ == Phase::kSession) {
      const auto delivered = task_->session->receive(message.from, body, *this);
      if (delivered.ok() && *delivered == mpc::Delivery::kEarly) return false;
      task_->after(*this);
      after_session();
      return true;
    }
    if (phase_ == Phase::kEcho || phase_ == Phase::kEchoAfter) {
      echoes_[message.from] = text_of(body);
      if (echoes_.size() == order_.parties.size()) agree();
      return true;
    }
    heard_[message.from] = announcement_of(body);
    if (heard_.size() == order_.parties.size()) echo();
    return true;
  }
  /// Everybody has been heard. Some without the others decide by themselves, for nothing is erased.
  void echo() {
    mpc::Transcript meeting("touchstone/test/kill/meeting");
    std::vector<PartyId> ids;
    for (const auto& [id, announcement] : heard_) {
      ids.push_back(id);
      meeting.add(announcement.fresh);
    }
    meeting_ = meeting.digest();
    if (!order_.everybody) return act(false);
    Text digests;
    for (std::size_t i = 0; i < kSlots.size(); ++i) {
      std::vector<mpc::Held> held;
      for (const auto& [id, announcement] : heard_) held.push_back(announcement.held[i]);
      const auto digest = mpc::view_digest(meeting_, mpc::Parties::of(ids).value(), held);
      digests.insert(digests.end(), digest.begin(), digest.end());
    }
    phase_ = phase_ == Phase::kMeeting ? Phase::kEcho : Phase::kEchoAfter;
    echoes_[own_] = digests;
    say(mpc::kEverybody, phase_, digests);
  }
  void agree() {
    for (const auto& [id, digests] : echoes_)
      if (digests != echoes_[own_]) return fail(ErrorCode::kMismatch);  // somebody lies
    act(true);
  }
  void after_session() {
    if (task_->session->failure()) return fail(task_->session->failure()->error.code);
    if (!task_->session->done()) return;
    report_.result = task_->finish();
    task_->session.reset();
    if (order_.weakness == Weakness::kHasty)
      for (const char* slot : kSlots)
        if (store_.held(slot).next) store_.act(slot, mpc::Switch::kTakeUp);
    if (task_->makes_next) return meet(Phase::kMeetingAfter);
    report_.state = Report::State::kDone;
  }
  void fail(ErrorCode error) {
    report_.state = Report::State::kFailed;
    report_.error = error;
  }
  void act(bool agreed) {
    for (std::size_t i = 0; i < kSlots.size(); ++i) {
      std::vector<mpc::Held> others;
      for (const auto& [id, announcement] : heard_)
        if (id != own_) others.push_back(announcement.held[i]);
      const mpc::Switch decision = mpc::decide(heard_[own_].held[i], others, agreed);
      if (decision == mpc::Switch::kApart) {
        report_.apart = 1;
        return fail(ErrorCode::kMismatch);
      }
      store_.act(kSlots[i], decision);
    }
    if (phase_ == Phase::kEchoAfter || order_.job == Job::kMeet) {
      report_.state = Report::State::kDone;
      return;
    }
    Text known_key = heard_[own_].key;
    for (const auto& [id, announcement] : heard_)
      if (known_key.empty()) known_key = announcement.key;
    TaskInput input{order_, own_, store_, meeting_, store_.draw(generator_seed_of(own_)), known_key};
    if (order_.weakness == Weakness::kRepeating) input.run = input.random32 = {own_};
    auto task = make_task(input);
    if (!task) return fail(task.error().code);
    if (task->makes_next && !agreed) return fail(ErrorCode::kState);  // a next may lie there still
    task_.emplace(std::move(*task));
    phase_ = Phase::kSession;
    if (const Status out = task_->session->start(*this); !out) return fail(out.error().code);
    after_session();
  }

  const PartyId own_;
  Store store_;
  const int socket_;
  Order order_;
  Report report_;
  Phase phase_ = Phase::kMeeting;
  std::deque<Message> waiting_;
  std::map<PartyId, Announcement> heard_;  // with what was said
  std::map<PartyId, Text> echoes_;
  ByteArray<32> meeting_{};
  std::optional<Task> task_;
};

}  // namespace

void serve(PartyId own, const fs::path& folder, int socket) {
  {
    auto party = std::make_unique<Party>(own, folder, socket);
    party->serve();
  }
  std::_Exit(0);
}

}  // namespace touchstone::kill_test
