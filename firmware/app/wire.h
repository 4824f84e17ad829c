// Wire: whole messages to and from the wallet (sealed_wire.h), or to and from whoever is on the air (BleWire). Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "contract/messages.h"
#include "drivers/devices.h"
#include "link/link_host.h"
#include "mpc_channel/noise.h"

namespace touchstone::firmware {

class WireListener {
 public:
  virtual ~WireListener() = default;
  virtual void on_open() = 0;
  /// The view is valid during the call.
  virtual void on_message(Bytes untrusted_message) = 0;
  virtual void on_closed() = 0;
};

class Wire {
 public:
  virtual ~Wire() = default;
  /// Begins to be reachable; the listener hears of everything from now on, but only during poll() and send().
  virtual void start(WireListener& listener) = 0;
  /// Whether something waits to be taken in.
  virtual bool waits() = 0;
  /// Takes in what waits, up to the end of one message.
  virtual void poll() = 0;
  /// Errors: kState (no connection, or the message before is not out yet).
  virtual Status send(Bytes message) = 0;
  /// Whether a message may be sent now: a connection is open and the message before is out.
  virtual bool can_send() const = 0;
  /// Whether a message has begun to come in and is not whole yet.
  virtual bool receiving() const = 0;
  /// Ends the connection; on_closed() follows if one was open.
  virtual void disconnect() = 0;
  /// The Noise key of who is at the other end; zeros where nobody has shown one.
  virtual const crypto::CompressedPoint& peer() const = 0;
};

/// The longest that a card says.
inline constexpr std::size_t kMaxAnswerBytes = contract::RunMessage::kMaxBytes;
static_assert(kMaxAnswerBytes >= contract::AttestResponse::kMaxBytes && kMaxAnswerBytes >= contract::PairResponse::kMaxBytes);

/// A Wire over the BLE host stack and a radio controller. It carries what SealedWire makes of messages, and believes nobody.
class BleWire : public Wire, private link::LinkEvents {
 public:
  explicit BleWire(PacketPort& port)
      : out_(port), port_(port), host_(link::LinkConfig{}, out_, *this, receive_buffer_, transmit_buffer_) {}
  void start(WireListener& listener) override;
  bool waits() override { return out_.failed || port_.packet_waits(); }
  void poll() override;
  Status send(Bytes message) override { return host_.send_message(message); }
  bool can_send() const override { return host_.can_send(); }
  bool receiving() const override { return host_.is_receiving(); }
  void disconnect() override { host_.disconnect(); }
  const crypto::CompressedPoint& peer() const override { return nobody_; }

 private:
  struct Out : link::HciOut {
    explicit Out(PacketPort& packets) : port(packets) {}
    void send(Bytes h4) override;
    PacketPort& port;
    bool failed = false;
  };

  void on_open() override;
  void on_message(Bytes untrusted_message) override {
    heard_ = true;
    listener_->on_message(untrusted_message);
  }
  void on_closed(std::uint8_t) override { close(); }
  void close();
  void restart();

  Out out_;
  PacketPort& port_;
  static constexpr crypto::CompressedPoint nobody_{};
  ByteArray<contract::kMaxMessageBytes + mpc::noise::kTagBytes> receive_buffer_{};
  ByteArray<kMaxAnswerBytes + mpc::noise::kTagBytes> transmit_buffer_{};
  ByteArray<link::hci::kMaxPacketBytes> packet_{};
  link::LinkHost host_;
  WireListener* listener_ = nullptr;
  bool open_ = false;  // as the listener knows it
  bool heard_ = false;  // a message, in this poll()
};

}  // namespace touchstone::firmware
