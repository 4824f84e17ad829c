// CSRs of the Iss: what exists, who may use it, what it holds. RISC-V privileged architecture 1.12, chapters 2 and 3.
#include "mcu/iss_internal.h"

namespace touchstone::models {

namespace {

enum Csr : std::uint32_t {
  kMstatus = 0x300, kMisa = 0x301, kMie = 0x304, kMtvec = 0x305, kMcounteren = 0x306, kMenvcfg = 0x30A, kMstatush = 0x310, kMenvcfgh = 0x31A, kMcountinhibit = 0x320,
  kMscratch = 0x340, kMepc = 0x341, kMcause = 0x342, kMtval = 0x343, kMip = 0x344, kPmpcfg0 = 0x3A0, kPmpaddr0 = 0x3B0,
  kMcycle = 0xB00, kMinstret = 0xB02, kMcycleh = 0xB80, kMinstreth = 0xB82,
  kCycle = 0xC00, kInstret = 0xC02, kCycleh = 0xC80, kInstreth = 0xC82,
  kMvendorid = 0xF11, kMarchid = 0xF12, kMimpid = 0xF13, kMhartid = 0xF14, kMconfigptr = 0xF15,
};

constexpr std::uint32_t kMisaValue = 1u << 30 | 1u << ('I' - 'A') | 1u << ('M' - 'A') | 1u << ('C' - 'A') | 1u << ('U' - 'A');
constexpr std::uint32_t kCounterCycle = 1u << 0, kCounterInstret = 1u << 2;  // of mcountinhibit and mcounteren

// mhpmcounter3..31(h) and mhpmevent3..31: mandatory, and allowed to be 0 (privileged architecture, section 3.1.10).
bool is_zero_counter(std::uint32_t number) {
  return (number >= 0xB03 && number <= 0xB1F) || (number >= 0xB83 && number <= 0xB9F) || (number >= 0x323 && number <= 0x33F);
}

constexpr std::uint32_t low(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
constexpr std::uint32_t high(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }
constexpr std::uint64_t with_low(std::uint64_t v, std::uint32_t word) { return (v & ~std::uint64_t{0xFFFFFFFF}) | word; }
constexpr std::uint64_t with_high(std::uint64_t v, std::uint32_t word) { return (v & 0xFFFFFFFF) | std::uint64_t{word} << 32; }

}  // namespace

void Iss::Counter::inhibit(std::uint64_t count, bool on) {
  if (on == inhibited) return;
  const std::uint64_t value = read(count);
  inhibited = on;
  write(count, value);
}

void Iss::execute_csr(std::uint32_t i) {
  const std::uint32_t number = i >> 20;
  const unsigned rd = i >> 7 & 31, rs1 = i >> 15 & 31, funct3 = i >> 12 & 7;
  std::uint32_t old = 0;
  if ((funct3 & 3) == 0 || !may_access_csr(number) || !read_csr(number, old)) return raise(Exception::kIllegalInstruction, i);
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

// Bits 9:8 of a CSR's number are the lowest mode that may use it; in user mode mcounteren opens each counter.
bool Iss::may_access_csr(std::uint32_t number) const {
  if (privilege_ == Privilege::kMachine) return true;
  switch (number) {
    case kCycle: case kCycleh: return (mcounteren_ & kCounterCycle) != 0;
    case kInstret: case kInstreth: return (mcounteren_ & kCounterInstret) != 0;
    default: return (number >> 8 & 3) == 0;
  }
}

bool Iss::read_csr(std::uint32_t number, std::uint32_t& value) const {
  const std::uint64_t cycle = mcycle_.read(cycles_), instret = minstret_.read(instructions_);
  switch (number) {
    case kMstatus: value = mstatus_; return true;
    case kMisa: value = kMisaValue; return true;
    case kMie: value = mie_; return true;
    case kMtvec: value = mtvec_; return true;
    case kMcounteren: value = mcounteren_; return true;
    case kMenvcfg: value = menvcfg_; return true;
    case kMcountinhibit:
      value = (mcycle_.inhibited ? kCounterCycle : 0) | (minstret_.inhibited ? kCounterInstret : 0);
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
    case kMstatush: case kMenvcfgh: case kMvendorid: case kMarchid: case kMimpid: case kMhartid: case kMconfigptr: value = 0; return true;
    default: break;
  }
  if (number - kPmpcfg0 < Pmp::kConfigRegisters) {
    value = pmp_.config(number - kPmpcfg0);
    return true;
  }
  if (number - kPmpaddr0 < Pmp::kEntries) {
    value = pmp_.address(number - kPmpaddr0);
    return true;
  }
  value = 0;
  return is_zero_counter(number);
}

bool Iss::write_csr(std::uint32_t number, std::uint32_t value) { return write_csr_at(number, value, cycles_, instructions_); }

bool Iss::write_csr_at(std::uint32_t number, std::uint32_t value, std::uint64_t cycles, std::uint64_t instructions) {
  std::uint32_t old;
  if (number >> 10 == 3 || !read_csr(number, old)) return false;
  switch (number) {
    case kMstatus:
      mstatus_ = value & (kStatusMie | kStatusMpie | kStatusMprv | kStatusTw);
      if ((value & kStatusMpp) == kStatusMpp) mstatus_ |= kStatusMpp;  // modes that do not exist become user mode
      break;
    case kMie: mie_ = value & kInterruptBits; break;
    case kMtvec: mtvec_ = value & ~2u; break;
    case kMcounteren: mcounteren_ = value & (kCounterCycle | kCounterInstret); break;
    case kMenvcfg: menvcfg_ = value & 1; break;  // FIOM: accesses are in order anyway
    case kMcountinhibit:
      mcycle_.inhibit(cycles, (value & kCounterCycle) != 0);
      minstret_.inhibit(instructions, (value & kCounterInstret) != 0);
      break;
    case kMscratch: mscratch_ = value; break;
    case kMepc: mepc_ = value & ~1u; break;
    case kMcause: mcause_ = value; break;
    case kMtval: mtval_ = value; break;
    case kMcycle: mcycle_.write(cycles, with_low(mcycle_.read(cycles), value)); break;
    case kMcycleh: mcycle_.write(cycles, with_high(mcycle_.read(cycles), value)); break;
    case kMinstret: minstret_.write(instructions, with_low(minstret_.read(instructions), value)); break;
    case kMinstreth: minstret_.write(instructions, with_high(minstret_.read(instructions), value)); break;
    default:  // what is not PMP has a fixed value: writes are ignored (WARL)
      if (number - kPmpcfg0 < Pmp::kConfigRegisters) pmp_.set_config(number - kPmpcfg0, value);
      else if (number - kPmpaddr0 < Pmp::kEntries) pmp_.set_address(number - kPmpaddr0, value);
      else break;
      protection_changed();
  }
  return true;
}

// Loads and stores act with the mode of MPP while MPRV is set.
Privilege Iss::data_privilege() const {
  if (privilege_ == Privilege::kMachine && (mstatus_ & kStatusMprv) && !(mstatus_ & kStatusMpp)) return Privilege::kUser;
  return privilege_;
}

}  // namespace touchstone::models
