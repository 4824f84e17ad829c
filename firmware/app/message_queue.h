// Messages that wait to be given out. Freestanding.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace touchstone::firmware {

/// Messages one behind the other.
class MessageQueue {
 public:
  explicit MessageQueue(MutableBytes place) : place_(place) {}
  /// Errors: kTooLarge (full).
  Status put(Bytes message);
  bool empty() const { return first_ == end_; }
  /// The oldest into `out`. Errors: kState (none), kTooLarge.
  Result<std::size_t> take(MutableBytes out);
  void clear() { first_ = end_ = 0; }

 private:
  static constexpr std::size_t kHeadBytes = 2;
  MutableBytes place_;
  std::size_t first_ = 0, end_ = 0;
};

}  // namespace touchstone::firmware
