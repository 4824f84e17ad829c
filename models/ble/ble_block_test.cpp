// The card's side through its registers, driven as the firmware drives it: one program that polls, a LinkHost on top.
#include <gtest/gtest.h>
#include <systemc.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/seed.h"
#include "ble/block.h"
#include "ble/central.h"
#include "contract/registers.h"
#include "link/link_host.h"

namespace touchstone::models {
namespace {

namespace reg = contract::ble;
using Message = std::vector<std::uint8_t>;
using sc_core::sc_time;

sc_time ms(double t) { return sc_time(t, sc_core::SC_MS); }

class Ram : public DmaPort {
 public:
  static constexpr std::uint32_t kBase = 0x80000000;
  bool read(std::uint32_t address, MutableBytes out) override {
    if (!inside(address, out.size())) return false;
    std::copy_n(bytes.begin() + (address - kBase), out.size(), out.begin());
    return true;
  }
  bool write(std::uint32_t address, Bytes in) override {
    if (!inside(address, in.size())) return false;
    std::copy(in.begin(), in.end(), bytes.begin() + (address - kBase));
    return true;
  }
  bool inside(std::uint32_t address, std::size_t size) const {
    return address >= kBase && address - kBase + size <= bytes.size();
  }
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(1024);
};

class Line : public IrqSink {
 public:
  void set_line(contract::Irq line, bool l) override {
    EXPECT_EQ(line, contract::Irq::kBle);
    level = l;
  }
  bool level = false;
};

class Energy : public EnergyPort {
 public:
  void state(std::string_view s, sc_time at) override {
    EXPECT_EQ(at, sc_core::sc_time_stamp());
    states.emplace_back(s);
  }
  void pulse(std::string_view, std::uint64_t) override { ADD_FAILURE(); }
  std::vector<std::string> states;
};

// The card: RAM, the block and the firmware's part.
class Card : public sc_core::sc_module, public link::HciOut, public link::LinkEvents {
 public:
  Card(sc_core::sc_module_name name, BleAir& air, const SeedTree& seeds)
      : sc_module(name), bus("bus"), block("block", air, ram, line, energy, seeds),
        host(link::LinkConfig{}, *this, *this, receive, transmit) {
    bus.bind(block.socket);
    SC_HAS_PROCESS(Card);
    SC_THREAD(firmware);
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint32_t offset, std::uint32_t& value) {
    ByteArray<4> data{};
    store_le32(data.data(), value);
    tlm::tlm_generic_payload t;
    t.set_command(command);
    t.set_address(offset);
    t.set_data_ptr(data.data());
    t.set_data_length(4);
    t.set_streaming_width(4);
    sc_time delay = sc_core::SC_ZERO_TIME;
    bus->b_transport(t, delay);
    value = load_le32(data.data());
    return t.get_response_status();
  }
  std::uint32_t get(std::uint32_t offset) {
    std::uint32_t value = 0;
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, offset, value), tlm::TLM_OK_RESPONSE);
    return value;
  }
  void set(std::uint32_t offset, std::uint32_t value) {
    EXPECT_EQ(access(tlm::TLM_WRITE_COMMAND, offset, value), tlm::TLM_OK_RESPONSE);
  }
  void power_on() {
    block.power_on();
    set(reg::kIntrEnable, 1);
    outbox.clear();
    host.start();
    running = true;
  }
  void power_off() {
    running = false;
    block.power_off();
  }
  void firmware() {
    for (;; wait(5, sc_core::SC_US)) {
      if (!running) continue;
      if (!hold && line.level) {
        Message packet(get(reg::kRxLenBytes));
        set(reg::kRxAddr, Ram::kBase);
        std::copy_n(ram.bytes.begin(), packet.size(), packet.begin());
        host.on_packet(packet);
      }
      if (!outbox.empty() && (get(reg::kStatus) & reg::kStatusTxBusyMask) == 0) {
        std::copy(outbox.front().begin(), outbox.front().end(), ram.bytes.begin() + 512);
        set(reg::kTxAddr, Ram::kBase + 512);
        set(reg::kTxLenBytes, static_cast<std::uint32_t>(outbox.front().size()));
        outbox.erase(outbox.begin());
      }
    }
  }
  void send(Bytes h4) override { outbox.emplace_back(h4.begin(), h4.end()); }
  void on_open() override { ++opened; }
  void on_message(Bytes m) override {
    messages.emplace_back(m.begin(), m.end());
    ASSERT_TRUE(host.send_message(m).ok());
  }
  void on_closed(std::uint8_t reason) override { closed.push_back(reason); }

