// The head that is shipped: that it is the one its page names, and fits what stands beside it.
#include <gtest/gtest.h>

#include <cmath>

#include "base/seed.h"
#include "crypto/sha256.h"
#include "face_head/head.h"
#include "face_model/face_model.h"

namespace touchstone::biometrics {
namespace {

std::string hex(Bytes bytes) {
  std::string out;
  for (const std::uint8_t b : bytes) {
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
  }
  return out;
}

TEST(ShippedFaceHead, IsTheOneThatItsPageNames) {
  const auto head = load_head(face_head_file());
  ASSERT_TRUE(head.ok());
  EXPECT_EQ(hex(crypto::sha256(face_head_file())), "50b6e4ec74df05cfca3a7950a0e4721a5a3e60b3fead47c05287a925aeba5bc7");
  EXPECT_EQ(digest(*head), crypto::sha256(face_head_file()));
  EXPECT_EQ(hex(head->embedder_digest), "87aacdfe57510db2af90c0251df680e8eec88f122ee94712121d09bcaaaf3581");
  EXPECT_EQ(head->inputs(), 512U);
  EXPECT_EQ(head->dimensions(), 256U);
  EXPECT_LE(face_head_file().size(), 600'000U);
}

TEST(ShippedFaceHead, ItsVectorsAreWhatTheSecretTakes) {
  const auto head = load_head(face_head_file());
  ASSERT_TRUE(head.ok());
  std::vector<float> embedding(head->inputs());
  Random r = SeedTree(1).stream("embedding");
  for (float& x : embedding) x = static_cast<float>(r.normal());
  const std::span<const float> rows[] = {embedding};
  const auto vector = head->vector(rows);
  ASSERT_TRUE(vector.ok());
  HelperData helper;
  Secret<32> root, again;
  ByteArray<32> randomness{};
  r.fill(randomness);
  ASSERT_TRUE(enrol_face(*vector, randomness, helper, root).ok());
  EXPECT_FALSE(helper.weak);
  ASSERT_TRUE(open_face(*vector, helper, again).ok());
  EXPECT_TRUE(equal_constant_time(root.expose(), again.expose()));
}

TEST(ShippedFaceHead, ItsRowsAreOrthogonalAndGrowAsItWhitens) {
  // Principal components, each divided by its standard deviation: orthogonal rows, the largest variance - the shortest row - first.
  const auto head = load_head(face_head_file());
  ASSERT_TRUE(head.ok());
  const auto product = [&](std::size_t a, std::size_t b) {
    double sum = 0;
    for (std::size_t i = 0; i < head->inputs(); ++i) sum += static_cast<double>(head->projection[a * head->inputs() + i]) * static_cast<double>(head->projection[b * head->inputs() + i]);
    return sum;
  };
  for (std::size_t k = 1; k < head->dimensions(); ++k) {
    EXPECT_NEAR(product(k, k - 1) / std::sqrt(product(k, k) * product(k - 1, k - 1)), 0, 1e-5);
    EXPECT_GE(product(k, k), product(k - 1, k - 1));
  }
}

}  // namespace
}  // namespace touchstone::biometrics
