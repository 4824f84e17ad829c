#include "io/trng.h"

namespace touchstone::models {

namespace trng = contract::trng;

void HealthTests::feed(std::uint8_t sample) {
  repetitions_ = repetitions_ > 0 && sample == last_ ? repetitions_ + 1 : 1;
  last_ = sample;
  if (repetitions_ >= kRepetitionCutoff) failed_ = true;

  if (window_used_ == 0) {
    window_sample_ = sample;
    window_count_ = 0;
  }
  if (sample == window_sample_) ++window_count_;
  if (window_count_ >= kProportionCutoff) failed_ = true;
  if (++window_used_ == kWindow) window_used_ = 0;
}

Trng::Trng(sc_core::sc_module_name name, Random source)
    : sc_module(name), RegisterBlock("socket", contract::kTrngRegisters), source_(source) {}

void Trng::power_on() {
  powered_ = true;
  health_.reset();
  for (int i = 0; i < HealthTests::kStartupSamples / 4; ++i) draw();
  word_ = draw();
  ready_at_ = sc_core::sc_time_stamp() + sc_core::sc_time(kStartupUs, sc_core::SC_US);
}

void Trng::power_off() {
  powered_ = false;
  word_ = 0;
}

std::uint32_t Trng::draw() {
  const std::uint32_t word = stuck_.value_or(static_cast<std::uint32_t>(source_.next_u64() >> 32));
  for (int shift = 0; shift < 32; shift += 8) health_.feed(static_cast<std::uint8_t>(word >> shift));
  return word;
}

std::uint32_t Trng::read_register(std::uint32_t offset_bytes, sc_core::sc_time now) {
  const bool ready = powered_ && now >= ready_at_ && !health_.failed();
  if (offset_bytes == trng::kStatus)
    return (ready ? trng::kStatusReadyMask : 0) | (powered_ && health_.failed() ? trng::kStatusHealthFailMask : 0);
  if (offset_bytes != trng::kData || !ready) return 0;
  const std::uint32_t word = word_;
  word_ = draw();
  ready_at_ = now + sc_core::sc_time(kRefillUs, sc_core::SC_US);
  return word;
}

}  // namespace touchstone::models
