#include "bus/register_block.h"

#include "base/bytes.h"

namespace touchstone::models {

using contract::Access;

RegisterBlock::RegisterBlock(const char* name, std::span<const contract::RegisterInfo> registers)
    : socket(name), registers_(registers) {
  socket.register_b_transport(this, &RegisterBlock::b_transport);
  socket.register_transport_dbg(this, &RegisterBlock::transport_dbg);
}

const contract::RegisterInfo* RegisterBlock::find(std::uint32_t offset_bytes) const {
  for (const contract::RegisterInfo& r : registers_)
    if (offset_bytes >= r.offset_bytes && offset_bytes < r.offset_bytes + 4 * r.count) return &r;
  return nullptr;
}

void RegisterBlock::b_transport(tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  const auto offset = static_cast<std::uint32_t>(transaction.get_address());
  const contract::RegisterInfo* info = find(offset);
  if (info == nullptr) {
    transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  if (transaction.get_data_length() != 4 || offset % 4 != 0 || transaction.get_byte_enable_ptr() != nullptr) {
    transaction.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  const sc_core::sc_time now = sc_core::sc_time_stamp() + delay;
  unsigned char* data = transaction.get_data_ptr();
  if (transaction.is_read()) {
    const bool readable = info->access == Access::kReadWrite || info->access == Access::kReadOnly || info->access == Access::kWriteOneClear;
    store_le32(data, readable ? read_register(offset, now) : 0);
  } else if (transaction.is_write()) {
    if (info->access != Access::kReadOnly) write_register(offset, load_le32(data), now);
  }
  delay += access_time;
  transaction.set_response_status(tlm::TLM_OK_RESPONSE);
}

// A debugger may look at a register without the side effects of the bus: secret and write-only registers read as 0.
unsigned RegisterBlock::transport_dbg(tlm::tlm_generic_payload& transaction) {
  const auto offset = static_cast<std::uint32_t>(transaction.get_address());
  const contract::RegisterInfo* info = find(offset);
  if (info == nullptr || !transaction.is_read() || transaction.get_data_length() != 4 || offset % 4 != 0) return 0;
  const bool readable = info->access == Access::kReadWrite || info->access == Access::kReadOnly || info->access == Access::kWriteOneClear;
  store_le32(transaction.get_data_ptr(), readable ? read_register(offset, sc_core::sc_time_stamp()) : 0);
  return 4;
}

}  // namespace touchstone::models
