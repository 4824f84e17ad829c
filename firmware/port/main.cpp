// The card: devices, application, main loop.
#include <new>

#include "app/card_app.h"
#include "app/card_vault.h"
#include "drivers/ble_transport.h"
#include "drivers/board_lines.h"
#include "drivers/display_driver.h"
#include "drivers/fingerprint_driver.h"
#include "drivers/irq.h"
#include "drivers/nvm.h"
#include "drivers/secp_driver.h"
#include "drivers/sim_control.h"
#include "drivers/timer.h"
#include "drivers/trng.h"
#include "port/arena.h"
#include "port/riscv_hal.h"
#include "port/stack.h"

namespace touchstone::firmware {
namespace {

struct Card {
  RiscvHal hal;
  SimControl control{hal};
  Timer timer{hal, irq_bit(contract::Irq::kBle) | irq_bit(contract::Irq::kSensorIrq)};
  SpiBus sensor_spi{hal, contract::spi::kSensorSpiBase, contract::Irq::kSensorSpi, FingerprintDriver::kSpiClock_hz};
  SpiBus display_spi{hal, contract::spi::kDisplaySpiBase, contract::Irq::kDisplaySpi, DisplayDriver::kSpiClock_hz};
  FingerprintDriver sensor{hal, sensor_spi};
  DisplayDriver display{hal, display_spi};
  FrameScreen screen{display};
  Nvm nvm{hal};
  Trng trng{hal};
  SecpDriver curve{hal};
  BleTransport radio{hal};
  BleWire wire{radio};
  BoardLines lines{hal};
  ByteArray<contract::kMaxMessageBytes> request;
  CardVault vault{VaultBoard{timer, sensor, nvm, trng, curve, lines, control, arena()}};
  CardApp app{Board{timer, vault, screen, wire, control, request, scrub_stack}};
};

// Made in place by card_main(): no static constructor, and its size shows among the statics.
alignas(Card) std::uint8_t card_storage[sizeof(Card)];

}  // namespace

extern "C" [[noreturn]] void card_main() {
  Card& card = *new (card_storage) Card;
  card.lines.lock_user_dma(contract::kRamBase, contract::kRamBase + contract::kRamSizeBytes);
  card.app.boot();
  for (;;) card.app.step();
}

}  // namespace touchstone::firmware
