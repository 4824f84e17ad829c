// LinkHost: the host side of one BLE connection with one credit-based channel, a pipe for whole messages. Freestanding.
// The card runs it as peripheral, the Wallet Device as central. No clock, no heap: it acts only when called.
//
// Bluetooth here gives delivery, not security: nothing is encrypted or authenticated, and everything received is untrusted.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "link/hci.h"
#include "link/l2cap.h"

namespace touchstone::link {

/// Where packets to the controller go.
class HciOut {
 public:
  virtual ~HciOut() = default;
  /// One H4 packet; taken over before the call returns. Must not call back into the LinkHost.
  virtual void send(Bytes h4) = 0;
};

/// What the owner of a LinkHost hears. Callbacks may call send_message(), connect() and disconnect().
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  /// The channel is open in both directions.
  virtual void on_open() = 0;
  /// One whole message of the peer; the view is valid during the call.
  virtual void on_message(Bytes untrusted_message) = 0;
  /// The connection ended (hci::Reason). Comes once after every on_open(); for a central also when connect() failed.
  virtual void on_closed(std::uint8_t reason) = 0;
  /// The last message was handed to the controller completely: the next one may be sent.
  virtual void on_sent() {}
};

enum class LinkRole : std::uint8_t { kPeripheral, kCentral };

struct LinkConfig {
  LinkRole role = LinkRole::kPeripheral;
  // Peripheral.
  std::uint32_t advertising_interval_us = 100'000;  // 20 ms .. 10.24 s, in steps of 625 us
  // Central: what it asks for.
  std::uint32_t interval_us = 30'000;               // 7.5 ms .. 4 s, in steps of 1,250 us
  std::uint32_t supervision_timeout_ms = 2'000;     // 100 ms .. 32 s, in steps of 10 ms
  std::uint16_t payload_bytes = 251;                // link layer payload, 27 .. 251
  hci::PhyCode phy = hci::kPhy2M;
};

/// What went wrong, for tests and diagnosis.
struct LinkCounters {
  std::uint32_t ignored_packets = 0;     // malformed or not expected, dropped
  std::uint32_t protocol_violations = 0; // closed the connection
  std::uint32_t messages_sent = 0, messages_received = 0;
};

class LinkHost {
 public:
  /// Buffers belong to the caller and must outlive the object. `receive` holds one incoming message: its size (23..65535
  /// bytes) is the MTU the peer learns. `transmit` holds one outgoing message.
  LinkHost(const LinkConfig& config, HciOut& out, LinkEvents& events, MutableBytes receive, MutableBytes transmit);
  LinkHost(const LinkHost&) = delete;
  LinkHost& operator=(const LinkHost&) = delete;

  /// Forgets everything, resets and sets up the controller. A peripheral then advertises, and does so again after every
  /// connection.
  void start();
  /// Central, after start(): connect to `peer` (public address) as soon as the controller is ready. kState: a connection
  /// is open or under way.
  Status connect(const Address& peer);
  /// Ends the connection or the attempt; on_closed() follows. Nothing happens without one.
  void disconnect();
  /// Copies `message` and sends it as credits and controller buffers allow. kState: not open, or the message before is not
  /// out yet (on_sent()). kTooLarge: longer than the transmit buffer or the peer's MTU. kBadFormat: empty.
  Status send_message(Bytes message);
  /// One H4 packet of the controller.
  void on_packet(Bytes untrusted_h4);

  bool is_open() const { return channel_ == Channel::kOpen; }
  /// A message has begun to come in and is not whole yet.
  bool is_receiving() const { return rx_size_ != 0; }
  bool can_send() const { return is_open() && tx_size_ == 0; }
  /// Longest message the peer accepts now; 0 while not open.
  std::size_t max_message_bytes() const;
  const LinkCounters& counters() const { return counters_; }

