#include "rtl/secp_model.h"

#include "VSecpAccel.h"
#include "verilated.h"

namespace touchstone::rtl {

struct SecpModel::Implementation {
  /// The runtime starts a thread for every further core of the host unless told otherwise, although the model has one.
  struct SingleThreaded : VerilatedContext {
    SingleThreaded() { threads(1); }
  } context;
  VSecpAccel top{&context};
  std::uint64_t cycles = 0;

  // Inputs set before the call are sampled by the rising edge.
  void clock() {
    top.clk_i = 1;
    top.eval();
    top.clk_i = 0;
    top.eval();
    ++cycles;
  }
};

SecpModel::SecpModel() : implementation_(std::make_unique<Implementation>()) { reset(); }
SecpModel::~SecpModel() = default;

void SecpModel::reset() {
  VSecpAccel& top = implementation_->top;
  top.req_i = 0;
  top.we_i = 0;
  top.addr_i = 0;
  top.wdata_i = 0;
  top.rst_ni = 1;
  top.eval();
  top.rst_ni = 0;
  implementation_->clock();
  top.rst_ni = 1;
  top.eval();
}

void SecpModel::write32(std::uint32_t offset_bytes, std::uint32_t value) {
  VSecpAccel& top = implementation_->top;
  top.req_i = 1;
  top.we_i = 1;
  top.addr_i = static_cast<std::uint16_t>(offset_bytes & 0xFFF);
  top.wdata_i = value;
  implementation_->clock();
  top.req_i = 0;
  top.we_i = 0;
  top.wdata_i = 0;
}

std::uint32_t SecpModel::read32(std::uint32_t offset_bytes) {
  VSecpAccel& top = implementation_->top;
  top.req_i = 1;
  top.we_i = 0;
  top.addr_i = static_cast<std::uint16_t>(offset_bytes & 0xFFF);
  top.eval();
  const std::uint32_t value = top.rdata_o;
  top.req_i = 0;
  return value;
}

void SecpModel::tick(std::uint64_t cycles) {
  for (std::uint64_t i = 0; i < cycles; ++i) implementation_->clock();
}

std::optional<std::uint64_t> SecpModel::run_until_done(std::uint64_t max_cycles) {
  for (std::uint64_t cycles = 0; cycles <= max_cycles; ++cycles) {
    if (!implementation_->top.busy_o) return cycles;
    implementation_->clock();
  }
  return std::nullopt;
}

bool SecpModel::irq() const { return implementation_->top.irq_o != 0; }

SecpModel::Control SecpModel::control() const {
  const VSecpAccel& top = implementation_->top;
  return {top.busy_o != 0, top.done_o != 0, static_cast<std::uint16_t>(top.pc_o)};
}

std::uint64_t SecpModel::cycles() const { return implementation_->cycles; }

}  // namespace touchstone::rtl
