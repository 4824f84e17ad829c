// Accelerators that are not constant-time: short edits of the real one's sources, made in a work folder.
#pragma once

#include <span>

namespace touchstone::rtl_tools {

struct Edit {
  const char* file;    ///< name without folder
  const char* before;  ///< stands there exactly once
  const char* after;
};
struct Mutant {
  const char* name;
  const char* operation;  ///< in which it shows
  bool by_address;        ///< shows in the addresses of registers, and nowhere else
  std::span<const Edit> edits;
};

/// In every mutant: the lowest bit of the scalar in slot A, as it was written, is at hand in the control part.
std::span<const Edit> tap();
std::span<const Mutant> mutants();

}  // namespace touchstone::rtl_tools
