// The behavioural core against the Verilated one: whatever is done to their registers, they cannot be told apart.
#include "accelerator/behavioural_core.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "base/seed.h"
#include "contract/register_tables.h"
#include "rtl/secp_model.h"

namespace touchstone::models {
namespace {

namespace secp = contract::secp;
using secp::Op;
using Number = ByteArray<32>;  // big-endian
using Source = rtl::SecpPort::Entropy;

Number number(const std::string& hex) {
  Number out{};
  const std::string padded = std::string(64 - hex.size(), '0') + hex;
  for (std::size_t i = 0; i < 32; ++i)
    out[i] = static_cast<std::uint8_t>(std::stoul(padded.substr(2 * i, 2), nullptr, 16));
  return out;
}

struct Point {
  Number x{}, y{};
};
const Point kG{number("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"),
               number("483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")};
const Point kMinusG{kG.x, number("b7c52588d95c3b9aa25b0403f1eef75702e84bb7597aabe663b82f6f04ef2777")};

// 0, small, around the order, large, the endomorphism's lambda, sparse, dense.
const std::vector<Number> kEdges = {number("0"),
                                    number("1"),
                                    number("2"),
                                    number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd036413f"),
                                    number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"),
                                    number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141"),
                                    number("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142"),
                                    number(std::string(64, 'f')),
                                    number("5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72"),
                                    number("8000000000000000000000000000000000000000000000000000000000000000"),
                                    number(std::string(32, 'f'))};

std::string name_of(Op op) { return std::string(contract::kSecpOpNames[static_cast<std::size_t>(op)].name); }

/// Both cores, with the same random words, and every answer compared.
class Pair {
 public:
  explicit Pair(const std::function<Source()>& make_source = [] { return ready(1); }) {
    model_.set_entropy(make_source());
    rtl_.set_entropy(make_source());
  }
  static Source ready(std::uint64_t seed) {
    return
        [random = SeedTree(seed).stream("words")]() mutable { return static_cast<std::uint32_t>(random.next_u64()); };
  }

  void write(std::uint32_t offset, std::uint32_t value) {
    model_.write32(offset, value);
    rtl_.write32(offset, value);
  }
  void write(std::uint32_t offset, const Number& value) {
    for (std::uint32_t i = 0; i < 8; ++i) write(offset + 4 * i, load_be32(value.data() + 28 - 4 * i));
  }
  void load(const Point& p, const Point& q) {
    write(secp::kPx, p.x);
    write(secp::kPy, p.y);
    write(secp::kQx, q.x);
    write(secp::kQy, q.y);
  }
  void slots(std::uint32_t a, std::uint32_t b, std::uint32_t d, bool keep) {
    write(secp::kSlots, a << secp::kSlotsAShift | b << secp::kSlotsBShift | d << secp::kSlotsDShift |
                            (keep ? secp::kSlotsKeepMask : 0));
  }
  void reset() {
    model_.reset();
    rtl_.reset();
    compare("reset");
  }
  /// Runs `op` on both; its status.
  std::uint32_t run(Op op) {
    write(secp::kOp, static_cast<std::uint32_t>(op));
    const auto cycles = model_.execute(1'000'000);
    EXPECT_EQ(cycles, rtl_.execute(1'000'000)) << name_of(op);
    EXPECT_TRUE(cycles.has_value());
    compare(name_of(op));
    return model_.read32(secp::kStatus);
  }
  /// The slots cannot be read: their public keys tell what they hold.
  void compare_slots() {
    for (std::uint32_t slot = 0; slot < 4; ++slot) {
      slots(slot, 0, 0, true);
      run(Op::kMulBase);
    }
  }
  void compare(const std::string& after) {
    for (std::uint32_t offset = 0; offset < secp::kSizeBytes; offset += 4)
      ASSERT_EQ(model_.read32(offset), rtl_.read32(offset)) << "offset " << offset << " after " << after;
    EXPECT_EQ(model_.irq(), rtl_.irq()) << after;
  }
  Point result() { return {read(secp::kRx), read(secp::kRy)}; }
  BehaviouralCore& model() { return model_; }

