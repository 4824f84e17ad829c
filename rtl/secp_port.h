// SecpPort: the border between a card's bus and what computes behind the registers of block `secp`: the Verilated core,
// a model in C++ (models/accelerator), a core in another process or on a board (rtl/remote).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"

namespace touchstone::rtl {

/// Equal accesses give equal answers and equal cycles whoever implements it. Offsets are bytes inside the block
/// (contract/registers.h).
class SecpPort {
 public:
  virtual ~SecpPort() = default;

  /// The card's random number generator: a fresh word, or nothing where it has none yet. Asked once in every cycle in
  /// which the core waits for one. A core with a generator of its own never asks.
  using Entropy = std::function<std::optional<std::uint32_t>()>;
  virtual void set_entropy(Entropy entropy) = 0;
  /// Every register, operand and intermediate value is zero after it.
  virtual void reset() = 0;
  /// START is for execute() alone.
  virtual void write32(std::uint32_t offset_bytes, std::uint32_t value) = 0;
  /// Reads have no side effect.
  virtual std::uint32_t read32(std::uint32_t offset_bytes) = 0;
  /// Writes START, where OP names an operation, and runs it to its end. Returns the clock cycles it took, or nothing
  /// where it has not ended after `max_cycles` or the port has a fault.
  virtual std::optional<std::uint64_t> execute(std::uint64_t max_cycles) = 0;
  /// Level of the interrupt output.
  virtual bool irq() const = 0;
  /// When the next clock edge is, for waves.
  virtual void set_time_ps(std::uint64_t) {}
  /// Everything the core holds, secrets too, for a search of its memory; valid until the next call. Empty where nobody
  /// can see it.
  virtual Bytes state_bytes() = 0;
  /// What computes, for reports.
  virtual std::string name() const = 0;
  /// Why nothing answers any more: a peer that failed or broke the protocol. From then on every read gives 0. Empty
  /// while all is well.
  virtual std::string fault() const { return {}; }
};

}  // namespace touchstone::rtl
