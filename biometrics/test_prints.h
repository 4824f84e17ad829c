// Prints for tests: generated fingers and what the extractor makes of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "biometrics/converter.h"
#include "fingers/finger.h"

namespace touchstone::biometrics::test {

inline Result<Quality> extract(const GreyImage& image, Feature& out) {
  const auto width = static_cast<std::uint16_t>(image.width_px);
  const auto height = static_cast<std::uint16_t>(image.height_px);
  std::vector<std::uint64_t> work(Extractor::work_bytes(width, height) / 8 + 1);
  return Extractor().extract({image.pixels, width, height},
                             MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8), out);
}

inline GreyImage touch(const fingers::Finger& finger, SeedTree seed, std::uint64_t index, int side_px = 300) {
  return fingers::impression(finger, fingers::Conditions::draw(seed.child("touch").child(index)), side_px, side_px);
}

}  // namespace touchstone::biometrics::test
