#include "sim/director.h"

#include <algorithm>
#include <cstdio>

#include "contract/events.h"

namespace touchstone::sim {
namespace {

sc_core::sc_time nanoseconds(std::int64_t n) { return sc_core::sc_time(static_cast<double>(n), sc_core::SC_NS); }

std::int64_t now_ns() { return static_cast<std::int64_t>(sc_core::sc_time_stamp() / sc_core::sc_time(1, sc_core::SC_NS)); }

}  // namespace

std::string show_time(std::int64_t time_ns) {
  const char* sign = time_ns < 0 ? "-" : "";
  const std::int64_t us = (time_ns < 0 ? -time_ns : time_ns) / 1000;
  char text[40];
  std::snprintf(text, sizeof text, "%s%lld.%06lld s", sign, static_cast<long long>(us / 1000000), static_cast<long long>(us % 1000000));
  return text;
}

Director::Director(sc_core::sc_module_name name, const Scenario& scenario, EventSink& events, Perform perform)
    : sc_module(name), scenario_(scenario), events_(events), perform_(std::move(perform)) {
  SC_HAS_PROCESS(Director);
  SC_THREAD(run);
  SC_THREAD(watch);
}

void Director::start() {
  started_ = true;
  tallies_.resize(scenario_.expectations.size());
  zero_ns_ = now_ns();
  start_.notify(sc_core::SC_ZERO_TIME);
}

std::int64_t Director::since_zero_ns() const { return now_ns() - zero_ns_; }

void Director::observe(std::int64_t time_ns, std::string_view name, const std::vector<EventField>& fields) {
  if (!started_) return;
  // The processor may be ahead of the kernel's clock: react at the event's own time.
  const sc_core::sc_time delay = nanoseconds(std::max<std::int64_t>(0, time_ns - now_ns()));
  if (armed_ != nullptr && armed_->matches(name, fields)) {
    armed_ = nullptr;
    matched_.notify(delay);
  }
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const Expectation& e = scenario_.expectations[i];
    if (!e.pattern.matches(name, fields)) continue;
    Tally& tally = tallies_[i];
    ++tally.seen;
    if (!tally.reached_ns && tally.seen >= (e.never ? 1 : e.count)) {
      tally.reached_ns = time_ns - zero_ns_;
      progress_.notify(delay);
    }
  }
  if (!broken_.empty()) return;
  if (name == events::McuExit::kName) broken_ = "the firmware ended at " + show_time(time_ns - zero_ns_);
  if (name == events::WalletProgram::kName) {
    const std::string state(std::get<std::string_view>(fields[0].value)), why(std::get<std::string_view>(fields[1].value));
    if (state == "crashed" || state == "hung" || state == "garbage") broken_ = "the wallet's program " + state + " at " + show_time(time_ns - zero_ns_) + ": " + why;
  }
  if (broken_.empty()) return;
  broken_event_ = name;
  broken_at_ns_ = time_ns - zero_ns_;
  broken_expected_ = std::any_of(scenario_.expectations.begin(), scenario_.expectations.end(), [&](const Expectation& e) { return !e.never && e.pattern.matches(name, fields); });
}

void Director::run() {
  wait(start_);
  for (const Step& step : scenario_.steps) {
    if (step.on) {
      armed_ = &*step.on;
      wait(matched_);
    } else if (step.at_ns && *step.at_ns > since_zero_ns()) {
      wait(nanoseconds(*step.at_ns - since_zero_ns()));
    }
    if (step.after_ns > 0) wait(nanoseconds(step.after_ns));
    events_.emit(now_ns(), events::ScenarioStep{static_cast<std::int64_t>(next_step_ + 1), step.action.description});
    ++next_step_;
    perform_(step.action);
  }
  progress_.notify(sc_core::SC_ZERO_TIME);
}

bool Director::satisfied() const {
  if (next_step_ < scenario_.steps.size()) return false;
  for (std::size_t i = 0; i < tallies_.size(); ++i)
    if (!scenario_.expectations[i].never && !tallies_[i].reached_ns) return false;
  return true;
}

void Director::watch() {
  wait(start_);
  const std::int64_t end_ns = scenario_.timeout_ns;
  while (!satisfied() && since_zero_ns() < end_ns) wait(nanoseconds(end_ns - since_zero_ns()), progress_);
  if (since_zero_ns() < end_ns) wait(nanoseconds(std::min(scenario_.settle_ns, end_ns - since_zero_ns())));
  finished_.notify(sc_core::SC_ZERO_TIME);
}

Verdict Director::verdict() const {
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const Expectation& e = scenario_.expectations[i];
    const Tally& tally = tallies_[i];
    const std::string what = e.pattern.place + ": ";
    if (e.never && tally.reached_ns) return {false, what + "'" + e.pattern.to_string() + "' must never happen, but did at " + show_time(*tally.reached_ns), Verdict::Unmet::kForbidden, e.pattern, tally.reached_ns};
    if (e.never) continue;
    if (!tally.reached_ns) {
      const std::string times = e.count > 1 ? ", seen " + std::to_string(tally.seen) + " of " + std::to_string(e.count) + " times" : "";
      return {false, what + "'" + e.pattern.to_string() + "' did not happen until " + show_time(since_zero_ns()) + times, Verdict::Unmet::kMissing, e.pattern};
    }
    if (e.within_ns && *tally.reached_ns > *e.within_ns)
      return {false, what + "'" + e.pattern.to_string() + "' happened at " + show_time(*tally.reached_ns) + ", later than " + show_time(*e.within_ns), Verdict::Unmet::kLate, e.pattern, tally.reached_ns};
  }
  if (next_step_ < scenario_.steps.size()) {
    const Step& step = scenario_.steps[next_step_];
    return {false, step.place + ": step " + std::to_string(next_step_ + 1) + " was never carried out" +
                       (step.on ? ": '" + step.on->to_string() + "' did not happen until " + show_time(since_zero_ns()) : ""),
            Verdict::Unmet::kStep, step.on.value_or(EventPattern{})};
  }
  if (!broken_.empty() && !broken_expected_) return {false, scenario_.file + ": " + broken_, Verdict::Unmet::kForbidden, {broken_event_, {}, scenario_.file}, broken_at_ns_};
  return {true, ""};
}

std::vector<ExpectationOutcome> Director::outcomes() const {
  std::vector<ExpectationOutcome> out;
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const Expectation& e = scenario_.expectations[i];
    const Tally& tally = tallies_[i];
    const bool met = e.never ? !tally.reached_ns : tally.reached_ns && (!e.within_ns || *tally.reached_ns <= *e.within_ns);
    out.push_back({e.pattern.to_string(), e.pattern.place, e.never, met, e.count, tally.seen, e.within_ns, tally.reached_ns});
  }
  return out;
}

}  // namespace touchstone::sim
