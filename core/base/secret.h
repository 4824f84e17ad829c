// Secret<N>: N secret bytes that are wiped, never copied, compared or printed by accident. Freestanding.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace touchstone {

/// Overwrites memory in a way the compiler cannot drop.
void wipe(void* data, std::size_t size_bytes);

template <std::size_t N>
class Secret {
 public:
  Secret() = default;
  ~Secret() { wipe(bytes_.data(), N); }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_.data(), N); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_.data(), N);
    }
    return *this;
  }
  bool operator==(const Secret&) const = delete;

  static constexpr std::size_t size() { return N; }
  /// The bytes themselves; the name makes every use easy to find in review.
  MutableBytes expose() { return bytes_; }
  Bytes expose() const { return bytes_; }
  void wipe_now() { wipe(bytes_.data(), N); }

 private:
  ByteArray<N> bytes_{};
};

/// Wipes an object of plain data when it goes out of scope, whatever way that is left.
template <typename T>
class WipeAtExit {
 public:
  explicit WipeAtExit(T& value) : value_(value) {}
  ~WipeAtExit() { wipe(&value_, sizeof(value_)); }
  WipeAtExit(const WipeAtExit&) = delete;
  WipeAtExit& operator=(const WipeAtExit&) = delete;

 private:
  T& value_;
};

/// Equality in time that depends on the sizes alone.
bool equal_constant_time(Bytes a, Bytes b);

}  // namespace touchstone
