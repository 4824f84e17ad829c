// GdbServer: a debugger attached to a running core. TCP on this machine only. While the core stands, the whole simulation
// stands: virtual time does not move, so a debugged run makes the same events as one without a debugger.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "mcu/cpu_monitor.h"
#include "mcu/gdb_session.h"

namespace touchstone::models {

/// Waits for its debugger before the core's first instruction. One debugger; when it leaves, is lost or speaks nonsense, the run
/// goes on without it; its "kill" ends the run. Everything happens in the core's own process: no thread.
class GdbServer : public CpuMonitor, private GdbTarget {
 public:
  /// Listens at once. Port 0: any free one. Throws std::runtime_error when the port cannot be had.
  GdbServer(Cpu& cpu, std::uint16_t port);
  ~GdbServer() override;

  std::uint16_t port() const;
  /// Resets whatever the core is part of; called from the core's process.
  std::function<void()> on_reset;
  /// Ends the run; called from the core's process, when the core is stopped already.
  std::function<void()> on_kill;
  /// One line for a person: connected, lost, left. May be null.
  std::function<void(const std::string&)> on_news;
  /// The run is over: the debugger is told the exit code and disconnected.
  void ended(unsigned exit_code);

  bool begin_slice(Cpu&) override;
  void before_instruction(Cpu&) override;
  void after_instruction(Cpu&) override;
  void locked_up(Cpu&) override;

 private:
  class Connection;
  void accept();
  void serve();
  void handle(const std::string& packet);
  void stop(unsigned signal, std::string_view reason = {});
  void leave(const std::string& news);
  bool poll_input();

  bool read_register(unsigned number, std::uint32_t& value) override;
  bool write_register(unsigned number, std::uint32_t value) override;
  bool read_memory(std::uint32_t address, MutableBytes out) override;
  bool write_memory(std::uint32_t address, Bytes in) override;
  std::string status() override;

  Cpu& cpu_;
  GdbSession session_{*this};
  std::unique_ptr<Connection> connection_;
  bool waiting_ = true;         // for the debugger to connect
  bool left_ = false;           // the debugger, for good
  bool halted_ = true;          // the core stands, the debugger is asked what to do
  bool announce_ = false;       // the debugger waits to hear that the core stands
  bool stepping_ = false;
  bool reset_ = false;          // leave the core's process alone until it has begun anew
  bool resumed_here_ = false;   // the next instruction is where the debugger let go: its breakpoint does not count
  std::uint64_t instructions_ = 0;
  std::string watch_;           // what the instruction about to run will touch
};

}  // namespace touchstone::models
