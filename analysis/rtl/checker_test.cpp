// The oracles agree with each other, the core with them; and an accelerator with any planted fault is caught.
#include "checker.h"

#include <gtest/gtest.h>

#include <set>

#include "rtl/secp_core.h"

namespace touchstone::rtl_tools {
namespace {

namespace secp = contract::secp;
using secp::Op;

constexpr std::uint64_t kSeed = 7;
const rtl::Variant& kProtected = rtl::kVariants[0];

/// The real core behind a fault.
class Faulty : public rtl::SecpModel::Core {
 public:
  void reset() override { model_->reset(); }
  void write32(std::uint32_t offset_bytes, std::uint32_t value) override {
    if (offset_bytes == secp::kOp) op_ = static_cast<Op>(value);
    if (offset_bytes == secp::kSlots) slots_ = value;
    if (offset_bytes == secp::kK) word_of_slot0_ = value;
    model_->write32(offset_bytes, value);
  }
  std::uint32_t read32(std::uint32_t offset_bytes) override { return model_->read32(offset_bytes); }
  void tick(std::uint64_t cycles) override { model_->tick(cycles); }
  std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles) override {
    return model_->run_until_done(max_cycles);
  }
  void set_entropy(rtl::SecpModel::Entropy entropy) override { model_->set_entropy(std::move(entropy)); }
  bool irq() const override { return model_->irq(); }
  rtl::SecpModel::Control control() const override { return model_->control(); }
  std::uint64_t cycles() const override { return model_->cycles(); }
  void set_time_ps(std::uint64_t time_ps) override { model_->set_time_ps(time_ps); }
  touchstone::Bytes state_bytes() const override { return model_->state_bytes(); }

 protected:
  std::uint32_t field(std::uint32_t shift) const { return slots_ >> shift & 3; }
  std::uint32_t status() { return model_->read32(secp::kStatus); }

  std::unique_ptr<rtl::WatchedModel> model_ = rtl::make_variant(kProtected);
  Op op_{};
  std::uint32_t slots_ = 0, word_of_slot0_ = 0;
};

/// Reads `offset` other than it is: `flip` with `when` asked.
template <Op kOp, std::uint32_t kOffset, std::uint32_t kFlip>
class WrongResult final : public Faulty {
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    const std::uint32_t value = model_->read32(offset_bytes);
    return op_ == kOp && offset_bytes == kOffset && (status() & ~secp::kStatusDoneMask) == 0 ? value ^ kFlip : value;
  }
};
template <std::uint32_t kBit>
class ForgottenStatus final : public Faulty {
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    return model_->read32(offset_bytes) & (offset_bytes == secp::kStatus ? ~kBit : ~0u);
  }
};
class ResultAfterError final : public Faulty {
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    const std::uint32_t value = model_->read32(offset_bytes);
    return offset_bytes == secp::kRy && (status() & secp::kStatusNotOnCurveMask) != 0 ? 1 : value;
  }
};
class ReadableSlot final : public Faulty {
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    return offset_bytes == secp::kK ? word_of_slot0_ : model_->read32(offset_bytes);
  }
};
template <std::uint32_t kShift>
class SlotWithANumber : public Faulty {
  std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles) override {
    const auto cycles = model_->run_until_done(max_cycles);
    if (op_ == Op::kMulN) model_->write32(secp::kK + 32 * field(kShift), 3);
    return cycles;
  }
};
class UnwipedSlot final : public SlotWithANumber<secp::kSlotsAShift> {};
class WrongSecretResult final : public SlotWithANumber<secp::kSlotsDShift> {};
/// In truth, and CYCLES says so.
class OneMoreCycleForOddScalars final : public Faulty {
  std::uint32_t more() const { return op_ == Op::kMulBase && (word_of_slot0_ & 1) != 0 ? 1 : 0; }
  std::optional<std::uint64_t> run_until_done(std::uint64_t max_cycles) override {
    const auto cycles = model_->run_until_done(max_cycles);
    return cycles ? std::optional(*cycles + more()) : cycles;
  }
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    return model_->read32(offset_bytes) + (offset_bytes == secp::kCycles ? more() : 0);
  }
};
class WrongCyclesRegister final : public Faulty {
  std::uint32_t read32(std::uint32_t offset_bytes) override {
    return model_->read32(offset_bytes) + (offset_bytes == secp::kCycles && op_ == Op::kInvN ? 1 : 0);
  }
};

/// The first of 400 operations after which the fault is seen; nothing if it stays hidden.
template <typename Core>
std::optional<std::uint64_t> caught() {
  Checker checker(std::make_unique<rtl::WatchedModel>(std::make_unique<Core>()), true);
  for (std::uint64_t i = 0; i < 400; ++i)
    if (!checker.run(draw(kSeed, i)).empty()) return i;
  return std::nullopt;
}

