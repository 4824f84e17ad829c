// An Iss with memory and a recording bus, for directed tests.
#pragma once

#include <cstring>
#include <functional>
#include <initializer_list>
#include <vector>

#include "base/bytes.h"
#include "mcu/iss.h"
#include "mcu/test_assembler.h"

namespace touchstone::models {

class TestHart : public IssBus {
 public:
  static constexpr std::uint32_t kRom = 0x20000000, kRam = 0x80000000, kDevice = 0x40000000, kHandler = kRom + 0x400;
  static constexpr std::uint32_t kBoot = 0x10000000;  // a second ROM

  struct Trap {
    Exception cause;
    std::uint32_t pc, value;
  };
  struct Access {
    bool store;
    std::uint32_t address;
    unsigned size_bytes;
    std::uint32_t value;
    std::uint64_t cycle;
  };

  TestHart() : iss(*this) {
    iss.map_rom(kRom, rom);
    iss.map_rom(kBoot, boot);
    iss.map_ram(kRam, ram);
    iss.reset(kRom);
    // The handler of tests that do not bring one stands still.
    iss.write_csr(0x305, kHandler);
    put(kHandler, {rv::jal(0, 0)});
  }

  /// Writes 32-bit words (at even addresses) and forgets what was decoded there.
  void put(std::uint32_t address, std::initializer_list<std::uint32_t> words) {
    for (std::uint32_t word : words) {
      std::uint8_t bytes[4];
      store_le32(bytes, word);
      put_bytes(address, bytes);
      address += 4;
    }
  }
  void put_half(std::uint32_t address, std::uint16_t half) {
    std::uint8_t bytes[2];
    store_le16(bytes, half);
    put_bytes(address, bytes);
  }
  std::uint32_t ram_word(std::uint32_t offset) const { return load_le32(ram.data() + offset); }
  std::uint32_t csr(std::uint32_t number) {
    std::uint32_t value = 0;
    exists = iss.read_csr(number, value);
    return value;
  }
  /// Runs `instructions` instruction starts or trap entries.
  void step(unsigned instructions = 1) {
    for (unsigned i = 0; i < instructions; ++i) iss.run(iss.cycles() + 1);
  }
  /// MRET to user mode at `pc`; counters and caches then show it.
  void enter_user(std::uint32_t pc) {
    iss.set_privilege(Privilege::kMachine);
    iss.write_csr(0x300, csr(0x300) & ~(3u << 11));
    iss.write_csr(0x341, pc);
    put(kRom + 0x7F0, {rv::kMret});
    iss.set_pc(kRom + 0x7F0);
    step();
  }
  /// One PMP entry over all addresses, with these permissions.
  void open_memory(std::uint8_t permissions = 7) {
    iss.write_csr(0x3B0, ~0u);
    iss.write_csr(0x3A0, 3u << 3 | permissions);
  }
  /// Puts the words at the ROM's start and executes each once.
  void execute(std::initializer_list<std::uint32_t> words) {
    put(kRom, words);
    iss.set_pc(kRom);
    step(static_cast<unsigned>(words.size()));
  }

  bool read(std::uint32_t address, unsigned size_bytes, std::uint32_t& value) override {
    if (address - kDevice >= 0x1000) return false;
    value = device_value;
    accesses.push_back({false, address, size_bytes, value, iss.cycles()});
    if (on_access) on_access();
    return true;
  }
  bool write(std::uint32_t address, unsigned size_bytes, std::uint32_t value) override {
    if (address - kDevice >= 0x1000) return false;
    accesses.push_back({true, address, size_bytes, value, iss.cycles()});
    if (on_access) on_access();
    return true;
  }
  void trapped(Exception cause, std::uint32_t pc, std::uint32_t value) override { traps.push_back({cause, pc, value}); }

  std::vector<std::uint8_t> rom = std::vector<std::uint8_t>(4096, 0xFF), ram = std::vector<std::uint8_t>(4096);
  std::vector<std::uint8_t> boot = std::vector<std::uint8_t>(1024, 0xFF);
  Iss iss;
  std::vector<Trap> traps;
  std::vector<Access> accesses;
  std::function<void()> on_access;
  std::uint32_t device_value = 0;
  bool exists = false;

 private:
  void put_bytes(std::uint32_t address, Bytes bytes) {
    std::uint8_t* to = address >= kRam ? ram.data() + (address - kRam) : address >= kRom ? rom.data() + (address - kRom) : boot.data() + (address - kBoot);
    std::memcpy(to, bytes.data(), bytes.size());
    iss.invalidate(address, bytes.size());
  }
};

}  // namespace touchstone::models
