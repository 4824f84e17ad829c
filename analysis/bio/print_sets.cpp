#include "print_sets.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <thread>

#include "prints/impression.h"

namespace touchstone::bio {
namespace {

constexpr const char* kPooled[] = {"fvc2002_db1_b", "fvc2002_db3_b_f101_105", "fvc2004_db1_b", "fvc2004_db3_b_f101_105"};

std::string load_set(const std::filesystem::path& folder, PrintSet& out) {
  std::map<std::string, std::map<int, std::filesystem::path>> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder / "png", error)) {
    const std::string stem = entry.path().stem().string();
    const std::size_t line = stem.find('_');
    if (entry.path().extension() != ".png" || line == std::string::npos) continue;
    files[stem.substr(0, line)][std::atoi(stem.c_str() + line + 1)] = entry.path();
  }
  if (error) return (folder / "png").string() + ": " + error.message();
  out.name = folder.filename().string();
  out.dpi = out.name.starts_with("fvc2004_db3") ? 512 : 500;
  for (const auto& [name, impressions] : files) {
    out.fingers.emplace_back();
    for (const auto& [number, path] : impressions) {
      out.fingers.back().emplace_back();
      if (ImageError failed = read_png(path, out.fingers.back().back()); !failed.message.empty()) return failed.message;
    }
  }
  return out.fingers.size() < 2 ? folder.string() + ": fewer than two fingers in png/" : std::string();
}

}  // namespace

std::string load_sets(const std::filesystem::path& data, std::vector<PrintSet>& out) {
  std::error_code error;
  std::vector<std::filesystem::path> folders;
  if (std::filesystem::is_directory(data / "png", error)) {
    folders.push_back(data);
  } else {
    for (const char* name : kPooled) folders.push_back(data / name);
  }
  for (const auto& folder : folders) {
    PrintSet set;
    if (std::string message = load_set(folder, set); !message.empty()) return message;
    out.push_back(std::move(set));
  }
  return {};
}

void generate_touches(const prints::Population& population, std::uint64_t seed, int fingers, int impressions, int threads,
                      const std::function<void(const GeneratedTouch&)>& touch) {
  std::atomic<int> next = 0;
  const auto work = [&] {
    for (int f = next++; f < fingers; f = next++) {
      const SeedTree tree = SeedTree(seed).child(static_cast<std::uint64_t>(f));
      const prints::Finger finger = prints::Finger::make(tree, population);
      const prints::SensorKind kind = prints::draw_kind(tree, population);
      const prints::SensorUnit unit = prints::SensorUnit::draw(kind, tree.child("unit"), population);
      for (int i = 0; i < impressions; ++i) {
        const auto conditions = prints::Conditions::draw(finger, kind, tree.child("touch").child(static_cast<std::uint64_t>(i)), population);
        touch({kind, f, i, prints::SensorUnit::nominal(kind, population).dpi, picture(finger, conditions, unit)});
      }
    }
  };
  std::vector<std::jthread> pool;
  for (int i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
}

Foreground calibration::find_foreground(const GreyImage& image) {
  constexpr int kBlock_px = 8;
  Foreground out;
  out.columns = image.width_px / kBlock_px;
  out.rows = image.height_px / kBlock_px;
  std::vector<double> contrast;
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.columns; ++column) {
      // Over the block and its rim: a ridge period is about a block.
      double sum = 0;
      double squares = 0;
      int count = 0;
      for (int y = std::max(0, row * kBlock_px - 4); y < std::min(image.height_px, row * kBlock_px + 12); ++y) {
        for (int x = std::max(0, column * kBlock_px - 4); x < std::min(image.width_px, column * kBlock_px + 12); ++x) {
          const double v = image.at(x, y);
          sum += v;
          squares += v * v;
          ++count;
        }
      }
      contrast.push_back(std::sqrt(std::max(0.0, squares / count - sum / count * sum / count)));
    }
  }
  std::vector<double> sorted = contrast;
  std::sort(sorted.begin(), sorted.end());
  const double threshold = std::max(10.0, 0.4 * sorted[sorted.size() * 95 / 100]);
  const auto strong = [&](int column, int row) {
    return column >= 0 && row >= 0 && column < out.columns && row < out.rows &&
           contrast[static_cast<std::size_t>(row * out.columns + column)] > threshold;
  };
  out.blocks.assign(contrast.size(), false);
  double sum_x = 0;
  double sum_y = 0;
  for (int row = 0; row < out.rows; ++row) {
    for (int column = 0; column < out.columns; ++column) {
      int neighbours = 0;
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) neighbours += strong(column + dx, row + dy) ? 1 : 0;
      }
      if (neighbours < 5) continue;
      out.blocks[static_cast<std::size_t>(row * out.columns + column)] = true;
      ++out.count;
      sum_x += column * kBlock_px + 3.5;
      sum_y += row * kBlock_px + 3.5;
    }
  }
  out.centre_x_px = out.count == 0 ? image.width_px / 2.0 : sum_x / out.count;
  out.centre_y_px = out.count == 0 ? image.height_px / 2.0 : sum_y / out.count;
  return out;
}

}  // namespace touchstone::bio
