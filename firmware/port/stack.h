// A stack: how deep it went, and cleaning what it left.
#pragma once

#include <cstdint>

namespace touchstone::firmware {

class Stack {
 public:
  static constexpr std::uint32_t kMargin_bytes = 1024;

  /// [bottom, top), painted by crt0.S. `name` stands on the console.
  Stack(const char* name, std::uint32_t* bottom, std::uint32_t* top) : name_(name), bottom_(bottom), top_(top) {}
  /// Overwrites the dead part of this stack, which is the current one, where a request has left its values. Prints a new
  /// deepest use on the console; less than kMargin_bytes left is a failed check.
  void scrub();

 private:
  const char* name_;
  std::uint32_t *bottom_, *top_;
  std::uint32_t deepest_bytes_ = 0;
};

}  // namespace touchstone::firmware
