// Attestation and update as a wallet sees them over the wire, with the wallet's own code at the other end.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "identity/development_vendor.h"
#include "image_builder/image_builder.h"
#include "signed_image/image_header.h"
#include "support/elf_file.h"
#include "wallet/attestation.h"

namespace touchstone::firmware::testing {
namespace {

using wallet::UpdateSender;

/// A signed image of a program of `program_bytes` bytes.
ImageBytes image(std::uint32_t version, std::uint32_t program_bytes = 9000,
                 const crypto::Scalar& vendor = identity::development_vendor_secret()) {
  const std::vector<std::uint8_t> program(program_bytes, 0x13);
  return std::get<ImageBytes>(build_image(std::get<ElfImage>(ElfImage::parse(test::elf_file(kLoadAddress, program))), version, vendor));
}

Pixels attest_request(const ByteArray<32>& challenge) {
  ByteArray<contract::AttestRequest::kMaxBytes> buffer;
  const Bytes bytes = contract::AttestRequest{challenge}.encode(buffer).value();
  return {bytes.begin(), bytes.end()};
}

Result<ImageHeader> staged(Bench& bench) {
  return verify_image(Bytes(bench.flash.bytes).subspan(contract::kFlashUpdateOffset, contract::kFlashUpdateSizeBytes),
                      identity::development_vendor_key(), bench.curve);
}

/// Sends until the end; the owner does what was planned before.
void send_all(Bench& bench, UpdateSender& sender) {
  Pixels message = sender.begin();
  while (!message.empty()) {
    bench.deliver(message);
    bench.run_to_answer();
    message = sender.on_message(bench.wire.sent.back());
  }
}

void plan_hold(Bench& bench) { bench.sensor.plan.push_back({800, 1500, &finger(1)}); }

TEST(CardAttestation, ConvincesTheWalletOnce) {
  Bench bench;
  const ByteArray<32> challenge{7};
  bench.deliver(attest_request(challenge));
  bench.run_to_answer();
  const auto response = contract::AttestResponse::decode(bench.wire.sent.back());
  ASSERT_TRUE(response);
  const auto attested = wallet::verify_attestation(*response, challenge, bench.channel_binding, identity::development_vendor_key());
  ASSERT_TRUE(attested) << attested.error().what;
  EXPECT_EQ(attested->version, 3u);
  EXPECT_FALSE(wallet::verify_attestation(*response, {8}, bench.channel_binding, identity::development_vendor_key()));
}

TEST(CardAttestation, ABrokenGeneratorGivesNoSignature) {
  Bench bench;
  bench.entropy.broken = true;
  bench.deliver(attest_request({7}));
  bench.run_to_answer();
  EXPECT_EQ(bench.last_refusal(), static_cast<int>(contract::Refusal::Reason::kDeviceError));
}

TEST(CardUpdate, IsStagedAfterTheOwnersHold) {
  Bench bench;
  plan_hold(bench);
  auto sender = UpdateSender::create(image(9)).value();
  send_all(bench, sender);
  EXPECT_EQ(sender.state(), UpdateSender::State::kStaged) << sender.why();
  bench.run([&] { return bench.restarts > 0; });
  EXPECT_EQ(bench.restarts, 1);
  EXPECT_TRUE(bench.shown("v 9"));
  const auto header = staged(bench);
  ASSERT_TRUE(header) << header.error().what;
  EXPECT_EQ(header->version, 9u);
}

TEST(CardUpdate, NeedsAHold) {
  Bench bench;
  const Pixels before = bench.flash.bytes;
  bench.sensor.plan.push_back({800, 200, &finger(1)});  // a tap is no answer
  auto sender = UpdateSender::create(image(9)).value();
  send_all(bench, sender);
  EXPECT_EQ(sender.state(), UpdateSender::State::kRefused);
  EXPECT_EQ(sender.why(), "timeout");
  EXPECT_EQ(bench.flash.bytes, before);
}

TEST(CardUpdate, RefusesPiecesOutOfTurn) {
  Bench bench;
  const auto deliver_piece = [&](std::uint32_t offset, std::size_t size) {
    const Pixels data(size, 1);
    contract::UpdateData piece;
    piece.offset = offset;
    piece.data = data;
    ByteArray<contract::UpdateData::kMaxBytes> buffer;
    bench.deliver(piece.encode(buffer).value());
    bench.run_to_answer();
    const auto status = contract::UpdateStatus::decode(bench.wire.sent.back());
    return status ? status->state : 0;
  };
  EXPECT_EQ(deliver_piece(0, 8), 0);
  EXPECT_EQ(bench.last_refusal(), static_cast<int>(contract::Refusal::Reason::kBadRequest));
  for (const auto& [offset, size] : {std::pair<std::uint32_t, std::size_t>{4, 8}, {0, 6}, {0, 0}}) {
    plan_hold(bench);
    auto sender = UpdateSender::create(image(9, 400)).value();
    bench.deliver(sender.begin());
    bench.run_to_answer();
    EXPECT_EQ(deliver_piece(offset, size), static_cast<int>(contract::UpdateStatus::State::kRefused)) << offset << " " << size;
    EXPECT_EQ(deliver_piece(0, 8), 0) << "the update has ended";
  }
  EXPECT_EQ(bench.restarts, 0);
}

TEST(CardUpdate, ADamagedImageIsNotStaged) {
  Bench bench;
  plan_hold(bench);
  ImageBytes damaged = image(9);
  damaged[5000] ^= 1;
  auto sender = UpdateSender::create(damaged).value();
  send_all(bench, sender);
  EXPECT_EQ(sender.state(), UpdateSender::State::kRefused);
  EXPECT_EQ(bench.restarts, 0);
  EXPECT_EQ(staged(bench).error().code, ErrorCode::kState);
}

TEST(CardUpdate, AnotherVersionThanTheOneShownIsNotStaged) {
  Bench bench;
  plan_hold(bench);
  auto sender = UpdateSender::create(image(9)).value();
  auto begin = contract::UpdateBegin::decode(sender.begin()).value();
  begin.version = 10;
  ByteArray<contract::UpdateBegin::kMaxBytes> buffer;
  bench.deliver(begin.encode(buffer).value());
  bench.run_to_answer();
  EXPECT_TRUE(bench.shown("v 10"));
  bench.deliver(sender.on_message(bench.wire.sent.back()));
  bench.run_to_answer();
  EXPECT_TRUE(sender.on_message(bench.wire.sent.back()).empty());
  EXPECT_EQ(sender.state(), UpdateSender::State::kRefused);
  EXPECT_EQ(staged(bench).error().code, ErrorCode::kState);
}

TEST(CardUpdate, AVersionThatNoImageHasIsNotAskedFor) {
  Bench bench;
  for (const std::uint32_t version : {kMaxFirmwareVersion + 1, 0xFFFFFFFFu}) {
    plan_hold(bench);
    ByteArray<contract::UpdateBegin::kMaxBytes> buffer;
    bench.deliver(contract::UpdateBegin{9000, version}.encode(buffer).value());
    bench.run_to_answer();
    EXPECT_EQ(bench.last_refusal(), static_cast<int>(contract::Refusal::Reason::kBadRequest));
  }
  EXPECT_FALSE(bench.shown("Update|"));
}

// The staging slot is worn: nothing of it is installed, and the card goes on as it was.
TEST(CardUpdate, AWornStagingSlotLeavesAnEnrolledCardUsable) {
  for (const std::uint32_t page : {0u, 1u, 2u}) {
    SCOPED_TRACE(page);
    Bench bench;
    ASSERT_TRUE(bench.pair());
    bench.settle();
    bench.flash.worn_page = contract::kFlashUpdateOffset + page * contract::kPageBytes;
    plan_hold(bench);
    auto sender = UpdateSender::create(image(9)).value();
    send_all(bench, sender);
    EXPECT_EQ(sender.state(), UpdateSender::State::kRefused);
    EXPECT_EQ(bench.restarts, 0);
    EXPECT_FALSE(staged(bench));
    bench.boot();
    EXPECT_TRUE(bench.app->enrolled());
    bench.deliver(bench.sign_request(1));
    bench.plan_confirmation();
    bench.run_to_answer();
    EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  }
}

TEST(CardUpdate, ALostConnectionEndsIt) {
  Bench bench;
  plan_hold(bench);
  auto sender = UpdateSender::create(image(9)).value();
  bench.deliver(sender.begin());
  bench.run_to_answer();
  const Pixels piece = sender.on_message(bench.wire.sent.back());
  bench.wire.close();
  bench.wire.open();
  bench.deliver(piece);
  bench.run_to_answer();
  EXPECT_EQ(bench.last_refusal(), static_cast<int>(contract::Refusal::Reason::kBadRequest));
}

// Power may go after any word of an upload: what lies there is no image until the very last one.
TEST(UpdateSlot, IsNoImageBeforeItsLastWord) {
  crypto::HostCurve curve;
  const ImageBytes good = image(9, 4200);
  const int words = static_cast<int>(good.size() / 4);
  const auto upload = [&](std::optional<int> words_until_cut) {
    FakeFlash flash;
    const ImageBytes old = image(8, 4200);
    std::copy(old.begin(), old.end(), flash.bytes.begin() + contract::kFlashUpdateOffset);
    flash.words_until_cut = words_until_cut;
    UpdateSlot slot(flash, curve, {identity::development_vendor_key(), 3}, [](void*) {}, nullptr);
    static_cast<void>(slot.update_begin(static_cast<std::uint32_t>(good.size()), 9));
    for (std::size_t at = 0; at < good.size(); at += 2000)
      static_cast<void>(slot.update_write(static_cast<std::uint32_t>(at), Bytes(good).subspan(at, std::min<std::size_t>(2000, good.size() - at))));
    const Status committed = slot.update_commit();
    const auto header = ImageHeader::parse(Bytes(flash.bytes).subspan(contract::kFlashUpdateOffset, 256));
    EXPECT_EQ(committed.ok(), header.ok());
    return header;
  };
  for (int cut = 1; cut < words; cut += cut > 80 && cut < words - 80 ? 13 : 1) EXPECT_FALSE(upload(cut)) << cut << " words";
  EXPECT_TRUE(upload(words));
  EXPECT_TRUE(upload(std::nullopt));
}

// Whoever can call the slot must not get a restart out of it without an image that the boot ROM will install.
TEST(UpdateSlot, RestartsForANewImageOfTheVendorAlone) {
  crypto::HostCurve curve;
  const auto offer = [&](const ImageBytes& offered, std::uint32_t agreed_version) {
    FakeFlash flash;
    int restarts = 0;
    UpdateSlot slot(flash, curve, {identity::development_vendor_key(), 3}, [](void* count) { ++*static_cast<int*>(count); }, &restarts);
    slot.restart();
    EXPECT_EQ(restarts, 0);
    EXPECT_TRUE(slot.update_begin(static_cast<std::uint32_t>(offered.size()), agreed_version));
    static_cast<void>(slot.update_write(0, offered));
    slot.restart();
    EXPECT_EQ(restarts, 0);
    const Status committed = slot.update_commit();
    slot.restart();
    EXPECT_EQ(restarts, committed ? 1 : 0);
    const bool valid = ImageHeader::parse(Bytes(flash.bytes).subspan(contract::kFlashUpdateOffset, 256)).ok();
    EXPECT_EQ(valid, committed.ok());
    EXPECT_TRUE(slot.update_begin(static_cast<std::uint32_t>(offered.size()), agreed_version));  // what was committed is gone
    slot.restart();
    EXPECT_EQ(restarts, committed ? 1 : 0);
    return committed.ok();
  };
  EXPECT_TRUE(offer(image(4, 400), 4));
  EXPECT_FALSE(offer(image(3, 400), 3));
  EXPECT_FALSE(offer(image(4, 400), 5));
  EXPECT_FALSE(offer(image(4, 400, crypto::Scalar::from_u32(7)), 4));
}

// The owner reads a version and holds. An image of another one ends with its header, whole or in pieces, newer or older.
TEST(UpdateSlot, TakesNoOtherVersionThanTheOwnerAgreedTo) {
  crypto::HostCurve curve;
  const ImageBytes offered = image(5, 400);
  for (const std::uint32_t agreed_version : {4u, 5u, 6u})
    for (const std::size_t first : {std::size_t{200}, ImageHeader::kBytes, offered.size()}) {
      SCOPED_TRACE(::testing::Message() << "agreed to " << agreed_version << ", first piece " << first);
      FakeFlash flash;
      UpdateSlot slot(flash, curve, {identity::development_vendor_key(), 3}, [](void*) {}, nullptr);
      ASSERT_TRUE(slot.update_begin(static_cast<std::uint32_t>(offered.size()), agreed_version));
      Status written = slot.update_write(0, Bytes(offered).first(first));
      if (first < ImageHeader::kBytes) {
        ASSERT_TRUE(written);
        written = slot.update_write(static_cast<std::uint32_t>(first), Bytes(offered).subspan(first, ImageHeader::kBytes - first));
      }
      EXPECT_EQ(written.ok(), agreed_version == 5);
      if (written) continue;
      EXPECT_EQ(written.error().code, ErrorCode::kMismatch);
      EXPECT_EQ(slot.update_commit().error().code, ErrorCode::kState);
      EXPECT_FALSE(ImageHeader::parse(Bytes(flash.bytes).subspan(contract::kFlashUpdateOffset, 256)));
    }
}

TEST(UpdateSlot, RefusesWhatDoesNotFit) {
  FakeFlash flash;
  crypto::HostCurve curve;
  UpdateSlot slot(flash, curve, {identity::development_vendor_key(), 3}, [](void*) {}, nullptr);
  EXPECT_EQ(slot.update_begin(contract::kFlashUpdateSizeBytes + 4, 4).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(slot.update_begin(256, 4).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(slot.update_begin(1001, 4).error().code, ErrorCode::kBadFormat);
  EXPECT_EQ(slot.update_write(0, ByteArray<4>{}).error().code, ErrorCode::kState);
  EXPECT_EQ(slot.update_commit().error().code, ErrorCode::kState);
  ASSERT_TRUE(slot.update_begin(260, 4));
  EXPECT_EQ(slot.update_write(0, ByteArray<264>{}).error().code, ErrorCode::kOutOfRange);
}

}  // namespace
}  // namespace touchstone::firmware::testing
