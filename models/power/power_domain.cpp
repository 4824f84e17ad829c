#include "power/power_domain.h"

#include <string>

#include "bus/time.h"
#include "contract/events.h"
#include "contract/register_tables.h"

namespace touchstone::models {

namespace {
std::string name_of(contract::sysctl::Cause cause) {
  for (const contract::ValueName& v : contract::kSysctlCauseNames)
    if (v.value == static_cast<std::uint32_t>(cause)) return std::string(v.name);
  return "unknown";
}
}  // namespace

void PowerDomain::on(contract::sysctl::Cause cause) {
  if (on_) return;
  on_ = true;
  if (events_ != nullptr) events_->emit(to_ns(sc_core::sc_time_stamp()), events::PowerOn{name_of(cause)});
  for (Powered* part : parts_) part->power_on();
}

void PowerDomain::cut() {
  if (!on_) return;
  on_ = false;
  for (auto part = parts_.rbegin(); part != parts_.rend(); ++part) (*part)->power_off();
  if (events_ != nullptr) events_->emit(to_ns(sc_core::sc_time_stamp()), events::PowerOff{});
}

void PowerDomain::reset() {
  cut();
  on(contract::sysctl::Cause::kSoftware);
}

}  // namespace touchstone::models
