#include "link/link_host.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "base/seed.h"

namespace touchstone::link {
namespace {

using Packet = std::vector<std::uint8_t>;

// One end: a LinkHost, what it sent and what it reported.
class End : public HciOut, public LinkEvents {
 public:
  explicit End(LinkRole role, std::size_t buffer_bytes = 4600) : receive(buffer_bytes), transmit(buffer_bytes) {
    LinkConfig config;
    config.role = role;
    host.emplace(config, *this, *this, receive, transmit);
  }
  void send(Bytes h4) override { sent.emplace_back(h4.begin(), h4.end()); }
  void on_open() override { log.push_back("open"); }
  void on_message(Bytes m) override {
    ASSERT_LE(m.size(), receive.size());
    messages.emplace_back(m.begin(), m.end());
  }
  void on_closed(std::uint8_t reason) override { log.push_back("closed " + std::to_string(reason)); }
  void on_sent() override { ++sent_messages; }

  std::vector<std::uint8_t> receive, transmit;
  std::deque<Packet> sent;
  std::vector<Packet> messages;
  std::vector<std::string> log;
  int sent_messages = 0;
  std::optional<LinkHost> host;
};

// Two controllers and the air between them in zero time: answers every command, carries ACL data, returns buffers.
class Pair {
 public:
  static constexpr std::uint16_t kHandle = 0x0ABC;
  explicit Pair(std::uint16_t acl_bytes = 27, std::uint8_t acl_packets = 3) : acl_bytes_(acl_bytes), acl_packets_(acl_packets) {
    card.host->start();
    wallet.host->start();
    run();
  }
  void run() {
    while (!card.sent.empty() || !wallet.sent.empty()) {
      step(card, wallet);
      step(wallet, card);
    }
  }
  void open() {
    ASSERT_TRUE(wallet.host->connect({1, 2, 3, 4, 5, 6}).ok());
    run();
    ASSERT_TRUE(card.host->is_open() && wallet.host->is_open());
  }
  void deliver(End& to, Packet packet) {
    (&to == &card ? to_card : to_wallet).push_back(packet);
    to.host->on_packet(packet);
  }
  void event(End& to, std::uint8_t code, Bytes parameters) {
    hci::PacketBuffer buffer;
    const Bytes p = buffer.event(code, parameters);
    deliver(to, Packet(p.begin(), p.end()));
  }
  void connected(End& to, std::uint8_t role) {
    event(to, hci::kLeMeta,
          hci::encode(hci::LeConnectionComplete{hci::kLeConnectionComplete, 0, kHandle, role, 0, {}, 24, 0, 200, 5}));
  }
  void disconnected(End& to, std::uint8_t reason) {
    event(to, hci::kDisconnectionComplete, hci::encode(hci::DisconnectionComplete{0, kHandle, reason}));
  }
  void down(std::uint8_t reason) {
    card.sent.clear();
    wallet.sent.clear();
    disconnected(card, reason);
    disconnected(wallet, reason);
    run();
  }

  End card{LinkRole::kPeripheral}, wallet{LinkRole::kCentral};
  std::vector<std::uint16_t> commands;   // opcodes of both sides
  std::vector<Packet> to_card, to_wallet;  // everything the hosts were given
  std::function<void(Packet&)> tamper = [](Packet&) {};

