// The masks at work: whatever the scalar, every bit of every recoded digit is as often 1 as 0. Digits of a window are
// four neighbouring bits of a half, those of a comb five that lie apart, so the halves as they are loaded hold the bits
// of all digits.
#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "VSecpAccel.h"
#include "VSecpAccelPlain.h"
#include "VSecpAccelPlain___024root.h"
#include "VSecpAccel___024root.h"
#include "secp_listing.h"
#include "secp_probe.h"
#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

constexpr int kDraws = 10'000;
constexpr double kFamilyWiseError = 0.01;  // over all bits of all scalars of a test

struct Recoding {
  reg::Op op;
  const char* block;  // the halves are whole when it has run
};
constexpr Recoding kWindows = {reg::Op::kMul, "windows_recode_halves"},
                   kComb = {reg::Op::kMulBase, "mul_base_recode_halves"};

template <int kStyle, typename T, typename R>
struct Shape {
  using Top = T;
  using Root = R;
  static constexpr const listing::RomInfo& rom = *listing::find_rom(64, kStyle);
  static int bits(const Recoding& recoding) {
    return recoding.op == reg::Op::kMul ? 4 * rom.windows : 5 * rom.comb_spacing;
  }  // of a half that reach a digit
};
using Protected = Shape<1, VSecpAccel, VSecpAccel___024root>;
using Unprotected = Shape<0, VSecpAccelPlain, VSecpAccelPlain___024root>;

int end_of_block(const listing::RomInfo& rom, const std::string& label) {
  for (const listing::BlockInfo* b = rom.begin; b != rom.end; ++b)
    if (label == b->label) return b->first + b->words;
  throw std::runtime_error("no block is called " + label);
}

/// How often every bit of both halves is 1 in kDraws runs with one scalar, each ended by a reset as soon as it is
/// recoded.
template <typename Core>
std::vector<int> ones(const Recoding& recoding, const Number& k, SecpModel::Entropy entropy) {
  const typename Core::Root* root = nullptr;
  const auto core =
      make_probed<typename Core::Top, typename Core::Root>([&](const typename Core::Top& top) { root = top.rootp; });
  core->set_entropy(std::move(entropy));
  const Affine g = *Oracle().multiply_base(number("1"));
  const int end = end_of_block(Core::rom, recoding.block), bits = Core::bits(recoding);
  std::vector<int> out(static_cast<std::size_t>(2 * bits));
  for (int i = 0; i < kDraws; ++i) {
    core->reset();
    write_number(*core, reg::kK, k);
    write_number(*core, reg::kPx, g.x);
    write_number(*core, reg::kPy, g.y);
    core->write32(reg::kOp, static_cast<std::uint32_t>(recoding.op));
    core->write32(reg::kStart, 1);
    while (core->control().busy && core->control().pc != end) core->tick(1);
    EXPECT_TRUE(core->control().busy);
    const auto& halves = root->secp_accel__DOT__u_core__DOT__u_scalar__DOT__half_q;
    for (int bit = 0; bit < 2 * bits; ++bit)
      out[static_cast<std::size_t>(bit)] += halves[bit / bits][bit % bits / 32] >> (bit % bits % 32) & 1;
  }
  return out;
}

/// Which of `counts` a fair coin would not give in kDraws throws: two-sided, `tests` of them being looked at.
std::vector<std::size_t> unbalanced(const std::vector<int>& counts, std::size_t tests) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double z = (counts[i] - kDraws / 2.0) / std::sqrt(kDraws / 4.0);
    if (std::erfc(std::abs(z) / std::sqrt(2.0)) * static_cast<double>(tests) < kFamilyWiseError) out.push_back(i);
  }
  return out;
}

void expect_balance(const Recoding& recoding) {
  Random random = SeedTree(11).stream("balance");
  const std::vector<Number> scalars = {number("0"),      number("1"), number("2"),
                                       plus(kOrder, -1), kLambda,     random_number(random)};
  const std::size_t tests = scalars.size() * static_cast<std::size_t>(2 * Protected::bits(recoding));
  int low = kDraws, high = 0;
  for (const Number& k : scalars) {
    SCOPED_TRACE(&k - scalars.data());
    const auto counts = ones<Protected>(recoding, k, [&] { return static_cast<std::uint32_t>(random.next_u64()); });
    EXPECT_EQ(unbalanced(counts, tests), std::vector<std::size_t>{});
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    low = std::min(low, *least);
    high = std::max(high, *most);
  }
  std::printf("%zu bits of digits, each 1 in %.4f to %.4f of %d draws\n", tests, double(low) / kDraws,
              double(high) / kDraws, kDraws);
}

TEST(SecpBalance, EveryBitOfEveryWindowDigit) { expect_balance(kWindows); }
TEST(SecpBalance, EveryBitOfEveryCombDigit) { expect_balance(kComb); }

// Controls: without masks, and with the same masks every time, not one bit is.
TEST(SecpBalance, ControlUnprotectedDigitsAreFixed) {
  for (const Recoding& recoding : {kWindows, kComb}) {
    const auto counts = ones<Unprotected>(recoding, kLambda, {});
    EXPECT_EQ(unbalanced(counts, 1000).size(), counts.size());
  }
}
TEST(SecpBalance, ControlWithItsRandomOffDigitsAreFixed) {
  for (const Recoding& recoding : {kWindows, kComb}) {
    const auto counts = ones<Protected>(recoding, kLambda, [n = 0u]() mutable { return 0x9E3779B9u * (1 + n++ % 5); });
    EXPECT_EQ(unbalanced(counts, 1000).size(), counts.size());
  }
}
TEST(SecpBalance, ControlASmallBiasIsSeen) {
  EXPECT_EQ(unbalanced({5000, 5150, 5300, 4700}, 5000), (std::vector<std::size_t>{2, 3}));
}

}  // namespace
}  // namespace touchstone::rtl::test
