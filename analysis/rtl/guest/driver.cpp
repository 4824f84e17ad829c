// Scalar multiplication by the accelerator behind the card's own driver. For `touchstone rtl bench` alone.
#include "drivers/secp_driver.h"

#include "guest/measure.h"
#include "guest/operands.h"

namespace {

using namespace touchstone;
using namespace touchstone::rtl_tools;
namespace secp = contract::secp;

/// Counts bus accesses, and the cycles from START to the instruction after the sleep that the accelerator's interrupt ends.
class CountingHal : public firmware::RiscvHal {
 public:
  std::uint32_t reads = 0, writes = 0, start = 0, awake = 0;

  std::uint32_t read32(std::uint32_t address) override {
    ++reads;
    return RiscvHal::read32(address);
  }
  void write32(std::uint32_t address, std::uint32_t value) override {
    ++writes;
    if (address == secp::kBase + secp::kStart) start = Measure::now();
    RiscvHal::write32(address, value);
  }
  void wait_for_interrupt() override {
    RiscvHal::wait_for_interrupt();
    awake = Measure::now();
  }
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
      counting_hal.reads = counting_hal.writes = 0;
      if (!out || !call(counting)) return measure.fail("the accelerator has refused an operand");
      measure.number(out->x);
      measure.number(out->y);
      measure.number(counting_hal.writes);
      measure.number(counting_hal.reads);
      measure.number(counting_hal.awake - counting_hal.start);
      measure.end_line();
    };
    both("k_p", [&](firmware::SecpDriver& d) { return d.multiply(k, base); });
    both("k_g", [&](firmware::SecpDriver& d) { return d.multiply_base(k); });
  }
  return 0;
}
