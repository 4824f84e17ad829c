// Every way in which three parties can die between runs and meetings, or one of them lie to the other two.
#include "mpc_session/switch.h"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <vector>

namespace touchstone::mpc {
namespace {

constexpr std::size_t kParties = 3;
using State = std::array<Held, kParties>;

ByteArray<32> thing(std::uint8_t number) { return {number}; }
std::optional<ByteArray<32>> made_by(std::uint8_t run) { return thing(static_cast<std::uint8_t>(run + 1)); }

constexpr std::size_t kNobody = kParties;

Switch decision_of(const State& announced, std::size_t party, std::size_t absent = kNobody) {
  std::vector<Held> others;
  for (std::size_t i = 0; i < kParties; ++i)
    if (i != party && i != absent) others.push_back(announced[i]);
  return decide(announced[party], others, absent == kNobody);
}
void act(Held& held, Switch decision) {
  if (decision == Switch::kTakeUp) held.current = held.next;
  if (decision == Switch::kTakeUp || decision == Switch::kDrop) held.next.reset();
}

/// What is used until the next meeting.
std::optional<ByteArray<32>> used(const Held& held, Switch decision) {
  return decision == Switch::kTakeUp || decision == Switch::kUseNext ? held.next : held.current;
}

/// Meetings, of all or of two, and runs to a depth; before each step any of the parties dies: it has not stored, or not heard.
class EveryDeath {
 public:
  void explore(const State& state, std::uint8_t run, int depth) {
    ++visited;
    // From everywhere one meeting that nobody dies in brings all together: nobody is left with a share of its own.
    State met = state;
    for (std::size_t i = 0; i < kParties; ++i) {
      const Switch decision = decision_of(state, i);
      ASSERT_NE(decision, Switch::kApart);
      act(met[i], decision);
    }
    for (const Held& held : met) {
      ASSERT_EQ(held, met[0]);
      ASSERT_FALSE(held.next.has_value());
    }
    ends.insert(met[0].current);
    if (depth == 0) return;
    for (unsigned alive = 0; alive < 1u << kParties; ++alive) {
      for (std::size_t absent = 0; absent <= kNobody; ++absent) {
        State next = state;
        std::set<std::optional<ByteArray<32>>> in_use;
        for (std::size_t i = 0; i < kParties; ++i) {
          if (i == absent) continue;
          const Switch decision = decision_of(state, i, absent);
          ASSERT_NE(decision, Switch::kApart);
          in_use.insert(used(state[i], decision));
          if (alive >> i & 1) act(next[i], decision);
        }
        ASSERT_EQ(in_use.size(), 1u);
        ASSERT_TRUE(absent == kNobody || next == state) << "who is absent may need what would be erased";
        if (!(next == state)) explore(next, run, depth - 1);
      }
      // A run has all of them in it, so it begins when all have met; who is alive at its end has stored.
      State stored = met;
      for (std::size_t i = 0; i < kParties; ++i)
        if (alive >> i & 1) stored[i].next = made_by(run);
      explore(stored, static_cast<std::uint8_t>(run + 1), depth - 1);
    }
  }
  std::size_t visited = 0;
  std::set<std::optional<ByteArray<32>>> ends;
};

TEST(MpcSwitch, NobodyIsLeftBehindWhereverSomebodyDies) {
  for (const bool first : {true, false}) {
    EveryDeath all;
    State start{};
    if (!first)
      for (Held& held : start) held.current = thing(0xFF);
    all.explore(start, 0, 4);
    EXPECT_GT(all.visited, 5'000u);
    EXPECT_EQ(all.ends.size(), 5u) << "what was there, and what each run made";
  }
}

/// Two are honest and the third says to each what it likes, in what it holds and in its digest; and the two die as before.
class EveryLie {
 public:
  using Pair = std::array<Held, 2>;
  explicit EveryLie(bool echo) : echo_(echo) {
    const std::array<std::optional<ByteArray<32>>, 4> things = {std::nullopt, thing(0xFF), made_by(0), made_by(1)};
    for (const auto& current : things)
      for (const auto& next : things) lies_.push_back({current, next});
  }
  void explore(const Pair& pair, std::uint8_t run) {
    if (!seen_.insert(key(pair, run)).second) return;
    // Whatever the third has said, the two go on without it.
    const std::array alone = {decide(pair[0], std::array{pair[1]}, false), decide(pair[1], std::array{pair[0]}, false)};
    if (alone[0] == Switch::kApart || alone[1] == Switch::kApart || used(pair[0], alone[0]) != used(pair[1], alone[1])) {
      ++split;
      return;
    }
    if (!pair[0].next && !pair[1].next && run < kRuns)
      for (unsigned stored = 0; stored < 4; ++stored) {
        Pair next = pair;
        for (std::size_t i = 0; i < 2; ++i)
          if (stored >> i & 1) next[i].next = made_by(run);
        explore(next, static_cast<std::uint8_t>(run + 1));
      }
    for (const Held& to_first : lies_)
      for (const Held& to_second : lies_) meet(pair, {to_first, to_second}, run);
    // A meeting of one of the two with the liar erases nothing: no other state comes of it.
    for (const Held& lie : lies_)
      for (const Held& held : pair) {
        const Switch decision = decide(held, std::array{lie}, false);
        ASSERT_TRUE(decision != Switch::kTakeUp && decision != Switch::kDrop);
      }
  }
  std::size_t states() const { return seen_.size(); }
  std::size_t split = 0;

 private:
  static constexpr std::uint8_t kRuns = 2;
  using Key = std::array<std::uint8_t, 5>;
  static Key key(const Pair& pair, std::uint8_t run) {
    const auto number = [](const std::optional<ByteArray<32>>& thing) -> std::uint8_t { return thing ? (*thing)[0] : 0; };
    return {number(pair[0].current), number(pair[0].next), number(pair[1].current), number(pair[1].next), run};
  }
  void meet(const Pair& pair, const Pair& lies, std::uint8_t run) {
    const Parties parties = Parties::of(std::array<PartyId, 3>{1, 2, 3}).value();
    const auto view = [&](const Held& lie) { return view_digest({}, parties, std::array{pair[0], pair[1], lie}); };
    const bool agreed = !echo_ || view(lies[0]) == view(lies[1]);
    // The liar's own digest, or a death, keeps either from acting.
    for (unsigned acts = 0; acts < 4; ++acts) {
      Pair next = pair;
      for (std::size_t i = 0; i < 2; ++i)
        if (acts >> i & 1) act(next[i], decide(pair[i], std::array{pair[1 - i], lies[i]}, agreed));
      if (!(next == pair)) explore(next, run);
    }
  }
  const bool echo_;
  std::vector<Held> lies_;
  std::set<Key> seen_;
};

TEST(MpcSwitch, ALiarAmongThreeDoesNotSplitTheOthers) {
  for (const bool first : {true, false}) {
    EveryLie all(true);
    const Held start{first ? std::nullopt : std::optional(thing(0xFF)), std::nullopt};
    all.explore({start, start}, 0);
    EXPECT_EQ(all.split, 0u);
    EXPECT_GT(all.states(), 15u);
  }
}
TEST(MpcSwitch, ControlWithoutTheDigestsALiarSplitsThem) {
  EveryLie all(false);
  const Held start{thing(0xFF), std::nullopt};
  all.explore({start, start}, 0);
  EXPECT_GT(all.split, 0u);
}

TEST(MpcSwitch, TheDigestIsOfOneMeetingAndOneView) {
  const Parties parties = Parties::of(std::array<PartyId, 2>{1, 2}).value();
  const Held both{thing(1), thing(2)}, current{thing(1), std::nullopt}, next{std::nullopt, thing(1)};
  const ByteArray<32> view = view_digest({}, parties, std::array{both, current});
  EXPECT_EQ(view_digest({}, parties, std::array{both, current}), view);
  EXPECT_NE(view_digest({1}, parties, std::array{both, current}), view);
  EXPECT_NE(view_digest({}, parties, std::array{current, both}), view);
  EXPECT_NE(view_digest({}, parties, std::array{both, next}), view);
  EXPECT_NE(view_digest({}, Parties::of(std::array<PartyId, 2>{1, 3}).value(), std::array{both, current}), view);
}

TEST(MpcSwitch, NewPartiesAndThoseWhoLeaveMeetTheOthers) {
  const Held stays{thing(1), thing(2)}, joins{std::nullopt, thing(2)}, lacks{thing(1), std::nullopt};
  EXPECT_EQ(decide(stays, std::array{stays, joins}, true), Switch::kTakeUp);
  EXPECT_EQ(decide(joins, std::array{stays, stays}, true), Switch::kTakeUp);
  EXPECT_EQ(decide(stays, std::array{joins, lacks}, true), Switch::kDrop);
  EXPECT_EQ(decide(joins, std::array{stays, lacks}, true), Switch::kDrop);
  EXPECT_EQ(decide(lacks, std::array{joins, stays}, true), Switch::kKeep);
}

TEST(MpcSwitch, WhoWasSetBackIsFoundAndNothingErased) {
  const Held old{thing(1), std::nullopt}, taken_up{thing(2), std::nullopt}, between{thing(1), thing(2)}, other{thing(1), thing(3)};
  EXPECT_EQ(decide(old, std::array{taken_up}, true), Switch::kApart);
  EXPECT_EQ(decide(taken_up, std::array{old}, true), Switch::kApart);
  EXPECT_EQ(decide(between, std::array{taken_up, old}, true), Switch::kApart);
  EXPECT_EQ(decide(other, std::array{taken_up}, true), Switch::kApart);
  EXPECT_EQ(decide(between, std::array{taken_up}, true), Switch::kTakeUp);
  EXPECT_EQ(decide(taken_up, std::array{between}, true), Switch::kKeep);
  EXPECT_EQ(decide(between, std::array{other}, true), Switch::kDrop) << "two runs, neither of them at both";
  EXPECT_EQ(decide(between, std::array{between}, false), Switch::kKeep) << "a third may lack it";
  EXPECT_EQ(decide(between, std::array{old}, false), Switch::kKeep) << "nor does one who lacks it prove that nobody has taken it up";
  EXPECT_EQ(decide(between, std::array{taken_up}, false), Switch::kUseNext);
  EXPECT_EQ(decide(taken_up, std::array{between}, false), Switch::kKeep);
  EXPECT_EQ(decide(between, std::array{taken_up, old}, false), Switch::kApart);
}

}  // namespace
}  // namespace touchstone::mpc
