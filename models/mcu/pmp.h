// Pmp: physical memory protection (RISC-V privileged architecture 1.12, section 3.7), plain C++. 16 entries; granularity 4
// bytes (G = 0), so NA4 exists, and a naturally aligned access lies in one granule: it never matches an entry in part.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace touchstone::models {

/// `size_bytes` addresses from `base`; does not wrap.
struct AddressRange {
  std::uint32_t base = 0, size_bytes = 0;
  bool holds(std::uint32_t address) const { return address - base < size_bytes; }
  bool operator==(const AddressRange&) const = default;
};

enum class Privilege : std::uint8_t { kMachine = 0, kUser = 1 };

class Pmp {
 public:
  static constexpr unsigned kEntries = 16, kConfigRegisters = 4;
  // Bits of an entry's configuration byte.
  static constexpr std::uint8_t kRead = 1, kWrite = 2, kExecute = 4, kLocked = 0x80;
  enum Mode : std::uint8_t { kOff = 0, kTor = 1, kNa4 = 2, kNapot = 3 };

  void reset();

  /// pmpcfg0..3 and pmpaddr0..15 as CSR instructions see them. Writes to locked entries are ignored; the reserved
  /// combination R = 0, W = 1 is stored as R = W = 0.
  std::uint32_t config(unsigned index) const;
  void set_config(unsigned index, std::uint32_t value);
  std::uint32_t address(unsigned index) const { return address_[index]; }
  void set_address(unsigned index, std::uint32_t value);

  /// kRead, kWrite, kExecute: what `mode` may do with the aligned word that holds `address`.
  std::uint8_t permissions(std::uint32_t address, Privilege mode) const;
  /// The largest runs inside `within` in which `mode` has `permission` throughout, ascending.
  std::vector<AddressRange> ranges(AddressRange within, std::uint8_t permission, Privilege mode) const;
  /// An entry is locked: machine mode is bound, too.
  bool binds_machine() const;

 private:
  // [first, end) in bytes: up to 34 bits of address, and 2^35 for NAPOT of all ones.
  struct Match {
    std::uint64_t first = 0, end = 0;
  };
  Mode mode(unsigned entry) const { return static_cast<Mode>(config_[entry] >> 3 & 3); }
  bool locked(unsigned entry) const { return (config_[entry] & kLocked) != 0; }
  Match match_of(unsigned entry) const;
  void update();

  std::array<std::uint8_t, kEntries> config_{};
  std::array<std::uint32_t, kEntries> address_{};
  std::array<Match, kEntries> match_{};
  unsigned used_ = 0;  // entries from here on are off
};

}  // namespace touchstone::models
