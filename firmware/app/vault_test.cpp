// What the vault may not be talked into, whatever is called in whatever order. The caller here is taken over: it leaves the
// application aside and calls the vault itself.
#include <gtest/gtest.h>

#include "app/testing/bench.h"
#include "base/seed.h"
#include "biometrics/converter.h"
#include "mpc_session/roots.h"
#include "print_testing/owners.h"

namespace touchstone::firmware::testing {
namespace {

template <typename T>
bool fails(const Result<T>& result, ErrorCode code) {
  return !result.ok() && result.error().code == code;
}

class VaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(bench.pair());
    bench.settle();
    static_cast<void>(bench.sign_request(1));
    order = bench.sign_order();
  }
  /// The finger lies on the sensor and becomes a touch.
  void touch(int finger_index = 1) {
    bench.sensor.plan.clear();
    ASSERT_TRUE(vault.touch_sensor().start());
    bench.sensor.lay(&finger(finger_index));
    ASSERT_TRUE(vault.capture());
    ASSERT_TRUE(vault.extract());
    bench.sensor.lay(nullptr);
  }
  void pass_s(std::uint64_t s) { bench.clock.advance(s * 1000 * kCyclesPerMs); }

  Bench bench;
  Vault& vault = bench.stub;
  SignOrder order;
};

TEST_F(VaultTest, SignsWithAFreshTouchAndOnlyOnce) {
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
  touch();
  EXPECT_TRUE(vault.sign(order));
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
  EXPECT_TRUE(fails(vault.extract(), ErrorCode::kState));
  touch();
  EXPECT_TRUE(vault.sign(order));
}

