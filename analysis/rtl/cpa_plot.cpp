#include "cpa_plot.h"

#include <algorithm>
#include <cmath>

#include "options.h"

namespace touchstone::rtl_tools {

namespace {

constexpr double kLeft = 60, kTop = 70, kWidth = 520, kHeight = 360, kPanel = kLeft + kWidth + 30, kLowest = -0.2;

double y_of(double r) { return kTop + kHeight * (1 - (std::clamp(r, kLowest, 1.0) - kLowest) / (1 - kLowest)); }

class Panel {
 public:
  Panel(std::string& out, double left, const std::vector<std::size_t>& steps) : out_(out), left_(left), steps_(steps) {}

  double x_of(std::size_t traces) const {
    const double first = std::log(static_cast<double>(steps_.front())),
                 last = std::log(static_cast<double>(steps_.back()));
    return left_ + (last > first ? kWidth * (std::log(static_cast<double>(traces)) - first) / (last - first) : 0);
  }
  void axes() const {
    for (int tenths = -2; tenths <= 10; tenths += 2)
      put(out_,
          "<line x1=\"%g\" x2=\"%g\" y1=\"%.2f\" y2=\"%.2f\" stroke=\"#ddd\"/><text x=\"%g\" y=\"%.2f\" "
          "text-anchor=\"end\">%.1f</text>\n",
          left_, left_ + kWidth, y_of(tenths / 10.0), y_of(tenths / 10.0), left_ - 6, y_of(tenths / 10.0) + 4,
          tenths / 10.0);
    double free = 0;
    for (const std::size_t traces : steps_) {
      put(out_, "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%g\" y2=\"%g\" stroke=\"#333\"/>", x_of(traces), x_of(traces),
          kTop + kHeight, kTop + kHeight + 5);
      if (x_of(traces) < free && traces != steps_.back()) continue;
      put(out_, "<text x=\"%.2f\" y=\"%g\" text-anchor=\"middle\">%zu</text>\n", x_of(traces), kTop + kHeight + 18,
          traces);
      free = x_of(traces) + 30;
    }
    put(out_, "<rect x=\"%g\" y=\"%g\" width=\"%g\" height=\"%g\" fill=\"none\" stroke=\"#333\"/>\n", left_, kTop,
        kWidth, kHeight);
    put(out_, "<text x=\"%g\" y=\"%g\" text-anchor=\"middle\">traces</text>\n", left_ + kWidth / 2,
        kTop + kHeight + 36);
  }
  void curve(const std::vector<double>& values, const char* style) const {
    put(out_, "<path fill=\"none\" %s d=\"", style);
    for (std::size_t s = 0; s < values.size(); ++s)
      put(out_, "%s%.2f %.2f", s == 0 ? "M" : "L", x_of(steps_[s]), y_of(values[s]));
    out_ += "\"/>\n";
  }

 private:
  std::string& out_;
  double left_;
  const std::vector<std::size_t>& steps_;
};

}  // namespace

std::string plot(const std::vector<CpaPanel>& panels) {
  std::string out;
  put(out,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" font-family=\"sans-serif\" font-size=\"12\">\n",
      kPanel * static_cast<double>(panels.size()), kTop + kHeight + 50);
  out += "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n";
  double left = kLeft;
  for (const auto& [title, result] : panels) {
    const DigitAttack& digit = result->digits.back();
    put(out, "<text x=\"%g\" y=\"20\" font-size=\"15\">%s</text>\n", left, title.c_str());
    put(out,
        "<text x=\"%g\" y=\"38\" fill=\"#555\">window %u, half %u: greatest correlation over %zu cycles of each of 16 "
        "hypotheses</text>\n",
        left, digit.window, digit.half, result->cycles);
    put(out,
        "<text x=\"%g\" y=\"54\" fill=\"#555\"><tspan fill=\"#c22\">red: the right one</tspan>, grey: the others, "
        "dashed: chance, family-wise 0.5 %%</text>\n",
        left);
    const Panel panel(out, left, result->steps);
    panel.axes();
    for (int h = 0; h < kDigits; ++h)
      if (h + kLowestDigit != digit.right)
        panel.curve(digit.correlation[static_cast<std::size_t>(h)], "stroke=\"#999\" stroke-width=\"0.8\"");
    panel.curve(digit.correlation[index_of(digit.right)], "stroke=\"#c22\" stroke-width=\"2\"");
    panel.curve(result->threshold, "stroke=\"#1f5fa8\" stroke-dasharray=\"6 4\"");
    left += kPanel;
  }
  return out + "</svg>\n";
}

}  // namespace touchstone::rtl_tools
