#include "bus/router.h"

#include <string>

#include "base/check.h"

namespace touchstone::models {

Router::Router(sc_core::sc_module_name name) : sc_module(name), in("in") {
  in.register_b_transport(this, &Router::b_transport);
  in.register_transport_dbg(this, &Router::transport_dbg);
  in.register_get_direct_mem_ptr(this, &Router::get_direct_mem_ptr);
}

void Router::map(std::uint32_t base, std::uint32_t size_bytes, tlm::tlm_target_socket<>& target) {
  for (const Range& r : ranges_)
    TS_CHECK(std::uint64_t{base} + size_bytes <= r.base || base >= std::uint64_t{r.base} + r.size_bytes, "address ranges overlap");
  const std::string name = "out" + std::to_string(ranges_.size());
  ranges_.push_back({base, size_bytes, std::make_unique<tlm_utils::simple_initiator_socket_tagged<Router>>(name.c_str())});
  ranges_.back().socket->register_invalidate_direct_mem_ptr(this, &Router::invalidate_direct_mem_ptr, static_cast<int>(ranges_.size() - 1));
  ranges_.back().socket->bind(target);
}

Router::Range* Router::find(std::uint64_t address, std::uint64_t size_bytes) {
  for (Range& r : ranges_)
    if (address >= r.base && address + size_bytes <= std::uint64_t{r.base} + r.size_bytes) return &r;
  return nullptr;
}

void Router::b_transport(int, tlm::tlm_generic_payload& transaction, sc_core::sc_time& delay) {
  const std::uint64_t address = transaction.get_address();
  Range* range = find(address, transaction.get_data_length());
  if (range == nullptr) {
    transaction.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  transaction.set_address(address - range->base);
  (*range->socket)->b_transport(transaction, delay);
  transaction.set_address(address);
}

unsigned Router::transport_dbg(int, tlm::tlm_generic_payload& transaction) {
  const std::uint64_t address = transaction.get_address();
  Range* range = find(address, transaction.get_data_length());
  if (range == nullptr) return 0;
  transaction.set_address(address - range->base);
  const unsigned moved = (*range->socket)->transport_dbg(transaction);
  transaction.set_address(address);
  return moved;
}

bool Router::get_direct_mem_ptr(int, tlm::tlm_generic_payload& transaction, tlm::tlm_dmi& dmi) {
  const std::uint64_t address = transaction.get_address();
  Range* range = find(address, 1);
  if (range == nullptr) return false;
  transaction.set_address(address - range->base);
  const bool granted = (*range->socket)->get_direct_mem_ptr(transaction, dmi);
  transaction.set_address(address);
  dmi.set_start_address(dmi.get_start_address() + range->base);
  dmi.set_end_address(dmi.get_end_address() + range->base);
  return granted;
}

void Router::invalidate_direct_mem_ptr(int range, sc_dt::uint64 start, sc_dt::uint64 end) {
  const std::uint32_t base = ranges_[static_cast<std::size_t>(range)].base;
  for (unsigned i = 0; i < in.size(); ++i) in[static_cast<int>(i)]->invalidate_direct_mem_ptr(start + base, end + base);
}

bool Router::copy(tlm::tlm_command command, std::uint32_t address, std::uint8_t* data, std::size_t size_bytes) {
  Range* range = find(address, size_bytes);
  if (range == nullptr || size_bytes == 0) return false;
  tlm::tlm_generic_payload transaction;
  transaction.set_command(command);
  transaction.set_address(address - range->base);
  transaction.set_data_ptr(data);
  transaction.set_data_length(static_cast<unsigned>(size_bytes));
  transaction.set_streaming_width(static_cast<unsigned>(size_bytes));
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  (*range->socket)->b_transport(transaction, delay);
  return transaction.is_response_ok();
}

bool Router::read(std::uint32_t address, MutableBytes out) {
  return copy(tlm::TLM_READ_COMMAND, address, out.data(), out.size());
}

bool Router::write(std::uint32_t address, Bytes in_bytes) {
  // TLM has one data pointer for both directions; a write command does not change the bytes.
  return copy(tlm::TLM_WRITE_COMMAND, address, const_cast<std::uint8_t*>(in_bytes.data()), in_bytes.size());
}

}  // namespace touchstone::models
