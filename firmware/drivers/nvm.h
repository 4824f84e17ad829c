// Nvm: the flash controller. Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class Nvm : public FlashPages {
 public:
  explicit Nvm(Hal& hal) : hal_(hal) {}
  Status erase_page(std::uint32_t offset) override;
  Status program(std::uint32_t offset, Bytes data) override;
  /// Through the bus, in words.
  void read(std::uint32_t offset, MutableBytes out) override;

 private:
  Status run(contract::nvm::Cmd command);

  Hal& hal_;
};

}  // namespace touchstone::firmware
