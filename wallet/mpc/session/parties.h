// Who takes part in a protocol. Freestanding.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "base/result.h"

namespace touchstone::mpc {

inline constexpr std::size_t kMaxParties = 16;
/// A party's number under one key, 1..255: the place of its Shamir share.
using PartyId = std::uint8_t;
/// As a receiver: the same message to all others. No party has this number.
inline constexpr PartyId kEverybody = 0;

/// Up to kMaxParties different numbers, ascending.
class Parties {
 public:
  Parties() = default;
  /// Errors: kOutOfRange (a number is 0 or not above the one before it), kTooLarge.
  static Result<Parties> of(std::span<const PartyId> ascending) {
    if (ascending.size() > kMaxParties) return Error{ErrorCode::kTooLarge, "more than 16 parties"};
    Parties out;
    for (const PartyId id : ascending) {
      if (id <= (out.size_ == 0 ? kEverybody : out.ids_[out.size_ - 1])) return Error{ErrorCode::kOutOfRange, "party numbers must ascend from 1"};
      out.ids_[out.size_++] = id;
    }
    return out;
  }

  std::size_t size() const { return size_; }
  PartyId operator[](std::size_t index) const { return ids_[index]; }
  const PartyId* begin() const { return ids_.data(); }
  const PartyId* end() const { return ids_.data() + size_; }
  /// Place of `id` among them.
  std::optional<std::size_t> index_of(PartyId id) const {
    const PartyId* at = std::find(begin(), end(), id);
    return at == end() ? std::nullopt : std::optional(static_cast<std::size_t>(at - begin()));
  }
  bool contains(PartyId id) const { return index_of(id).has_value(); }
  bool operator==(const Parties& other) const { return std::equal(begin(), end(), other.begin(), other.end()); }

 private:
  std::array<PartyId, kMaxParties> ids_{};
  std::size_t size_ = 0;
};

}  // namespace touchstone::mpc
