#include "bio/correlation.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "base/check.h"

namespace touchstone::bio {
namespace {

constexpr double kDpi = 254;              // ridges are 3 to 6.5 px apart
constexpr int kMostSide_px = 160;         // 16 mm
constexpr double kTurnStep_deg = 3;       // 1.5 degrees off are a quarter of a ridge distance at the edge of 9.6 mm
constexpr int kTurns = 10;                // each way; every other one first, then the neighbours of the best
constexpr double kLeastOverlap = 0.3;     // of the smaller print
constexpr double kFullOverlap_px = 4000;  // 40 mm2: from here on overlap adds little

// A template is width, height, then the levelled picture, then its mask (0 or 1).
struct View {
  cv::Mat picture, mask;
};
View view(const Template& t) {
  const int width = static_cast<int>(t[0]);
  const int height = static_cast<int>(t[1]);
  const auto size = static_cast<std::size_t>(width * height);
  TS_CHECK(t.size() == 2 + 2 * size, "a template of another representation");
  // Headers over the template's numbers; nothing writes through them.
  auto* data = const_cast<float*>(t.data());
  return {cv::Mat(height, width, CV_32F, data + 2), cv::Mat(height, width, CV_32F, data + 2 + size)};
}

// Spectrum of a picture on a ground of side x side, real part picture and imaginary part mask: one transform for both.
cv::Mat spectrum(const cv::Mat& picture, const cv::Mat& mask, int side) {
  cv::Mat planes[2] = {cv::Mat::zeros(side, side, CV_32F), cv::Mat::zeros(side, side, CV_32F)};
  const cv::Rect place((side - picture.cols) / 2, (side - picture.rows) / 2, picture.cols, picture.rows);
  picture.copyTo(planes[0](place));
  mask.copyTo(planes[1](place));
  cv::Mat out;
  cv::merge(planes, 2, out);
  cv::dft(out, out);
  return out;
}

// Spectra of the two real planes out of that of both.
void split_planes(const cv::Mat& both, cv::Mat& first, cv::Mat& second) {
  first.create(both.size(), CV_32FC2);
  second.create(both.size(), CV_32FC2);
  const int side = both.rows;
  for (int y = 0; y < side; ++y) {
    const auto* row = both.ptr<cv::Vec2f>(y);
    const auto* mirrored = both.ptr<cv::Vec2f>((side - y) % side);
    auto* a = first.ptr<cv::Vec2f>(y);
    auto* b = second.ptr<cv::Vec2f>(y);
    for (int x = 0; x < side; ++x) {
      const cv::Vec2f& p = row[x];
      const cv::Vec2f& q = mirrored[(side - x) % side];
      a[x] = {(p[0] + q[0]) / 2, (p[1] - q[1]) / 2};
      b[x] = {(p[1] + q[1]) / 2, (q[0] - p[0]) / 2};
    }
  }
}

struct Spectra {
  cv::Mat picture, mask;
};
Spectra spectra(const cv::Mat& picture, const cv::Mat& mask, int side) {
  Spectra out;
  split_planes(spectrum(picture, mask, side), out.picture, out.mask);
  return out;
}

int side_for(const cv::Mat& a, const cv::Mat& b) {
  // Shifts up to half the larger side; what wraps round overlaps less than is asked for.
  const int side = std::max({a.cols, a.rows, b.cols, b.rows});
  return cv::getOptimalDFTSize(side * 3 / 2);
}

// Best weighted correlation over all shifts. Correlation in the real plane, overlap in the imaginary one of one transform.
double best(const Spectra& turned, const Spectra& probe, double least_overlap) {
  const int side = turned.picture.rows;
  cv::Mat product(side, side, CV_32FC2);
  for (int y = 0; y < side; ++y) {
    const auto* a = turned.picture.ptr<cv::Vec2f>(y);
    const auto* b = probe.picture.ptr<cv::Vec2f>(y);
    const auto* m = turned.mask.ptr<cv::Vec2f>(y);
    const auto* n = probe.mask.ptr<cv::Vec2f>(y);
    auto* out = product.ptr<cv::Vec2f>(y);
    for (int x = 0; x < side; ++x) {
      const float pr = a[x][0] * b[x][0] + a[x][1] * b[x][1];
      const float pi = a[x][1] * b[x][0] - a[x][0] * b[x][1];
      const float mr = m[x][0] * n[x][0] + m[x][1] * n[x][1];
      const float mi = m[x][1] * n[x][0] - m[x][0] * n[x][1];
      out[x] = {pr - mi, pi + mr};  // picture + i mask
    }
  }
  cv::dft(product, product, cv::DFT_INVERSE | cv::DFT_SCALE);
  double found = -1;
  for (int y = 0; y < side; ++y) {
    const auto* row = product.ptr<cv::Vec2f>(y);
    for (int x = 0; x < side; ++x) {
      const double overlap = row[x][1];
      if (overlap < least_overlap) continue;
      // A peak over little overlap is luck: its deviation falls with the root of the area.
      found = std::max(found, row[x][0] / overlap * std::min(1.0, std::sqrt(overlap / kFullOverlap_px)));
    }
  }
  return found;
}

}  // namespace

std::string Correlation::digest() const { return "registered correlation, 254 dpi, turns of 3 to 30 degrees / 3"; }

std::optional<Template> Correlation::describe(const Print& print) const {
  const Foreground foreground = find_foreground(print.image);
  if (foreground.blocks == 0) return std::nullopt;
  const double scale = kDpi / print.dpi;
  const int width = std::min(kMostSide_px, static_cast<int>(print.image.width_px * scale));
  const int height = std::min(kMostSide_px, static_cast<int>(print.image.height_px * scale));
  const bool whole = static_cast<int>(print.image.width_px * scale) <= kMostSide_px && static_cast<int>(print.image.height_px * scale) <= kMostSide_px;
  const double centre_x = whole ? (print.image.width_px - 1) / 2.0 : foreground.centre_x_px;
  const double centre_y = whole ? (print.image.height_px - 1) / 2.0 : foreground.centre_y_px;

  // Mask at the template's scale.
  cv::Mat source(print.image.height_px, print.image.width_px, CV_8U, const_cast<std::uint8_t*>(print.image.pixels.data()));
  cv::Mat smooth;
  cv::GaussianBlur(source, smooth, {}, 0.5 / scale);  // before taking every other pixel
  GreyImage small(print.image.width_px, print.image.height_px);
  std::copy(smooth.begin<std::uint8_t>(), smooth.end<std::uint8_t>(), small.pixels.begin());
  const GreyImage cut = window({small, print.dpi}, centre_x, centre_y, kDpi, width, height);
  Template out(2 + 2 * static_cast<std::size_t>(width * height), 0.0F);
  out[0] = static_cast<float>(width);
  out[1] = static_cast<float>(height);
  View v = view(out);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      v.picture.at<float>(y, x) = cut.at(x, y);
      const int column = static_cast<int>(centre_x + (x - (width - 1) / 2.0) / scale) / Foreground::kBlock_px;
      const int row = static_cast<int>(centre_y + (y - (height - 1) / 2.0) / scale) / Foreground::kBlock_px;
      const bool held = column >= 0 && row >= 0 && column < foreground.columns && row < foreground.rows && foreground.at(column, row);
      v.mask.at<float>(y, x) = held ? 1.0F : 0.0F;
    }
  }
  cv::erode(v.mask, v.mask, cv::Mat::ones(5, 5, CV_8U), {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(1));

  // Band: one ridge and its neighbours. Then one local contrast.
  cv::Mat fine;
  cv::Mat coarse;
  cv::GaussianBlur(v.picture, fine, {}, 0.6);
  cv::GaussianBlur(v.picture, coarse, {}, 2.2);
  cv::Mat band = fine - coarse;
  cv::Mat energy;
  cv::GaussianBlur(band.mul(band), energy, {}, 5);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const float level = std::sqrt(energy.at<float>(y, x)) + 2;
      v.picture.at<float>(y, x) = std::clamp(band.at<float>(y, x) / level, -2.5F, 2.5F) * v.mask.at<float>(y, x);
    }
  }
  // Unit energy a pixel of print, so that a product over its overlap is a correlation.
  const double held = cv::sum(v.mask)[0];
  if (held < 1000) return std::nullopt;  // 10 mm2
  const double root = std::sqrt(v.picture.dot(v.picture) / held);
  if (root <= 0) return std::nullopt;
  v.picture /= root;
  return out;
}

