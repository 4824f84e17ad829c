#include "rtl/secp_model.h"

#include "VSecpAccel.h"
#include "VSecpAccel___024root.h"
#include "base/seed.h"
#include "rtl/secp_core.h"

namespace touchstone::rtl {

SecpModel::SecpModel() : SecpModel(std::make_unique<VerilatedCore<VSecpAccel, VSecpAccel___024root>>()) {}
SecpModel::SecpModel(std::unique_ptr<Core> core) : core_(std::move(core)) {
  set_entropy([random = SeedTree(0).stream("secp/entropy")]() mutable { return static_cast<std::uint32_t>(random.next_u64()); });
}
SecpModel::~SecpModel() = default;

void SecpModel::reset() { core_->reset(); }
void SecpModel::write32(std::uint32_t offset_bytes, std::uint32_t value) { core_->write32(offset_bytes, value); }
std::uint32_t SecpModel::read32(std::uint32_t offset_bytes) { return core_->read32(offset_bytes); }
void SecpModel::tick(std::uint64_t cycles) { core_->tick(cycles); }
std::optional<std::uint64_t> SecpModel::run_until_done(std::uint64_t max_cycles) { return core_->run_until_done(max_cycles); }
std::optional<std::uint64_t> SecpModel::execute(std::uint64_t max_cycles) {
  write32(contract::secp::kStart, 1);
  return run_until_done(max_cycles);
}
void SecpModel::set_entropy(Entropy entropy) { core_->set_entropy(std::move(entropy)); }
bool SecpModel::irq() const { return core_->irq(); }
SecpModel::Control SecpModel::control() const { return core_->control(); }
std::uint64_t SecpModel::cycles() const { return core_->cycles(); }
void SecpModel::set_time_ps(std::uint64_t time_ps) { core_->set_time_ps(time_ps); }
Bytes SecpModel::state_bytes() { return core_->state_bytes(); }

}  // namespace touchstone::rtl
