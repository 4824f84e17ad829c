// What the tests of this folder share: register access over TLM, memory behind a DMA port, a recorder of interrupt lines.
#pragma once

#include <systemc.h>
#include <tlm>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "bus/ports.h"

namespace touchstone::models::test {

/// Acts as a CPU whose local time is `ahead` of the kernel's.
class Initiator : public sc_core::sc_module {
 public:
  explicit Initiator(sc_core::sc_module_name name) : sc_module(name), socket("socket") {}
  tlm_utils::simple_initiator_socket<Initiator> socket;

  std::uint32_t read(std::uint32_t offset, sc_core::sc_time ahead = sc_core::SC_ZERO_TIME) {
    ByteArray<4> data{};
    access(tlm::TLM_READ_COMMAND, offset, data, ahead);
    return load_le32(data.data());
  }
  void write(std::uint32_t offset, std::uint32_t value, sc_core::sc_time ahead = sc_core::SC_ZERO_TIME) {
    ByteArray<4> data;
    store_le32(data.data(), value);
    access(tlm::TLM_WRITE_COMMAND, offset, data, ahead);
  }

 private:
  void access(tlm::tlm_command command, std::uint32_t offset, ByteArray<4>& data, sc_core::sc_time ahead) {
    tlm::tlm_generic_payload transaction;
    transaction.set_command(command);
    transaction.set_address(offset);
    transaction.set_data_ptr(data.data());
    transaction.set_data_length(4);
    transaction.set_streaming_width(4);
    socket->b_transport(transaction, ahead);
  }
};

/// 64 KB at kBase.
class DmaMemory : public DmaPort {
 public:
  static constexpr std::uint32_t kBase = 0x80000000;
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(65536, 0);

  bool read(std::uint32_t address, MutableBytes out) override {
    if (!inside(address, out.size())) return false;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = bytes[address - kBase + i];
    return true;
  }
  bool write(std::uint32_t address, Bytes in) override {
    if (!inside(address, in.size())) return false;
    for (std::size_t i = 0; i < in.size(); ++i) bytes[address - kBase + i] = in[i];
    return true;
  }

 private:
  bool inside(std::uint32_t address, std::size_t size) const { return address >= kBase && address - kBase + size <= bytes.size(); }
};

struct IrqRecorder : IrqSink {
  std::vector<std::pair<sc_core::sc_time, bool>> changes;  // of any line; tests have one
  bool level = false;
  void set_line(contract::Irq, bool now) override {
    if (now != level) changes.push_back({sc_core::sc_time_stamp(), now});
    level = now;
  }
};

}  // namespace touchstone::models::test
