#include <gtest/gtest.h>
#include <sys/wait.h>
#include <systemc.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/seed.h"
#include "ble/air.h"
#include "ble/central.h"
#include "ble/controller.h"
#include "link/link_host.h"

namespace touchstone::models {
namespace {

using Message = std::vector<std::uint8_t>;
using sc_core::sc_time;

sc_time us(double t) { return sc_time(t, sc_core::SC_US); }
sc_time ms(double t) { return sc_time(t, sc_core::SC_MS); }

Message numbered(std::size_t size, std::uint64_t seed) {
  Message m(size);
  Random(seed).fill(m);
  return m;
}

class EnergyLog : public EnergyPort {
 public:
  void state(std::string_view state, sc_time at) override {
    if (!current.empty()) spent[current] += at - since;
    current = state;
    since = at;
  }
  void pulse(std::string_view, std::uint64_t) override {}
  std::map<std::string, sc_time> spent;
  std::string current;
  sc_time since;
};

// A host without a card's registers: the peripheral end for tests of the link itself.
class Peripheral : public sc_core::sc_module, public link::HciOut, public link::LinkEvents {
 public:
  Peripheral(sc_core::sc_module_name name, BleAir& air, const BleConfig& config, const SeedTree& seeds)
      : sc_module(name), controller("controller", air, BleSide::kCard, kCardAddress, seeds, &energy),
        host(host_config(config, link::LinkRole::kPeripheral), *this, *this, receive, transmit) {
    controller.to_host = [this](Bytes h4) { host.on_packet(h4); };
  }
  void start() {
    controller.power_on();
    host.start();
  }
  void send(Bytes h4) override { controller.from_host(h4); }
  void on_open() override { ++opened; }
  void on_message(Bytes m) override {
    messages.emplace_back(m.begin(), m.end());
    last_message = sc_core::sc_time_stamp();
    if (!echo) return;
    ASSERT_TRUE(host.send_message(m).ok());
  }
  void on_closed(std::uint8_t reason) override {
    closed.push_back(reason);
    closed_at = sc_core::sc_time_stamp();
  }

