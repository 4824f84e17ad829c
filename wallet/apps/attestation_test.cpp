// Attestation from the wallet's side: every field counts, every signature counts, and the policy. And the update sender.
#include "wallet/attestation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "curve_host/host_curve.h"
#include "identity/development_vendor.h"
#include "identity/identity.h"
#include "support/hex.h"
#include "wallet/test_identity.h"

namespace touchstone::wallet {
namespace {

using contract::AttestResponse;
using ::testing::HasSubstr;

using test::TestIdentity;
using test::small_image;

const ByteArray<32> kChallenge{1, 2, 3}, kBinding{4, 5};

Result<AttestedCard> verify(const AttestResponse& response, const AttestationPolicy& policy = {}) {
  return verify_attestation(response, kChallenge, kBinding, identity::development_vendor_key(), policy);
}

TEST(Attestation, AGenuineCardIsKnown) {
  const TestIdentity card(7);
  const AttestResponse response = card.respond(kChallenge, kBinding);
  const auto attested = verify(response);
  ASSERT_TRUE(attested) << attested.error().what;
  EXPECT_EQ(attested->device_key, response.device_key);
  EXPECT_EQ(attested->version, 5u);
  EXPECT_EQ(attested->firmware_sha256, card.measurement.firmware_sha256);
}

TEST(Attestation, EveryChangedByteIsRefused) {
  ByteArray<AttestResponse::kMaxBytes> buffer;
  const Bytes encoded = TestIdentity(7).respond(kChallenge, kBinding).encode(buffer).value();
  for (std::size_t i = 1; i < encoded.size(); ++i) {
    auto changed = touchstone::test::to_vector(encoded);
    changed[i] ^= 0x01;
    const auto response = AttestResponse::decode(changed);
    ASSERT_TRUE(response);
    EXPECT_FALSE(verify(*response)) << "byte " << i;
  }
}

TEST(Attestation, SaysWhatIsWrong) {
  const TestIdentity card(7), other(8);
  AttestResponse r = card.respond(ByteArray<32>{9}, kBinding);  // an answer to another challenge, replayed
  EXPECT_THAT(verify(r).error().what, HasSubstr("challenge"));

  r = card.respond(kChallenge, ByteArray<32>{9});  // asked by somebody in the middle, on a channel of his own
  EXPECT_THAT(verify(r).error().what, HasSubstr("channel"));

  TestIdentity home_made(7);
  home_made.vendor = crypto::Scalar::from_u32(5);
  EXPECT_THAT(verify(home_made.respond(kChallenge, kBinding)).error().what, HasSubstr("not the vendor's"));

  // A clone that shows a genuine card's key and certificate has no signature of that device's.
  r = other.respond(kChallenge, kBinding);
  const AttestResponse genuine = card.respond(kChallenge, kBinding);
  r.device_key = genuine.device_key;
  r.device_certificate = genuine.device_certificate;
  EXPECT_THAT(verify(r).error().what, HasSubstr("alias certificate"));
  // One that copies the certificate alone shows a key it does not belong to.
  r = other.respond(kChallenge, kBinding);
  r.device_certificate = genuine.device_certificate;
  EXPECT_THAT(verify(r).error().what, HasSubstr("not the vendor's"));
  // The whole chain of a genuine card, without its alias key.
  r = genuine;
  r.signature = other.respond(kChallenge, kBinding).signature;
  EXPECT_THAT(verify(r).error().what, HasSubstr("challenge"));
  r = genuine;
  r.lifecycle = 3;
  EXPECT_EQ(verify(r).error().code, ErrorCode::kBadFormat);
}

TEST(Attestation, ThePolicyDecidesAboutOldAndOpenCards) {
  TestIdentity card(7);
  EXPECT_TRUE(verify(card.respond(kChallenge, kBinding), {5, false}));
  EXPECT_EQ(verify(card.respond(kChallenge, kBinding), {6, false}).error().code, ErrorCode::kOutOfRange);
  const auto production_alias = card.respond(kChallenge, kBinding).alias_key;
  card.measurement.lifecycle = AttestResponse::Lifecycle::kDebug;
  const AttestResponse open = card.respond(kChallenge, kBinding);
  EXPECT_NE(open.alias_key, production_alias);
  EXPECT_EQ(verify(open).error().code, ErrorCode::kUnsupported);
  EXPECT_TRUE(verify(open, {1, true}));
}

std::vector<std::uint8_t> status(std::uint32_t next_offset, contract::UpdateStatus::State state) {
  contract::UpdateStatus message;
  message.next_offset = next_offset;
  message.state = static_cast<std::uint8_t>(state);
  ByteArray<contract::UpdateStatus::kMaxBytes> buffer;
  return touchstone::test::to_vector(message.encode(buffer).value());
}

TEST(UpdateSender, SendsTheImageInOrder) {
  using CardState = contract::UpdateStatus::State;
  const auto image = small_image();
  auto sender = UpdateSender::create(image);
  ASSERT_TRUE(sender);
  const auto begin = contract::UpdateBegin::decode(sender->begin());
  ASSERT_TRUE(begin);
  EXPECT_EQ(begin->image_bytes, image.size());
  EXPECT_EQ(begin->version, 9u);
  std::vector<std::uint8_t> received;
  while (received.size() < image.size()) {
    const auto bytes = sender->on_message(status(static_cast<std::uint32_t>(received.size()), CardState::kReceiving));
    const auto piece = contract::UpdateData::decode(bytes);
    ASSERT_TRUE(piece);
    ASSERT_EQ(piece->offset, received.size());
    received.insert(received.end(), piece->data.begin(), piece->data.end());
  }
  EXPECT_EQ(received, image);
  EXPECT_TRUE(sender->on_message(status(static_cast<std::uint32_t>(image.size()), CardState::kStaged)).empty());
  EXPECT_EQ(sender->state(), UpdateSender::State::kStaged);
}

TEST(UpdateSender, StopsAtWhatItDoesNotExpect) {
  using CardState = contract::UpdateStatus::State;
  const auto after = [](const std::vector<std::uint8_t>& answer) {
    auto sender = UpdateSender::create(small_image()).value();
    static_cast<void>(sender.begin());
    EXPECT_TRUE(sender.on_message(answer).empty());
    EXPECT_NE(sender.why(), "");
    return sender.state();
  };
  EXPECT_EQ(after(status(4, CardState::kReceiving)), UpdateSender::State::kFailed);
  EXPECT_EQ(after(status(0, CardState::kStaged)), UpdateSender::State::kFailed);
  EXPECT_EQ(after(status(0, static_cast<CardState>(9))), UpdateSender::State::kFailed);
  EXPECT_EQ(after({1, 2, 3}), UpdateSender::State::kFailed);
  EXPECT_EQ(after(status(0, CardState::kRefused)), UpdateSender::State::kRefused);
  EXPECT_EQ(after({contract::Refusal::kId, 0, 0, 0, 0, 3}), UpdateSender::State::kRefused);
  auto cut = small_image();
  cut.pop_back();
  EXPECT_FALSE(UpdateSender::create(cut));
  EXPECT_FALSE(UpdateSender::create({}));
}

}  // namespace
}  // namespace touchstone::wallet
