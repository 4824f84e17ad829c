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
  Iss iss;
  std::vector<Trap> traps;
  std::vector<Access> accesses;
  std::function<void()> on_access;
  std::uint32_t device_value = 0;
  bool exists = false;

 private:
  void put_bytes(std::uint32_t address, Bytes bytes) {
    std::uint8_t* to = address >= kRam ? ram.data() + (address - kRam) : rom.data() + (address - kRom);
    std::memcpy(to, bytes.data(), bytes.size());
    iss.invalidate(address, bytes.size());
  }
};

}  // namespace touchstone::models
