#include "plot.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "options.h"
#include "tools/chart.h"

namespace touchstone::rtl_tools {

namespace {

constexpr double kLeft = 60, kTop = 50, kWidth = 1400, kHeight = 360, kLabels = 190, kLabelStep = 13;

/// Label positions: as near to where they belong as their distance allows.
std::vector<double> spread(std::vector<double> x) {
  double limit = kLeft;
  for (double& at : x) {
    at = std::max(at, limit);
    limit = at + kLabelStep;
  }
  limit = kLeft + kWidth;
  for (auto at = x.rbegin(); at != x.rend(); ++at) {
    *at = std::min(*at, limit);
    limit = *at - kLabelStep;
  }
  return x;
}

}  // namespace

std::vector<Stretch> stretches(const std::vector<PointInfo>& points) {
  std::vector<Stretch> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (out.empty() || std::strcmp(out.back().block, points[i].block) != 0) out.push_back({points[i].block, points[i].counts, i, 0});
    ++out.back().cycles;
  }
  return out;
}

std::string plot(const std::string& title, const Verdict& verdict, const std::vector<PointInfo>& points) {
  const double cycles = static_cast<double>(std::max<std::size_t>(1, points.size()));
  // What is left out of the verdict may leave the picture too: a public result has |t| of hundreds.
  double top = 1.3 * verdict.threshold;
  for (std::size_t i = 0; i < std::min(points.size(), verdict.t.size()); ++i)
    if (points[i].counts && std::isfinite(verdict.t[i])) top = std::max(top, 1.05 * std::abs(verdict.t[i]));
  const auto x_of = [&](double cycle) { return kLeft + kWidth * cycle / cycles; };
  const auto y_of = [&](double t) { return kTop + kHeight * (1 - std::min(t, top) / top); };
  const double bottom = kTop + kHeight;

  std::string out;
  put(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" font-size=\"12\">\n", kLeft + kWidth + 30, bottom + kLabels);
  out += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  put(out, "<text x=\"%g\" y=\"20\" font-size=\"15\">%s</text>\n", kLeft, title.c_str());
  put(out, "<text x=\"%g\" y=\"38\" fill=\"#555\">%llu traces, threshold |t| = %.2f over %zu points, confirmed on both halves: %zu; grey: left out of the verdict, and of the scale</text>\n",
      kLeft, static_cast<unsigned long long>(verdict.traces), verdict.threshold, verdict.points, verdict.confirmed.size());

  const std::vector<Stretch> blocks = stretches(points);
  for (const Stretch& b : blocks)
    if (!b.counts)
      put(out, "<rect x=\"%.2f\" y=\"%g\" width=\"%.2f\" height=\"%g\" fill=\"#ccc\"/>\n", x_of(static_cast<double>(b.first)), kTop,
          std::max(1.0, kWidth * static_cast<double>(b.cycles) / cycles), kHeight);

  for (double step = tools::tick_step(top, 8), t = 0; t <= top; t += step)
    put(out, "<line x1=\"%g\" x2=\"%g\" y1=\"%.2f\" y2=\"%.2f\" stroke=\"#ddd\"/><text x=\"%g\" y=\"%.2f\" text-anchor=\"end\">%g</text>\n", kLeft, kLeft + kWidth,
        y_of(t), y_of(t), kLeft - 6, y_of(t) + 4, t);
  put(out, "<text x=\"16\" y=\"%g\" transform=\"rotate(-90 16 %g)\">|t|, all traces</text>\n", kTop + kHeight / 2 + 40, kTop + kHeight / 2 + 40);
  for (double step = tools::tick_step(cycles, 14), c = 0; c <= cycles; c += step)
    put(out, "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%g\" y2=\"%g\" stroke=\"#333\"/><text x=\"%.2f\" y=\"%g\" text-anchor=\"middle\">%g</text>\n", x_of(c), x_of(c), bottom,
        bottom + 5, x_of(c), bottom + 18, c);

  // The highest point of every half pixel: no peak is lost.
  out += "<path fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"0.8\" d=\"";
  const auto columns = static_cast<std::size_t>(2 * kWidth);
  for (std::size_t c = 0, i = 0; c < columns; ++c) {
    const auto end = static_cast<std::size_t>(static_cast<double>(c + 1) * cycles / static_cast<double>(columns));
    if (i >= std::min(end, verdict.t.size())) continue;
    double highest = 0;
    const double at = x_of(static_cast<double>(i));
    for (; i < std::min(end, verdict.t.size()); ++i) highest = std::max(highest, std::abs(verdict.t[i]));
    put(out, "%s%.2f %.2f", c == 0 || out.back() == '"' ? "M" : "L", at, y_of(highest));
  }
  out += "\"/>\n";
  put(out, "<line x1=\"%g\" x2=\"%g\" y1=\"%.2f\" y2=\"%.2f\" stroke=\"#c22\" stroke-dasharray=\"6 4\"/>\n", kLeft, kLeft + kWidth, y_of(verdict.threshold), y_of(verdict.threshold));
  // A weak core has thousands: one dot, the highest, for every two pixels.
  for (std::size_t i = 0; i < verdict.confirmed.size();) {
    const double until = x_of(static_cast<double>(verdict.confirmed[i].cycle)) + 2;
    std::size_t highest = verdict.confirmed[i].cycle;
    for (; i < verdict.confirmed.size() && x_of(static_cast<double>(verdict.confirmed[i].cycle)) < until; ++i)
      if (std::abs(verdict.t[verdict.confirmed[i].cycle]) > std::abs(verdict.t[highest])) highest = verdict.confirmed[i].cycle;
    put(out, "<circle cx=\"%.2f\" cy=\"%.2f\" r=\"1.6\" fill=\"#c22\"/>\n", x_of(static_cast<double>(highest)), y_of(std::abs(verdict.t[highest])));
  }
  put(out, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#333\"/>\n", kLeft, kTop, kWidth, kHeight);

  std::vector<double> middle;
  for (const Stretch& b : blocks) middle.push_back(x_of(static_cast<double>(b.first) + static_cast<double>(b.cycles) / 2));
  const std::vector<double> label = spread(middle);
  for (std::size_t i = 0; i < blocks.size(); ++i)
    put(out,
        "<path d=\"M%.2f %g L%.2f %g L%.2f %g\" fill=\"none\" stroke=\"#aaa\"/><text x=\"%.2f\" y=\"%g\" text-anchor=\"end\" font-size=\"11\" fill=\"%s\" "
        "transform=\"rotate(-90 %.2f %g)\">%s</text>\n",
        middle[i], bottom + 22, middle[i], bottom + 28, label[i], bottom + 44, label[i] + 4, bottom + 48, blocks[i].counts ? "#222" : "#888", label[i] + 4, bottom + 48,
        blocks[i].block);
  return out + "</svg>\n";
}

}  // namespace touchstone::rtl_tools
