// The Iss's memory: windows, what each mode may do with them, accesses off the fast path, forgetting what was decoded.
#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "mcu/iss_internal.h"

namespace touchstone::models {

namespace {

constexpr std::uint32_t kLineBytes = 1u << 8;

// The longest of the ranges, trimmed to whole lines.
AddressRange longest_in_lines(const std::vector<AddressRange>& ranges) {
  AddressRange longest;
  for (const AddressRange& range : ranges) {
    const std::uint64_t first = (std::uint64_t{range.base} + kLineBytes - 1) & ~std::uint64_t{kLineBytes - 1};
    const std::uint64_t end = (std::uint64_t{range.base} + range.size_bytes) & ~std::uint64_t{kLineBytes - 1};
    if (first < end && end - first > longest.size_bytes)
      longest = {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(end - first)};
  }
  return longest;
}

}  // namespace

Iss::Window::Window(std::uint32_t base_address, std::uint8_t* bytes, std::size_t size, bool may_write)
    : range{base_address, static_cast<std::uint32_t>(size)}, data(bytes), writable(may_write),
      slots{Slots(nullptr, &std::free), Slots(nullptr, &std::free)}, has_code(size >> kLineShift) {
  static_assert(kLineBytes == 1u << kLineShift);
  TS_CHECK(size != 0 && size % kLineBytes == 0 && base_address % kLineBytes == 0 && size <= 0x80000000, "bad memory window");
  for (Slots& s : slots) {
    s.reset(static_cast<Slot*>(std::calloc(size / 2 + 2, sizeof(Slot))));
    TS_CHECK(s != nullptr, "out of memory");
  }
}

void Iss::Window::forget(std::uint32_t first_offset, std::uint32_t last_offset) {
  forget(first_offset, last_offset, Privilege::kMachine);
  forget(first_offset, last_offset, Privilege::kUser);
}

// An instruction that begins one half-word before the range may reach into it.
void Iss::Window::forget(std::uint32_t first_offset, std::uint32_t last_offset, Privilege mode) {
  Slot* const decoded = slots[static_cast<std::size_t>(mode)].get();
  for (std::uint32_t line = first_offset >> kLineShift; line <= last_offset >> kLineShift; ++line) {
    if (!has_code[line]) continue;
    const std::uint32_t first = std::max(first_offset, line << kLineShift) / 2;
    const std::uint32_t last = std::min(last_offset, (line << kLineShift) + (1u << kLineShift) - 1) / 2;
    const std::uint32_t from = first == 0 ? 0 : first - 1;
    std::memset(static_cast<void*>(&decoded[from]), 0, (last - from + 1) * sizeof(Slot));
  }
}

Iss::Iss(IssBus& bus) : views_{std::make_unique<View>(), std::make_unique<View>()}, bus_(bus) { reset(0); }
Iss::~Iss() = default;

void Iss::map_ram(std::uint32_t base, MutableBytes data) {
  TS_CHECK(ram_ == nullptr, "one RAM window");
  ram_ = windows_.emplace_back(std::make_unique<Window>(base, data.data(), data.size(), true)).get();
  protection_changed();
}

void Iss::map_rom(std::uint32_t base, Bytes data) {
  // The window's pointer is written through for RAM only.
  Window* window = windows_.emplace_back(std::make_unique<Window>(base, const_cast<std::uint8_t*>(data.data()), data.size(), false)).get();
  if (rom_ == nullptr) rom_ = window;
  protection_changed();
}

Iss::Window* Iss::window_of(std::uint32_t address) const {
  for (const auto& window : windows_)
    if (window->holds(address)) return window.get();
  return nullptr;
}

void Iss::protection_changed() {
  for (const auto& view : views_) view->stale = true;
}

Iss::View& Iss::view(Privilege mode) {
  const auto index = static_cast<std::size_t>(mode);
  View& view = *views_[index];
  if (!view.stale) return view;
  view.stale = false;

  std::vector<Code> code;
  for (const auto& window : windows_)
    for (const AddressRange& range : pmp_.ranges(window->range, Pmp::kExecute, mode))
      code.push_back({window.get(), range, window->slots[index].get() + (range.base - window->range.base) / 2});
  // Decoded instructions know the borders of their range.
  if (code != view.code)
    for (const auto& window : windows_) window->forget(0, window->range.size_bytes - 1, mode);
  view.code = std::move(code);

  const auto direct = [&](const Window* window, std::uint8_t permission) {
    View::Direct d;
    if (window == nullptr) return d;
    d.range = longest_in_lines(pmp_.ranges(window->range, permission, mode));
    const std::uint32_t offset = d.range.size_bytes == 0 ? 0 : d.range.base - window->range.base;
    d.data = window->data + offset;
    d.has_code = window->has_code.data() + (offset >> Window::kLineShift);
    return d;
  };
  view.ram_loads = direct(ram_, Pmp::kRead);
  view.ram_stores = direct(ram_, Pmp::kWrite);
  view.rom_loads = direct(rom_, Pmp::kRead);
  return view;
}

const Iss::Code* Iss::code_at(std::uint32_t pc) {
  for (const Code& code : view(privilege_).code)
    if (code.range.holds(pc)) return &code;
  return nullptr;
}

// --- loads and stores the fast loop does not make itself

void Iss::access_memory(const Slot& slot) {
  struct Access {
    unsigned size_bytes;
    bool store, sign;
  };
  const Access access = [&]() -> Access {
    switch (slot.op()) {
      case Op::kLb: return {1, false, true};
      case Op::kLh: return {2, false, true};
      case Op::kLw: return {4, false, false};
      case Op::kLbu: return {1, false, false};
      case Op::kLhu: return {2, false, false};
      case Op::kSb: return {1, true, false};
      case Op::kSh: return {2, true, false};
      default: return {4, true, false};
    }
  }();
  const unsigned length_bytes = slot.code & 1 ? 2 : 4;
  const std::uint8_t rd = slot.rd;  // the slot may be forgotten during the access
  const std::uint32_t address = x_[slot.rs1] + static_cast<std::uint32_t>(slot.imm);
  unsigned wait = 0;
  if (address % access.size_bytes != 0)
    return raise(access.store ? Exception::kStoreMisaligned : Exception::kLoadMisaligned, address);
  if (access.store) {
    const std::uint32_t mask = access.size_bytes == 4 ? ~0u : (1u << 8 * access.size_bytes) - 1;
    if (!store(address, access.size_bytes, x_[slot.rs2] & mask)) return raise(Exception::kStoreFault, address);
  } else {
    std::uint32_t value = 0;
    if (!load(address, access.size_bytes, value)) return raise(Exception::kLoadFault, address);
    wait = flash_wait(window_of(address));
    x_[rd] = access.sign ? static_cast<std::uint32_t>(sign_extend(value, 8 * access.size_bytes)) : value;
  }
  retire(length_bytes, kMemoryCycles + wait);
}

// The address is naturally aligned: one granule of the PMP, and inside a window or outside all of them.
bool Iss::load(std::uint32_t address, unsigned size_bytes, std::uint32_t& value) {
  if (!(pmp_.permissions(address, data_privilege()) & Pmp::kRead)) return false;
  const Window* window = window_of(address);
  if (window == nullptr) return bus_.read(address, size_bytes, value);
  value = 0;
  std::memcpy(&value, window->at(address), size_bytes);
  return true;
}

bool Iss::store(std::uint32_t address, unsigned size_bytes, std::uint32_t value) {
  if (!(pmp_.permissions(address, data_privilege()) & Pmp::kWrite)) return false;
  Window* window = window_of(address);
  if (window == nullptr || !window->writable) return bus_.write(address, size_bytes, value);
  std::memcpy(window->at(address), &value, size_bytes);
  store_hit_code(address);
  return true;
}

std::optional<Iss::DataAccess> Iss::next_access() const {
  const Window* window = window_of(pc_);
  if (window == nullptr) return std::nullopt;
  std::uint32_t i = window->half(pc_);
  if ((i & 3) != 3) i = expand_compressed(static_cast<std::uint16_t>(i));
  else if (window->holds(pc_ + 2)) i |= std::uint32_t{window->half(pc_ + 2)} << 16;
  const bool store = (i & 0x7F) == 0x23;
  if (!store && (i & 0x7F) != 0x03) return std::nullopt;
  return DataAccess{x_[i >> 15 & 31] + static_cast<std::uint32_t>(store ? imm_s(i) : imm_i(i)), 1u << (i >> 12 & 3), store};
}

void Iss::store_hit_code(std::uint32_t address) {
  const std::uint32_t offset = address - ram_->range.base;
  ram_->forget(offset & ~3u, offset | 3u);
}

// --- changed code

void Iss::invalidate(std::uint32_t address, std::uint64_t size_bytes) {
  if (size_bytes == 0) return;
  const std::uint64_t end = std::uint64_t{address} + size_bytes;
  for (const auto& window : windows_) {
    const std::uint64_t base = window->range.base;
    const std::uint64_t first = std::max<std::uint64_t>(address, base), last = std::min(end, base + window->range.size_bytes);
    if (first < last) window->forget(static_cast<std::uint32_t>(first - base), static_cast<std::uint32_t>(last - 1 - base));
  }
}

void Iss::invalidate_all() {
  for (const auto& window : windows_) {
    window->forget(0, window->range.size_bytes - 1);
    std::fill(window->has_code.begin(), window->has_code.end(), 0);
  }
}

}  // namespace touchstone::models
