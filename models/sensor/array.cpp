// The pixel array: what stands on the glass, row by row in time.
#include <algorithm>

#include "bus/time.h"
#include "contract/events.h"
#include "sensor/fingerprint_sensor.h"

namespace touchstone::models {

namespace {

// Estimates (README.md): a 192 x 192 image takes 24.04 ms.
const sc_core::sc_time kCaptureSetup(1, sc_core::SC_MS);
const sc_core::sc_time kGroupTime(5, sc_core::SC_US);  // eight pixels are converted together
constexpr int kGroupPx = 8;

// Where the finger's picture holds ridges: blocks with contrast, or dark throughout.
constexpr int kBlockPx = 16;
constexpr int kRidgeContrast = 48;
constexpr int kDarkMean = 128;

// The operating point which the open drivers set for silicon revisions 3 and 4; here the identity.
constexpr int kNominalShift = 16, kNominalGain = 2;
// Cells of dirt on the array and of dry skin on the finger (README.md).
constexpr int kDirtCellPx = 12, kSkinCellPx = 4;
constexpr double kDirtContrast = 0.25, kDryContrast = 0.25;

/// One cell in a raster over width x height pixels is set with probability `share`.
std::vector<bool> draw_cells(int width_px, int height_px, int cell_px, double share, Random random) {
  std::vector<bool> cells;
  const int count = ((width_px + cell_px - 1) / cell_px) * ((height_px + cell_px - 1) / cell_px);
  for (int i = 0; share > 0 && i < count; ++i) cells.push_back(random.uniform(0, 1) < share);
  return cells;
}

bool cell_at(const std::vector<bool>& cells, int width_px, int cell_px, int x, int y) {
  return !cells.empty() && cells[static_cast<std::size_t>(y / cell_px * ((width_px + cell_px - 1) / cell_px) + x / cell_px)];
}

constexpr double kGreyPerShift = 4, kGainPerStep = 1.0 / 8;

sc_core::sc_time row_time(int columns) {
  return sc_core::sc_time::from_value(kGroupTime.value() * static_cast<std::uint64_t>((columns + kGroupPx - 1) / kGroupPx));
}

int floor_int(double x) {
  const int i = static_cast<int>(x);
  return i > x ? i - 1 : i;
}

}  // namespace

sc_core::sc_time FingerprintSensor::capture_time(int rows, int columns) {
  return kCaptureSetup + sc_core::sc_time::from_value(row_time(columns).value() * static_cast<std::uint64_t>(rows));
}

void FingerprintSensor::find_ridges() {
  const GreyImage& image = contact_->image;
  block_columns_ = (image.width_px + kBlockPx - 1) / kBlockPx;
  const int block_rows = (image.height_px + kBlockPx - 1) / kBlockPx;
  dry_cells_ = draw_cells(image.width_px, image.height_px, kSkinCellPx, condition_.dryness, seeds_.child(contact_->name).stream("dry_skin"));
  ridge_blocks_.assign(static_cast<std::size_t>(block_columns_ * block_rows), false);
  for (int by = 0; by < block_rows; ++by)
    for (int bx = 0; bx < block_columns_; ++bx) {
      int low = 255, high = 0, sum = 0, count = 0;
      for (int y = by * kBlockPx; y < std::min((by + 1) * kBlockPx, image.height_px); ++y)
        for (int x = bx * kBlockPx; x < std::min((bx + 1) * kBlockPx, image.width_px); ++x) {
          const int v = image.at(x, y);
          low = std::min(low, v);
          high = std::max(high, v);
          sum += v;
          ++count;
        }
      ridge_blocks_[static_cast<std::size_t>(by * block_columns_ + bx)] = high - low >= kRidgeContrast || sum < kDarkMean * count;
    }
}

/// From the array's coordinates to the picture's.
std::pair<double, double> FingerprintSensor::to_image(double x, double y) const {
  const double u = x - (config_.width_px - 1) * 0.5 - contact_->dx_px;
  const double v = y - (config_.height_px - 1) * 0.5 - contact_->dy_px;
  return {cos_ * u + sin_ * v + (contact_->image.width_px - 1) * 0.5, cos_ * v - sin_ * u + (contact_->image.height_px - 1) * 0.5};
}

bool FingerprintSensor::ridges_at(double image_x, double image_y) const {
  const int x = floor_int(image_x + 0.5), y = floor_int(image_y + 0.5);
  if (x < 0 || y < 0 || x >= contact_->image.width_px || y >= contact_->image.height_px) return false;
  return ridge_blocks_[static_cast<std::size_t>(y / kBlockPx * block_columns_ + x / kBlockPx)];
}

double FingerprintSensor::sample(const GreyImage& image, double image_x, double image_y) const {
  const int x = floor_int(image_x), y = floor_int(image_y);
  const double fx = image_x - x, fy = image_y - y;
  const auto grey = [&](int i, int j) { return static_cast<double>(image.at_or(i, j, kBackground)); };
  const double top = grey(x, y) * (1 - fx) + grey(x + 1, y) * fx;
  const double bottom = grey(x, y + 1) * (1 - fx) + grey(x + 1, y + 1) * fx;
  return top * (1 - fy) + bottom * fy;
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
      const int x = (2 * column + 1) * config_.width_px / (2 * kPoints * kZoneColumns);
      const int y = (2 * row + 1) * config_.height_px / (2 * kPoints * kZoneRows);
      const auto [image_x, image_y] = to_image(x, y);
      touching += ridges_at(image_x, image_y) ? 1 : 0;
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
  scanning_.clear();
  scanning_.reserve(static_cast<std::size_t>(scan_.rows * scan_.columns));
  set_timer(capture_time(scan_.rows, scan_.columns));
}

/// Rows whose conversion has ended by `now` are taken with what is on the glass; called before that changes.
void FingerprintSensor::scan_until(sc_core::sc_time now) {
  while (scanned_rows_ < scan_.rows && scan_start_ + capture_time(scanned_rows_ + 1, scan_.columns) <= now)
    scan_row(scan_.row + scanned_rows_++);
}

void FingerprintSensor::scan_row(int row) {
  const auto& adc = registers_[fpc::kAdcShiftGain / 4];
  const double gain = 1 + kGainPerStep * ((adc[1] & 15) - kNominalGain);
  const double offset = kGreyPerShift * (kNominalShift - (adc[0] & 31));
  const double noise = contact_ ? contact_->noise : 0;
  for (int column = scan_.column; column < scan_.column + scan_.columns; ++column) {
    double dark = 0;
    if (contact_) {
      const auto [image_x, image_y] = to_image(column, row);
      dark = darkness(column, row, image_x, image_y);
      contact_pixels_ += ridges_at(image_x, image_y) ? 1 : 0;
    }
    if (condition_.residue > 0 && residue_.width_px > 0) dark = std::max(dark, condition_.residue * (kBackground - residue_.at(column, row)));
    double grey = kBackground + offset - dark * gain;
    if (!fixed_pattern_.empty()) grey += fixed_pattern_[static_cast<std::size_t>(row * config_.width_px + column)];
    if (noise > 0) grey += noise * noise_.normal();
    scanning_.push_back(static_cast<std::uint8_t>(std::clamp(grey, 0.0, 255.0) + 0.5));
  }
}

/// How dark the contact makes the pixel at (x, y) of the array, 0..255, before gain.
double FingerprintSensor::darkness(double x, double y, double image_x, double image_y) const {
  constexpr double kWater = 230;  // a valley full of water, nearly as dark as a ridge
  double dark = (kBackground - sample(contact_->image, image_x, image_y)) * contact_->pressure * condition_.contrast;
  const int skin_x = floor_int(image_x), skin_y = floor_int(image_y);
  const GreyImage& image = contact_->image;
  const bool on_skin = skin_x >= 0 && skin_y >= 0 && skin_x < image.width_px && skin_y < image.height_px;
  if (on_skin && cell_at(dry_cells_, image.width_px, kSkinCellPx, skin_x, skin_y)) dark *= kDryContrast;
  if (ridges_at(image_x, image_y)) dark += condition_.water * std::max(0.0, kWater - dark);
  if (cell_at(dirty_cells_, config_.width_px, kDirtCellPx, static_cast<int>(x), static_cast<int>(y))) dark *= kDirtContrast;
  return dark;
}

void FingerprintSensor::set_condition(const TouchCondition& condition) {
  if (mode_ == Mode::kCapturing) scan_until(sc_core::sc_time_stamp());
  condition_ = condition;
  dirty_cells_ = draw_cells(config_.width_px, config_.height_px, kDirtCellPx, condition.dirt, seeds_.stream("dirt"));
  if (condition.residue == 0) residue_ = {};
  if (contact_) find_ridges();
}

/// What the finger that goes now leaves on the glass.
void FingerprintSensor::leave_residue() {
  if (condition_.residue == 0) return;
  residue_ = GreyImage(config_.width_px, config_.height_px);
  for (int y = 0; y < config_.height_px; ++y)
    for (int x = 0; x < config_.width_px; ++x) {
      const auto [image_x, image_y] = to_image(x, y);
      residue_.at(x, y) = static_cast<std::uint8_t>(sample(contact_->image, image_x, image_y));
    }
}

void FingerprintSensor::end_capture() {
  scan_until(sc_core::sc_time_stamp());
  fifo_.swap(scanning_);
  scanning_.clear();
  if (on_capture) on_capture(fifo_, scan_.columns, scan_.rows);
  const std::int64_t pixels = std::int64_t{scan_.rows} * scan_.columns;
  if (events_ != nullptr)
    events_->emit(to_ns(sc_core::sc_time_stamp()), events::SensorCapture{scan_.columns, scan_.rows, contact_pixels_ * 100 / pixels});
}

}  // namespace touchstone::models
