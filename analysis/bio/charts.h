// The pictures of an evaluation, gathered while its rows are measured.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "bio/row.h"
#include "tools/chart.h"

namespace touchstone::bio {

class Charts {
 public:
  /// DET and histograms of a row of the whole data.
  void add(const Row& row, const Comparisons& comparisons);
  /// FNMR at the row's operating point by moisture and turn of the probe, where the truth is known.
  void add_truth(const PrintData& data, const Comparisons& comparisons, const Row& row, const metrics::BootstrapOptions& options);
  /// FNMR at the operating FMR against the number of enrolled touches, and against the sensor's area.
  void add_touches(int touches, const Representation& representation, const Sensor& sensor, const Comparisons& comparisons, const metrics::BootstrapOptions& options);
  void add_area(double side_mm, const Representation& representation, const Comparisons& comparisons, const metrics::BootstrapOptions& options);

  /// In the order of a report, with names for files.
  std::vector<std::pair<std::string, tools::Chart>> take(const PrintData& data);

 private:
  tools::Chart& chart(const std::string& name) { return charts_[name]; }
  std::map<std::string, tools::Chart> charts_;
};

}  // namespace touchstone::bio
