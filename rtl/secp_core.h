// The Verilated core behind SecpModel, for every build of it. Internal to rtl.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <span>

#include "contract/registers.h"
#include "rtl/secp_model.h"
#include "verilated.h"

namespace touchstone::rtl {

class SecpModel::Core {
 public:
  virtual ~Core() = default;
  virtual void reset() = 0;
  virtual void write32(std::uint32_t offset_bytes, std::uint32_t value) = 0;
  virtual std::uint32_t read32(std::uint32_t offset_bytes) = 0;
  virtual void tick(std::uint64_t cycles) = 0;
  virtual std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles) = 0;
  virtual void set_entropy(SecpModel::Entropy entropy) = 0;
  virtual bool irq() const = 0;
  virtual Control control() const = 0;
  virtual std::uint64_t cycles() const = 0;
  virtual void set_time_ps(std::uint64_t time_ps) = 0;
  virtual Bytes state_bytes() const = 0;
  // Of models that can be watched alone (secp_variants.h).
  virtual void watch(std::span<const std::uint32_t>) {}
  virtual std::uint32_t toggles() { return 0; }
  virtual Words256 register_value(unsigned) const { return {}; }
  virtual Words256 half(unsigned) const { return {}; }
};

/// Waves of a core that writes none; costs nothing.
struct NoWaves {
  /// Before the model is made.
  static void prepare(VerilatedContext&) {}
  template <typename Top>
  explicit NoWaves(Top&) {}
  void rise() {}
  void fall() {}
  void set_time_ps(std::uint64_t) {}
};

/// `Top`: Verilator's class; `Root`: its data; `Waves`: told of every clock edge once all signals have settled.
template <typename Top, typename Root, typename Waves = NoWaves>
class VerilatedCore : public SecpModel::Core {
 public:
  template <typename... Arguments>
  explicit VerilatedCore(Arguments&&... arguments) : top_(&context_), waves_(top_, std::forward<Arguments>(arguments)...) {
    VerilatedCore::reset();
  }
  ~VerilatedCore() override { top_.final(); }

  void reset() override {
    top_.req_i = 0;
    top_.we_i = 0;
    top_.addr_i = 0;
    top_.wdata_i = 0;
    top_.entropy_valid_i = 0;
    top_.rst_ni = 1;
    top_.eval();
    top_.rst_ni = 0;
    clock();
    top_.rst_ni = 1;
    top_.eval();
    while (top_.busy_o) clock();  // it wipes its registers
  }

  void write32(std::uint32_t offset_bytes, std::uint32_t value) override {
    top_.req_i = 1;
    top_.we_i = 1;
    top_.addr_i = static_cast<std::uint16_t>(offset_bytes & 0xFFF);
    top_.wdata_i = value;
    clock();
    top_.req_i = 0;
    top_.we_i = 0;
    top_.wdata_i = 0;
  }

  std::uint32_t read32(std::uint32_t offset_bytes) override {
    top_.req_i = 1;
    top_.we_i = 0;
    top_.addr_i = static_cast<std::uint16_t>(offset_bytes & 0xFFF);
    top_.eval();
    const std::uint32_t value = top_.rdata_o;
    top_.req_i = 0;
    return value;
  }

  void tick(std::uint64_t cycles) override {
    for (std::uint64_t i = 0; i < cycles; ++i) clock();
  }

  std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles) override {
    for (std::uint64_t cycles = 0; cycles <= max_cycles; ++cycles) {
      if (!top_.busy_o) return cycles;
      clock();
    }
    return std::nullopt;
  }

  void set_entropy(SecpModel::Entropy entropy) override { entropy_ = std::move(entropy); }
  bool irq() const override { return top_.irq_o != 0; }
  SecpModel::Control control() const override { return {top_.busy_o != 0, top_.done_o != 0, static_cast<std::uint16_t>(top_.pc_o)}; }
  std::uint64_t cycles() const override { return cycles_; }
  void set_time_ps(std::uint64_t time_ps) override { waves_.set_time_ps(time_ps); }
  const Root& root() const { return *top_.rootp; }
  Bytes state_bytes() const override { return {reinterpret_cast<const std::uint8_t*>(top_.rootp), sizeof(Root)}; }

 private:
  /// The runtime starts a thread for every further core of the host unless told otherwise, although the model has one.
  struct SingleThreaded : VerilatedContext {
    SingleThreaded() {
      threads(1);
      Waves::prepare(*this);
    }
  };

  // Inputs set before the call are sampled by the rising edge.
  void clock() {
    if (top_.entropy_req_o && entropy_) {
      const std::optional<std::uint32_t> word = entropy_();
      top_.entropy_valid_i = word.has_value();
      top_.entropy_i = word.value_or(0);
    }
    top_.clk_i = 1;
    top_.eval();
    waves_.rise();
    top_.clk_i = 0;
    top_.eval();
    waves_.fall();
    ++cycles_;
  }

  SingleThreaded context_;
  Top top_;
  Waves waves_;
  SecpModel::Entropy entropy_;
  std::uint64_t cycles_ = 0;
};

}  // namespace touchstone::rtl
