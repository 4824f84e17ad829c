// Moving from what several parties hold in common - shares of an epoch, a set-up - to what takes its place, though any
// of them may die at any message. A party that has made the new keeps the old beside it and takes it up only when it
// knows that nobody lacks it.
//
//   run ends   store next (current stays)
//   meeting    everybody -> all: Held; then each does as decide() says, and begins nothing else before
//
// The first meeting is right after the run. Who has taken next up has heard from all others that they hold it, so nobody
// whom it meets later can lack it; and who drops next has heard from somebody who lacks it, so nobody can have taken it
// up. Freestanding.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace touchstone::mpc {

/// What a party has stored, each by a digest that is the same at all who hold it. Who hands on its share stores the digest too.
struct Held {
  std::optional<ByteArray<32>> current, next;
  bool operator==(const Held&) const = default;
};

enum class Switch : std::uint8_t {
  kKeep,    ///< what there is stays; current is what is used
  kTakeUp,  ///< next becomes current, in one step that a loss of power does not divide; the old one is erased
  kDrop,    ///< next is erased: somebody lacks it
  kApart,   ///< somebody holds what cannot be: a storage was set back. Nothing is erased
};

/// Of one meeting: what the others have said in it over channels that are theirs alone. `everybody`: none is absent who
/// holds, or should hold, either of the things; else nothing changes but that a party takes up what another already has.
inline Switch decide(const Held& own, std::span<const Held> others, bool everybody = true) {
  const auto all = [&](auto&& test) { return std::all_of(others.begin(), others.end(), test); };
  const bool all_hold_next = own.next && all([&](const Held& h) { return h.current == own.next || h.next == own.next; });
  const bool taken_up = own.next && !all([&](const Held& h) { return h.current != own.next; });
  if (taken_up && !all_hold_next) return Switch::kApart;
  if (taken_up || (everybody && all_hold_next)) return Switch::kTakeUp;
  // Whoever is new holds nothing yet.
  const auto together = [&](const Held& h) {
    return !h.current || !own.current || h.current == own.current || h.next == own.current;
  };
  if (!all(together)) return Switch::kApart;
  return own.next && everybody ? Switch::kDrop : Switch::kKeep;
}

}  // namespace touchstone::mpc
