// The contract generator: commented-JSON files -> C++ for firmware and models, a SystemVerilog package, the linker
// script's memories and the register documentation. A mistake in the input ends it with file, place and reason.
//
// usage: contract-generate CARD.jsonc MESSAGES.jsonc EVENTS.jsonc OUTPUT_FOLDER [PROTOCOL.jsonc...]
// Every PROTOCOL.jsonc becomes PROTOCOL.h with the messages in namespace contract::PROTOCOL.

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

#include "generate_text.h"

namespace {

// --- the model of card.jsonc: checked once here, so that the writers below stay simple

struct Field {
  std::string name;
  unsigned high, low;
  Json values;  // enum: name -> number
};
struct Register {
  std::string name, access, doc;
  std::uint64_t offset, count, reset;
  bool secret;
  std::vector<Field> fields;
};
struct Block {
  std::string type, doc;
  std::vector<std::pair<std::string, std::uint64_t>> instances;
  std::vector<Register> registers;
  std::uint64_t size = 0;
};

Register read_register(const std::string& block, const Json& json, std::uint64_t next_offset) {
  const std::string where = block + "." + json.value("name", "?");
  allow_keys(where, json, {"name", "offset", "count", "access", "reset", "secret", "doc", "fields"});
  Register r{text(where, json, "name"), text(where, json, "access"), text(where, json, "doc"), next_offset, 1, 0, false, {}};
  if (json.contains("offset")) r.offset = number(where + ".offset", json["offset"]);
  if (r.offset < next_offset || r.offset % 4 != 0) fail(where, "offset overlaps the register before or is not aligned");
  if (json.contains("count")) r.count = number(where + ".count", json["count"]);
  if (json.contains("reset")) r.reset = number(where + ".reset", json["reset"]);
  r.secret = json.value("secret", false);
  static const std::set<std::string> kAccess{"rw", "ro", "wo", "w1c", "w1s"};
  if (!kAccess.contains(r.access)) fail(where, "access must be rw, ro, wo, w1c or w1s");
  if (r.secret && r.access != "wo") fail(where, "a secret register must be write-only");
  std::uint64_t used = 0;
  for (const Json& f : json.value("fields", Json::array())) {
    const std::string place = where + "." + f.value("name", "?");
    allow_keys(place, f, {"name", "bits", "enum"});
    Field field{text(place, f, "name"), 0, 0, f.value("enum", Json::object())};
    if (std::sscanf(text(place, f, "bits").c_str(), "%u:%u", &field.high, &field.low) != 2 || field.high < field.low || field.high > 31)
      fail(place, "bits must be \"high:low\"");
    const std::uint64_t mask = ((1ULL << (field.high - field.low + 1)) - 1) << field.low;
    if (used & mask) fail(place, "overlaps another field");
    used |= mask;
    r.fields.push_back(field);
  }
  return r;
}

std::vector<Block> read_blocks(const Json& card) {
  std::vector<Block> blocks;
  std::set<std::uint64_t> bases;
  for (const Json& json : card["blocks"]) {
    const std::string where = "blocks." + json.value("name", "?");
    allow_keys(where, json, {"name", "base", "instances", "doc", "registers"});
    Block block{text(where, json, "name"), text(where, json, "doc"), {}, {}, 0};
    if (json.contains("base")) block.instances.emplace_back(block.type, number(where + ".base", json["base"]));
    for (const Json& i : json.value("instances", Json::array()))
      block.instances.emplace_back(text(where, i, "name"), number(where + ".base", i["base"]));
    if (block.instances.empty()) fail(where, "needs a base or instances");
    std::set<std::string> names;
    for (const Json& r : json["registers"]) {
      block.registers.push_back(read_register(where, r, block.size));
      if (!names.insert(block.registers.back().name).second) fail(where, "register " + block.registers.back().name + " stands twice");
      block.size = block.registers.back().offset + 4 * block.registers.back().count;
    }
    for (const auto& [name, base] : block.instances)
      if (base % 0x1000 != 0 || block.size > 0x1000 || !bases.insert(base).second)
        fail(where, "base " + hex(base) + " is taken or not on a 4 KB border, or the block is larger than 4 KB");
    blocks.push_back(block);
  }
  return blocks;
}

constexpr const char* kHeader = "Generated from core/contract/*.jsonc by contract-generate; change those.";

// --- writers: one for each product

std::string registers_h(const Json& card, const std::vector<Block>& blocks) {
  std::ostringstream o;
  o << "// " << kHeader << "\n#pragma once\n#include <cstdint>\n\nnamespace touchstone::contract {\n\n";
  o << "inline constexpr std::uint32_t kClockHz = " << card["clock_hz"] << ";\n";
  for (const auto& [name, value] : card["constants"].items())
    o << "inline constexpr std::uint32_t k" << camel(name) << " = " << hex(number(name, value)) << ";\n";
  for (const Json& m : card["memories"])
    o << "inline constexpr std::uint32_t k" << camel(m["name"]) << "Base = " << hex(number("base", m["base"])) << ";\n"
      << "inline constexpr std::uint32_t k" << camel(m["name"]) << "SizeBytes = " << hex(number("size", m["size"])) << ";\n";
  for (const Json& m : card["flash_map"])
    o << "inline constexpr std::uint32_t kFlash" << camel(m["name"]) << "Offset = " << hex(number("offset", m["offset"])) << ";\n"
      << "inline constexpr std::uint32_t kFlash" << camel(m["name"]) << "SizeBytes = " << hex(number("size", m["size"])) << ";\n";
  o << "\n/// Interrupt lines of intc.\nenum class Irq : std::uint32_t {\n";
  for (const Json& i : card["interrupts"]) o << "  k" << camel(i["name"]) << " = " << i["line"] << ",  ///< " << std::string(i["doc"]) << "\n";
  o << "};\n";
  for (const Block& b : blocks) {
    o << "\n/// " << b.doc << "\nnamespace " << b.type << " {\n";
    for (const auto& [name, base] : b.instances)
      o << "inline constexpr std::uint32_t k" << (b.instances.size() == 1 ? "" : camel(name)) << "Base = " << hex(base) << ";\n";
    o << "inline constexpr std::uint32_t kSizeBytes = " << hex(b.size) << ";\n";
    for (const Register& r : b.registers) {
      o << "inline constexpr std::uint32_t k" << camel(r.name) << " = " << hex(r.offset) << ";  ///< " << r.access << ": " << r.doc << "\n";
      for (const Field& f : r.fields) {
        const std::string prefix = "k" + camel(r.name) + (upper(f.name) == upper(r.name) ? "" : camel(f.name));
        const std::uint64_t mask = ((1ULL << (f.high - f.low + 1)) - 1) << f.low;
        o << "inline constexpr std::uint32_t " << prefix << "Mask = " << hex(mask) << ";\n"
          << "inline constexpr std::uint32_t " << prefix << "Shift = " << f.low << ";\n";
        if (!f.values.empty()) {
          o << "enum class " << camel(f.name) << " : std::uint32_t {";
          for (const auto& [value_name, value] : f.values.items()) o << " k" << camel(value_name) << " = " << value << ",";
          o << " };\n";
        }
      }
    }
    o << "}  // namespace " << b.type << "\n";
  }
  o << "\n}  // namespace touchstone::contract\n";
  return o.str();
}

std::string register_tables_h(const Json& card, const std::vector<Block>& blocks) {
  std::ostringstream o;
  o << "// " << kHeader << "\n// Decode tables for the models. Host only.\n#pragma once\n#include <cstdint>\n#include <span>\n"
       "#include <string_view>\n\nnamespace touchstone::contract {\n\n"
       "enum class Access : std::uint8_t { kReadWrite, kReadOnly, kWriteOnly, kWriteOneClear, kWriteOneSet };\n\n"
       "struct RegisterInfo {\n  std::string_view name;\n  std::uint32_t offset_bytes;\n  std::uint32_t count;  ///< consecutive words\n"
       "  std::uint32_t reset;\n  Access access;\n  bool secret;\n};\n\n"
       "struct ValueName {\n  std::uint32_t value;\n  std::string_view name;\n};\n\n";
  static const std::map<std::string, std::string> kNames{{"rw", "kReadWrite"}, {"ro", "kReadOnly"}, {"wo", "kWriteOnly"}, {"w1c", "kWriteOneClear"}, {"w1s", "kWriteOneSet"}};
  for (const Block& b : blocks) {
    o << "inline constexpr RegisterInfo k" << camel(b.type) << "Registers[] = {\n";
    for (const Register& r : b.registers)
      o << "    {\"" << r.name << "\", " << hex(r.offset) << ", " << r.count << ", " << hex(r.reset) << ", Access::" << kNames.at(r.access) << ", "
        << (r.secret ? "true" : "false") << "},\n";
    o << "};\n";
    for (const Register& r : b.registers)
      for (const Field& f : r.fields)
        if (!f.values.empty()) {
          o << "inline constexpr ValueName k" << camel(b.type) << camel(f.name) << "Names[] = {";
          for (const auto& [value_name, value] : f.values.items()) o << "{" << value << ", \"" << value_name << "\"}, ";
          o << "};\n";
        }
  }
  o << "inline constexpr ValueName kIrqNames[] = {";
  for (const Json& i : card["interrupts"]) o << "{" << i["line"] << ", " << i["name"] << "}, ";
  o << "};\n\n}  // namespace touchstone::contract\n";
  return o.str();
}

std::string system_verilog(const Block& b) {
  std::ostringstream o;
  o << "// " << kHeader << "\npackage " << b.type << "_reg_pkg;\n";
  for (const Register& r : b.registers) {
    o << "  parameter logic [11:0] " << camel(b.type) << camel(r.name) << "Offset = 12'h" << hex(r.offset).substr(2) << ";\n";
    for (const Field& f : r.fields) {
      const std::string name = camel(r.name) + (upper(f.name) == upper(r.name) ? "" : camel(f.name));
      o << "  parameter int unsigned " << name << "Lsb = " << f.low << ";\n";
      for (const auto& [value_name, value] : f.values.items())
        o << "  parameter logic [" << f.high - f.low << ":0] " << camel(f.name) << camel(value_name) << " = " << f.high - f.low + 1 << "'d" << value << ";\n";
    }
  }
  o << "endpackage\n";
  return o.str();
}

std::string memory_ld(const Json& card) {
  std::ostringstream o;
  o << "/* " << kHeader << " */\nMEMORY\n{\n";
  for (const Json& m : card["memories"]) {
    std::uint64_t size = number("size", m["size"]);
    if (m["name"] == "flash") size = number("size", card["flash_map"][0]["size"]);  // the program may not reach the record
    o << "  " << std::string(m["name"]) << " (" << (m["name"] == "ram" ? "rwx" : "rx") << ") : ORIGIN = " << hex(number("base", m["base"])) << ", LENGTH = " << hex(size) << "\n";
  }
  o << "}\n";
  for (const auto& [name, value] : card["constants"].items()) o << "__" << name << " = " << hex(number(name, value)) << ";\n";
  return o.str();
}

std::string registers_md(const Json& card, const std::vector<Block>& blocks) {
  std::ostringstream o;
  o << "# Memory map and registers\n\n" << kHeader << "\n\n| memory | base | size | |\n|---|---|---|---|\n";
  for (const Json& m : card["memories"]) o << "| " << std::string(m["name"]) << " | " << std::string(m["base"]) << " | " << std::string(m["size"]) << " | " << std::string(m["doc"]) << " |\n";
  for (const Json& m : card["flash_map"]) o << "| flash: " << std::string(m["name"]) << " | +" << std::string(m["offset"]) << " | " << std::string(m["size"]) << " | " << std::string(m["doc"]) << " |\n";
  o << "\n| interrupt line | name | |\n|---|---|---|\n";
  for (const Json& i : card["interrupts"]) o << "| " << i["line"] << " | " << std::string(i["name"]) << " | " << std::string(i["doc"]) << " |\n";
  for (const Block& b : blocks) {
    o << "\n## " << b.type << "\n\n" << b.doc << "\n\n";
    for (const auto& [name, base] : b.instances) o << "- `" << name << "` at " << hex(base) << "\n";
    o << "\n| offset | register | access | reset | |\n|---|---|---|---|---|\n";
    for (const Register& r : b.registers) {
      o << "| " << hex(r.offset) << " | " << r.name << (r.count > 1 ? "[" + std::to_string(r.count) + "]" : "") << " | " << r.access << (r.secret ? ", secret" : "") << " | " << hex(r.reset) << " | " << r.doc;
      for (const Field& f : r.fields) {
        o << "; `" << f.name << "` [" << f.high << ":" << f.low << "]";
        const char* separator = " ";
        for (const auto& [value_name, value] : f.values.items()) {
          o << separator << value << "=" << value_name;
          separator = ", ";
        }
      }
      o << " |\n";
    }
  }
  return o.str();
}

struct WireType {
  std::string cpp, name;
  std::uint64_t max_bytes;
  bool fixed_array, view;
};

WireType wire_type(const std::string& where, const std::string& type) {
  for (const auto& [name, cpp, size] : {std::tuple{"u8", "std::uint8_t", 1}, {"u16", "std::uint16_t", 2}, {"u32", "std::uint32_t", 4}, {"u64", "std::uint64_t", 8}})
    if (type == name) return {cpp, size == 1 ? "u8" : "le" + std::to_string(8 * size), static_cast<std::uint64_t>(size), false, false};
  unsigned n = 0;
  if (std::sscanf(type.c_str(), "bytes[%u]", &n) == 1) return {"ByteArray<" + std::to_string(n) + ">", "", n, true, false};
  if (std::sscanf(type.c_str(), "bytes<=%u", &n) == 1 && n < 65536) return {"Bytes", "", n, false, true};
  fail(where, "unknown type '" + type + "'");
}

std::string messages_h(const Json& messages, const std::string& name_space) {
  std::ostringstream o;
  o << "// " << kHeader << "\n// Messages: one byte of id, then the fields. Freestanding.\n#pragma once\n#include \"base/bytes.h\"\n#include \"base/result.h\"\n\nnamespace " << name_space << " {\n";
  std::set<std::uint64_t> ids;
  std::uint64_t largest = 0;
  std::string uses;
  for (const Json& m : messages["messages"]) {
    const std::string name = text("messages", m, "name");
    allow_keys(name, m, {"name", "id", "doc", "fields"});
    if (!ids.insert(number(name, m["id"])).second) fail(name, "id is taken");
    o << "\n/// " << text(name, m, "doc") << "\nstruct " << name << " {\n  static constexpr std::uint8_t kId = " << m["id"] << ";\n";
    std::ostringstream encode, decode;
    std::uint64_t max_bytes = 1;
    for (const Json& f : m["fields"]) {
      const std::string field = text(name, f, "name");
      allow_keys(name + "." + field, f, {"name", "type", "doc", "enum"});
      const WireType t = wire_type(name + "." + field, text(name, f, "type"));
      max_bytes += t.max_bytes + (t.view ? 2 : 0);
      if (f.contains("enum")) {
        o << "  enum class " << camel(field) << " : " << t.cpp << " {";
        for (const auto& [value_name, value] : f["enum"].items()) o << " k" << camel(value_name) << " = " << value << ",";
        o << " };\n";
      }
      o << "  " << t.cpp << " " << field << "{};  ///< " << text(name, f, "doc") << (t.view ? "; a view into the decoded buffer" : "") << "\n";
      if (t.fixed_array) {
        encode << "    w.put(" << field << ");\n";
        decode << "    r.copy(m." << field << ");\n";
      } else if (t.view) {
        encode << "    if (" << field << ".size() > " << t.max_bytes << ") return Error{ErrorCode::kTooLarge, \"" << name << "." << field << "\"};\n"
               << "    w.le16(static_cast<std::uint16_t>(" << field << ".size()));\n    w.put(" << field << ");\n";
        decode << "    m." << field << " = r.take(r.le16());\n"
               << "    if (m." << field << ".size() > " << t.max_bytes << ") return Error{ErrorCode::kTooLarge, \"" << name << "." << field << "\"};\n";
      } else {
        encode << "    w." << t.name << "(" << field << ");\n";
        decode << "    m." << field << " = r." << t.name << "();\n";
      }
    }
    largest = std::max(largest, max_bytes);
    uses += "  use(" + name + "{});\n";
    o << "  static constexpr std::size_t kMaxBytes = " << max_bytes << ";\n\n"
      << "  /// Writes id and fields into `buffer`; returns the part used. Errors: kTooLarge.\n  Result<Bytes> encode(MutableBytes buffer) const {\n    ByteWriter w(buffer);\n    w.u8(kId);\n" << encode.str()
      << "    if (w.failed()) return Error{ErrorCode::kTooLarge, \"" << name << ": buffer\"};\n    return w.written();\n  }\n"
      << "  /// Parses untrusted bytes (id included, nothing may follow). Errors: kBadFormat, kTooLarge.\n  static Result<" << name << "> decode(Bytes untrusted_bytes) {\n    ByteReader r(untrusted_bytes);\n    " << name << " m;\n"
      << "    if (r.u8() != kId) return Error{ErrorCode::kBadFormat, \"" << name << ": id\"};\n" << decode.str()
      << "    if (!r.complete()) return Error{ErrorCode::kBadFormat, \"" << name << ": length\"};\n    return m;\n  }\n};\n";
  }
  o << "\n/// The largest encoded message.\ninline constexpr std::size_t kMaxMessageBytes = " << largest << ";\n\n"
    << "/// Calls `use` with an empty message of every type.\ntemplate <typename Use>\nvoid for_each_message(Use use) {\n" << uses
    << "}\n\n}  // namespace " << name_space << "\n";
  return o.str();
}

std::string events_h(const Json& events) {
  std::ostringstream o, table;
  o << "// " << kHeader << "\n// Event types, in the order fields are written. Host only.\n#pragma once\n#include <cstdint>\n#include <string>\n#include <string_view>\n\nnamespace touchstone::events {\n";
  table << "\n/// One row a field; a row with an empty field stands for an event without fields.\nstruct FieldInfo {\n  std::string_view event, field;\n  bool is_text;\n};\ninline constexpr FieldInfo kFields[] = {\n";
  for (const Json& e : events["events"]) {
    const std::string name = text("events", e, "name");
    allow_keys(name, e, {"name", "doc", "fields", "caused_by", "instead_of"});
    o << "\n/// " << text(name, e, "doc") << "\nstruct " << camel(name) << " {\n  static constexpr std::string_view kName = \"" << name << "\";\n";
    std::ostringstream visit;
    for (const auto& [field, type] : e["fields"].items()) {
      if (type != "int" && type != "text") fail(name + "." + field, "type must be int or text");
      o << "  " << (type == "int" ? "std::int64_t " : "std::string ") << field << "{};\n";
      visit << "    v(std::string_view(\"" << field << "\"), " << (type == "int" ? field : "std::string_view(" + field + ")") << ");\n";
      table << "    {\"" << name << "\", \"" << field << "\", " << (type == "text" ? "true" : "false") << "},\n";
    }
    if (e["fields"].empty()) table << "    {\"" << name << "\", \"\", false},\n";
    o << "  template <typename Visitor>\n  void visit([[maybe_unused]] Visitor&& v) const {\n" << visit.str() << "  }\n};\n";
  }
  o << table.str() << "};\n\n}  // namespace touchstone::events\n";
  return o.str();
}

/// How event types hang together, for those who explain runs; apart from events.h, which nearly everything includes.
std::string event_links_h(const Json& events) {
  std::ostringstream o;
  o << "// " << kHeader << "\n#pragma once\n#include <string_view>\n\nnamespace touchstone::events {\n\n"
       "/// kCausedBy: the latest earlier `other` led to `event`. kInsteadOf: after `event`, `other` will not come any more.\n"
       "enum class Relation { kCausedBy, kInsteadOf };\nstruct LinkInfo {\n  std::string_view event, other;\n  Relation relation;\n};\n"
       "inline constexpr LinkInfo kLinks[] = {\n";
  std::set<std::string> known;
  for (const Json& e : events["events"]) known.insert(text("events", e, "name"));
  for (const Json& e : events["events"])
    for (const char* relation : {"caused_by", "instead_of"}) {
      const std::string name = text("events", e, "name");
      const Json others = e.value(relation, Json::array());
      for (const Json& other : others) {
        if (!other.is_string() || !known.contains(other) || other == name) fail(name + "." + relation, "names no other event: " + other.dump());
        o << "    {\"" << name << "\", \"" << std::string(other) << "\", Relation::k" << camel(relation) << "},\n";
      }
    }
  o << "};\n\n}  // namespace touchstone::events\n";
  return o.str();
}

Json load(const char* path) {
  std::ifstream in(path);
  if (!in) fail(path, "cannot be opened");
  return Json::parse(in, nullptr, true, /*ignore_comments=*/true);
}

/// What did not change keeps its time: nothing is built again for it.
void save(const std::filesystem::path& path, const std::string& content) {
  std::ifstream in(path, std::ios::binary);
  if (in && std::string(std::istreambuf_iterator<char>(in), {}) == content) return;
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) fail(path.string(), "cannot be written");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::cerr << "usage: contract-generate CARD.jsonc MESSAGES.jsonc EVENTS.jsonc OUTPUT_FOLDER [PROTOCOL.jsonc...]\n";
    return 2;
  }
  try {
    const Json card = load(argv[1]);
    allow_keys(argv[1], card, {"clock_hz", "memories", "flash_map", "constants", "interrupts", "blocks"});
    const std::vector<Block> blocks = read_blocks(card);
    const std::filesystem::path out(argv[4]);
    std::filesystem::create_directories(out);
    save(out / "registers.h", registers_h(card, blocks));
    save(out / "register_tables.h", register_tables_h(card, blocks));
    for (const Block& b : blocks)
      if (b.type == "secp") save(out / "secp_reg_pkg.sv", system_verilog(b));
    save(out / "memory.ld", memory_ld(card));
    save(out / "REGISTERS.md", registers_md(card, blocks));
    save(out / "messages.h", messages_h(load(argv[2]), "touchstone::contract"));
    const Json events = load(argv[3]);
    save(out / "events.h", events_h(events));
    save(out / "event_links.h", event_links_h(events));
    for (int i = 5; i < argc; ++i) {
      const std::string protocol = std::filesystem::path(argv[i]).stem();
      save(out / (protocol + ".h"), messages_h(load(argv[i]), "touchstone::contract::" + protocol));
    }
  } catch (const std::exception& error) {
    std::cerr << "contract-generate: " << error.what() << "\n";
    return 1;
  }
}
