// Touches of generated fingers as the network sees them, with the truth of every minutia; and the cache that keeps them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "nets/experiment.h"
#include "nets/front_end.h"

namespace touchstone::nets {

/// One minutia as it lies in a cache file.
struct MinutiaRecord {
  std::int16_t x_q2 = 0, y_q2 = 0;                ///< in the picture, quarters of a pixel
  std::int16_t finger_x_px = 0, finger_y_px = 0;  ///< the same skin on the finger
  std::uint8_t direction = 0, finger_direction = 0;  ///< 256 = a full turn, clockwise from x
  std::uint8_t quality = 0, reserved = 0;
  std::int8_t patch[kPatchSamples] = {};
};
static_assert(sizeof(MinutiaRecord) == 12 + kPatchSamples && alignof(MinutiaRecord) == 2);

struct Touch {
  std::uint32_t finger = 0;
  std::uint8_t kind = 0;  ///< prints::SensorKind
  std::span<const MinutiaRecord> minutiae;  ///< best first; empty: no usable print
};

class TouchSet {
 public:
  const std::vector<Touch>& touches() const { return touches_; }
  /// Copies the minutiae.
  void add(std::uint32_t finger, std::uint8_t kind, std::span<const MinutiaRecord> minutiae);
  /// `minutiae` lie in `owner`.
  void add(Touch touch, std::shared_ptr<const void> owner);

 private:
  std::vector<Touch> touches_;
  std::vector<std::shared_ptr<const void>> owners_;
};

/// What `front_end` and the generator make of a few pictures, as a digest: tells whether a cache is of this program.
std::string front_end_digest(const FrontEnd& front_end);

/// The touches of `data` from `folder`; what is missing there is made with `threads` threads and kept. One file for every 25
/// fingers, each a function of the data's settings alone, written as a whole: a killed run goes on, other settings or another
/// front end use other files. `progress` is called from one thread at a time with touches done, of them found ready, all.
/// Throws BadInput.
using CacheProgress = std::function<void(std::size_t done, std::size_t ready, std::size_t all)>;
TouchSet open_touches(const Experiment::Data& data, const FrontEnd& front_end, const std::filesystem::path& folder, int threads, const CacheProgress& progress = {});

}  // namespace touchstone::nets
