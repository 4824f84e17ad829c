// SimControl: the test bench's window - phase, console, marks, exit. On real silicon these stores go nowhere. Freestanding.
#pragma once

#include <string_view>

#include "drivers/devices.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class SimControl : public PhasePort {
 public:
  explicit SimControl(Hal& hal) : hal_(hal) {}
  void set_phase(Phase phase) override {
    hal_.write32(contract::simctl::kBase + contract::simctl::kPhase,
                 static_cast<std::uint32_t>(phase) << contract::simctl::kPhaseShift);
  }
  Phase phase() override {
    return static_cast<Phase>(hal_.read32(contract::simctl::kBase + contract::simctl::kPhase) & contract::simctl::kPhaseMask);
  }
  void mark(std::uint32_t number) override { hal_.write32(contract::simctl::kBase + contract::simctl::kMark, number); }
  void exit(std::uint8_t code) { hal_.write32(contract::simctl::kBase + contract::simctl::kExit, code); }
  void print(std::string_view text) {
    for (char c : text) hal_.write32(contract::simctl::kBase + contract::simctl::kConsole, static_cast<std::uint8_t>(c));
  }
  void print_hex(std::uint32_t value) {
    for (int shift = 28; shift >= 0; shift -= 4) {
      const char digit = "0123456789abcdef"[value >> shift & 15];
      print(std::string_view(&digit, 1));
    }
  }

 private:
  Hal& hal_;
};

}  // namespace touchstone::firmware
