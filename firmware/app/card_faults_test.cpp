// What the card does when the world lets it down: lost links, power cuts, broken parts - and what it leaves in memory.
#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "biometrics/converter.h"
#include "mpc_session/roots.h"
#include "print_testing/owners.h"

namespace touchstone::firmware::testing {
namespace {

using Reason = contract::Refusal::Reason;

bool wiped(const Pixels& memory) {
  return std::all_of(memory.begin(), memory.end(), [](std::uint8_t b) { return b == 0; });
}

/// The payment of `bench` with the link closed at `close_ms` after the request, or during the capture.
void sign_with_lost_link(Bench& bench, std::optional<std::uint64_t> close_ms) {
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  if (close_ms)
    bench.clock.after_ms(*close_ms, [&] { bench.wire.close(); });
  else
    bench.sensor.on_capture = [&] { bench.wire.close(); };
  bench.settle();
  bench.sensor.on_capture = [] {};
  bench.sensor.plan.clear();
}

TEST(CardFaults, ALostLinkEndsEveryStage) {
  // Before the first touch, while a finger taps, between the pages, while the finger is held; then during the capture.
  const std::vector<std::optional<std::uint64_t>> moments{0, 400, 1000, 1500, 2300, std::nullopt};
  for (const auto& moment : moments) {
    SCOPED_TRACE(moment ? static_cast<int>(*moment) : -1);
    Bench bench;
    ASSERT_TRUE(bench.pair());
    bench.settle();
    bench.wire.sent.clear();
    sign_with_lost_link(bench, moment);
    EXPECT_TRUE(bench.wire.sent.empty());
    EXPECT_TRUE(wiped(bench.arena));
    EXPECT_TRUE(bench.sensor.asleep);
    EXPECT_EQ(bench.screen.pages.back(), "touchstone|regtest(finger)|ready|waiting for a wallet");
    bench.wire.open();
    bench.deliver(bench.sign_request(2));
    bench.plan_confirmation();
    bench.run_to_answer();
    EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  }
}

TEST(CardFaults, ALostLinkEndsPairing) {
  Bench bench;
  bench.clock.after_ms(2500, [&] { bench.wire.close(); });
  EXPECT_FALSE(bench.pair());
  bench.settle();
  EXPECT_FALSE(bench.app->enrolled());
  EXPECT_TRUE(wiped(bench.arena));
}

TEST(CardFaults, APowerCutAnywhereInTheRecordLeavesTheFormerOne) {
  // How many words one record takes.
  Bench reference;
  ASSERT_TRUE(reference.pair());
  const int words = reference.flash.words_programmed;
  for (int cut = 0; cut <= words; cut += cut < words - 2 ? 7 : 1) {
    SCOPED_TRACE(cut);
    FakeFlash flash;
    RecordStore store(flash);
    EnrolmentRecord record = *RecordStore(reference.flash).load();
    record.epoch = 1;
    ASSERT_TRUE(store.store(record));
    record.epoch = 2;
    flash.words_until_cut = cut;
    static_cast<void>(store.store(record));
    flash.words_until_cut.reset();
    const auto loaded = RecordStore(flash).load();
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->epoch, cut < words ? 1u : 2u);
    record.epoch = 3;
    ASSERT_TRUE(RecordStore(flash).store(record));
    EXPECT_EQ(RecordStore(flash).load()->epoch, 3u);
  }
}

TEST(CardFaults, AChangedBitInTheRecordIsNoticed) {
  Bench bench;
  ASSERT_TRUE(bench.pair());
  for (std::uint32_t byte = 0; byte < 360; byte += 3) {
    FakeFlash flash;
    flash.bytes = bench.flash.bytes;
    flash.bytes[contract::kFlashRecordOffset + byte] ^= 0x10;
    const auto loaded = RecordStore(flash).load();
    if (loaded)  // padding behind the record and erased flash carry nothing
      EXPECT_EQ(loaded->card_public_key, RecordStore(bench.flash).load()->card_public_key);
    else
      EXPECT_LT(byte, (12 + EnrolmentRecord::kBodyBytes + 32 + 3) / 4 * 4 + 4);
  }
}

TEST(CardFaults, BrokenDevicesAreReported) {
  const auto refused = [](Bench& bench) {
    bench.deliver(bench.sign_request(1));
    bench.plan_confirmation();
    bench.run_to_answer();
    return bench.last_refusal() == static_cast<int>(Reason::kDeviceError);
  };
  Bench sensor;
  ASSERT_TRUE(sensor.pair());
  sensor.sensor.broken = true;
  EXPECT_TRUE(refused(sensor));
  Bench entropy;
  ASSERT_TRUE(entropy.pair());
  entropy.entropy.broken = true;
  EXPECT_TRUE(refused(entropy));
  Bench display;
  ASSERT_TRUE(display.pair());
  display.settle();
  display.screen.broken = true;  // what cannot be shown is not signed
  EXPECT_TRUE(refused(display));
}

TEST(CardFaults, APageThatFailedIsNotForgottenWhenTheNextSucceeds) {
  Bench bench;
  ASSERT_TRUE(bench.pair());
  bench.settle();
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  // Only the page with the sum fails; those after it succeed.
  bench.screen.on_page = [&](const std::string& page) { bench.screen.broken = page.starts_with("Confirm"); };
  bench.run_to_answer();
  EXPECT_EQ(bench.last_refusal(), static_cast<int>(Reason::kDeviceError));
  EXPECT_EQ(bench.sensor.captures, 4);  // those of the pairing
}

TEST(CardFaults, AFaultInTheAggregateKeyIsNotSigned) {
  int refused = 0;
  for (int additions = 0;; ++additions) {
    SCOPED_TRACE(additions);
    Bench bench;
    ASSERT_TRUE(bench.pair(1));
    bench.deliver(bench.sign_request(1));
    bench.plan_confirmation();
    bench.sensor.on_capture = [&] { bench.curve.additions_until_fault = additions; };
    bench.run_to_answer();
    const bool fault_came = *bench.curve.additions_until_fault < 0;
    bench.curve.additions_until_fault.reset();
    if (!fault_came) break;
    if (contract::SignResponse::decode(bench.wire.sent.back()))
      EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
    else
      ++refused;
  }
  EXPECT_GE(refused, 8);  // both aggregations add four times each
}

TEST(CardFaults, AnAnswerThatDoesNotGoOutIsNotReportedAsSigned) {
  for (const bool lost : {true, false}) {
    SCOPED_TRACE(lost);
    Bench bench;
    ASSERT_TRUE(bench.pair());
    bench.settle();
    bench.screen.pages.clear();
    bench.wire.sent.clear();
    bench.deliver(bench.sign_request(1));
    bench.plan_confirmation();
    bench.entropy.on_fill = [&] {
      if (lost) {
        // The wallet goes and another peer comes; the answer is not for it.
        bench.clock.after_ms(1, [&] { bench.wire.close(), bench.wire.open(); });
      }
      bench.wire.jammed = true;
      bench.clock.after_ms(100, [&] { bench.wire.jammed = !lost; });
    };
    bench.settle();
    EXPECT_TRUE(bench.wire.sent.empty());
    EXPECT_FALSE(bench.shown("signed"));
    EXPECT_TRUE(bench.shown("(cross)|stopped|connection lost"));
    EXPECT_EQ(bench.wire.is_open(), lost);  // what does not take the answer is cut off
    bench.wire.jammed = false;
    bench.entropy.on_fill = [] {};
    if (!lost) bench.wire.open();
    bench.deliver(bench.sign_request(2));
    bench.plan_confirmation();
    bench.run_to_answer();
    EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  }
}

TEST(CardFaults, ALinkLostDuringTheLastStepOfPairingLeavesNoRecord) {
  Bench bench;
  // The randomness is drawn after the last touch; what follows ends with the record.
  bench.entropy.on_fill = [&] { bench.wire.close(); };
  EXPECT_FALSE(bench.pair());
  bench.settle();
  EXPECT_FALSE(bench.app->enrolled());
  EXPECT_EQ(bench.flash.words_programmed, 0);
}

TEST(CardFaults, FeaturesAreGoneAsSoonAsTheSecretIsThere) {
  Bench bench;
  const auto features = [&] { return Pixels(bench.arena.begin(), bench.arena.begin() + sizeof(biometrics::Feature)); };
  int looks = 0;
  const auto look = [&] {
    ++looks;
    EXPECT_TRUE(wiped(features()));
  };
  bench.flash.on_erase = look;  // the record is written
  ASSERT_TRUE(bench.pair());
  bench.entropy.on_fill = look;  // the signature's randomness
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  bench.run_to_answer();
  EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_GE(looks, 2);
}

TEST(CardFaults, AFlashThatDoesNotKeepTheRecordIsNoEnrolment) {
  Bench bench;
  bench.flash.words_until_cut = 3;
  EXPECT_FALSE(bench.pair());
  EXPECT_EQ(bench.last_refusal(), static_cast<int>(Reason::kStorage));
  EXPECT_FALSE(bench.app->enrolled());
  EXPECT_FALSE(bench.vault->record().ok());
}

TEST(CardFaults, OneWornPageIsPassedByAndTheFormerRecordIsKept) {
  for (const std::uint32_t page : {contract::kFlashRecordOffset, contract::kFlashRecordOffset + contract::kPageBytes}) {
    SCOPED_TRACE(page);
    Bench bench;
    bench.flash.worn_page = page;
    ASSERT_TRUE(bench.pair());
    bench.boot();
    EXPECT_TRUE(bench.app->enrolled());
    // The other page holds the record now: a write that has only the worn one left must not risk it.
    RecordStore store(bench.flash);
    EnrolmentRecord next = *store.load();
    const std::uint32_t epoch = next.epoch++;
    const Status stored = store.store(next);
    EXPECT_FALSE(stored);
    EXPECT_EQ(stored.error().code, ErrorCode::kStorage);
    ASSERT_TRUE(store.load());
    EXPECT_EQ(store.load()->epoch, epoch);
    bench.boot();
    bench.deliver(bench.sign_request(1));
    bench.plan_confirmation();
    bench.run_to_answer();
    EXPECT_TRUE(bench.last_answer_is_a_valid_signature());
  }
}

TEST(CardFaults, NothingSecretStaysInMemoryOrFlash) {
  Bench bench;
  ASSERT_TRUE(bench.pair());
  bench.deliver(bench.sign_request(1));
  bench.plan_confirmation();
  bench.run_to_answer();
  bench.settle();
  ASSERT_TRUE(bench.last_answer_is_a_valid_signature());
  EXPECT_TRUE(wiped(bench.arena));
  EXPECT_TRUE(wiped(bench.user_ram));
  EXPECT_EQ(bench.scrubs, 4);  // both domains after both requests

  // What the card had in its hands, made again from flash and finger.
  const auto record = RecordStore(bench.flash).load();
  ASSERT_TRUE(record);
  biometrics::Feature feature;
  ASSERT_TRUE(biometrics::testing::extract(biometrics::testing::owner(1).clean, feature));
  Pixels work(biometrics::converter_work_bytes());
  Secret<32> root;
  ASSERT_TRUE(biometrics::regenerate({&feature, 1}, record->helper, work, root));
  const auto share = mpc::derive_share(root, {mpc::Scheme::kMusig2, 1, Bench::kAccount, Bench::kEpoch});
  ASSERT_TRUE(share);
  const auto share_bytes = share->to_bytes();
  EXPECT_EQ(crypto::compress(bench.curve.multiply_base(*share).value()), record->card_public_key);

  const auto holds = [](Bytes memory, Bytes secret) {
    Pixels reversed(secret.rbegin(), secret.rend());
    // Eight bytes are enough to know it by.
    return std::search(memory.begin(), memory.end(), secret.begin(), secret.begin() + 8) != memory.end() ||
           std::search(memory.begin(), memory.end(), reversed.begin(), reversed.begin() + 8) != memory.end();
  };
  const Bytes app(reinterpret_cast<const std::uint8_t*>(bench.app.get()), sizeof(CardApp));
  const Bytes vault(reinterpret_cast<const std::uint8_t*>(bench.vault.get()), sizeof(CardVault));
  for (const Bytes& memory : {app, vault, Bytes(bench.flash.bytes)}) {
    EXPECT_FALSE(holds(memory, share_bytes));
    EXPECT_FALSE(holds(memory, root.expose()));
    for (std::size_t row = 60; row < 120; row += 10)  // pieces of the image
      EXPECT_FALSE(holds(memory, Bytes(finger(1)).subspan(row * kGeometry.width_px + 80, 16)));
  }
  EXPECT_TRUE(holds(Bytes(bench.flash.bytes), Bytes(record->card_public_key)));  // the search does find what is there
}

}  // namespace
}  // namespace touchstone::firmware::testing
