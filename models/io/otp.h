// Otp: block `otp` of the contract. Bits can only be set; contents survive power off.
#pragma once

#include <systemc.h>

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "bus/ports.h"
#include "bus/register_block.h"
#include "contract/registers.h"

namespace touchstone::models {

class Otp : public sc_core::sc_module, public RegisterBlock, public Powered {
 public:
  explicit Otp(sc_core::sc_module_name name);
  ~Otp() override;

  /// Production, before the first power-on: a new block with these in it.
  void provision(const Secret<32>& device_secret, const ByteArray<64>& device_certificate, bool debug_locked);
  bool debug_locked() const;

  static constexpr std::size_t kBytes = contract::otp::kLock;  ///< LOCK comes last and is no memory
  /// All bits, and another block's in their place while the power is off: to exchange cards.
  Secret<kBytes> contents() const;
  void insert(const Secret<kBytes>& contents);

  void power_on() override { powered_ = true; }
  void power_off() override;

 protected:
  std::uint32_t read_register(std::uint32_t offset_bytes, sc_core::sc_time now) override;
  void write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) override;

 private:
  static constexpr std::size_t kWords = kBytes / 4;
  std::array<std::uint32_t, kWords> words_{};
  bool powered_ = false, locked_ = false;
};

}  // namespace touchstone::models
