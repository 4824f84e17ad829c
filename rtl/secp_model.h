// SecpModel: the Verilated accelerator as a plain C++ object, one register access or one clock cycle at a time.
// It knows no time and no bus: models/accelerator puts it on the card, tests and analysis clock it directly.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "base/bytes.h"

namespace touchstone::rtl {

class SecpModel {
 public:
  /// Out of reset, idle. Masks come from a fixed stream until set_entropy().
  SecpModel();
  /// The Verilated model behind it (secp_core.h): another build of the same core, e.g. one that writes waves.
  class Core;
  explicit SecpModel(std::unique_ptr<Core> core);
  virtual ~SecpModel();
  SecpModel(const SecpModel&) = delete;
  SecpModel& operator=(const SecpModel&) = delete;

  /// The card's random number generator: a fresh word, or nothing where it has none yet. Asked once in every cycle in which the
  /// core waits for one.
  using Entropy = std::function<std::optional<std::uint32_t>()>;
  void set_entropy(Entropy entropy);
  /// Asynchronous reset, and the cycles in which the core wipes itself: every register, operand and intermediate value is zero after it.
  void reset();
  /// One bus write, offset inside the `secp` block (contract/registers.h). Takes one clock cycle.
  void write32(std::uint32_t offset_bytes, std::uint32_t value);
  /// One bus read. Reads have no side effect and take no clock cycle here.
  std::uint32_t read32(std::uint32_t offset_bytes);
  /// Clocks `cycles` cycles without a bus access.
  void tick(std::uint64_t cycles);
  /// Clocks while the core is busy. Returns the cycles this took, or nothing if it is still busy after `max_cycles`.
  std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles);
  /// Level of the interrupt output.
  bool irq() const;

  /// What the core does, for tests and proofs: no data, only where it stands.
  struct Control {
    bool busy;
    bool done;  ///< high in the last cycle of an operation
    std::uint16_t pc;
    bool operator==(const Control&) const = default;
  };
  Control control() const;
  /// Clock cycles since construction.
  std::uint64_t cycles() const;
  /// When the next clock edge is, for waves; between calls the clock has the period of the contract.
  void set_time_ps(std::uint64_t time_ps);
  /// Every signal and register as Verilator lays them out, secret ones too: for a search of the core's memory.
  Bytes state_bytes() const;

 protected:
  Core& core() { return *core_; }

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace touchstone::rtl
