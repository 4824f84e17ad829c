// Trng: the true random number generator. Freestanding.
#pragma once

#include "drivers/devices.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

class Trng : public Entropy {
 public:
  explicit Trng(Hal& hal) : hal_(hal) {}
  /// Raw generator words; kDevice once a health test failed, or when no word comes within 100 ms.
  Status fill(MutableBytes out) override;

 private:
  Hal& hal_;
};

}  // namespace touchstone::firmware
