// Work that several machines or cores share.
#pragma once

#include <cstdint>
#include <string>

#include "options.h"

namespace touchstone::rtl_tools {

/// Of the items 0, 1, 2, ... those with index mod `of` = number - 1.
struct Shard {
  std::uint64_t number = 1, of = 1;
  std::uint64_t index(std::uint64_t i) const { return i * of + number - 1; }
  /// How many of the first `items` are its own.
  std::uint64_t share(std::uint64_t items) const { return (items + of - number) / of; }
  bool operator==(const Shard&) const = default;
};

/// The argument of --shard; throws UsageError.
inline Shard shard_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  const auto number = parse_number(text.substr(0, slash)),
             of = slash == std::string::npos ? std::nullopt : parse_number(text.substr(slash + 1));
  if (!number || !of || *number < 1 || *number > *of || *of > 100'000)
    throw UsageError("--shard: I/N with I from 1 to N, not '" + text + "'");
  return {*number, *of};
}

}  // namespace touchstone::rtl_tools
