#include "mcu/gdb_session.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>

#include "mcu/gdb_packets.h"

namespace touchstone::models {

namespace {

// Errors as the protocol knows them: numbers without fixed meaning.
constexpr char kBadRequest[] = "E16", kNoMemory[] = "E01", kTooMany[] = "E1c";
constexpr std::size_t kMaxPoints = 1024;

std::optional<std::uint32_t> number(std::string_view hex) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), value, 16);
  if (hex.empty() || error != std::errc{} || end != hex.data() + hex.size()) return std::nullopt;
  return value;
}

// The text up to the first `separator`; `rest` is left behind it.
std::string_view cut(std::string_view& rest, char separator) {
  const std::size_t at = rest.find(separator);
  const std::string_view head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return head;
}

std::string word_hex(std::uint32_t value) {
  std::array<std::uint8_t, 4> bytes;
  store_le32(bytes.data(), value);
  return to_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<std::uint32_t> word_from_hex(std::string_view hex) {
  const auto bytes = from_hex(hex);
  if (!bytes || bytes->size() != 4) return std::nullopt;
  return load_le32(reinterpret_cast<const std::uint8_t*>(bytes->data()));
}

bool take(std::string_view& packet, std::string_view prefix) {
  if (!packet.starts_with(prefix)) return false;
  packet.remove_prefix(prefix.size());
  return true;
}

struct CsrName {
  unsigned number;
  const char* name;
};
constexpr CsrName kCsrs[] = {
    {0x300, "mstatus"}, {0x301, "misa"}, {0x304, "mie"}, {0x305, "mtvec"}, {0x306, "mcounteren"}, {0x30A, "menvcfg"}, {0x320, "mcountinhibit"},
    {0x340, "mscratch"}, {0x341, "mepc"}, {0x342, "mcause"}, {0x343, "mtval"}, {0x344, "mip"},
    {0x3A0, "pmpcfg0"}, {0x3A1, "pmpcfg1"}, {0x3A2, "pmpcfg2"}, {0x3A3, "pmpcfg3"},
    {0xB00, "mcycle"}, {0xB02, "minstret"}, {0xB80, "mcycleh"}, {0xB82, "minstreth"},
    {0xC00, "cycle"}, {0xC02, "instret"}, {0xC80, "cycleh"}, {0xC82, "instreth"},
    {0xF11, "mvendorid"}, {0xF12, "marchid"}, {0xF13, "mimpid"}, {0xF14, "mhartid"}};

}  // namespace

std::string gdb_target_description() {
  static constexpr const char* kRegisters[] = {"zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
                                               "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6"};
  std::string xml = "<?xml version=\"1.0\"?><!DOCTYPE target SYSTEM \"gdb-target.dtd\"><target version=\"1.0\"><architecture>riscv:rv32</architecture>"
                    "<feature name=\"org.gnu.gdb.riscv.cpu\">";
  const auto add = [&xml](const std::string& name, unsigned register_number, const char* type) {
    xml += "<reg name=\"" + name + "\" bitsize=\"32\" regnum=\"" + std::to_string(register_number) + "\" type=\"" + type + "\"/>";
  };
  for (unsigned i = 0; i < 32; ++i) add(kRegisters[i], i, i == 2 || i == 3 || i == 4 ? "data_ptr" : i == 1 ? "code_ptr" : "int");
  add("pc", kGdbPc, "code_ptr");
  xml += "</feature><feature name=\"org.gnu.gdb.riscv.csr\">";
  for (const CsrName& csr : kCsrs) add(csr.name, kGdbFirstCsr + csr.number, "int");
  for (unsigned i = 0; i < 16; ++i) add("pmpaddr" + std::to_string(i), kGdbFirstCsr + 0x3B0 + i, "int");
  xml += "</feature><feature name=\"org.gnu.gdb.riscv.virtual\">";
  add("priv", kGdbPrivilege, "int");
  return xml + "</feature></target>";
}

