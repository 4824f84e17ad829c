#include "classical/descriptor.h"

#include <gtest/gtest.h>

#include <vector>

#include "prints/impression.h"

namespace touchstone::classical {
namespace {

using prints::Conditions, prints::SensorUnit;

TEST(Descriptor, FindsTheCoreOfAGeneratedLoopAgain) {
  const prints::Finger loop = prints::Finger::make(SeedTree(11), prints::PatternClass::kRightLoop);
  const SensorUnit sensor = SensorUnit::nominal(prints::SensorKind::kCapacitive);
  const auto reference_of = [&](const Conditions& c) {
    const GreyImage image = prints::picture(loop, c, sensor);
    std::vector<std::uint64_t> work(orientation_map_work_bytes(300, 300) / 8 + 1);
    Quality quality;
    const OrientationMap map = make_orientation_map(
        {image.pixels, 300, 300}, MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8), quality);
    Pose pose;
    EXPECT_TRUE(find_reference(map, pose));
    return std::pair{pose.x_q4 / 16.0, pose.y_q4 / 16.0};
  };
  const auto [x0, y0] = reference_of({});
  Conditions moved;
  moved.dx_px = 23;
  moved.dy_px = -17;
  const auto [x1, y1] = reference_of(moved);
  EXPECT_NEAR(x1 - x0, 23, 4);
  EXPECT_NEAR(y1 - y0, -17, 4);
}

}  // namespace
}  // namespace touchstone::classical
