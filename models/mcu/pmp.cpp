#include "mcu/pmp.h"

#include <algorithm>
#include <bit>

namespace touchstone::models {

void Pmp::reset() {
  config_.fill(0);
  address_.fill(0);
  update();
}

std::uint32_t Pmp::config(unsigned index) const {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < 4; ++i) value |= std::uint32_t{config_[4 * index + i]} << 8 * i;
  return value;
}

void Pmp::set_config(unsigned index, std::uint32_t value) {
  for (unsigned i = 0; i < 4; ++i) {
    if (locked(4 * index + i)) continue;
    std::uint8_t byte = static_cast<std::uint8_t>(value >> 8 * i) & 0x9F;
    if ((byte & (kRead | kWrite)) == kWrite) byte = static_cast<std::uint8_t>(byte & ~kWrite);
    config_[4 * index + i] = byte;
  }
  update();
}

void Pmp::set_address(unsigned index, std::uint32_t value) {
  if (locked(index)) return;
  // The lower bound of a locked TOR entry is locked with it.
  if (index + 1 < kEntries && locked(index + 1) && mode(index + 1) == kTor) return;
  address_[index] = value;
  update();
}

Pmp::Match Pmp::match_of(unsigned entry) const {
  const std::uint64_t top = std::uint64_t{address_[entry]} << 2;
  switch (mode(entry)) {
    case kOff: return {};
    case kTor: return {entry == 0 ? 0 : std::uint64_t{address_[entry - 1]} << 2, top};
    case kNa4: return {top, top + 4};
    case kNapot: break;
  }
  const int ones = std::countr_one(address_[entry]);
  const std::uint64_t size = std::uint64_t{8} << ones;
  const std::uint64_t first = top & ~(size - 1);
  return {first, first + size};
}

void Pmp::update() {
  used_ = 0;
  for (unsigned i = 0; i < kEntries; ++i) {
    match_[i] = match_of(i);
    if (mode(i) != kOff) used_ = i + 1;
  }
}

std::uint8_t Pmp::permissions(std::uint32_t address, Privilege mode) const {
  constexpr std::uint8_t kAll = kRead | kWrite | kExecute;
  for (unsigned i = 0; i < used_; ++i) {
    if (address < match_[i].first || address >= match_[i].end) continue;
    if (mode == Privilege::kMachine && !locked(i)) return kAll;
    return config_[i] & kAll;
  }
  return mode == Privilege::kMachine ? kAll : 0;
}

std::vector<AddressRange> Pmp::ranges(AddressRange within, std::uint8_t permission, Privilege mode) const {
  // Permissions change at the borders of entries only.
  const std::uint64_t first = within.base, end = first + within.size_bytes;
  std::vector<std::uint64_t> borders{first, end};
  for (unsigned i = 0; i < used_; ++i)
    for (std::uint64_t border : {match_[i].first, match_[i].end})
      if (border > first && border < end) borders.push_back(border);
  std::sort(borders.begin(), borders.end());

  std::vector<AddressRange> result;
  for (std::size_t i = 0; i + 1 < borders.size(); ++i) {
    const auto from = static_cast<std::uint32_t>(borders[i]);
    const auto size = static_cast<std::uint32_t>(borders[i + 1] - borders[i]);
    if (size == 0 || (permissions(from, mode) & permission) != permission) continue;
    if (!result.empty() && result.back().base + result.back().size_bytes == from) result.back().size_bytes += size;
    else result.push_back({from, size});
  }
  return result;
}

bool Pmp::binds_machine() const {
  for (unsigned i = 0; i < kEntries; ++i)
    if (locked(i)) return true;
  return false;
}

}  // namespace touchstone::models