 private:
  void step(End& from, End& to) {
    if (from.sent.empty()) return;
    const Packet packet = from.sent.front();
    from.sent.pop_front();
    const auto parsed = hci::parse(packet);
    ASSERT_TRUE(parsed.ok());
    if (const auto* acl = std::get_if<hci::Acl>(&*parsed)) {
      ASSERT_EQ(acl->handle, kHandle);
      ASSERT_LE(acl->data.size(), acl_bytes_);
      hci::PacketBuffer buffer;
      const bool first = acl->boundary == hci::Boundary::kFirstFromHost;
      const auto boundary = first ? hci::Boundary::kFirstFromController : acl->boundary;
      const Bytes p = buffer.acl(kHandle, boundary, acl->data);
      Packet over(p.begin(), p.end());
      tamper(over);
      deliver(to, over);
      event(from, hci::kNumberOfCompletedPackets, hci::encode(hci::CompletedPackets{1, kHandle, 1}));
      return;
    }
    const auto& command = std::get<hci::Command>(*parsed);
    commands.push_back(command.opcode);
    switch (command.opcode) {
      case hci::kLeReadBufferSize:
        return complete(from, command.opcode, hci::encode(hci::LeBufferSize{0, acl_bytes_, acl_packets_}));
      case hci::kLeCreateConnection:
        status(from, command.opcode);
        connected(card, 1);
        return connected(wallet, 0);
      case hci::kLeSetPhy: return status(from, command.opcode);
      case hci::kDisconnect:
        status(from, command.opcode);
        disconnected(from, hci::kLocalHostTerminated);
        return disconnected(to, hci::kRemoteUserTerminated);
      default: return complete(from, command.opcode, ByteArray<1>{0});
    }
  }
  void complete(End& to, std::uint16_t opcode, Bytes returned) {
    Packet p{1, static_cast<std::uint8_t>(opcode), static_cast<std::uint8_t>(opcode >> 8)};
    p.resize(3 + returned.size());
    std::copy(returned.begin(), returned.end(), p.begin() + 3);
    event(to, hci::kCommandComplete, p);
  }
  void status(End& to, std::uint16_t opcode) {
    event(to, hci::kCommandStatus, hci::encode(hci::CommandStatus{0, 1, opcode}));
  }

