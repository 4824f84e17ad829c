#include "bus/memory.h"

#include <algorithm>
#include <cstring>

namespace touchstone::models {

namespace {
// RAM after power-up is not zero: firmware that relies on zeros must fail here, not on silicon.
constexpr std::uint8_t kPowerUpPattern = 0xA5;
constexpr std::uint8_t kErased = 0xFF;
}  // namespace

Memory::Memory(sc_core::sc_module_name name, std::uint32_t size_bytes, Kind kind)
    : sc_module(name), socket("socket"), bytes_(size_bytes, kind == Kind::kRam ? kPowerUpPattern : kErased), kind_(kind) {
  socket.register_b_transport(this, &Memory::b_transport);
  socket.register_transport_dbg(this, &Memory::transport_dbg);
  socket.register_get_direct_mem_ptr(this, &Memory::get_direct_mem_ptr);
}

void Memory::power_off() {
  if (kind_ == Kind::kRam) std::fill(bytes_.begin(), bytes_.end(), kPowerUpPattern);
}

void Memory::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time&) {
  if (transaction.get_byte_enable_ptr() != nullptr) {
    transaction.set_response_status(tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE);
    return;
  }
  if (transaction.is_write() && kind_ != Kind::kRam) {
    transaction.set_response_status(tlm::TLM_COMMAND_ERROR_RESPONSE);
    return;
  }
  transaction.set_response_status(transport_dbg(transaction) == transaction.get_data_length() ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned Memory::transport_dbg(tlm::tlm_generic_payload& transaction) {
  const std::uint64_t address = transaction.get_address();
  const unsigned length = transaction.get_data_length();
  if (address + length > bytes_.size()) return 0;
  if (transaction.is_read()) std::memcpy(transaction.get_data_ptr(), bytes_.data() + address, length);
  if (transaction.is_write()) {
    std::memcpy(bytes_.data() + address, transaction.get_data_ptr(), length);
    changed(static_cast<std::uint32_t>(address), length);
  }
  return length;
}

void Memory::changed(std::uint32_t offset_bytes, std::uint32_t size_bytes) {
  // Before the simulation starts nobody has decoded anything, and the socket may not be bound yet.
  if (size_bytes == 0 || sc_core::sc_get_status() < sc_core::SC_START_OF_SIMULATION) return;
  socket->invalidate_direct_mem_ptr(offset_bytes, std::uint64_t{offset_bytes} + size_bytes - 1);
}

bool Memory::get_direct_mem_ptr(tlm::tlm_generic_payload&, tlm::tlm_dmi& dmi) {
  dmi.set_start_address(0);
  dmi.set_end_address(bytes_.size() - 1);
  dmi.set_dmi_ptr(bytes_.data());
  if (kind_ == Kind::kRam) dmi.allow_read_write();
  else dmi.allow_read();
  return true;
}

}  // namespace touchstone::models
