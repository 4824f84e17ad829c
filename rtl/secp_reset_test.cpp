// Whatever the registers hold at power-up, the core does the same: a build in which Verilator chooses every initial
// value and every unknown at random, beside the ordinary one.
#include "VSecpAccel.h"
#include "VSecpAccelXUnique.h"
#include "VSecpAccelXUnique___024root.h"
#include "VSecpAccel___024root.h"
#include "secp_probe.h"
#include "secp_test_support.h"

namespace touchstone::rtl::test {
namespace {

/// Everything an operation shows, its program counter in every clock among it.
struct Seen {
  std::vector<std::uint32_t> answers;
  std::vector<std::uint16_t> pc;
  std::vector<std::uint32_t> power_up;  ///< some registers before reset
};

template <typename Top, typename Root, void (*Prepare)(VerilatedContext&) = NoWaves::prepare>
Seen run_all_operations() {
  Seen out;
  const auto core = make_probed<Top, Root, Prepare>([&out](const Top& top) {
    if (!out.power_up.empty()) return out.pc.push_back(top.pc_o);
    for (int half = 0; half < 2; ++half)
      for (int word = 0; word < 6; ++word)
        out.power_up.push_back(top.rootp->secp_accel__DOT__u_core__DOT__u_scalar__DOT__half_q[half][word]);
  });
  core->set_entropy(
      [random = SeedTree(9).stream("reset")]() mutable { return static_cast<std::uint32_t>(random.next_u64()); });
  const auto keep = [&](const Outcome& outcome) {
    out.answers.push_back(outcome.status);
    out.answers.push_back(static_cast<std::uint32_t>(outcome.cycles));
    for (const Number* n : {&outcome.result.x, &outcome.result.y})
      for (std::size_t i = 0; i < 32; i += 4) out.answers.push_back(load_be32(n->data() + i));
  };
  // Nothing has been written yet: what an operation takes is what reset leaves.
  for (std::uint32_t op = 0; op < 10; ++op) keep(run(*core, static_cast<reg::Op>(op)));
  const Affine g = *Oracle().multiply_base(number("1")), p = *Oracle().multiply_base(number("7"));
  for (std::uint32_t op = 0; op < 10; ++op) {
    for (std::uint32_t slot = 0; slot < 4; ++slot)
      write_slot(*core, slot, number("123456789abcdef0" + std::to_string(slot)));
    use_slots(*core, 0, 1, 2);
    write_number(*core, reg::kQx, p.x);
    write_number(*core, reg::kQy, p.y);
    write_number(*core, reg::kPx, g.x);
    write_number(*core, reg::kPy, g.y);
    keep(run(*core, static_cast<reg::Op>(op)));
    use_slots(*core, 2, 3, 0);  // a secret result, in a sum
    keep(run(*core, reg::Op::kSignN));
  }
  for (std::uint32_t offset = 0; offset < reg::kSizeBytes; offset += 4) out.answers.push_back(core->read32(offset));
  return out;
}

template <int kSeed>
void random_values(VerilatedContext& context) {
  context.randReset(2);
  context.randSeed(kSeed);
}

TEST(SecpReset, RandomValuesAtPowerUpChangeNothing) {
  const Seen ordinary = run_all_operations<VSecpAccel, VSecpAccel___024root>();
  const Seen random[] = {run_all_operations<VSecpAccelXUnique, VSecpAccelXUnique___024root, random_values<1>>(),
                         run_all_operations<VSecpAccelXUnique, VSecpAccelXUnique___024root, random_values<2>>(),
                         run_all_operations<VSecpAccelXUnique, VSecpAccelXUnique___024root, random_values<3>>()};
  EXPECT_EQ(ordinary.power_up, std::vector<std::uint32_t>(2 * 6));
  for (const Seen& seen : random) {
    EXPECT_EQ(seen.answers, ordinary.answers);
    EXPECT_TRUE(seen.pc == ordinary.pc);
    EXPECT_NE(seen.power_up, ordinary.power_up) << "control: the values are not random";
  }
  EXPECT_NE(random[0].power_up, random[1].power_up);
  EXPECT_NE(random[1].power_up, random[2].power_up);
  std::printf("%zu clocks, %zu answers\n", ordinary.pc.size(), ordinary.answers.size());
}

}  // namespace
}  // namespace touchstone::rtl::test
