// The committed network is what its log, its configuration and this program say.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "nets/experiment.h"
#include "nets/files.h"
#include "nets/front_end.h"
#include "nets/quantise.h"
#include "nets/touches.h"
#include "nets/weights.h"
#include "prints/population.h"

namespace touchstone::nets {
namespace {

const std::filesystem::path kModel = TS_MODEL;

TEST(Model, TheEightBitFileIsWhatTheFloatOneGives) {
  EXPECT_TRUE(quantise(Weights::read(kModel / "finger.tsnt")) == read_whole(kModel / "finger.tsq"));
}

TEST(Model, IsOfTheShippedExperimentTheFrozenGeneratorAndThisFrontEnd) {
  const Weights weights = Weights::read(kModel / "finger.tsnt");
  EXPECT_EQ(weights.configuration_hash, Experiment::read(TS_EXPERIMENTS "/finger/shipped.json").hash);
  EXPECT_EQ(weights.generator_hash, prints::population_hash());
  EXPECT_EQ(weights.front_end_hash, front_end_digest(card_front_end()));
  const auto log = nlohmann::json::parse(read_whole(kModel / "finger.json"));
  EXPECT_EQ(log.at("weights_sha256"), digest_of(read_whole(kModel / "finger.tsnt")));
  EXPECT_EQ(log.at("configuration_hash"), weights.configuration_hash);
  EXPECT_EQ(log.at("seed"), weights.seed);
}

}  // namespace
}  // namespace touchstone::nets
