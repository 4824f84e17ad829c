#include "drivers/trng.h"

#include "base/secret.h"
#include "drivers/irq.h"

namespace touchstone::firmware {
namespace trng = contract::trng;

Status Trng::fill(MutableBytes out) {
  // The generator tests 1024 samples after power up before it gives the first word: about 31 ms.
  constexpr std::uint64_t kTimeout_cycles = 100 * kCyclesPerMs;
  constexpr std::uint64_t kPause_cycles = kCyclesPerMs / 64;
  const std::uint64_t deadline = hal_.now_cycles() + kTimeout_cycles;
  const auto fail = [&](const char* what) {
    wipe(out.data(), out.size());
    return Error{ErrorCode::kDevice, what};
  };
  for (std::size_t i = 0; i < out.size();) {
    const std::uint32_t status = hal_.read32(trng::kBase + trng::kStatus);
    if ((status & trng::kStatusHealthFailMask) != 0) return fail("random number generator unhealthy");
    if ((status & trng::kStatusReadyMask) == 0) {
      if (hal_.now_cycles() >= deadline) return fail("random number generator silent");
      const WakeMask none(hal_, 0);
      set_timer_compare(hal_, hal_.now_cycles() + kPause_cycles);
      hal_.wait_for_interrupt();
      set_timer_compare(hal_, kNever);
      continue;
    }
    std::uint32_t word = hal_.read32(trng::kBase + trng::kData);
    for (int byte = 0; byte < 4 && i < out.size(); ++byte, word >>= 8) out[i++] = static_cast<std::uint8_t>(word);
  }
  return {};
}

}  // namespace touchstone::firmware
