// What this module throws on bad files and settings; the message says what, where and what to do.
#pragma once

#include <stdexcept>

namespace touchstone::nets {

struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace touchstone::nets
