#include "rtl/secp_variants.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <vector>

#include "VSecpAccel.h"
#include "VSecpAccel___024root.h"
#include "VSecpAccelD32.h"
#include "VSecpAccelD32___024root.h"
#include "VSecpAccelDoubleAdd.h"
#include "VSecpAccelDoubleAdd___024root.h"
#include "VSecpAccelPlain.h"
#include "VSecpAccelPlain___024root.h"
#include "VSecpAccelPlainD32.h"
#include "VSecpAccelPlainD32___024root.h"
#include "base/check.h"
#include "rtl/secp_core.h"

namespace touchstone::rtl {
namespace {

/// Calls `use` with every register of the state and the index of its part in kWatchedParts.
template <typename Root, typename Use>
void for_each_register(const Root& r, Use use) {
  use(0, r.secp_accel__DOT__u_core__DOT__u_regs__DOT__regs_q);
  use(1, r.secp_accel__DOT__u_core__DOT__u_scalar__DOT__half_q);
  use(2, r.secp_accel__DOT__u_core__DOT__u_table__DOT__x_q);
  use(2, r.secp_accel__DOT__u_core__DOT__u_table__DOT__y_q);
  use(2, r.secp_accel__DOT__u_core__DOT__u_table__DOT__z_q);
  use(3, r.secp_accel__DOT__u_core__DOT__u_modmul__DOT__a_q);
  use(3, r.secp_accel__DOT__u_core__DOT__u_modmul__DOT__b_q);
  use(3, r.secp_accel__DOT__u_core__DOT__u_modmul__DOT__row_q);
  use(3, r.secp_accel__DOT__u_core__DOT__u_modmul__DOT__acc_q);
  use(4, r.secp_accel__DOT__u_core__DOT__u_sequencer__DOT__word);
}

template <typename Part, typename Use>
void for_each_word(const Part& part, Use use) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&part);
  constexpr std::size_t kWhole = sizeof part / 8, kRest = sizeof part % 8;
  std::uint64_t word;
  for (std::size_t i = 0; i < kWhole; ++i) {
    std::memcpy(&word, bytes + 8 * i, 8);
    use(word);
  }
  if constexpr (kRest != 0) {
    word = 0;
    std::memcpy(&word, bytes + 8 * kWhole, kRest);
    use(word);
  }
}

template <typename Top, typename Root>
class Watched final : public VerilatedCore<Top, Root> {
 public:
  void watch(std::span<const std::uint32_t> weights) override {
    std::copy(weights.begin(), weights.end(), weights_.begin());
    last_ = snapshot();
  }
  std::uint32_t toggles() override {
    std::uint32_t count = 0;
    std::uint64_t* last = last_.data();
    for_each_register(this->root(), [&](std::size_t part, const auto& value) {
      for_each_word(value, [&](std::uint64_t now) {
        // Few words change in a cycle, and counting bits costs more than comparing.
        if (const std::uint64_t changed = now ^ *last; changed != 0) {
          count += weights_[part] * static_cast<std::uint32_t>(std::popcount(changed));
          *last = now;
        }
        ++last;
      });
    });
    return count;
  }
  Words256 register_value(unsigned index) const override {
    return words(this->root().secp_accel__DOT__u_core__DOT__u_regs__DOT__regs_q[index]);
  }
  Words256 half(unsigned index) const override {
    return words(this->root().secp_accel__DOT__u_core__DOT__u_scalar__DOT__half_q[index]);
  }

 private:
  template <typename Wide>
  static Words256 words(const Wide& value) {
    Words256 out{};
    for (std::size_t i = 0; i < std::min(out.size(), sizeof value / 4); ++i) out[i] = value[i];
    return out;
  }
  std::vector<std::uint64_t> snapshot() const {
    std::vector<std::uint64_t> out;
    for_each_register(this->root(), [&](std::size_t, const auto& value) { for_each_word(value, [&](std::uint64_t word) { out.push_back(word); }); });
    return out;
  }
  Weights weights_ = kEqualWeights;
  std::vector<std::uint64_t> last_;
};

template <typename Top, typename Root>
std::unique_ptr<WatchedModel> make() {
  return std::make_unique<WatchedModel>(std::make_unique<Watched<Top, Root>>());
}

}  // namespace

void WatchedModel::watch(const Weights& weights) { core().watch(weights); }
std::uint32_t WatchedModel::toggles() { return core().toggles(); }
Words256 WatchedModel::register_value(unsigned index) { return core().register_value(index); }
Words256 WatchedModel::half(unsigned index) { return core().half(index); }

std::unique_ptr<WatchedModel> make_variant(const Variant& v) {
  if (v.style == 2) return make<VSecpAccelDoubleAdd, VSecpAccelDoubleAdd___024root>();
  if (v.style == 1) return v.digit_bits == 64 ? make<VSecpAccel, VSecpAccel___024root>() : make<VSecpAccelD32, VSecpAccelD32___024root>();
  TS_CHECK(v.style == 0, "a variant of kVariants");
  return v.digit_bits == 64 ? make<VSecpAccelPlain, VSecpAccelPlain___024root>() : make<VSecpAccelPlainD32, VSecpAccelPlainD32___024root>();
}

}  // namespace touchstone::rtl
