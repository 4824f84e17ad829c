#include "mcu/bare_mcu.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "accelerator/accelerator.h"
#include "base/check.h"
#include "bus/time.h"
#include "contract/registers.h"
#include "mcu/gdb_server.h"
#include "mcu/profiler.h"

namespace touchstone::models {

sc_core::sc_time BareMcu::default_clock_period() {
  const sc_core::sc_time second(1, sc_core::SC_SEC);
  TS_CHECK(second.value() % contract::kClockHz == 0, "the clock period is no whole number of picoseconds");
  return sc_core::sc_time::from_value(second.value() / contract::kClockHz);
}

BareMcu::BareMcu(sc_core::sc_module_name name, sc_core::sc_time clock_period)
    : sc_module(name),
      flash("flash", contract::kFlashSizeBytes, Memory::Kind::kFlash),
      ram("ram", contract::kRamSizeBytes, Memory::Kind::kRam),
      cpu("cpu", clock_period),
      timer("timer", clock_period, cpu),
      intc("intc", cpu),
      simctl("simctl"),
      bus("bus") {
  cpu.socket.bind(bus.in);
  bus.map(contract::kFlashBase, contract::kFlashSizeBytes, flash.socket);
  bus.map(contract::kRamBase, contract::kRamSizeBytes, ram.socket);
  bus.map(contract::timer::kBase, contract::timer::kSizeBytes, timer.socket);
  bus.map(contract::intc::kBase, contract::intc::kSizeBytes, intc.socket);
  bus.map(contract::simctl::kBase, contract::simctl::kSizeBytes, simctl.socket);
  simctl.on_exit = [this](std::uint32_t code, sc_core::sc_time now) {
    if (exit_code_) return;
    exit_code_ = code;
    end_time_ = now;
    cpu.stop();
    sc_core::sc_pause();
  };
  cpu.on_halt = [this] {
    end_time_ = sc_core::sc_time_stamp();
    sc_core::sc_pause();
  };
}

void BareMcu::set_event_sink(EventSink* sink) {
  cpu.set_event_sink(sink);
  simctl.set_event_sink(sink);
}

std::string BareMcu::load(const ElfImage& image) {
  TS_CHECK(!powered_, "a program is loaded while the power is off");
  std::fill(flash.bytes().begin(), flash.bytes().end(), std::uint8_t{0xFF});
  cpu.set_reset_vector(image.entry());
  return image.load({{"flash", contract::kFlashBase, flash.bytes()}, {"ram", contract::kRamBase, ram.bytes()}});
}

void BareMcu::power_on() {
  TS_CHECK(!powered_, "the power is on");
  powered_ = true;
  exit_code_.reset();
  killed_ = false;
  for (Powered* part : std::initializer_list<Powered*>{&flash, &ram, &timer, &intc, &simctl, &cpu}) part->power_on();
}

void BareMcu::power_off() {
  if (!powered_) return;
  powered_ = false;
  for (Powered* part : std::initializer_list<Powered*>{&cpu, &simctl, &intc, &timer, &ram, &flash}) part->power_off();
}

void BareMcu::kill() {
  killed_ = true;
  cpu.stop();
  cpu.on_halt();
}

BareMcu::Outcome BareMcu::run() {
  power_on();
  const sc_core::sc_time start = sc_core::sc_time_stamp();
  sc_core::sc_start();
  if (killed_) return {End::kKilled, 0, end_time_ - start};
  if (exit_code_) return {End::kExit, *exit_code_, end_time_ - start};
  if (cpu.state() == Cpu::State::kLockup) return {End::kLockup, 0, end_time_ - start};
  if (cpu.state() == Cpu::State::kInstructionLimit) return {End::kInstructionLimit, 0, end_time_ - start};
  return {End::kAsleepForever, 0, sc_core::sc_time_stamp() - start};
}

namespace {

class McuWithAccelerator : public BareMcu {
 public:
  explicit McuWithAccelerator(sc_core::sc_module_name name)
      : BareMcu(name), accelerator_("accelerator", default_clock_period(), intc, SeedTree(1).stream("accelerator")) {
    bus.map(contract::secp::kBase, contract::secp::kSizeBytes, accelerator_.socket);
    accelerator_.power_on();
  }

