// The pixel array: what stands on the glass, row by row in time.
#include <algorithm>

#include "base/secret.h"
#include "bus/time.h"
#include "contract/events.h"
#include "prints/portable_math.h"
#include "sensor/fingerprint_sensor.h"

namespace touchstone::models {

namespace {

// Estimates (README.md): a 192 x 192 image takes 24.04 ms.
const sc_core::sc_time kCaptureSetup(1, sc_core::SC_MS);
const sc_core::sc_time kGroupTime(5, sc_core::SC_US);  // eight pixels are converted together
constexpr int kGroupPx = 8;

// Where ridges lie on the array: blocks with contrast, or dark throughout.
constexpr int kBlockPx = 16;
constexpr int kRidgeContrast = 48;
constexpr int kDarkMean = 128;

// The operating point which the open drivers set for silicon revisions 3 and 4; here the identity.
constexpr int kNominalShift = 16, kNominalGain = 2;
constexpr double kGreyPerShift = 4, kGainPerStep = 1.0 / 8;

sc_core::sc_time row_time(int columns) {
  return sc_core::sc_time::from_value(kGroupTime.value() * static_cast<std::uint64_t>((columns + kGroupPx - 1) / kGroupPx));
}

}  // namespace

sc_core::sc_time FingerprintSensor::capture_time(int rows, int columns) {
  return kCaptureSetup + sc_core::sc_time::from_value(row_time(columns).value() * static_cast<std::uint64_t>(rows));
}

/// The contact comes to lie on the array, and which of its blocks hold ridges.
void FingerprintSensor::lay_down() {
  const double scale = contact_->dpi / unit_.dpi, turn = contact_->rotation_deg * prints::kPi / 180;
  const double c = prints::cosine(turn) * scale, s = prints::sine(turn) * scale;
  const double dx = contact_->dx_px, dy = contact_->dy_px;
  const prints::Placement placement{(contact_->image.width_px - 1) / 2.0 - c * dx - s * dy,
                                    (contact_->image.height_px - 1) / 2.0 - c * dy + s * dx, contact_->rotation_deg, contact_->dpi};
  prints::Surface surface = condition_.surface;
  surface.skin_seed = seeds_.child(contact_->name).seed();
  surface.glass_seed = seeds_.child("glass").seed();
  glass_ = prints::lay(unit_, contact_->image, placement, surface);

  block_columns_ = (glass_.width_px + kBlockPx - 1) / kBlockPx;
  const int block_rows = (glass_.height_px + kBlockPx - 1) / kBlockPx;
  ridge_blocks_.assign(static_cast<std::size_t>(block_columns_ * block_rows), false);
  for (int by = 0; by < block_rows; ++by)
    for (int bx = 0; bx < block_columns_; ++bx) {
      int low = 255, high = 0, sum = 0, count = 0;
      for (int y = by * kBlockPx; y < std::min((by + 1) * kBlockPx, glass_.height_px); ++y)
        for (int x = bx * kBlockPx; x < std::min((bx + 1) * kBlockPx, glass_.width_px); ++x) {
          const int v = glass_.at(x, y);
          low = std::min(low, v);
          high = std::max(high, v);
          sum += v;
          ++count;
        }
      ridge_blocks_[static_cast<std::size_t>(by * block_columns_ + bx)] = high - low >= kRidgeContrast || sum < kDarkMean * count;
    }
}

bool FingerprintSensor::ridges_at(int x, int y) const {
  return ridge_blocks_[static_cast<std::size_t>(y / kBlockPx * block_columns_ + x / kBlockPx)];
}

/// Bit row * 4 + column is set when more than threshold/256 of the zone's sample points touch ridges.
std::uint16_t FingerprintSensor::zones() const {
  if (!contact_) return 0;
  constexpr int kPoints = 8;  // a side
  const int threshold = registers_[fpc::kDetectThreshold / 4][0];
  unsigned bits = 0;
  for (int zone = 0; zone < kZoneColumns * kZoneRows; ++zone) {
    int touching = 0;
    for (int point = 0; point < kPoints * kPoints; ++point) {
      const int column = zone % kZoneColumns * kPoints + point % kPoints, row = zone / kZoneColumns * kPoints + point / kPoints;
      const int x = (2 * column + 1) * unit_.width_px / (2 * kPoints * kZoneColumns);
      const int y = (2 * row + 1) * unit_.height_px / (2 * kPoints * kZoneRows);
      touching += ridges_at(x, y) ? 1 : 0;
    }
    if (touching * 256 > threshold * kPoints * kPoints) bits |= 1u << zone;
  }
  return static_cast<std::uint16_t>(bits);
}

void FingerprintSensor::start_capture() {
  enter(Mode::kCapturing);
  scan_ = window();
  scanned_rows_ = 0;
  contact_pixels_ = 0;
  scan_start_ = sc_core::sc_time_stamp();
  fifo_.clear();
  fifo_read_ = 0;
  scanning_ = GreyImage(unit_.width_px, unit_.height_px, kBackground);
  set_timer(capture_time(scan_.rows, scan_.columns));
}

/// Rows whose conversion has ended by `now` are taken with what is on the glass; called before that changes.
void FingerprintSensor::scan_until(sc_core::sc_time now) {
  while (scanned_rows_ < scan_.rows && scan_start_ + capture_time(scanned_rows_ + 1, scan_.columns) <= now)
    scan_row(scan_.row + scanned_rows_++);
}

void FingerprintSensor::scan_row(int row) {
  if (!contact_) return;
  for (int column = scan_.column; column < scan_.column + scan_.columns; ++column) {
    scanning_.at(column, row) = glass_.at(column, row);
    contact_pixels_ += ridges_at(column, row) ? 1 : 0;
  }
}

void FingerprintSensor::set_condition(const TouchCondition& condition) {
  if (mode_ == Mode::kCapturing) scan_until(sc_core::sc_time_stamp());
  condition_ = condition;
  if (condition.residue == 0) left_ = {};
  if (contact_) lay_down();
}

/// The electronics: of the whole array, though only the window is converted.
void FingerprintSensor::end_capture() {
  scan_until(sc_core::sc_time_stamp());
  const auto& adc = registers_[fpc::kAdcShiftGain / 4];
  prints::SensorUnit set = unit_;
  set.gain *= 1 + kGainPerStep * ((adc[1] & 15) - kNominalGain);
  set.offset += kGreyPerShift * (kNominalShift - (adc[0] & 31));
  const double residue = std::max(condition_.residue, contact_ ? contact_->residue : 0.0);
  prints::read_out(set, {frames_.next_u64(), residue, left_.pixels.empty() ? nullptr : &left_}, scanning_);
  for (int row = scan_.row; row < scan_.row + scan_.rows; ++row) {
    const std::uint8_t* from = &scanning_.at(scan_.column, row);
    fifo_.insert(fifo_.end(), from, from + scan_.columns);
  }
  wipe(scanning_.pixels.data(), scanning_.pixels.size());
  scanning_ = {};
  if (on_capture) on_capture(fifo_, scan_.columns, scan_.rows);
  const std::int64_t pixels = std::int64_t{scan_.rows} * scan_.columns;
  if (events_ != nullptr)
    events_->emit(to_ns(sc_core::sc_time_stamp()), events::SensorCapture{scan_.columns, scan_.rows, contact_pixels_ * 100 / pixels});
}

}  // namespace touchstone::models
