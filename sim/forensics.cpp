#include "sim/forensics.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "contract/registers.h"

namespace touchstone::sim {
namespace {

Bytes bytes_of(const void* data, std::size_t size) { return {static_cast<const std::uint8_t*>(data), size}; }

/// The phases in which the card works on a request; between requests it is idle (or starts).
bool is_settled(models::Card& card) {
  using contract::simctl::Phase;
  const auto phase = static_cast<Phase>(card.phase());
  return !card.power().is_on() || phase == Phase::kIdle || phase == Phase::kBoot;
}

}  // namespace

Forensics search(World& world, const EventLog& log) {
  const auto start = std::chrono::steady_clock::now();
  MemoryScanner scanner;
  Forensics out;
  const std::vector<wallet::ByteVector>& messages = world.wallet().messages();
  world.secrets().arm(scanner, messages);
  const auto scan = [&](const std::string& place, Bytes memory) {
    out.places.push_back({place, memory.size()});
    scanner.scan(place, memory, out.found);
  };

  models::Card& card = world.card();
  out.settled = is_settled(card);
  out.wallet_settled = !world.wallet().is_working();
  scan("ram", card.ram().bytes());
  scan("flash", card.flash().bytes());
  std::array<std::uint32_t, 32> registers;
  for (unsigned i = 0; i < registers.size(); ++i) registers[i] = card.power().is_on() ? card.cpu().iss().reg(i) : 0;
  scan("processor registers", bytes_of(registers.data(), sizeof registers));
  if (const Bytes core = card.accelerator().core_state(); !core.empty()) scan("accelerator", core);
  else out.unsearched.push_back("accelerator");
  scan("sensor buffer", card.sensor().image_buffer());

  std::vector<std::uint8_t> all;
  for (const auto& frame : card.display().frames()) all.insert(all.end(), frame.picture.begin(), frame.picture.end());
  scan("display history", all);
  scan("radio packets", world.sniffer().all_pdus());
  all.clear();
  for (const auto& message : messages) all.insert(all.end(), message.begin(), message.end());
  scan("channel messages", all);
  const std::string text = log.text();
  scan("event log", bytes_of(text.data(), text.size()));
  const WalletPort::MemoryCopy wallet = world.wallet().memory();
  out.failure = wallet.failure;
  for (const WalletPort::Memory& memory : wallet.parts) scan(std::string(kWalletPlace) + ": " + memory.place, memory.bytes);
  scan("wallet storage", world.wallet().storage());
  if (const Bytes cloud = world.wallet().cloud(); !cloud.empty()) scan("cloud", cloud);

  out.needles = scanner.needles();
  out.secrets = scanner.secrets();
  out.bytes_searched = scanner.bytes_searched();
  out.wall_time_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return out;
}

std::string leak_of(const Forensics& forensics) {
  if (!forensics.failure.empty()) return "memory scan failed: " + forensics.failure;
  const auto leak = std::find_if(forensics.found.begin(), forensics.found.end(), [&](const Find& find) {
    return find.place.starts_with(kWalletPlace) ? forensics.wallet_settled : forensics.settled;
  });
  if (leak == forensics.found.end()) return {};
  char where[64];
  std::snprintf(where, sizeof where, " at offset 0x%zx (%zu bytes, ", leak->offset_bytes, leak->size_bytes);
  return "memory scan: " + leak->secret + " was left in " + leak->place + where + leak->encoding + ")";
}

}  // namespace touchstone::sim