 private:
  /// What the controller was last asked; one command is under way at a time.
  enum class Step : std::uint8_t {
    kOff, kReset, kEventMask, kLeEventMask, kBufferSize, kAdvertisingParameters, kAdvertisingData, kAdvertisingEnable,
    kReady,  // advertising, or (central) nothing to do
    kCreating, kCancelling, kSetDataLength, kSetPhy, kConnected, kDisconnecting,
  };
  enum class Channel : std::uint8_t { kClosed, kRequested, kOpen };
  struct Signal {
    std::uint8_t size_bytes = 0;
    ByteArray<l2cap::kHeaderBytes + l2cap::kMinMtu> frame{};
  };

  void enter(Step step);
  void command(std::uint16_t opcode, Bytes parameters);
  void on_event(const hci::Event& event);
  void on_command_done(std::uint16_t opcode, std::uint8_t status, Bytes return_parameters);
  void on_le_event(Bytes parameters);
  void on_connected(const hci::LeConnectionComplete& complete);
  void on_link_down(std::uint8_t reason);
  void on_acl(const hci::Acl& acl);
  void on_frame(std::uint16_t cid, Bytes payload);
  void on_signal(Bytes payload);
  void on_connection_request(std::uint8_t id, Bytes data);
  void on_connection_response(std::uint8_t id, Bytes data);
  void on_k_frame(Bytes payload);
  void request_channel();
  void open_channel(std::uint16_t peer_cid, std::uint16_t mtu, std::uint16_t mps, std::uint16_t credits);
  void queue_signal(std::uint8_t code, std::uint8_t id, Bytes data);
  bool next_frame();
  void pump();
  void return_credits();
  void violate();
  void ignore() { ++counters_.ignored_packets; }
  void forget_connection();

  LinkConfig config_;
  HciOut& out_;
  LinkEvents& events_;
  MutableBytes receive_;
  MutableBytes transmit_;
  hci::PacketBuffer packet_;
  LinkCounters counters_;

  Step step_ = Step::kOff;
  std::uint16_t pending_opcode_ = hci::kNoOperation;  // command without its Command Complete or Status yet
  bool connect_wanted_ = false;
  bool close_wanted_ = false;    // disconnect as soon as the command under way is answered
  Address peer_{};

  bool linked_ = false;
  std::uint16_t handle_ = 0;
  // Controller buffers (Vol 4 Part E sec. 4.1.1).
  std::uint16_t acl_bytes_ = 0;
  std::uint16_t acl_total_ = 0;
  std::uint16_t acl_free_ = 0;

  Channel channel_ = Channel::kClosed;
  bool announced_ = false;  // on_open() was called, on_closed() not yet
  std::uint16_t peer_cid_ = 0;
  std::uint16_t peer_mtu_ = 0;
  std::uint16_t peer_mps_ = 0;
  std::uint16_t tx_credits_ = 0;
  std::uint16_t rx_credits_ = 0;    // K-frames the peer may still send
  std::uint16_t credit_window_ = 0; // what it may send at most

  // Outgoing: message -> K-frame -> ACL fragments.
  std::size_t tx_size_ = 0, tx_position_ = 0;
  ByteArray<l2cap::kHeaderBytes + l2cap::kMps> tx_frame_{};
  std::size_t tx_frame_size_ = 0, tx_frame_position_ = 0;
  static constexpr std::size_t kMaxSignals = 4;
  std::array<Signal, kMaxSignals> signals_{};
  std::size_t signal_count_ = 0;

  // Incoming: ACL fragments -> frame -> message.
  ByteArray<l2cap::kHeaderBytes + l2cap::kMps> rx_frame_{};
  std::size_t rx_frame_size_ = 0;     // bytes in rx_frame_
  std::size_t rx_skip_ = 0;           // bytes of a frame that is not kept still to come
  std::size_t rx_size_ = 0;           // announced length of the message under way, 0 when none
  std::size_t rx_position_ = 0;
};

}  // namespace touchstone::link
