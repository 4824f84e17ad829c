#include "accelerator/accelerator.h"

#include "base/check.h"
#include "base/secret.h"
#include "contract/events.h"
#include "contract/register_tables.h"
#include "rtl/secp_model.h"

namespace touchstone::models {

namespace secp = contract::secp;
using sc_core::sc_time;

namespace {

// Far above every operation; a core that runs longer is broken.
constexpr std::uint64_t kMaxCycles = 1'000'000;

std::int64_t to_ns(sc_time t) { return static_cast<std::int64_t>(t / sc_time(1, sc_core::SC_NS)); }

/// Empty: no operation has this number.
std::string_view op_name(std::uint32_t op) {
  for (const contract::ValueName& n : contract::kSecpOpNames)
    if (n.value == op) return n.name;
  return {};
}

}  // namespace

Accelerator::Accelerator(sc_core::sc_module_name name, sc_time clock_period, IrqSink& irq, Random entropy, EventSink* events,
                         EnergyPort* energy)
    : sc_module(name), RegisterBlock("socket", contract::kSecpRegisters), entropy_(entropy), clock_period_(clock_period), irq_(irq),
      events_(events), energy_(energy) {
  set_core(std::make_unique<rtl::SecpModel>());
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.set_sensitivity(&done_event_);
  options.dont_initialize();
  sc_core::sc_spawn([this] { settle(sc_core::sc_time_stamp()); }, "done", &options);
}

void Accelerator::set_core(std::unique_ptr<rtl::SecpPort> core) {
  core_ = std::move(core);
  core_->set_entropy([this] { return static_cast<std::uint32_t>(entropy_.next_u64()); });
}

void Accelerator::power_on() {
  powered_ = true;
  core_->reset();
  energy_state("idle", sc_core::sc_time_stamp());
  watch_core();
}

void Accelerator::power_off() {
  powered_ = false;
  wipe(slots_.data(), sizeof slots_);
  busy_ = false;
  done_event_.cancel();
  core_->reset();
  update_irq();
  energy_state("off", sc_core::sc_time_stamp());
  watch_core();
}

std::uint32_t Accelerator::read_register(std::uint32_t offset_bytes, sc_time now) {
  if (!powered_) return 0;
  settle(now);
  if (!busy_) {
    const std::uint32_t value = core_->read32(offset_bytes);
    watch_core();
    return value;
  }
  switch (offset_bytes) {
    case secp::kStatus: return secp::kStatusBusyMask;
    case secp::kIntrState: return intr_state_while_busy_;
    case secp::kIntrEnable: return core_->read32(offset_bytes);
    default: return 0;
  }
}

void Accelerator::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_time now) {
  if (!powered_) return;
  settle(now);
  if (busy_) {
    if (offset_bytes == secp::kIntrState) intr_state_while_busy_ &= ~value;
    if (offset_bytes == secp::kIntrEnable) core_->write32(offset_bytes, value);
  } else {
    core_->set_time_ps(now.value());
    if (offset_bytes != secp::kStart) core_->write32(offset_bytes, value);
    else if (const std::uint32_t op = core_->read32(secp::kOp); (value & 1) != 0 && !op_name(op).empty()) start(op, now);
    if (on_multiply && offset_bytes >= secp::kK && offset_bytes < secp::kK + 4 * 32) {
      const std::uint32_t byte = offset_bytes - secp::kK;
      store_be32(&slots_[byte / 32][28 - byte % 32], value);
    }
  }
  update_irq();
  watch_core();
}

void Accelerator::start(std::uint32_t op, sc_time now) {
  const bool multiplies = op == static_cast<std::uint32_t>(secp::Op::kMul) || op == static_cast<std::uint32_t>(secp::Op::kMulBase);
  if (on_multiply && multiplies) on_multiply(op, slots_[(core_->read32(secp::kSlots) & secp::kSlotsAMask) >> secp::kSlotsAShift]);
  const std::uint32_t intr_state = core_->read32(secp::kIntrState);
  const std::optional<std::uint64_t> cycles = core_->execute(kMaxCycles);
  if (!cycles) {
    TS_CHECK(!core_->fault().empty(), "the accelerator does not end");
    return;
  }
  busy_ = true;
  op_ = op;
  cycles_ = *cycles;
  intr_state_while_busy_ = intr_state;
  done_at_ = now + static_cast<double>(*cycles) * clock_period_;
  done_event_.notify(done_at_ - sc_core::sc_time_stamp());
  if (events_ != nullptr) events_->emit(to_ns(now), events::AcceleratorStart{std::string(op_name(op))});
  energy_state("busy", now);
}

void Accelerator::settle(sc_time now) {
  if (!busy_ || now < done_at_) return;
  busy_ = false;
  done_event_.cancel();
  total_cycles_ += cycles_;
  ++operations_;
  if (events_ != nullptr)
    events_->emit(to_ns(done_at_), events::AcceleratorDone{std::string(op_name(op_)), static_cast<std::int64_t>(cycles_),
                                                           core_->read32(secp::kStatus)});
  energy_state("idle", done_at_);
  update_irq();
}

void Accelerator::update_irq() {
  const bool level = powered_ && (busy_ ? (intr_state_while_busy_ & core_->read32(secp::kIntrEnable)) != 0 : core_->irq());
  if (level == line_) return;
  line_ = level;
  irq_.set_line(contract::Irq::kSecp, level);
}

void Accelerator::watch_core() {
  if (lost_ || core_->fault().empty()) return;
  lost_ = true;
  sc_core::sc_pause();
}

void Accelerator::energy_state(const char* state, sc_time at) {
  if (energy_ != nullptr) energy_->state(state, at);
}

}  // namespace touchstone::models
