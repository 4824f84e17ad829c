#include "io/sysctl.h"

#include "base/check.h"

namespace touchstone::models {

namespace sysctl = contract::sysctl;

SysCtl::SysCtl(sc_core::sc_module_name name, int sensor_width_px, int sensor_height_px)
    : sc_module(name),
      RegisterBlock("socket", contract::kSysctlRegisters),
      geometry_(static_cast<std::uint32_t>(sensor_width_px) << sysctl::kSensorGeometryWidthPxShift |
                static_cast<std::uint32_t>(sensor_height_px) << sysctl::kSensorGeometryHeightPxShift),
      deferred_("deferred") {
  TS_CHECK(sensor_width_px > 0 && sensor_width_px < 4096 && sensor_height_px > 0 && sensor_height_px < 4096,
           "sensor geometry does not fit the strap");
}

void SysCtl::power_on() {
  powered_ = true;
  if (!sensor_reset_n_ && on_sensor_reset_n) on_sensor_reset_n(true);
  sensor_reset_n_ = true;
  dma_window_ = {};
  dma_locked_ = false;
}

void SysCtl::power_off() {
  powered_ = false;
  deferred_.clear();
}

std::uint32_t SysCtl::read_register(std::uint32_t offset_bytes, sc_core::sc_time) {
  switch (offset_bytes) {
    case sysctl::kResetCause: return static_cast<std::uint32_t>(cause_);
    case sysctl::kSensorResetN: return sensor_reset_n_ ? 1 : 0;
    case sysctl::kSensorGeometry: return geometry_;
    case sysctl::kBoardStatus: return display_present_ ? sysctl::kBoardStatusDisplayPresentMask : 0;
    case sysctl::kDmaUserBase: return dma_window_.base;
    case sysctl::kDmaUserEnd: return dma_window_.end;
    case sysctl::kDmaLock: return dma_locked_ ? 1 : 0;
    default: return 0;
  }
}

void SysCtl::write_register(std::uint32_t offset_bytes, std::uint32_t value, sc_core::sc_time now) {
  if (!powered_) return;
  const bool bit0 = (value & 1u) != 0;
  if (!dma_locked_) {
    if (offset_bytes == sysctl::kDmaUserBase) dma_window_.base = value;
    if (offset_bytes == sysctl::kDmaUserEnd) dma_window_.end = value;
    if (offset_bytes == sysctl::kDmaLock) dma_locked_ = bit0;
  }
  if (offset_bytes == sysctl::kReset && bit0) {
    deferred_.at(now, [this] {
      if (on_software_reset) on_software_reset();
    });
  }
  if (offset_bytes == sysctl::kSensorResetN && bit0 != sensor_reset_n_) {
    sensor_reset_n_ = bit0;
    deferred_.at(now, [this, bit0] {
      if (on_sensor_reset_n) on_sensor_reset_n(bit0);
    });
  }
}

}  // namespace touchstone::models