// Several fingers under one lock: whatever of them is wrong, nothing tells which.
TEST_F(VaultTest, OpensForAllFingersOfARecordTogether) {
  for (const bool any_order : {false, true}) {
    Bench two;
    Vault& locked = two.stub;
    ASSERT_TRUE(two.pair_with({1, 1, 1, 3, 3, 3}, 2, any_order));
    EXPECT_EQ(two.paired_record().helper.fingers, 2);
    EXPECT_EQ(two.paired_record().helper.any_order, any_order);
    two.settle();
    static_cast<void>(two.sign_request(1));
    const auto signs_with = [&](const std::vector<int>& fingers) {
      two.clock.advance(100'000 * kCyclesPerMs);
      for (const int index : fingers) {
        EXPECT_TRUE(locked.touch_sensor().start());
        two.sensor.lay(&finger(index));
        EXPECT_TRUE(locked.capture());
        EXPECT_TRUE(locked.extract());
        two.sensor.lay(nullptr);
      }
      const auto signature = locked.sign(two.sign_order());
      return signature.ok() ? std::optional<ErrorCode>() : signature.error().code;
    };
    EXPECT_EQ(signs_with({1, 3}), std::nullopt);
    EXPECT_EQ(signs_with({3, 1}), any_order ? std::optional<ErrorCode>() : ErrorCode::kNoMatch);
    EXPECT_EQ(signs_with({1}), ErrorCode::kState) << "one alone is not even tried";
    locked.forget();
    EXPECT_EQ(signs_with({1, 2}), ErrorCode::kNoMatch);
    EXPECT_EQ(signs_with({1, 3}), std::nullopt);
    EXPECT_EQ(signs_with({2, 3}), ErrorCode::kNoMatch);
    EXPECT_EQ(signs_with({1, 1}), ErrorCode::kNoMatch);
  }
}

// A finger that is not clear is asked for again; those before it stay, and grow old together.
TEST_F(VaultTest, KeepsTheFirstFingerWhileTheSecondIsNotClear) {
  Bench two;
  Vault& locked = two.stub;
  ASSERT_TRUE(two.pair_with({1, 1, 1, 3, 3, 3}, 2));
  two.settle();
  static_cast<void>(two.sign_request(1));
  const Pixels blank(kGeometry.size_bytes(), 255);
  const auto take = [&](const Pixels& pixels) {
    EXPECT_TRUE(locked.touch_sensor().start());
    two.sensor.lay(&pixels);
    EXPECT_TRUE(locked.capture());
    return locked.extract().ok();
  };
  EXPECT_TRUE(take(finger(1)));
  EXPECT_FALSE(take(blank));
  EXPECT_TRUE(take(finger(3)));
  EXPECT_TRUE(locked.sign(two.sign_order()));
  EXPECT_TRUE(take(finger(1)));
  two.clock.advance(21'000 * kCyclesPerMs);
  EXPECT_TRUE(take(finger(3)));
  EXPECT_TRUE(fails(locked.sign(two.sign_order()), ErrorCode::kState));
}

TEST_F(VaultTest, AnImageAloneIsNoTouch) {
  ASSERT_TRUE(vault.touch_sensor().start());
  bench.sensor.lay(&finger(1));
  ASSERT_TRUE(vault.capture());
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
  EXPECT_TRUE(fails(vault.extract(), ErrorCode::kState));  // the image went with the refusal
}

TEST_F(VaultTest, ATouchGrowsOld) {
  touch();
  pass_s(11);
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
}

TEST_F(VaultTest, ATouchOutlivesNoOtherRequest) {
  const EnrolmentRecord::Body record = vault.record().value();
  const std::vector<std::function<void()>> others{
      [&] { vault.forget(); },
      [&] { vault.dismiss_guest(); },
      [&] { ASSERT_TRUE(vault.accept_guest(record)); },
      [&] { EXPECT_TRUE(fails(vault.enrol_begin({}), ErrorCode::kState)); },
      [&] { EXPECT_TRUE(fails(vault.capture(), ErrorCode::kPoorQuality)); },  // nobody touches any more
  };
  for (std::size_t i = 0; i < others.size(); ++i) {
    SCOPED_TRACE(i);
    touch();
    ASSERT_TRUE(vault.touch_sensor().start());
    others[i]();
    EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
    vault.dismiss_guest();
  }
}

TEST_F(VaultTest, SignsForNoOtherKey) {
  for (int change = 0; change < 2; ++change) {
    touch();
    SignOrder other = order;
    (change == 0 ? other.output_key[3] : other.tweaks[0].value[31]) ^= 1;
    EXPECT_TRUE(fails(vault.sign(other), ErrorCode::kMismatch));
    EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
  }
}

TEST_F(VaultTest, RefusesANonceThatIsNone) {
  touch();
  order.wallet_nonce.fill(0xFF);
  EXPECT_FALSE(vault.sign(order));
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
}

TEST_F(VaultTest, CountsWrongFingersWhoeverAsks) {
  for (int i = 0; i < 3; ++i) {
    touch(2);
    EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kNoMatch)) << i;
  }
  EXPECT_GT(vault.next_try_cycles(), bench.clock.now_cycles());
  touch(1);
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));  // not even the right one
  pass_s(31);
  touch(2);
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kNoMatch));
  EXPECT_GE(vault.next_try_cycles(), bench.clock.now_cycles() + 59'000 * kCyclesPerMs);
}

// Who has a finger and a record of his own could else try strange fingers on and on.
TEST_F(VaultTest, AGuestsMatchPardonsNothing) {
  Bench mine;
  ByteArray<32> unlike;  // two cards draw different numbers
  ASSERT_TRUE(mine.entropy.fill(unlike));
  ASSERT_TRUE(mine.pair_with({2, 2, 2, 2}));
  static_cast<void>(mine.sign_request(1));
  const SignOrder my_order = mine.sign_order();
  for (int i = 0; i < 3; ++i) {
    touch(2);
    EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kNoMatch)) << i;
    if (i == 2) break;
    ASSERT_TRUE(vault.accept_guest(mine.paired_record().serialize()));
    touch(2);
    EXPECT_TRUE(vault.sign(my_order));
    vault.dismiss_guest();
  }
  EXPECT_GT(vault.next_try_cycles(), bench.clock.now_cycles());
}

TEST_F(VaultTest, SignsNothingWithoutADisplay) {
  touch();
  bench.display_line.present = false;
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kNoDisplay));
  bench.display_line.present = true;
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState));
}

