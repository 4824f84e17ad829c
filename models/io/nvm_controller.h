// NvmController: block `nvm` of the contract. Erases and programs the flash array, and tears it when the supply goes.
#pragma once

#include <systemc.h>

#include <cstdint>
#include <vector>

#include "base/event.h"
#include "base/seed.h"
#include "bus/memory.h"
#include "bus/ports.h"
#include "bus/register_block.h"
#include "io/deferred_calls.h"

namespace touchstone::models {

struct NvmTiming {
  sc_core::sc_time page_erase{85, sc_core::SC_MS};    ///< nRF52840, tERASEPAGE
  sc_core::sc_time word_program{41, sc_core::SC_US};  ///< nRF52840, tWRITE, per 32-bit word; estimate (from memory)
};

/// The array changes when an operation ends; until then reads give the old contents. A refused command (outside the flash, in
/// the firmware partition once LOCK was written, not aligned, across a page, bad DMA source) sets STATUS.ERROR and the done interrupt at once.
/// Commands while BUSY are ignored. Programming reads SRC_ADDR when it starts and can only clear bits.
/// power_off() in the middle tears: an erase leaves each zero bit set with the probability of the elapsed share of the time;
/// a program leaves the words done so far, and the word under way with each of its bits to be cleared cleared or not.
/// Worn pages: an erase, and a program, leave one in 16 of the bits they should change as they were (estimate: far beyond the
/// rated 10,000 cycles); nothing but reading back shows it.
class NvmController : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  NvmController(sc_core::sc_module_name name, Memory& flash, DmaPort& dma, IrqSink& irq, contract::Irq line, Random tearing,
                EventSink* events, EnergyPort* energy, NvmTiming timing = {});

  /// From now on no page of this range holds new data: it is worn out.
  void wear_out(std::uint32_t offset, std::uint32_t size_bytes) { worn_offset_ = offset, worn_size_bytes_ = size_bytes; }

  void power_on() override;
  void power_off() override;

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  enum class Operation { kNone, kErase, kProgram };
  void command(std::uint32_t value, sc_core::sc_time now);
  bool is_locked() const;
  bool accepts_erase() const;
  bool accepts_program() const;
  void begin(Operation operation, sc_core::sc_time duration, sc_core::sc_time now);
  void refuse();
  void finish();
  void tear_erase(sc_core::sc_time elapsed);
  void tear_program(sc_core::sc_time elapsed);
  void update_irq() { irq_.set_line(line_, (intr_state_ & intr_enable_ & 1u) != 0); }
  std::uint8_t sticking_bits();
  void energy_state(std::string_view state, sc_core::sc_time at);

  Memory& flash_;
  DmaPort& dma_;
  IrqSink& irq_;
  contract::Irq line_;
  Random tearing_;
  EventSink* events_;
  EnergyPort* energy_;
  NvmTiming timing_;
  DeferredCalls deferred_;
  Operation operation_ = Operation::kNone;
  sc_core::sc_time started_;
  bool powered_ = false;
  bool error_ = false;
  bool locked_ = false;  // the firmware partition, until power_off()
  std::uint32_t worn_offset_ = 0, worn_size_bytes_ = 0;
  std::uint32_t addr_ = 0, src_addr_ = 0, len_bytes_ = 0, intr_state_ = 0, intr_enable_ = 0;
  std::vector<std::uint8_t> source_;  // what is being programmed
};

}  // namespace touchstone::models
