// The machine around the fast loop: rare instructions, CSRs, traps. RISC-V unprivileged ISA 20191213, privileged 1.12.
// User mode and physical memory protection would come in here: a privilege field, its check in execute_csr and enter_trap,
// and a check of the windows on a change of mode.
#include "mcu/iss_internal.h"

namespace touchstone::models {

namespace {

enum Csr : std::uint32_t {
  kMstatus = 0x300, kMisa = 0x301, kMie = 0x304, kMtvec = 0x305, kMstatush = 0x310, kMcountinhibit = 0x320,
  kMscratch = 0x340, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343, kMip = 0x344,
  kMcycle = 0xB00, kMinstret = 0xB02, kMcycleh = 0xB80, kMinstreth = 0xB82,
  kCycle = 0xC00, kInstret = 0xC02, kCycleh = 0xC80, kInstreth = 0xC82,
  kMvendorid = 0xF11, kMarchid = 0xF12, kMimpid = 0xF13, kMhartid = 0xF14, kMconfigptr = 0xF15,
};

constexpr std::uint32_t kStatusMie = 1u << 3, kStatusMpie = 1u << 7, kStatusMpp = 3u << 11;
constexpr std::uint32_t kMisaValue = 1u << 30 | 1u << ('I' - 'A') | 1u << ('M' - 'A') | 1u << ('C' - 'A');
constexpr std::uint32_t kInterruptBits = 1u << static_cast<unsigned>(Interrupt::kTimer) | 1u << static_cast<unsigned>(Interrupt::kExternal);
constexpr std::uint32_t kInhibitCycle = 1u << 0, kInhibitInstret = 1u << 2;

// mhpmcounter3..31(h) and mhpmevent3..31: mandatory, and allowed to be 0 (privileged architecture, section 3.1.10).
bool is_zero_counter(std::uint32_t number) {
  return (number >= 0xB03 && number <= 0xB1F) || (number >= 0xB83 && number <= 0xB9F) || (number >= 0x323 && number <= 0x33F);
}

constexpr std::uint32_t low(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
constexpr std::uint32_t high(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }
constexpr std::uint64_t with_low(std::uint64_t v, std::uint32_t word) { return (v & ~std::uint64_t{0xFFFFFFFF}) | word; }
constexpr std::uint64_t with_high(std::uint64_t v, std::uint32_t word) { return (v & 0xFFFFFFFF) | std::uint64_t{word} << 32; }

}  // namespace

const char* to_string(Exception cause) {
  switch (cause) {
    case Exception::kFetchMisaligned: return "instruction_address_misaligned";
    case Exception::kFetchFault: return "instruction_access_fault";
    case Exception::kIllegalInstruction: return "illegal_instruction";
    case Exception::kBreakpoint: return "breakpoint";
    case Exception::kLoadMisaligned: return "load_address_misaligned";
    case Exception::kLoadFault: return "load_access_fault";
    case Exception::kStoreMisaligned: return "store_address_misaligned";
    case Exception::kStoreFault: return "store_access_fault";
    case Exception::kEcallFromMachine: return "ecall_from_machine_mode";
  }
  return "unknown";
}

void Iss::reset(std::uint32_t pc) {
  x_.fill(0);
  pc_ = pc;
  cycles_ = instructions_ = trap_instructions_ = 0;
  sleeping_ = locked_up_ = trapped_ = false;
  mstatus_ = kStatusMpp;
  mie_ = mtvec_ = mscratch_ = mepc_ = mcause_ = mtval_ = 0;
  mcycle_ = minstret_ = Counter{};
  invalidate_all();
}

void Iss::Counter::inhibit(std::uint64_t count, bool on) {
  if (on == inhibited) return;
  const std::uint64_t value = read(count);
  inhibited = on;
  write(count, value);
}

void Iss::set_interrupt(Interrupt line, bool level) {
  const std::uint32_t bit = 1u << static_cast<unsigned>(line);
  mip_ = level ? mip_ | bit : mip_ & ~bit;
}

// --- traps

void Iss::enter_trap(std::uint32_t cause, std::uint32_t value, std::uint32_t handler) {
  mepc_ = pc_;
  mcause_ = cause;
  mtval_ = value;
  mstatus_ = kStatusMpp | (mstatus_ & kStatusMie ? kStatusMpie : 0);
  pc_ = handler;
  cycles_ += kTrapEntryCycles;
}

void Iss::raise(Exception cause, std::uint32_t value) {
  bus_.trapped(cause, pc_, value);
  // Nothing retired since the last exception: the handler's first instruction raises one itself, and will for ever.
  if (trapped_ && trap_instructions_ == instructions_) {
    locked_up_ = true;
    limit_ = cycles_;
  }
  trapped_ = true;
  trap_instructions_ = instructions_;
  enter_trap(static_cast<std::uint32_t>(cause), value, mtvec_ & ~3u);
}

// External before timer (privileged architecture, section 3.1.9).
void Iss::take_interrupt() {
  const std::uint32_t pending = mip_ & mie_;
  if (pending == 0 || !(mstatus_ & kStatusMie)) return;
  const auto external = static_cast<unsigned>(Interrupt::kExternal);
  const unsigned line = pending >> external & 1 ? external : static_cast<unsigned>(Interrupt::kTimer);
  const std::uint32_t handler = (mtvec_ & ~3u) + (mtvec_ & 1 ? 4 * line : 0);
  trapped_ = false;
  enter_trap(0x80000000u | line, 0, handler);
}

// --- rare instructions

// Executes the instruction at pc_, which is not one of the fast loop: jumps out of the window, FENCE, SYSTEM, illegal ones.
void Iss::execute_rare() {
  const Window& window = *window_of(pc_);
  std::uint32_t encoding = window.half(pc_);
  const unsigned length = (encoding & 3) == 3 ? 4 : 2;
  if (length == 4) {
    if (!window.holds(pc_ + 2)) return raise(Exception::kFetchFault, pc_ + 2);
    encoding |= std::uint32_t{window.half(pc_ + 2)} << 16;
  }
  const std::uint32_t i = length == 2 ? expand_compressed(static_cast<std::uint16_t>(encoding)) : encoding;
  const unsigned funct3 = i >> 12 & 7;

  switch (i & 0x7F) {
    case 0x63: {
      const std::uint32_t a = x_[i >> 15 & 31], b = x_[i >> 20 & 31];
      const auto sa = static_cast<std::int32_t>(a), sb = static_cast<std::int32_t>(b);
      if (funct3 == 2 || funct3 == 3) break;
      const bool less = funct3 < 6 ? sa < sb : a < b;
      const bool holds = (funct3 < 4 ? a == b : less) != ((funct3 & 1) != 0);
      if (!holds) return retire(length, kSimpleCycles);
      return retire(static_cast<unsigned>(imm_b(i)), kBranchTakenCycles);
    }
    case 0x6F: {
      const unsigned rd = i >> 7 & 31;
      if (rd != 0) x_[rd] = pc_ + length;
      return retire(static_cast<unsigned>(imm_j(i)), kJumpCycles);
    }
    case 0x0F:
      if (funct3 == 0) return retire(length, kSimpleCycles);  // FENCE: one hart, accesses are in order
      if (funct3 == 1) {                                      // FENCE.I
        invalidate_all();
        return retire(length, kReturnCycles);
      }
      break;
    case 0x73: return execute_system(i, encoding);
    default: break;
  }
  raise(Exception::kIllegalInstruction, encoding);
}

void Iss::execute_system(std::uint32_t i, std::uint32_t encoding) {
  if ((i >> 12 & 7) == 0) {
    switch (i) {
      case 0x00000073: return raise(Exception::kEcallFromMachine, 0);
      case 0x00100073: return raise(Exception::kBreakpoint, pc_);
      case 0x30200073:  // MRET
        mstatus_ = kStatusMpp | kStatusMpie | (mstatus_ & kStatusMpie ? kStatusMie : 0);
        retire(4, kReturnCycles);
        pc_ = mepc_;
        return;
      case 0x10500073:  // WFI
        retire(4, kSimpleCycles);
        sleeping_ = !wake_pending();
        if (sleeping_) limit_ = cycles_;  // leaves run()
        return;
      default: return raise(Exception::kIllegalInstruction, encoding);
    }
  }
  execute_csr(i);
}

void Iss::execute_csr(std::uint32_t i) {
  const std::uint32_t number = i >> 20;
  const unsigned rd = i >> 7 & 31, rs1 = i >> 15 & 31, funct3 = i >> 12 & 7;
  std::uint32_t old = 0;
  if ((funct3 & 3) == 0 || !read_csr(number, old)) return raise(Exception::kIllegalInstruction, i);
  const std::uint32_t operand = funct3 & 4 ? rs1 : x_[rs1];
  // CSRRS and CSRRC of x0 or 0 do not write at all, also not to a read-only register.
  const bool writes = (funct3 & 3) == 1 || rs1 != 0;
  if (writes) {
    const std::uint32_t value = (funct3 & 3) == 1 ? operand : (funct3 & 3) == 2 ? old | operand : old & ~operand;
    // A counter written here shows the value to the next instruction: this one does not count on top.
    if (!write_csr_at(number, value, cycles_ + kSimpleCycles, instructions_ + 1)) return raise(Exception::kIllegalInstruction, i);
  }
  if (rd != 0) x_[rd] = old;
  retire(4, kSimpleCycles);
}

// --- CSRs

bool Iss::read_csr(std::uint32_t number, std::uint32_t& value) const {
  const std::uint64_t cycle = mcycle_.read(cycles_), instret = minstret_.read(instructions_);
  switch (number) {
    case kMstatus: value = mstatus_; return true;
    case kMisa: value = kMisaValue; return true;
    case kMie: value = mie_; return true;
    case kMtvec: value = mtvec_; return true;
    case kMcountinhibit:
      value = (mcycle_.inhibited ? kInhibitCycle : 0) | (minstret_.inhibited ? kInhibitInstret : 0);
      return true;
    case kMscratch: value = mscratch_; return true;
    case kMepc: value = mepc_; return true;
    case kMcause: value = mcause_; return true;
    case kMtval: value = mtval_; return true;
    case kMip: value = mip_; return true;
    case kMcycle: case kCycle: value = low(cycle); return true;
    case kMcycleh: case kCycleh: value = high(cycle); return true;
    case kMinstret: case kInstret: value = low(instret); return true;
    case kMinstreth: case kInstreth: value = high(instret); return true;
    case kMstatush: case kMvendorid: case kMarchid: case kMimpid: case kMhartid: case kMconfigptr: value = 0; return true;
    default:
      value = 0;
      return is_zero_counter(number);
  }
}

bool Iss::write_csr(std::uint32_t number, std::uint32_t value) { return write_csr_at(number, value, cycles_, instructions_); }

bool Iss::write_csr_at(std::uint32_t number, std::uint32_t value, std::uint64_t cycles, std::uint64_t instructions) {
  std::uint32_t old;
  if (number >> 10 == 3 || !read_csr(number, old)) return false;
  switch (number) {
    case kMstatus: mstatus_ = kStatusMpp | (value & (kStatusMie | kStatusMpie)); break;
    case kMie: mie_ = value & kInterruptBits; break;
    case kMtvec: mtvec_ = value & ~2u; break;
    case kMcountinhibit:
      mcycle_.inhibit(cycles, (value & kInhibitCycle) != 0);
      minstret_.inhibit(instructions, (value & kInhibitInstret) != 0);
      break;
    case kMscratch: mscratch_ = value; break;
    case kMepc: mepc_ = value & ~1u; break;
    case kMcause: mcause_ = value; break;
    case kMtval: mtval_ = value; break;
    case kMcycle: mcycle_.write(cycles, with_low(mcycle_.read(cycles), value)); break;
    case kMcycleh: mcycle_.write(cycles, with_high(mcycle_.read(cycles), value)); break;
    case kMinstret: minstret_.write(instructions, with_low(minstret_.read(instructions), value)); break;
    case kMinstreth: minstret_.write(instructions, with_high(minstret_.read(instructions), value)); break;
    default: break;  // fixed value: writes are ignored (WARL)
  }
  return true;
}

}  // namespace touchstone::models
