// Every way in which three parties can die between runs and meetings, all of them.
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
        for (std::size_t i = 0; i < kParties; ++i) {
          if (i == absent || !(alive >> i & 1)) continue;
          const Switch decision = decision_of(state, i, absent);
          ASSERT_NE(decision, Switch::kApart);
          act(next[i], decision);
        }
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

TEST(MpcSwitch, NewPartiesAndThoseWhoLeaveMeetTheOthers) {
  const Held stays{thing(1), thing(2)}, joins{std::nullopt, thing(2)}, lacks{thing(1), std::nullopt};
  EXPECT_EQ(decide(stays, std::array{stays, joins}), Switch::kTakeUp);
  EXPECT_EQ(decide(joins, std::array{stays, stays}), Switch::kTakeUp);
  EXPECT_EQ(decide(stays, std::array{joins, lacks}), Switch::kDrop);
  EXPECT_EQ(decide(joins, std::array{stays, lacks}), Switch::kDrop);
  EXPECT_EQ(decide(lacks, std::array{joins, stays}), Switch::kKeep);
}

TEST(MpcSwitch, WhoWasSetBackIsFoundAndNothingErased) {
  const Held old{thing(1), std::nullopt}, taken_up{thing(2), std::nullopt}, between{thing(1), thing(2)}, other{thing(1), thing(3)};
  EXPECT_EQ(decide(old, std::array{taken_up}), Switch::kApart);
  EXPECT_EQ(decide(taken_up, std::array{old}), Switch::kApart);
  EXPECT_EQ(decide(between, std::array{taken_up, old}), Switch::kApart);
  EXPECT_EQ(decide(other, std::array{taken_up}), Switch::kApart);
  EXPECT_EQ(decide(between, std::array{taken_up}), Switch::kTakeUp);
  EXPECT_EQ(decide(taken_up, std::array{between}), Switch::kKeep);
  EXPECT_EQ(decide(between, std::array{other}), Switch::kDrop) << "two runs, neither of them at both";
  EXPECT_EQ(decide(between, std::array{between}, false), Switch::kKeep) << "a third may lack it";
  EXPECT_EQ(decide(between, std::array{old}, false), Switch::kKeep) << "nor does one who lacks it prove that nobody has taken it up";
  EXPECT_EQ(decide(between, std::array{taken_up}, false), Switch::kTakeUp);
}

}  // namespace
}  // namespace touchstone::mpc
