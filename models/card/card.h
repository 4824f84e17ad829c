// Card: the whole biometric wallet card - every model on one bus, in one power domain, running real firmware.
#pragma once

#include <systemc.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "accelerator/accelerator.h"
#include "base/event.h"
#include "base/seed.h"
#include "ble/air.h"
#include "ble/block.h"
#include "bus/dma_guard.h"
#include "bus/memory.h"
#include "bus/router.h"
#include "display/memory_lcd.h"
#include "io/nvm_controller.h"
#include "io/otp.h"
#include "io/spi_controller.h"
#include "io/sysctl.h"
#include "io/trng.h"
#include "mcu/cpu.h"
#include "mcu/elf_image.h"
#include "mcu/peripherals.h"
#include "power/battery.h"
#include "power/energy_meter.h"
#include "power/power_domain.h"
#include "prints/sensor.h"
#include "sensor/fingerprint_sensor.h"

namespace touchstone::models {

/// What production wrote into the card's OTP.
enum class CardIdentity {
  kGenuine,           ///< its own secret, and the vendor's certificate over its device key
  kUnprovisioned,     ///< nothing: never seen by the vendor
  kClonedCertificate  ///< its own secret, and the certificate of the genuine card with the next number
};

struct CardConfig {
  prints::SensorUnit sensor;
  int clock_error_ppm = 0;        ///< of the processor's oscillator: fast (+) or slow (-), in whole picoseconds of its period
  int sleep_clock_error_ppm = 0;  ///< of the radio's sleep clock: BleBlock::set_sleep_clock_error_ppm
  std::uint32_t number = 1;  ///< which card of the vendor's: decides the device secret, together with the seeds
  CardIdentity identity = CardIdentity::kGenuine;
  bool debug_locked = true;  ///< the debug port is closed, as in a shop; else it answers, and the card attests so
};

/// Where time and work went, by firmware phase (simctl.PHASE). Counts up over power cycles.
struct PhaseUsage {
  std::int64_t time_ns = 0;
  std::uint64_t instructions = 0;
  std::uint64_t accelerator_cycles = 0;
  double energy_uj = 0;
};

/// Owns its parts; `air` and `events` outlive it. Off until power().on().
class Card : public sc_core::sc_module {
 public:
  static constexpr std::size_t kPhases = 16;

  Card(sc_core::sc_module_name name, const CardConfig& config, BleAir& air, EventSink& events, const SeedTree& seeds);

  /// Production of OTP and sensor, once more for each card beyond the first: new ones with these in them. The power is off.
  void provision(const CardConfig& config, const SeedTree& seeds);
  /// Programs the flash as in production: erased but for a signed image (firmware/image), good or bad: the boot ROM judges.
  /// Returns an error sentence (it does not fit its slot) or nothing.
  std::string program(Bytes image);
  /// Somebody connects a debugger and reads memory over the bus. False: the port is closed, or no memory is there.
  bool debug_read(std::uint32_t address, MutableBytes out);

  /// What is a card's own, and stays without power.
  struct Contents {
    std::vector<std::uint8_t> flash;
    Secret<Otp::kBytes> otp;
    prints::SensorUnit sensor;
  };
  /// A copy of it.
  Contents contents();
  /// Another card of the same make comes in the place of this one: from the next power-on these are its contents. The power
  /// is off.
  void insert(const Contents& contents);

  PowerDomain& power() { return power_; }
  Cpu& cpu() { return cpu_; }
  FingerprintSensor& sensor() { return sensor_; }
  MemoryLcd& display() { return display_; }
  SysCtl& board() { return sysctl_; }
  Memory& flash() { return flash_; }
  Memory& ram() { return ram_; }
  const Otp& otp() const { return otp_; }
  Accelerator& accelerator() { return accelerator_; }
  const BleStatistics& radio_statistics() const { return ble_.statistics(); }
  EnergyMeter& energy() { return energy_; }
  Battery& battery() { return battery_; }
  NvmController& nvm() { return nvm_; }

  /// What the firmware says it is doing, contract::simctl::Phase.
  std::uint32_t phase() const { return phase_; }

  /// Closes the books at the kernel's time; the index is contract::simctl::Phase.
  std::array<PhaseUsage, kPhases> usage();
  std::uint64_t instructions() const;

 private:
  void enter_phase(std::uint32_t phase, sc_core::sc_time at);
  void book(sc_core::sc_time at);

  EventSink& events_;
  EnergyMeter energy_;
  Router bus_;
  Memory rom_, flash_, ram_;
  Cpu cpu_;
  Timer timer_;
  InterruptController intc_;
  SimControl simctl_;
  SysCtl sysctl_;
  DmaGuard user_dma_;
  Trng trng_;
  Otp otp_;
  NvmController nvm_;
  FingerprintSensor sensor_;
  MemoryLcd display_;
  SpiController sensor_spi_, display_spi_;
  Accelerator accelerator_;
  BleBlock ble_;
  PowerDomain power_;
  Battery battery_;

  /// Adds up what was done before a power cut, when the processor's own counters start again.
  struct Totals : Powered {
    explicit Totals(Card& owner) : card(owner) {}
    void power_on() override {
      counting = true;
      card.enter_phase(0, sc_core::sc_time_stamp());
    }
    void power_off() override {
      card.book(sc_core::sc_time_stamp());
      card.instructions_before_ += card.cpu_.instructions();
      counting = false;
    }
    Card& card;
    bool counting = false;  // the processor has a count of its own: still while the power goes
  } totals_{*this};

  std::array<PhaseUsage, kPhases> usage_{};
  std::uint32_t phase_ = 0;
  sc_core::sc_time booked_at_;
  std::uint64_t instructions_before_ = 0, booked_instructions_ = 0, booked_cycles_ = 0;
};

}  // namespace touchstone::models
