// Phases: at any time the firmware is in exactly one; a nested one ends by going back to the one before. Freestanding.
#pragma once

#include "crypto/curve.h"
#include "drivers/devices.h"

namespace touchstone::firmware {

/// The phase stands in the port alone, so that the card's two domains can take turns.
class PhaseTracker {
 public:
  explicit PhaseTracker(PhasePort& port) : port_(port) {}
  Phase current() const { return port_.phase(); }
  void enter(Phase phase) {
    if (phase != current()) port_.set_phase(phase);
  }

 private:
  PhasePort& port_;
};

/// In `phase` until the end of the scope.
class PhaseScope {
 public:
  PhaseScope(PhaseTracker& tracker, Phase phase) : tracker_(tracker), former_(tracker.current()) { tracker_.enter(phase); }
  ~PhaseScope() { tracker_.enter(former_); }
  PhaseScope(const PhaseScope&) = delete;
  PhaseScope& operator=(const PhaseScope&) = delete;

 private:
  PhaseTracker& tracker_;
  Phase former_;
};

/// A Curve whose work counts as the accelerator's.
class PhasedCurve : public crypto::Curve {
 public:
  PhasedCurve(crypto::Curve& curve, PhaseTracker& tracker) : curve_(curve), tracker_(tracker) {}
  Result<crypto::Point> multiply(const crypto::Scalar& k, const crypto::Point& p) override {
    const PhaseScope scope(tracker_, Phase::kAccelerator);
    return curve_.multiply(k, p);
  }
  Result<crypto::Point> multiply_base(const crypto::Scalar& k) override {
    const PhaseScope scope(tracker_, Phase::kAccelerator);
    return curve_.multiply_base(k);
  }
  Result<crypto::Point> add(const crypto::Point& p, const crypto::Point& q) override {
    const PhaseScope scope(tracker_, Phase::kAccelerator);
    return curve_.add(p, q);
  }
  Result<crypto::Point> lift_x(const ByteArray<32>& x) override {
    const PhaseScope scope(tracker_, Phase::kAccelerator);
    return curve_.lift_x(x);
  }

 private:
  crypto::Curve& curve_;
  PhaseTracker& tracker_;
};

}  // namespace touchstone::firmware
