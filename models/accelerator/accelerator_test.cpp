#include "accelerator/accelerator.h"

#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <functional>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace touchstone::models {
namespace {

namespace secp = contract::secp;
using sc_core::sc_time;
using sc_core::SC_NS;
using sc_core::SC_PS;

const sc_time kPeriod(15625, SC_PS);  // 64 MHz

struct Lines : IrqSink {
  struct Change {
    sc_time at;
    bool level;
  };
  std::vector<Change> changes;
  void set_line(contract::Irq line, bool level) override {
    EXPECT_EQ(line, contract::Irq::kSecp);
    changes.push_back({sc_core::sc_time_stamp(), level});
  }
};

struct Energy : EnergyPort {
  struct Change {
    std::string state;
    sc_time at;
  };
  std::vector<Change> changes;
  void state(std::string_view state, sc_time at) override { changes.push_back({std::string(state), at}); }
  void pulse(std::string_view, std::uint64_t) override { ADD_FAILURE(); }
};

// The bus master: runs a test body as a SystemC thread and answers for every access.
struct Bench : sc_core::sc_module {
  tlm_utils::simple_initiator_socket<Bench> socket{"socket"};
  Lines lines;
  Energy energy;
  RecordingSink events;
  Accelerator accelerator{"accelerator", kPeriod, lines, SeedTree(1).stream("entropy"), &events, &energy};
  std::function<void()> body;

  SC_HAS_PROCESS(Bench);
  Bench(sc_core::sc_module_name name, std::function<void(Bench&)> test)
      : sc_module(name), body([this, test] { test(*this); }) {
    socket.bind(accelerator.socket);
    SC_THREAD(run);
  }
  void run() {
    accelerator.power_on();
    body();
    sc_core::sc_stop();
  }

  tlm::tlm_response_status access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value, sc_time ahead = sc_core::SC_ZERO_TIME) {
    tlm::tlm_generic_payload payload;
    payload.set_command(command);
    payload.set_address(offset);
    payload.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
    payload.set_data_length(4);
    payload.set_streaming_width(4);
    payload.set_byte_enable_ptr(nullptr);
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    socket->b_transport(payload, ahead);
    return payload.get_response_status();
  }
  void write(std::uint32_t offset, std::uint32_t value, sc_time ahead = sc_core::SC_ZERO_TIME) {
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, offset, value, ahead), tlm::TLM_OK_RESPONSE);
  }
  std::uint32_t read(std::uint32_t offset, sc_time ahead = sc_core::SC_ZERO_TIME) {
    std::uint32_t value = 0xDEADBEEF;
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, offset, value, ahead), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void start_multiply_base(std::uint32_t k) {
    for (std::uint32_t i = 0; i < 8; ++i) write(secp::kK + 4 * i, i == 0 ? k : 0);
    write(secp::kOp, static_cast<std::uint32_t>(secp::Op::kMulBase));
    write(secp::kStart, 1);
  }
};

void simulate(std::function<void(Bench&)> test) {
  Bench bench("bench", std::move(test));
  sc_core::sc_start();
}