template <typename Core>
class CheckerFinds : public testing::Test {};
using Faults = testing::Types<WrongResult<Op::kMul, secp::kRx, 1>, WrongResult<Op::kSignN, secp::kRx + 28, 0x80000000>,
                              ForgottenStatus<secp::kStatusInfinityMask>, ForgottenStatus<secp::kStatusNotOnCurveMask>,
                              ForgottenStatus<secp::kStatusBadScalarMask>,
                              ForgottenStatus<secp::kStatusRandomFaultMask>, ResultAfterError, ReadableSlot,
                              UnwipedSlot, WrongSecretResult, OneMoreCycleForOddScalars, WrongCyclesRegister>;
struct FaultNames {
  template <typename>
  static std::string GetName(int i) {
    constexpr const char* kNames[] = {"WrongBitOfAPoint",    "WrongBitOfASum",     "ForgottenInfinity",
                                      "ForgottenNotOnCurve", "ForgottenBadScalar", "ForgottenRandomFault",
                                      "ResultAfterError",    "ReadableSlot",       "UnwipedSlot",
                                      "WrongSecretResult",   "OneMoreCycle",       "WrongCyclesRegister"};
    return kNames[i];
  }
};
TYPED_TEST_SUITE(CheckerFinds, Faults, FaultNames);
TYPED_TEST(CheckerFinds, APlantedFault) { EXPECT_TRUE(caught<TypeParam>().has_value()); }

TEST(Checker, FindsNothingInTheCoreItself) { EXPECT_FALSE(caught<Faulty>().has_value()); }

TEST(Checker, ReferencesAgreeOnEdges) {
  const auto textbook = make_textbook(), library = make_libsecp256k1();
  std::vector<Number> scalars;
  for (int i = 0; i < 40; ++i) scalars.push_back(reduce_n(draw(kSeed, static_cast<std::uint64_t>(i)).slots[0]));
  for (const Number& a : scalars) {
    EXPECT_EQ(textbook->invert_n(a), library->invert_n(a));
    EXPECT_EQ(textbook->add_n(a, negate_n(a)), Number{});
    EXPECT_EQ(textbook->multiply(a, kGenerator), a == Number{} ? std::nullopt : MaybePoint(point(a)));
    EXPECT_EQ(textbook->lift_x(a), library->lift_x(a));
    for (const Number& b : scalars) {
      EXPECT_EQ(textbook->add_n(a, b), library->add_n(a, b));
      EXPECT_EQ(textbook->multiply_n(a, b), library->multiply_n(a, b));
    }
  }
}

// A point with a coordinate at or above p would be one of the curve if the coordinate were reduced; a point of the
// twist is none.
TEST(Checker, BadPointsAreWhatTheyAreCalled) {
  const auto textbook = make_textbook();
  for (unsigned i = 0; i < 8; ++i) {
    const Affine x = point_with_x_above_p(i), y = point_with_y_above_p(i);
    EXPECT_GE(x.x, kPrime);
    EXPECT_GE(y.y, kPrime);
    const auto less_p = [](Number n) {  // n - p = n + 2^32 + 977 modulo 2^256
      std::uint64_t carry = 0x1000003D1;
      for (std::size_t j = 32; j-- > 0; carry >>= 8) n[j] = static_cast<std::uint8_t>(carry += n[j]);
      return n;
    };
    EXPECT_TRUE(textbook->on_curve({less_p(x.x), x.y}));
    EXPECT_TRUE(textbook->on_curve({y.x, less_p(y.y)}));
    EXPECT_FALSE(textbook->on_curve(x));
    EXPECT_FALSE(textbook->on_curve(y));
    const Affine t = twist_point(x.y);  // (-x)^3 + 7 = -(x^3 - 7) is no square
    EXPECT_EQ(textbook->lift_x(negate({t.x, t.x}).y), std::nullopt);
    EXPECT_FALSE(textbook->on_curve(t));
  }
}

// Every operation, every kind of point, every source and every answer is drawn, and the same again by its index.
TEST(Checker, DrawsEverything) {
  const auto textbook = make_textbook();
  std::set<std::pair<Op, PointKind>> points;
  std::set<std::pair<Op, Source>> sources;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const Operation x = draw(kSeed, i);
    points.insert({x.op, x.p_kind});
    sources.insert({x.op, x.source});
    if (i % 100 == 0) {
      EXPECT_EQ(draw(kSeed, i).describe(), x.describe());
    }
  }
  EXPECT_EQ(points.size(), std::size(kOps) * std::size(kPointKinds));
  EXPECT_EQ(sources.size(), std::size(kOps) * std::size(kSources));
}

}  // namespace
}  // namespace touchstone::rtl_tools
