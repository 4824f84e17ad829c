// Random straight-line RV32IMC programs with forward jumps, for the differential test.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/seed.h"

namespace touchstone::models {

struct RandomProgram {
  static constexpr std::uint32_t kCodeBase = 0x20000000;
  static constexpr std::uint32_t kDataBase = 0x80000000;
  static constexpr std::uint32_t kDataBytes = 1024;

  std::vector<std::uint8_t> code;        // ends by running over its end
  std::array<std::uint32_t, 32> registers{};  // x2, x8, x9 point into the data and are never written
  unsigned instructions = 0, compressed = 0;
};

/// About `length` instructions: ALU, M, compressed, LUI/AUIPC, loads and stores, forward branches, JAL and JALR.
RandomProgram make_random_program(Random& random, unsigned length);

}  // namespace touchstone::models
