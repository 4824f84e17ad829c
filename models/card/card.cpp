#include "card/card.h"

#include <algorithm>

#include "base/check.h"
#include "bus/time.h"
#include "contract/events.h"
#include "contract/registers.h"
#include "identity/development_vendor.h"
#include "identity/identity.h"

extern "C" const std::uint8_t touchstone_rom_elf[], touchstone_rom_elf_end[];

namespace touchstone::models {

namespace c = contract;

namespace {

sc_core::sc_time clock_period(int error_ppm) {
  const std::int64_t nominal_ps = 1'000'000'000'000 / c::kClockHz, scale = 1'000'000 + error_ppm;
  return sc_core::sc_time::from_value(static_cast<std::uint64_t>((nominal_ps * 1'000'000 + scale / 2) / scale));
}

}  // namespace

Card::Card(sc_core::sc_module_name name, const CardConfig& config, BleAir& air, EventSink& events, const SeedTree& seeds)
    : sc_module(name),
      events_(events),
      bus_("bus"),
      rom_("rom", c::kRomSizeBytes, Memory::Kind::kRom),
      flash_("flash", c::kFlashSizeBytes, Memory::Kind::kFlash),
      ram_("ram", c::kRamSizeBytes, Memory::Kind::kRam),
      cpu_("cpu", clock_period(config.clock_error_ppm)),
      timer_("timer", cpu_.clock_period(), cpu_),
      intc_("intc", cpu_),
      simctl_("simctl"),
      sysctl_("sysctl", config.sensor.width_px, config.sensor.height_px),
      user_dma_(bus_, sysctl_.dma_window()),
      trng_("trng", seeds.stream("card/trng")),
      otp_("otp"),
      nvm_("nvm", flash_, bus_, intc_, c::Irq::kNvm, seeds.stream("card/flash"), &events, &energy_.part("flash")),
      sensor_("sensor", config.sensor, intc_, c::Irq::kSensorIrq, seeds.child("card/sensor"), &events, &energy_.part("sensor")),
      display_("display", &events, &energy_.part("display")),
      sensor_spi_("sensor_spi", sensor_, bus_, intc_, c::Irq::kSensorSpi, cpu_.clock_period()),
      display_spi_("display_spi", display_, user_dma_, intc_, c::Irq::kDisplaySpi, cpu_.clock_period()),
      accelerator_("accelerator", cpu_.clock_period(), intc_, seeds.stream("card/accelerator"), &events, &energy_.part("accelerator")),
      ble_("ble", air, user_dma_, intc_, energy_.part("radio"), seeds.child("card/ble")),
      power_(&events),
      battery_("battery", energy_, power_, &events) {
  bus_.map(c::kRomBase, c::kRomSizeBytes, rom_.socket);
  bus_.map(c::kFlashBase, c::kFlashSizeBytes, flash_.socket);
  bus_.map(c::kRamBase, c::kRamSizeBytes, ram_.socket);
  bus_.map(c::simctl::kBase, c::simctl::kSizeBytes, simctl_.socket);
  bus_.map(c::timer::kBase, c::timer::kSizeBytes, timer_.socket);
  bus_.map(c::intc::kBase, c::intc::kSizeBytes, intc_.socket);
  bus_.map(c::sysctl::kBase, c::sysctl::kSizeBytes, sysctl_.socket);
  bus_.map(c::spi::kSensorSpiBase, c::spi::kSizeBytes, sensor_spi_.socket);
  bus_.map(c::spi::kDisplaySpiBase, c::spi::kSizeBytes, display_spi_.socket);
  bus_.map(c::trng::kBase, c::trng::kSizeBytes, trng_.socket);
  bus_.map(c::otp::kBase, c::otp::kSizeBytes, otp_.socket);
  bus_.map(c::nvm::kBase, c::nvm::kSizeBytes, nvm_.socket);
  bus_.map(c::ble::kBase, c::ble::kSizeBytes, ble_.socket);
  bus_.map(c::secp::kBase, c::secp::kSizeBytes, accelerator_.socket);
  cpu_.socket.bind(bus_.in);
  provision(config, seeds);
  const auto rom = ElfImage::parse(Bytes(touchstone_rom_elf, static_cast<std::size_t>(touchstone_rom_elf_end - touchstone_rom_elf)));
  TS_CHECK(std::holds_alternative<ElfImage>(rom), "the built-in boot ROM is no ELF image");
  const std::string error = std::get<ElfImage>(rom).load({{"rom", c::kRomBase, rom_.bytes()}});
  TS_CHECK(error.empty() && std::get<ElfImage>(rom).entry() == c::kResetVector, "the built-in boot ROM does not fit");

  ble_.set_sleep_clock_error_ppm(config.sleep_clock_error_ppm);
  cpu_.set_event_sink(&events);
  cpu_.set_energy(&energy_.part("mcu"));
  simctl_.set_event_sink(&events);
  intc_.set_event_sink(&events);
  simctl_.on_phase = [this](std::uint32_t phase, sc_core::sc_time at) { enter_phase(phase, at); };
  sysctl_.on_software_reset = [this] { power_.reset(); };
  sysctl_.on_sensor_reset_n = [this](bool level) { sensor_.set_reset_n(level); };

  // The processor comes last on and first off: nothing runs beside parts that are down.
  for (Powered* part : std::initializer_list<Powered*>{&rom_, &flash_, &ram_, &timer_, &intc_, &simctl_, &sysctl_, &trng_, &otp_, &nvm_, &sensor_,
                                                       &display_, &sensor_spi_, &display_spi_, &accelerator_, &ble_, &cpu_, &totals_})
    power_.add(*part);
}

void Card::provision(const CardConfig& config, const SeedTree& seeds) {
  const auto secret_of = [&](std::uint32_t number) {
    Secret<32> secret;
    seeds.child("vendor/cards").child(number).stream("device secret").fill(secret.expose());
    return secret;
  };
  const auto certificate_of = [&](std::uint32_t number) {
    return identity::certify_device(identity::x_only_key(identity::device_key(secret_of(number))), identity::development_vendor_secret());
  };
  Secret<32> secret;
  ByteArray<64> certificate{};
  if (config.identity != CardIdentity::kUnprovisioned) {
    secret = secret_of(config.number);
    certificate = certificate_of(config.identity == CardIdentity::kGenuine ? config.number : config.number + 1);
  }
  otp_.provision(secret, certificate, config.debug_locked);
  sensor_.exchange(config.sensor);
}

std::string Card::program(Bytes image) {
  if (image.size() > c::kFlashFirmwareSizeBytes) return "the image is larger than its slot";
  std::fill(flash_.bytes().begin(), flash_.bytes().end(), std::uint8_t{0xFF});
  std::copy(image.begin(), image.end(), flash_.bytes().begin() + c::kFlashFirmwareOffset);
  flash_.changed(0, c::kFlashSizeBytes);
  return {};
}

bool Card::debug_read(std::uint32_t address, MutableBytes out) {
  const bool attached = power_.is_on() && !otp_.debug_locked();
  events_.emit(to_ns(sc_core::sc_time_stamp()), events::DebugPort{attached ? "attached" : "refused"});
  return attached && bus_.read(address, out);
}

Card::Contents Card::contents() { return {{flash_.bytes().begin(), flash_.bytes().end()}, otp_.contents(), sensor_.unit()}; }

void Card::insert(const Contents& contents) {
  TS_CHECK(!power_.is_on() && contents.flash.size() == flash_.bytes().size(), "cards are exchanged without power");
  std::copy(contents.flash.begin(), contents.flash.end(), flash_.bytes().begin());
  flash_.changed(0, c::kFlashSizeBytes);
  otp_.insert(contents.otp);
  sensor_.exchange(contents.sensor);
}

std::uint64_t Card::instructions() const { return instructions_before_ + (totals_.counting ? cpu_.instructions() : 0); }

void Card::book(sc_core::sc_time at) {
  PhaseUsage& usage = usage_[phase_ % kPhases];
  usage.time_ns += to_ns(at) - to_ns(booked_at_);
  usage.instructions += instructions() - booked_instructions_;
  usage.accelerator_cycles += accelerator_.total_cycles() - booked_cycles_;
  booked_at_ = at;
  booked_instructions_ = instructions();
  booked_cycles_ = accelerator_.total_cycles();
}

void Card::enter_phase(std::uint32_t phase, sc_core::sc_time at) {
  book(at);
  phase_ = phase;
  energy_.set_phase(phase_name(phase), at);
}

std::array<PhaseUsage, Card::kPhases> Card::usage() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  book(now);
  energy_.finish(now);
  for (std::uint32_t phase = 0; phase < kPhases; ++phase) usage_[phase].energy_uj = energy_.phase_uj(phase_name(phase));
  return usage_;
}

}  // namespace touchstone::models
