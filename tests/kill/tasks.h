// The protocols as jobs of a party: how each begins from what is stored, and what it stores at its end.
#pragma once

#include <functional>
#include <memory>

#include "kill/party.h"
#include "mpc_lindell/factor_proof.h"
#include "mpc_session/session.h"

namespace touchstone::kill_test {

struct TaskInput {
  const Order& order;
  mpc::PartyId own;
  const Store& store;
  ByteArray<32> run;       ///< digest of fresh bytes of all parties
  ByteArray<32> random32;  ///< fresh, as far as this party's generator is
  Text key;                ///< public part of the key in use, of whoever has it
};
struct Task {
  bool makes_next = false;                                              ///< finish() stores what is to be taken up at a meeting
  std::function<void(mpc::Transport&)> after = [](mpc::Transport&) {};  ///< called after each message
  std::function<Text()> finish;                                         ///< once done; its captures are what the session refers to
  std::unique_ptr<mpc::Session> session;                                // goes first
};

/// The wallet's group for Lindell17, which it makes once, in seconds; here one that is made at once, best before the processes.
const mpc::lindell::PedersenKey& wallet_group();

/// Errors: kState (something that the job needs is not stored, or is burnt), and as opening what is stored.
Result<Task> make_task(const TaskInput& input);

}  // namespace touchstone::kill_test
