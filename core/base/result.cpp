#include "base/result.h"

namespace touchstone {

const char* to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBadFormat: return "bad_format";
    case ErrorCode::kOutOfRange: return "out_of_range";
    case ErrorCode::kNotOnCurve: return "not_on_curve";
    case ErrorCode::kInfinity: return "infinity";
    case ErrorCode::kTooLarge: return "too_large";
    case ErrorCode::kBadSignature: return "bad_signature";
    case ErrorCode::kMismatch: return "mismatch";
    case ErrorCode::kNoMatch: return "no_match";
    case ErrorCode::kPoorQuality: return "poor_quality";
    case ErrorCode::kTimeout: return "timeout";
    case ErrorCode::kAborted: return "aborted";
    case ErrorCode::kDevice: return "device";
    case ErrorCode::kState: return "state";
    case ErrorCode::kUnsupported: return "unsupported";
    case ErrorCode::kNoDisplay: return "no_display";
    case ErrorCode::kStorage: return "storage";
  }
  return "unknown";
}

}  // namespace touchstone
