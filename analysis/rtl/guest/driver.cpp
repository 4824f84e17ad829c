// Scalar multiplication by the accelerator behind the card's own driver. For `touchstone rtl bench` alone.
#include "drivers/secp_driver.h"

#include "guest/measure.h"
#include "guest/operands.h"

namespace {

using namespace touchstone;
using namespace touchstone::rtl_tools;
namespace secp = contract::secp;

/// Counts bus accesses, those while the accelerator computes apart, and the cycles from START to the instruction after
/// the sleep that its interrupt ends.
class CountingHal : public firmware::RiscvHal {
 public:
  struct Counts {
    std::uint32_t writes, reads, while_busy, start_to_awake_cycles;
  };
  void reset() { writes_ = reads_ = 0; }
  Counts counts() const { return {writes_, reads_, while_busy_, awake_ - start_}; }

  std::uint32_t read32(std::uint32_t address) override {
    ++reads_;
    return RiscvHal::read32(address);
  }
  void write32(std::uint32_t address, std::uint32_t value) override {
    ++writes_;
    if (address == secp::kBase + secp::kStart) {
      before_start_ = writes_ + reads_;
      start_ = Measure::now();
    }
    RiscvHal::write32(address, value);
  }
  void wait_for_interrupt() override {
    RiscvHal::wait_for_interrupt();
    awake_ = Measure::now();
    while_busy_ = writes_ + reads_ - before_start_;
  }

 private:
  std::uint32_t reads_ = 0, writes_ = 0, before_start_ = 0, while_busy_ = 0, start_ = 0, awake_ = 0;
};

firmware::RiscvHal hal;
Measure measure(hal);

}  // namespace

int main() {
  asm volatile("csrs mie, %0" ::"r"(0x880));  // timer and external interrupt end WFI; neither is taken
  firmware::SecpDriver driver(hal);
  CountingHal counting_hal;
  firmware::SecpDriver counting(counting_hal);
  const crypto::Point base = driver.multiply_base(crypto::Scalar::from_bytes_reduce(kBaseScalar)).value();
  for (const ByteArray<32>& bytes : kScalars) {
    const crypto::Scalar k = crypto::Scalar::from_bytes_reduce(bytes);
    const auto both = [&](std::string_view name, const auto& call) {
      Result<crypto::Point> out = crypto::Point{};
      measure(name, [&] { out = call(driver); });
      // Once more for the counts, which cost time themselves.
      counting_hal.reset();
      if (!out || !call(counting)) return measure.fail("the accelerator has refused an operand");
      measure.number(out->x);
      measure.number(out->y);
      const auto [writes, reads, while_busy, start_to_awake_cycles] = counting_hal.counts();
      for (const std::uint32_t count : {writes, reads, while_busy, start_to_awake_cycles}) measure.number(count);
      measure.end_line();
    };
    both("k_p", [&](firmware::SecpDriver& d) { return d.multiply(k, base); });
    both("k_g", [&](firmware::SecpDriver& d) { return d.multiply_base(k); });
  }
  return 0;
}
