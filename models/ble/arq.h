// Acknowledgement and flow control of the link layer: one sequence bit each way. Core v5.4 Vol 6 Part B sec. 4.5.9;
// data PDU header sec. 2.4.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "ble/pdu.h"

namespace touchstone::models {

/// An empty PDU is a continuation of 0 bytes.
enum class Llid : std::uint8_t { kContinuation = 1, kStart = 2, kControl = 3 };

struct DataPdu {
  Llid llid = Llid::kContinuation;
  std::vector<std::uint8_t> payload;
  bool ends_host_packet = false;  ///< its acknowledgement frees a controller buffer
};

struct DataHeader {
  Llid llid;
  bool nesn, sn, md;
  Bytes payload;
  /// Nothing when the length does not agree or the LLID is reserved.
  static std::optional<DataHeader> parse(Bytes untrusted_pdu) {
    if (untrusted_pdu.size() < 2 || untrusted_pdu[1] != untrusted_pdu.size() - 2) return std::nullopt;
    if ((untrusted_pdu[0] & 3) == 0) return std::nullopt;
    const std::uint8_t h = untrusted_pdu[0];
    return DataHeader{static_cast<Llid>(h & 3), (h & 4) != 0, (h & 8) != 0, (h & 16) != 0, untrusted_pdu.subspan(2)};
  }
};

/// Sends one PDU until it is acknowledged and recognises repeats of the peer's.
class Arq {
 public:
  bool idle() const { return !in_flight_; }
  const DataPdu& in_flight() const { return *in_flight_; }
  /// True when the PDU in flight has been sent before.
  bool repeats() const { return sent_; }
  void load(DataPdu pdu) {
    in_flight_ = std::move(pdu);
    sent_ = false;
  }
  /// The PDU in flight as it goes on the air now.
  std::vector<std::uint8_t> encode(bool more_data) {
    sent_ = true;
    const unsigned flags = (nesn_ ? 4u : 0u) | (sn_ ? 8u : 0u) | (more_data ? 16u : 0u);
    return pdu::with_header(static_cast<std::uint8_t>(static_cast<unsigned>(in_flight_->llid) | flags), in_flight_->payload);
  }
  struct Outcome {
    std::optional<DataPdu> acknowledged;
    bool fresh = false;  ///< not a repeat, and taken
  };
  /// A packet with a valid CRC. `can_take` false: leave the peer unacknowledged, so that it repeats.
  Outcome receive(const DataHeader& header, bool can_take) {
    Outcome outcome;
    if (in_flight_ && sent_ && header.nesn != sn_) {
      sn_ = !sn_;
      outcome.acknowledged = std::exchange(in_flight_, std::nullopt);
    }
    if (header.sn == nesn_ && can_take) {
      nesn_ = !nesn_;
      outcome.fresh = true;
    }
    return outcome;
  }

 private:
  bool sn_ = false, nesn_ = false, sent_ = false;
  std::optional<DataPdu> in_flight_;
};

}  // namespace touchstone::models
