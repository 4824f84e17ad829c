// PowerDomain: the card's supply. Everything that loses its state with it hangs here.
#pragma once

#include <vector>

#include "base/event.h"
#include "bus/ports.h"
#include "contract/registers.h"

namespace touchstone::models {

class PowerDomain {
 public:
  explicit PowerDomain(EventSink* events) : events_(events) {}

  /// Parts are powered on in the order they were added and off in the reverse order. They outlive the domain's use.
  void add(Powered& part) { parts_.push_back(&part); }

  /// At the kernel's current time. No-op when already on.
  void on(contract::sysctl::Cause cause);
  /// The supply is gone at the kernel's current time. No-op when already off.
  void cut();
  /// Off and on at once with cause software: a reset of everything in the domain.
  void reset();
  bool is_on() const { return on_; }

 private:
  EventSink* events_;
  std::vector<Powered*> parts_;
  bool on_ = false;
};

}  // namespace touchstone::models