 private:
  Number read(std::uint32_t offset) {
    Number out;
    for (std::uint32_t i = 0; i < 8; ++i) store_be32(out.data() + 28 - 4 * i, model_.read32(offset + 4 * i));
    return out;
  }
  BehaviouralCore model_;
  rtl::SecpModel rtl_;
};

Number random_number(Random& random) {
  Number out;
  random.fill(out);
  return out;
}

/// A point nobody chose.
Point random_point(Pair& pair, Random& random) {
  pair.write(secp::kK, random_number(random));
  pair.slots(0, 0, 0, false);
  EXPECT_EQ(pair.run(Op::kMulBase), secp::kStatusDoneMask);
  return pair.result();
}

class EveryOperation : public testing::TestWithParam<std::uint32_t> {
 protected:
  Op op() const { return static_cast<Op>(GetParam()); }
};

TEST_P(EveryOperation, AgreesOverEdgeScalars) {
  Pair pair;
  for (const Number& a : kEdges)
    for (const Number& b : {kEdges[0], kEdges[1], kEdges[4], kEdges[5]}) {
      pair.write(secp::kK, a);
      pair.write(secp::kK + 32, b);
      pair.load(kG, op() == Op::kMulAdd && a == b ? kMinusG : kG);
      if (op() == Op::kSignN) pair.write(secp::kPx, a);
      pair.slots(0, 1, 2, false);
      pair.run(op());
      if (testing::Test::HasFatalFailure()) return;
    }
  pair.compare_slots();
}

TEST_P(EveryOperation, AgreesOverRandomNumbersAndSlots) {
  Pair pair;
  Random random = SeedTree(2).child(GetParam()).stream("operations");
  const Point p = random_point(pair, random);
  for (int i = 0; i < 120; ++i) {
    for (std::uint32_t slot = 0; slot < 4; ++slot)
      pair.write(secp::kK + 32 * slot,
                 i % 7 == 6 && slot == 1 ? kEdges[random.below(kEdges.size())] : random_number(random));
    const std::uint64_t shape = random.below(8);  // of the points
    pair.load(shape == 0 ? Point{p.x, kG.y} : p, shape == 1   ? Point{random_number(random), p.y}
                                                 : shape == 2 ? Point{p.x, random_number(random)}
                                                              : kG);
    if (op() == Op::kLiftX || op() == Op::kSignN) pair.write(secp::kPx, random_number(random));
    pair.slots(static_cast<std::uint32_t>(random.below(4)), static_cast<std::uint32_t>(random.below(4)),
               static_cast<std::uint32_t>(random.below(4)), random.below(2) == 1);
    pair.run(op());
    if (i % 4 == 0) pair.compare_slots();
    if (testing::Test::HasFatalFailure()) return;
  }
}

// A source that takes its time, falls silent, or repeats itself.
TEST_P(EveryOperation, AgreesWhateverTheRandomSourceDoes) {
  const auto slow = []() -> Source {
    return [n = 0u]() mutable { return ++n % 10 == 0 ? std::optional(n * 2654435761u) : std::nullopt; };
  };
  const auto silent = []() -> Source { return [] { return std::nullopt; }; };
  const auto repeats = []() -> Source { return [] { return std::optional(0x5A5A5A5Au); }; };
  const auto falls_silent = []() -> Source {
    return [n = 0u]() mutable { return ++n <= 3 ? std::optional(n) : std::nullopt; };
  };
  for (const std::function<Source()>& source :
       std::vector<std::function<Source()>>{slow, silent, repeats, falls_silent}) {
    Pair pair(source);
    for (const bool keep : {true, false}) {
      for (std::uint32_t slot = 0; slot < 4; ++slot) pair.write(secp::kK + 32 * slot, number("abcdef"));
      pair.load(kG, kG);
      pair.slots(0, 1, 2, keep);
      pair.run(op());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(BehaviouralCore, EveryOperation,
                         testing::Range(0u, static_cast<std::uint32_t>(std::size(contract::kSecpOpNames))),
                         [](const testing::TestParamInfo<std::uint32_t>& op) {
                           return name_of(static_cast<Op>(op.param));
                         });

TEST(BehaviouralCore, RegistersAgreeBitForBit) {
  Pair pair;
  Random random = SeedTree(3).stream("accesses");
  for (int i = 0; i < 2'000; ++i) {
    const auto offset = static_cast<std::uint32_t>(4 * random.below(secp::kSizeBytes / 4));
    if (offset == secp::kStart) continue;
    pair.write(offset, static_cast<std::uint32_t>(random.next_u64()));
    if (i % 100 == 0) pair.reset();
    if (i % 150 == 0) pair.run(static_cast<Op>(random.below(10)));
    if (i % 20 == 0) pair.compare("random accesses");
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(BehaviouralCore, AResetLeavesNothingOfAScalar) {
  BehaviouralCore core;
  core.set_entropy(Pair::ready(1));
  const auto holds_scalar = [&core] {
    const Bytes state = core.state_bytes();
    const std::vector<std::uint8_t> word(8, 0xA5);
    return std::search(state.begin(), state.end(), word.begin(), word.end()) != state.end();
  };
  for (std::uint32_t i = 0; i < 32; ++i) core.write32(secp::kK + 4 * i, 0xA5A5A5A5);
  EXPECT_TRUE(holds_scalar()) << "or a search of it would find nothing";
  core.reset();
  EXPECT_FALSE(holds_scalar());
}

}  // namespace
}  // namespace touchstone::models
