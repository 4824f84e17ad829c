#include "power/battery.h"

#include "bus/time.h"
#include "contract/events.h"

namespace touchstone::models {

Battery::Battery(sc_core::sc_module_name name, EnergyMeter& meter, PowerDomain& power, EventSink* events)
    : sc_module(name), meter_(meter), power_(power), events_(events) {
  SC_HAS_PROCESS(Battery);
  SC_METHOD(end);
  sensitive << end_;
  dont_initialize();
}

void Battery::fill(double content_uj) {
  content_uj_ = content_uj;
  used_before_uj_ = meter_.used_uj(sc_core::sc_time_stamp());
  meter_.on_change = [this] { follow(); };
  follow();
}

double Battery::left_uj() const { return content_uj_ - (meter_.used_uj(sc_core::sc_time_stamp()) - used_before_uj_); }

void Battery::follow() {
  constexpr double kForeverNs = 1e15;  // eleven days: no scenario lasts so long
  end_.cancel();
  const double power_uw = meter_.power_uw();
  if (!power_.is_on() || power_uw <= 0) return;
  const double left_ns = left_uj() / power_uw * 1e9;
  if (left_ns > kForeverNs) return;
  const auto whole_ns = static_cast<std::uint64_t>(left_ns > 0 ? left_ns : 0) + 1;
  end_.notify(sc_core::sc_time::from_value(whole_ns * sc_core::sc_time(1, sc_core::SC_NS).value()));
}

void Battery::end() {
  const double used_uj = meter_.used_uj(sc_core::sc_time_stamp()) - used_before_uj_;
  if (!power_.is_on() || used_uj < content_uj_) return follow();
  if (events_ != nullptr) events_->emit(to_ns(sc_core::sc_time_stamp()), events::BatteryEmpty{static_cast<std::int64_t>(used_uj)});
  power_.cut();
}

}  // namespace touchstone::models
