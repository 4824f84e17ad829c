// Why a picture gives no vector, or a file of a model none: in one word for programs and tests, and in a sentence for people.
#pragma once

#include <stdexcept>
#include <string>

namespace touchstone::face {

enum class Reason {
  kUnreadable,   ///< no such file, no picture or video, or a damaged one
  kNoFace,
  kTwoFaces,     ///< or more: whose is meant?
  kTiny,         ///< eyes too near each other for the embedder
  kBlurred,
  kDark,         ///< or without contrast
  kBright,
  kTurned,       ///< too far to a side, up or down
  kUpsideDown,   ///< or lying on a side
  kModel,        ///< a model's file is missing, altered, or of another shape
};
/// "no_face", ...
const char* to_string(Reason reason);

/// Thrown by everything in this folder; what() says what, where and what to do.
struct Refused : std::runtime_error {
  Refused(Reason why, const std::string& text) : std::runtime_error(text), reason(why) {}
  Reason reason;
};

}  // namespace touchstone::face
