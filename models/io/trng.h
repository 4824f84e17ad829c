// Trng: block `trng` of the contract. A noise source behind the continuous health tests of NIST SP 800-90B, 4.4.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <optional>

#include "base/seed.h"
#include "bus/ports.h"
#include "bus/register_block.h"

namespace touchstone::models {

/// The health tests over bytes. Claimed min-entropy 8 bits a byte (the source is ideal unless a fault is injected), false
/// positive probability 2^-40 a sample: between the 2^-20 and 2^-40 that 4.4 recommends.
class HealthTests {
 public:
  /// Repetition count, 4.4.1: C = 1 + ceil(40 / 8).
  static constexpr int kRepetitionCutoff = 6;
  /// Adaptive proportion, 4.4.2, non-binary source: window of 512 samples; C = 1 + CRITBINOM(512, 2^-8, 1 - 2^-40).
  static constexpr int kWindow = 512;
  static constexpr int kProportionCutoff = 19;
  /// Samples that have to pass before the first output, 4.3 requirement 10.
  static constexpr int kStartupSamples = 1024;

  void reset() { *this = HealthTests(); }
  void feed(std::uint8_t sample);
  bool failed() const { return failed_; }

 private:
  bool failed_ = false;
  std::uint8_t last_ = 0;
  int repetitions_ = 0;
  std::uint8_t window_sample_ = 0;
  int window_used_ = 0;
  int window_count_ = 0;
};

/// 32 bits every kRefillUs, one word of buffer. After power on kStartupSamples bytes go through the health tests before the
/// first word is ready. After a failure DATA is 0 and STATUS.READY stays 0 until the next power on.
class Trng : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  static constexpr int kRefillUs = 120;  ///< four bytes at 30 us, the nRF52840's rate without bias correction: estimate (from memory)
  static constexpr int kStartupUs = (HealthTests::kStartupSamples / 4 + 1) * kRefillUs;

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
