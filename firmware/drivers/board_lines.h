// BoardLines: what the board says of itself, and the window it leaves to the DMA of the user's controllers (block sysctl).
// Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class BoardLines : public DisplayLine {
 public:
  explicit BoardLines(Hal& hal) : hal_(hal) {}
  bool display_present() override {
    namespace s = contract::sysctl;
    return (hal_.read32(s::kBase + s::kBoardStatus) & s::kBoardStatusDisplayPresentMask) != 0;
  }
  /// From now until the next reset display_spi and ble reach [base, end) and nothing else.
  void lock_user_dma(std::uint32_t base, std::uint32_t end) {
    namespace s = contract::sysctl;
    hal_.write32(s::kBase + s::kDmaUserBase, base);
    hal_.write32(s::kBase + s::kDmaUserEnd, end);
    hal_.write32(s::kBase + s::kDmaLock, 1);
  }

 private:
  Hal& hal_;
};

}  // namespace touchstone::firmware
