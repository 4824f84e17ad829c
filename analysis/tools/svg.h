// What the pictures share.
#pragma once

#include <cstdio>
#include <string>

namespace touchstone::tools {

/// At most 511 characters, as printf writes them.
template <typename... Values>
void put(std::string& out, const char* format, Values... values) {
  char text[512];
  std::snprintf(text, sizeof text, format, values...);
  out += text;
}

}  // namespace touchstone::tools
