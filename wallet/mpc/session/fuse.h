// Where a party remembers, over a loss of power too, that something stored must not be used again. Freestanding.
#pragma once

#include "base/result.h"

namespace touchstone::mpc {

/// Blown before a step whose failure tells the peer something, and mended once the step has gone well: whatever ends in between - a
/// cheat, a glitch, a battery pulled out - leaves it blown. One fuse for each thing that is stored.
class Fuse {
 public:
  virtual ~Fuse() = default;
  virtual bool blown() const = 0;
  /// Stored when it returns. Errors: kStorage; then the step is not taken.
  virtual Status blow() = 0;
  virtual Status mend() = 0;
};

/// Forgets with the power: for tests, measurements and what is itself in memory only.
class MemoryFuse final : public Fuse {
 public:
  bool blown() const override { return blown_; }
  Status blow() override {
    blown_ = true;
    return {};
  }
  Status mend() override {
    blown_ = false;
    return {};
  }

 private:
  bool blown_ = false;
};

}  // namespace touchstone::mpc
