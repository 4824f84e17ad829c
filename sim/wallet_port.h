// Where the simulated phone meets the wallet's program: linked in, or a process of its own in lockstep. Both answer an
// input with the same actions; only a process can crash, hang or answer garbage.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "wallet/agent.h"

namespace touchstone::sim {

/// The program is gone: it ended, stopped answering, or answered what no wallet answers.
struct WalletFault {
  std::string state;  ///< crashed, hung or garbage
  std::string why;
};

class WalletPort {
 public:
  virtual ~WalletPort() = default;
  /// A Start begins the program anew; anything else goes to the one that runs (TS_CHECKed). After a fault none runs.
  virtual std::variant<wallet::Actions, WalletFault> deliver(wallet::Input input) = 0;
  /// Ends the program without asking it.
  virtual void kill() = 0;
  /// Of the running program, -1 where it is linked in or none runs.
  virtual pid_t pid() const { return -1; }

  struct Memory {
    std::string place;
    std::vector<std::uint8_t> bytes;
  };
  struct MemoryCopy {
    std::vector<Memory> parts;
    std::string failure;  ///< why it is not the whole memory; empty: it is
  };
  /// A copy of what the program keeps in memory, for a search: the wallet's objects, or every writable page of the process.
  virtual MemoryCopy memory() const = 0;
};

std::unique_ptr<WalletPort> linked_in_wallet();

struct WalletProgram {
  std::string path;                          ///< started as `path simulate`
  std::chrono::milliseconds limit{10'000};   ///< on the host's clock, for one answer
};
/// Most that is copied of a process's memory; a copy of more fails.
constexpr std::size_t kMaxProgramMemory_bytes = 256 << 20;

/// Starts the program with the first input. Throws InputError when `path` cannot be executed. What becomes a child of this
/// process while the program runs is taken for the program's: it ends with it.
std::unique_ptr<WalletPort> wallet_process(const WalletProgram& program);
/// touchstone-wallet beside this program.
std::string default_wallet_program();

}  // namespace touchstone::sim
