// Every word of the microcode runs, and every word that can go two ways goes both; seen at the program counter in every
// clock.
#include "secp_coverage.h"

#include <gmock/gmock.h>

#include "VSecpAccel.h"
#include "VSecpAccelD32.h"
#include "VSecpAccelD32___024root.h"
#include "VSecpAccelDoubleAdd.h"
#include "VSecpAccelDoubleAdd___024root.h"
#include "VSecpAccelPlain.h"
#include "VSecpAccelPlainD32.h"
#include "VSecpAccelPlainD32___024root.h"
#include "VSecpAccelPlain___024root.h"
#include "VSecpAccel___024root.h"
#include "secp_probe.h"
#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

template <int kDigitBits, int kStyle, typename T, typename R>
struct Shape {
  using Top = T;
  using Root = R;
  static constexpr int digit_bits = kDigitBits, style = kStyle;
};

enum class Source { kGood, kRepeating, kSilent };
constexpr Source kSources[] = {Source::kGood, Source::kRepeating, Source::kSilent};

/// One core whose every clock a Coverage sees.
template <typename S>
class Runner {
 public:
  Runner() : coverage_(*listing::find_rom(S::digit_bits, S::style)) {
    core_ = make_probed<typename S::Top, typename S::Root>(
        [this](const typename S::Top& top) { coverage_.step(top.busy_o, top.pc_o, op_); });
  }
  void run(int op, Source source) {
    op_ = op;
    const Affine g = *Oracle().multiply_base(number("1"));
    for (std::uint32_t slot = 0; slot < 2; ++slot) write_slot(*core_, slot, number("5"));
    use_slots(*core_, 0, 1, 2);
    for (const std::uint32_t point : {reg::kPx, reg::kQx}) {
      write_number(*core_, point, g.x);
      write_number(*core_, point + 32, g.y);
    }
    core_->set_entropy(
        [source, random = SeedTree(4).child(++runs_).stream("coverage")]() mutable -> std::optional<std::uint32_t> {
          if (source == Source::kSilent) return std::nullopt;
          return source == Source::kRepeating ? 1 : static_cast<std::uint32_t>(random.next_u64());
        });
    test::run(*core_, static_cast<reg::Op>(op));
  }
  const Coverage& coverage() const { return coverage_; }

 private:
  Coverage coverage_;
  int op_ = 0;
  std::uint64_t runs_ = 0;
  std::unique_ptr<SecpModel> core_;
};

template <typename S>
class SecpCoverage : public testing::Test {};
using Shapes = testing::Types<Shape<64, 1, VSecpAccel, VSecpAccel___024root>,
                              Shape<64, 0, VSecpAccelPlain, VSecpAccelPlain___024root>,
                              Shape<32, 1, VSecpAccelD32, VSecpAccelD32___024root>,
                              Shape<32, 0, VSecpAccelPlainD32, VSecpAccelPlainD32___024root>,
                              Shape<64, 2, VSecpAccelDoubleAdd, VSecpAccelDoubleAdd___024root>>;
struct Names {
  template <typename S>
  static std::string GetName(int) {
    return std::string(S::style == 1   ? "Protected"
                       : S::style == 0 ? "Unprotected"
                                       : "DoubleAndAdd") +
           std::to_string(S::digit_bits);
  }
};
TYPED_TEST_SUITE(SecpCoverage, Shapes, Names);

TYPED_TEST(SecpCoverage, EveryWordRunsAndEveryWayIsGone) {
  Runner<TypeParam> runner;
  for (const Source source : kSources)
    for (int op = 0; op < 10; ++op) runner.run(op, source);
  EXPECT_THAT(runner.coverage().missing(), testing::IsEmpty());
  EXPECT_EQ(runner.coverage().depth(), TypeParam::style == 1 ? 2u : 1u);  // the sequencer holds two
  std::printf("%d words, %zu ways\n", runner.coverage().words(), runner.coverage().ways());
}

// Controls: what has not run is named.
using Protected = Shape<64, 1, VSecpAccel, VSecpAccel___024root>;

TEST(SecpCoverageControl, AnOperationLeftOutIsMissed) {
  Runner<Protected> runner;
  for (const Source source : kSources)
    for (int op = 0; op < 9; ++op) runner.run(op, source);
  const auto missing = runner.coverage().missing();
  EXPECT_THAT(missing, testing::Contains(testing::HasSubstr("never run: sign_n_result + 0")));
  EXPECT_THAT(missing, testing::Contains("never entered: operation 9"));
  EXPECT_THAT(missing, testing::Each(testing::AnyOf(testing::HasSubstr("sign_n"), testing::HasSubstr("operation 9"))));
}

TEST(SecpCoverageControl, AFaultNeverSeenIsMissed) {
  Runner<Protected> runner;
  for (int op = 0; op < 10; ++op) runner.run(op, Source::kGood);
  const auto missing = runner.coverage().missing();
  EXPECT_THAT(missing, testing::Contains(testing::HasSubstr("never run: random_fault + 0")));
  EXPECT_THAT(missing, testing::Contains(testing::HasSubstr("never found faulty: mul_seed + 0")));
}

// A made-up program: call 4, loop on itself, end; 4: two words, back. Address 3 cannot be reached.
TEST(SecpCoverageControl, AWrongStepAndAnUnreachableWordAreNamed) {
  using listing::Seq;
  constexpr listing::SeqInfo kWords[] = {{Seq::kCall, 4}, {Seq::kLoop, 1}, {Seq::kEnd, 0},
                                         {Seq::kJump, 0}, {Seq::kNext, 1}, {Seq::kRet, 0}};
  constexpr listing::BlockInfo kBlock[] = {{0, 6, 6, "all", listing::Window::kSecret}};
  listing::RomInfo rom{};
  rom.begin = kBlock;
  rom.end = kBlock + 1;
  rom.words = kWords;
  const auto after = [&](std::initializer_list<int> addresses) {
    Coverage out(rom);
    out.step(true, 1023, 0);
    for (const int pc : addresses) out.step(true, pc, 0);
    out.step(false, 0, 0);
    return out.missing();
  };
  EXPECT_THAT(after({0, 4, 4, 5, 1, 1, 2}), testing::Contains("never run: all + 3 (address 3)"));
  EXPECT_THAT(after({0, 4, 4, 5, 1, 1, 2}), testing::Not(testing::Contains(testing::HasSubstr("leads to"))));
  EXPECT_THAT(after({0, 4, 4, 5, 1, 2}), testing::Contains("never taken: all + 1 (address 1)"));
  EXPECT_THAT(after({0, 4, 4, 5, 2}), testing::Contains("all + 5 (address 5) leads to 2"));
  EXPECT_THAT(after({0, 4, 5, 1, 1, 2}), testing::Contains("all + 4 (address 4) does not wait"));
  EXPECT_THAT(after({0, 1}), testing::Contains("all + 0 (address 0) leads to 1"));
}

}  // namespace
}  // namespace touchstone::rtl::test
