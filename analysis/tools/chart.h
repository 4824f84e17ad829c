// A chart of lines or bars as an SVG picture and as CSV: the same numbers twice.
#pragma once

#include <string>
#include <vector>

namespace touchstone::tools {

struct ChartPoint {
  double x = 0;
  double y = 0;
  double low = 0;   ///< of an interval around y; none where low == high
  double high = 0;
};

struct Series {
  enum class Style { kLine, kSteps, kPoints, kBars };
  std::string name;
  std::vector<ChartPoint> points;
  Style style = Style::kLine;
  bool dashed = false;
  int colour = -1;  ///< index into the chart's colours; -1 takes the next
};

struct Axis {
  /// kDeviate: the normal deviate of a fraction, on which a DET of normal scores is straight (Martin et al. 1997).
  enum class Scale { kLinear, kDeviate };
  std::string label;
  Scale scale = Scale::kLinear;
  double low = 0;
  double high = 1;
  bool percent = false;  ///< ticks as percent of a fraction
};

struct Chart {
  std::string title;
  std::string note;  ///< under the title
  Axis x, y;
  std::vector<Series> series;

  /// A whole SVG document, 720 wide, the legend under the frame; what lies outside the axes is cut off. Names are escaped.
  std::string svg() const;
  /// series,x,y,low,high in full precision; low and high are empty without an interval.
  std::string csv() const;
};

/// 1, 2 or 5 times a power of ten, so that at most `most` steps fill the range.
double tick_step(double range, int most);
/// For text in SVG and HTML.
std::string escaped(const std::string& text);
/// The standard normal quantile of a fraction (Acklam's rational approximation, relative error below 1.2e-9).
double normal_deviate(double fraction);

}  // namespace touchstone::tools
