// User mode: the application with display and radio. All that arrives from outside is read here, and nothing secret is in
// reach.
#include <new>

#include "app/card_app.h"
#include "app/sealed_wire.h"
#include "drivers/ble_transport.h"
#include "drivers/display_driver.h"
#include "drivers/irq.h"
#include "drivers/sim_control.h"
#include "drivers/timer.h"
#include "port/riscv_hal.h"
#include "port/stack.h"
#include "port/user_calls.h"
#include "port/user_hal.h"

extern "C" std::uint32_t __user_stack_bottom[], __user_stack_top[];

namespace touchstone::firmware {
namespace {

struct UserDomain {
  static void scrub_stack();

  Stack stack{"user", __user_stack_bottom, __user_stack_top};
  UserHal hal;
  EcallGate gate;
  VaultStub vault{gate};
  SimControl control{hal};
  Timer timer{hal, irq_bit(contract::Irq::kBle) | irq_bit(contract::Irq::kSensorIrq)};
  SpiBus display_spi{hal, contract::spi::kDisplaySpiBase, contract::Irq::kDisplaySpi, DisplayDriver::kSpiClock_hz};
  DisplayDriver display{hal, display_spi};
  FrameScreen screen{display};
  BleTransport radio{hal};
  BleWire air{radio};
  SealedWire wire{air, vault};
  ByteArray<contract::kMaxMessageBytes> request;
  CardApp app{Board{timer, vault, screen, wire, control, request, scrub_stack}};
};

// Made in place by user_main(): no static constructor.
[[gnu::section(".user_data")]] alignas(UserDomain) std::uint8_t domain_storage[sizeof(UserDomain)];

void UserDomain::scrub_stack() { std::launder(reinterpret_cast<UserDomain*>(domain_storage))->stack.scrub(); }

}  // namespace

/// From crt0.S, on the user's stack.
extern "C" [[noreturn]] void user_main() {
  UserDomain& user = *new (domain_storage) UserDomain;
  user.app.boot();
  for (;;) user.app.step();
}

}  // namespace touchstone::firmware
