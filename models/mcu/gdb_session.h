// GdbSession: the commands of the GDB remote serial protocol (GDB manual, appendix E) for one stopped RV32 hart. Packets in,
// replies out; sockets and the hart lie behind borders, so that it is tested alone.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace touchstone::models {

/// What the debugger looks at.
class GdbTarget {
 public:
  virtual ~GdbTarget() = default;
  /// GDB's numbers: 0..31 x0..x31, 32 pc, 65 + n CSR n, 4161 the privilege mode. False: no such register.
  virtual bool read_register(unsigned number, std::uint32_t& value) = 0;
  virtual bool write_register(unsigned number, std::uint32_t value) = 0;
  /// False: not (all) memory.
  virtual bool read_memory(std::uint32_t address, MutableBytes out) = 0;
  virtual bool write_memory(std::uint32_t address, Bytes in) = 0;
  /// One line for `monitor status`.
  virtual std::string status() = 0;
};

inline constexpr unsigned kGdbPc = 32, kGdbFirstCsr = 65, kGdbPrivilege = 4161;

/// target.xml: registers x0..x31, pc, the CSRs the hart has, the privilege mode.
std::string gdb_target_description();

class GdbSession {
 public:
  explicit GdbSession(GdbTarget& target) : target_(target) {}

  enum class Then { kStay, kContinue, kStep, kReset, kLeave, kKill };
  struct Answer {
    std::optional<std::string> reply;  ///< payload; nothing for commands that are answered by the next stop
    Then then = Then::kStay;
  };
  Answer handle(std::string_view untrusted_packet);

  /// Acknowledgements were switched off (QStartNoAckMode).
  bool no_acks() const { return no_acks_; }

  bool has_points() const { return !breakpoints_.empty() || !watchpoints_.empty(); }
  bool breaks_at(std::uint32_t pc) const { return breakpoints_.contains(pc); }
  /// The watchpoint this access hits, as part of a stop reply: "watch:80000010;". Nothing: none.
  std::optional<std::string> watched(std::uint32_t address, unsigned size_bytes, bool store) const;
  /// The payload of a stop: "T05", then `reason`. Repeated in answer to "?".
  void stopped(unsigned signal, std::string_view reason = {});
  const std::string& stop_payload() const { return last_stop_; }

 private:
  struct Watchpoint {
    char type;  // '2' write, '3' read, '4' access
    std::uint32_t address, size_bytes;
    bool operator==(const Watchpoint&) const = default;
  };
  Answer query(std::string_view packet);
  Answer resume(std::string_view packet);
  Answer verbose(std::string_view packet);
  std::string monitor(std::string_view command, Then& then);
  std::string read_all();
  std::string write_all(std::string_view hex);
  std::string write_one(std::string_view arguments);
  std::string read_memory(std::string_view arguments);
  std::string write_memory(std::string_view arguments, bool binary);
  std::string point(std::string_view packet);

  GdbTarget& target_;
  bool no_acks_ = false;
  std::string last_stop_ = "T05";
  std::set<std::uint32_t> breakpoints_;
  std::vector<Watchpoint> watchpoints_;
};

}  // namespace touchstone::models
