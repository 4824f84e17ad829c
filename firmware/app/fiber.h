// A computation on a stack of its own, which can be left in the middle and gone on with. Given by the port. Freestanding.
#pragma once

#include "base/bytes.h"

namespace touchstone::firmware {

class Fiber {
 public:
  using Entry = void (*)(void* argument);
  virtual ~Fiber() = default;
  /// `entry(argument)` begins with the next resume(), on `stack`, which is aligned to 16. What was on the fiber before is
  /// never gone back to: nothing on it is destroyed.
  virtual void begin(MutableBytes stack, Entry entry, void* argument) = 0;
  /// Goes on until pause() or the end of the entry. After that not again.
  virtual void resume() = 0;
  /// From within: goes back to who has resumed it.
  virtual void pause() = 0;
};

}  // namespace touchstone::firmware
