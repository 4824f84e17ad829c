#include "io/nvm_controller.h"

#include "bus/time.h"
#include "contract/events.h"

namespace touchstone::models {

namespace nvm = contract::nvm;
using contract::kPageBytes;

NvmController::NvmController(sc_core::sc_module_name name, Memory& flash, DmaPort& dma, IrqSink& irq, contract::Irq line,
                             Random tearing, EventSink* events, EnergyPort* energy, NvmTiming timing)
    : sc_module(name),
      RegisterBlock("socket", contract::kNvmRegisters),
      flash_(flash),
      dma_(dma),
      irq_(irq),
      line_(line),
      tearing_(tearing),
      events_(events),
      energy_(energy),
      timing_(timing),
      deferred_("deferred") {}

void NvmController::energy_state(std::string_view state, sc_core::sc_time at) {
  if (energy_ != nullptr) energy_->state(state, at);
}

void NvmController::power_on() {
  powered_ = true;
  energy_state("idle", sc_core::sc_time_stamp());
}

void NvmController::power_off() {
  powered_ = false;
  deferred_.clear();
  // A CPU ahead of the kernel may have started an operation that, at the kernel's time, has not begun.
  if (sc_core::sc_time_stamp() > started_) {
    const sc_core::sc_time elapsed = sc_core::sc_time_stamp() - started_;
    if (operation_ == Operation::kErase) tear_erase(elapsed);
    if (operation_ == Operation::kProgram) tear_program(elapsed);
    if (operation_ != Operation::kNone) flash_.changed(addr_ / kPageBytes * kPageBytes, kPageBytes);
  }
  operation_ = Operation::kNone;
  source_.clear();
  error_ = locked_ = false;
  addr_ = src_addr_ = len_bytes_ = intr_state_ = intr_enable_ = 0;
  update_irq();
  energy_state("off", sc_core::sc_time_stamp());
}

std::uint32_t NvmController::read_register(std::uint32_t offset_bytes, sc_core::sc_time) {
  switch (offset_bytes) {
    case nvm::kAddr: return addr_;
    case nvm::kSrcAddr: return src_addr_;
    case nvm::kLenBytes: return len_bytes_;
    case nvm::kStatus:
      return (operation_ != Operation::kNone ? nvm::kStatusBusyMask : 0) | (error_ ? nvm::kStatusErrorMask : 0) |
             (locked_ ? nvm::kStatusLockedMask : 0);
    case nvm::kIntrState: return intr_state_;
    case nvm::kIntrEnable: return intr_enable_;
    default: return 0;
  }
}

void NvmController::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) {
  if (!powered_) return;
  if (offset_bytes == nvm::kIntrState || offset_bytes == nvm::kIntrEnable) {
    if (offset_bytes == nvm::kIntrState) intr_state_ &= ~value;
    else intr_enable_ = value & 1u;
    update_irq();
    return;
  }
  if (offset_bytes == nvm::kLock) {
    if ((value & 1u) != 0) locked_ = true;
    return;
  }
  if (operation_ != Operation::kNone) return;
  switch (offset_bytes) {
    case nvm::kAddr: addr_ = value; break;
    case nvm::kSrcAddr: src_addr_ = value; break;
    case nvm::kLenBytes: len_bytes_ = value; break;
    case nvm::kCmd: command(value & nvm::kCmdMask, now); break;
    default: break;
  }
}

bool NvmController::is_locked() const {
  constexpr std::uint32_t firmware_end = contract::kFlashFirmwareOffset + contract::kFlashFirmwareSizeBytes;
  static_assert(contract::kFlashFirmwareOffset % kPageBytes == 0 && firmware_end % kPageBytes == 0);
  return locked_ && addr_ >= contract::kFlashFirmwareOffset && addr_ < firmware_end;
}

bool NvmController::accepts_erase() const {
  return addr_ % kPageBytes == 0 && addr_ < contract::kFlashSizeBytes && !is_locked();
}