 private:
  Accelerator accelerator_;
};

}  // namespace

McuRunResult run_bare_mcu(const McuRunOptions& options) {
  McuRunResult result;
  const auto image = ElfImage::read(options.elf_path);
  if (const std::string* error = std::get_if<std::string>(&image)) {
    result.error = *error;
    return result;
  }
  const std::unique_ptr<BareMcu> mcu = options.with_accelerator ? std::make_unique<McuWithAccelerator>("mcu") : std::make_unique<BareMcu>("mcu");
  result.error = mcu->load(std::get<ElfImage>(image));
  if (!result.error.empty()) {
    result.error = options.elf_path + ": " + result.error;
    return result;
  }
  mcu->simctl.on_character = options.on_character;
  mcu->cpu.set_instruction_limit(options.max_instructions);
  mcu->cpu.iss().set_cycle_model(options.cycle_model);
  std::unique_ptr<GdbServer> gdb;
  try {
    if (options.gdb_port) gdb = std::make_unique<GdbServer>(mcu->cpu, *options.gdb_port);
  } catch (const std::runtime_error& error) {
    result.error = error.what();
    return result;
  }
  if (gdb) {
    gdb->on_news = options.on_gdb;
    gdb->on_kill = [&] { mcu->kill(); };
    // A program in RAM is lost with the power: a reset loads it again.
    gdb->on_reset = [&] {
      mcu->power_off();
      (void)mcu->load(std::get<ElfImage>(image));
      mcu->power_on();
    };
    if (options.on_gdb) {
      const std::string port = std::to_string(gdb->port());
      options.on_gdb("waiting for a debugger at 127.0.0.1:" + port + ": gdb-multiarch " + options.elf_path + " -ex 'target remote :" + port + "'");
    }
  }
  if (options.profiler != nullptr) {
    if (auto lines = SourceLines::load(std::filesystem::path(options.elf_path)); lines.ok()) options.profiler->add_source(std::move(lines).value());
    options.profiler->enable(true);
    mcu->cpu.add_monitor(*options.profiler);
  }

  const auto wall_start = std::chrono::steady_clock::now();
  const BareMcu::Outcome outcome = mcu->run();
  result.wall_time_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start).count();
  if (gdb) gdb->ended(outcome.end == BareMcu::End::kExit ? outcome.exit_code : 1);
  result.end = outcome.end;
  result.exit_code = outcome.exit_code;
  result.instructions = mcu->cpu.instructions();
  result.cycles = mcu->cpu.cycles();
  result.simulated_time_ns = to_ns(outcome.simulated);

  Iss& hart = mcu->cpu.iss();
  std::uint32_t cause = 0, epc = 0, value = 0;
  hart.read_csr(0x342, cause);
  hart.read_csr(0x341, epc);
  hart.read_csr(0x343, value);
  char text[240];
  switch (outcome.end) {
    case BareMcu::End::kExit: break;
    case BareMcu::End::kInstructionLimit:
      std::snprintf(text, sizeof text, "the limit of %llu instructions was reached at pc 0x%08x",
                    static_cast<unsigned long long>(options.max_instructions), static_cast<unsigned>(hart.pc()));
      result.where = text;
      break;
    case BareMcu::End::kLockup:
      std::snprintf(text, sizeof text, "double fault: the trap handler's first instruction at 0x%08x raises %s itself (mtval 0x%08x)",
                    static_cast<unsigned>(epc), to_string(static_cast<Exception>(cause)), static_cast<unsigned>(value));
      result.where = text;
      break;
    case BareMcu::End::kKilled: result.where = "killed by the debugger"; break;
    case BareMcu::End::kAsleepForever:
      std::snprintf(text, sizeof text, "the program sleeps in WFI before pc 0x%08x and no interrupt will ever come", static_cast<unsigned>(hart.pc()));
      result.where = text;
      break;
  }
  return result;
}

}  // namespace touchstone::models