TEST(Accelerator, ResultAndInterruptComeAtTheirTime) {
  simulate([](Bench& b) {
    b.write(secp::kIntrEnable, 1);
    wait(sc_time(1000, SC_NS));
    b.start_multiply_base(1);
    EXPECT_TRUE(b.accelerator.busy());
    const sc_time begin = sc_core::sc_time_stamp();
    EXPECT_EQ(b.read(secp::kStatus), secp::kStatusBusyMask);
    EXPECT_EQ(b.read(secp::kRx), 0u);
    EXPECT_EQ(b.read(secp::kCycles), 0u);
    EXPECT_EQ(b.read(secp::kOp), 0u);
    EXPECT_TRUE(b.lines.changes.empty());

    wait(sc_time(10, sc_core::SC_MS));
    const std::uint32_t cycles = b.read(secp::kCycles);
    ASSERT_GT(cycles, 4'000u);
    ASSERT_LT(cycles, 10'000u);
    ASSERT_EQ(b.lines.changes.size(), 1u);
    EXPECT_TRUE(b.lines.changes[0].level);
    EXPECT_EQ(b.lines.changes[0].at, begin + cycles * kPeriod);
    EXPECT_EQ(b.read(secp::kStatus), secp::kStatusDoneMask);
    EXPECT_EQ(b.read(secp::kRx), 0x16F81798u);  // G, least significant word
    EXPECT_EQ(b.accelerator.total_cycles(), cycles);
    EXPECT_EQ(b.accelerator.operations(), 1u);

    b.write(secp::kIntrState, 1);
    ASSERT_EQ(b.lines.changes.size(), 2u);
    EXPECT_FALSE(b.lines.changes[1].level);

    const auto start = b.events.named("accelerator.start"), done = b.events.named("accelerator.done");
    ASSERT_EQ(start.size(), 1u);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(start[0].text("op"), "mul_base");
    EXPECT_EQ(start[0].time_ns, 1000);
    EXPECT_EQ(done[0].number("cycles"), cycles);
    EXPECT_EQ(done[0].number("status"), secp::kStatusDoneMask);
    EXPECT_EQ(done[0].time_ns, static_cast<std::int64_t>((begin + cycles * kPeriod) / sc_time(1, SC_NS)));

    ASSERT_EQ(b.energy.changes.size(), 3u);
    EXPECT_EQ(b.energy.changes[0].state, "idle");
    EXPECT_EQ(b.energy.changes[1].state, "busy");
    EXPECT_EQ(b.energy.changes[1].at, begin);
    EXPECT_EQ(b.energy.changes[2].state, "idle");
    EXPECT_EQ(b.energy.changes[2].at, begin + cycles * kPeriod);
  });
}

TEST(Accelerator, AnInitiatorThatRunsAheadSeesItsOwnTime) {
  simulate([](Bench& b) {
    for (std::uint32_t i = 0; i < 8; ++i) b.write(secp::kK + 4 * i, i == 0 ? 2 : 0);
    b.write(secp::kOp, static_cast<std::uint32_t>(secp::Op::kMulBase));
    const sc_time ahead(500, SC_NS);
    b.write(secp::kStart, 1, ahead);
    wait(sc_time(10, sc_core::SC_MS));
    const std::uint32_t cycles = b.read(secp::kCycles);
    ASSERT_GT(cycles, 0u);
    ASSERT_EQ(b.events.named("accelerator.done").size(), 1u);

    b.start_multiply_base(3);
    const sc_time last = cycles * kPeriod - sc_time(1, SC_PS);
    EXPECT_EQ(b.read(secp::kStatus, last), secp::kStatusBusyMask);
    EXPECT_EQ(b.read(secp::kStatus, cycles * kPeriod), secp::kStatusDoneMask);
    EXPECT_EQ(b.read(secp::kRx, cycles * kPeriod), 0xBCE036F9u);  // 3G, least significant word
    wait(sc_time(10, sc_core::SC_MS));
    EXPECT_EQ(b.events.named("accelerator.done").size(), 2u);  // told once, though seen early
  });
}

TEST(Accelerator, WritesWhileBusyReachOnlyTheInterruptRegisters) {
  simulate([](Bench& b) {
    b.write(secp::kIntrEnable, 1);
    b.start_multiply_base(1);
    wait(sc_time(10, sc_core::SC_MS));
    ASSERT_EQ(b.read(secp::kIntrState), 1u);  // left set
    b.start_multiply_base(1);
    EXPECT_EQ(b.read(secp::kIntrState), 1u);
    b.write(secp::kK, 7);
    b.write(secp::kOp, static_cast<std::uint32_t>(secp::Op::kAdd));
    b.write(secp::kStart, 1);
    b.write(secp::kIntrState, 1);
    EXPECT_EQ(b.read(secp::kIntrState), 0u);
    b.write(secp::kIntrEnable, 0);
    EXPECT_EQ(b.read(secp::kIntrEnable), 0u);
    EXPECT_FALSE(b.lines.changes.back().level);
    wait(sc_time(10, sc_core::SC_MS));
    EXPECT_EQ(b.read(secp::kRx), 0x16F81798u);
    EXPECT_EQ(b.read(secp::kOp), static_cast<std::uint32_t>(secp::Op::kMulBase));
    EXPECT_EQ(b.read(secp::kIntrState), 1u);
    EXPECT_FALSE(b.lines.changes.back().level);  // masked
    EXPECT_EQ(b.accelerator.operations(), 2u);
  });
}

TEST(Accelerator, PowerLossDiscardsTheOperationAndTheScalar) {
  simulate([](Bench& b) {
    b.write(secp::kIntrEnable, 1);
    b.start_multiply_base(5);
    wait(sc_time(20, sc_core::SC_US));
    EXPECT_TRUE(b.accelerator.busy());
    b.accelerator.power_off();
    EXPECT_EQ(b.read(secp::kStatus), 0u);
    wait(sc_time(10, sc_core::SC_MS));
    EXPECT_TRUE(b.lines.changes.empty());
    EXPECT_TRUE(b.events.named("accelerator.done").empty());
    EXPECT_EQ(b.energy.changes.back().state, "off");
    EXPECT_EQ(b.accelerator.total_cycles(), 0u);

    b.accelerator.power_on();
    EXPECT_EQ(b.read(secp::kStatus), 0u);
    EXPECT_EQ(b.read(secp::kIntrEnable), 0u);
    for (std::uint32_t i = 0; i < 16; ++i) EXPECT_EQ(b.read(secp::kRx + 4 * i), 0u);
    // Whatever the scalar was, it is zero now.
    b.write(secp::kOp, static_cast<std::uint32_t>(secp::Op::kMulBase));
    b.write(secp::kStart, 1);
    wait(sc_time(10, sc_core::SC_MS));
    EXPECT_EQ(b.read(secp::kStatus), secp::kStatusDoneMask | secp::kStatusInfinityMask);
  });
}

TEST(Accelerator, GuestMistakesAreBusErrors) {
  simulate([](Bench& b) {
    std::uint32_t value = 0;
    EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, 0x1C, value), tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(b.access(tlm::TLM_READ_COMMAND, secp::kK + 2, value), tlm::TLM_BURST_ERROR_RESPONSE);
    b.write(secp::kK, 0x12345678);
    EXPECT_EQ(b.read(secp::kK), 0u);
  });
}

}  // namespace
}  // namespace touchstone::models
