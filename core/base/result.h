// Result<T>: a value or an Error, for bad input, a bad peer or a failed device. Freestanding: no exceptions, no heap.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "base/check.h"

namespace touchstone {

enum class ErrorCode : std::uint8_t {
  kBadFormat = 1,     // the bytes do not parse
  kOutOfRange,        // a number, scalar or coordinate is not allowed
  kNotOnCurve,        // a point is not on secp256k1
  kInfinity,          // the point at infinity where it is not allowed
  kTooLarge,          // does not fit the buffer or the limit
  kBadSignature,      // a signature or partial signature does not verify
  kMismatch,          // two things that must be equal are not
  kNoMatch,           // the biometric does not open the record
  kPoorQuality,       // the image is not usable
  kTimeout,
  kAborted,           // the other side or the user ended it
  kDevice,            // a peripheral failed or misbehaved
  kState,             // not now: the session or device is in another state
  kUnsupported,
  kNoDisplay,         // the display is not connected
  kStorage,           // the flash does not keep what is written
};
/// Short name of a code, for logs and events: "bad_format", ...
const char* to_string(ErrorCode code);

struct Error {
  ErrorCode code;
  const char* what;  // a literal; says what was wrong, never holds secret data
};

template <typename T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(std::move(value)) {}        // NOLINT: implicit by design
  constexpr Result(Error error) : error_(error) {}               // NOLINT
  constexpr bool ok() const { return value_.has_value(); }
  constexpr explicit operator bool() const { return ok(); }
  constexpr T& value() & {
    TS_CHECK(ok(), "value() of an error");
    return *value_;
  }
  constexpr const T& value() const& {
    TS_CHECK(ok(), "value() of an error");
    return *value_;
  }
  constexpr T&& value() && {
    TS_CHECK(ok(), "value() of an error");
    return std::move(*value_);
  }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }
  constexpr Error error() const {
    TS_CHECK(!ok(), "error() of a value");
    return error_;
  }

 private:
  std::optional<T> value_;
  Error error_{};
};

template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() = default;
  constexpr Result(Error error) : error_(error), ok_(false) {}  // NOLINT: implicit by design
  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }
  constexpr Error error() const {
    TS_CHECK(!ok_, "error() of a success");
    return error_;
  }

 private:
  Error error_{};
  bool ok_ = true;
};
using Status = Result<void>;

}  // namespace touchstone

/// Return the error of `expr` (a Result) to the caller, or go on.
#define TS_RETURN_IF_ERROR(expr)                                \
  do {                                                          \
    if (auto ts_result = (expr); !ts_result) return ts_result.error(); \
  } while (false)

/// target = value of `expr` (a Result), or return its error to the caller.
#define TS_ASSIGN_OR_RETURN(target, expr)           \
  do {                                              \
    auto ts_result = (expr);                        \
    if (!ts_result) return ts_result.error();       \
    (target) = *ts_result;                          \
  } while (false)
