// SecpDriver: crypto::Curve on the card's secp256k1 accelerator. Freestanding.
#pragma once

#include <cstdint>

#include "contract/registers.h"
#include "crypto/curve.h"
#include "drivers/hal.h"

namespace touchstone::firmware {

/// Every call loads the operands, starts the core and sleeps until its interrupt. The accelerator's time is the same for
/// every scalar and every point; infinity, which the hardware takes as no operand, is public and handled here.
/// Errors: kNotOnCurve (operand), kDevice (busy, no answer within kTimeout_cycles, or a status that cannot be).
class SecpDriver : public crypto::Curve {
 public:
  explicit SecpDriver(Hal& hal) : hal_(hal) {}

  Result<crypto::Point> multiply(const crypto::Scalar& k, const crypto::Point& p) override;
  Result<crypto::Point> multiply_base(const crypto::Scalar& k) override;
  Result<crypto::Point> add(const crypto::Point& p, const crypto::Point& q) override;
  Result<crypto::Point> lift_x(const ByteArray<32>& x) override;

  /// Many times what the longest operation takes.
  static constexpr std::uint64_t kTimeout_cycles = 1'000'000;

 private:
  void write_number(std::uint32_t offset_bytes, Bytes big_endian);
  void read_number(std::uint32_t offset_bytes, ByteArray<32>& big_endian);
  Result<crypto::Point> run(contract::secp::Op op);
  /// An operation that was given up may still run: its operands must not be changed, and its result is not ours.
  Status check_free();
  Status check_on_curve(const crypto::Point& p);

  Hal& hal_;
};

}  // namespace touchstone::firmware