bool NvmController::accepts_program() const {
  if (addr_ % 4 != 0 || len_bytes_ % 4 != 0 || len_bytes_ == 0 || len_bytes_ > kPageBytes - addr_ % kPageBytes) return false;
  return addr_ < contract::kFlashSizeBytes && !is_locked();
}

void NvmController::command(std::uint32_t value, sc_core::sc_time now) {
  if (value == static_cast<std::uint32_t>(nvm::Cmd::kNone)) return;
  error_ = false;
  if (value == static_cast<std::uint32_t>(nvm::Cmd::kErasePage) && accepts_erase()) {
    energy_state("erase", now);
    begin(Operation::kErase, timing_.page_erase, now);
    return;
  }
  if (value == static_cast<std::uint32_t>(nvm::Cmd::kProgram) && accepts_program()) {
    source_.assign(len_bytes_, 0);
    if (dma_.read(src_addr_, source_)) {
      energy_state("program", now);
      begin(Operation::kProgram, sc_core::sc_time::from_value(timing_.word_program.value() * (len_bytes_ / 4)), now);
      return;
    }
  }
  refuse();
}

void NvmController::begin(Operation operation, sc_core::sc_time duration, sc_core::sc_time now) {
  operation_ = operation;
  started_ = now;
  deferred_.at(now + duration, [this] { finish(); });
}

void NvmController::refuse() {
  error_ = true;
  intr_state_ |= 1u;
  update_irq();
}

void NvmController::finish() {
  const MutableBytes array = flash_.bytes();
  const std::int64_t now_ns = to_ns(sc_core::sc_time_stamp());
  if (operation_ == Operation::kErase) {
    for (std::uint8_t& byte : array.subspan(addr_, kPageBytes)) byte = static_cast<std::uint8_t>(byte | ~sticking_bits());
    flash_.changed(addr_, kPageBytes);
    if (events_ != nullptr) events_->emit(now_ns, events::NvmErase{addr_});
  } else {
    for (std::size_t i = 0; i < source_.size(); ++i) array[addr_ + i] &= static_cast<std::uint8_t>(source_[i] | sticking_bits());
    flash_.changed(addr_, len_bytes_);
    if (events_ != nullptr) events_->emit(now_ns, events::NvmProgram{addr_, len_bytes_});
  }
  operation_ = Operation::kNone;
  intr_state_ |= 1u;
  update_irq();
  energy_state("idle", sc_core::sc_time_stamp());
}

// Bits of one byte that keep their value although the operation should change them.
std::uint8_t NvmController::sticking_bits() {
  if (addr_ < worn_offset_ || addr_ - worn_offset_ >= worn_size_bytes_) return 0;
  const std::uint64_t draw = tearing_.next_u64();  // a bit sticks where four drawn bits are set: one in 16
  return static_cast<std::uint8_t>(draw & draw >> 8 & draw >> 16 & draw >> 24);
}

void NvmController::tear_erase(sc_core::sc_time elapsed) {
  const std::uint64_t share = elapsed.value() * 256 / timing_.page_erase.value();  // of 256
  for (std::uint8_t& byte : flash_.bytes().subspan(addr_, kPageBytes)) {
    const std::uint64_t lanes = tearing_.next_u64();
    for (int bit = 0; bit < 8; ++bit)
      if ((lanes >> (8 * bit) & 0xFF) < share) byte = static_cast<std::uint8_t>(byte | 1u << bit);
  }
}

void NvmController::tear_program(sc_core::sc_time elapsed) {
  const std::uint64_t whole_bytes = elapsed.value() / timing_.word_program.value() * 4;
  const MutableBytes array = flash_.bytes();
  const std::uint64_t kept_ones = tearing_.next_u64();
  for (std::uint64_t i = 0; i < source_.size() && i < whole_bytes + 4; ++i) {
    const bool torn = i >= whole_bytes;
    const auto mask = static_cast<std::uint8_t>(torn ? kept_ones >> (8 * (i - whole_bytes)) : 0);
    array[addr_ + i] &= static_cast<std::uint8_t>(source_[i] | mask);
  }
}

}  // namespace touchstone::models