TEST_F(VaultTest, EnrolsOnce) {
  EnrolOrder enrol{crypto::compress(crypto::generator()), chain::Network::kRegtest, 1, 0, 0};
  EXPECT_TRUE(fails(vault.enrol_begin(enrol), ErrorCode::kState));
  for (auto call : {VaultCall::kEnrolMake, VaultCall::kEnrolCheck, VaultCall::kEnrolStore}) {
    alignas(8) ByteArray<kMaxVaultBlockBytes> block{};
    const std::size_t size = *vault_block_bytes(static_cast<std::uint32_t>(call));
    EXPECT_EQ(bench.gate.call(call, MutableBytes(block).first(size)), static_cast<std::uint32_t>(ErrorCode::kState));
  }
}

TEST_F(VaultTest, ChangesItsPhoneForATouchOnly) {
  const Pixels flash = bench.flash.bytes;
  EXPECT_TRUE(vault.pin_wallet()) << "it is the one already";
  bench.use_phone(2);
  EXPECT_TRUE(fails(vault.pin_wallet(), ErrorCode::kState));
  const auto touch = [&](int whose) {
    bench.sensor.lay(&finger(whose));
    ASSERT_TRUE(vault.touch_sensor().start());
    ASSERT_TRUE(vault.capture());
    ASSERT_TRUE(vault.extract());
  };
  touch(1);
  EXPECT_TRUE(fails(vault.sign(order), ErrorCode::kState)) << "no signature on another phone's channel";
  touch(2);
  EXPECT_TRUE(fails(vault.pin_wallet(), ErrorCode::kNoMatch));
  vault.run_forget();
  touch(1);
  EXPECT_TRUE(fails(vault.pin_wallet(), ErrorCode::kState)) << "nobody is there";
  bench.use_phone(2);
  EXPECT_EQ(bench.flash.bytes, flash);
  touch(1);
  EXPECT_TRUE(vault.pin_wallet());
  EXPECT_NE(bench.flash.bytes, flash);
  bench.use_phone(3);
  EXPECT_TRUE(fails(vault.pin_wallet(), ErrorCode::kState)) << "a touch for each";
}

TEST(VaultEnrolment, GoesInItsOrderOnly) {
  Bench bench;
  Vault& vault = bench.stub;
  const auto none_but = [&](int allowed) {
    EXPECT_TRUE(allowed == 0 || fails(vault.enrol_make(), ErrorCode::kState));
    EXPECT_TRUE(allowed == 1 || fails(vault.enrol_check(), ErrorCode::kState));
    EXPECT_TRUE(allowed == 2 || fails(vault.enrol_store(), ErrorCode::kState));
    EXPECT_TRUE(fails(vault.record(), ErrorCode::kState));
  };
  none_but(-1);
  EXPECT_TRUE(fails(vault.enrol_begin({crypto::compress(crypto::generator()), chain::Network::kRegtest, 2, 0, 0}), ErrorCode::kState)) << "nobody to pin";
  bench.use_phone(1);
  for (int bad = 0; bad < 4; ++bad) {
    EnrolOrder order{crypto::compress(crypto::generator()), chain::Network::kRegtest, 2, 0, 0};
    if (bad == 0) order.touches = 0;
    if (bad == 1) order.touches = 9;
    if (bad == 2) order.network = static_cast<chain::Network>(4);
    if (bad == 3) order.wallet_public_key[0] = 4;
    EXPECT_FALSE(vault.enrol_begin(order));
    none_but(-1);
  }
  ASSERT_TRUE(vault.enrol_begin({crypto::compress(crypto::generator()), chain::Network::kRegtest, 2, 0, 0}));
  ASSERT_TRUE(vault.touch_sensor().start());
  bench.sensor.lay(&finger(1));
  for (int touch = 0; touch < 2; ++touch) {
    none_but(-1);
    ASSERT_TRUE(vault.touch_sensor().start());
    ASSERT_TRUE(vault.capture());
    none_but(-1);
    ASSERT_TRUE(vault.extract());
  }
  ASSERT_TRUE(vault.touch_sensor().start());
  ASSERT_TRUE(vault.capture());
  EXPECT_TRUE(fails(vault.extract(), ErrorCode::kState));  // no third touch
  ASSERT_TRUE(vault.enrol_make());
  none_but(1);
  EXPECT_TRUE(fails(vault.sign({}), ErrorCode::kState));  // which also ends the enrolment
  none_but(-1);
  EXPECT_EQ(bench.flash.words_programmed, 0);
}