  Ram ram;
  Line line;
  Energy energy;
  tlm_utils::simple_initiator_socket<Card> bus;
  BleBlock block;
  std::vector<std::uint8_t> receive = std::vector<std::uint8_t>(4200), transmit = std::vector<std::uint8_t>(4200);
  link::LinkHost host;
  std::vector<Message> outbox, messages;
  std::vector<std::uint8_t> closed;
  int opened = 0;
  bool running = false, hold = false;
};

class BleBlockTest : public ::testing::Test {
 protected:
  BleBlockTest() : seeds(1), air(seeds, events), card("card", air, seeds), wallet("wallet", air, BleConfig{}, seeds) {
    wallet.on_open = [this] { ++opened; };
    wallet.on_message = [this](Bytes m) { messages.emplace_back(m.begin(), m.end()); };
    wallet.on_closed = [this](std::uint8_t reason) { closed.push_back(reason); };
  }
  template <typename Condition>
  bool run_until(Condition condition, double limit_ms) {
    for (double t = 0; t < limit_ms && !condition(); t += 0.1) sc_core::sc_start(ms(0.1));
    return condition();
  }
  void open() {
    card.power_on();
    ASSERT_TRUE(wallet.connect().ok());
    ASSERT_TRUE(run_until([&] { return opened == 1 && card.opened == 1; }, 3'000));
  }
  static Message numbered(std::size_t size) {
    Message m(size);
    Random(size).fill(m);
    return m;
  }
  RecordingSink events;
  SeedTree seeds;
  BleAir air;
  Card card;
  CentralEndpoint wallet;
  std::vector<Message> messages;
  std::vector<std::uint8_t> closed;
  int opened = 0;
};

TEST_F(BleBlockTest, MessagesThereAndBack) {
  open();
  for (std::size_t size : {1, 300, 4169}) {
    ASSERT_TRUE(wallet.send(numbered(size)).ok());
    const std::size_t before = messages.size();
    ASSERT_TRUE(run_until([&] { return messages.size() > before; }, 2'000)) << size;
    EXPECT_EQ(messages.back(), numbered(size));
  }
  EXPECT_EQ(card.host.counters().ignored_packets, 0u);
  EXPECT_EQ(card.energy.states.front(), "idle");
}

TEST_F(BleBlockTest, PowerOffIsSilenceAndTheNextStartIsFresh) {
  open();
  sc_core::sc_start(ms(500));
  ASSERT_TRUE(wallet.send(numbered(4000)).ok());
  sc_core::sc_start(ms(12));  // in the middle
  card.power_off();
  EXPECT_EQ(card.energy.states.back(), "off");
  EXPECT_FALSE(card.line.level);
  EXPECT_EQ(card.get(reg::kRxLenBytes), 0u);
  EXPECT_TRUE(closed.empty());
  const std::size_t states = card.energy.states.size();
  ASSERT_TRUE(run_until([&] { return !closed.empty(); }, 3'000));
  EXPECT_EQ(closed[0], link::hci::kConnectionTimeout);
  EXPECT_EQ(card.energy.states.size(), states);  // nothing moved on the card

  card.power_on();
  ASSERT_TRUE(wallet.connect().ok());
  ASSERT_TRUE(run_until([&] { return opened == 2; }, 3'000));
  ASSERT_TRUE(wallet.send(numbered(4000)).ok());
  ASSERT_TRUE(run_until([&] { return !messages.empty(); }, 2'000));
  EXPECT_EQ(messages.back(), numbered(4000));
  EXPECT_EQ(card.messages.size(), 1u);
}

TEST_F(BleBlockTest, AHostThatDoesNotReadLosesNothing) {
  open();
  sc_core::sc_start(ms(500));
  card.hold = true;
  wallet.on_sent = [&] { wallet.send(numbered(4100)).ok(); };
  ASSERT_TRUE(wallet.send(numbered(4100)).ok());
  sc_core::sc_start(ms(1'500));  // far more than the queue would hold
  EXPECT_TRUE(card.messages.empty());
  wallet.on_sent = nullptr;
  card.hold = false;
  const auto sent = [&] { return wallet.counters().messages_sent; };
  ASSERT_TRUE(run_until([&] { return wallet.can_send() && messages.size() == sent(); }, 5'000));
  for (const Message& m : card.messages) EXPECT_EQ(m, numbered(4100));
  EXPECT_TRUE(closed.empty());
}

TEST_F(BleBlockTest, GuestMistakesSetTheErrorFlag) {
  card.block.power_on();
  const auto error = [&] { return (card.get(reg::kStatus) & reg::kStatusBusErrorMask) != 0; };
  card.set(reg::kTxAddr, 0x10000000);
  card.set(reg::kTxLenBytes, 4);
  EXPECT_TRUE(error());  // no memory there
  card.set(reg::kTxAddr, Ram::kBase);
  card.set(reg::kTxLenBytes, 0);
  EXPECT_TRUE(error());
  card.set(reg::kTxLenBytes, 100'000);
  EXPECT_TRUE(error());
  card.ram.bytes[0] = 1;  // HCI Reset
  card.ram.bytes[1] = 0x03;
  card.ram.bytes[2] = 0x0C;
  card.set(reg::kTxLenBytes, 4);
  EXPECT_EQ(card.get(reg::kStatus), reg::kStatusTxBusyMask);
  card.set(reg::kTxLenBytes, 4);  // the one before is still on its way
  EXPECT_TRUE(error());
  sc_core::sc_start(ms(1));
  EXPECT_EQ(card.get(reg::kIntrState), 1u);
  EXPECT_FALSE(card.line.level);  // not enabled
  card.set(reg::kIntrEnable, 1);
  EXPECT_TRUE(card.line.level);
  EXPECT_EQ(card.get(reg::kRxLenBytes), 7u);  // one Command Complete, not two
  card.set(reg::kRxAddr, 0x10000000);
  EXPECT_TRUE(error());
  EXPECT_EQ(card.get(reg::kRxLenBytes), 7u);  // still there
  card.set(reg::kRxAddr, Ram::kBase + 100);
  EXPECT_EQ(card.get(reg::kRxLenBytes), 0u);
  EXPECT_EQ(Message(card.ram.bytes.begin() + 100, card.ram.bytes.begin() + 107), (Message{4, 0x0E, 4, 1, 0x03, 0x0C, 0}));
}

TEST_F(BleBlockTest, AGuestThatOnlyAsksFillsTheQueueAndNoMore) {
  card.block.power_on();
  const ByteArray<4> reset{1, 0x03, 0x0C, 0};
  std::copy(reset.begin(), reset.end(), card.ram.bytes.begin());
  card.set(reg::kTxAddr, Ram::kBase);
  for (int i = 0; i < 300; ++i) {
    card.set(reg::kTxLenBytes, 4);
    sc_core::sc_start(ms(1));
  }
  EXPECT_NE(card.get(reg::kStatus) & reg::kStatusBusErrorMask, 0u);
  int answers = 0;
  for (; card.get(reg::kRxLenBytes) != 0; ++answers) card.set(reg::kRxAddr, Ram::kBase + 100);
  EXPECT_EQ(answers, 256);
}

}  // namespace
}  // namespace touchstone::models
