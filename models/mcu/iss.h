// Iss: one RV32IMC + Zicsr hart with machine and user mode and physical memory protection, plain C++ (no SystemC). It executes
// from memory windows it reads directly; every other address goes out through IssBus. Traps are precise, counters are those of
// a documented cycle model (README).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "mcu/pmp.h"

namespace touchstone::models {

/// Synchronous exceptions (RISC-V privileged architecture 1.12, table 3.6).
enum class Exception : std::uint32_t {
  kFetchMisaligned = 0,  // cannot happen: with C every even address is a legal target and bit 0 is cleared
  kFetchFault = 1,
  kIllegalInstruction = 2,
  kBreakpoint = 3,
  kLoadMisaligned = 4,
  kLoadFault = 5,
  kStoreMisaligned = 6,
  kStoreFault = 7,
  kEcallFromUser = 8,
  kEcallFromMachine = 11,
};
/// "illegal_instruction", ...
const char* to_string(Exception cause);

/// Bits of mip and mie.
enum class Interrupt : std::uint32_t { kTimer = 7, kExternal = 11 };

/// What lies outside the memory windows. Called with the hart's counters up to date: cycles() is the start of the access.
class IssBus {
 public:
  virtual ~IssBus() = default;
  /// Naturally aligned access of 1, 2 or 4 bytes; false is an access fault. The callee may call stop_at(), stall(),
  /// set_interrupt() and invalidate() on the hart.
  virtual bool read(std::uint32_t address, unsigned size_bytes, std::uint32_t& value) = 0;
  virtual bool write(std::uint32_t address, unsigned size_bytes, std::uint32_t value) = 0;
  /// A synchronous exception was taken (interrupts are not reported).
  virtual void trapped(Exception, std::uint32_t /*pc*/, std::uint32_t /*value*/) {}
};

/// What the cycle model leaves to the part that is modelled. Everything else is fixed (README).
struct CycleModel {
  unsigned multiply = 1;    ///< MUL; MULH, MULHSU and MULHU take one more. Ibex: 1 with its single-cycle multiplier, 3 with the one of 16 bits
  unsigned flash_wait = 0;  ///< beyond the usual of a load from flash and of a taken branch, jump or return of code there; what goes straight on is prefetched

  bool operator==(const CycleModel&) const = default;
};

class Iss {
 public:
  explicit Iss(IssBus& bus);
  ~Iss();
  Iss(const Iss&) = delete;
  Iss& operator=(const Iss&) = delete;

  void set_cycle_model(const CycleModel& model) { cycle_model_ = model; }

  /// Memory read, written and executed by pointer. `data` must outlive the hart; sizes are multiples of 256 bytes.
  void map_ram(std::uint32_t base, MutableBytes data);
  /// Memory read and executed by pointer; stores to it go to the bus. May be called for several windows: the first is the
  /// flash of the cycle model, and loads from it are the fastest.
  void map_rom(std::uint32_t base, Bytes data);
  /// Bytes of a window were changed by somebody else (DMA, flash controller, debugger): forget what was decoded there.
  /// The hart's own stores are seen at its next instruction without this.
  void invalidate(std::uint32_t address, std::uint64_t size_bytes);
  void invalidate_all();

  /// Reset state: machine mode, registers 0, CSRs at their reset values, PMP off, counters 0. Interrupt lines keep their level.
  void reset(std::uint32_t pc);

  enum class Stop {
    kLimit,   // cycles() reached the limit, at an instruction boundary
    kSleep,   // in WFI and no enabled interrupt is pending; call run() again when one may be
    kLockup,  // the trap handler's first instruction traps: the hart would trap for ever. Left only by reset()
  };
  /// Executes until cycles() >= limit_cycles. An instruction starts only before the limit; a pending and enabled
  /// interrupt is taken before the first instruction.
  Stop run(std::uint64_t limit_cycles);

  // For the bus, during an access.
  void stop_at(std::uint64_t limit_cycles) { limit_ = limit_cycles; }
  void stall(std::uint64_t cycles) { cycles_ += cycles; }
  void set_interrupt(Interrupt line, bool level);
  /// mip and mie have a bit in common: what ends WFI, whatever mstatus.MIE says.
  bool wake_pending() const { return (mip_ & mie_) != 0; }

