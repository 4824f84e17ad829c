// One real capacitive finger, end to end.
#include "biometrics/test_prints.h"
#include "support/data.h"

namespace touchstone::biometrics {
namespace {

TEST(RealPrints, AFingerOpensItsRecordAndAnotherDoesNot) {
  TS_DATA_OR_SKIP(path, "datasets/fvc2002_db3_b_f101_105/png");
  const auto read = [&](int finger, int impression, Feature& out) {
    GreyImage image;
    const auto file = path / (std::to_string(finger) + "_" + std::to_string(impression) + ".png");
    ASSERT_EQ(read_png(file, image).message, "");
    ASSERT_TRUE(test::extract(image, out).ok()) << file;
  };
  std::vector<Feature> touches(4);
  for (int i = 0; i < 4; ++i) read(103, i + 1, touches[static_cast<std::size_t>(i)]);
  HelperData helper;
  Secret<32> root;
  ByteArray<32> randomness;
  Random(1).fill(randomness);
  ASSERT_TRUE(enrol(touches, randomness, helper, root).ok());
  int genuine = 0;
  for (int i = 5; i <= 8; ++i) {
    Feature probe;
    read(103, i, probe);
    Secret<32> again;
    if (!regenerate(probe, helper, again).ok()) continue;
    EXPECT_TRUE(equal_constant_time(again.expose(), root.expose()));
    ++genuine;
  }
  EXPECT_GE(genuine, 1);
  for (int i = 1; i <= 8; ++i) {
    Feature probe;
    read(102, i, probe);
    Secret<32> again;
    EXPECT_FALSE(regenerate(probe, helper, again).ok()) << i;
  }
}

}  // namespace
}  // namespace touchstone::biometrics
