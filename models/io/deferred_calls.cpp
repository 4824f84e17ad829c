#include "io/deferred_calls.h"

#include <algorithm>
#include <utility>

namespace touchstone::models {

DeferredCalls::DeferredCalls(sc_core::sc_module_name name) : sc_module(name) {
  SC_HAS_PROCESS(DeferredCalls);
  SC_METHOD(run_due);
  sensitive << due_;
  dont_initialize();
}

void DeferredCalls::at(sc_core::sc_time when, std::function<void()> call) {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  when = std::max(when, now);
  const auto later = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.when > when; });
  entries_.insert(later, {when, std::move(call)});
  due_.notify(entries_.front().when - now);
}

void DeferredCalls::clear() {
  entries_.clear();
  due_.cancel();
}

void DeferredCalls::run_due() {
  const sc_core::sc_time now = sc_core::sc_time_stamp();
  while (!entries_.empty() && entries_.front().when <= now) {
    const std::function<void()> call = std::move(entries_.front().call);
    entries_.pop_front();
    call();
  }
  if (!entries_.empty()) due_.notify(entries_.front().when - now);
}

}  // namespace touchstone::models