  EnergyLog energy;
  std::vector<std::uint8_t> receive = std::vector<std::uint8_t>(8192), transmit = std::vector<std::uint8_t>(8192);
  BleController controller;
  link::LinkHost host;
  std::vector<Message> messages;
  std::vector<std::uint8_t> closed;
  sc_time closed_at, last_message;
  int opened = 0;
  bool echo = false;
};

// One card, one wallet, one air.
struct World {
  explicit World(const BleConfig& c = {}, std::uint64_t seed = 1)
      : config(c), seeds(seed), air(seeds, events), card("card", air, config, seeds), wallet("wallet", air, config, seeds) {
    air.set_loss(config.loss_ppm);
    wallet.on_open = [this] { ++opened; };
    wallet.on_message = [this](Bytes m) { messages.emplace_back(m.begin(), m.end()); };
    wallet.on_closed = [this](std::uint8_t reason) {
      closed.push_back(reason);
      closed_at = sc_core::sc_time_stamp();
    };
  }
  void run_for(sc_time t) { sc_core::sc_start(t); }
  template <typename Condition>
  bool run_until(Condition condition, sc_time limit) {
    const sc_time end = sc_core::sc_time_stamp() + limit;
    while (!condition() && sc_core::sc_time_stamp() < end) sc_core::sc_start(us(100));
    return condition();
  }
  void open() {
    card.start();
    ASSERT_TRUE(wallet.connect().ok());
    ASSERT_TRUE(run_until([&] { return opened == 1 && card.opened == 1; }, ms(20'000)));
  }
  BleConfig config;
  SeedTree seeds;
  RecordingSink events;
  BleAir air;
  Peripheral card;
  CentralEndpoint wallet;
  std::vector<Message> messages;
  std::vector<std::uint8_t> closed;
  sc_time closed_at;
  int opened = 0;
};

// ---- times ----------------------------------------------------------------------------------------------------------

TEST(BleAirTime, ByHand) {
  // preamble + access address + header + payload + CRC, 8 us a byte at 1M, 4 us at 2M.
  EXPECT_EQ(air_time_us(Phy::k1M, 0), 80u);
  EXPECT_EQ(air_time_us(Phy::k2M, 0), 44u);
  EXPECT_EQ(air_time_us(Phy::k1M, 27), 296u);
  EXPECT_EQ(air_time_us(Phy::k2M, 27), 152u);
  EXPECT_EQ(air_time_us(Phy::k1M, 251), 2088u);
  EXPECT_EQ(air_time_us(Phy::k2M, 251), 1048u);
  EXPECT_EQ(air_time_us(Phy::k1M, 37), 376u);  // the longest ADV_IND
  EXPECT_EQ(air_time_us(Phy::k1M, 34), 352u);  // CONNECT_IND
}

struct Heard {
  AirPacket packet;
  sc_time start;
  BleAir::Fate fate;
  sc_time end() const { return start + us(packet.air_time_us()); }
};

TEST(BleLink, PacketsComeWhenTheSpecificationSays) {
  World world;
  std::vector<Heard> heard;
  world.air.set_observer([&](const AirPacket& p, sc_time start, BleAir::Fate fate) { heard.push_back({p, start, fate}); });
  world.open();
  world.run_for(ms(500));

  std::size_t connect = 0;
  while (heard[connect].packet.pdu[0] != 5) ++connect;
  EXPECT_EQ(heard[connect].start - heard[connect - 1].end(), us(150));  // CONNECT_IND after the advertisement
  EXPECT_EQ(heard[connect].end() - heard[connect].start, us(352));

  const sc_time first_anchor = heard[connect + 1].start;
  EXPECT_EQ(first_anchor - heard[connect].end(), us(1250));  // transmit window delay, offset 0
  std::size_t events = 0;
  for (std::size_t i = connect + 1; i < heard.size(); ++i) {
    ASSERT_EQ(heard[i].fate, BleAir::Fate::kDelivered);
    const bool new_event = heard[i].packet.channel != heard[i - 1].packet.channel;
    sc_time expected = heard[i - 1].end() + us(150);
    if (new_event) expected = first_anchor + static_cast<double>(events++) * us(30'000);
    EXPECT_EQ(heard[i].start, expected);
  }
  EXPECT_NEAR(static_cast<double>(events), 500.0 / 30, 2);
  EXPECT_EQ(heard.back().packet.phy, Phy::k2M);
}

TEST(BleLink, IdleEventsAreOneEmptyPacketEachWay) {
  World world;
  world.open();
  world.run_for(ms(1'000));
  int packets = 0;
  world.air.set_observer([&](const AirPacket& p, sc_time, BleAir::Fate) {
    ++packets;
    EXPECT_EQ(p.pdu.size(), 2u);
  });
  const std::size_t events = world.events.records().size();
  world.card.energy.spent.clear();
  world.run_for(ms(3'000));
  EXPECT_EQ(packets, 200);  // 100 events
  EXPECT_EQ(world.events.records().size(), events);
  // Each event: 44 us sent; received 44 us and the window's widening before it, 16 us and 100 ppm of 30 ms.
  EXPECT_EQ(world.card.energy.spent["tx"], us(100 * 44));
  EXPECT_EQ(world.card.energy.spent["rx"], us(100 * (44 + 16 + 3)));
}

// ---- throughput -----------------------------------------------------------------------------------------------------

// Saturates wallet -> card and compares with the limit: message bytes of one K-frame over the time of its packets, each
// followed by the inter-frame space, an empty answer and the space again.
void expect_goodput(Phy phy, std::uint16_t payload) {
  BleConfig config;
  config.phy = phy;
  config.payload_bytes = payload;
  config.interval_us = 200'000;
  World world(config);
  world.open();
  world.run_for(ms(2'000));  // data length and PHY are in place

  const Message message = numbered(8'000, 1);
  world.wallet.on_sent = [&] { ASSERT_TRUE(world.wallet.send(message).ok()); };
  ASSERT_TRUE(world.wallet.send(message).ok());
  // Count only what lies between the first and the last delivery.
  ASSERT_TRUE(world.run_until([&] { return !world.card.messages.empty(); }, ms(5'000)));
  const sc_time begin = world.card.last_message;
  const std::size_t before = world.card.messages.size();
  world.run_for(ms(10'000));
  const double seconds = (world.card.last_message - begin).to_seconds();
  const double bytes = static_cast<double>(world.card.messages.size() - before) * 8'000;
  for (const Message& m : world.card.messages) ASSERT_EQ(m, message);

  std::uint32_t frame_us = 0;
  for (std::uint32_t left = 251; left > 0;) {
    const std::uint32_t n = std::min<std::uint32_t>(left, payload);
    frame_us += air_time_us(phy, n) + 150 + air_time_us(phy, 0) + 150;
    left -= n;
  }
  const double limit = 247.0 / frame_us * 1000;  // kB/s
  const double measured = bytes / seconds / 1000;
  std::printf("%s/%u: %.1f kB/s, limit %.1f, ratio %.3f\n", to_string(phy), payload, measured, limit, measured / limit);
  EXPECT_LT(measured, limit);
  EXPECT_GT(measured, 0.97 * limit);
}

TEST(BleGoodput, At1M27) { expect_goodput(Phy::k1M, 27); }
TEST(BleGoodput, At1M251) { expect_goodput(Phy::k1M, 251); }
TEST(BleGoodput, At2M27) { expect_goodput(Phy::k2M, 27); }
TEST(BleGoodput, At2M251) { expect_goodput(Phy::k2M, 251); }

// ---- loss, cuts, ends -----------------------------------------------------------------------------------------------

TEST(BleLink, TenPercentLossLosesNothing) {
  BleConfig config;
  config.loss_ppm = 100'000;
  World world(config, 3);
  world.open();
  world.card.echo = true;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Message m = numbered(1 + (i * 97) % 4169, i);
    ASSERT_TRUE(world.wallet.send(m).ok());
    ASSERT_TRUE(world.run_until([&] { return world.messages.size() == i + 1; }, ms(20'000))) << i;
    ASSERT_EQ(world.messages.back(), m);
  }
  EXPECT_EQ(world.card.messages.size(), 60u);
  EXPECT_TRUE(world.closed.empty());
  EXPECT_GT(world.wallet.statistics().retransmissions, 20u);
  EXPECT_GT(world.card.controller.statistics().retransmissions, 20u);
  const BleStatistics &card = world.card.controller.statistics(), &wallet = world.wallet.statistics();
  const double packets = static_cast<double>(card.packets_sent + wallet.packets_sent);
  const double lost = static_cast<double>(card.crc_failures + wallet.crc_failures);
  EXPECT_NEAR(lost / packets, 0.1, 0.03);
}

TEST(BleLink, SupervisionTimeoutOnBothSidesIsExact) {
  World world;
  world.open();
  world.run_for(ms(500));
  sc_time last_to_card, last_to_wallet;
  bool to_card = true;  // alternate within an event; a new channel begins with the central
  int channel = -1;
  world.air.set_observer([&](const AirPacket& p, sc_time start, BleAir::Fate fate) {
    to_card = p.channel != channel || !to_card;
    channel = p.channel;
    if (fate == BleAir::Fate::kDelivered) (to_card ? last_to_card : last_to_wallet) = start + us(p.air_time_us());
  });
  world.run_for(ms(300));
  world.air.cut();
  world.run_for(ms(3'000));
  const sc_time hci = us(BleController::kHciLatency_us);
  ASSERT_EQ(world.card.closed, std::vector<std::uint8_t>{link::hci::kConnectionTimeout});
  ASSERT_EQ(world.closed, std::vector<std::uint8_t>{link::hci::kConnectionTimeout});
  EXPECT_EQ(world.card.closed_at, last_to_card + ms(2'000) + hci);
  EXPECT_EQ(world.closed_at, last_to_wallet + ms(2'000) + hci);
  const auto ends = world.events.named("ble.disconnected");
  ASSERT_EQ(ends.size(), 2u);
  EXPECT_EQ(ends[0].text("side"), "card");
  EXPECT_EQ(ends[0].text("reason"), "connection_timeout");
  EXPECT_EQ(ends[1].text("side"), "wallet");
}

TEST(BleLink, CutInTheMiddleOfAMessageThenAgain) {
  World world;
  world.open();
  world.run_for(ms(500));
  const Message m = numbered(4169, 9);
  ASSERT_TRUE(world.wallet.send(m).ok());
  const BleStatistics& statistics = world.card.controller.statistics();
  const std::uint64_t before = statistics.payload_bytes_received;
  ASSERT_TRUE(world.run_until([&] { return statistics.payload_bytes_received > before + 1000; }, ms(200)));
  world.air.cut();
  world.run_for(ms(3'000));
  EXPECT_TRUE(world.card.messages.empty());
  EXPECT_EQ(world.closed.size(), 1u);
  EXPECT_EQ(world.card.closed.size(), 1u);
  EXPECT_FALSE(world.wallet.is_open());

  world.air.restore();
  ASSERT_TRUE(world.wallet.connect().ok());
  ASSERT_TRUE(world.run_until([&] { return world.opened == 2; }, ms(2'000)));
  ASSERT_TRUE(world.wallet.send(m).ok());
  ASSERT_TRUE(world.run_until([&] { return world.card.messages.size() == 1; }, ms(1'000)));
  EXPECT_EQ(world.card.messages.back(), m);
}

TEST(BleLink, ShortCutOnlyDelays) {
  World world;
  world.open();
  ASSERT_TRUE(world.wallet.send(numbered(4169, 9)).ok());
  world.run_for(ms(10));
  world.air.cut();
  world.run_for(ms(1'500));
  world.air.restore();
  ASSERT_TRUE(world.run_until([&] { return world.card.messages.size() == 1; }, ms(1'000)));
  EXPECT_EQ(world.card.messages.back(), numbered(4169, 9));
  EXPECT_TRUE(world.closed.empty());
}

TEST(BleLink, EitherHostMayEndTheConnection) {
  World world;
  world.open();
  world.wallet.disconnect();
  ASSERT_TRUE(world.run_until([&] { return world.closed.size() == 1 && world.card.closed.size() == 1; }, ms(200)));
  EXPECT_EQ(world.closed[0], link::hci::kLocalHostTerminated);
  EXPECT_EQ(world.card.closed[0], link::hci::kRemoteUserTerminated);
  ASSERT_TRUE(world.wallet.connect().ok());
  ASSERT_TRUE(world.run_until([&] { return world.opened == 2 && world.card.opened == 2; }, ms(2'000)));
  world.card.host.disconnect();
  ASSERT_TRUE(world.run_until([&] { return world.closed.size() == 2 && world.card.closed.size() == 2; }, ms(200)));
  EXPECT_EQ(world.closed[1], link::hci::kRemoteUserTerminated);
  EXPECT_EQ(world.card.closed[1], link::hci::kLocalHostTerminated);
}

TEST(BleLink, ConnectsInSpiteOfHeavyLossAtTheStart) {
  BleConfig config;
  config.loss_ppm = 400'000;
  config.interval_us = 7'500;
  World world(config, 5);
  world.open();
}

TEST(BleLink, NothingToConnectTo) {
  World world;  // the card is off
  ASSERT_TRUE(world.wallet.connect().ok());
  EXPECT_FALSE(world.wallet.connect().ok());
  world.run_for(ms(5'000));
  EXPECT_EQ(world.opened, 0);
  world.wallet.disconnect();
  world.run_for(ms(1));
  EXPECT_EQ(world.closed, std::vector<std::uint8_t>{link::hci::kLocalHostTerminated});
  world.card.start();
  ASSERT_TRUE(world.wallet.connect().ok());
  ASSERT_TRUE(world.run_until([&] { return world.opened == 1; }, ms(2'000)));
}

TEST(BleLink, PhyAndPayloadAreNegotiated) {
  World world;
  world.open();
  world.run_for(ms(1'000));
  const auto parameters = world.events.named("ble.parameters");
  ASSERT_EQ(parameters.size(), 2u);
  EXPECT_EQ(parameters[0].number("payload_bytes"), 251);
  EXPECT_EQ(parameters[1].text("phy"), "2M");
  EXPECT_EQ(world.events.named("ble.connected").size(), 1u);
  const auto advertising = world.events.named("ble.advertising");
  ASSERT_EQ(advertising.size(), 2u);
  EXPECT_EQ(advertising[0].number("on"), 1);
  EXPECT_EQ(advertising[1].number("on"), 0);
}

std::string transcript(std::uint64_t seed) {
  BleConfig config;
  config.loss_ppm = 150'000;
  World world(config, seed);
  world.open();
  world.card.echo = true;
  world.wallet.send(numbered(4000, 1)).ok();
  world.run_for(ms(2'000));
  world.air.cut();
  world.run_for(ms(2'500));
  std::string text;
  for (const auto& r : world.events.records()) {
    text += std::to_string(r.time_ns) + r.name;
    for (const auto& [name, value] : r.fields) {
      const auto* string = std::get_if<std::string>(&value);
      text += string != nullptr ? *string : std::to_string(std::get<std::int64_t>(value));
    }
  }
  return text;
}

// SystemC elaborates once a process: each run gets a process of its own.
std::string transcript_in_child(std::uint64_t seed) {
  int ends[2];
  if (pipe(ends) != 0) return "no pipe";
  const pid_t child = fork();
  if (child == 0) {
    const std::string text = transcript(seed);
    const bool written = write(ends[1], text.data(), text.size()) == static_cast<ssize_t>(text.size());
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) > 0;) text.append(buffer, static_cast<std::size_t>(n));
  close(ends[0]);
  waitpid(child, nullptr, 0);
  return text;
}

TEST(BleLink, SameSeedSameEvents) {
  const std::string first = transcript_in_child(11);
  EXPECT_GT(first.size(), 1000u);
  EXPECT_EQ(first, transcript_in_child(11));
  EXPECT_NE(first, transcript_in_child(12));
}

// ---- clocks ---------------------------------------------------------------------------------------------------------

TEST(BleClock, AnErrorWithinThePromiseIsWidenedAway) {
  World world;
  world.card.controller.set_sleep_clock_error_ppm(90);  // both sides together promise 100
  world.open();
  world.run_for(ms(3000));
  EXPECT_TRUE(world.closed.empty());
  const Message message = numbered(400, 3);
  ASSERT_TRUE(world.wallet.send(message).ok());
  EXPECT_TRUE(world.run_until([&] { return !world.card.messages.empty(); }, ms(200)));
}

TEST(BleClock, ALargerErrorLosesTheConnectionOnBothSides) {
  World world;
  world.open();
  world.card.controller.set_sleep_clock_error_ppm(20'000);  // 300 us in 15 ms
  EXPECT_TRUE(world.run_until([&] { return world.closed.size() == 1 && world.card.closed.size() == 1; }, ms(3000)));
  EXPECT_EQ(world.closed.front(), link::hci::kConnectionTimeout);
  EXPECT_EQ(world.card.closed.front(), link::hci::kConnectionTimeout);
}

}  // namespace
}  // namespace touchstone::models
