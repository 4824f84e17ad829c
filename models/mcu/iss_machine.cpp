// The machine around the fast loop: traps and rare instructions. RISC-V unprivileged ISA 20191213, privileged 1.12.
#include "mcu/iss_internal.h"

namespace touchstone::models {

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
    case Exception::kEcallFromUser: return "ecall_from_user_mode";
    case Exception::kEcallFromMachine: return "ecall_from_machine_mode";
  }
  return "unknown";
}

void Iss::reset(std::uint32_t pc) {
  x_.fill(0);
  pc_ = pc;
  privilege_ = Privilege::kMachine;
  cycles_ = instructions_ = trap_instructions_ = 0;
  sleeping_ = locked_up_ = trapped_ = false;
  mstatus_ = kStatusMpp;
  mie_ = mtvec_ = mscratch_ = mepc_ = mcause_ = mtval_ = mcounteren_ = menvcfg_ = 0;
  mcycle_ = minstret_ = Counter{};
  pmp_.reset();
  protection_changed();
  invalidate_all();
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
  mstatus_ = (mstatus_ & ~(kStatusMpp | kStatusMpie | kStatusMie)) | (privilege_ == Privilege::kMachine ? kStatusMpp : 0) |
             (mstatus_ & kStatusMie ? kStatusMpie : 0);
  privilege_ = Privilege::kMachine;
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

// MRET. MPP becomes the least privileged mode; MPRV ends with machine mode.
void Iss::return_from_trap() {
  privilege_ = mstatus_ & kStatusMpp ? Privilege::kMachine : Privilege::kUser;
  const std::uint32_t cleared = kStatusMpp | kStatusMie | (privilege_ == Privilege::kUser ? kStatusMprv : 0);
  mstatus_ = (mstatus_ & ~cleared) | kStatusMpie | (mstatus_ & kStatusMpie ? kStatusMie : 0);
  cycles_ += kReturnCycles;
  ++instructions_;
  pc_ = mepc_;
}

// External before timer (privileged architecture, section 3.1.9). MIE counts in machine mode only.
void Iss::take_interrupt() {
  const std::uint32_t pending = mip_ & mie_;
  if (pending == 0 || (privilege_ == Privilege::kMachine && !(mstatus_ & kStatusMie))) return;
  const auto external = static_cast<unsigned>(Interrupt::kExternal);
  const unsigned line = pending >> external & 1 ? external : static_cast<unsigned>(Interrupt::kTimer);
  const std::uint32_t handler = (mtvec_ & ~3u) + (mtvec_ & 1 ? 4 * line : 0);
  trapped_ = false;
  enter_trap(0x80000000u | line, 0, handler);
}

// --- rare instructions

// Executes the instruction at pc_, which is not one of the fast loop: jumps out of the range, FENCE, SYSTEM, illegal ones.
void Iss::execute_rare() {
  const Code& code = *code_at(pc_);
  const Window& window = *code.window;
  std::uint32_t encoding = window.half(pc_);
  const unsigned length = (encoding & 3) == 3 ? 4 : 2;
  // Fetches are checked by half-words: a fault at the second one tells its address.
  if (length == 4) {
    if (!code.range.holds(pc_ + 2)) return raise(Exception::kFetchFault, pc_ + 2);
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
      return retire(static_cast<unsigned>(imm_b(i)), kBranchTakenCycles + flash_wait(&window));
    }
    case 0x6F: {
      const unsigned rd = i >> 7 & 31;
      if (rd != 0) x_[rd] = pc_ + length;
      return retire(static_cast<unsigned>(imm_j(i)), kJumpCycles + flash_wait(&window));
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
    const bool user = privilege_ == Privilege::kUser;
    switch (i) {
      case 0x00000073: return raise(user ? Exception::kEcallFromUser : Exception::kEcallFromMachine, 0);
      case 0x00100073: return raise(Exception::kBreakpoint, pc_);
      case 0x30200073: return user ? raise(Exception::kIllegalInstruction, encoding) : return_from_trap();
      case 0x10500073:  // WFI
        if (user && (mstatus_ & kStatusTw)) return raise(Exception::kIllegalInstruction, encoding);
        retire(4, kSimpleCycles);
        sleeping_ = !wake_pending();
        if (sleeping_) limit_ = cycles_;  // leaves run()
        return;
      default: return raise(Exception::kIllegalInstruction, encoding);
    }
  }
  execute_csr(i);
}

}  // namespace touchstone::models
