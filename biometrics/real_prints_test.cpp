// Real capacitive fingers, end to end: 4 touches enrolled, the other 4 as probes. Rates are for `touchstone bio evaluate`.
#include <gtest/gtest.h>

#include <vector>

#include "base/seed.h"
#include "biometrics/converter.h"
#include "print_testing/owners.h"
#include "support/data.h"

namespace touchstone::biometrics {
namespace {

TEST(RealPrints, FingersOpenTheirRecordsMoreOftenThanOthers) {
  TS_DATA_OR_SKIP(path, "datasets/fvc2002_db3_b_f101_105/png");
  const auto read = [&](int finger, int impression, Feature& out) {
    GreyImage image;
    const auto file = path / (std::to_string(finger) + "_" + std::to_string(impression) + ".png");
    EXPECT_EQ(read_png(file, image).message, "");
    return testing::extract(image, out).ok();
  };
  std::vector<std::uint64_t> work(converter_work_bytes() / 8 + 1);
  const MutableBytes area(reinterpret_cast<std::uint8_t*>(work.data()), work.size() * 8);
  int genuine = 0, genuine_tries = 0, impostor = 0, impostor_tries = 0;
  for (int enrolled = 101; enrolled <= 105; ++enrolled) {
    std::vector<Feature> touches(4);
    bool complete = true;
    for (int i = 0; i < 4; ++i) complete = read(enrolled, i + 1, touches[static_cast<std::size_t>(i)]) && complete;
    if (!complete) continue;
    HelperData helper;
    Secret<32> root, again;
    ByteArray<32> randomness;
    Random(static_cast<std::uint64_t>(enrolled)).fill(randomness);
    ASSERT_TRUE(enrol({touches, 1, false}, randomness, area, helper, root).ok());
    for (int finger = 101; finger <= 105; ++finger) {
      for (int i = 5; i <= 8; ++i) {
        Feature probe;
        const bool opened = read(finger, i, probe) && regenerate({&probe, 1}, helper, area, again).ok();
        (finger == enrolled ? genuine_tries : impostor_tries) += 1;
        if (opened) (finger == enrolled ? genuine : impostor) += 1;
      }
    }
  }
  ASSERT_GT(genuine_tries, 0);
  RecordProperty("genuine", genuine);
  RecordProperty("impostor", impostor);
  EXPECT_GE(genuine * 3, genuine_tries);
  EXPECT_LE(impostor * 20, impostor_tries);
}

}  // namespace
}  // namespace touchstone::biometrics