  std::uint16_t acl_bytes_;
  std::uint8_t acl_packets_;
};

Packet numbered(std::size_t size, std::uint64_t seed) {
  Packet p(size);
  Random(seed).fill(p);
  return p;
}

TEST(LinkHci, ResetCommandHasItsPublishedBytes) {
  hci::PacketBuffer buffer;
  const Bytes p = buffer.command(hci::kReset, {});
  EXPECT_EQ(Packet(p.begin(), p.end()), (Packet{0x01, 0x03, 0x0C, 0x00}));
}

TEST(LinkHci, ParametersHaveTheirSpecifiedSizes) {
  // Core v5.4 Vol 4 Part E sec. 7.8.5, 7.8.7, 7.8.12, 7.8.33, 7.8.49, 7.7.65.1, .7, .12.
  EXPECT_EQ(Bytes(hci::encode(hci::LeSetAdvertisingParameters{})).size(), 15u);
  EXPECT_EQ(Bytes(hci::encode(hci::LeSetAdvertisingData{})).size(), 32u);
  EXPECT_EQ(Bytes(hci::encode(hci::LeCreateConnection{})).size(), 25u);
  EXPECT_EQ(Bytes(hci::encode(hci::LeSetDataLength{})).size(), 6u);
  EXPECT_EQ(Bytes(hci::encode(hci::LeSetPhy{})).size(), 7u);
  EXPECT_EQ(Bytes(hci::encode(hci::LeConnectionComplete{})).size(), 19u);
  EXPECT_EQ(Bytes(hci::encode(hci::LeDataLengthChange{})).size(), 11u);
  EXPECT_EQ(Bytes(hci::encode(hci::LePhyUpdateComplete{})).size(), 6u);
}

TEST(LinkHci, RefusesLengthsThatDoNotAgree) {
  EXPECT_FALSE(hci::parse(Packet{}).ok());
  EXPECT_FALSE(hci::parse(Packet{0x04, 0x0E, 0x04, 0x01, 0x03, 0x0C}).ok());        // one byte short
  EXPECT_FALSE(hci::parse(Packet{0x04, 0x0E, 0x02, 0x01, 0x03, 0x0C}).ok());        // one too many
  EXPECT_FALSE(hci::parse(Packet{0x02, 0x01, 0x30, 0x00, 0x00}).ok());              // boundary flag 3
  EXPECT_FALSE(hci::parse(Packet{0x02, 0x01, 0x40, 0x00, 0x00}).ok());              // broadcast flag
  EXPECT_FALSE(hci::parse(Packet{0x05, 0x01, 0x00, 0x00, 0x00}).ok());              // isochronous data
  EXPECT_TRUE(hci::parse(Packet{0x02, 0x01, 0x20, 0x01, 0x00, 0xAA}).ok());
}

TEST(LinkHost, SetsUpTheControllerInOrder) {
  Pair pair;
  const std::vector<std::uint16_t> card{hci::kReset, hci::kSetEventMask, hci::kLeSetEventMask, hci::kLeReadBufferSize,
                                        hci::kLeSetAdvertisingParameters, hci::kLeSetAdvertisingData,
                                        hci::kLeSetAdvertisingEnable};
  std::vector<std::uint16_t> seen;
  for (std::size_t i = 0; i < pair.commands.size(); ++i)
    if (std::find(seen.begin(), seen.end(), pair.commands[i]) == seen.end()) seen.push_back(pair.commands[i]);
  EXPECT_EQ(seen, card);
}

TEST(LinkHost, CarriesMessagesOfEverySizeBothWays) {
  Pair pair;
  pair.open();
  ASSERT_EQ(pair.card.host->max_message_bytes(), 4600u);
  for (std::size_t size : {1, 2, 20, 21, 22, 23, 245, 246, 247, 492, 493, 494, 4169, 4599, 4600}) {
    const Packet down = numbered(size, size), up = numbered(size, size + 10'000);
    ASSERT_TRUE(pair.wallet.host->send_message(down).ok());
    ASSERT_TRUE(pair.card.host->send_message(up).ok());
    pair.run();
    ASSERT_EQ(pair.card.messages.back(), down) << size;
    ASSERT_EQ(pair.wallet.messages.back(), up) << size;
  }
  EXPECT_EQ(pair.card.messages.size(), 15u);
  EXPECT_EQ(pair.wallet.sent_messages, 15);
  EXPECT_EQ(pair.card.host->counters().ignored_packets + pair.wallet.host->counters().ignored_packets, 0u);
}

TEST(LinkHost, WaitsForControllerBuffers) {
  Pair pair(27, 3);
  pair.open();
  ASSERT_TRUE(pair.wallet.host->send_message(numbered(400, 1)).ok());
  EXPECT_EQ(pair.wallet.sent.size(), 3u);  // no more than the controller has buffers
  EXPECT_FALSE(pair.wallet.host->send_message(numbered(1, 1)).ok());
  pair.run();
  EXPECT_EQ(pair.card.messages.size(), 1u);
}

TEST(LinkHost, RefusesWhatCannotBeSent) {
  Pair pair;
  EXPECT_EQ(pair.wallet.host->send_message(Packet(1)).error().code, ErrorCode::kState);
  pair.open();
  EXPECT_EQ(pair.wallet.host->connect({}).error().code, ErrorCode::kState);
  EXPECT_EQ(pair.wallet.host->send_message(Packet(4601)).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(pair.wallet.host->send_message({}).error().code, ErrorCode::kBadFormat);
}

TEST(LinkHost, ReportsTheEndOnceAndConnectsAgain) {
  Pair pair;
  pair.open();
  ASSERT_TRUE(pair.wallet.host->send_message(numbered(3000, 5)).ok());  // lost half way
  pair.down(hci::kConnectionTimeout);
  EXPECT_EQ(pair.card.log, (std::vector<std::string>{"open", "closed 8"}));
  EXPECT_EQ(pair.wallet.log, (std::vector<std::string>{"open", "closed 8"}));
  EXPECT_EQ(pair.commands.back(), hci::kLeSetAdvertisingEnable);
  pair.open();
  ASSERT_TRUE(pair.wallet.host->send_message(numbered(3000, 5)).ok());
  pair.run();
  EXPECT_EQ(pair.card.messages, (std::vector<Packet>{numbered(3000, 5)}));
  pair.wallet.host->disconnect();
  pair.run();
  EXPECT_EQ(pair.wallet.log.back(), "closed 22");
  EXPECT_EQ(pair.card.log.back(), "closed 19");
}

TEST(LinkHost, TriesAgainWhenTheConnectionWasNeverEstablished) {
  Pair pair;
  ASSERT_TRUE(pair.wallet.host->connect({1, 2, 3, 4, 5, 6}).ok());
  pair.wallet.sent.clear();
  hci::CommandStatus status{0, 1, hci::kLeCreateConnection};
  pair.event(pair.wallet, hci::kCommandStatus, hci::encode(status));
  pair.connected(pair.wallet, 0);
  pair.wallet.sent.clear();
  pair.disconnected(pair.wallet, hci::kConnectionFailedToEstablish);
  pair.run();
  EXPECT_EQ(pair.wallet.log, (std::vector<std::string>{"open"}));
}

TEST(LinkHost, CancelsAnAttempt) {
  Pair pair;
  ASSERT_TRUE(pair.wallet.host->connect({1, 2, 3, 4, 5, 6}).ok());
  pair.wallet.sent.clear();
  pair.wallet.host->disconnect();                    // waits for the command under way
  EXPECT_TRUE(pair.wallet.sent.empty());
  pair.event(pair.wallet, hci::kCommandStatus, hci::encode(hci::CommandStatus{0, 1, hci::kLeCreateConnection}));
  ASSERT_EQ(pair.wallet.sent.size(), 1u);            // LE Create Connection Cancel
  pair.wallet.sent.clear();
  pair.event(pair.wallet, hci::kCommandComplete, ByteArray<4>{1, 0x0E, 0x20, 0});
  hci::LeConnectionComplete cancelled{};
  cancelled.subevent = hci::kLeConnectionComplete;
  cancelled.status = hci::kUnknownConnection;
  pair.event(pair.wallet, hci::kLeMeta, hci::encode(cancelled));
  EXPECT_EQ(pair.wallet.log, (std::vector<std::string>{"closed 22"}));
  EXPECT_TRUE(pair.wallet.host->connect({1, 2, 3, 4, 5, 6}).ok());
}

// A hostile peer's frames, straight into the card's host.
class HostilePeer : public ::testing::Test {
 protected:
  void SetUp() override { pair.open(); }
  void frame(std::uint16_t cid, Packet payload, std::size_t announce_extra = 0) {
    Packet f(4);
    store_le16(f.data(), static_cast<std::uint16_t>(payload.size() + announce_extra));
    store_le16(f.data() + 2, cid);
    f.insert(f.end(), payload.begin(), payload.end());
    hci::PacketBuffer buffer;
    const Bytes p = buffer.acl(Pair::kHandle, hci::Boundary::kFirstFromController, f);
    pair.deliver(pair.card, Packet(p.begin(), p.end()));
  }
  void expect_closed() {
    EXPECT_FALSE(pair.card.host->is_open());
    EXPECT_EQ(pair.card.host->counters().protocol_violations, 1u);
    pair.run();
    EXPECT_EQ(pair.card.log.back(), "closed 22");
  }
  Pair pair;
};

TEST_F(HostilePeer, MessageLongerThanOurMtu) {
  frame(l2cap::kCidFirstDynamic, {0xFF, 0xFF, 1, 2, 3});
  expect_closed();
}
TEST_F(HostilePeer, MoreBytesThanTheMessageHas) {
  frame(l2cap::kCidFirstDynamic, {2, 0, 1, 2, 3});
  expect_closed();
}
TEST_F(HostilePeer, FrameWithoutLength) {
  frame(l2cap::kCidFirstDynamic, {9});
  expect_closed();
}
TEST_F(HostilePeer, FrameLongerThanOurMps) {
  frame(l2cap::kCidFirstDynamic, Packet(100), 1000);
  expect_closed();
}
TEST_F(HostilePeer, NewFrameInsideAnother) {
  frame(l2cap::kCidFirstDynamic, {9, 0, 1}, 5);
  frame(l2cap::kCidFirstDynamic, {9, 0, 1});
  expect_closed();
}
TEST_F(HostilePeer, FramesWithoutCredit) {
  // 4,600 bytes need 19 frames; the window is a little larger, and empty frames give nothing back before half of it.
  frame(l2cap::kCidFirstDynamic, {0xF8, 0x11});
  for (int i = 0; i < 2000 && pair.card.host->is_open(); ++i) frame(l2cap::kCidFirstDynamic, {});
  // Credits wait in the signal queue and for buffers: the peer that does not take them runs dry.
  expect_closed();
}
TEST_F(HostilePeer, CreditOverflow) {
  frame(l2cap::kCidLeSignalling, {l2cap::kFlowControlCredit, 9, 4, 0, 0x40, 0x00, 0xFF, 0xFF});
  expect_closed();
}
TEST_F(HostilePeer, UnknownChannelsAndSignalsAreIgnored) {
  frame(0x0004, {0x02, 0x17, 0x00});               // ATT is not here
  frame(0x0006, Packet(200), 400);                 // a long frame for nobody: skipped
  EXPECT_TRUE(pair.card.host->is_open());
  EXPECT_EQ(pair.card.host->counters().ignored_packets, 2u);
  EXPECT_EQ(pair.card.host->counters().protocol_violations, 0u);
}
TEST_F(HostilePeer, SecondChannelIsRefused) {
  frame(l2cap::kCidLeSignalling, {l2cap::kCreditConnectionRequest, 7, 10, 0, 0x80, 0, 0x41, 0, 0, 1, 0x40, 0, 5, 0});
  Packet answer = pair.card.sent.front();
  EXPECT_EQ(answer[5 + 4], l2cap::kCreditConnectionResponse);
  EXPECT_EQ(load_le16(answer.data() + answer.size() - 2), l2cap::kNoResources);
  EXPECT_TRUE(pair.card.host->is_open());
}

TEST(LinkHost, ChannelIsRefusedForAnotherService) {
  Pair pair;
  pair.tamper = [](Packet& p) {
    if (p.size() == 5 + 18 && p[9] == l2cap::kCreditConnectionRequest) p[5 + 8] = 0x81;  // SPSM
  };
  ASSERT_TRUE(pair.wallet.host->connect({1, 2, 3, 4, 5, 6}).ok());
  pair.run();
  EXPECT_TRUE(pair.card.log.empty());
  EXPECT_EQ(pair.wallet.log, (std::vector<std::string>{"closed 22"}));
}

// Random and mutated packets never break the host: no overflow (sanitizers see it), no message longer than the buffer, and
// after a fresh start it works with an honest peer.
void fuzz(LinkRole victim_role, std::uint64_t seed) {
  Pair honest;
  honest.open();
  ASSERT_TRUE(honest.wallet.host->send_message(numbered(700, 1)).ok());
  honest.run();
  const std::vector<Packet> corpus = victim_role == LinkRole::kPeripheral ? honest.to_card : honest.to_wallet;

  Random random = SeedTree(seed).stream("link/fuzz");
  End victim(victim_role, 600);
  // An honest start, up to a random packet, so that every state is attacked.
  const auto restart = [&] {
    victim.host->start();
    if (victim_role == LinkRole::kCentral) static_cast<void>(victim.host->connect({1, 2, 3, 4, 5, 6}));
    for (std::size_t n = random.below(corpus.size() + 1), i = 0; i < n; ++i) victim.host->on_packet(corpus[i]);
  };
  restart();
  for (int i = 0; i < 4000; ++i) {
    Packet p;
    const std::uint64_t kind = random.below(10);
    if (kind == 0) {
      p.resize(random.below(300));
      random.fill(p);
    } else {
      p = corpus[random.below(corpus.size())];
      for (std::uint64_t n = kind < 6 ? 0 : random.below(4) + 1; n > 0 && !p.empty(); --n) {
        const std::size_t at = random.below(p.size());
        switch (random.below(4)) {
          case 0: p[at] = static_cast<std::uint8_t>(random.next_u64()); break;
          case 1: p[at] ^= static_cast<std::uint8_t>(1u << random.below(8)); break;
          case 2: p.resize(at); break;
          default: p.insert(p.end(), random.below(20), static_cast<std::uint8_t>(random.next_u64()));
        }
      }
      // Keep the outer lengths right most of the time, so that the inner ones are reached.
      const bool mend = random.below(4) != 0;
      if (mend && p.size() >= 5 && p[0] == 2) store_le16(p.data() + 3, static_cast<std::uint16_t>(p.size() - 5));
      if (mend && p.size() >= 3 && p[0] == 4) p[2] = static_cast<std::uint8_t>(p.size() - 3);
    }
    victim.host->on_packet(p);
    if (random.below(8) == 0) static_cast<void>(victim.host->connect({1, 2, 3, 4, 5, 6}));
    if (random.below(8) == 0) static_cast<void>(victim.host->send_message(numbered(random.below(601), 3)));
    if (random.below(200) == 0) victim.host->disconnect();
    if (random.below(100) == 0) restart();
    for (const Packet& out : victim.sent) ASSERT_TRUE(hci::parse(out).ok());
    victim.sent.clear();
  }
  const auto opens = std::count(victim.log.begin(), victim.log.end(), "open");
  EXPECT_GT(victim.host->counters().ignored_packets, 0u);
  EXPECT_GT(opens, 5);
  EXPECT_GT(victim.host->counters().protocol_violations, 0u);
}

TEST(LinkFuzz, PeripheralSurvives) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) fuzz(LinkRole::kPeripheral, seed);
}
TEST(LinkFuzz, CentralSurvives) {
  for (std::uint64_t seed = 100; seed < 110; ++seed) fuzz(LinkRole::kCentral, seed);
}

TEST(LinkFuzz, TamperedChannelEndsCleanlyAndWorksAfterwards) {
  Random random = SeedTree(7).stream("link/tamper");
  Pair pair;
  for (int round = 0; round < 300; ++round) {
    pair.tamper = [&](Packet& p) {
      if (random.below(6) == 0) p[5 + random.below(p.size() - 5)] ^= static_cast<std::uint8_t>(1 + random.below(255));
    };
    static_cast<void>(pair.wallet.host->connect({1, 2, 3, 4, 5, 6}));
    pair.run();
    for (int i = 0; i < 5; ++i) {
      static_cast<void>(pair.wallet.host->send_message(numbered(random.below(4000) + 1, 1)));
      pair.run();
    }
    pair.tamper = [](Packet&) {};
    pair.wallet.host->disconnect();
    pair.run();
    pair.open();
    const Packet message = numbered(900, static_cast<std::uint64_t>(round));
    ASSERT_TRUE(pair.wallet.host->send_message(message).ok());
    pair.run();
    ASSERT_EQ(pair.card.messages.back(), message);
    pair.wallet.host->disconnect();
    pair.run();
  }
}

TEST(LinkHost, FitsTheCardsMemory) {
  // One message each way and the object itself: the link's share of the card's RAM.
  EXPECT_LE(sizeof(LinkHost) + 2 * 4600, 16u * 1024);
}

}  // namespace
}  // namespace touchstone::link
