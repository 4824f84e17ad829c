// Router: one initiator side, many targets, decoded by address. Addresses given to a target are offsets from its base.
#pragma once

#include <systemc.h>
#include <tlm>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "bus/ports.h"

namespace touchstone::models {

/// The card's bus. Bind initiators to `in`; add targets before elaboration ends. An address without target answers
/// TLM_ADDRESS_ERROR_RESPONSE. DMI regions and
/// invalidations of targets are passed through with absolute addresses.
class Router : public sc_core::sc_module, public DmaPort {
 public:
  explicit Router(sc_core::sc_module_name name);

  tlm_utils::multi_passthrough_target_socket<Router> in;

  /// Maps [base, base + size_bytes) to `target`. Overlaps are our bug.
  void map(std::uint32_t base, std::uint32_t size_bytes, tlm::tlm_target_socket<>& target);

  // DmaPort: block copies at the current time, without bus contention (approximation: the core is not slowed by DMA).
  bool read(std::uint32_t address, MutableBytes out) override;
  bool write(std::uint32_t address, Bytes in) override;

 private:
  struct Range {
    std::uint32_t base, size_bytes;
    std::unique_ptr<tlm_utils::simple_initiator_socket_tagged<Router>> socket;
  };
  Range* find(std::uint64_t address, std::uint64_t size_bytes);
  void b_transport(int id, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(int id, tlm::tlm_generic_payload& transaction);
  bool get_direct_mem_ptr(int id, tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);
  void invalidate_direct_mem_ptr(int range, sc_dt::uint64 start, sc_dt::uint64 end);
  bool copy(tlm::tlm_command command, std::uint32_t address, std::uint8_t* data, std::size_t size_bytes);

  std::vector<Range> ranges_;
};

}  // namespace touchstone::models