std::optional<Template> Correlation::enrol(std::span<const Template>, std::size_t, SeedTree) const { return std::nullopt; }

float Correlation::score(const Template& reference, const Template& probe) const {
  const Template* const one = &probe;
  return scores(reference, std::span(&one, 1))[0];
}

std::vector<float> Correlation::scores(const Template& reference, std::span<const Template* const> probes) const {
  std::vector<float> out(probes.size(), -1.0F);
  const View r = view(reference);
  const double reference_area = cv::sum(r.mask)[0];
  int side = 0;
  for (const Template* probe : probes) side = std::max(side, side_for(r.picture, view(*probe).picture));
  std::vector<Spectra> turned;
  const cv::Point2f centre(static_cast<float>(r.picture.cols - 1) / 2, static_cast<float>(r.picture.rows - 1) / 2);
  for (int turn = -kTurns; turn <= kTurns; ++turn) {
    const cv::Mat matrix = cv::getRotationMatrix2D(centre, turn * kTurnStep_deg, 1);
    cv::Mat picture;
    cv::Mat mask;
    cv::warpAffine(r.picture, picture, matrix, r.picture.size(), cv::INTER_LINEAR);
    cv::warpAffine(r.mask, mask, matrix, r.mask.size(), cv::INTER_LINEAR);
    turned.push_back(spectra(picture, mask, side));
  }
  for (std::size_t p = 0; p < probes.size(); ++p) {
    const View v = view(*probes[p]);
    const Spectra probe = spectra(v.picture, v.mask, side);
    const double least = kLeastOverlap * std::min(reference_area, cv::sum(v.mask)[0]);
    double found = -2;
    std::size_t at = 0;
    for (std::size_t t = 0; t < turned.size(); t += 2) {
      const double here = best(turned[t], probe, least);
      if (here <= found) continue;
      found = here;
      at = t;
    }
    if (at > 0) found = std::max(found, best(turned[at - 1], probe, least));
    if (at + 1 < turned.size()) found = std::max(found, best(turned[at + 1], probe, least));
    out[p] = static_cast<float>(found);
  }
  return out;
}

}  // namespace touchstone::bio
