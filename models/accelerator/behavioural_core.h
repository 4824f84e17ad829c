// BehaviouralCore: the accelerator's registers with libsecp256k1 behind them. No gates, but the same answers after the
// same number of cycles as the Verilated core.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/secret.h"
#include "contract/registers.h"
#include "crypto/scalar.h"
#include "curve_host/host_curve.h"
#include "rtl/secp_port.h"

namespace touchstone::models {

/// The card's core: protected, 64-bit digit. Cycles are those rtl/microcode counts on that core's ROM.
class BehaviouralCore final : public rtl::SecpPort {
 public:
  void set_entropy(Entropy entropy) override { entropy_ = std::move(entropy); }
  void reset() override { state_ = {}; }
  void write32(std::uint32_t offset_bytes, std::uint32_t value) override;
  std::uint32_t read32(std::uint32_t offset_bytes) override;
  std::optional<std::uint64_t> execute(std::uint64_t max_cycles) override;
  bool irq() const override { return (state_.intr_state & state_.intr_enable) != 0; }
  Bytes state_bytes() override { return {reinterpret_cast<const std::uint8_t*>(&state_), sizeof state_}; }
  std::string name() const override { return "behavioural"; }

 private:
  /// The slots an operation knows: those it reads, and the one it writes.
  enum class Slot { kA, kB, kD };
  /// Draws the seed's words. When the source is ready, counted from START, and whether it is faulty.
  struct Seed {
    std::uint64_t ready_cycle;
    bool fault;
  };
  Seed seed(std::uint64_t max_cycles);
  /// A point or public scalar goes to the result registers, a scalar modulo n (0 after an error) is given back for slot D.
  std::optional<crypto::Scalar> compute(contract::secp::Op op);

  Secret<32>& slot(Slot which);
  crypto::Scalar scalar(Slot which) { return crypto::Scalar::from_bytes(slot(which).expose()).value(); }
  /// A scalar no operation takes: not below the order, or 0 where 0 makes no sense.
  bool is_bad(Slot which, bool nonzero);
  crypto::Point point(std::size_t first_operand) const {
    return {state_.operands[first_operand], state_.operands[first_operand + 1], false};
  }
  bool is_on_curve(const crypto::Point& p);
  bool failed() const;
  void give(const Result<crypto::Point>& result);
  void wipe_after_use(Slot which);

  using Number = ByteArray<32>;  // big-endian
  struct State {
    std::array<Secret<32>, 4> slots;   // numbers too
    std::array<Number, 4> operands{};  // PX, PY, QX, QY
    std::array<Number, 2> result{};    // RX, RY
    std::uint32_t op = 0, status = 0, intr_state = 0, intr_enable = 0, cycles = 0, slots_register = 0;
    std::optional<std::uint32_t> last_word;  // of the random source
    std::optional<std::uint32_t> filling;    // the slot whose words are being written
  };
  State state_;
  crypto::HostCurve curve_;
  Entropy entropy_;
};

}  // namespace touchstone::models