GdbSession::Answer GdbSession::handle(std::string_view packet) {
  if (packet.empty()) return {""};
  const std::string_view arguments = packet.substr(1);
  switch (packet[0]) {
    case '?': return {last_stop_};
    case '!': return {"OK"};
    case 'H': case 'T': return {"OK"};  // one thread
    case 'g': return {read_all()};
    case 'G': return {write_all(arguments)};
    case 'p': {
      const auto n = number(arguments);
      std::uint32_t value = 0;
      return {n && target_.read_register(*n, value) ? word_hex(value) : kBadRequest};
    }
    case 'P': return {write_one(arguments)};
    case 'm': return {read_memory(arguments)};
    case 'M': return {write_memory(arguments, false)};
    case 'X': return {write_memory(arguments, true)};
    case 'Z': case 'z': return {point(packet)};
    case 'c': case 's': case 'C': case 'S': return resume(packet);
    case 'v': return verbose(packet);
    case 'q': case 'Q': return query(packet);
    case 'R':
      stopped(5);
      return {std::nullopt, Then::kReset};
    case 'D': return {"OK", Then::kLeave};
    case 'k': return {std::nullopt, Then::kKill};
    default: return {""};  // unknown, says the protocol
  }
}

GdbSession::Answer GdbSession::resume(std::string_view packet) {
  const bool step = packet[0] == 's' || packet[0] == 'S';
  std::string_view address = packet.substr(1);
  if (packet[0] == 'C' || packet[0] == 'S') cut(address, ';');  // the signal has nobody to go to
  if (!address.empty()) {
    const auto pc = number(address);
    if (!pc) return {kBadRequest};
    target_.write_register(kGdbPc, *pc);
  }
  return {std::nullopt, step ? Then::kStep : Then::kContinue};
}

GdbSession::Answer GdbSession::verbose(std::string_view packet) {
  if (packet == "vCont?") return {"vCont;c;C;s;S"};
  if (take(packet, "vCont;")) {
    // The first action is the one of our only thread.
    const char action = packet.empty() ? 0 : packet[0];
    if (action == 's' || action == 'S') return {std::nullopt, Then::kStep};
    if (action == 'c' || action == 'C') return {std::nullopt, Then::kContinue};
    return {kBadRequest};
  }
  if (packet.starts_with("vKill")) return {"OK", Then::kKill};
  return {""};
}

GdbSession::Answer GdbSession::query(std::string_view packet) {
  char text[96];
  if (packet.starts_with("qSupported")) {
    std::snprintf(text, sizeof text, "PacketSize=%zx;QStartNoAckMode+;qXfer:features:read+;vContSupported+", GdbPackets::kMaxPacketBytes);
    return {text};
  }
  if (packet == "QStartNoAckMode") {
    no_acks_ = true;
    return {"OK"};
  }
  if (take(packet, "qXfer:features:read:target.xml:")) {
    const auto offset = number(cut(packet, ',')), length = number(packet);
    if (!offset || !length) return {kBadRequest};
    const std::string xml = gdb_target_description();
    if (*offset >= xml.size()) return {"l"};
    const std::string part = xml.substr(*offset, std::min<std::size_t>(*length, GdbPackets::kMaxPacketBytes / 2));
    return {(*offset + part.size() < xml.size() ? "m" : "l") + part};
  }
  if (packet == "qAttached") return {"1"};
  if (packet == "qC") return {"QC1"};
  if (packet == "qfThreadInfo") return {"m1"};
  if (packet == "qsThreadInfo") return {"l"};
  if (packet.starts_with("qSymbol")) return {"OK"};
  if (take(packet, "qRcmd,")) {
    const auto command = from_hex(packet);
    if (!command) return {kBadRequest};
    Answer answer;
    answer.reply = to_hex(monitor(*command, answer.then));
    return answer;
  }
  return {""};
}