TEST(VaultEnrolment, WritesNothingWithoutADisplay) {
  Bench bench;
  bench.use_phone(1);
  bench.display_line.present = false;
  EXPECT_TRUE(fails(bench.stub.enrol_begin({crypto::compress(crypto::generator()), chain::Network::kRegtest, 1, 0, 0}),
                    ErrorCode::kNoDisplay));
}

TEST_F(VaultTest, PublicArithmeticIsThatOfTheCurve) {
  crypto::Curve& far = vault.public_curve();
  crypto::HostCurve near;
  const auto k = crypto::Scalar::from_u32(12345);
  const auto p = near.multiply_base(k).value();
  EXPECT_TRUE(crypto::equal(far.multiply_base(k).value(), p));
  EXPECT_TRUE(crypto::equal(far.multiply(k, p).value(), near.multiply(k, p).value()));
  EXPECT_TRUE(crypto::equal(far.add(p, crypto::generator()).value(), near.add(p, crypto::generator()).value()));
  EXPECT_TRUE(far.add(p, crypto::negate(p)).value().infinity);
  EXPECT_TRUE(crypto::equal(far.lift_x(p.x).value(), near.lift_x(p.x).value()));
  ByteArray<32> none{};
  none.fill(0xFF);
  EXPECT_TRUE(fails(far.lift_x(none), ErrorCode::kNotOnCurve));
}

// Any numbers with any bytes: nothing happens to the record, and nothing of what a call gives back is secret.
TEST_F(VaultTest, WithstandsArbitraryCalls) {
  Random random(SeedTree(7).stream("calls"));
  const Pixels flash = bench.flash.bytes;
  const auto record = EnrolmentRecord::parse(vault.record().value()).value();
  biometrics::Feature feature;
  ASSERT_TRUE(biometrics::testing::extract(biometrics::testing::owner(1).clean, feature));
  Pixels work(biometrics::converter_work_bytes());
  Secret<32> root;
  ASSERT_TRUE(biometrics::regenerate({&feature, 1}, record.helper, work, root));
  const auto share = mpc::derive_share(root, {mpc::Scheme::kMusig2, 1, Bench::kAccount, Bench::kEpoch}).value().to_bytes();

  const auto holds = [](Bytes memory, Bytes secret) {
    return std::search(memory.begin(), memory.end(), secret.begin(), secret.begin() + 8) != memory.end();
  };
  int signatures = 0, images = 0;
  bench.sensor.lay(&finger(1));
  ASSERT_TRUE(vault.touch_sensor().start());
  for (int i = 0; i < 4000; ++i) {
    const std::uint32_t number = static_cast<std::uint32_t>(random.below(static_cast<std::uint64_t>(VaultCall::kCount) + 3));
    alignas(8) ByteArray<kMaxVaultBlockBytes> block{};
    random.fill(block);
    const auto size = vault_block_bytes(number);
    const MutableBytes used = MutableBytes(block).first(size.value_or(0));
    if (static_cast<VaultCall>(number) == VaultCall::kSign && i % 2 == 0) std::memcpy(used.data(), &order, sizeof(order));
    if (static_cast<VaultCall>(number) == VaultCall::kSleep) continue;  // the fake sensor allows no question after it
    const std::uint32_t code = dispatch(*bench.vault, number, used);
    EXPECT_EQ(size.has_value(), number < static_cast<std::uint32_t>(VaultCall::kCount));
    if (static_cast<VaultCall>(number) == VaultCall::kCapture && code == 0) ++images;
    if (static_cast<VaultCall>(number) == VaultCall::kSign && code == 0) ++signatures;
    ASSERT_FALSE(holds(block, share) || holds(block, root.expose())) << number;
    ASSERT_TRUE(!bench.sensor.asleep || vault.touch_sensor().start().ok());
  }
  EXPECT_LE(signatures, images);
  EXPECT_EQ(bench.flash.bytes, flash);
}

}  // namespace
}  // namespace touchstone::firmware::testing
