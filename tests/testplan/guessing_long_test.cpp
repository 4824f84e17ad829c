// The whole of it: any record of the converter, all 2^24 messages.
#include "testplan/guessing.h"

#include <gtest/gtest.h>

namespace touchstone::test {
namespace {

TEST(OfflineGuessingLong, AnyRecordOpensWithin16777216Guesses) {
  ByteArray<32> randomness;
  SeedTree(33).stream("enrolment").fill(randomness);
  biometrics::HelperData record;
  Secret<32> root;
  enrol_any_finger(randomness, record, root);
  const auto found = guess_root(record, record.code.k);
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(equal_constant_time(found->root, root.expose()));
  RecordProperty("guesses", static_cast<int>(found->guesses));
}

}  // namespace
}  // namespace touchstone::test
