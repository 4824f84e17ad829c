#include "sim/director.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/events.h"
#include "sim/event_log.h"

namespace touchstone::sim {
namespace {

EventPattern phase(const char* name) { return {events::McuPhase::kName.data(), {{"phase", name}}, "test.yaml:7"}; }

Step step_on(const char* phase_name, std::int64_t after_ns) {
  Step step;
  step.on = phase(phase_name);
  step.after_ns = after_ns;
  step.place = "test.yaml:3";
  return step;
}

/// A world that says "phase: P" whenever the director acts, `delay` later.
struct Stage {
  Scenario scenario;
  EventLog log;
  std::vector<std::int64_t> performed_ns;

  Stage() {
    scenario.file = "test.yaml";
    scenario.timeout_ns = 1'000'000'000;
    scenario.settle_ns = 1'000'000;
  }
  Verdict play(std::vector<std::pair<std::int64_t, std::string>> phases) {
    Director director("director", scenario, log, [&](const Action&) { performed_ns.push_back(now()); });
    log.observe([&](std::int64_t t, std::string_view n, const std::vector<EventField>& f) { director.observe(t, n, f); });
    sc_core::sc_start(sc_core::SC_ZERO_TIME);  // the director's processes wait
    director.start();
    std::int64_t at = 0;
    for (const auto& [time_ns, name] : phases) {
      sc_core::sc_start(sc_core::sc_time(static_cast<double>(time_ns - at), sc_core::SC_NS));
      at = time_ns;
      log.emit(time_ns, events::McuPhase{name});
    }
    sc_core::sc_start(sc_core::sc_time(2, sc_core::SC_SEC));
    return director.verdict();
  }
  static std::int64_t now() { return static_cast<std::int64_t>(sc_core::sc_time_stamp() / sc_core::sc_time(1, sc_core::SC_NS)); }
};

TEST(Director, ReactsToAnEventAfterTheGivenTime) {
  Stage stage;
  stage.scenario.steps.push_back(step_on("user", 500));
  stage.scenario.expectations = {{phase("user"), false, 1, {}}};
  EXPECT_TRUE(stage.play({{100, "boot"}, {2000, "user"}, {9000, "user"}}).pass);
  EXPECT_THAT(stage.performed_ns, testing::ElementsAre(2500));
}

TEST(Director, NamesTheFirstUnmetExpectation) {
  Stage stage;
  stage.scenario.expectations = {{phase("boot"), false, 1, {}}, {phase("secret"), false, 1, {}}};
  const Verdict verdict = stage.play({{100, "boot"}});
  EXPECT_FALSE(verdict.pass);
  EXPECT_THAT(verdict.reason, testing::AllOf(testing::StartsWith("test.yaml:7: "), testing::HasSubstr("mcu.phase phase=secret"), testing::HasSubstr("did not happen until ")));
}

TEST(Director, CatchesWhatMustNeverHappen) {
  Stage stage;
  stage.scenario.expectations = {{phase("secret"), true, 1, {}}};
  stage.scenario.settle_ns = 1'000'000;
  const Verdict verdict = stage.play({{2000, "secret"}});
  EXPECT_FALSE(verdict.pass);
  EXPECT_THAT(verdict.reason, testing::HasSubstr("must never happen, but did at 0.000002 s"));
}

TEST(Director, HoldsEventsToTheirDeadlineAndCount) {
  Stage stage;
  stage.scenario.expectations = {{phase("user"), false, 2, 5000}};
  const Verdict verdict = stage.play({{1000, "user"}, {6000, "user"}});
  EXPECT_FALSE(verdict.pass);
  EXPECT_THAT(verdict.reason, testing::HasSubstr("later than 0.000005 s"));
}

TEST(Director, AStepThatNeverCameIsAFailure) {
  Stage stage;
  stage.scenario.steps.push_back(step_on("features", 0));
  stage.scenario.expectations = {{phase("user"), false, 1, {}}};
  const Verdict verdict = stage.play({{1000, "user"}});
  EXPECT_FALSE(verdict.pass);
  EXPECT_THAT(verdict.reason, testing::StartsWith("test.yaml:3: step 1 was never carried out"));
}

}  // namespace
}  // namespace touchstone::sim
