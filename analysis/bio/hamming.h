// Hamming distances of many codes of 512 bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace touchstone::bio {

using Code512 = std::array<std::uint64_t, 8>;

/// Distances of `code` to each of `others`, as many as `out` is long. Uses the widest way that the processor has; all give the same.
void hamming_512(const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out);

/// The names of the ways this processor has, and one of them by force: for tests and measurements.
std::span<const char* const> hamming_ways();
void hamming_512(const char* way, const Code512& code, std::span<const Code512> others, std::span<std::uint16_t> out);

}  // namespace touchstone::bio