  /// Cycles spent since reset; does not run during WFI. Independent of writes to mcycle.
  std::uint64_t cycles() const { return cycles_; }
  /// Instructions retired since reset. Independent of writes to minstret.
  std::uint64_t instructions() const { return instructions_; }
  std::uint32_t pc() const { return pc_; }
  void set_pc(std::uint32_t pc) {
    pc_ = pc & ~1u;
    trapped_ = false;
  }
  std::uint32_t reg(unsigned index) const { return x_[index]; }
  void set_reg(unsigned index, std::uint32_t value) {
    if (index != 0) x_[index] = value;
  }
  bool sleeping() const { return sleeping_; }
  Privilege privilege() const { return privilege_; }
  void set_privilege(Privilege mode) { privilege_ = mode; }
  /// The load or store that the instruction at pc() makes, wherever it leads; nothing for other instructions.
  struct DataAccess {
    std::uint32_t address;
    unsigned size_bytes;
    bool store;
  };
  std::optional<DataAccess> next_access() const;
  /// CSR as an instruction in machine mode would read it; false when it does not exist.
  bool read_csr(std::uint32_t number, std::uint32_t& value) const;
  /// False when it does not exist or is read-only.
  bool write_csr(std::uint32_t number, std::uint32_t value);

 private:
  struct Slot;
  struct Window;
  struct Code;
  struct View;
  // A 64-bit counter CSR on top of a free-running count.
  struct Counter {
    std::uint64_t offset = 0, frozen = 0;
    bool inhibited = false;
    std::uint64_t read(std::uint64_t count) const { return inhibited ? frozen : count + offset; }
    void write(std::uint64_t count, std::uint64_t value) { inhibited ? frozen = value : offset = value - count; }
    void inhibit(std::uint64_t count, bool on);
  };

  template <bool kPlain>
  void execute(const Code& code, const View& data);
  bool decode(const Code& code, std::uint32_t pc, Slot& slot);
  void execute_rare();
  void execute_system(std::uint32_t instruction, std::uint32_t encoding);
  void execute_csr(std::uint32_t instruction);
  bool may_access_csr(std::uint32_t number) const;
  bool write_csr_at(std::uint32_t number, std::uint32_t value, std::uint64_t cycles, std::uint64_t instructions);
  void return_from_trap();
  void access_memory(const Slot& slot);
  bool load(std::uint32_t address, unsigned size_bytes, std::uint32_t& value);
  bool store(std::uint32_t address, unsigned size_bytes, std::uint32_t value);
  void store_hit_code(std::uint32_t address);
  void raise(Exception cause, std::uint32_t value);
  void take_interrupt();
  void enter_trap(std::uint32_t cause, std::uint32_t value, std::uint32_t handler);
  void retire(unsigned length_bytes, unsigned cycles);
  unsigned flash_wait(const Window* window) const { return window == rom_ ? cycle_model_.flash_wait : 0; }
  Window* window_of(std::uint32_t address) const;
  const Code* code_at(std::uint32_t pc);
  View& view(Privilege mode);
  Privilege data_privilege() const;
  void protection_changed();

  // x_[32] takes what is written to x0.
  std::array<std::uint32_t, 33> x_{};
  std::uint32_t pc_ = 0;
  Privilege privilege_ = Privilege::kMachine;
  CycleModel cycle_model_;
  std::uint64_t cycles_ = 0, instructions_ = 0, limit_ = 0;
  bool sleeping_ = false, locked_up_ = false;
  bool trapped_ = false;                 // a synchronous trap was taken ...
  std::uint64_t trap_instructions_ = 0;  // ... when so many instructions had retired

  std::uint32_t mstatus_ = 0, mie_ = 0, mip_ = 0, mtvec_ = 0, mscratch_ = 0, mepc_ = 0, mcause_ = 0, mtval_ = 0;
  std::uint32_t mcounteren_ = 0, menvcfg_ = 0;
  Counter mcycle_, minstret_;
  Pmp pmp_;

  std::vector<std::unique_ptr<Window>> windows_;
  Window* ram_ = nullptr;
  Window* rom_ = nullptr;  // the first one
  std::array<std::unique_ptr<View>, 2> views_;  // by Privilege
  IssBus& bus_;
};

}  // namespace touchstone::models