std::string GdbSession::monitor(std::string_view command, Then& then) {
  if (command == "reset" || command == "reset halt") {
    stopped(5);
    then = Then::kReset;
    return "reset; the core stands before its first instruction. Type `flushregs` or `stepi` to see it.\n";
  }
  if (command == "status") return target_.status() + "\n";
  return "monitor commands: reset, status\n";
}

std::string GdbSession::read_all() {
  std::string hex;
  for (unsigned i = 0; i <= kGdbPc; ++i) {
    std::uint32_t value = 0;
    target_.read_register(i, value);
    hex += word_hex(value);
  }
  return hex;
}

std::string GdbSession::write_all(std::string_view hex) {
  if (hex.size() != 8 * (kGdbPc + 1)) return kBadRequest;
  for (unsigned i = 0; i <= kGdbPc; ++i) {
    const auto value = word_from_hex(hex.substr(8 * i, 8));
    if (!value) return kBadRequest;
    target_.write_register(i, *value);
  }
  return "OK";
}

std::string GdbSession::write_one(std::string_view arguments) {
  const auto n = number(cut(arguments, '='));
  const auto value = word_from_hex(arguments);
  return n && value && target_.write_register(*n, *value) ? "OK" : kBadRequest;
}

std::string GdbSession::read_memory(std::string_view arguments) {
  const auto address = number(cut(arguments, ',')), length = number(arguments);
  if (!address || !length || *length > GdbPackets::kMaxPacketBytes / 2) return kBadRequest;
  std::string bytes(*length, '\0');
  if (*length != 0 && !target_.read_memory(*address, {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()})) return kNoMemory;
  return to_hex(bytes);
}

std::string GdbSession::write_memory(std::string_view arguments, bool binary) {
  const auto address = number(cut(arguments, ',')), length = number(cut(arguments, ':'));
  const auto bytes = binary ? std::optional<std::string>(arguments) : from_hex(arguments);
  if (!address || !length || !bytes || bytes->size() != *length) return kBadRequest;
  if (*length != 0 && !target_.write_memory(*address, {reinterpret_cast<const std::uint8_t*>(bytes->data()), bytes->size()})) return kNoMemory;
  return "OK";
}

// Z0, Z1: the pc; Z2, Z3, Z4: memory.
std::string GdbSession::point(std::string_view packet) {
  const bool insert = packet[0] == 'Z';
  packet.remove_prefix(1);
  const std::string_view type = cut(packet, ',');
  const auto address = number(cut(packet, ',')), length = number(cut(packet, ';'));
  if (type.size() != 1 || type[0] < '0' || type[0] > '4') return "";
  if (!address || !length) return kBadRequest;
  if (insert && breakpoints_.size() + watchpoints_.size() >= kMaxPoints) return kTooMany;
  if (type[0] <= '1') {
    if (insert) breakpoints_.insert(*address);
    else breakpoints_.erase(*address);
    return "OK";
  }
  if (*length == 0) return kBadRequest;
  const Watchpoint watchpoint{type[0], *address, *length};
  std::erase(watchpoints_, watchpoint);
  if (insert) watchpoints_.push_back(watchpoint);
  return "OK";
}

std::optional<std::string> GdbSession::watched(std::uint32_t address, unsigned size_bytes, bool store) const {
  for (const Watchpoint& w : watchpoints_) {
    const std::uint64_t first = std::max(w.address, address);
    const std::uint64_t end = std::min(std::uint64_t{w.address} + w.size_bytes, std::uint64_t{address} + size_bytes);
    if (first >= end || (w.type == '2' && !store) || (w.type == '3' && store)) continue;
    char text[32];
    std::snprintf(text, sizeof text, "%s:%x;", w.type == '2' ? "watch" : w.type == '3' ? "rwatch" : "awatch", static_cast<unsigned>(first));
    return text;
  }
  return std::nullopt;
}

void GdbSession::stopped(unsigned signal, std::string_view reason) {
  char text[8];
  std::snprintf(text, sizeof text, "T%02x", signal);
  last_stop_ = text + std::string(reason);
}

}  // namespace touchstone::models
