// The core in its SystemC machine: exact interrupts, sleep, power, quantum independence, changed code, the bare programs.
// Every test runs in a process of its own under ctest; run by hand, tests share one machine, which is power-cycled.
#include <gtest/gtest.h>

#include <map>

#include "base/check.h"
#include "bus/time.h"
#include "contract/registers.h"
#include "mcu/bare_mcu.h"
#include "mcu/programs/sha256_chain.h"
#include "mcu/test_assembler.h"

namespace touchstone::models {
namespace {

using namespace rv;
using sc_core::sc_time;

// Says when the energy state changed.
class EnergyLog : public EnergyPort {
 public:
  void state(std::string_view state, sc_time at) override { states.emplace_back(std::string(state), at); }
  void pulse(std::string_view, std::uint64_t) override {}
  std::vector<std::pair<std::string, sc_time>> states;
};

// Calls what a test wants at a time, from a SystemC process.
class Puppeteer : public sc_core::sc_module {
 public:
  explicit Puppeteer(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(Puppeteer);
    SC_METHOD(act);
    sensitive << due_;
    dont_initialize();
  }
  void at(sc_time delay, std::function<void()> action) {
    actions_.emplace(sc_core::sc_time_stamp() + delay, std::move(action));
    due_.notify(delay);
  }

 private:
  void act() {
    while (!actions_.empty() && actions_.begin()->first <= sc_core::sc_time_stamp()) {
      const auto action = actions_.begin()->second;
      actions_.erase(actions_.begin());
      action();
    }
    if (!actions_.empty()) due_.notify(actions_.begin()->first - sc_core::sc_time_stamp());
  }
  std::multimap<sc_time, std::function<void()>> actions_;
  sc_core::sc_event due_;
};

struct World {
  BareMcu mcu{"mcu"};
  Puppeteer puppeteer{"puppeteer"};
  RecordingSink sink;
  EnergyLog energy;
};

class Mcu : public testing::Test {
 protected:
  Mcu() : world_(world()), mcu_(world_.mcu) {
    mcu_.power_off();
    mcu_.cpu.set_quantum(sc_time(100, sc_core::SC_US));
    mcu_.cpu.set_instruction_limit(0);
    mcu_.cpu.set_reset_vector(contract::kFlashBase);
    world_.sink = {};
    world_.energy = {};
    mcu_.set_event_sink(&world_.sink);
    mcu_.cpu.set_energy(&world_.energy);
    // Away from time 0, and off the clock's grid.
    advance(sc_time(1234567, sc_core::SC_PS));
  }
  static World& world() {
    static World* w = new World;
    return *w;
  }
  void put(std::initializer_list<std::uint32_t> words, std::uint32_t address = contract::kFlashBase) {
    for (std::uint32_t word : words) {
      const MutableBytes memory = address >= contract::kRamBase ? mcu_.ram.bytes() : mcu_.flash.bytes();
      store_le32(memory.data() + (address & 0xFFFFF), word);
      address += 4;
    }
  }
  BareMcu::Outcome run_elf(const char* path) {
    mcu_.power_off();
    const auto image = ElfImage::read(path);
    TS_CHECK(std::holds_alternative<ElfImage>(image), "a test program is missing");
    TS_CHECK(mcu_.load(std::get<ElfImage>(image)).empty(), "a test program does not fit");
    return mcu_.run();
  }
  sc_time cycles(std::uint64_t n) const { return sc_time::from_value(n * mcu_.cpu.clock_period().value()); }
  std::uint32_t csr(std::uint32_t number) {
    std::uint32_t value = 0;
    mcu_.cpu.iss().read_csr(number, value);
    return value;
  }

