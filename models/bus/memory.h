// Memory: RAM, flash or ROM array as a TLM target with DMI. Flash and ROM are read-only on the bus; the flash's controller
// and production change them through bytes(). Contents of volatile memory are lost (filled with a pattern that is not zero) at power off.
#pragma once

#include <systemc.h>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "bus/ports.h"

namespace touchstone::models {

class Memory : public sc_core::sc_module, public Powered {
 public:
  enum class Kind { kRam, kFlash, kRom };
  Memory(sc_core::sc_module_name name, std::uint32_t size_bytes, Kind kind);

  tlm_utils::simple_target_socket<Memory> socket;

  /// The array. Who changes it this way while a CPU runs says so with changed().
  MutableBytes bytes() { return bytes_; }
  /// Bytes were changed through bytes(): tells every CPU that may have decoded instructions there. Writes over the bus do
  /// this by themselves. Told as a DMI invalidation; the pointers themselves stay valid for the whole run.
  void changed(std::uint32_t offset_bytes, std::uint32_t size_bytes);
  void power_on() override {}
  void power_off() override;

 private:
  void b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& transaction);
  bool get_direct_mem_ptr(tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi);

  std::vector<std::uint8_t> bytes_;
  Kind kind_;
};

}  // namespace touchstone::models
