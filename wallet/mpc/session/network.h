// Parties in one process, for tests and measurements: their messages wait in one list and are delivered in an order, with the
// faults, that the caller chooses. Needs a heap; not for the card.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "mpc_session/session.h"

namespace touchstone::mpc {

class Network {
 public:
  struct Message {
    PartyId from, to;
    std::vector<std::uint8_t> bytes;
  };

  /// `session` must outlive the network.
  void join(PartyId id, Session& session) {
    sessions_[id] = &session;
    ports_.emplace(id, Port(*this, id));
  }
  /// Starts all, then delivers until nothing is left that anybody takes. Errors are in the sessions.
  void run() {
    for (auto& [id, session] : sessions_) (void)session->start(ports_.at(id));
    while (step()) {
    }
  }
  /// Delivers the message that pick() names, the oldest without one. False when no message is left that is not early.
  bool step() {
    if (!waiting_.empty() && pick && deliver_at(pick(waiting_.size()) % waiting_.size())) return true;
    for (std::size_t i = 0; i < waiting_.size(); ++i)
      if (deliver_at(i)) return true;
    return false;
  }
  /// Puts a message among the waiting ones, whoever is said to have sent it.
  void inject(Message message) { waiting_.push_back(std::move(message)); }
  /// Where a session that is told something from outside sends.
  Transport& port(PartyId id) { return ports_.at(id); }
  std::deque<Message>& waiting() { return waiting_; }
  std::uint64_t sent_bytes() const { return sent_bytes_; }
  std::uint64_t sent_messages() const { return sent_messages_; }

  /// Which of so many waiting messages is next.
  std::function<std::size_t(std::size_t)> pick;
  /// Sees, and may change, every message as it is sent; false: it is lost.
  std::function<bool(Message&)> tamper;

 private:
  class Port final : public Transport {
   public:
    Port(Network& owner, PartyId id) : network_(owner), id_(id) {}
    Status send(PartyId to, Bytes message) override {
      for (const auto& [id, session] : network_.sessions_) {
        if (id == id_ || (to != kEverybody && id != to)) continue;
        Message copy{id_, id, {message.begin(), message.end()}};
        network_.sent_bytes_ += copy.bytes.size();
        ++network_.sent_messages_;
        if (!network_.tamper || network_.tamper(copy)) network_.waiting_.push_back(std::move(copy));
      }
      return {};
    }

   private:
    Network& network_;
    PartyId id_;
  };

  /// False if it is early, and then it goes on waiting.
  bool deliver_at(std::size_t index) {
    const auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(index);
    Message message = std::move(*at);
    waiting_.erase(at);
    const Result<Delivery> out = sessions_.at(message.to)->receive(message.from, message.bytes, ports_.at(message.to));
    const bool early = out.ok() && *out == Delivery::kEarly;
    if (early) waiting_.insert(waiting_.begin() + static_cast<std::ptrdiff_t>(index), std::move(message));
    return !early;
  }

  std::map<PartyId, Session*> sessions_;
  std::map<PartyId, Port> ports_;
  std::deque<Message> waiting_;
  std::uint64_t sent_bytes_ = 0, sent_messages_ = 0;
};

}  // namespace touchstone::mpc
