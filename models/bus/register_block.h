// RegisterBlock: a TLM-2.0 target that decodes one block of the contract. A model derives from it and gets whole-word
// reads and writes of declared registers only; every guest mistake becomes a TLM error response, never a host failure.
#pragma once

#include <systemc.h>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <span>

#include "contract/register_tables.h"

namespace touchstone::models {

class RegisterBlock {
 public:
  RegisterBlock(const char* name, std::span<const contract::RegisterInfo> registers);
  virtual ~RegisterBlock() = default;

  tlm_utils::simple_target_socket<RegisterBlock> socket;

 protected:
  /// Called for readable registers with a word-aligned offset inside the block. `now` is the initiator's local time.
  virtual std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) = 0;
  virtual void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) = 0;
  /// Time the bus access itself takes; added to the initiator's local time.
  sc_core::sc_time access_time{sc_core::SC_ZERO_TIME};

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  const contract::RegisterInfo* find(std::uint32_t offset_bytes) const;

  std::span<const contract::RegisterInfo> registers_;
};

}  // namespace touchstone::models
