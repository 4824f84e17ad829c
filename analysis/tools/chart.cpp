#include "tools/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "tools/svg.h"

namespace touchstone::tools {
namespace {

constexpr double kWidth = 720, kLegendStep = 17, kLeft = 70, kTop = 58, kRight = 700, kBottom = 420;
// Told apart by people with any colour vision (Okabe and Ito 2008).
constexpr std::array<const char*, 7> kColours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#444444"};

double place(const Axis& axis, double value) {
  const auto scaled = [&](double v) { return axis.scale == Axis::Scale::kLinear ? v : normal_deviate(std::clamp(v, 1e-9, 1 - 1e-9)); };
  const double low = scaled(axis.low);
  const double high = scaled(axis.high);
  // Far outside is as good as just outside, and keeps numbers short.
  return std::clamp((scaled(value) - low) / (high - low), -0.5, 1.5);
}

std::vector<double> ticks(const Axis& axis) {
  std::vector<double> out;
  if (axis.scale == Axis::Scale::kDeviate) {
    for (const double tick : {1e-5, 1e-4, 1e-3, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.99}) {
      if (tick >= axis.low && tick <= axis.high) out.push_back(tick);
    }
    return out;
  }
  const double step = tick_step(axis.high - axis.low, 9);
  for (double i = std::ceil(axis.low / step - 1e-9); i * step <= axis.high + 1e-9 * step; ++i) out.push_back(i * step + 0.0);  // no -0
  return out;
}

std::string tick_text(const Axis& axis, double tick) {
  std::string out;
  put(out, "%g%s", axis.percent ? 100 * tick : tick, axis.percent ? " %" : "");
  return out;
}

}  // namespace

double tick_step(double range, int most) {
  double step = 1;
  if (!(range > 0)) return step;
  while (range / step < most) step /= 1000;
  for (int i = 0; range / step > most; ++i) step *= i % 3 == 1 ? 2.5 : 2;
  return step;
}

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

double normal_deviate(double p) {
  constexpr std::array<double, 6> a = {-3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
                                       1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr std::array<double, 5> b = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02, 6.680131188771972e+01, -1.328068155288572e+01};
  constexpr std::array<double, 6> c = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                                       -2.549732539343734e+00, 4.374664141464968e+00, 2.938163982698783e+00};
  constexpr std::array<double, 4> d = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00, 3.754408661907416e+00};
  constexpr double low = 0.02425;
  const auto tail = [&](double q) {
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) / ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  };
  if (p < low) return tail(std::sqrt(-2 * std::log(p)));
  if (p > 1 - low) return -tail(std::sqrt(-2 * std::log(1 - p)));
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q / (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

std::string Chart::svg() const {
  const auto x_of = [&](double v) { return kLeft + (kRight - kLeft) * place(x, v); };
  const auto y_of = [&](double v) { return kBottom - (kBottom - kTop) * place(y, v); };
  const double height = kBottom + 56 + kLegendStep * static_cast<double>(series.size());
  std::string out;
  put(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" font-family=\"sans-serif\" font-size=\"12\">\n", kWidth,
      height, kWidth, height);
  out += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  out += "<text x=\"70\" y=\"24\" font-size=\"15\">" + escaped(title) + "</text>\n";
  out += "<text x=\"70\" y=\"43\" fill=\"#555\" font-size=\"11\">" + escaped(note) + "</text>\n";
  for (const double t : ticks(x)) {
    put(out, "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%g\" y2=\"%g\" stroke=\"#e2e2e2\"/><text x=\"%.2f\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", x_of(t), x_of(t), kTop,
        kBottom, x_of(t), kBottom + 17, tick_text(x, t).c_str());
  }
  for (const double t : ticks(y)) {
    put(out, "<line x1=\"%g\" x2=\"%g\" y1=\"%.2f\" y2=\"%.2f\" stroke=\"#e2e2e2\"/><text x=\"%g\" y=\"%.2f\" text-anchor=\"end\">%s</text>\n", kLeft, kRight, y_of(t),
        y_of(t), kLeft - 7, y_of(t) + 4, tick_text(y, t).c_str());
  }
  put(out, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">%s</text>\n", (kLeft + kRight) / 2, kBottom + 40, escaped(x.label).c_str());
  put(out, "<text x=\"18\" y=\"%g\" text-anchor=\"middle\" transform=\"rotate(-90 18 %g)\">%s</text>\n", (kTop + kBottom) / 2, (kTop + kBottom) / 2,
      escaped(y.label).c_str());

  // Every chart has the same frame, so that pictures on one page may share its name.
  put(out, "<clipPath id=\"frame\"><rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\"/></clipPath>\n<g clip-path=\"url(#frame)\">\n", kLeft, kTop - 1, kRight - kLeft, kBottom - kTop + 2);
  for (std::size_t s = 0; s < series.size(); ++s) {
    const Series& one = series[s];
    const char* colour = kColours[static_cast<std::size_t>(one.colour < 0 ? static_cast<int>(s) : one.colour) % kColours.size()];
    if (one.style == Series::Style::kBars) {
      const double width = one.points.size() < 2 ? 20 : x_of(one.points[1].x) - x_of(one.points[0].x);  // bins of one width
      for (const ChartPoint& p : one.points) {
        if (p.y <= y.low) continue;
        put(out, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" fill-opacity=\"0.45\" stroke=\"%s\" stroke-width=\"0.6\"/>\n", x_of(p.x) - width / 2,
            y_of(p.y), width, kBottom - y_of(p.y), colour, colour);
      }
      continue;
    }
    for (const ChartPoint& p : one.points) {
      if (p.low >= p.high) continue;
      put(out, "<path d=\"M%.2f %.2fV%.2fm-4 0h8M%.2f %.2fh8\" stroke=\"%s\" stroke-opacity=\"0.6\" fill=\"none\"/>\n", x_of(p.x), y_of(p.low), y_of(p.high), x_of(p.x) - 4,
          y_of(p.low), colour);
    }
    if (one.style != Series::Style::kPoints && !one.points.empty()) {
      put(out, "<path fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\"%s d=\"", colour, one.dashed ? " stroke-dasharray=\"6 4\"" : "");
      for (std::size_t i = 0; i < one.points.size(); ++i) {
        if (i > 0 && one.style == Series::Style::kSteps) put(out, "H%.2f", x_of(one.points[i].x));
        put(out, "%s%.2f %.2f", i == 0 ? "M" : "L", x_of(one.points[i].x), y_of(one.points[i].y));
      }
      out += "\"/>\n";
    }
    if (one.style == Series::Style::kPoints || one.points.size() <= 20) {
      for (const ChartPoint& p : one.points) put(out, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"3\" fill=\"%s\"/>\n", x_of(p.x), y_of(p.y), colour);
    }
  }
  out += "</g>\n";
  put(out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#333\"/>\n", kLeft, kTop, kRight - kLeft, kBottom - kTop);

  // Legend under the frame: it never hides a curve.
  for (std::size_t i = 0; i < series.size(); ++i) {
    const double at = kBottom + 62 + kLegendStep * static_cast<double>(i);
    const char* colour = kColours[static_cast<std::size_t>(series[i].colour < 0 ? static_cast<int>(i) : series[i].colour) % kColours.size()];
    put(out, "<line x1=\"%g\" x2=\"%g\" y1=\"%g\" y2=\"%g\" stroke=\"%s\" stroke-width=\"2.5\"%s/><text x=\"%g\" y=\"%g\">%s</text>\n", kLeft, kLeft + 26, at - 4, at - 4,
        colour, series[i].dashed ? " stroke-dasharray=\"6 4\"" : "", kLeft + 34, at, escaped(series[i].name).c_str());
  }
  return out + "</svg>\n";
}

std::string Chart::csv() const {
  std::string out = "series,\"" + x.label + "\",\"" + y.label + "\",low_95,high_95\n";
  for (const Series& one : series) {
    for (const ChartPoint& p : one.points) {
      put(out, "\"%s\",%.9g,%.9g,", one.name.c_str(), p.x, p.y);
      if (p.low < p.high) put(out, "%.9g,%.9g", p.low, p.high);
      else out += ",";
      out += "\n";
    }
  }
  return out;
}

}  // namespace touchstone::tools
