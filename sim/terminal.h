// The terminal in raw mode on its second screen, and always given back: at scope end, on signals, after a crash.
#pragma once

#include <optional>
#include <string>

namespace touchstone::sim {

class Terminal {
 public:
  /// Takes the terminal of stdin and stdout over; nothing when one of them is no terminal.
  static bool available();
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  struct Size {
    int columns = 80, rows = 24;
  };
  Size size() const;
  /// Waits up to so long for a key; an arrow comes as 'A' + 0x100 (up) or 'B' + 0x100 (down).
  std::optional<int> key(int timeout_ms);
  /// Puts `frame` on the screen: lines ended by \n, from the top left.
  void show(const std::string& frame);
  /// The signal that asks the program to end, or 0.
  static int asked_to_end();
};

}  // namespace touchstone::sim
