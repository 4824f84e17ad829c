// Moving from what several parties hold in common - shares of an epoch, a set-up - to what takes its place, though any
// of them may die at any message, and one of them may lie, to each what it likes. A party that has made the new keeps
// the old beside it and takes it up only when it knows that nobody lacks it.
//
//   run ends   store next (current stays), durably: no loss of power takes it back once Held has named it
//   meeting    everybody -> all: Held
//              everybody -> all: view_digest() of all Held that it has heard
//              then each does as decide() says, and begins nothing else before
//
// The first meeting is right after the run. Only a meeting of everybody in which all digests are equal erases anything:
// those who are honest then decide from one view, though not all of them may live to act on it. Who has taken next up
// knows that the honest held it, so none whom it meets later can lack it; and who drops next knows of one who lacks it,
// so nobody honest can have taken it up. A liar who tells two of them different things only keeps both as they were.
// Any other meeting, of some or without agreement, erases nothing: it uses what all present hold. A run that makes a
// next begins only in an agreed meeting of everybody, which leaves none. Freestanding.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/check.h"
#include "mpc_session/parties.h"
#include "mpc_session/transcript.h"

namespace touchstone::mpc {

/// What a party has stored for good, each by a digest that is the same at all who hold it. Who hands on its share stores the digest too.
struct Held {
  std::optional<ByteArray<32>> current, next;
  bool operator==(const Held&) const = default;
};

enum class Switch : std::uint8_t {
  kKeep,     ///< what there is stays; current is what is used
  kUseNext,  ///< what there is stays; next is what is used until the next meeting: somebody present has it in use
  kTakeUp,   ///< next becomes current, in one step that a loss of power does not divide; the old one is erased
  kDrop,     ///< next is erased: somebody lacks it
  kApart,    ///< somebody holds what cannot be: a storage was set back. Nothing is erased
};

/// What a party has heard in a meeting, to be compared with what the others have. `meeting`: digest of fresh bytes of
/// all, so that no digest serves another meeting; `held`: of `parties`, in their order, the own one too.
inline ByteArray<32> view_digest(const ByteArray<32>& meeting, const Parties& parties, std::span<const Held> held) {
  TS_CHECK(held.size() == parties.size(), "one of each");
  Transcript out("touchstone/mpc/meeting");
  out.add(meeting).add(parties);
  for (const Held& h : held)
    for (const auto* thing : {&h.current, &h.next}) out.add(*thing ? Bytes(**thing) : Bytes());
  return out.digest();
}

/// Of one meeting: what the others have said in it over channels that are theirs alone. `agreed`: nobody is absent who
/// holds, or should hold, either of the things, and all have sent the same view_digest(); else nothing is erased.
inline Switch decide(const Held& own, std::span<const Held> others, bool agreed) {
  const auto all = [&](auto&& test) { return std::all_of(others.begin(), others.end(), test); };
  const bool all_hold_next = own.next && all([&](const Held& h) { return h.current == own.next || h.next == own.next; });
  const bool taken_up = own.next && !all([&](const Held& h) { return h.current != own.next; });
  if (taken_up && !all_hold_next) return Switch::kApart;
  if (agreed && all_hold_next) return Switch::kTakeUp;
  if (taken_up) return Switch::kUseNext;
  // Whoever is new holds nothing yet.
  const auto together = [&](const Held& h) {
    return !h.current || !own.current || h.current == own.current || h.next == own.current;
  };
  if (!all(together)) return Switch::kApart;
  return own.next && agreed ? Switch::kDrop : Switch::kKeep;
}

}  // namespace touchstone::mpc
