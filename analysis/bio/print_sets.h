// Sets of prints to measure: the folders of real ones, and generated ones by kind of sensor.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "image/grey_image.h"
#include "prints/population.h"
#include "prints/sensor.h"

namespace touchstone::bio {

struct PrintSet {
  std::string name;
  double dpi = 500;
  std::vector<std::vector<GreyImage>> fingers;  ///< impressions of each
};

/// The four real sets under a root that are pooled for every figure, or the one set in `data`. Empty message when good.
std::string load_sets(const std::filesystem::path& data, std::vector<PrintSet>& out);

/// `touch` is called for every impression of every generated finger, from `threads` threads at once; set = kind of sensor.
struct GeneratedTouch {
  prints::SensorKind kind;
  int finger = 0;
  int impression = 0;
  double dpi = 500;
  GreyImage image;
};
void generate_touches(const prints::Population& population, std::uint64_t seed, int fingers, int impressions, int threads,
                      const std::function<void(const GeneratedTouch&)>& touch);

namespace calibration {  // apart from the crop of evaluations, which has its own

/// Blocks of 8 x 8 px with ridges, by contrast against the picture's better blocks; centroid in px.
struct Foreground {
  int columns = 0, rows = 0;
  std::vector<bool> blocks;
  int count = 0;
  double centre_x_px = 0, centre_y_px = 0;
  double area_cm2(double dpi) const { return count * 64.0 * 2.54 * 2.54 / (dpi * dpi); }
};
Foreground find_foreground(const GreyImage& image);

}  // namespace calibration
using calibration::find_foreground;
using calibration::Foreground;

}  // namespace touchstone::bio
