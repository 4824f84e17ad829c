// Battery: a supply that ends. It follows the energy meter and cuts the power at the very moment its content is used up.
#pragma once

#include <systemc.h>

#include "base/event.h"
#include "power/energy_meter.h"
#include "power/power_domain.h"

namespace touchstone::models {

/// Nothing happens before the first fill(). The moment follows from what the parts draw, not from when somebody looks: it is
/// computed anew whenever that changes, rounded up to a nanosecond.
class Battery : public sc_core::sc_module {
 public:
  Battery(sc_core::sc_module_name name, EnergyMeter& meter, PowerDomain& power, EventSink* events);

  /// Holds `content_uj` from the kernel's time on.
  void fill(double content_uj);

 private:
  void follow();
  void end();
  double left_uj() const;

  EnergyMeter& meter_;
  PowerDomain& power_;
  EventSink* events_;
  double content_uj_ = 0, used_before_uj_ = 0;
  sc_core::sc_event end_;
};

}  // namespace touchstone::models
