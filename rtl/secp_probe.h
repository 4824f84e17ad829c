// A look into a Verilated core from tests: in the place of waves stands a function that is called after every clock
// edge, in reset too.
#pragma once

#include <functional>
#include <memory>

#include "rtl/secp_core.h"

namespace touchstone::rtl::test {

/// Given to VerilatedCore as its `Waves`. `Prepare` may change the context before the model is made.
template <typename Top, void (*Prepare)(VerilatedContext&) = NoWaves::prepare>
struct Probe : NoWaves {
  using Watch = std::function<void(const Top&)>;
  static void prepare(VerilatedContext& context) { Prepare(context); }
  /// Called once before the first clock edge: the state at power-up.
  Probe(Top& top, Watch watch) : NoWaves(top), top_(top), watch_(std::move(watch)) { watch_(top_); }
  void fall() { watch_(top_); }

 private:
  Top& top_;
  Watch watch_;
};

template <typename Top, typename Root, void (*Prepare)(VerilatedContext&) = NoWaves::prepare>
std::unique_ptr<SecpModel> make_probed(typename Probe<Top>::Watch watch) {
  return std::make_unique<SecpModel>(std::make_unique<VerilatedCore<Top, Root, Probe<Top, Prepare>>>(std::move(watch)));
}

}  // namespace touchstone::rtl::test
