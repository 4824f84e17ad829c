// The stack: how deep it went, and cleaning what it left.
#pragma once

#include <cstdint>

namespace touchstone::firmware {

/// Bytes reserved for the stack, by the linker script.
std::uint32_t stack_reserve_bytes();
/// The deepest use since reset, in bytes.
std::uint32_t stack_high_water_bytes();
/// Overwrites the dead part of the stack, where a request has left its values. Prints a new deepest use on the console;
/// less than kStackMarginBytes left of the reserve is a failed check.
void scrub_stack();
/// Overwrites all of the stack, for a program that ends on another one.
void wipe_stack();
inline constexpr std::uint32_t kStackMarginBytes = 1024;

}  // namespace touchstone::firmware