  World& world_;
  BareMcu& mcu_;
};

constexpr std::uint32_t kFlash = contract::kFlashBase;
constexpr std::uint32_t kHandler = kFlash + 0x100;

TEST_F(Mcu, HelloPrintsAndReturnsItsExitCode) {
  const BareMcu::Outcome outcome = run_elf(HELLO_ELF);
  EXPECT_EQ(outcome.end, BareMcu::End::kExit);
  EXPECT_EQ(outcome.exit_code, 42u);
  ASSERT_EQ(world_.sink.named("mcu.console").size(), 1u);
  EXPECT_EQ(world_.sink.named("mcu.console")[0].text("text"), "hello from RV32IMC");
  EXPECT_EQ(world_.sink.named("mcu.exit").at(0).number("code"), 42);
  EXPECT_EQ(outcome.simulated, cycles(mcu_.cpu.cycles() - 2)) << "the exit store is the last instruction; it is seen at its start";
}

TEST_F(Mcu, ComputesTheSameAsTheHost) {
  mcu_.cpu.set_instruction_limit(3'000'000);
  EXPECT_EQ(run_elf(SHA256_CHAIN_ELF).end, BareMcu::End::kInstructionLimit);
  EXPECT_EQ(mcu_.cpu.instructions(), 3'000'000u) << "the limit is exact";
  char expected[16];
  std::snprintf(expected, sizeof expected, "%08x", load::sha256_chain(200));
  EXPECT_EQ(world_.sink.named("mcu.console").at(0).text("text"), expected);
}

TEST_F(Mcu, ComputesTheSameInUserMode) {
  mcu_.cpu.set_instruction_limit(3'000'000);
  EXPECT_EQ(run_elf(USER_LOAD_ELF).end, BareMcu::End::kInstructionLimit);
  EXPECT_EQ(mcu_.cpu.iss().privilege(), Privilege::kUser);
  char expected[16];
  std::snprintf(expected, sizeof expected, "%08x", load::sha256_chain(200));
  EXPECT_EQ(world_.sink.named("mcu.console").at(0).text("text"), expected);
  EXPECT_TRUE(world_.sink.named("mcu.trap").empty());
}

TEST_F(Mcu, TimerInterruptComesAtTheExactCycle) {
  // Timer at cycle 1000 while a loop of one-cycle instructions and jumps runs: taken at the first boundary at or after it.
  for (std::uint64_t quantum_ns : {50u, 1000u, 100000u}) {
    mcu_.power_off();
    mcu_.cpu.set_quantum(sc_time(static_cast<double>(quantum_ns), sc_core::SC_NS));
    put({auipc(1, 0), addi(1, 1, 0x100), csrrw(0, 0x305, 1), lui(2, 0x40001000), addi(3, 0, 1000), sw(0, 2, 12), sw(3, 2, 8), addi(4, 0, 0x80),
         csrrw(0, 0x304, 4), csrrsi(0, 0x300, 8), addi(5, 5, 1), addi(5, 5, 1), addi(5, 5, 1), jal(0, -12)});
    // The handler reads the time, and the cycle counter a cycle before it.
    put({csrrs(6, 0xB00, 0), lw(7, 2, 0), lui(8, 0x40000000), sw(0, 8, 0), jal(0, 0)}, kHandler);
    mcu_.power_on();
    sc_core::sc_start(sc_time(50, sc_core::SC_US));
    const std::uint32_t at_entry = mcu_.cpu.iss().reg(6);
    // Entry costs 3 cycles; the interrupted instruction is a jump of 2 cycles at most.
    EXPECT_GE(at_entry - 3, 1000u);
    EXPECT_LE(at_entry - 3, 1001u);
    EXPECT_EQ(mcu_.cpu.iss().reg(7), at_entry + 1) << "mtime and mcycle agree in a program that never slept";
    EXPECT_EQ(csr(0x342), 0x80000007u);
  }
}

TEST_F(Mcu, ExternalInterruptFromAnEventComesAtTheFirstBoundary) {
  for (unsigned delay_ps : {3'000'000u, 3'000'001u, 3'015'624u, 3'015'625u}) {
    mcu_.power_off();
    put({auipc(1, 0), addi(1, 1, 0x100), csrrw(0, 0x305, 1), lui(2, 0x40002000), addi(3, 0, 1 << 3), sw(3, 2, 4), lui(4, 0x1000), addi(4, 4, -0x800),
         csrrw(0, 0x304, 4), csrrsi(0, 0x300, 8), addi(5, 5, 1), addi(5, 5, 1), addi(5, 5, 1), jal(0, -12)});
    put({csrrs(6, 0xB00, 0), lw(7, 2, 8), lui(8, 0x40000000), sw(0, 8, 0), jal(0, 0)}, kHandler);
    mcu_.power_on();
    world_.puppeteer.at(sc_time(delay_ps, sc_core::SC_PS), [&] { mcu_.intc.set_line(contract::Irq::kBle, true); });
    sc_core::sc_start(sc_time(20, sc_core::SC_US));
    const std::uint64_t edge = (delay_ps + 15624) / 15625;
    EXPECT_EQ(csr(0x342), 0x8000000Bu);
    EXPECT_GE(mcu_.cpu.iss().reg(6) - 3, edge);
    EXPECT_LE(mcu_.cpu.iss().reg(6) - 3, edge + 1);
    EXPECT_EQ(mcu_.cpu.iss().reg(7), 1u << 3) << "PENDING";
  }
}

TEST_F(Mcu, SleepEndsExactlyAndCostsNoCycles) {
  // WFI with the external interrupt enabled in mie only: goes on behind WFI without a trap.
  put({lui(2, 0x40002000), addi(3, 0, 1 << 3), sw(3, 2, 4), lui(4, 0x1000), addi(4, 4, -0x800), csrrw(0, 0x304, 4), kWfi, lui(9, 0x40001000),
       lw(7, 9, 0), lui(8, 0x40000000), sw(0, 8, 0)});
  const sc_time start = sc_core::sc_time_stamp();
  world_.puppeteer.at(sc_time(3, sc_core::SC_SEC), [&] { mcu_.intc.set_line(contract::Irq::kBle, true); });
  const BareMcu::Outcome outcome = mcu_.run();
  EXPECT_EQ(outcome.end, BareMcu::End::kExit);
  const std::uint64_t before_sleep = 1 + 1 + 2 + 1 + 1 + 1 + 1, three_seconds = 3u * contract::kClockHz;
  EXPECT_EQ(mcu_.cpu.iss().reg(7), three_seconds + 1);
  EXPECT_EQ(mcu_.cpu.cycles(), before_sleep + 1 + 2 + 1 + 2);
  ASSERT_EQ(world_.energy.states.size(), 3u);
  EXPECT_EQ(world_.energy.states[0], (std::pair<std::string, sc_time>("run", start)));
  EXPECT_EQ(world_.energy.states[1], (std::pair<std::string, sc_time>("sleep", start + cycles(before_sleep))));
  EXPECT_EQ(world_.energy.states[2], (std::pair<std::string, sc_time>("run", start + sc_time(3, sc_core::SC_SEC))));
}

TEST_F(Mcu, SleepEndsAtAClockEdge) {
  put({lui(2, 0x40002000), addi(3, 0, 1 << 3), sw(3, 2, 4), lui(4, 0x1000), addi(4, 4, -0x800), csrrw(0, 0x304, 4), kWfi, lui(8, 0x40000000), sw(0, 8, 0)});
  world_.puppeteer.at(sc_time(1'000'001, sc_core::SC_PS), [&] { mcu_.intc.set_line(contract::Irq::kBle, true); });
  const BareMcu::Outcome outcome = mcu_.run();
  EXPECT_EQ(outcome.simulated, cycles(65) + cycles(1));
}

TEST_F(Mcu, AsleepForEverIsNoticed) {
  put({kWfi, jal(0, -4)});
  EXPECT_EQ(mcu_.run().end, BareMcu::End::kAsleepForever);
  EXPECT_EQ(mcu_.cpu.state(), Cpu::State::kSleep);
}

TEST_F(Mcu, LockUpIsNoticedAndItsTrapsAreEvents) {
  put({kEcall});  // mtvec is 0, where nothing is
  EXPECT_EQ(mcu_.run().end, BareMcu::End::kLockup);
  const auto traps = world_.sink.named("mcu.trap");
  ASSERT_EQ(traps.size(), 2u);
  EXPECT_EQ(traps[0].text("cause"), "ecall_from_machine_mode");
  EXPECT_EQ(traps[0].number("pc"), contract::kFlashBase);
  EXPECT_EQ(traps[1].text("cause"), "instruction_access_fault");
  EXPECT_EQ(traps[1].number("value"), 0);
}

TEST_F(Mcu, DeviceMistakesAreAccessFaults) {
  // Byte access to a register, a hole in a block, a hole in the map.
  for (std::uint32_t word : {lb(5, 2, 0), lw(5, 2, 0x40), lw(5, 3, 0)}) {
    mcu_.power_off();
    put({auipc(1, 0), addi(1, 1, 0x100), csrrw(0, 0x305, 1), lui(2, 0x40001000), lui(3, 0x50000000), word});
    put({lui(8, 0x40000000), sw(0, 8, 0), jal(0, 0)}, kHandler);
    EXPECT_EQ(mcu_.run().end, BareMcu::End::kExit);
    EXPECT_EQ(csr(0x342), 5u);
    EXPECT_EQ(csr(0x341), kFlash + 20);
  }
}

TEST_F(Mcu, PowerOffStopsAtOnceAndPowerOnBeginsAnew) {
  // Counts in RAM, one store every 5 cycles.
  put({lui(1, contract::kRamBase), addi(2, 2, 1), sw(2, 1, 0), jal(0, -8)});
  std::uint32_t counted = 0;
  mcu_.power_on();
  world_.puppeteer.at(sc_time(10, sc_core::SC_US), [&] {
    counted = load_le32(mcu_.ram.bytes().data());
    mcu_.power_off();
  });
  advance(sc_time(1, sc_core::SC_MS));
  EXPECT_NEAR(counted, 640.0 / 5, 1);
  EXPECT_EQ(mcu_.cpu.state(), Cpu::State::kOff);
  EXPECT_NE(load_le32(mcu_.ram.bytes().data()), counted) << "RAM is lost";
  ASSERT_EQ(world_.energy.states.size(), 2u);
  EXPECT_EQ(world_.energy.states[1].first, "off");

  put({addi(5, 0, 7), kWfi});
  mcu_.power_on();
  advance(sc_time(1, sc_core::SC_US));
  EXPECT_EQ(mcu_.cpu.iss().reg(5), 7u);
  EXPECT_EQ(mcu_.cpu.iss().reg(2), 0u);
  EXPECT_EQ(mcu_.cpu.instructions(), 2u);
}

TEST_F(Mcu, PowerCycleDuringItsOwnStoreRestartsTheCore) {
  put({lui(1, 0x40000000), addi(2, 0, 3), sw(2, 1, 12), addi(5, 5, 1), jal(0, -4)});
  int marks = 0;
  mcu_.simctl.on_mark = [&](std::uint32_t, sc_time) {
    if (++marks > 2) return;
    mcu_.cpu.power_off();
    mcu_.cpu.power_on();
  };
  mcu_.power_on();
  advance(sc_time(1, sc_core::SC_US));
  mcu_.simctl.on_mark = nullptr;
  EXPECT_EQ(marks, 3);
  // Each start reaches its store in 2 cycles; the third runs for the rest of the 64.
  EXPECT_NEAR(static_cast<double>(mcu_.cpu.cycles()), 60, 1) << "counters began anew";
}

TEST_F(Mcu, CodeWrittenByDmaIsSeen) {
  put({lui(1, contract::kRamBase), jalr(0, 1, 0)});
  put({addi(5, 0, 1), jal(0, -4)}, contract::kRamBase);
  mcu_.power_on();
  advance(sc_time(10, sc_core::SC_US));
  EXPECT_EQ(mcu_.cpu.iss().reg(5), 1u);
  std::uint8_t bytes[4];
  store_le32(bytes, addi(5, 0, 2));
  EXPECT_TRUE(mcu_.bus.write(contract::kRamBase, bytes));
  advance(sc_time(10, sc_core::SC_US));
  EXPECT_EQ(mcu_.cpu.iss().reg(5), 2u);
}

TEST_F(Mcu, CodeChangedInFlashIsSeen) {
  put({addi(5, 0, 1), jal(0, -4)});
  mcu_.power_on();
  advance(sc_time(10, sc_core::SC_US));
  put({addi(5, 0, 2)});
  mcu_.flash.changed(0, 4);
  advance(sc_time(10, sc_core::SC_US));
  EXPECT_EQ(mcu_.cpu.iss().reg(5), 2u);
}

TEST_F(Mcu, PhasesAndMarksCarryTheirTime) {
  std::vector<std::pair<std::uint32_t, sc_time>> phases;
  mcu_.simctl.on_phase = [&](std::uint32_t phase, sc_time now) { phases.emplace_back(phase, now); };
  put({lui(1, 0x40000000), addi(2, 0, 4), sw(2, 1, 8), lw(3, 1, 8), sw(2, 1, 12), sw(0, 1, 0)});
  const sc_time start = sc_core::sc_time_stamp();
  EXPECT_EQ(mcu_.run().end, BareMcu::End::kExit);
  mcu_.simctl.on_phase = nullptr;
  ASSERT_EQ(phases.size(), 1u);
  EXPECT_EQ(phases[0], (std::pair<std::uint32_t, sc_time>(4, start + cycles(2))));
  EXPECT_EQ(mcu_.cpu.iss().reg(3), 4u);
  EXPECT_EQ(world_.sink.named("mcu.phase").at(0).text("phase"), "capture");
  EXPECT_EQ(world_.sink.named("mcu.mark").at(0).number("value"), 4);
  EXPECT_EQ(world_.sink.named("mcu.mark").at(0).time_ns, to_ns(start + cycles(6)));
}

TEST_F(Mcu, EventsKnowTheInstructionThatCausedThem) {
  // Notes the core's access_pc() at every event.
  struct Causes : EventSink {
    explicit Causes(Cpu& c) : cpu(c) {}
    void receive(std::int64_t, std::string_view name, const std::vector<EventField>&) override { seen.emplace_back(name, cpu.access_pc()); }
    Cpu& cpu;
    std::vector<std::pair<std::string, std::optional<std::uint32_t>>> seen;
  };
  put({lui(1, 0x40000000), lui(3, kFlash), addi(3, 3, 0x100), csrrw(0, 0x305, 3), sw(2, 1, 12), kEcall});
  put({kNop, sw(0, 1, 0)}, kHandler);
  for (const sc_time& quantum : {sc_time(100, sc_core::SC_US), mcu_.cpu.clock_period()}) {
    Causes causes(mcu_.cpu);
    mcu_.set_event_sink(&causes);
    mcu_.cpu.set_quantum(quantum);
    std::optional<std::uint32_t> beside = 0;
    world_.puppeteer.at(cycles(3), [&] { beside = mcu_.cpu.access_pc(); });
    mcu_.power_off();
    EXPECT_EQ(mcu_.run().end, BareMcu::End::kExit);
    const decltype(causes.seen) expected{{"mcu.mark", kFlash + 16}, {"mcu.trap", kFlash + 20}, {"mcu.exit", kHandler + 4}};
    EXPECT_EQ(causes.seen, expected);
    EXPECT_FALSE(beside) << "nobody's access";
    EXPECT_FALSE(mcu_.cpu.access_pc());
  }
  mcu_.set_event_sink(&world_.sink);
}

TEST_F(Mcu, TheQuantumChangesNothing) {
  struct Trace {
    std::string console;
    std::uint64_t instructions, cycles;
    sc_time simulated;
    std::array<std::uint32_t, 32> registers;
    std::vector<std::uint8_t> ram;
    std::vector<std::pair<std::int64_t, std::string>> events;
    bool operator==(const Trace&) const = default;
  };
  const auto trace = [&](sc_time quantum) {
    mcu_.power_off();
    // The same place on the nanosecond grid, for events count from the simulation's start.
    const std::uint64_t phase = sc_core::sc_time_stamp().value() % 1'000'000;
    if (phase != 0) advance(sc_time::from_value(1'000'000 - phase));
    world_.sink = {};
    mcu_.cpu.set_quantum(quantum);
    const sc_time start = sc_core::sc_time_stamp();
    const BareMcu::Outcome outcome = run_elf(INTERRUPTS_ELF);
    EXPECT_EQ(outcome.end, BareMcu::End::kExit);
    Trace t;
    t.console = world_.sink.named("mcu.console").at(0).text("text");
    t.instructions = mcu_.cpu.instructions();
    t.cycles = mcu_.cpu.cycles();
    t.simulated = outcome.simulated;
    for (unsigned i = 0; i < 32; ++i) t.registers[i] = mcu_.cpu.iss().reg(i);
    t.ram.assign(mcu_.ram.bytes().begin(), mcu_.ram.bytes().end());
    for (const auto& record : world_.sink.records()) t.events.emplace_back(record.time_ns - to_ns(start), record.name);
    return t;
  };
  const Trace reference = trace(sc_time(100, sc_core::SC_US));
  EXPECT_EQ(reference.events.size(), 7u) << "4 marks, a trap, a line, the exit";
  EXPECT_GT(reference.simulated, cycles(reference.cycles)) << "it slept";
  EXPECT_TRUE(reference == trace(sc_time(1, sc_core::SC_US)));
  EXPECT_TRUE(reference == trace(sc_time(1, sc_core::SC_MS)));
  EXPECT_TRUE(reference == trace(mcu_.cpu.clock_period()));
}

}  // namespace
}  // namespace touchstone::models
