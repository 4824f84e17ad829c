// MemoryScanner: looks for secrets in anything that is bytes, in the shapes in which software leaves them behind.
//
// Encodings: exact, whole value reversed, 32-bit words swapped, hexadecimal (both cases), Base64 (three alignments),
// shifted by 1 to 7 bits. A piece is enough: kMinMatch_bytes of a random value in one place.
//
// False alarms: a window of 8 bytes of a random value meets unrelated bytes with probability 2^-64; with 2^15 windows of all
// secrets and encodings against 2^22 positions that is below 2^-26 a run. Windows with fewer than kMinDistinct different
// bytes are not looked for, and of images and features, which are not random, kMinSampleMatch_bytes must agree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace touchstone::sim {

struct Find {
  std::string secret, place, encoding;
  std::size_t offset_bytes = 0;  ///< in the place
  std::size_t size_bytes = 0;    ///< how much of it, as encoded
  bool operator==(const Find&) const = default;
};

/// Host memory that holds secrets only as long as it must: everything given to it is wiped at its end.
class MemoryScanner {
 public:
  static constexpr std::size_t kWindow_bytes = 8;
  static constexpr std::size_t kMinMatch_bytes = 8;         ///< of a random value
  static constexpr std::size_t kMinSampleMatch_bytes = 16;  ///< of an image or a feature
  static constexpr std::size_t kSampleStride_bytes = 16;    ///< so every piece of 31 bytes is found
  static constexpr int kMinDistinct = 5;
  static constexpr std::size_t kMaxFinds = 100;             ///< of one place

  enum class Kind {
    kRandom,   ///< key, seed, nonce: any 8 bytes of it betray it
    kSamples,  ///< pixels, features: neighbours resemble each other
  };

  MemoryScanner() = default;
  ~MemoryScanner();
  MemoryScanner(const MemoryScanner&) = delete;
  MemoryScanner& operator=(const MemoryScanner&) = delete;

  /// A value shorter than kWindow_bytes, or one without enough different bytes, is not looked for.
  void add(const std::string& secret, Bytes value, Kind kind = Kind::kRandom);
  /// Appends what is found in `memory`. Neighbouring windows of one piece are one find.
  void scan(std::string_view place, Bytes memory, std::vector<Find>& finds);

  /// Values that are looked for, and their names.
  std::size_t needles() const { return secrets_.size(); }
  const std::vector<std::string>& secrets() const { return secrets_; }
  std::uint64_t bytes_searched() const { return bytes_searched_; }

 private:
  struct Pattern {
    std::string secret;
    const char* encoding;
    std::vector<std::uint8_t> bytes;
    std::size_t min_match_bytes;
  };
  struct Window {
    std::uint64_t value;
    std::uint32_t pattern;  // kFree: no window here
    std::uint32_t offset;
  };
  static constexpr std::uint32_t kFree = 0xFFFFFFFF;
  void add_pattern(const std::string& secret, const char* encoding, std::vector<std::uint8_t> bytes, std::size_t min_match_bytes, std::size_t stride_bytes);
  void build();

  std::vector<Pattern> patterns_;
  std::vector<Window> windows_;        // as they were added
  std::vector<Window> table_;          // open addressing, a power of two
  std::vector<std::uint64_t> filter_;  // one bit for each hash of a window
  bool built_ = false;
  std::vector<std::string> secrets_;
  std::uint64_t bytes_searched_ = 0;
};

}  // namespace touchstone::sim
