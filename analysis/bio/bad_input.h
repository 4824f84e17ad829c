// What the verbs of touchstone-bio throw; main prints it and exits with 2. The message says what, where and what to do.
#pragma once

#include <stdexcept>

namespace touchstone::bio {

struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace touchstone::bio
