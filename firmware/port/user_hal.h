// UserHal: the Hal in user mode, where sleep is machine mode's to give.
#pragma once

#include "port/riscv_hal.h"
#include "port/user_calls.h"

namespace touchstone::firmware {

class UserHal final : public RiscvHal {
 public:
  void wait_for_interrupt() override { call_machine(kWaitCall, 0); }
};

}  // namespace touchstone::firmware
