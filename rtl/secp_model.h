// SecpModel: the Verilated accelerator as a plain C++ object, one register access or one clock cycle at a time.
// It knows no time and no bus: models/accelerator puts it on the card, tests and analysis clock it directly.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "rtl/secp_port.h"

namespace touchstone::rtl {

using Words256 = std::array<std::uint32_t, 8>;  ///< least significant word first

class SecpModel : public SecpPort {
 public:
  /// Out of reset, idle. Masks come from a fixed stream until set_entropy().
  SecpModel();
  /// The Verilated model behind it (secp_core.h): another build of the same core, e.g. one that writes waves.
  class Core;
  explicit SecpModel(std::unique_ptr<Core> core);
  ~SecpModel() override;
  SecpModel(const SecpModel&) = delete;
  SecpModel& operator=(const SecpModel&) = delete;

  void set_entropy(Entropy entropy) override;
  /// Asynchronous reset, and the cycles in which the core wipes itself.
  void reset() override;
  /// One bus write. Takes one clock cycle. START begins an operation, which tick() and run_until_done() carry on.
  void write32(std::uint32_t offset_bytes, std::uint32_t value) override;
  /// One bus read. Takes no clock cycle here.
  std::uint32_t read32(std::uint32_t offset_bytes) override;
  std::optional<std::uint64_t> execute(std::uint64_t max_cycles) override;
  /// Clocks `cycles` cycles without a bus access.
  void tick(std::uint64_t cycles);
  /// Clocks while the core is busy. Returns the cycles this took, or nothing if it is still busy after `max_cycles`.
  std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles);
  bool irq() const override;

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
  /// Between calls the clock has the period of the contract.
  void set_time_ps(std::uint64_t time_ps) override;
  /// Every signal and register as Verilator lays them out.
  Bytes state_bytes() override;
  std::string name() const override { return "verilated"; }

 protected:
  Core& core() { return *core_; }

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace touchstone::rtl
