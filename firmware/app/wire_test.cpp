// BleWire on a controller of a few lines: what its listener hears when connections come, break and are cut short.
#include "app/wire.h"

#include <gtest/gtest.h>

#include <deque>
#include <variant>
#include <vector>

#include "link/l2cap.h"

namespace touchstone::firmware {
namespace {

namespace hci = link::hci;
namespace l2cap = link::l2cap;

/// Answers every command with success; the peer's side is written packet by packet.
class Controller : public PacketPort {
 public:
  static constexpr std::uint16_t kHandle = 0x0ABC, kPeerCid = 0x0041;

  Status send(Bytes packet) override {
    if (dead) return Error{ErrorCode::kDevice, "dead"};
    const auto parsed = hci::parse(packet);
    const auto* command = parsed ? std::get_if<hci::Command>(&*parsed) : nullptr;
    if (command == nullptr) return {};
    if (command->opcode == hci::kReset) waiting.clear();
    if (command->opcode == hci::kDisconnect) ++disconnects;
    const auto low = static_cast<std::uint8_t>(command->opcode), high = static_cast<std::uint8_t>(command->opcode >> 8);
    if (command->opcode == hci::kLeReadBufferSize)
      event(hci::kCommandComplete, ByteArray<7>{1, low, high, 0, 251, 0, 3});
    else if (command->opcode == hci::kDisconnect)
      event(hci::kDisconnectionComplete, hci::encode(hci::DisconnectionComplete{0, kHandle, hci::kLocalHostTerminated}));
    else
      event(hci::kCommandComplete, ByteArray<4>{1, low, high, 0});
    return {};
  }
  bool packet_waits() override { return !waiting.empty(); }
  Result<Bytes> receive(MutableBytes buffer) override {
    if (waiting.empty()) return Bytes{};
    const std::vector<std::uint8_t> packet = waiting.front();
    waiting.pop_front();
    std::copy(packet.begin(), packet.end(), buffer.begin());
    return Bytes(buffer.first(packet.size()));
  }

  void event(std::uint8_t code, Bytes parameters) { put(buffer_.event(code, parameters)); }
  void frame(std::uint16_t cid, Bytes payload) {
    std::vector<std::uint8_t> data(l2cap::kHeaderBytes + payload.size());
    store_le16(data.data(), static_cast<std::uint16_t>(payload.size()));
    store_le16(data.data() + 2, cid);
    std::copy(payload.begin(), payload.end(), data.begin() + l2cap::kHeaderBytes);
    put(buffer_.acl(kHandle, hci::Boundary::kFirstFromController, data));
  }
  /// A wallet connects and asks for the channel.
  void connect() {
    event(hci::kLeMeta, hci::encode(hci::LeConnectionComplete{hci::kLeConnectionComplete, 0, kHandle, 1, 0, {}, 24, 0, 200, 5}));
    ByteArray<14> signal{l2cap::kCreditConnectionRequest, 1, 10, 0};
    store_le16(signal.data() + 4, l2cap::kSpsm);
    store_le16(signal.data() + 6, kPeerCid);
    store_le16(signal.data() + 8, 512);  // MTU
    store_le16(signal.data() + 10, 64);  // MPS
    store_le16(signal.data() + 12, 8);   // credits
    frame(l2cap::kCidLeSignalling, signal);
  }

  std::deque<std::vector<std::uint8_t>> waiting;
  bool dead = false;  ///< takes no packet
  int disconnects = 0;

 private:
  void put(Bytes packet) { waiting.emplace_back(packet.begin(), packet.end()); }
  hci::PacketBuffer buffer_;
};

struct Listener : WireListener {
  void on_open() override { log += "open "; }
  void on_message(Bytes untrusted_message) override { log += "message:" + std::to_string(untrusted_message.size()) + " "; }
  void on_closed() override { log += "closed "; }
  std::string log;
};

struct WireTest : testing::Test {
  WireTest() {
    wire.start(listener);
    wire.poll();
    controller.connect();
    wire.poll();
  }
  /// The controller answers again: the wire starts it anew, and the next wallet can come.
  void expect_one_end_and_a_new_beginning() {
    controller.dead = false;
    wire.poll();
    EXPECT_EQ(listener.log, "open closed ");
    wire.poll();  // the controller's set-up
    controller.connect();
    wire.poll();
    EXPECT_EQ(listener.log, "open closed open ");
  }

  Controller controller;
  Listener listener;
  BleWire wire{controller};
};

TEST_F(WireTest, AMessageIsBeingReceivedUntilItIsWhole) {
  EXPECT_FALSE(wire.receiving());
  controller.frame(l2cap::kCidFirstDynamic, ByteArray<5>{6, 0, 1, 2, 3});  // a message of six bytes, three of them
  wire.poll();
  EXPECT_TRUE(wire.receiving());
  controller.frame(l2cap::kCidFirstDynamic, ByteArray<3>{4, 5, 6});
  wire.poll();
  EXPECT_FALSE(wire.receiving());
  EXPECT_EQ(listener.log, "open message:6 ");
}

TEST_F(WireTest, DisconnectEndsTheConnection) {
  for (int i = 0; i < 2; ++i) {
    wire.disconnect();
    wire.poll();
    EXPECT_EQ(listener.log, "open closed ");
  }
  EXPECT_EQ(controller.disconnects, 1);
}

TEST_F(WireTest, ARestartClosesWhatWasOpen) {
  controller.dead = true;
  EXPECT_TRUE(wire.send(ByteArray<3>{1, 2, 3}));
  expect_one_end_and_a_new_beginning();
}

// The channel is closed already while its end is not announced yet: the restart then has to announce it.
TEST_F(WireTest, ARestartDuringADisconnectClosesOnceToo) {
  controller.dead = true;
  wire.disconnect();
  expect_one_end_and_a_new_beginning();
}

}  // namespace
}  // namespace touchstone::firmware
