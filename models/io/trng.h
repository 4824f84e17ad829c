// Trng: block `trng` of the contract. A noise source behind the continuous health tests of NIST SP 800-90B, 4.4.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <optional>

#include "base/seed.h"
#include "bus/ports.h"
#include "bus/register_block.h"

namespace touchstone::models {

/// The health tests over single bits. Claimed min-entropy 1 bit a bit (the source is ideal unless a fault is injected), false
/// positive probability 2^-40 a sample, at the strict end of what 4.4.1 and 4.4.2 allow. A failure lasts until reset().
class HealthTests {
 public:
  /// Repetition count, 4.4.1: C = 1 + ceil(40 / 1).
  static constexpr int kRepetitionCutoff = 41;
  /// Adaptive proportion, 4.4.2, binary source: window of 1024 samples; C = 1 + CRITBINOM(1024, 1/2, 1 - 2^-40).
  static constexpr int kWindow = 1024;
  static constexpr int kProportionCutoff = 626;

  void reset() { *this = HealthTests(); }
  void feed(bool bit);
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
  bool last_ = false;
  int repetitions_ = 0;
  bool window_bit_ = false;
  int window_used_ = 0;
  int window_count_ = 0;
};

/// 32 bits every kRefill, one word of buffer. After power on the first kWindow bits go through the health tests only. After a
/// failure DATA is 0 and STATUS.READY stays 0 until the next power on.
class Trng : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  static constexpr int kRefillUs = 120;                                  ///< 32 bits at nRF52840's raw rate, 30 us a byte
  static constexpr int kStartupUs = HealthTests::kWindow / 32 * kRefillUs;

  Trng(sc_core::sc_module_name name, Random source);

  void power_on() override;
  void power_off() override;

  /// Fault injection: from now on the source gives this word again and again; nullopt repairs it.
  void stick_at(std::optional<std::uint32_t> word) { stuck_ = word; }

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t, std::uint32_t, sc_core::sc_time) override {}

 private:
  std::uint32_t draw();

  Random source_;
  HealthTests health_;
  std::optional<std::uint32_t> stuck_;
  std::uint32_t word_ = 0;
  sc_core::sc_time ready_at_;
  bool powered_ = false;
};

}  // namespace touchstone::models
